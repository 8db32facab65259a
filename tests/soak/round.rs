//! One round: a tree, a direction, storms and sudden ends; and what must hold after each of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::forest::{files, grow, older, with_a_large_one};
use crate::support::chaos::{Proxy, Random, Weather};
use crate::support::program::{Program, Run};
use crate::support::servers::Server;
use crate::support::tree::Tree;

/// No listing of a tree here is as long.
const LISTING: u64 = 16 * 1024;

/// Which way the files go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Down,
    Up,
}

/// What the program is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    /// `get` or `put`, and what is to become of files that are there.
    Copy(&'static str),
    /// A large file among the others, in so many parts at once.
    Parts(u16),
    /// `mirror --delete`.
    Mirror,
}

impl Job {
    fn of(random: &mut Random, way: Way) -> Job {
        match (random.below(8), way) {
            (0..3, _) => Job::Copy("overwrite"),
            (3, _) => Job::Copy("resume"),
            // An upload that was cut off is under its final name: to skip what is there is no way to go on with it.
            (4, Way::Down) => Job::Copy("skip"),
            (5, Way::Down) => Job::Parts(1 + random.below(6) as u16),
            (6 | 7, _) => Job::Mirror,
            _ => Job::Copy("overwrite"),
        }
    }
}

/// A round.
pub struct Round<'a> {
    server: &'a Server,
    proxy: &'a Proxy,
    way: Way,
    seed: u64,
    number: u64,
    job: Job,
    tree: Tree,
    /// What was at the target before.
    old: Tree,
    home: TempDir,
    /// What happened, for the message of a failure.
    story: String,
}

impl<'a> Round<'a> {
    /// Lays everything out for round `number` of `seed`.
    pub fn new(server: &'a Server, proxy: &'a Proxy, way: Way, (seed, number): (u64, u64)) -> Round<'a> {
        let job = Job::of(&mut Random::part(seed, &[number, 9]), way);
        let seed_of_tree = Random::part(seed, &[number]).next();
        let tree = grow(seed_of_tree);
        let tree = if matches!(job, Job::Parts(_)) { with_a_large_one(tree, seed_of_tree) } else { tree };
        let old = match job {
            Job::Copy("overwrite") | Job::Parts(_) => older(&tree, seed_of_tree),
            Job::Mirror => older(&tree, seed_of_tree).file("tree/gone", "of no use").file("tree/gone too/file", "neither"),
            Job::Copy(_) => Tree::new(),
        };
        let home = tempfile::Builder::new().prefix("ftpane-soak-").tempdir().unwrap();
        let round = Round { server, proxy, way, seed, number, job, tree, old, home, story: format!("{job:?}\n") };
        std::fs::create_dir(round.remote()).unwrap();
        std::fs::create_dir(round.local()).unwrap();
        round.tree.write_to(&round.source());
        round.old.write_to(&round.target());
        server.own_root();
        round
    }

    fn remote(&self) -> PathBuf {
        self.server.root().join(format!("r{}", self.number))
    }

    fn local(&self) -> PathBuf {
        self.home.path().join("here")
    }

    fn source(&self) -> PathBuf {
        if self.way == Way::Down { self.remote() } else { self.local() }
    }

    fn target(&self) -> PathBuf {
        if self.way == Way::Down { self.local() } else { self.remote() }
    }

    /// Plays it.
    ///
    /// # Panics
    /// When something is reported that is not so, vanishes, or is not there in the end: with the seed and all that happened.
    pub fn play(mut self) {
        let mut random = Random::part(self.seed, &[self.number, 7]);
        for storm in 0..1 + random.below(4) {
            let weather = storm_of(&mut random);
            let kill = Kill::of(&mut random);
            writeln!(self.story, "storm {storm}: {weather:?}, {kill:?}").unwrap();
            self.proxy.set(weather);
            self.go(&kill);
        }
        self.proxy.set(Weather::calm());
        let run = self.go(&Kill::Never);
        self.assert(run.code == Some(0), "without faults it must end well");
        // The directories stay: pyftpdlib's working directory is its process's, and one that is gone ends every session there.
        empty(&self.remote());
    }

    /// One run, from the beginning or going on, and what must hold behind it.
    fn go(&mut self, kill: &Kill) -> Run {
        let words = self.next_words();
        let before = Tree::read(&self.target());
        let proxy = self.proxy;
        let run = Program::within(self.home.path()).run_until(&words, |so_far| kill.is_due(so_far, proxy.figures()));
        writeln!(self.story, "{run:#?}\n{}", self.proxy.tally().story()).unwrap();
        for report in run.reports.iter().filter(|report| report.promises()) {
            let target = report.target.as_ref().expect("a target");
            let path = self.below(target);
            let there = std::fs::read(self.target().join(&path)).unwrap_or_default();
            let right = there == self.tree.bytes(&path);
            self.assert(right, &format!("{} was reported {} and is wrong: {} bytes", path.display(), report.state, there.len()));
        }
        let queued = self.is_queued();
        let after = Tree::read(&self.target());
        self.assert_unharmed(&after);
        if run.code == Some(0) {
            self.assert_complete(&after);
            self.assert(!queued, "all is done, and the journal still holds something open");
        }
        if run.code.is_none() && !queued && !self.tree.difference(&after, false).is_empty() {
            // It was killed before anything was put down, so nothing may have begun.
            let difference = before.difference(&after, false);
            self.assert(difference.is_empty(), &format!("what was begun is not in the journal:\n{difference}"));
        }
        run
    }

    /// What a person would type next: to go on with what the journal holds, or to copy; again where some of it has failed.
    fn next_words(&self) -> Vec<String> {
        if self.is_queued() {
            // What else was said is kept with it.
            return ["queue", "--resume", "--retries", "2"].map(str::to_owned).to_vec();
        }
        let lanes = (1 + Random::part(self.seed, &[self.number, 8]).below(8)).to_string();
        let url = |path: &str| self.proxy.url(self.server, &format!("r{}/{path}", self.number));
        let has_failed = self.story.contains("code: Some");
        let rule = match self.job {
            Job::Copy("overwrite") | Job::Parts(_) if has_failed && self.old.paths().is_empty() => "resume",
            Job::Copy(rule) => rule,
            Job::Parts(_) | Job::Mirror => "overwrite",
        };
        let existing = format!("--existing={rule}");
        let parts = if let Job::Parts(parts) = self.job { parts } else { 1 }.to_string();
        match (self.job, self.way) {
            (Job::Mirror, Way::Down) => self.words(&["mirror", "--delete", "-j", &lanes, &url("tree"), "here/tree"]),
            (Job::Mirror, Way::Up) => self.words(&["mirror", "--delete", "-j", &lanes, "here/tree", &url("tree")]),
            (Job::Parts(_), Way::Down) => self.words(&["get", "-r", "-j", &lanes, "--segments", &parts, &existing, &url("tree"), "here"]),
            (_, Way::Down) => self.words(&["get", "-r", "-j", &lanes, &existing, &url("tree"), "here"]),
            (_, Way::Up) => self.words(&["put", "-r", "-j", &lanes, &existing, "here/tree", &url("")]),
        }
    }

    /// What a report's target is in the tree.
    fn below(&self, target: &Path) -> PathBuf {
        let root = match self.way {
            Way::Down => self.local(),
            Way::Up => PathBuf::from(format!("/r{}", self.number)),
        };
        match target.strip_prefix(&root) {
            Ok(path) => path.to_path_buf(),
            Err(_) => panic!("{} is not below {}\n{}", target.display(), root.display(), self.story),
        }
    }

    fn words(&self, words: &[&str]) -> Vec<String> {
        let patience = ["--timeout", "1", "--retries", "2", "--mode", "passive"];
        words.iter().chain(&patience).map(|&word| word.to_owned()).collect()
    }

    /// Whether anything is in the journal that goes on.
    fn is_queued(&self) -> bool {
        !Program::within(self.home.path()).queue().is_empty()
    }

    /// Whatever was at the target before is there, or is what replaces it: nothing is lost on the way.
    fn assert_unharmed(&self, there: &Tree) {
        for path in files(&self.old) {
            let is_wanted = self.tree.get(path).is_some();
            let now = there.get(path).map(|_| there.bytes(path));
            let is_old = now == Some(self.old.bytes(path));
            let is_new = if is_wanted { now == Some(self.tree.bytes(path)) } else { now.is_none() };
            self.assert(is_old || is_new, &format!("{} was there before and is neither old nor new", path.display()));
        }
    }

    fn assert_complete(&self, there: &Tree) {
        let difference = self.tree.difference(there, false);
        self.assert(difference.is_empty(), &format!("{} files were to arrive:\n{difference}", files(&self.tree).len()));
    }

    #[track_caller]
    fn assert(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{what}\n--- round {} of seed {}, {:?}, {} (FTPANE_SOAK_SEED={} FTPANE_SOAK_ROUND={})\n{}\n{}",
            self.number,
            self.seed,
            self.way,
            self.server.kind.name(),
            self.seed,
            self.number,
            self.story,
            self.server.log_end()
        );
    }
}

/// Removes all files below a directory.
fn empty(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            empty(&entry.path());
        } else {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
enum Kill {
    Never,
    /// Once so many bytes have moved on data connections.
    Bytes(u64),
    /// Once so many connections were made.
    Connections(u64),
    /// After so long.
    Time(Duration),
}

impl Kill {
    fn of(random: &mut Random) -> Kill {
        match random.below(5) {
            0 => Kill::Never,
            1 | 2 => Kill::Bytes(random.scaled(1, 6 << 20)),
            3 => Kill::Connections(random.scaled(1, 40)),
            _ => Kill::Time(Duration::from_millis(random.scaled(10, 2_000))),
        }
    }

    fn is_due(self, so_far: Duration, (bytes, connections): (u64, u64)) -> bool {
        match self {
            Kill::Never => false,
            Kill::Bytes(most) => bytes >= most,
            Kill::Connections(most) => connections >= most,
            Kill::Time(most) => so_far >= most,
        }
    }
}

fn storm_of(random: &mut Random) -> Weather {
    let per_mib = if random.percent(50) { random.unit() } else { 0.0 };
    let percent = random.below(30) as u32;
    Weather { stall: Duration::from_secs(2), whole: LISTING, ..Weather::stormy(random.next(), percent, per_mib) }
}
