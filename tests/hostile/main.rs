//! Hostile and broken servers against the real program: what it prints, what it leaves on the disk, how long it takes and how much memory.
//!
//! Each case is a scripted server (`tests/scripts`, or a few rules in the test). Whatever a test is about, [`rig::Place::run`] also sees to it
//! that nothing was written outside of the target, that no control byte and no password came out, and that the program ended in time.
#![cfg(all(feature = "cli", feature = "tui", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod control;
mod data;
mod floods;
mod local;
mod names;
mod panes;
mod rig;
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod uploads;
