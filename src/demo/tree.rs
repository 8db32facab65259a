//! The sample files: what there is to see on the server and to send from the local side.
//!
//! Job: text, pictures, names that many programs get wrong, a deep tree, a crowded directory and a big file. Made in a
//! moment and almost without disk space: the big file is sparse. Modification times are spread over the last years, so
//! that sorting by time shows something.

use std::fs::{self, File, FileTimes};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How many files the crowded directory has.
pub(super) const CROWD: usize = 5_000;
/// The size of the big file, in bytes.
pub(super) const BIG: u64 = 200_000_000;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// One sample file: where it goes, what is in it, how many days ago it was written.
type Sample = (&'static str, &'static [u8], u32);

macro_rules! asset {
    ($path:literal) => {
        include_bytes!(concat!("../../assets/demo/", $path)).as_slice()
    };
}

const SERVED: &[Sample] = &[
    ("README.txt", asset!("remote/README.txt"), 0),
    (".hidden", b"Alt-. shows files like this one, and hides them again.\n", 12),
    ("poems/tide.txt", asset!("remote/poems/tide.txt"), 1_411),
    ("poems/two-panes.txt", asset!("remote/poems/two-panes.txt"), 87),
    ("poems/umzug.txt", asset!("remote/poems/umzug.txt"), 640),
    ("pictures/sunset.png", asset!("remote/pictures/sunset.png"), 33),
    ("pictures/waves.png", asset!("remote/pictures/waves.png"), 34),
    ("pictures/mandelbrot.png", asset!("remote/pictures/mandelbrot.png"), 902),
    ("code/hello.rs", asset!("remote/code/hello.rs"), 5),
    ("code/index.html", asset!("remote/code/index.html"), 6),
    ("code/settings.toml", asset!("remote/code/settings.toml"), 210),
    ("code/weather.csv", asset!("remote/code/weather.csv"), 260),
    ("names/Grüße aus Köln.txt", "Viele Grüße aus Köln.\n".as_bytes(), 150),
    ("names/två kaffe.txt", "Två kaffe, tack.\n".as_bytes(), 151),
    ("names/a file with  two spaces.txt", b"There are two between \"with\" and \"two\".\n", 152),
    ("names/-starts-with-a-dash.txt", b"Some servers take this name for an option.\n", 153),
    ("names/it's #1 [draft] (final).txt", b"No, this one is final.\n", 154),
    ("names/Ελλάδα.txt", "Καλημέρα.\n".as_bytes(), 155),
    ("names/日本の庭.txt", "二文字分の幅があります。\n".as_bytes(), 156),
    ("names/100% ready;type=dir.txt", b"Still a file.\n", 157),
    ("names/no extension", b"None.\n", 158),
    ("inbox/put things here.txt", b"Drag or copy something into this directory.\n", 1),
];

const LOCAL: &[Sample] = &[
    ("letter.txt", asset!("local/letter.txt"), 0),
    ("Einkaufszettel für Köln.txt", asset!("local/shopping.txt"), 2),
    ("quilt.png", asset!("local/quilt.png"), 400),
    ("diary/2024/spring.txt", b"Rain, and then the apple trees all at once.\n", 910),
    ("diary/2024/autumn.txt", b"Found the other glove.\n", 760),
    ("diary/2025/spring.txt", b"The neighbours keep bees now.\n", 540),
    ("diary/2025/winter.txt", b"Snow on the harbour, for one afternoon.\n", 290),
];

/// Twelve directories, each in the one before.
const STAIRS: [&str; 12] = [
    "cellar",
    "first step",
    "second step",
    "third step",
    "landing",
    "fifth step",
    "sixth step",
    "seventh step",
    "creaking step",
    "ninth step",
    "last step",
    "vault",
];

/// Makes both sides, in directories that exist and are empty.
pub(super) fn make(served: &Path, local: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    // The crowd is most of the work: two threads halve the wait.
    let crowd = served.join("many");
    fs::create_dir(&crowd)?;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| fill(&crowd, (2..=CROWD).step_by(2), now));
        fill(&crowd, (1..=CROWD).step_by(2), now)?;
        let first = samples(served, SERVED, now)
            .and_then(|()| samples(local, LOCAL, now))
            .and_then(|()| stairs(served, now))
            .and_then(|()| blobs(served, local, now))
            .and_then(|()| links(served));
        other.join().map_err(|_| io::Error::other("the thread that writes sample files failed"))??;
        first
    })
}

fn samples(root: &Path, samples: &[Sample], now: SystemTime) -> io::Result<()> {
    for (path, content, days) in samples {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        write(&path, content, ago(now, *days))?;
    }
    Ok(())
}

fn stairs(served: &Path, now: SystemTime) -> io::Result<()> {
    let bottom: PathBuf = STAIRS.iter().fold(served.to_path_buf(), |path, step| path.join(step));
    fs::create_dir_all(&bottom)?;
    write(&bottom.join("treasure.txt"), b"Twelve steps down. Backspace leads up again.\n", ago(now, 2_000))
}

/// Files of the crowded directory: numbered without leading zeros, of four kinds, some of them empty.
fn fill(dir: &Path, numbers: impl Iterator<Item = usize>, now: SystemTime) -> io::Result<()> {
    const KINDS: [&str; 4] = ["txt", "log", "csv", "md"];
    for number in numbers {
        // Numbers that look drawn by lot and are the same in every demo (the multiplier is Knuth's).
        let lot = number.wrapping_mul(2_654_435_761) >> 7;
        let kind = KINDS.get(lot % KINDS.len()).unwrap_or(&"txt");
        let content = format!("entry {number} of {CROWD}\n").repeat((lot >> 4) % 17);
        let days = u32::try_from((lot >> 8) % 2_500).unwrap_or(0);
        let minutes = u64::try_from((lot >> 3) % 1_440).unwrap_or(0);
        let time = ago(now, days) - Duration::from_secs(60 * minutes);
        write(&dir.join(format!("entry-{number}.{kind}")), content.as_bytes(), time)?;
    }
    Ok(())
}

/// The big file, one of middling size to send, and one with every byte in it.
fn blobs(served: &Path, local: &Path, now: SystemTime) -> io::Result<()> {
    fs::create_dir(served.join("big"))?;
    sparse(&served.join("big/two-hundred-megabytes.bin"), BIG, ago(now, 3))?;
    sparse(&local.join("eight-megabytes.bin"), 8_000_000, ago(now, 20))?;
    let every: Vec<u8> = (0..=u8::MAX).cycle().take(1024).collect();
    write(&served.join("code/every-byte.bin"), &every, ago(now, 1_100))
}

/// A file that is mostly a hole, with a line of text at every ten millionth byte.
fn sparse(path: &Path, size: u64, time: SystemTime) -> io::Result<()> {
    const STRIDE: usize = 10_000_000;
    let mut file = File::create(path)?;
    file.set_len(size)?;
    for at in (0..size).step_by(STRIDE) {
        file.seek(SeekFrom::Start(at))?;
        writeln!(file, "This is byte {at} of {size}; from here on there is nothing but zeros.")?;
    }
    stamp(&file, time)
}

#[cfg(unix)]
fn links(served: &Path) -> io::Result<()> {
    use std::os::unix::fs::symlink;
    symlink("tide.txt", served.join("poems/latest.txt"))?;
    symlink("../pictures/sunset.png", served.join("inbox/postcard.png"))
}

#[cfg(not(unix))]
fn links(_: &Path) -> io::Result<()> {
    // Links need a privilege on Windows; the tree does without.
    Ok(())
}

fn write(path: &Path, content: &[u8], time: SystemTime) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    stamp(&file, time)
}

fn stamp(file: &File, time: SystemTime) -> io::Result<()> {
    file.set_times(FileTimes::new().set_modified(time))
}

fn ago(now: SystemTime, days: u32) -> SystemTime {
    now - DAY * days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for side in ["server", "local"] {
            fs::create_dir(dir.path().join(side)).unwrap();
        }
        let side = |name: &str| dir.path().join(name);
        make(&side("server"), &side("local")).unwrap();
        dir
    }

    #[test]
    fn the_crowded_directory_has_its_number_with_times_over_several_years() {
        let dir = made();
        let entries: Vec<_> = fs::read_dir(dir.path().join("server/many")).unwrap().collect();
        assert_eq!(entries.len(), CROWD);
        let times = entries.into_iter().map(|e| e.unwrap().metadata().unwrap().modified().unwrap());
        let (oldest, newest) = times.fold((SystemTime::now(), SystemTime::UNIX_EPOCH), |(a, b), t| (a.min(t), b.max(t)));
        assert!(newest.duration_since(oldest).unwrap() > DAY * 365 * 5);
    }

    #[test]
    fn the_deep_tree_is_twelve_directories_deep() {
        let dir = made();
        let bottom: PathBuf = STAIRS.iter().collect();
        assert!(dir.path().join("server").join(bottom).join("treasure.txt").is_file());
    }

    #[cfg(unix)]
    #[test]
    fn the_big_file_costs_almost_no_disk_space() {
        use std::os::unix::fs::MetadataExt;
        let dir = made();
        let meta = fs::metadata(dir.path().join("server/big/two-hundred-megabytes.bin")).unwrap();
        assert_eq!(meta.len(), BIG);
        assert!(meta.blocks() * 512 < 4_000_000, "{} blocks", meta.blocks());
    }
}
