//! End to end: the real program in a terminal of 80x24 and 120x40 cells, keys and mouse, against real servers; bytes compared.
#![cfg(all(feature = "demo", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "../support/mod.rs"]
mod support;

#[macro_use]
mod rig;

mod browse;
mod conflicts;
mod copy;
mod edit;
mod files;
mod foreign;
mod hard;
mod mouse;
mod names;
mod program;
mod site_form;
mod sites;
mod start;
mod terminal;
mod tls;
mod transfers;
mod why;
