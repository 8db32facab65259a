//! Transfers through bad weather: the real program, real servers, a proxy that breaks connections between them, and a kill -9 now and then.
//!
//! Holds: nothing that is reported complete is wrong, nothing that was begun vanishes, and once the weather is calm everything arrives,
//! with exit code 0 and nothing left over. `cargo test` plays a few rounds; `tests/soak.sh` as many as one likes.
//! A round is a copy of a tree, down or up, over older files or none; a download in parts; or a mirror.
//!
//! | variable | means |
//! |---|---|
//! | `FTPANE_SOAK_ROUNDS` | so many rounds instead of a few |
//! | `FTPANE_SOAK_SEED` | what all rounds follow from; else it is always the same |
//! | `FTPANE_SOAK_ROUND` | this round only, as a failure names it |
#![cfg(all(feature = "demo", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod forest;
mod round;
#[path = "../support/mod.rs"]
mod support;

use std::env;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use round::{Round, Way};
use support::chaos;
use support::servers::{self, Kind};

/// Rounds of `cargo test`: about a minute.
const FEW: u64 = 80;
const SEED: u64 = 20_261_121;

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

#[test]
fn whatever_breaks_all_files_arrive_and_no_report_is_wrong() {
    let seed = number("FTPANE_SOAK_SEED").unwrap_or(SEED);
    let only = number("FTPANE_SOAK_ROUND");
    let rounds = number("FTPANE_SOAK_ROUNDS").unwrap_or(FEW);
    let mut lots: Vec<(Kind, Way)> = Vec::new();
    for kind in Kind::ALL {
        if servers::require(kind).is_some() {
            lots.extend([(kind, Way::Down), (kind, Way::Up)]);
        }
    }
    let shown = Shown { seed, rounds, played: AtomicU64::new(0), failed: AtomicBool::new(false) };
    thread::scope(|scope| {
        let workers: Vec<_> = lots
            .iter()
            .zip(0u64..)
            .map(|(&lot, first)| {
                let all = (first..only.map_or(rounds, |only| only + 1)).step_by(lots.len());
                let mine: Vec<u64> = all.filter(|round| only.is_none_or(|only| only == *round)).collect();
                let shown = &shown;
                scope.spawn(move || play(lot, &mine, shown))
            })
            .collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

/// What all lots share.
struct Shown {
    seed: u64,
    rounds: u64,
    played: AtomicU64,
    failed: AtomicBool,
}

/// Rounds against one server, one way, until one fails anywhere.
fn play((kind, way): (Kind, Way), mine: &[u64], shown: &Shown) {
    let (server, proxy) = chaos::before(servers::require(kind).unwrap());
    for &round in mine {
        if shown.failed.load(Ordering::SeqCst) {
            return;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| Round::new(&server, &proxy, way, (shown.seed, round)).play()));
        outcome.unwrap_or_else(|panic| {
            shown.failed.store(true, Ordering::SeqCst);
            resume_unwind(panic)
        });
        told(shown.played.fetch_add(1, Ordering::SeqCst) + 1, shown.rounds, shown.seed);
    }
}

/// A line now and then where it takes long.
fn told(played: u64, rounds: u64, seed: u64) {
    if rounds > FEW && played.is_multiple_of(50) {
        let _ = writeln!(std::io::stderr(), "soak: {played} of {rounds} rounds of seed {seed}");
    }
}
