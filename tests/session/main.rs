//! The FTP session: `volume::ftp` against real servers and against scripted ones.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod client;
mod data;
mod devices;
mod digests;
mod direct;
#[cfg(feature = "demo")]
mod embedded;
mod far;
mod foreign;
mod ladder;
mod logins;
mod reach;
mod real;
mod scripted;
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod tls;
mod tls_broken;
mod together;
mod windows;
