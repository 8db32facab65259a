//! The machine: messages in, state and effects out, without a terminal, a server or a clock.
#![cfg(feature = "tui")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "app/rig.rs"]
mod rig;

#[path = "app/browse.rs"]
mod browse;
#[path = "app/charsets.rs"]
mod charsets;
#[path = "app/connect.rs"]
mod connect;
#[path = "app/copies.rs"]
mod copies;
#[path = "app/edits.rs"]
mod edits;
#[path = "app/invariants.rs"]
mod invariants;
#[path = "app/keys_page.rs"]
mod keys_page;
#[path = "app/marks.rs"]
mod marks;
#[path = "app/pointer.rs"]
mod pointer;
#[path = "app/programs.rs"]
mod programs;
#[path = "app/secrets.rs"]
mod secrets;
#[path = "app/site_form.rs"]
mod site_form;
#[path = "app/sites.rs"]
mod sites;
#[path = "app/transfers.rs"]
mod transfers;
#[path = "app/views.rs"]
mod views;
#[path = "app/why.rs"]
mod why;
