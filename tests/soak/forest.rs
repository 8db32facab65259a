//! Trees of files by a seed: what a copy may meet.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use crate::support::chaos::Random;
use crate::support::tree::Tree;

/// Names that have broken clients before: quoting, options, masks, arrows as in listings of links, long ones, others' alphabets. None
/// with control characters, which pure-ftpd leaves out of its listings.
const ODD: &[&str] = &[
    "[1]*?.txt",
    "what?",
    "all*",
    "two  blanks",
    "-rf",
    "a -> b",
    "it's \"quoted\"",
    "Grüße aus Köln",
    "日本語のファイル",
    "%41%2f",
    "#hash;type=a",
    "~tilde",
    ".hidden",
    "semi;colon",
    "$(touch x)`x`",
    "1 file of 2",
    "x.ftpane",
    "226 Transfer complete",
];

/// Those that a directory may have: ProFTPD makes none with a mask in its name.
const PLAIN_ENOUGH: &[&str] = ODD.split_at(3).1;

/// The most bytes in a tree.
const MOST: usize = 6 << 20;

/// The least that a large file has.
const LARGE: u64 = 5 << 20;

/// Long ago: a mirror takes what has the same size and time for the same.
const BEFORE: u64 = 1_600_000_000;

/// A tree below `tree/` for this seed.
pub fn grow(seed: u64) -> Tree {
    let mut random = Random::part(seed, &[1]);
    let mut dirs = vec![PathBuf::from("tree")];
    let mut tree = Tree::new().dir("tree");
    for _ in 0..random.below(5) {
        let parent = random.pick(&dirs).clone();
        let dir = parent.join(name(&mut random, dirs.len(), PLAIN_ENOUGH));
        tree = tree.dir(&dir);
        dirs.push(dir);
    }
    let mut left = MOST;
    for number in 0..2 + random.below(22) as usize {
        let path = random.pick(&dirs).join(name(&mut random, 100 + number, ODD));
        let len = length(&mut random).min(left);
        left -= len;
        tree = tree.file(path, random.bytes(len));
    }
    tree
}

/// The tree with one file more, large enough to be fetched in parts.
pub fn with_a_large_one(tree: Tree, seed: u64) -> Tree {
    let mut random = Random::part(seed, &[2]);
    let len = random.scaled(LARGE, 4 * LARGE) as usize;
    tree.file("tree/large", random.bytes(len))
}

/// What some of a tree's files were before: other bytes, of the same length or another.
pub fn older(tree: &Tree, seed: u64) -> Tree {
    let mut random = Random::part(seed, &[3]);
    let mut old = Tree::new();
    for path in files(tree) {
        if random.percent(30) {
            let len = if random.percent(50) { tree.bytes(path).len() } else { random.scaled(1, 200_000) as usize };
            old = old.file_at(path, random.bytes(len), BEFORE);
        }
    }
    old
}

/// A name that no other number has.
fn name(random: &mut Random, number: usize, odd: &[&str]) -> OsString {
    match random.below(8) {
        0..4 => format!("file{number}.dat").into(),
        4..7 => format!("{} {number}", random.pick(odd)).into(),
        _ => {
            let mut long = format!("{number}-").into_bytes();
            // Below 255 with a suffix, and above.
            long.resize(random.scaled(20, 250) as usize, b'n');
            OsString::from_vec(long)
        }
    }
}

/// Empty, tiny, around what a block or the overlap of a resume holds, some MiB.
fn length(random: &mut Random) -> usize {
    const EDGES: &[u64] = &[1, 1460, 65_535, 65_536, 65_537, 131_072, 262_144, 262_145];
    match random.below(10) {
        0 => 0,
        1 | 2 => *random.pick(EDGES) as usize,
        3..8 => random.scaled(1, 100_000) as usize,
        _ => random.scaled(100_000, 4 << 20) as usize,
    }
}

/// All files of a tree.
pub fn files(tree: &Tree) -> Vec<&Path> {
    tree.paths().into_iter().filter(|path| matches!(tree.get(path), Some(crate::support::tree::Node::File { .. }))).collect()
}
