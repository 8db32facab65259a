//! What a directory of 100,000 entries costs the machine: keys and order, another order, and arriving in chunks.
//!
//! `cargo bench --bench order`
#![allow(missing_docs, reason = "criterion's macros make the items")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ftpane::app::order::{self, Keys};
use ftpane::app::pane::Sort;
use ftpane::model::SortKey;
use ftpane::model::{Entry, Kind, Name, Timestamp};

const ROWS: u32 = 100_000;

/// Names as a camera or a log writes them, in no order.
fn entries() -> Vec<Entry> {
    let scattered = (0..ROWS).map(|i| i.wrapping_mul(2_654_435_761) % ROWS);
    scattered
        .filter_map(|i| {
            let kind = if i % 50 == 0 { Kind::Dir } else { Kind::File };
            let mut entry = Entry::new(Name::new(format!("Report-{}_{i}.txt", i % 100).into_bytes()).ok()?, kind);
            entry.size = Some(u64::from(i % 977));
            entry.modified = Some(Timestamp::exact(i64::from(i % 9_973)));
            Some(entry)
        })
        .collect()
}

fn bench(criterion: &mut Criterion) {
    let entries = entries();
    let count = u32::try_from(entries.len()).unwrap_or(ROWS);
    let order = || (0..count).collect::<Vec<u32>>();
    criterion.bench_function("keys and natural order of 100,000", |bench| {
        bench.iter_batched(
            order,
            |mut order| order::sort(&mut order, &entries, &Keys::of(&entries), black_box(Sort::default())),
            BatchSize::LargeInput,
        );
    });
    let keys = Keys::of(&entries);
    for key in [SortKey::Name, SortKey::Size, SortKey::Time, SortKey::Extension] {
        criterion.bench_function(&format!("order of 100,000 by {key:?}"), |bench| {
            bench.iter_batched(
                order,
                |mut order| order::sort(&mut order, &entries, &keys, Sort { key, reverse: false }),
                BatchSize::LargeInput,
            );
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = bench
}
criterion_main!(benches);
