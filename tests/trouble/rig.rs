//! The places of a test, and what holds of every run.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use tempfile::TempDir;

use crate::support::chaos::{self, Fault, Proxy, Weather};
use crate::support::program::{Program, Run};
use crate::support::servers::{Kind, Server, Setup};
use crate::support::tree::Tree;
use crate::support::wait::wait_for;

/// Which way the files go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Down,
    Up,
}

pub const WAYS: [Way; 2] = [Way::Down, Way::Up];

/// A server behind a proxy, and a directory for the program. Files go from or to `there` on the server and `here`.
pub struct Rig {
    pub server: Server,
    pub proxy: Proxy,
    home: TempDir,
}

impl Rig {
    pub fn new(setup: Setup) -> Rig {
        let (server, proxy) = chaos::before(setup);
        let home = tempfile::Builder::new().prefix("ftpane-trouble-").tempdir().unwrap();
        let rig = Rig { server, proxy, home };
        fs::create_dir(rig.here()).unwrap();
        fs::create_dir(rig.there()).unwrap();
        rig.server.own_root();
        rig
    }

    /// The directory on this side.
    pub fn here(&self) -> PathBuf {
        self.home.path().join("here")
    }

    /// The directory on the server.
    pub fn there(&self) -> PathBuf {
        self.server.root().join("there")
    }

    pub fn source(&self, way: Way) -> PathBuf {
        if way == Way::Down { self.there() } else { self.here() }
    }

    pub fn target(&self, way: Way) -> PathBuf {
        if way == Way::Down { self.here() } else { self.there() }
    }

    /// Puts a tree where the files come from.
    pub fn lay_out(&self, way: Way, tree: &Tree) {
        tree.write_to(&self.source(way));
        self.server.own_root();
    }

    pub fn program(&self) -> Program {
        Program::within(self.home.path())
    }

    /// The URL of `path` below `there`, through the proxy.
    pub fn url(&self, path: &str) -> String {
        self.proxy.url(&self.server, &format!("there/{path}"))
    }

    /// The words that copy `name`, a file or a directory, with `options`.
    pub fn words(&self, way: Way, name: &str, options: &[&str]) -> Vec<String> {
        let own = match way {
            Way::Down => vec!["get".to_owned(), "-r".to_owned(), self.url(name), "here".to_owned()],
            Way::Up => vec!["put".to_owned(), "-r".to_owned(), format!("here/{name}"), self.url("")],
        };
        let rest = ["--mode", "passive"].iter().chain(options).map(|&word| word.to_owned());
        own.into_iter().chain(rest).collect()
    }

    /// Runs while something is done once each data connection has moved so many bytes and waits; goes on behind that.
    pub fn run_and_meanwhile(&self, words: &[String], at: u64, act: impl FnOnce() + Send) -> Run {
        self.proxy.set(Weather::each(Fault::Hold, at));
        thread::scope(|scope| {
            let run = scope.spawn(|| self.program().run(words));
            wait_for("the middle of the transfer", || self.proxy.figures().0 >= at || run.is_finished());
            assert!(!run.is_finished(), "it ended before its middle: {:#?}", run.join());
            act();
            self.proxy.set(Weather::calm());
            run.join().unwrap()
        })
    }

    /// # Panics
    /// When a file was reported done or skipped that is not, byte for byte, one of those `wanted`.
    #[track_caller]
    pub fn assert_honest(&self, run: &Run, way: Way, wanted: &[&Tree]) {
        for report in run.reports.iter().filter(|report| report.promises()) {
            let target = report.target.as_ref().expect("a target");
            let path = self.below(target, way);
            let bytes = fs::read(self.target(way).join(&path)).unwrap_or_default();
            let right = wanted.iter().any(|tree| tree.get(&path).is_some() && tree.bytes(&path) == bytes);
            assert!(right, "{} was reported {} and is wrong ({} bytes): {run:#?}", path.display(), report.state, bytes.len());
        }
    }

    /// A report's target below the target directory.
    pub fn below(&self, target: &Path, way: Way) -> PathBuf {
        let root = if way == Way::Down { self.here() } else { PathBuf::from("/there") };
        target.strip_prefix(&root).unwrap_or_else(|_| panic!("{} is not below {}", target.display(), root.display())).to_path_buf()
    }

    /// # Panics
    /// When the target holds anything but this, or the journal holds something unfinished.
    #[track_caller]
    pub fn assert_arrived(&self, way: Way, tree: &Tree) {
        tree.assert_same(&Tree::read(&self.target(way)));
        assert_eq!(self.program().queue(), Vec::<String>::new(), "the journal still holds something open");
    }

    /// Goes on with everything that is unfinished, by what was said of its server when it was asked for.
    pub fn go_on(&self) -> Run {
        self.program().run(&["queue", "--resume"])
    }
}

/// Runs a test on every server at hand.
pub fn each(mut test: impl FnMut(Setup)) {
    for kind in Kind::ALL {
        if let Some(setup) = crate::support::servers::require(kind) {
            test(setup);
        }
    }
}
