//! What the integration tests share: real servers, the scripted server, a pseudo
//! terminal with the program in it, and trees of files to compare.
//!
//! A test crate takes it in by `mod support;`. Everything waits on a condition with a
//! deadline, and a failure's message carries what there was to see: the server's log,
//! the dialogue, the screen.
#![allow(dead_code, unused_imports, unused_macros, reason = "each test crate uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helper fails by stopping the test"
)]

pub mod certs;
pub mod chaos;
#[cfg(all(feature = "demo", unix))]
pub mod cli;
pub mod disk;
#[cfg(feature = "engine")]
pub mod engine;
pub mod program;
pub mod proxy;
pub mod pty;
pub mod script;
pub mod servers;
pub mod tree;
pub mod wait;
