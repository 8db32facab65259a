//! The panes in a terminal: the loop, keys and mouse in, effects out, and the views.
//!
//! Job: bring together what happened (input, events, figures, time), give it to the machine, do what it asks for, and draw. Guarantee:
//! the first frame comes before any file, socket or name lookup; nothing in the loop blocks but a program that was given the terminal;
//! idle it sleeps until something happens. Must not know the engine's insides, FTP, or what a key means.

pub mod effects;
pub mod format;
pub mod layout;
pub mod resolve;
pub mod run;
pub mod setup;
pub mod text;
pub mod theme;
pub mod view;

mod attention;
mod handover;
mod input;
mod pace;
mod secrets;
mod signals;
mod terminal;

pub use run::run;
pub use setup::Setup;
