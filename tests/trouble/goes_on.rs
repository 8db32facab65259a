//! A kill -9 in the middle of one large file: what has arrived is not fetched, or sent, again.

use std::fs;
use std::time::Duration;

use crate::rig::{Rig, WAYS, Way, each};
use crate::support::chaos::{Fault, Weather};
use crate::support::tree::{Tree, pattern};
use crate::support::wait::wait_for;

const SIZE: u64 = 32 << 20;
/// Where it is killed.
const HELD: u64 = 8 << 20;
/// What may be moved twice or beside: the bytes that are compared on both sides, what was on its way, listings.
const SLACK: u64 = 1 << 20;

/// How far a file is, is written down once a second; a kill loses no more than that.
const JOURNALLED: Duration = Duration::from_millis(2_500);

/// How much of the file is at the target under whatever name.
fn arrived(rig: &Rig, way: Way) -> u64 {
    let entries = fs::read_dir(rig.target(way)).unwrap();
    entries.map(|entry| entry.unwrap().metadata().map_or(0, |meta| meta.len())).max().unwrap_or(0)
}

#[test]
fn only_the_missing_part_moves_after_a_kill_in_the_middle_of_a_large_file() {
    for way in WAYS {
        each(|setup| {
            let rig = Rig::new(setup);
            let tree = Tree::new().file_at("big", pattern(SIZE as usize, 5), 1_700_000_000);
            rig.lay_out(way, &tree);
            let words = rig.words(way, "big", &["-j", "1", "--timeout", "20"]);
            rig.proxy.set(Weather::each(Fault::Hold, HELD));
            let run = rig
                .program()
                .run_until(&words, |so_far| so_far >= JOURNALLED && rig.proxy.figures().0 >= HELD && arrived(&rig, way) >= HELD - SLACK);
            let told = format!("{way:?} on {}", rig.server.kind.name());
            assert_eq!(run.code, None, "{told}: it ended before it was killed: {run:#?}");
            assert!(run.reports.is_empty(), "{told}: {run:#?}");
            rig.proxy.set(Weather::calm());
            wait_for("the server to see the end", || rig.server.sessions() == 0);
            // What was on its way has arrived; what moves from here on counts.
            rig.proxy.set(Weather::calm());
            let there = arrived(&rig, way);
            assert!((HELD - SLACK..SIZE - SLACK).contains(&there), "{told}: {there} bytes are there");
            let again = rig.go_on();
            assert_eq!(again.code, Some(0), "{told}: {again:#?}");
            let moved = rig.proxy.tally().moved();
            assert!(moved <= SIZE - there + SLACK, "{told}: {there} of {SIZE} bytes were there, and {moved} moved: {again:#?}");
            rig.assert_arrived(way, &tree);
        });
    }
}
