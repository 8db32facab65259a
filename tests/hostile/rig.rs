//! The program in a directory of its own, watched from outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::pty::{Key, Screen};
use crate::support::script::ScriptServer;
use crate::support::tree::Tree;
use crate::support::wait::until;

/// Long enough not to be found by chance.
pub const PASSWORD: &str = "Geheimnis-7351";
/// How long any run may take.
const LIMIT: Duration = Duration::from_secs(30);
/// The most memory that any run may use, unless a test says otherwise.
pub const MOST_KIB: u64 = 300 * 1024;

/// The usual rules: a login, EPSV, and a file of four bytes behind every name.
pub const RULES: &str = "include rules-hostile.ftp\n";

/// A server with these rules before the usual ones, and a plain greeting.
pub fn server_with(rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!("{RULES}{rules}\nS: 220 Ready\nserve\n"))
}

/// `ftp://` with the password, to `path` below the login directory.
pub fn url(server: &ScriptServer, path: &str) -> String {
    format!("ftp://tester:{PASSWORD}@{}/{path}", server.addr())
}

/// A directory to copy into, with another around it in which nothing may change.
pub struct Place {
    around: tempfile::TempDir,
    home: tempfile::TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// What `--log` wrote.
    pub log: String,
    pub took: Duration,
    /// The most memory that it used.
    pub kib: u64,
}

impl Run {
    /// # Panics
    /// When it ended with another code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// # Panics
    /// When standard error has no such words.
    #[track_caller]
    pub fn says(self, words: &str) -> Run {
        assert!(self.err.contains(words), "no “{words}” in {self:#?}");
        self
    }

    /// # Panics
    /// When it took longer.
    #[track_caller]
    pub fn within(self, seconds: u64) -> Run {
        assert!(self.took <= Duration::from_secs(seconds), "took {:?}: {self:#?}", self.took);
        self
    }
}

impl Place {
    pub fn new() -> Place {
        let place = Place { around: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() };
        fs::create_dir(place.target()).unwrap();
        fs::write(place.around().join("canary"), "alive").unwrap();
        place
    }

    /// Where the program runs and copies to.
    pub fn target(&self) -> PathBuf {
        self.around().join("target")
    }

    /// The directory around it.
    pub fn around(&self) -> &Path {
        self.around.path()
    }

    /// The names in the target, sorted.
    pub fn names(&self) -> Vec<Vec<u8>> {
        let tree = Tree::read(&self.target());
        tree.paths().iter().map(|path| std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()).collect()
    }

    /// The names in the target without partial files.
    pub fn whole(&self) -> Vec<Vec<u8>> {
        self.names().into_iter().filter(|name| !name.ends_with(b".ftpane-part")).collect()
    }

    /// The bytes of a file in the target.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.target().join(name)).unwrap()
    }

    /// Runs `ftpane WORDS`, with two seconds for every wait and no second try unless the words say otherwise.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Run {
        self.run_with(words, MOST_KIB)
    }

    /// As [`Place::run`], within so much memory.
    #[track_caller]
    pub fn run_with(&self, words: &[&str], most_kib: u64) -> Run {
        let run = self.start(words).wait(LIMIT);
        self.judge(run, most_kib)
    }

    /// Starts `ftpane WORDS`.
    pub fn start(&self, words: &[&str]) -> Running {
        let log = self.home.path().join("wire.log");
        let (verb, words) = words.split_first().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ftpane"));
        command.env_clear().env("HOME", self.home.path()).current_dir(self.target()).arg(verb).arg("--log").arg(&log);
        for (option, value) in [("--timeout", "2"), ("--retries", "0")] {
            if !words.iter().any(|word| word.starts_with(option)) {
                command.args([option, value]);
            }
        }
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running::of(command.spawn().unwrap(), log)
    }

    /// What holds of every run.
    #[track_caller]
    pub fn judge(&self, run: Run, most_kib: u64) -> Run {
        for text in [&run.out, &run.err, &run.log] {
            assert!(!text.contains(PASSWORD), "the password came out: {run:#?}");
            let bad = text.chars().find(|&c| (c.is_control() && c != '\n') || is_deceptive(c));
            assert_eq!(bad, None, "a byte that drives the terminal came out: {run:#?}");
        }
        assert!(run.kib <= most_kib, "{} KiB: {run:#?}", run.kib);
        let mut around: Vec<_> = fs::read_dir(self.around()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        around.sort();
        assert_eq!(around, ["canary", "target"], "something was written outside of the target");
        assert_eq!(fs::read(self.around().join("canary")).unwrap(), b"alive");
        run
    }
}

fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// The program while it runs.
pub struct Running {
    child: Child,
    log: PathBuf,
    begun: Instant,
    out: thread::JoinHandle<Vec<u8>>,
    err: thread::JoinHandle<Vec<u8>>,
    kib: u64,
}

/// Reads to the end and keeps the first MiB: what is shown is bounded, what is written is taken all the same.
fn reader(mut stream: impl std::io::Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (mut kept, mut block) = (Vec::new(), vec![0; 64 * 1024]);
        while let Ok(count @ 1..) = stream.read(&mut block) {
            let room = (1_usize << 20).saturating_sub(kept.len());
            kept.extend_from_slice(&block[..count.min(room)]);
        }
        kept
    })
}

impl Running {
    fn of(mut child: Child, log: PathBuf) -> Running {
        let (out, err) = (reader(child.stdout.take().unwrap()), reader(child.stderr.take().unwrap()));
        Running { child, log, begun: Instant::now(), out, err, kib: 0 }
    }

    /// Its command line as others on the machine see it.
    pub fn command_line(&self) -> String {
        String::from_utf8_lossy(&fs::read(format!("/proc/{}/cmdline", self.child.id())).unwrap_or_default()).into_owned()
    }

    /// Sends Ctrl-C's signal.
    pub fn interrupt(&self) {
        kill_process(Pid::from_raw(self.child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn wait(mut self, limit: Duration) -> Run {
        let pid = self.child.id();
        let ended = until(limit, || {
            self.kib = self.kib.max(peak_kib(pid));
            self.child.try_wait().unwrap()
        });
        let took = self.begun.elapsed();
        if ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (out, err) = (text(self.out.join().unwrap()), text(self.err.join().unwrap()));
        let log = fs::read(&self.log).map(text).unwrap_or_default();
        let run = Run { code: ended.and_then(|status| status.code()), out, err, log, took, kib: self.kib };
        assert!(ended.is_some(), "still running after {limit:?}: {run:#?}");
        run
    }
}

/// The most memory that a process has used so far, in KiB.
pub fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// The commands that came, as text.
pub fn commands(server: &ScriptServer) -> Vec<String> {
    server.record().commands().iter().map(|line| line.escape_ascii().to_string()).collect()
}

/// Closes what shows `text`, waits until it is gone, so that no key runs into the Esc, and quits.
pub fn close_and_quit(screen: &mut Screen, text: &str) {
    screen.key(Key::Esc);
    screen.wait_gone(text);
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success(), "{}", screen.view().framed());
    screen.assert_restored();
}
