//! Copies by the program without a screen, compared byte by byte.

use crate::cell::Bench;
use crate::support::tree::{Tree, pattern};
use std::fs;

/// Seconds for some hundred kilobytes, on a machine that does other things.
const SOON: u64 = 60;

fn sample() -> Tree {
    Tree::new()
        .file("tree/a.txt", "hello")
        .file("tree/nothing", "")
        .file("tree/big", pattern(700_000, 1))
        .file("tree/deep/er/x", "deep")
        .dir("tree/empty")
}

pub fn get(bench: &Bench<'_>) {
    bench.fill(&sample());
    bench.ftpane(&["get", "-r", &bench.url("tree"), "."], SOON);
    Tree::read(&bench.there("tree")).assert_same(&Tree::read(&bench.here("tree")));
}

pub fn put(bench: &Bench<'_>) {
    sample().write_to(&bench.here(""));
    bench.ftpane(&["put", "-r", "tree", &bench.url("")], SOON);
    Tree::read(&bench.here("tree")).assert_same(&Tree::read(&bench.there("tree")));
    fs::write(bench.here("tree/big"), pattern(500_000, 2)).unwrap();
    bench.ftpane(&["put", "tree/big", &bench.url("tree/big")], SOON);
    Tree::read(&bench.here("tree")).assert_same(&Tree::read(&bench.there("tree")));
}

pub fn resume_download(bench: &Bench<'_>) {
    let bytes = pattern(700_000, 3);
    bench.fill(&Tree::new().file("big", &bytes));
    fs::write(bench.here(".big.ftpane-part"), &bytes[..400_000]).unwrap();
    bench.ftpane(&["get", "-c", &bench.url("big")], SOON);
    assert!(fs::read(bench.here("big")).unwrap() == bytes, "other bytes arrived");
    assert!(bench.said().contains("> REST 3"), "it began anew");
}

pub fn resume_upload(bench: &Bench<'_>) {
    let bytes = pattern(700_000, 4);
    fs::write(bench.here("big"), &bytes).unwrap();
    bench.fill(&Tree::new().file("big", &bytes[..400_000]));
    bench.ftpane(&["put", "-c", "big", &bench.url("big")], SOON);
    assert!(fs::read(bench.there("big")).unwrap() == bytes, "other bytes arrived");
    let said = bench.said();
    assert!(said.contains("> APPE ") || said.contains("> REST 4"), "it began anew");
}
