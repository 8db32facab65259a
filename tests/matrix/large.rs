//! What is large: a directory of very many entries, and a file past 4 GiB, where counters of 32 bits end.

use crate::cell::Bench;
use crate::client::listing;
use crate::edits::done;
use ftpane::model::Kind;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The directory with very many entries: made once a server.
const MANY: &str = "very many";

pub async fn entries(bench: &Bench<'_>) {
    let count = bench.operation.count;
    let many = bench.serving.root().join(MANY);
    if !many.exists() {
        fs::create_dir(&many).unwrap();
        for number in 0..count {
            File::create(many.join(name(number))).unwrap();
        }
    }
    let mut volume = bench.open().await;
    let dir = bench.path(&volume, format!("../{MANY}"));
    let (entries, unparsed) = done!(listing(&mut volume, &dir));
    assert!(unparsed.is_empty(), "{} rows are not understood", unparsed.len());
    assert_eq!(entries.len(), count);
    for (number, entry) in entries.iter().enumerate() {
        assert_eq!((entry.name.as_bytes(), entry.kind, entry.size), (name(number).as_bytes(), Kind::File, Some(0)));
    }
}

fn name(number: usize) -> String {
    format!("entry number {number:06}.txt")
}

/// Minutes, in seconds, for gigabytes.
const LATER: u64 = 900;
/// What an upload has to go on with.
const REST: u64 = 8 << 20;

pub fn file(bench: &Bench<'_>) {
    let bytes = bench.operation.bytes;
    sparse(&bench.there("down"), bytes, bytes);
    bench.serving.own(&bench.there("down"));
    bench.ftpane(&["get", &bench.url("down")], LATER);
    check(&bench.here("down"), bytes);
    fs::remove_file(bench.here("down")).unwrap();

    sparse(&bench.here("up"), bytes, bytes);
    sparse(&bench.there("up"), bytes, bytes - REST);
    bench.serving.own(&bench.there("up"));
    bench.ftpane(&["put", "-c", "up", &bench.url("up")], LATER);
    check(&bench.there("up"), bytes);
    let offset = bytes - REST;
    let said = bench.said();
    assert!(said.contains("> APPE ") || said.contains(&format!("> REST {offset}")), "it began anew");
}

/// Where a file is not zero, and what is there: at its ends, and where an offset of 32 bits would land beside.
fn marks(bytes: u64) -> [(u64, &'static [u8]); 5] {
    [(0, b"begin"), (bytes - (1 << 32), b"low"), ((1 << 32) - 2, b"edge"), (bytes - REST, b"rest"), (bytes - 3, b"end")]
}

/// A file of `bytes` bytes, as much of it as `has`, which takes next to no room.
fn sparse(path: &Path, bytes: u64, has: u64) {
    let file = File::create(path).unwrap();
    for (at, mark) in marks(bytes) {
        file.write_all_at(mark, at).unwrap();
    }
    file.set_len(has).unwrap();
}

fn check(path: &Path, bytes: u64) {
    let mut file = File::open(path).unwrap();
    assert_eq!(file.metadata().unwrap().len(), bytes, "{}", path.display());
    for (at, mark) in marks(bytes) {
        let mut seen = vec![0; mark.len()];
        file.read_exact_at(&mut seen, at).unwrap();
        assert_eq!(seen.escape_ascii().to_string(), mark.escape_ascii().to_string(), "at {at} of {}", path.display());
    }
    let zeros = vec![0; 1 << 20];
    let (mut block, mut at) = (zeros.clone(), 0);
    while at < bytes {
        let count = file.read(&mut block).unwrap();
        assert!(count > 0, "it ends at {at}");
        let end = at + count as u64;
        for (mark_at, mark) in marks(bytes) {
            for place in (mark_at..mark_at + mark.len() as u64).filter(|place| (at..end).contains(place)) {
                block[usize::try_from(place - at).unwrap()] = 0;
            }
        }
        assert!(block[..count] == zeros[..count], "something stands between {at} and {end} of {}", path.display());
        at = end;
    }
}
