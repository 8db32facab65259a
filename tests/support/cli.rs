//! The program without a screen, run to its end: what it said, and the servers that it is tried against.
//!
//! ```ignore
//! each(|server, _, url| {
//!     let here = tempfile::tempdir().unwrap();
//!     let assert = ftpane(here.path(), &["get", &url("/a.txt")]).code(0);
//!     assert!(err(&assert).is_empty(), "{server}");
//! });
//! ```

use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use ftpane::demo;

use super::servers::{self, Kind};
use super::wait::DEADLINE;

/// The program's path.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_ftpane");

/// Runs it in a directory, with a home below that and nothing of this person's environment.
pub fn ftpane(dir: &Path, args: &[&str]) -> Assert {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", dir.join("home")).current_dir(dir).args(args).timeout(DEADLINE).assert()
}

/// Its standard output.
pub fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// Its standard error.
pub fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// The objects of a run with `--json`, one a line.
pub fn objects(assert: &Assert) -> Vec<serde_json::Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    out(assert).lines().map(line).collect()
}

/// The last object of a run with `--json`.
pub fn summary(assert: &Assert) -> serde_json::Value {
    objects(assert).pop().unwrap_or_else(|| panic!("{}", err(assert)))
}

/// The URL, with the password and without a slash at its end, of what the embedded server serves.
pub fn base(server: &demo::Server) -> String {
    server.url().trim_end_matches('/').to_owned()
}

/// The embedded server, and each real one that is installed: its name, its root, and the URL, with the password, of a path.
pub fn each(mut test: impl FnMut(&str, &Path, &dyn Fn(&str) -> String)) {
    let root = tempfile::tempdir().unwrap();
    let server = demo::serve(root.path()).unwrap();
    let base = base(&server);
    test("embedded", root.path(), &|path| format!("{base}{path}"));
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.start();
        test(kind.name(), &server.root(), &|path| server.url_with_password(path));
    }
}
