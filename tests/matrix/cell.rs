//! One cell: what its operation has to work with, and what came of it.

use crate::client::{self, WireLog, listing};
use crate::plan::{Cell, Operation, Plan};
use crate::serving::Serving;
use crate::support::cli::PROGRAM;
use crate::support::tree::Tree;
use crate::{copies, edits, large, names, probe};
use assert_cmd::Command;
use ftpane::model::percent;
use ftpane::model::site::TlsPolicy;
use ftpane::model::{DataMode, VPath};
use ftpane::volume::Volume as _;
use ftpane::volume::ftp::FtpVolume;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;
use tempfile::TempDir;

/// The commands that make data connections.
const WAYS: [&str; 4] = ["PASV", "EPSV", "PORT", "EPRT"];

/// What an operation works with: a directory of its own on the server and here.
pub struct Bench<'a> {
    pub operation: &'a Operation,
    pub serving: &'a Serving,
    data: &'a str,
    dir: String,
    here: TempDir,
    logs: RefCell<Vec<WireLog>>,
}

/// Tries a cell. Answers with the place in `not` of why it cannot be, where it cannot; an error is a failure, told in full.
pub fn try_cell(plan: &Plan, serving: &Serving, cell: &Cell, number: usize) -> Result<Option<usize>, String> {
    let operation = plan.operation_of(cell);
    let bench = Bench::new(serving, operation, &cell.data, number);
    let outcome = caught(|| bench.run());
    let outcome = outcome.and_then(|()| bench.went_its_way());
    let said = bench.said();
    bench.clear();
    let failed = |why: String| Err(format!("{}: {why}\n{said}\n{}", cell.name(), serving.log()));
    match (plan.not_of(cell), outcome) {
        (None, Ok(())) => Ok(None),
        (None, Err(why)) => failed(why),
        (Some(index), Ok(())) => failed(format!("it works, although it is said that it cannot: {:?}", plan.not[index])),
        (Some(index), Err(why)) => {
            let not = &plan.not[index];
            let received: Vec<String> = match &not.ask {
                Some(line) => probe::ask(serving.addr(), serving.security(), line),
                None => said.lines().filter_map(|line| line.split_once("< ")).map(|(_, line)| line.to_owned()).collect(),
            };
            if received.iter().any(|line| not.is_said_in(line)) {
                return Ok(Some(index));
            }
            failed(format!("it fails, and the server does not say “{}”, but {received:#?}: {why}", not.reply))
        }
    }
}

thread_local! {
    /// What an operation stopped at, while one is tried on this thread.
    static STOPPED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs an operation, which says that something does not hold by stopping. That may be just what is expected, so nothing is printed.
fn caught(operation: impl FnOnce()) -> Result<(), String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = format!("{} ({})", info.payload_as_str().unwrap_or_default(), info.location().unwrap());
            let is_kept = STOPPED.with_borrow_mut(|stopped| stopped.as_mut().map(|stopped| *stopped = text)).is_some();
            if !is_kept {
                usual(info);
            }
        }));
    });
    STOPPED.set(Some(String::new()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(operation));
    let stopped = STOPPED.take().unwrap_or_default();
    outcome.map_err(|_| stopped)
}

impl<'a> Bench<'a> {
    fn new(serving: &'a Serving, operation: &'a Operation, data: &'a str, number: usize) -> Self {
        let here = tempfile::tempdir().unwrap();
        let bench = Bench { operation, serving, data, dir: format!("cell {number}"), here, logs: RefCell::default() };
        fs::create_dir(bench.there("")).unwrap();
        serving.own(&bench.there(""));
        bench.prepare_home();
        bench
    }

    /// What ftpane knows of the server before it meets it: which command to make data connections by.
    fn prepare_home(&self) {
        let home = self.here("home/.config/ftpane");
        fs::create_dir_all(&home).unwrap();
        fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).unwrap();
        let site = self.serving.site(self.data);
        let facts = format!("no_epsv = {}, lacks = {:?}", site.learnt.no_epsv, site.learnt.lacks);
        fs::write(home.join("servers.toml"), format!("[[server]]\naddress = {:?}\nfacts = {{ {facts} }}\n", site.address())).unwrap();
    }

    fn run(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        match self.operation.does.as_str() {
            "list" => runtime.block_on(edits::list(self)),
            "get" => copies::get(self),
            "put" => copies::put(self),
            "resume download" => copies::resume_download(self),
            "resume upload" => copies::resume_upload(self),
            "rename" => runtime.block_on(edits::rename(self)),
            "delete" => runtime.block_on(edits::delete(self)),
            "mkdir" => runtime.block_on(edits::make_dir(self)),
            "chmod" => runtime.block_on(edits::set_mode(self)),
            "set time" => runtime.block_on(edits::set_time(self)),
            "read time" => runtime.block_on(edits::read_time(self)),
            "names" => runtime.block_on(names::names(self)),
            "entries" => runtime.block_on(large::entries(self)),
            "large" => large::file(self),
            other => panic!("nothing does “{other}”"),
        }
    }

    /// A path in the cell's directory on the server's disk.
    pub fn there(&self, path: &str) -> PathBuf {
        self.serving.root().join(&self.dir).join(path)
    }

    /// A path in the cell's directory here.
    pub fn here(&self, path: &str) -> PathBuf {
        self.here.path().join(path)
    }

    /// Puts a tree into the cell's directory on the server.
    pub fn fill(&self, tree: &Tree) {
        tree.write_to(&self.there(""));
        self.serving.own(&self.there(""));
    }

    /// Opens a session and lists the cell's directory, so that a data connection was made whatever else is done.
    pub async fn open(&self) -> FtpVolume {
        let (opened, log) = client::try_open(&self.serving.site(self.data), Some("secret")).await;
        self.logs.borrow_mut().push(log);
        let mut volume = opened.unwrap_or_else(|failure| panic!("{failure}"));
        let dir = self.path(&volume, "");
        listing(&mut volume, &dir).await.unwrap_or_else(|failure| panic!("{failure}"));
        volume
    }

    /// The cell's directory, or something in it, as a session calls it.
    pub fn path(&self, volume: &FtpVolume, name: impl AsRef<[u8]>) -> VPath {
        let dir = volume.opened().home.clone().unwrap().resolve(self.dir.as_bytes()).unwrap();
        dir.resolve(name.as_ref()).unwrap()
    }

    /// The URL of something in the cell's directory.
    pub fn url(&self, path: &str) -> String {
        let path = percent::encode(format!("{}/{path}", self.dir).as_bytes(), b"/");
        format!("ftp://tester:secret@{}/{path}", self.serving.addr())
    }

    /// Runs the program here, which must do what it is told in so many seconds.
    pub fn ftpane(&self, args: &[&str], seconds: u64) {
        let site = self.serving.site(self.data);
        let tls = match site.tls {
            TlsPolicy::Off => "off",
            TlsPolicy::Implicit => "implicit",
            TlsPolicy::Required | TlsPolicy::Auto => "required",
        };
        let mode = if site.mode == DataMode::Passive { "passive" } else { "active" };
        let mut options = vec!["--tls", tls, "--mode", mode, "--timeout", "20", "--retries", "0", "--log", "log"];
        let roots = site.secured.roots.map(|roots| roots.display().to_string());
        if let Some(roots) = &roots {
            options.extend(["--cacert", roots]);
        }
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("HOME", self.here("home")).current_dir(self.here("")).args(args).args(options);
        let output = command.timeout(Duration::from_secs(seconds)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ftpane {args:?}: {} {said}", output.status);
    }

    /// The dialogues, the program's too.
    pub fn said(&self) -> String {
        let logs: String = self.logs.borrow().iter().map(WireLog::text).collect();
        logs + &fs::read_to_string(self.here("log")).unwrap_or_default()
    }

    /// Whether data connections were made by the command they were to be made by, and by no other.
    fn went_its_way(&self) -> Result<(), String> {
        let said = self.said();
        let sent = said.lines().filter_map(|line| line.split_once("> ")).filter_map(|(_, line)| line.split(' ').next());
        let ways: BTreeSet<&str> = sent.filter(|verb| WAYS.contains(verb)).collect();
        if ways == BTreeSet::from([self.data]) { Ok(()) } else { Err(format!("data connections were asked for by {ways:?}")) }
    }

    /// What a cell of gigabytes leaves behind is not kept until the server ends.
    fn clear(&self) {
        fs::remove_dir_all(self.there("")).unwrap();
    }
}
