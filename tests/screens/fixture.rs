//! Hand-made states, and a screen to draw them on.

use ftpane::app::dialog::{Button, Confirm, Conflict, History, Palette, Scope, Scroll, Then};
use ftpane::app::form::{Field, FieldKind, Form, FormPurpose};
use ftpane::app::key::{Key, KeyCode};
use ftpane::app::msg::SitesLoaded;
use ftpane::app::sites::{SiteList, SiteRow};
use ftpane::app::transfers::Note;
use ftpane::app::viewer::{ViewMode, Viewer};
use ftpane::app::{App, Content, Dialog, Msg, Pane, PaneSide, Panel, update};
use ftpane::bus::event::Count;
use ftpane::bus::{Event, Meter, Question, QuestionKind};
use ftpane::model::journal::{Begun, Past, Unfinished};
use ftpane::model::site::Learnt;
use ftpane::model::*;
use ftpane::tui::format::Clock;
use ftpane::tui::layout::Plan;
use ftpane::tui::theme::{Depth, Theme};
use ftpane::tui::view::{Scene, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 16)];

/// Noon of 20 November 2026 in UTC.
pub fn clock() -> Clock {
    Clock::at("2026-11-20T12:00:00+00:00[UTC]".parse().unwrap())
}

pub fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

pub fn path(text: &str) -> VPath {
    VPath::parse(text.as_bytes()).unwrap()
}

pub fn time(text: &str) -> Timestamp {
    Timestamp::exact(text.parse::<jiff::Timestamp>().unwrap().as_second())
}

pub fn entry(text: &str, kind: Kind, size: u64, at: &str) -> Entry {
    let mut entry = Entry::new(name(text), kind);
    entry.size = Some(size);
    entry.modified = Some(time(at));
    entry.mode = Some(if kind == Kind::Dir { 0o755 } else { 0o644 });
    entry.owner = Some("alice".into());
    entry.group = Some("users".into());
    entry
}

pub fn fill(pane: &mut Pane, entries: Vec<Entry>) {
    pane.content = Content::Directory;
    pane.order = (0..entries.len() as u32).collect();
    pane.entries = entries;
}

/// Local on the left, a server on the right.
pub fn two_panes() -> App {
    let mut app = App::default();
    app.mouse = true;
    let mut link = entry("latest", Kind::Link, 9, "2026-11-19T08:00:00Z");
    link.target = Some(b"releases/2026-11".to_vec().into());
    let mut script = entry("deploy.sh", Kind::File, 812, "2026-11-20T09:14:00Z");
    script.mode = Some(0o755);
    fill(
        &mut app.left,
        vec![
            entry("assets", Kind::Dir, 4096, "2026-11-20T07:00:00Z"),
            entry("Grüße aus Köln", Kind::Dir, 4096, "2023-05-01T00:00:00Z"),
            script,
            entry("holiday-in-the-mountains-with-everyone-2026.jpeg", Kind::File, 4_198_400, "2026-08-02T18:30:00Z"),
            entry("index.html", Kind::File, 4198, "2026-11-20T11:59:00Z"),
            link,
            entry("日本語のファイル名.txt", Kind::File, 77, "2025-12-31T23:00:00Z"),
        ],
    );
    app.left.connection = Some(ConnectionId(1));
    app.left.path = path("/home/alice/site");
    app.left.opened.home = Some(path("/home/alice"));
    app.left.free = Some(37 << 30);
    app.left.cursor = 5;
    let mut site = Site::of_host("example.org");
    site.user = Some("alice".to_owned());
    fill(
        &mut app.right,
        vec![
            entry("img", Kind::Dir, 4096, "2026-10-01T07:00:00Z"),
            entry("index.html", Kind::File, 4100, "2026-11-19T10:00:00Z"),
            entry("style.css", Kind::File, 950, "2026-11-19T10:00:00Z"),
        ],
    );
    app.right.connection = Some(ConnectionId(2));
    app.right.path = path("/www");
    app.right.opened.site = Some(site);
    app.right.unparsed = vec![b"?????????  1 weird row".to_vec().into()];
    app
}

pub fn move_of(id: u64, from: &str, state: TransferState, size: u64) -> Transfer {
    let place = |connection, text: &str| Place { connection: ConnectionId(connection), path: path(text) };
    Transfer {
        id: TransferId(id),
        batch: BatchId(0),
        direction: Direction::Up,
        source: place(1, from),
        target: place(2, &format!("/www{from}")),
        size: Some(size),
        priority: Priority::Normal,
        state,
    }
}

/// One transfer moves, one asks, two wait.
pub fn busy() -> App {
    let mut app = two_panes();
    for (id, file, state) in [
        (1, "/home/alice/site/assets/logo.png", TransferState::Active),
        (2, "/home/alice/site/index.html", TransferState::Asking),
        (3, "/home/alice/site/a.bin", TransferState::Queued),
        (4, "/home/alice/site/b.bin", TransferState::Queued),
    ] {
        app.transfers.queued(move_of(id, file, state, 20_000_000), 0);
    }
    let done = TransferState::Done(transfer::Verified::Size);
    app.transfers.queued(move_of(5, "/home/alice/site/done.txt", done, 812), 0);
    let failure = Failure::new(FailureKind::Denied, During::Write, "")
        .about(&b"/www/x"[..])
        .with_reply(Reply { code: 553, text: b"Could not create file.".to_vec().into() });
    app.transfers.queued(move_of(6, "/home/alice/site/x", TransferState::Failed(failure), 5), 0);
    app.meters.active =
        vec![Meter { id: TransferId(1), batch: BatchId(0), done: 12_400_000, size: Some(20_000_000), rate: 3_100_000.0, connections: 1 }];
    app.meters.queued = 2;
    app.meters.bytes_left = 47_600_000;
    app.meters.rate = 3_100_000.0;
    app
}

/// The transfers panel with the keys, much under way, and the rate of a minute behind it.
pub fn much() -> App {
    let mut app = busy();
    app.panel = Some(Panel::Transfers);
    app.panel_focus = true;
    let mut first = move_of(7, "/home/alice/site/urgent.zip", TransferState::Queued, 1 << 30);
    first.priority = Priority::High;
    app.transfers.queued(first, 0);
    app.transfers
        .queued(move_of(8, "/home/alice/site/holiday-in-the-mountains-with-everyone-2026.jpeg", TransferState::Queued, 4_198_400), 0);
    let busy = Failure::new(FailureKind::TooMany, During::Write, "")
        .with_reply(Reply { code: 421, text: b"Too many connections.".to_vec().into() });
    let retrying = transfer::Retrying { failure: busy, tried: 1, of: 3, seconds: 4 };
    app.transfers.changed(TransferId(8), TransferState::Retrying(retrying), 0);
    app.transfers.queued(move_of(9, "/home/alice/site/c.bin", TransferState::Paused, 77), 0);
    let sum = TransferState::Done(transfer::Verified::Checksum(Algorithm::Sha256));
    app.transfers.queued(move_of(10, "/home/alice/site/release.tar.gz", sum, 88_000_000), 0);
    let gone = Failure::new(FailureKind::NotFound, During::List, "no such directory");
    app.transfers.noted(Note { batch: BatchId(0), path: path("/home/alice/site/old"), failure: gone, failed: true, again: true });
    app.meters.queued = 5;
    app.meters.lanes = 10;
    app.limits = Limits { total: Some(5_000_000), down: None, up: Some(512_000) };
    for second in 0..=50 {
        app.transfers.spark.tick(second * 1000, (0..second).map(|s| (s % 13) * 300_000).sum(), true);
    }
    app.transfers.follow(9);
    app
}

/// A queue of a million, of which the front was told.
pub fn long() -> App {
    let mut app = much();
    for id in 100..1_200 {
        app.transfers.queued(move_of(id, "/home/alice/site/many.bin", TransferState::Queued, 5), 0);
    }
    let batch = app.transfers.batches.entry(BatchId(0)).or_default();
    batch.found.files = 1_000_000;
    app
}

/// What two earlier runs have not finished.
pub fn left_over(count: i64) -> App {
    let mut app = two_panes();
    let one = |id| Unfinished {
        id,
        asked: 0,
        verb: transfer::Verb::Copy,
        direction: Direction::Up,
        from: "/home/alice/site".to_owned(),
        to: format!("ftp://alice@example.org/www/a/rather/long/way/down/{id}"),
        items: 12,
        done: 3,
        failed: 0,
        begun: Begun::default(),
    };
    app.transfers.unfinished((1..=count).map(one).collect());
    app.transfers.offered = true;
    app.transfers.follow(9);
    app
}

pub fn history() -> Dialog {
    let past = |name: &str, outcome| Past {
        ended: time("2026-11-20T09:30:00Z").seconds,
        direction: Direction::Down,
        source: format!("ftp://alice@example.org/pub/{name}"),
        target: format!("/home/alice/{name}"),
        size: Some(4_198_400),
        outcome,
    };
    let no = Failure::new(FailureKind::Denied, During::Read, "").with_reply(Reply { code: 550, text: b"No such file.".to_vec().into() });
    let rows = vec![past("debian.iso", Ok(transfer::Verified::Size)), past("secret.txt", Err(no))];
    Dialog::History(History { rows, told: true, selected: 1, ..History::default() })
}

pub fn wire(at: i64, kind: WireKind, text: &str) -> WireLine {
    WireLine { at: 1_795_000_000_000_000 + at, connection: ConnectionId(2), kind, text: text.as_bytes().into() }
}

pub fn field(label: &str, text: &str, kind: FieldKind) -> Field {
    let mut field = Field::text(label, text.to_owned());
    field.kind = kind;
    field
}

pub fn form() -> Dialog {
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
    Dialog::Form(Form {
        purpose: FormPurpose::Site(Box::default()),
        title: "Save this site".to_owned(),
        text: vec!["No password is kept.".to_owned()],
        fields: vec![
            field("Name", "work", FieldKind::Text),
            field("URL", "ftp://alice@ftp.a-rather-long-host-name.example.org:2121/var/www/htdocs", FieldKind::Text),
            field("Password", "hunter2", FieldKind::Secret),
            field("Mode", "", FieldKind::Choice { words: words(&["auto", "passive", "active"]), chosen: 1 }),
        ],
        pages: Vec::new(),
        page: 0,
        focus: 1,
        buttons: words(&["Save", "Cancel"]),
        error: Some("the host is missing".to_owned()),
        completions: Vec::new(),
    })
}

pub fn confirm() -> Dialog {
    let button = |label: &str| Button { label: label.to_owned(), then: Then::Nothing };
    Dialog::Confirm(Confirm {
        title: "Delete".to_owned(),
        lines: vec!["Delete 2 entries of ftp alice@example.org /www for good?".to_owned(), "img, index.html".to_owned()],
        buttons: vec![button("Delete"), button("Cancel")],
        focus: 1,
        scroll: Scroll::default(),
        count: Some((RequestId(1), Count { files: 312, dirs: 4, bytes: 12_400_000 }, false)),
        question: None,
    })
}

/// The question about a certificate, in place of these others.
pub fn certificate(pinned: Vec<Fingerprint>) -> App {
    let flaws = if pinned.is_empty() { vec![Flaw::SelfSigned, Flaw::OtherName("example.org".into())] } else { vec![Flaw::Changed] };
    let certificate = Certificate {
        subject: "CN=nas,O=The Widget Works".into(),
        names: vec!["nas.local".into(), "files.example.org".into()],
        issuer: "CN=nas,O=The Widget Works".into(),
        not_before: Some(1_600_000_000),
        not_after: Some(1_900_000_000),
        fingerprint: Fingerprint(std::array::from_fn(|byte| byte as u8 * 7)),
        flaws,
        pinned,
    };
    let mut app = two_panes();
    let site = Box::new(Site { user: Some("alice".into()), ..Site::of_host("example.org") });
    let kind = QuestionKind::Certificate { site, certificate: Box::new(certificate) };
    update(&mut app, Msg::Engine(Event::Asked(Question { id: QuestionId(4), kind })));
    app
}

pub fn conflict() -> Dialog {
    let side = |place: &str, size, at: &str| Side { path: path(place), size: Some(size), modified: Some(time(at)) };
    Dialog::Conflict(Conflict {
        free: None,
        question: QuestionId(1),
        source: side("/home/alice/site/index.html", 4198, "2026-11-20T11:59:00Z"),
        target: side("/www/index.html", 4100, "2026-11-19T10:00:00Z"),
        can_resume: true,
        focus: 0,
        scope: Scope::One,
        direction: Some(Direction::Up),
    })
}

pub fn viewer(bytes: &[u8]) -> Viewer {
    Viewer {
        connection: ConnectionId(2),
        path: path("/www/notes.txt"),
        size: Some(bytes.len() as u64),
        mode: ViewMode::Text,
        wrap: true,
        offset: 0,
        bytes: bytes.to_vec(),
        top: 0,
        left: 0,
        loading: None,
        trouble: None,
        needle: Vec::new(),
        found: None,
        searching: None,
        to_end: false,
    }
}

pub fn site_list(app: &mut App) -> SiteList {
    app.sites.saved = vec![
        Site { name: "work".to_owned(), folder: "clients".to_owned(), user: Some("alice".to_owned()), ..Site::of_host("ftp.example.org") },
        Site { name: "mirror".to_owned(), start: StartDir::Absolute(path("/pub/debian")), ..Site::of_host("ftp.debian.org") },
    ];
    app.sites.recent = vec![Site::of_host("192.168.1.20")];
    let rows = vec![
        SiteRow::Heading("clients".to_owned()),
        SiteRow::Saved(0),
        SiteRow::Saved(1),
        SiteRow::Heading("Recent".to_owned()),
        SiteRow::Recent(0),
    ];
    SiteList { selected: Some(1), rows, ..SiteList::default() }
}

pub fn palette(is_menu: bool) -> Dialog {
    Dialog::Palette(Palette { matches: (0..20).collect(), selected: 3, is_menu, ..Palette::default() })
}

pub fn message() -> Dialog {
    let lines = (1..=30).map(|n| format!("line {n} of a long reply")).collect();
    Dialog::Message { title: "STAT".to_owned(), lines, scroll: Scroll { top: 4 }, about: None }
}

pub fn opening() -> App {
    let mut app = two_panes();
    app.right = Pane::default();
    app.right.content = Content::Opening("looking up example.org".to_owned());
    app.focus = PaneSide::Right;
    app
}

/// Draws on a screen of this size.
pub fn paint_on(app: &mut App, (cols, rows): (u16, u16), depth: Depth) -> Buffer {
    let area = Rect::new(0, 0, cols, rows);
    let plan = Plan::of(app, area);
    app.screen = plan.screen();
    let theme = Theme::built_in("dark", depth);
    let clock = clock();
    let mut buffer = Buffer::empty(area);
    paint(&Scene { app, theme: &theme, clock: &clock }, &plan, &mut buffer);
    buffer
}

/// The characters of a screen, a line each.
pub fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = ftpane::tui::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The attributes of a screen: `R` reversed, `B` bold, `U` underlined, `D` dim, more than one as `#`.
pub fn attributes_of(buffer: &Buffer) -> String {
    use ratatui::style::Modifier;
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let line: String = (0..buffer.area.width)
            .map(|x| match buffer[(x, y)].modifier {
                Modifier::REVERSED => 'R',
                Modifier::BOLD => 'B',
                Modifier::UNDERLINED => 'U',
                Modifier::DIM => 'D',
                other if other.is_empty() => ' ',
                _ => '#',
            })
            .collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The form of a saved site, with a certificate that is trusted.
pub fn site_form() -> App {
    let mut app = two_panes();
    let site = Site {
        name: "work".into(),
        folder: "clients".into(),
        user: Some("alice".into()),
        tls: TlsPolicy::Required,
        learnt: Learnt { no_epsv: true, connections: Some(4), ..Learnt::default() },
        ..Site::of_host("ftp.example.org")
    };
    let trusted = [(site.address(), vec![Fingerprint([0xA7; 32])])].into();
    update(&mut app, Msg::Sites(SitesLoaded { saved: vec![site], trusted, ..SitesLoaded::default() }));
    for key in [KeyCode::F(2), KeyCode::Down, KeyCode::F(4)] {
        update(&mut app, Msg::Key(Key::plain(key)));
    }
    app
}
