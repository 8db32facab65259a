//! The words between the app (or the command line) and the engine.
//!
//! Commands are imperative, events are in the past tense, meters overwrite one another. Guarantee: plain values without a runtime,
//! so that both sides can be tested alone. Every request carries an id; an answer nobody waits for any more is dropped by who gets it.

pub mod command;
pub mod event;
pub mod meters;
pub mod question;

pub use command::{Amendment, BrowseOp, Command, Guard, RemoveHow};
pub use event::{BatchSummary, ConnectionEvent, Event, ListingPart, MirrorStep, Opened, Outcome, TransferEvent};
pub use meters::{Meter, Meters};
pub use question::{Answer, Question, QuestionKind};
