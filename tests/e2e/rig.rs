//! A session as a person has it: the program in a terminal, the local disk in the left pane, a server in the right one.
//!
//! Guarantee: everything waits on what the screen or the disk shows. A test that fails shows the screen and the end of the wire log.

use std::fs;
use std::path::{Path, PathBuf};

use ftpane::demo;
use tempfile::TempDir;

use crate::support::pty::{Builder, Key, Screen, View};
use crate::support::servers::{self, Kind, Server};
use crate::support::tree::Tree;
use crate::support::wait::wait_for;

pub const SMALL: (u16, u16) = (80, 24);
pub const LARGE: (u16, u16) = (120, 40);

/// Who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Vsftpd,
    Proftpd,
    PureFtpd,
    Pyftpdlib,
    Embedded,
}

impl Who {
    fn real(self) -> Option<Kind> {
        match self {
            Who::Vsftpd => Some(Kind::Vsftpd),
            Who::Proftpd => Some(Kind::Proftpd),
            Who::PureFtpd => Some(Kind::PureFtpd),
            Who::Pyftpdlib => Some(Kind::Pyftpdlib),
            Who::Embedded => None,
        }
    }

    /// Whether a file's time can be set on it: the embedded one knows neither MFMT nor MDTM with a time.
    pub fn sets_times(self) -> bool {
        self != Who::Embedded
    }
}

/// One test a server: the same story on each. The story gets who serves, and is left out where that server is not installed.
macro_rules! on_each_server {
    ($(#[$about:meta])* fn $name:ident($who:ident) $story:block) => {
        mod $name {
            use super::*;
            fn story($who: $crate::rig::Who) $story
            #[test]
            fn vsftpd() { story($crate::rig::Who::Vsftpd); }
            #[test]
            fn proftpd() { story($crate::rig::Who::Proftpd); }
            #[test]
            fn pure_ftpd() { story($crate::rig::Who::PureFtpd); }
            #[test]
            fn pyftpdlib() { story($crate::rig::Who::Pyftpdlib); }
            #[test]
            fn embedded() { story($crate::rig::Who::Embedded); }
        }
    };
}

/// A server with a directory of its own.
pub struct Served {
    pub user: String,
    pub password: String,
    kind: Running,
}

enum Running {
    Real(Box<Server>),
    Embedded { server: demo::Server, root: TempDir },
}

impl Served {
    /// Starts one with these files; `None` where it is not installed.
    pub fn start(who: Who, files: &Tree) -> Option<Served> {
        let Some(kind) = who.real() else {
            let root = tempfile::tempdir().unwrap();
            files.write_to(root.path());
            let server = demo::serve(root.path()).unwrap();
            return Some(Served { user: demo::USER.into(), password: demo::PASSWORD.into(), kind: Running::Embedded { server, root } });
        };
        let server = servers::start(kind)?;
        server.fill(files);
        Some(Served { user: server.user.clone(), password: server.password.clone(), kind: Running::Real(Box::new(server)) })
    }

    pub fn port(&self) -> u16 {
        match &self.kind {
            Running::Real(server) => server.port(),
            Running::Embedded { server, .. } => server.port(),
        }
    }

    pub fn root(&self) -> PathBuf {
        match &self.kind {
            Running::Real(server) => server.root(),
            Running::Embedded { root, .. } => root.path().to_owned(),
        }
    }

    /// The URL with the password in it.
    pub fn url(&self, path: &str) -> String {
        format!("ftp://{}:{}@127.0.0.1:{}/{path}", self.user, self.password, self.port())
    }

    /// The URL without the password.
    pub fn open_url(&self, path: &str) -> String {
        format!("ftp://{}@127.0.0.1:{}/{path}", self.user, self.port())
    }

    /// More files, or others in place of those.
    pub fn fill(&self, files: &Tree) {
        files.write_to(&self.root());
        if let Running::Real(server) = &self.kind {
            server.own_root();
        }
    }

    /// The process of its own that can be ended and started again.
    pub fn real(&mut self) -> &mut Server {
        match &mut self.kind {
            Running::Real(server) => server,
            Running::Embedded { .. } => panic!("the embedded server is no process"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}
pub use Side::{Left, Right};

/// The program, and what lies around it.
pub struct Session {
    pub screen: Screen,
    pub served: Served,
    /// Holds the home and the local files.
    pub around: TempDir,
}

/// How a session is opened.
pub struct Opening {
    who: Who,
    size: (u16, u16),
    local: Tree,
    remote: Tree,
    path: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    settings: Option<String>,
}

impl Opening {
    pub fn new(who: Who) -> Opening {
        Opening {
            who,
            size: SMALL,
            local: Tree::new(),
            remote: Tree::new(),
            path: String::new(),
            args: Vec::new(),
            env: Vec::new(),
            settings: None,
        }
    }

    pub fn size(self, size: (u16, u16)) -> Opening {
        Opening { size, ..self }
    }

    pub fn local(self, local: Tree) -> Opening {
        Opening { local, ..self }
    }

    pub fn remote(self, remote: Tree) -> Opening {
        Opening { remote, ..self }
    }

    /// The path of the URL.
    pub fn path(self, path: &str) -> Opening {
        Opening { path: path.to_owned(), ..self }
    }

    /// What config.toml holds.
    pub fn settings(self, text: &str) -> Opening {
        Opening { settings: Some(text.to_owned()), ..self }
    }

    pub fn arg(mut self, arg: &str) -> Opening {
        self.args.push(arg.to_owned());
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Opening {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts the server and the program, and waits until both panes show their directories. `None` where the server is not installed.
    pub fn open(self) -> Option<Session> {
        let served = Served::start(self.who, &self.remote)?;
        let around = tempfile::Builder::new().prefix("ftpane-e2e-").tempdir().unwrap();
        let local = around.path().join("local");
        fs::create_dir(&local).unwrap();
        self.local.write_to(&local);
        if let Some(text) = &self.settings {
            let config = around.path().join("home/.config/ftpane");
            fs::create_dir_all(&config).unwrap();
            fs::write(config.join("config.toml"), text).unwrap();
        }
        let mut builder = program(around.path(), self.size).args(&self.args).args(&[served.url(&self.path)]);
        for (name, value) in &self.env {
            builder = builder.env(name, value);
        }
        let session = Session { screen: builder.start(), served, around };
        session.ready();
        Some(session)
    }
}

/// The program at home in `around`, in its directory `local`, with a wire log.
pub fn program(around: &Path, (cols, rows): (u16, u16)) -> Builder {
    let home = around.join("home");
    fs::create_dir_all(&home).unwrap();
    Builder::ftpane(cols, rows).home(&home).cwd(&around.join("local")).args(&["--log".as_ref(), around.join("wire.log").as_os_str()])
}

/// Opens a session, or ends the test where the server is not installed.
macro_rules! open {
    ($opening:expr) => {
        match $opening.open() {
            Some(session) => session,
            None => return,
        }
    };
}

impl Session {
    pub fn local(&self) -> PathBuf {
        self.around.path().join("local")
    }

    pub fn remote(&self) -> PathBuf {
        self.served.root()
    }

    /// What `ftpane` keeps of its configuration.
    pub fn config(&self, name: &str) -> PathBuf {
        self.around.path().join("home/.config/ftpane").join(name)
    }

    /// The wire log.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.around.path().join("wire.log")).unwrap_or_default()).into_owned()
    }

    /// Waits until both panes show a directory whole.
    pub fn ready(&self) {
        self.screen.wait_for("both panes to show a directory", |view| {
            [Left, Right].iter().all(|&side| {
                let foot = side.foot(view);
                (foot.contains("entr") || foot.contains("marked") || foot.contains("empty")) && !foot.contains("reading")
            })
        });
    }

    /// Makes a file of the server so long, without content, and lists it anew until it is shown so.
    pub fn lengthen(&self, name: &str, length: u64, shown: &str) -> fs::File {
        let file = fs::File::options().write(true).create(true).truncate(false).open(self.remote().join(name)).unwrap();
        file.set_len(length).unwrap();
        self.focus(Right);
        self.screen.ctrl('r');
        self.wait_in(Right, shown);
        file
    }

    /// Gives the keys to a side.
    pub fn focus(&self, side: Side) {
        if !side.focused(&self.screen.view()) {
            self.screen.key(Key::Tab);
            self.screen.wait_for("the other pane to have the keys", |view| side.focused(view));
        }
    }

    /// Puts the cursor on an entry by the keys.
    pub fn cursor_on(&self, side: Side, name: &str) {
        self.focus(side);
        self.screen.key(Key::Home);
        let row = self.row_of(side, name);
        for _ in FIRST_ROW..row {
            self.screen.key(Key::Down);
        }
        self.wait_cursor(side, name);
    }

    /// Waits until the cursor of a side is on an entry.
    pub fn wait_cursor(&self, side: Side, name: &str) {
        self.screen.wait_for(&format!("the cursor on {name}"), |view| side.cursor(view).is_some_and(|under| under == name));
    }

    /// Waits until a side shows an entry, and says in which row of the screen.
    pub fn row_of(&self, side: Side, name: &str) -> u16 {
        self.screen.wait_for(&format!("{name} in the {side:?} pane"), |view| side.row(view, name).is_some());
        side.row(&self.screen.view(), name).unwrap_or_else(|| panic!("{name} went again:\n{}", self.screen.view().framed()))
    }

    /// Waits until a side shows no such entry.
    pub fn wait_no(&self, side: Side, name: &str) {
        self.screen.wait_for(&format!("no {name} in the {side:?} pane"), |view| side.row(view, name).is_none());
    }

    /// Waits for a text in a side.
    pub fn wait_in(&self, side: Side, text: &str) {
        self.screen.wait_for(&format!("“{text}” in the {side:?} pane"), |view| side.text(view).contains(text));
    }

    /// Waits for a text in a side's title.
    pub fn wait_title(&self, side: Side, text: &str) {
        self.screen.wait_for(&format!("“{text}” in the title"), |view| side.part(view, 0).contains(text));
    }

    /// Waits until nothing moves any more.
    pub fn idle(&self) {
        self.screen.wait_for("the transfers to end", |view| {
            let strip = view.row(view.size().1 - 2);
            !["↑", "↓", "→", "⇄", "looking", "preparing"].iter().any(|sign| strip.trim_start().starts_with(sign))
        });
    }

    /// Waits until a side shows these names in this order.
    pub fn wait_names(&self, side: Side, names: &[&str]) {
        self.screen.wait_for(&format!("the names {names:?} in the {side:?} pane"), |view| side.names(view) == names);
    }

    /// Where an entry's name begins on the screen.
    pub fn cell(&self, side: Side, name: &str) -> (u16, u16) {
        let row = self.row_of(side, name);
        (side.columns(&self.screen.view()).0 + 3, row)
    }

    /// Types into the line of a dialog that proposes something, in its place.
    pub fn fill_in(&self, text: &str) {
        self.screen.ctrl('u');
        self.screen.keys(text);
        self.screen.key(Key::Enter);
    }

    /// Ends the program by its key, and sees that it ends well.
    pub fn quit(&mut self) {
        self.screen.key(Key::F(10));
        let status = self.screen.wait_exit();
        assert!(status.success(), "{status:?}\n{}", self.screen.view().framed());
        assert_eq!(self.screen.view().leftovers(), Vec::<&str>::new());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(6_000).map_or(0, |(at, _)| at);
            eprintln!("--- the end of the wire log\n{}", &log[from..]);
        }
    }
}

/// The row of the screen below title and header.
pub const FIRST_ROW: u16 = 2;

impl Side {
    /// Its first column and the one behind its last.
    pub fn columns(self, view: &View) -> (u16, u16) {
        let cols = view.size().0;
        match self {
            Left => (0, cols / 2),
            Right => (cols / 2, cols),
        }
    }

    pub fn part(self, view: &View, row: u16) -> String {
        let (from, to) = self.columns(view);
        view.part(row, from, to)
    }

    pub fn text(self, view: &View) -> String {
        (0..view.size().1).map(|row| self.part(view, row) + "\n").collect()
    }

    /// The row of its lower border: where a panel is open that is not at the bottom.
    fn bottom(self, view: &View) -> Option<u16> {
        (FIRST_ROW..view.size().1).find(|&row| self.part(view, row).starts_with(['└', '┗']))
    }

    pub fn foot(self, view: &View) -> String {
        self.bottom(view).map(|row| self.part(view, row)).unwrap_or_default()
    }

    pub fn focused(self, view: &View) -> bool {
        self.part(view, 0).starts_with('┏')
    }

    /// A row's entry: the name without sign and columns.
    fn name(self, view: &View, row: u16) -> Option<String> {
        let part: String = self.part(view, row).chars().skip(2).collect();
        let name = part.split("  ").next()?.trim_end_matches(['│', '┃', ' ']);
        let name = name.split(" → ").next()?.trim_end_matches(['/', '@']);
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn rows(self, view: &View) -> std::ops::Range<u16> {
        FIRST_ROW..self.bottom(view).unwrap_or(FIRST_ROW)
    }

    pub fn row(self, view: &View, name: &str) -> Option<u16> {
        self.rows(view).find(|&row| self.name(view, row).is_some_and(|shown| shown == name))
    }

    /// The names that it shows, from top to bottom, without `..`.
    pub fn names(self, view: &View) -> Vec<String> {
        self.rows(view).filter_map(|row| self.name(view, row)).filter(|name| name != "..").collect()
    }

    /// What the cursor is on: the row that is shown in reverse or has the bar.
    pub fn cursor(self, view: &View) -> Option<String> {
        let (from, to) = self.columns(view);
        let row = self.rows(view).find(|&row| {
            let cell = view.cell(to - 2, row);
            cell.inverse() || cell.bgcolor() != vt100::Color::Default || view.part(row, from + 1, from + 2) == "▌"
        });
        row.and_then(|row| self.name(view, row))
    }

    /// Whether an entry is marked.
    pub fn marked(self, view: &View, name: &str) -> bool {
        self.row(view, name).is_some_and(|row| self.part(view, row).chars().nth(1) == Some('*'))
    }
}

/// Waits until a file has these bytes.
pub fn wait_bytes(path: &Path, bytes: &[u8]) {
    wait_for(&format!("{} with {} bytes", path.display(), bytes.len()), || fs::read(path).is_ok_and(|read| read == bytes));
}

/// Waits until a directory holds this tree and nothing else.
pub fn wait_tree(root: &Path, tree: &Tree) {
    let end = std::time::Instant::now() + crate::support::wait::DEADLINE;
    loop {
        let difference = tree.difference(&Tree::read(root), true);
        if difference.is_empty() {
            return;
        }
        assert!(std::time::Instant::now() < end, "{} differs:\n{difference}", root.display());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
