//! The matrix of servers: each server × security × address × kind of data connection × operation, as `tests/data/matrix.toml` has them.
//!
//! A cell passes, or it cannot be and the server itself says so, in the words that the data file has for it. One that neither passes nor is refused in these
//! words is a failure, and so is one that passes where it should not. `cargo test` runs a choice in which each two values of two axes meet in
//! some cell; `tests/matrix.sh` runs all, and writes the table into docs/servers.md. A server that is not installed is left out as everywhere
//! (see `.ci/servers`).
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod cell;
#[path = "../session/client.rs"]
#[expect(dead_code, reason = "the session's tests use all of it")]
mod client;
mod copies;
mod edits;
mod large;
mod names;
mod pairs;
mod plan;
mod probe;
mod run;
mod serving;
#[path = "../support/mod.rs"]
mod support;
mod table;

use plan::Plan;

/// One test a server: they run side by side, and one that is left out has a name.
macro_rules! test_each_server {
    ($($server:literal $name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                run::server($server);
            }
        )+

        #[test]
        fn each_server_of_the_data_has_a_test() {
            assert_eq!(Plan::read().server, [$($server),+]);
        }
    };
}

test_each_server! {
    "vsftpd" vsftpd_does_what_the_matrix_says,
    "ProFTPD" proftpd_does_what_the_matrix_says,
    "pure-ftpd" pure_ftpd_does_what_the_matrix_says,
    "pyftpdlib" pyftpdlib_does_what_the_matrix_says,
    "libunftp" libunftp_does_what_the_matrix_says,
}

#[test]
fn each_two_values_meet_in_a_cell_of_the_choice() {
    let plan = Plan::read();
    let all: Vec<_> = plan.cells().into_iter().filter(|cell| plan.is_of_choice(cell)).collect();
    let chosen = plan.choice();
    assert!(chosen.len() * 5 < all.len(), "{} of {} cells are no choice", chosen.len(), all.len());
    for cell in &all {
        for pair in pairs::of(&cell.values()) {
            assert!(chosen.iter().any(|cell| pairs::of(&cell.values()).contains(&pair)), "{pair:?} is in no cell of the choice");
        }
    }
}

#[test]
fn what_cannot_be_names_values_of_the_axes_and_each_of_them_is_needed() {
    let plan = Plan::read();
    for (index, not) in plan.not.iter().enumerate() {
        assert!(plan.cells().iter().any(|cell| plan.not_of(cell) == Some(index)), "it speaks of no cell: {not:?}");
    }
}

#[test]
fn the_table_in_the_docs_is_that_of_the_data() {
    let plan = Plan::read();
    let expected = table::render(&plan, &|cell| plan.not_of(cell));
    assert_eq!(table::in_docs().as_deref(), Some(expected.as_str()), "run tests/matrix.sh, which writes it");
}

#[test]
#[ignore = "for tests/matrix.sh: it needs the results of all servers"]
fn the_table_is_written_from_what_was_found() {
    table::write(&Plan::read());
}
