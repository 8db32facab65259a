//! Looking, and what changes a server's tree besides transfers, by a session as panes have one.

use crate::cell::Bench;
use crate::client::{listing, names, write_to};
use crate::support::tree::{Tree, mtime, pattern};
use ftpane::model::{FailureKind, Kind, Timestamp};
use ftpane::volume::{Volume as _, WriteFrom};
use std::cmp::Ordering;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// Unwraps with what went wrong as a person reads it.
macro_rules! done {
    ($tried:expr) => {
        $tried.await.unwrap_or_else(|failure| panic!("{}: {failure}", stringify!($tried)))
    };
}
pub(crate) use done;

pub async fn list(bench: &Bench<'_>) {
    bench.fill(&Tree::new().file_at("a.txt", "hello", 1_600_000_001).file_at("big", pattern(300_000, 1), 1_500_000_000).file("sub/x", ""));
    let mut volume = bench.open().await;
    let dir = bench.path(&volume, "");
    let (entries, unparsed) = done!(listing(&mut volume, &dir));
    assert!(unparsed.is_empty(), "{unparsed:?}");
    let seen: Vec<_> = entries.iter().map(|entry| (entry.name.as_bytes(), entry.kind)).collect();
    assert_eq!(seen, [(&b"a.txt"[..], Kind::File), (b"big", Kind::File), (b"sub", Kind::Dir)]);
    for (entry, size, time) in [(&entries[0], 5, 1_600_000_001), (&entries[1], 300_000, 1_500_000_000)] {
        assert_eq!(entry.size, Some(size), "{entry:?}");
        let told = entry.modified.unwrap_or_else(|| panic!("no time: {entry:?}"));
        assert_eq!(told.compare(Timestamp::exact(time)), Ordering::Equal, "{entry:?}");
    }
    let sub = bench.path(&volume, "sub");
    assert_eq!(names(&mut volume, &sub).await, [b"x"]);
}

pub async fn rename(bench: &Bench<'_>) {
    bench.fill(&Tree::new().file("old", "one").file("kept", "two").dir("sub").file("dir/in", "three"));
    let mut volume = bench.open().await;
    let path = |name: &str| bench.path(&volume, name);
    let [old, kept, there, dir, moved] = ["old", "kept", "sub/new", "dir", "sub/moved"].map(path);
    let refused = volume.rename(&old, &kept, false).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::AlreadyExists, "{refused}");
    done!(volume.rename(&old, &there, false));
    done!(volume.rename(&dir, &moved, false));
    done!(volume.rename(&there, &kept, true));
    Tree::new().file("kept", "one").file("sub/moved/in", "three").assert_same(&Tree::read(&bench.there("")));
}

pub async fn delete(bench: &Bench<'_>) {
    bench.fill(&Tree::new().file("a", "one").file("dir/b", "two").file("kept", ""));
    let mut volume = bench.open().await;
    let path = |name: &str| bench.path(&volume, name);
    let [a, b, dir, none] = ["a", "dir/b", "dir", "none"].map(path);
    volume.remove_dir(&dir).await.expect_err("a directory with something in it is deleted");
    volume.remove_file(&none).await.expect_err("what is not there is deleted");
    assert_eq!(Tree::read(&bench.there("")).paths().len(), 4);
    done!(volume.remove_file(&a));
    done!(volume.remove_file(&b));
    done!(volume.remove_dir(&dir));
    Tree::new().file("kept", "").assert_same(&Tree::read(&bench.there("")));
}

pub async fn make_dir(bench: &Bench<'_>) {
    let mut volume = bench.open().await;
    let (outer, inner) = (bench.path(&volume, "new"), bench.path(&volume, "new/two words"));
    done!(volume.make_dir(&outer));
    done!(volume.make_dir(&inner));
    volume.make_dir(&outer).await.expect_err("a directory is made that is there");
    Tree::new().dir("new/two words").assert_same(&Tree::read(&bench.there("")));
}

pub async fn set_mode(bench: &Bench<'_>) {
    bench.fill(&Tree::new().file("a", "x").dir("dir"));
    let mut volume = bench.open().await;
    for (name, mode) in [("a", 0o640), ("a", 0o755), ("dir", 0o700)] {
        let path = bench.path(&volume, name);
        done!(volume.set_mode(&path, mode));
        let has = fs::metadata(bench.there(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(has, u32::from(mode), "{name}");
    }
}

/// Of a file that was there, and of one that was just written.
pub async fn set_time(bench: &Bench<'_>) {
    bench.fill(&Tree::new().file("there", "x"));
    let mut volume = bench.open().await;
    let fresh = bench.path(&volume, "fresh");
    done!(write_to(&mut volume, &fresh, WriteFrom::Start, b"y"));
    for (name, seconds) in [("there", 1_500_000_001), ("fresh", 951_782_400)] {
        let path = bench.path(&volume, name);
        done!(volume.set_time(&path, Timestamp::exact(seconds)));
        assert_eq!(i64::try_from(mtime(&bench.there(name))), Ok(seconds), "{name}");
    }
}

pub async fn read_time(bench: &Bench<'_>) {
    bench.fill(&Tree::new().file_at("a", "x", 1_600_000_001));
    let mut volume = bench.open().await;
    let path = bench.path(&volume, "a");
    assert_eq!(done!(volume.exact_time(&path)), Some(Timestamp::exact(1_600_000_001)));
    let entry = done!(volume.stat(&path)).expect("it is there");
    assert_eq!((entry.modified, entry.size), (Some(Timestamp::exact(1_600_000_001)), Some(1)));
}
