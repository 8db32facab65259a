//! What reading a listing costs: 100,000 rows of each dialect, in blocks as they come from a data connection.
//!
//! `cargo bench --no-default-features --features engine --bench listing`
#![allow(missing_docs, reason = "criterion's macros make the items")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ftpane::volume::ftp::listing::{Format, ListingReader, Rows};

const ROWS: u64 = 100_000;
const BLOCK: usize = 64 * 1024;
/// 2026-07-01.
const NOW: i64 = 1_782_864_000;

fn rows(row: impl Fn(&mut String, u64)) -> Vec<u8> {
    let mut text = String::new();
    for i in 0..ROWS {
        row(&mut text, i);
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn read(format: Format, text: &[u8]) -> Rows {
    let mut rows = Rows::default();
    let mut reader = ListingReader::new(format, NOW);
    for block in text.chunks(BLOCK) {
        reader.feed(block, &mut rows);
    }
    reader.end(&mut rows);
    rows
}

fn listing(criterion: &mut Criterion) {
    let unix = rows(|text, i| {
        let _ = write!(text, "-rw-r--r--   1 user{:<4} staff  {i:>12} Jan {:>2} 03:26 some-file-name-{i:06}.txt", i % 3, i % 28 + 1);
    });
    let dos = rows(|text, i| {
        let _ = write!(text, "10-{:02}-25  03:25PM {i:>20} some-file-name-{i:06}.txt", i % 28 + 1);
    });
    let mlsd = rows(|text, i| {
        let _ = write!(
            text,
            "type=file;size={i};modify=202601{:02}030405;UNIX.mode=0644;UNIX.owner=1000;UNIX.group=1000; some-file-name-{i:06}.txt",
            i % 28 + 1
        );
    });
    let mut group = criterion.benchmark_group("listing");
    group.throughput(Throughput::Elements(ROWS)).sample_size(20);
    for (name, format, text) in [("unix", Format::List, unix), ("dos", Format::List, dos), ("mlsd", Format::Mlsd, mlsd)] {
        let all = read(format, &text);
        assert_eq!((all.entries.len() as u64, all.unparsed.len()), (ROWS, 0), "{name}: every row is an entry");
        drop(all);
        // The rows are dropped outside of the time.
        group.bench_function(name, |bencher| bencher.iter_batched(|| (), |()| read(format, black_box(&text)), BatchSize::PerIteration));
    }
    group.finish();
}

criterion_group!(benches, listing);
criterion_main!(benches);
