//! The local volume against a real directory.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::super::{Sink as _, Source as _, Volume as _, WriteFrom};
use super::*;
use crate::model::{Kind, Name};

struct Fixture {
    dir: tempfile::TempDir,
    volume: LocalVolume,
    stop: CancellationToken,
}

fn fixture() -> Fixture {
    Fixture { dir: tempfile::tempdir().unwrap(), volume: LocalVolume::open(), stop: CancellationToken::new() }
}

impl Fixture {
    fn path(&self, name: &str) -> VPath {
        from_path(&self.dir.path().join(name)).unwrap()
    }

    fn local(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn put(&mut self, name: &str, from: WriteFrom, bytes: &[u8]) -> Result<()> {
        let path = self.path(name);
        let mut sink = self.volume.write(&path, from, Some(bytes.len() as u64), &self.stop).await?;
        sink.write(bytes).await.unwrap();
        sink.finish(true).await
    }

    async fn rows(&mut self) -> (Vec<Entry>, usize) {
        let (mut entries, mut unparsed) = (Vec::new(), 0);
        let path = from_path(self.dir.path()).unwrap();
        self.volume
            .list(&path, &self.stop, &mut |part| match part {
                ListingPart::Rows(rows) => entries.extend(rows),
                ListingPart::Unparsed(rows) => unparsed += rows.len(),
            })
            .await
            .unwrap();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        (entries, unparsed)
    }
}

fn file_of(dir: &Path, name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    dir.join(std::ffi::OsStr::from_bytes(name))
}

#[tokio::test]
async fn a_listing_tells_kinds_links_and_names_that_are_not_text() {
    let mut f = fixture();
    fs::create_dir(f.local("dir")).unwrap();
    fs::write(f.local("file"), b"12345").unwrap();
    symlink("dir", f.local("to-dir")).unwrap();
    symlink("nowhere", f.local("broken")).unwrap();
    fs::write(file_of(f.dir.path(), b"\xff\xfe"), b"").unwrap();
    fs::write(file_of(f.dir.path(), b"a\nb"), b"").unwrap();
    let (rows, unparsed) = f.rows().await;
    let seen: Vec<_> = rows.iter().map(|e| (e.name.as_bytes().to_vec(), e.kind, e.leads_to)).collect();
    assert_eq!(
        seen,
        [
            (b"broken".to_vec(), Kind::Link, Some(Kind::Link)),
            (b"dir".to_vec(), Kind::Dir, None),
            (b"file".to_vec(), Kind::File, None),
            (b"to-dir".to_vec(), Kind::Link, Some(Kind::Dir)),
            (b"\xff\xfe".to_vec(), Kind::File, None),
        ]
    );
    assert_eq!(unparsed, 1, "a name with a line break is shown, and is nobody's target");
    assert_eq!(rows[2].size, Some(5));
    assert_eq!(rows[0].target.as_deref(), Some(&b"nowhere"[..]));
}

#[tokio::test]
async fn a_stopped_listing_ends_as_cancelled() {
    let mut f = fixture();
    fs::write(f.local("file"), b"").unwrap();
    f.stop.cancel();
    let path = from_path(f.dir.path()).unwrap();
    let failure = f.volume.list(&path, &f.stop, &mut |_| {}).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
}

#[tokio::test]
async fn a_file_is_written_read_from_an_offset_and_gone_on_with() {
    let mut f = fixture();
    f.put("f", WriteFrom::Start, b"hello world").await.unwrap();
    f.put("f", WriteFrom::Offset(6), b"there").await.unwrap();
    assert_eq!(fs::read(f.local("f")).unwrap(), b"hello there");
    let path = f.path("f");
    let mut source = f.volume.read(&path, 6, &f.stop).await.unwrap();
    let mut block = [0; 64];
    assert_eq!(source.size(), Some(11));
    assert_eq!(source.read(&mut block).await.unwrap(), 5);
    assert_eq!(&block[..5], b"there");
    assert_eq!(source.read(&mut block).await.unwrap(), 0);
    f.put("f", WriteFrom::Start, b"x").await.unwrap();
    assert_eq!(fs::read(f.local("f")).unwrap(), b"x");
}

#[tokio::test]
async fn a_link_at_the_target_is_never_written_through() {
    let mut f = fixture();
    fs::write(f.local("precious"), b"keep").unwrap();
    symlink("precious", f.local("link")).unwrap();
    symlink("not-yet", f.local("dangling")).unwrap();
    for name in ["link", "dangling"] {
        let failure = f.put(name, WriteFrom::Start, b"gone").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::AlreadyExists, "{failure}");
    }
    assert_eq!(fs::read(f.local("precious")).unwrap(), b"keep");
    assert!(!f.local("not-yet").exists());
}

#[tokio::test]
async fn a_device_is_written_straight() {
    let mut f = fixture();
    let null = VPath::parse(b"/dev/null").unwrap();
    assert!(is_written_straight(&null));
    let mut sink = f.volume.write(&null, WriteFrom::Start, Some(1 << 30), &f.stop).await.unwrap();
    sink.write(b"into the void").await.unwrap();
    sink.finish(true).await.unwrap();
    assert!(!is_written_straight(&f.path("new")));
}

#[tokio::test]
async fn a_rename_replaces_only_when_told() {
    let mut f = fixture();
    fs::write(f.local("a"), b"a").unwrap();
    fs::write(f.local("b"), b"b").unwrap();
    let (a, b) = (f.path("a"), f.path("b"));
    let failure = f.volume.rename(&a, &b, false).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AlreadyExists);
    assert_eq!(fs::read(f.local("b")).unwrap(), b"b");
    f.volume.rename(&a, &b, true).await.unwrap();
    assert_eq!(fs::read(f.local("b")).unwrap(), b"a");
}

#[tokio::test]
async fn a_rename_of_what_is_not_there_names_the_source() {
    let mut f = fixture();
    let (none, b) = (f.path("none"), f.path("b"));
    for replace in [false, true] {
        let failure = f.volume.rename(&none, &b, replace).await.unwrap_err();
        assert_eq!((failure.kind, failure.subject.as_deref()), (FailureKind::NotFound, Some(none.as_bytes())));
    }
}

#[tokio::test]
async fn the_time_of_a_link_is_its_own() {
    let mut f = fixture();
    fs::write(f.local("f"), b"").unwrap();
    symlink("f", f.local("link")).unwrap();
    let (file, link) = (f.path("f"), f.path("link"));
    f.volume.set_time(&file, Timestamp::exact(5)).await.unwrap();
    f.volume.set_time(&link, Timestamp::exact(-7)).await.unwrap();
    let (rows, _) = f.rows().await;
    let times: Vec<_> = rows.iter().map(|entry| entry.modified.unwrap().seconds).collect();
    assert_eq!(times, [5, -7]);
}

#[tokio::test]
async fn a_partial_file_keeps_no_space_behind_its_last_byte() {
    use std::os::unix::fs::MetadataExt as _;
    const WHOLE: u64 = 8 << 20;
    let mut f = fixture();
    for (name, abandoned) in [("abandoned", true), ("shorter", false)] {
        let path = f.path(name);
        let mut sink = f.volume.write(&path, WriteFrom::Start, Some(WHOLE), &f.stop).await.unwrap();
        sink.write(b"a beginning").await.unwrap();
        if abandoned {
            sink.abandon().await
        } else {
            sink.finish(true).await.unwrap()
        }
        let found = fs::metadata(f.local(name)).unwrap();
        assert_eq!(found.len(), 11);
        assert!(found.blocks() * 512 < WHOLE / 2, "{name} holds {} bytes", found.blocks() * 512);
    }
}

#[tokio::test]
async fn a_pipe_is_written_straight_and_its_reader_may_leave() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::io::Read as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut f = fixture();
    mknodat(CWD, f.local("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    // Opened without waiting, since nobody writes yet.
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut reader = fs::OpenOptions::new().read(true).custom_flags(flags).open(f.local("pipe")).unwrap();
    let path = f.path("pipe");
    assert!(is_written_straight(&path));
    let mut sink = f.volume.write(&path, WriteFrom::Offset(3), Some(4), &f.stop).await.unwrap();
    sink.write(b"here").await.unwrap();
    let mut block = [0; 8];
    assert_eq!(reader.read(&mut block).unwrap(), 4);
    drop(reader);
    let error = sink.write(b"there").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Other, "a reader that left is no lost connection: {error}");
    sink.abandon().await;
}

#[tokio::test]
async fn times_and_modes_are_set_to_the_second_and_bit() {
    let mut f = fixture();
    fs::write(f.local("f"), b"").unwrap();
    let path = f.path("f");
    f.volume.set_time(&path, Timestamp::exact(1_000_000_000)).await.unwrap();
    f.volume.set_mode(&path, 0o640).await.unwrap();
    let entry = f.volume.stat(&path).await.unwrap().unwrap();
    assert_eq!(entry.modified, Some(Timestamp::exact(1_000_000_000)));
    assert_eq!(entry.mode, Some(0o640));
    assert_eq!(entry.name, Name::new(&b"f"[..]).unwrap());
    assert_eq!(f.volume.stat(&f.path("none")).await.unwrap(), None);
    fs::set_permissions(f.local("f"), fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn failures_name_the_path_and_the_kind() {
    let mut f = fixture();
    let path = f.path("none");
    let failure = f.volume.read(&path, 0, &f.stop).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.to_string().contains("none: No such file or directory"), "{failure}");
    let failure = f.volume.make_dir(&from_path(f.dir.path()).unwrap()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AlreadyExists);
    let failure = f.volume.raw(b"NOOP").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
}

#[tokio::test]
async fn a_file_is_written_by_one_until_it_has_its_name() {
    let (mut one, mut other) = (fixture(), LocalVolume::open());
    let (part, name) = (one.path("part"), one.path("name"));
    let stop = one.stop.clone();
    let mut sink = one.volume.write(&part, WriteFrom::Start, None, &stop).await.unwrap();
    sink.write(b"of one").await.unwrap();
    for from in [WriteFrom::Start, WriteFrom::Offset(3)] {
        let failure = other.write(&part, from, None, &stop).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::AlreadyExists, "{failure}");
    }
    // Those who write parts of one file know of each other.
    other.write(&part, WriteFrom::Within(6), None, &stop).await.unwrap().finish(false).await.unwrap();
    sink.finish(false).await.unwrap();
    let failure = other.write(&part, WriteFrom::Start, None, &stop).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AlreadyExists, "it has not got its name yet: {failure}");
    one.volume.rename(&part, &name, false).await.unwrap();
    assert_eq!(fs::read(one.local("name")).unwrap(), b"of one");
    other.write(&part, WriteFrom::Start, None, &stop).await.unwrap().finish(false).await.unwrap();
    let failure = one.put("part", WriteFrom::Start, b"x").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AlreadyExists, "{failure}");
    other.let_go();
    one.put("part", WriteFrom::Start, b"x").await.unwrap();
    one.put("part", WriteFrom::Offset(1), b"y").await.unwrap();
    assert_eq!(fs::read(one.local("part")).unwrap(), b"xy");
}

#[tokio::test]
async fn a_name_that_is_more_than_a_name_on_windows_makes_nothing_there() {
    let mut fixture = fixture();
    fixture.volume.system = System::Windows;
    for name in ["CON", "nul.txt", "C:x", "a:stream", "..\\..\\x", "tail.", "tail ", "a?b"] {
        let refused = |outcome: Result<()>| assert_eq!(outcome.unwrap_err().kind, FailureKind::Invalid, "{name}");
        refused(fixture.put(name, WriteFrom::Start, b"evil").await);
        let path = fixture.path(name);
        refused(fixture.volume.make_dir(&path).await);
        fs::write(fixture.local("whole"), "good").unwrap();
        let from = fixture.path("whole");
        refused(fixture.volume.rename(&from, &path, true).await);
    }
    fixture.put("plain.txt", WriteFrom::Start, b"good").await.unwrap();
    let (entries, _) = fixture.rows().await;
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_bytes()).collect();
    assert_eq!(names, [&b"plain.txt"[..], b"whole"]);
}

#[tokio::test]
async fn whether_letters_are_told_apart_is_seen_and_leaves_nothing_behind() {
    let mut fixture = fixture();
    let directory = fixture.path("");
    let before = fixture.rows().await.0.len();
    // What the system itself says of two names.
    fs::write(fixture.local("probe"), "").unwrap();
    let is_blind = fs::metadata(fixture.local("PROBE")).is_ok();
    fs::remove_file(fixture.local("probe")).unwrap();
    assert_eq!(fixture.volume.is_case_blind(&directory).await, Some(is_blind));
    assert_eq!(fixture.rows().await.0.len(), before);
    let nowhere = fixture.path("nowhere");
    assert_eq!(fixture.volume.is_case_blind(&nowhere).await, None);
}
