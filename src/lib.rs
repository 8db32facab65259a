//! ftpane: a two-pane FTP file manager for the terminal.
//!
//! Layers as modules, with imports in one direction only; `tests/architecture.rs` holds the table and docs/ARCHITECTURE.md tells the story.

#[cfg(feature = "tui")]
pub mod app;
pub mod bus;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "config")]
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(all(feature = "engine", feature = "config", any(test, feature = "fuzzing")))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(any(feature = "cli", feature = "tui"))]
pub mod logging;
pub mod model;
#[cfg(feature = "tui")]
pub mod tui;
#[cfg(feature = "engine")]
pub mod volume;
