//! The real views on a test screen: snapshots at several sizes and without colour, and what must hold for every cell.
#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::field_reassign_with_default,
    reason = "test code"
)]

#[path = "screens/fixture.rs"]
mod fixture;
#[path = "screens/hits.rs"]
mod hits;
#[path = "screens/hostile.rs"]
mod hostile;
#[path = "screens/shots.rs"]
mod shots;
