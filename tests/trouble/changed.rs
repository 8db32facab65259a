//! A source that changes while it is read: what is reported complete is all of the old file or all of the new one, never some of both.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::rig::{Rig, WAYS, each};
use crate::support::tree::{Tree, pattern};

const SIZE: usize = 3 << 20;
/// Where the transfer waits for the change.
const MIDDLE: u64 = 1 << 20;
/// Long ago, so that the change shows in the time.
const BEFORE: u64 = 1_700_000_000;

/// The same change in every direction and on every server. `becomes` is the new content.
fn changes(what: &str, becomes: &[u8], change: impl Fn(&Path) + Sync) {
    for way in WAYS {
        each(|setup| {
            let rig = Rig::new(setup);
            let old = Tree::new().file_at("tree/big", pattern(SIZE, 1), BEFORE).file_at("tree/small", "small", BEFORE);
            let new = Tree::new().file("tree/big", becomes).file("tree/small", "small");
            rig.lay_out(way, &old);
            let words = rig.words(way, "tree", &["--timeout", "10", "--retries", "2", "-j", "1"]);
            let big = rig.source(way).join("tree/big");
            let run = rig.run_and_meanwhile(&words, MIDDLE, || {
                change(&big);
                rig.server.own_root();
            });
            let told = format!("{what}, {way:?} on {}", rig.server.kind.name());
            assert!(matches!(run.code, Some(0 | 1)), "{told}: {run:#?}");
            rig.assert_honest(&run, way, &[&old, &new]);
            if run.code == Some(0) {
                let there = fs::read(rig.target(way).join("tree/big")).unwrap();
                assert!(there == old.bytes("tree/big") || there == becomes, "{told}: it ended well and is wrong: {run:#?}");
            }
            // The next run has nothing in its way.
            let again = rig.program().run(&words).ends(0);
            rig.assert_honest(&again, way, &[&new]);
            new.assert_same(&Tree::read(&rig.target(way)));
        });
    }
}

#[test]
fn a_source_that_grows_is_never_wrong() {
    let more = pattern(200_000, 2);
    changes("grows", &[pattern(SIZE, 1), more.clone()].concat(), |path| {
        File::options().append(true).open(path).unwrap().write_all(&more).unwrap();
    });
}

#[test]
fn a_source_that_shrinks_is_never_wrong() {
    let short = 1_500_000;
    changes("shrinks", &pattern(short, 1), |path| File::options().write(true).open(path).unwrap().set_len(short as u64).unwrap());
}

#[test]
fn a_source_that_another_of_the_same_size_replaces_is_never_wrong() {
    let other = pattern(SIZE, 3);
    changes("is replaced", &other, |path| {
        let beside = path.with_extension("new");
        fs::write(&beside, &other).unwrap();
        fs::rename(&beside, path).unwrap();
    });
}

#[test]
fn a_source_that_is_written_over_in_place_is_never_wrong() {
    let other = pattern(SIZE, 4);
    changes("is written over", &other, |path| {
        let mut file = File::options().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&other).unwrap();
    });
}
