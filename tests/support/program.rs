//! The program without a screen: what it reports, how it ends, and its sudden end by kill -9.
//!
//! ```ignore
//! let run = Program::within(dir).run(&["get", "-r", &url, "here"], |so_far| so_far > Duration::from_secs(1));
//! assert_eq!(run.code, Some(0), "{run:#?}");
//! ```

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::wait::until;

/// How long a run may take: many retries with their pauses, on a machine that does other things.
const LIMIT: Duration = Duration::from_secs(180);

/// A run of the program, over.
#[derive(Debug)]
pub struct Run {
    pub words: Vec<String>,
    /// `None` where it was killed.
    pub code: Option<i32>,
    pub err: String,
    /// The files that it reported on.
    pub reports: Vec<Report>,
    pub took: Duration,
}

impl Run {
    /// # Panics
    /// When it ended with another code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The files of which this was said.
    pub fn with_state(&self, state: &str) -> Vec<&Report> {
        self.reports.iter().filter(|report| report.state == state).collect()
    }
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

/// The program with a directory of its own: where it runs, and where it keeps what it keeps between runs.
pub struct Program {
    dir: PathBuf,
    under: Vec<String>,
}

impl Program {
    /// To be run in this directory, which is its home as well.
    pub fn within(dir: impl Into<PathBuf>) -> Program {
        Program { dir: dir.into(), under: Vec::new() }
    }

    /// Run by another program, which gets the path and the words behind its own.
    pub fn under(mut self, words: &[&str]) -> Program {
        self.under = words.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Nothing of this person's environment, and files for what it prints: a pipe that nobody reads could stop it, and a killed
    /// run's lines are to be read all the same.
    fn command(&self, words: &[String]) -> Command {
        let mut line: Vec<&str> = self.under.iter().map(String::as_str).collect();
        line.push(env!("CARGO_BIN_EXE_ftpane"));
        line.extend(words.iter().map(String::as_str));
        let mut command = Command::new(line[0]);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.dir)
            .env("XDG_STATE_HOME", self.dir.join("state"))
            // What the journal keeps has no password; where one is in a URL it goes before.
            .env("FTPANE_PASSWORD", "secret")
            .current_dir(&self.dir)
            .args(&line[1..])
            .stdin(Stdio::null())
            .stdout(File::create(self.dir.join("out")).unwrap())
            .stderr(File::create(self.dir.join("err")).unwrap());
        command
    }

    /// Runs it to its end, with `--json`.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run<W: AsRef<str>>(&self, words: &[W]) -> Run {
        self.run_until(words, |_| false)
    }

    /// Runs it until it ends, or until `kill` says so after some time: then it is gone at once, as by a power cut.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run_until<W: AsRef<str>>(&self, words: &[W], mut kill: impl FnMut(Duration) -> bool) -> Run {
        let mut words: Vec<String> = words.iter().map(|word| word.as_ref().to_owned()).collect();
        words.push("--json".to_owned());
        let begun = Instant::now();
        let mut child = Reaped(self.command(&words).spawn().unwrap());
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
        let run = Run { words, code, err, reports: reports(&out), took };
        assert!(ended.is_some(), "still running after {LIMIT:?}: {run:#?}");
        assert!(code.is_some() || killed, "it ended by a signal that nobody sent: {run:#?}");
        run
    }

    /// What `ftpane queue` prints: a batch a line that was begun and is not finished.
    pub fn queue(&self) -> Vec<String> {
        let output = self.command(&["queue".to_owned()]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ftpane queue: {err}");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
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
