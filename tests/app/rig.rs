//! An app with the local disk on the left and a server on the right, and short words to speak to it.

use std::path::PathBuf;

use ftpane::app::hit::Hit;
use ftpane::app::key::Key;
use ftpane::app::msg::{Mouse, MouseKind, Resolved, SitesLoaded};
use ftpane::app::secrets::{SecretNews, SecretOrder};
use ftpane::app::{App, Dialog, Effect, Msg, Pane, PaneSide, Preferences, Row, Screen, Start, StartUp, keymap, update};
use ftpane::bus::{BrowseOp, Command, ConnectionEvent, Event, ListingPart, Opened, Outcome};
use ftpane::model::opened::{Abilities, Encrypted, Trusted};
use ftpane::model::site::VolumeSpec;
use ftpane::model::{ConnectionId, Entry, Failure, Kind, Name, RequestId, Site, Timestamp, TlsVersion, VPath};

pub use PaneSide::{Left, Right};

pub struct Rig {
    pub app: App,
    pub effects: Vec<Effect>,
    /// Whether passwords are kept: else a search for one finds nothing at once.
    pub keeps: bool,
}

pub fn path(text: &str) -> VPath {
    VPath::parse(text.as_bytes()).unwrap()
}

pub fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

/// `a/` is a directory, `a@` a link, `a=12` a file of 12 bytes.
pub fn entry(text: &str) -> Entry {
    if let Some(dir) = text.strip_suffix('/') {
        return Entry::new(name(dir), Kind::Dir);
    }
    if let Some(link) = text.strip_suffix('@') {
        return Entry::new(name(link), Kind::Link);
    }
    let (file, size) = text.split_once('=').unwrap_or((text, "1"));
    let mut entry = Entry::new(name(file), Kind::File);
    entry.size = size.parse().ok();
    entry.modified = Some(Timestamp::exact(1_000_000));
    entry
}

pub fn entries(names: &[&str]) -> Vec<Entry> {
    names.iter().map(|text| entry(text)).collect()
}

pub fn server() -> Site {
    Site { user: Some("alice".into()), ..Site::of_host("example.org") }
}

pub const SCREEN: Screen = Screen { cols: 80, rows: 24, page: 10, panel_page: 5, scroll_most: 0 };

/// Before anything was opened.
pub fn start(left: Start, right: Start) -> Rig {
    start_with(left, right, Preferences::default())
}

pub fn start_with(left: Start, right: Start, preferences: Preferences) -> Rig {
    let sites = SitesLoaded::default();
    let startup = StartUp { left, right, scratch: PathBuf::from("/scratch"), screen: SCREEN, sites, mouse: true, preferences };
    let (app, effects) = App::new(startup);
    Rig { app, effects, keeps: false }
}

/// Both panes open: `/home/me` and `/pub`.
pub fn rig(left: &[&str], right: &[&str]) -> Rig {
    rig_with(left, right, Preferences::default())
}

pub fn rig_with(left: &[&str], right: &[&str], preferences: Preferences) -> Rig {
    let local = Resolved { spec: VolumeSpec::Local, path: Some(path("/home/me")) };
    let remote = Resolved { spec: VolumeSpec::Ftp(Box::new(server()), None), path: None };
    let mut rig = start_with(Start::Volume(local), Start::Volume(remote), preferences);
    rig.open(Left);
    rig.list(Left, left);
    rig.open(Right);
    rig.list(Right, right);
    rig.effects.clear();
    rig
}

impl Rig {
    pub fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg);
        let searched = effects.iter().find_map(|effect| match effect {
            Effect::Secrets(SecretOrder::Find { question, .. }) => Some(*question),
            _ => None,
        });
        self.effects.extend(effects);
        if let Some(question) = searched.filter(|_| !self.keeps) {
            self.send(Msg::Secrets(SecretNews::Found { question, secret: None, note: None }));
        }
    }

    /// What was typed for a pane is found out.
    pub fn resolved(&mut self, side: PaneSide, outcome: Result<Resolved, String>) {
        let request = self.pane(side).resolving.unwrap_or_else(|| panic!("{side:?} waits for nothing typed"));
        self.send(Msg::Resolved(request, outcome));
    }

    pub fn event(&mut self, event: Event) {
        self.send(Msg::Engine(event));
    }

    /// Keys in the table's notation, with blanks between them.
    pub fn keys(&mut self, keys: &str) {
        for word in keys.split_whitespace() {
            let key: Key = keymap::parse(word).unwrap_or_else(|| panic!("no key {word}"));
            self.send(Msg::Key(key));
        }
    }

    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Msg::Key(Key::plain(ftpane::app::KeyCode::Char(c))));
        }
    }

    pub fn time(&mut self, now: u64) {
        self.send(Msg::Time(now));
    }

    pub fn mouse(&mut self, kind: MouseKind, hit: Hit, at: (u16, u16)) {
        self.send(Msg::Mouse(Mouse { kind, hit, at, ctrl: false, shift: false }));
    }

    pub fn pane(&self, side: PaneSide) -> &Pane {
        self.app.pane(side)
    }

    pub fn connection(&self, side: PaneSide) -> ConnectionId {
        self.pane(side).connection.unwrap()
    }

    /// The volume of a pane opens.
    pub fn open(&mut self, side: PaneSide) {
        let connection = self.connection(side);
        let remote = matches!(self.pane(side).spec, Some(VolumeSpec::Ftp(..)));
        let opened = Opened {
            site: remote.then(server),
            start: Some(path("/pub")),
            home: Some(path(if remote { "/" } else { "/home/me" })),
            encrypted: remote.then_some(Encrypted { version: TlsVersion::V13, trusted: Trusted::Authority, resumed: false }),
            can: Abilities { trash: !remote, set_mode: true, ..Abilities::default() },
            ..Opened::default()
        };
        self.event(Event::Connection(connection, ConnectionEvent::Opened(Box::new(opened))));
    }

    /// The listing that a pane waits for arrives whole.
    pub fn list(&mut self, side: PaneSide, names: &[&str]) {
        let request = self.pane(side).loading.unwrap_or_else(|| panic!("{side:?} waits for no listing"));
        self.rows(side, request, entries(names));
        self.listed(side, request);
    }

    pub fn rows(&mut self, side: PaneSide, request: RequestId, rows: Vec<Entry>) {
        let (connection, path, generation) = (self.connection(side), path("/"), self.pane(side).generation);
        self.event(Event::Listed { connection, request, path, generation, part: ListingPart::Rows(rows) });
    }

    pub fn listed(&mut self, side: PaneSide, request: RequestId) {
        let asked = if self.app.requests.contains_key(&request) { self.asked_path(request) } else { VPath::root() };
        self.answer(side, request, Ok(Outcome::Listed { free: None, path: asked }));
    }

    fn asked_path(&self, wanted: RequestId) -> VPath {
        let found = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Engine(Command::Browse { request, op: BrowseOp::List { path, .. }, .. }) if *request == wanted => Some(path.clone()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("nobody asked for {wanted}: {:?}", self.effects))
    }

    pub fn answer(&mut self, side: PaneSide, request: RequestId, outcome: Result<Outcome, Failure>) {
        let connection = self.connection(side);
        self.event(Event::Answered { connection, request, outcome });
    }

    /// The last thing that was asked of a volume.
    pub fn asked(&self) -> (RequestId, BrowseOp) {
        let found = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Engine(Command::Browse { request, op, .. }) => Some((*request, op.clone())),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("nothing was asked: {:?}", self.effects))
    }

    pub fn commands(&self) -> Vec<&Command> {
        self.effects.iter().filter_map(|effect| if let Effect::Engine(command) = effect { Some(command) } else { None }).collect()
    }

    /// What a pane shows, from the top.
    pub fn shown(&self, side: PaneSide) -> Vec<String> {
        let pane = self.pane(side);
        (0..pane.row_count())
            .filter_map(|row| match pane.row(row)? {
                Row::Parent => Some("..".to_owned()),
                Row::Entry(entry) => Some(String::from_utf8_lossy(entry.name.as_bytes()).into_owned()),
                Row::Unparsed(raw) => Some(format!("?{}", String::from_utf8_lossy(raw))),
            })
            .collect()
    }

    pub fn under_cursor(&self) -> String {
        let pane = self.app.pane(self.app.focus);
        self.shown(self.app.focus).get(pane.cursor).cloned().unwrap_or_default()
    }

    pub fn dialog(&self) -> &Dialog {
        self.app.dialogs.last().expect("a dialog is open")
    }

    pub fn toast(&self) -> &str {
        self.app.toast.as_ref().map(|toast| toast.text.as_str()).unwrap_or_default()
    }
}
