//! What a program starts with: size, arguments, environment, home.

use super::{Screen, Shared, State};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

/// A program that is going to be started in a terminal.
pub struct Builder {
    cols: u16,
    rows: u16,
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    home: Option<PathBuf>,
    cwd: Option<PathBuf>,
}

impl Builder {
    /// The ftpane of this build.
    pub fn ftpane(cols: u16, rows: u16) -> Builder {
        Builder::program(cols, rows, env!("CARGO_BIN_EXE_ftpane"))
    }

    /// Any program.
    pub fn program(cols: u16, rows: u16, program: impl AsRef<OsStr>) -> Builder {
        Builder { cols, rows, program: program.as_ref().to_owned(), args: Vec::new(), env: Vec::new(), home: None, cwd: None }
    }

    /// With more arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, args: &[A]) -> Builder {
        self.args.extend(args.iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// With a variable in the environment, over the ones set here.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Builder {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// With this HOME, which outlives the run, instead of a fresh one: to start again where a run ended.
    pub fn home(mut self, home: &Path) -> Builder {
        self.home = Some(home.to_owned());
        self
    }

    /// In this directory instead of the home.
    pub fn cwd(mut self, dir: &Path) -> Builder {
        self.cwd = Some(dir.to_owned());
        self
    }

    /// Starts it.
    pub fn start(self) -> Screen {
        let (own_home, home) = match &self.home {
            Some(home) => (None, home.clone()),
            None => {
                let dir = tempfile::Builder::new().prefix("ftpane-home-").tempdir().unwrap();
                let path = dir.path().to_owned();
                (Some(dir), path)
            }
        };
        let size = PtySize { rows: self.rows, cols: self.cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo terminal");
        let child = pair.slave.spawn_command(self.command(&home)).expect("the program starts");
        // The last handle of ours on the program's side: without it, the end can be read.
        drop(pair.slave);
        let writer = pair.master.take_writer().expect("a writer");
        let reader = pair.master.try_clone_reader().expect("a reader");
        let state = State { parser: vt100::Parser::new(self.rows, self.cols, 0), raw: Vec::new(), closed: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), writer: Mutex::new(writer) });
        Screen::read_on(Arc::clone(&shared), reader);
        Screen { shared, master: pair.master, child, home, _own_home: own_home }
    }

    fn command(&self, home: &Path) -> CommandBuilder {
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.args);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        command.env("SHELL", "/bin/sh");
        for (name, below) in [
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_RUNTIME_DIR", ".run"),
            ("TMPDIR", ".tmp"),
        ] {
            let dir = home.join(below);
            fs::create_dir_all(&dir).unwrap();
            command.env(name, dir);
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command.cwd(self.cwd.as_deref().unwrap_or(home));
        command
    }
}
