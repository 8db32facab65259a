//! The program while it runs: what it reports, and its sudden end.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::wait::until;

/// How long a run may take: many retries with their pauses, on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(180);

/// A run of the program, over.
#[derive(Debug)]
#[expect(dead_code, reason = "shown where a test fails")]
pub struct Run {
    pub words: Vec<String>,
    /// `None` where it was killed.
    pub code: Option<i32>,
    pub err: String,
    /// The files that it reported on.
    pub reports: Vec<Report>,
    pub took: Duration,
}

/// What a run said of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// done, skipped, failed or cancelled.
    pub state: String,
    pub source: PathBuf,
    pub target: Option<PathBuf>,
}

impl Report {
    /// Whether the target was said to be what the source is.
    pub fn promises(&self) -> bool {
        matches!(self.state.as_str(), "done" | "skipped")
    }
}

/// Where the program runs: everything it keeps between runs is below.
pub struct Home<'a> {
    pub dir: &'a Path,
}

impl Home<'_> {
    /// The program with these words, nothing of this person's environment, and files for what it prints: a pipe that nobody reads
    /// could stop it, and a killed run's lines are to be read all the same.
    fn command(&self, words: &[String]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ftpane"));
        command
            .env_clear()
            .env("HOME", self.dir)
            .env("XDG_STATE_HOME", self.dir.join("state"))
            .current_dir(self.dir)
            .args(words)
            .stdin(Stdio::null())
            .stdout(File::create(self.dir.join("out")).unwrap())
            .stderr(File::create(self.dir.join("err")).unwrap());
        command
    }

    /// Runs it until it ends, or until `kill` says so: then it is gone at once, as by a power cut.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run(&self, words: &[String], mut kill: impl FnMut(Duration) -> bool) -> Run {
        let begun = Instant::now();
        let mut child = Reaped(self.command(words).spawn().unwrap());
        let mut killed = false;
        let ended = until(LIMIT, || {
            let ended = child.0.try_wait().unwrap();
            if ended.is_none() && !killed && kill(begun.elapsed()) {
                killed = true;
                let _ = child.0.kill();
            }
            ended
        });
        let took = begun.elapsed();
        let out = std::fs::read(self.dir.join("out")).unwrap();
        let err = String::from_utf8_lossy(&std::fs::read(self.dir.join("err")).unwrap()).into_owned();
        let code = ended.and_then(|status| status.code());
        let run = Run { words: words.to_vec(), code, err, reports: reports(&out), took };
        assert!(ended.is_some(), "still running after {LIMIT:?}: {run:#?}");
        assert!(code.is_some() || killed, "it ended by a signal that nobody sent: {run:#?}");
        run
    }
}

/// A child that does not outlive a failed test.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines that tell of files. A last line without its end is what a killed run had not yet said.
fn reports(out: &[u8]) -> Vec<Report> {
    let lines = out.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let values = lines.map(|line| {
        serde_json::from_slice::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(line)))
    });
    values.filter(|value| value["type"] == "transfer").map(|value| report(&value)).collect()
}

fn report(value: &serde_json::Value) -> Report {
    let path = |key: &str| match value[format!("{key}_hex")].as_str() {
        Some(hex) => Some(PathBuf::from(OsStr::from_bytes(&unhex(hex)))),
        None => value[key].as_str().map(PathBuf::from),
    };
    let state = value["state"].as_str().expect("a state").to_owned();
    Report { state, source: path("source").expect("a source"), target: path("target") }
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
