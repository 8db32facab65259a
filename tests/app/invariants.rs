//! No sequence of messages panics or leaves a state that does not hold together.

use std::collections::HashSet;

use ftpane::app::hit::{DialogHit, Hit};
use ftpane::app::key::{Key, KeyCode};
use ftpane::app::msg::{Mouse, MouseKind, Resolved, SitesLoaded};
use ftpane::app::{Effect, Msg, PaneSide, Screen};
use ftpane::bus::{BatchSummary, BrowseOp, Command, ConnectionEvent, Event, ListingPart, Outcome, Question, QuestionKind, TransferEvent};
use ftpane::model::SortKey;
use ftpane::model::listing::Count;
use ftpane::model::site::VolumeSpec;
use ftpane::model::{BatchId, During, Failure, FailureKind, Place, QuestionId, Side, Site, TransferId};
use proptest::prelude::*;

use super::rig::*;

/// One step: a message, or an answer to something that was asked.
#[derive(Debug, Clone)]
enum Step {
    Key(Key),
    Mouse(MouseKind, Hit, (u16, u16)),
    Time(u64),
    Resize(usize),
    Rows(Vec<String>),
    Answer(bool),
    Opened,
    Lost,
    Refused,
    Landed(PaneSide, String),
    Left(PaneSide, String),
    Asked(u64, bool),
    Withdrawn(u64),
    Sites(u8),
    Resolved(PaneSide, bool),
    Edited(bool),
    BatchEnded,
    Paste(String),
}

fn a_key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        6 => prop::sample::select("jkhlgG/+-*fsnetoXbBrwLq?: .icmaud0159".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        2 => (1u8..=12).prop_map(KeyCode::F),
        6 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace, KeyCode::Delete, KeyCode::Insert,
            KeyCode::Home, KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right,
        ]),
    ];
    (code, prop::bool::weighted(0.1), prop::bool::weighted(0.08), prop::bool::weighted(0.1)).prop_map(|(code, ctrl, alt, shift)| Key {
        code,
        ctrl,
        alt,
        shift,
    })
}

fn a_side() -> impl Strategy<Value = PaneSide> {
    prop::sample::select(vec![Left, Right])
}

fn a_hit() -> impl Strategy<Value = Hit> {
    prop_oneof![
        4 => (a_side(), 0usize..12).prop_map(|(side, row)| Hit::Row(side, row)),
        1 => (a_side(), 0usize..5).prop_map(|(side, row)| Hit::SiteRow(side, row)),
        1 => a_side().prop_map(Hit::SiteInput),
        1 => (a_side(), prop::sample::select(vec![SortKey::Name, SortKey::Size, SortKey::Time, SortKey::Extension])).prop_map(|(s, k)| Hit::Header(s, k)),
        1 => a_side().prop_map(Hit::Frame),
        1 => a_side().prop_map(Hit::Foot),
        1 => (1u8..=10).prop_map(Hit::KeyBar),
        1 => (0usize..5).prop_map(Hit::Panel),
        1 => (0usize..6).prop_map(|i| Hit::Dialog(DialogHit::Button(i))),
        1 => (0usize..6).prop_map(|i| Hit::Dialog(DialogHit::Row(i))),
        1 => (0usize..6).prop_map(|i| Hit::Dialog(DialogHit::Field(i))),
        1 => (0usize..30, any::<bool>()).prop_map(|(i, forward)| Hit::Dialog(DialogHit::Turn(i, forward))),
        1 => (0usize..4).prop_map(|i| Hit::Dialog(DialogHit::Page(i))),
        1 => Just(Hit::Strip),
    ]
}

fn a_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b=7", "c/", "d@", ".e", "f10", "f9", "g/", "h.txt", "Ä"]).prop_map(str::to_owned)
}

fn a_step() -> impl Strategy<Value = Step> {
    let mouse = prop::sample::select(vec![
        MouseKind::Press,
        MouseKind::Press,
        MouseKind::Drag,
        MouseKind::Release,
        MouseKind::RightPress,
        MouseKind::WheelUp,
        MouseKind::WheelDown,
    ]);
    prop_oneof![
        12 => a_key().prop_map(Step::Key),
        5 => (mouse, a_hit(), (0u16..80, 0u16..24)).prop_map(|(kind, hit, at)| Step::Mouse(kind, hit, at)),
        1 => (0u64..2000).prop_map(Step::Time),
        1 => (0usize..30).prop_map(Step::Resize),
        4 => prop::collection::vec(a_name(), 0..6).prop_map(Step::Rows),
        5 => prop::bool::weighted(0.8).prop_map(Step::Answer),
        2 => Just(Step::Opened),
        1 => Just(Step::Lost),
        1 => Just(Step::Refused),
        1 => (a_side(), a_name()).prop_map(|(side, name)| Step::Landed(side, name)),
        1 => (a_side(), a_name()).prop_map(|(side, name)| Step::Left(side, name)),
        1 => (0u64..4, any::<bool>()).prop_map(|(id, password)| Step::Asked(id, password)),
        1 => (0u64..4).prop_map(Step::Withdrawn),
        1 => (0u8..4).prop_map(Step::Sites),
        1 => (a_side(), any::<bool>()).prop_map(|(side, good)| Step::Resolved(side, good)),
        1 => any::<bool>().prop_map(Step::Edited),
        1 => Just(Step::BatchEnded),
        1 => "[a-z/.* ]{0,6}".prop_map(Step::Paste),
    ]
}

/// What was asked and has not been answered.
type Open = Vec<(ftpane::model::ConnectionId, ftpane::model::RequestId, BrowseOp)>;

fn answer_to(op: &BrowseOp, good: bool) -> Result<Outcome, Failure> {
    if !good {
        return Err(Failure::new(FailureKind::Refused, During::Command, "no"));
    }
    let side = Side { path: path("/x"), size: Some(3), modified: None };
    Ok(match op {
        BrowseOp::List { path, .. } => Outcome::Listed { free: Some(1), path: path.clone() },
        BrowseOp::Stat { .. } => Outcome::Stat(Some(entry("a"))),
        BrowseOp::Count { .. } => Outcome::Counted(Count::default()),
        BrowseOp::Read { offset, .. } => Outcome::Window { offset: *offset, bytes: b"line\nline\n\xff\x00more".repeat(50), size: None },
        BrowseOp::Fetch { .. } => Outcome::Fetched(side),
        BrowseOp::Store { .. } => Outcome::Stored(side),
        BrowseOp::MakeDir { .. } | BrowseOp::Rename { .. } | BrowseOp::Remove { .. } | BrowseOp::SetMode { .. } | BrowseOp::Raw { .. } => {
            Outcome::Done
        }
    })
}

fn message(rig: &Rig, open: &mut Open, step: Step) -> Option<Msg> {
    let connections = [Left, Right].map(|side| rig.pane(side).connection);
    let any = connections.into_iter().flatten().next();
    let connected = |event| any.map(|id| Msg::Engine(Event::Connection(id, event)));
    let failure = || Failure::new(FailureKind::Disconnected, During::Command, "gone");
    Some(match step {
        Step::Key(key) => Msg::Key(key),
        Step::Mouse(kind, hit, at) => Msg::Mouse(Mouse { kind, hit, at, ctrl: at.0 % 9 == 0, shift: false }),
        Step::Time(by) => Msg::Time(rig.app.now + by),
        Step::Resize(page) => {
            Msg::Resized(Screen { cols: page as u16 * 3, rows: page as u16, page, panel_page: page / 3, scroll_most: page })
        }
        Step::Rows(names) => {
            let (connection, request, op) = open.iter().rev().find(|(_, _, op)| matches!(op, BrowseOp::List { .. })).cloned()?;
            let BrowseOp::List { path, generation } = op else { return None };
            let rows = names.iter().map(|name| entry(name)).collect();
            Msg::Engine(Event::Listed { connection, request, path, generation, part: ListingPart::Rows(rows) })
        }
        Step::Answer(good) => {
            let (connection, request, op) = if open.is_empty() { return None } else { open.remove(0) };
            Msg::Engine(Event::Answered { connection, request, outcome: answer_to(&op, good) })
        }
        Step::Opened => return connected(ConnectionEvent::Opened(Box::default())),
        Step::Lost => return connected(ConnectionEvent::Lost(failure())),
        Step::Refused => return connected(ConnectionEvent::Refused(failure())),
        Step::Landed(side, name) => {
            let directory = Place { connection: rig.pane(side).connection?, path: rig.pane(side).path.clone() };
            Msg::Engine(Event::Transfer(TransferEvent::Landed { directory, entry: entry(&name) }))
        }
        Step::Left(side, text) => {
            let directory = Place { connection: rig.pane(side).connection?, path: rig.pane(side).path.clone() };
            Msg::Engine(Event::Transfer(TransferEvent::Left { directory, name: entry(&text).name }))
        }
        Step::Asked(id, password) => {
            let side = || Side { path: path("/pub/a"), size: None, modified: None };
            let kind = if password {
                QuestionKind::Password { site: "s".into(), user: "u".into(), server: Box::new(server()), refused: None }
            } else {
                QuestionKind::Existing {
                    transfer: TransferId(1),
                    batch: BatchId(1),
                    source: side(),
                    target: side(),
                    can_resume: id > 1,
                    free: None,
                }
            };
            Msg::Engine(Event::Asked(Question { id: QuestionId(id), kind }))
        }
        Step::Withdrawn(id) => Msg::Engine(Event::Withdrawn(QuestionId(id))),
        Step::Sites(count) => {
            let site =
                |i| Site { name: format!("s{i}"), folder: if i % 2 == 0 { String::new() } else { "f".into() }, ..Site::of_host("h") };
            Msg::Sites(SitesLoaded { saved: (0..count).map(site).collect(), recent: vec![Site::of_host("r")], ..SitesLoaded::default() })
        }
        Step::Resolved(side, true) => Msg::Resolved(rig.pane(side).resolving?, Ok(Resolved { spec: VolumeSpec::Local, path: None })),
        Step::Resolved(side, false) => Msg::Resolved(rig.pane(side).resolving?, Err("no".into())),
        Step::Edited(changed) => Msg::Edited { file: rig.app.edits.first()?.file.clone(), changed: Ok(changed) },
        Step::BatchEnded => Msg::Engine(Event::Transfer(TransferEvent::BatchEnded(BatchSummary::default()))),
        Step::Paste(text) => Msg::Paste(text),
    })
}

fn check(rig: &Rig, open: &Open) {
    for side in [Left, Right] {
        let pane = rig.pane(side);
        assert!(pane.cursor < pane.row_count().max(1), "{side:?}: cursor {} of {}", pane.cursor, pane.row_count());
        assert!(pane.top <= pane.cursor, "{side:?}: top {} cursor {}", pane.top, pane.cursor);
        assert!(pane.order.iter().all(|&i| (i as usize) < pane.entries.len()));
        let shown: HashSet<u32> = pane.order.iter().copied().collect();
        assert_eq!(shown.len(), pane.order.len(), "an entry shows twice");
        let names: HashSet<_> = pane.order.iter().map(|&i| &pane.entries[i as usize].name).collect();
        assert!(pane.marks.iter().all(|name| names.contains(name)), "a mark on what is not shown");
        if let Some(request) = pane.loading {
            assert!(rig.app.requests.contains_key(&request), "a listing that nobody will answer");
        }
    }
    for (_, request, op) in open {
        let is_kept = rig.app.requests.contains_key(request);
        assert!(is_kept || rig.effects.iter().any(|effect| stops(effect, *request)), "nobody knows what {request} ({op:?}) is for");
    }
    let questions: Vec<_> = rig.app.dialogs.iter().filter(|dialog| matches!(dialog, ftpane::app::Dialog::Conflict(_))).collect();
    assert!(questions.len() <= 1, "questions come one after another");
}

/// Whether an effect says that an answer is awaited no longer.
fn stops(effect: &Effect, wanted: ftpane::model::RequestId) -> bool {
    matches!(effect, Effect::Engine(Command::CancelRequest { request, .. }) if *request == wanted)
        || matches!(effect, Effect::Engine(Command::Close { .. }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]
    #[test]
    fn no_sequence_of_messages_panics_or_breaks_what_must_hold(steps in prop::collection::vec(a_step(), 1..120)) {
        let mut rig = rig(&["a", "b", "c/", "d@"], &["x", "y/"]);
        let mut open = Open::new();
        for step in steps {
            let Some(msg) = message(&rig, &mut open, step) else { continue };
            let before = rig.effects.len();
            rig.send(msg);
            for effect in &rig.effects[before..] {
                if let Effect::Engine(Command::Browse { connection, request, op }) = effect {
                    open.push((*connection, *request, op.clone()));
                }
            }
            check(&rig, &open);
        }
    }
}
