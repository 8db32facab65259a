//! One big file over several connections, from real servers: it is the source, a kill -9 costs little, and what a server does not do, or a
//! connection does not live through, costs time only.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};

use crate::rig::{Rig, Way, each};
use crate::support::chaos::{Fault, Weather};
use crate::support::program::Run;
use crate::support::servers::{self, Kind, Setup};
use crate::support::tree::{Tree, pattern};
use crate::support::wait::wait_for;

const MIB: u64 = 1 << 20;
const SIZE: u64 = 64 * MIB;
/// Bytes of each part, over eight connections.
const PART: u64 = SIZE / 8;
/// What may be taken twice: the overlaps of the parts.
const SLACK: u64 = MIB;
const BEFORE: u64 = 1_700_000_000;

fn big(seed: u32) -> Tree {
    Tree::new().file_at("big", pattern(SIZE as usize, seed), BEFORE)
}

fn rig(setup: Setup, tree: &Tree) -> Rig {
    let rig = Rig::new(setup);
    rig.lay_out(Way::Down, tree);
    rig
}

fn words(rig: &Rig, options: &[&str]) -> Vec<String> {
    let options: Vec<&str> = ["--segments", "8", "--timeout", "10"].iter().chain(options).copied().collect();
    rig.words(Way::Down, "big", &options)
}

/// Connections that carry data, at least: each has a control connection beside it.
fn carrying(rig: &Rig) -> u64 {
    rig.proxy.figures().1 / 2
}

/// The program in the middle of the file, killed once it has written down what is there.
fn killed_in_the_middle(rig: &Rig, at: u64) -> Run {
    rig.proxy.set(Weather::each(Fault::Hold, at));
    let partial = rig.here().join(".big.ftpane-part");
    let run = rig.program().run_until(&words(rig, &[]), |_| rig.proxy.figures().0 >= 8 * at && told(&partial) >= 8 * (at - MIB));
    assert_eq!(run.code, None, "it ended before it was killed: {run:#?}");
    rig.proxy.set(Weather::calm());
    wait_for("the server to see the end", || rig.server.sessions() == 0);
    rig.proxy.set(Weather::calm());
    run
}

/// How many bytes the newest trailer of a partial tells of: see src/engine/segments/trailer.rs.
fn told(partial: &std::path::Path) -> u64 {
    let Ok(mut file) = fs::File::open(partial) else { return 0 };
    let mut behind = Vec::new();
    if file.seek(SeekFrom::Start(SIZE)).and_then(|_| file.read_to_end(&mut behind)).is_err() {
        return 0;
    }
    let number = |at: usize| behind.get(at..at + 8).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
    let places = behind.windows(12).enumerate().filter(|(_, window)| window == b"ftpane-parts");
    let sums = places.map(|(at, _)| {
        let count = number(at + 40) as u32 as usize;
        let sum = (0..count).map(|range| number(at + 48 + range * 16 + 8) - number(at + 48 + range * 16)).sum::<u64>();
        (number(at + 32), sum)
    });
    sums.max().map_or(0, |(_, sum)| sum)
}

/// The bytes that the last run says it has moved.
fn taken(rig: &Rig) -> u64 {
    let out = fs::read_to_string(rig.here().with_file_name("out")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    summary["bytes"].as_u64().unwrap()
}

#[test]
fn a_big_file_comes_over_eight_connections_at_once_and_is_the_source() {
    each(|setup| {
        let tree = big(1);
        let rig = rig(setup, &tree);
        let words = words(&rig, &[]);
        rig.proxy.set(Weather::each(Fault::Hold, PART / 2));
        let program = rig.program();
        let run = std::thread::scope(|scope| {
            let run = scope.spawn(|| program.run(&words));
            wait_for("eight connections at once", || run.is_finished() || rig.proxy.figures().0 >= 8 * (PART / 2));
            assert!(!run.is_finished(), "it ended before: {:#?}", run.join());
            assert!(carrying(&rig) >= 8, "{}", rig.proxy.tally().story());
            rig.proxy.set(Weather::calm());
            run.join().unwrap()
        });
        let run = run.ends(0);
        assert_eq!(run.with_state("done").len(), 1, "{run:#?}");
        rig.assert_arrived(Way::Down, &tree);
    });
}

#[test]
fn a_kill_in_the_middle_of_all_parts_costs_what_was_not_written_down_and_no_more() {
    each(|setup| {
        let tree = big(2);
        let rig = rig(setup, &tree);
        let name = rig.server.kind.name();
        let at = PART / 2;
        killed_in_the_middle(&rig, at);
        let there = told(&rig.here().join(".big.ftpane-part"));
        assert!(there >= 8 * (at - MIB), "{name}: {there}");
        let again = rig.go_on().ends(0);
        // As the program counts it: what is on its way when a part has all that is its own goes nowhere.
        let moved = taken(&rig);
        assert!(moved <= SIZE - there + SLACK, "{name}: {there} of {SIZE} bytes were there, and {moved} moved: {again:#?}");
        rig.assert_arrived(Way::Down, &tree);
    });
}

#[test]
fn parts_of_a_source_that_is_another_one_since_are_not_gone_on_with() {
    each(|setup| {
        let rig = rig(setup, &big(3));
        killed_in_the_middle(&rig, PART / 2);
        let other = Tree::new().file_at("big", pattern(SIZE as usize, 4), BEFORE + 1_000);
        rig.lay_out(Way::Down, &other);
        let again = rig.go_on().ends(0);
        rig.assert_honest(&again, Way::Down, &[&other]);
        rig.assert_arrived(Way::Down, &other);
    });
}

#[test]
fn a_source_that_changes_under_the_parts_is_never_some_of_both() {
    each(|setup| {
        let (old, new) = (big(5), Tree::new().file("big", pattern(SIZE as usize, 6)));
        let rig = rig(setup, &old);
        let path = rig.there().join("big");
        let run = rig.run_and_meanwhile(&words(&rig, &["--retries", "2"]), 2 * MIB, || {
            fs::write(&path, new.bytes("big")).unwrap();
            rig.server.own_root();
        });
        assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
        rig.assert_honest(&run, Way::Down, &[&old, &new]);
        let again = rig.program().run(&words(&rig, &[])).ends(0);
        rig.assert_honest(&again, Way::Down, &[&new]);
        new.assert_same(&Tree::read(&rig.here()));
    });
}

#[test]
fn connections_that_break_cost_time_only() {
    each(|setup| {
        let tree = big(7);
        for fault in [Fault::Reset, Fault::Fin] {
            let rig = rig(setup.clone(), &tree);
            rig.proxy.set(Weather::each(fault, 3 * MIB));
            let run = rig.program().run(&words(&rig, &["--retries", "4"])).ends(0);
            assert_eq!(run.with_state("done").len(), 1, "{run:#?}");
            rig.assert_arrived(Way::Down, &tree);
        }
    });
}

#[test]
fn a_server_of_few_connections_gives_the_file_over_those() {
    each(|setup| {
        let tree = big(8);
        for most in [1, 2] {
            let rig = rig(setup.clone().max_per_host(most), &tree);
            let run = rig.program().run(&words(&rig, &[])).ends(0);
            assert_eq!(run.with_state("done").len(), 1, "{most} connections: {run:#?}");
            rig.assert_arrived(Way::Down, &tree);
        }
    });
}

#[test]
fn a_server_that_does_not_begin_in_the_middle_gives_the_file_over_one() {
    for kind in [Kind::Vsftpd, Kind::Proftpd, Kind::Pyftpdlib] {
        let Some(setup) = servers::require(kind) else { return };
        let tree = big(9);
        let rig = rig(setup.deny(&["REST"]), &tree);
        let run = rig.program().run(&words(&rig, &[])).ends(0);
        assert_eq!(run.with_state("done").len(), 1, "{run:#?}");
        rig.assert_arrived(Way::Down, &tree);
    }
}

#[test]
fn without_a_word_a_file_that_comes_slowly_gets_more_connections() {
    each(|setup| {
        let tree = big(10);
        let rig = rig(setup, &tree);
        let words = rig.words(Way::Down, "big", &["--timeout", "20"]);
        // One connection brings little however long it takes.
        rig.proxy.set(Weather::each(Fault::Slow, 0));
        let run = std::thread::scope(|scope| {
            let program = rig.program();
            let run = scope.spawn(move || program.run(&words));
            wait_for("a third connection with data", || run.is_finished() || carrying(&rig) >= 3);
            assert!(!run.is_finished(), "it ended before: {:#?}", run.join());
            rig.proxy.set(Weather::calm());
            run.join().unwrap()
        });
        let run = run.ends(0);
        assert_eq!(run.with_state("done").len(), 1, "{run:#?}");
        rig.assert_arrived(Way::Down, &tree);
    });
}
