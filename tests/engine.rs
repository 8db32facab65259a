//! The engine on volumes in memory, under a paused clock: commands in, events and files out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "engine/rig.rs"]
mod rig;

#[path = "engine/amended.rs"]
mod amended;
#[path = "engine/away.rs"]
mod away;
#[path = "engine/browse.rs"]
mod browse;
#[path = "engine/conflicts.rs"]
mod conflicts;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/handed.rs"]
mod handed;
#[path = "engine/journal.rs"]
mod journal;
#[path = "engine/lanes.rs"]
mod lanes;
#[path = "engine/logins.rs"]
mod logins;
#[path = "engine/mirror.rs"]
mod mirror;
#[path = "engine/order.rs"]
mod order;
#[path = "engine/queue.rs"]
mod queue;
#[path = "engine/segments.rs"]
mod segments;
#[path = "engine/spelling.rs"]
mod spelling;
#[path = "engine/transfers.rs"]
mod transfers;
#[path = "engine/twins.rs"]
mod twins;
#[path = "engine/verify.rs"]
mod verify;
