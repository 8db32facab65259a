//! Passwords in the real program: where they come from, where they are kept, and that nothing that it writes or starts holds one.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "support/mod.rs"]
mod support;

#[path = "secrets/imports.rs"]
mod imports;
#[path = "secrets/kept.rs"]
mod kept;
#[path = "secrets/later.rs"]
mod later;
#[path = "secrets/nowhere.rs"]
mod nowhere;
#[path = "secrets/panics.rs"]
mod panics;
#[path = "secrets/rig.rs"]
mod rig;
