//! A home of its own, the program in it, a server with one password, and a search of all that was written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use crate::support::cli::PROGRAM;
use crate::support::pty::Builder;
use crate::support::script::ScriptServer;
use crate::support::wait::DEADLINE;

/// Long enough not to be found by chance.
pub const PASSWORD: &str = "Geheimnis-7351";

/// A server that lets in whoever knows the password, has one file, and repeats the password where it can.
pub fn server() -> ScriptServer {
    ScriptServer::play_text(&format!(
        "include rules-hostile.ftp\n\
         on PASS {PASSWORD} -> 230 Welcome, {PASSWORD}\n\
         on PASS * -> 530 No\n\
         on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; a.txt\\r\\n\"\n    data fin\n    S: 226 done\n\
         on RNFR * -> 350 to what?\n\
         on RNTO * -> 250 done\n\
         on STOR *:\n    S: 150 give\n    data recv\n    S: 226 Got it, {PASSWORD}\n\
         S: 220 Ready\nserve\n"
    ))
}

/// `ftp://` without a password.
pub fn url(server: &ScriptServer, path: &str) -> String {
    format!("ftp://tester@{}/{path}", server.addr())
}

pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// With the directories that the program has in a terminal.
    pub fn ftpane(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join(".config"))
            .env("XDG_STATE_HOME", self.path().join(".local/state"))
            .current_dir(self.path())
            .args(args)
            .timeout(DEADLINE);
        command
    }

    pub fn terminal(&self, args: &[&str]) -> Builder {
        Builder::ftpane(80, 24).args(args).home(self.path())
    }

    /// A file that only its owner can read.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Every file below it, with its content.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut todo = vec![self.path().to_owned()];
        let mut files = Vec::new();
        while let Some(dir) = todo.pop() {
            for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    todo.push(path);
                } else if path.is_file() {
                    let content = fs::read(&path).unwrap();
                    files.push((path, content));
                }
            }
        }
        files
    }

    /// # Panics
    /// When a file other than these holds the password.
    pub fn assert_holds_none(&self, but: &[&str], what: &str) {
        let files = self.files();
        assert!(!files.is_empty(), "{what}: there is nothing to search");
        for (path, content) in files.iter().filter(|(path, _)| !but.iter().any(|but| path.ends_with(but))) {
            assert!(!holds(content), "{what}: {} holds the password", path.display());
        }
    }
}

pub fn holds(bytes: &[u8]) -> bool {
    bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes())
}
