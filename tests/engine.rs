//! The engine on volumes in memory, under a paused clock: commands in, events and files out.

#[path = "engine/rig.rs"]
mod rig;

#[path = "engine/browse.rs"]
mod browse;
#[path = "engine/conflicts.rs"]
mod conflicts;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/transfers.rs"]
mod transfers;
