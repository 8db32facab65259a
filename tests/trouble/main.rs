//! What goes wrong on both sides of a transfer, met by the real program: full and read-only disks, sources that change, servers that die,
//! servers that let few in, sites that are edited while their files move, a kill -9 in the middle of a large file.
//!
//! Nothing may be reported complete that is not; what was there before is unharmed; and once the trouble is over everything arrives.
#![cfg(all(feature = "demo", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod changed;
mod crowded;
mod edited;
mod full;
mod goes_on;
mod listings;
mod read_only;
mod restarted;
mod rig;
mod segments;
#[path = "../support/mod.rs"]
mod support;
