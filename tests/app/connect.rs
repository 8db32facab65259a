use ftpane::app::msg::Resolved;
use ftpane::app::{Content, Dialog, Effect, Msg, Start};
use ftpane::bus::{Answer, Command, ConnectionEvent, Event, Question, QuestionKind};
use ftpane::model::site::{Learnt, VolumeSpec};
use ftpane::model::{Certificate, DataMode, During, Failure, FailureKind, Fingerprint, Flaw, QuestionId, Reply, Secret, Site, TlsPolicy};

use super::rig::*;

fn remote() -> Start {
    remote_by(server().tls)
}

fn remote_by(tls: TlsPolicy) -> Start {
    Start::Volume(Resolved { spec: VolumeSpec::Ftp(Box::new(Site { tls, ..server() }), None), path: None })
}

#[test]
fn what_was_typed_is_not_lost_where_it_cannot_be_opened() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.type_text("example.org");
    rig.keys("Enter");
    assert!(matches!(rig.effects.last(), Some(Effect::Resolve(_, typed)) if typed == "example.org"));
    let target = Resolved { spec: VolumeSpec::Ftp(Box::new(server()), None), path: None };
    rig.resolved(Left, Ok(target));
    let connection = rig.connection(Left);
    rig.event(Event::Connection(connection, ConnectionEvent::Connecting("looking up example.org".into())));
    assert!(matches!(&rig.pane(Left).content, Content::Opening(phrase) if phrase == "looking up example.org"));
    let failure = Failure::new(FailureKind::Unreachable, During::Lookup, "no such host");
    rig.event(Event::Connection(connection, ConnectionEvent::Refused(failure)));
    let Content::Sites(list) = &rig.pane(Left).content else { panic!("the sites again") };
    assert_eq!(list.input.value(), "example.org");
    assert!(list.message.as_ref().unwrap().contains("no such host"));
}

#[test]
fn what_was_typed_opens_in_its_pane_though_the_panes_were_swapped_meanwhile() {
    let mut rig = rig(&["a"], &["b"]);
    rig.keys("o");
    rig.type_text("/tmp");
    rig.keys("Enter");
    let request = rig.pane(Left).resolving.expect("it is being made sense of");
    let server = rig.connection(Right);
    rig.keys("Ctrl-u");
    rig.send(Msg::Resolved(request, Ok(Resolved { spec: VolumeSpec::Local, path: Some(path("/tmp")) })));
    assert!(matches!(rig.pane(Right).content, Content::Opening(_)), "the pane that asked is on the right now");
    assert_eq!(rig.connection(Left), server, "the other one stays open");
}

#[test]
fn what_was_typed_opens_no_more_in_a_pane_that_shows_something_else_by_now() {
    let mut rig = rig(&["a"], &["b"]);
    rig.keys("Tab o");
    rig.type_text("/mnt/slow");
    rig.keys("Enter");
    let request = rig.pane(Right).resolving.expect("it is being made sense of");
    rig.keys("X");
    rig.send(Msg::Resolved(request, Ok(Resolved { spec: VolumeSpec::Local, path: Some(path("/mnt/slow")) })));
    assert!(matches!(rig.pane(Right).content, Content::Sites(_)));
}

#[test]
fn a_password_is_asked_for_with_the_servers_words_and_answered() {
    let mut rig = start(Start::Sites, remote());
    let refused = Some(Reply { code: 530, text: b"Login incorrect\x1b[2J".to_vec().into() });
    let kind = QuestionKind::Password { site: "example.org".into(), user: "alice".into(), server: Box::new(server()), refused };
    rig.event(Event::Asked(Question { id: QuestionId(3), kind }));
    let Dialog::Form(form) = rig.dialog() else { panic!("a form") };
    assert!(form.text[0].contains("530 Login incorrect") && !form.text[0].contains('\x1b'), "{:?}", form.text);
    rig.type_text("q s3cret");
    rig.keys("Enter");
    let answer = Answer::Password(Secret::new("q s3cret"));
    assert_eq!(rig.effects.last(), Some(&Effect::Engine(Command::Answer { question: QuestionId(3), answer })));
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn esc_in_the_password_question_gives_the_login_up() {
    let mut rig = start(Start::Sites, remote());
    let kind = QuestionKind::Password { site: "example.org".into(), user: "alice".into(), server: Box::new(server()), refused: None };
    rig.event(Event::Asked(Question { id: QuestionId(3), kind }));
    rig.keys("Esc");
    let answer = Answer::Cancel { all: false };
    assert_eq!(rig.effects.last(), Some(&Effect::Engine(Command::Answer { question: QuestionId(3), answer })));
}

#[test]
fn an_opened_site_is_remembered_and_listed_where_it_begins() {
    let mut rig = start(Start::Sites, remote());
    rig.open(Right);
    assert!(rig.effects.iter().any(|effect| matches!(effect, Effect::Remember(site) if site.host == "example.org")));
    rig.list(Right, &["a"]);
    assert_eq!(rig.shown(Right), ["..", "a"]);
}

#[test]
fn a_first_directory_that_is_not_there_gives_way_to_the_home() {
    let mut rig = start(Start::Sites, remote());
    rig.open(Right);
    let request = rig.pane(Right).loading.unwrap();
    rig.answer(Right, request, Err(Failure::new(FailureKind::NotFound, During::List, "no such directory")));
    assert!(rig.toast().contains("no such directory"));
    rig.list(Right, &["a"]);
    assert_eq!(rig.shown(Right), ["a"]);
}

#[test]
fn a_lost_connection_is_said_and_the_next_key_asks_for_it_anew() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab");
    let connection = rig.connection(Right);
    let failure = Failure::new(FailureKind::Disconnected, During::Command, "the server closed it");
    rig.event(Event::Connection(connection, ConnectionEvent::Lost(failure)));
    assert!(rig.pane(Right).lost && rig.pane(Right).trouble.is_some());
    assert_eq!(rig.shown(Right), ["..", "a"], "it never becomes another file system");
    assert!(rig.effects.is_empty(), "nothing happens without a key");
    rig.keys("j");
    rig.event(Event::Connection(connection, ConnectionEvent::Reopened));
    assert!(rig.toast().contains("again"));
    rig.list(Right, &["a", "b"]);
    assert_eq!(rig.shown(Right), ["..", "a", "b"]);
    assert!(rig.pane(Right).trouble.is_none());
}

#[test]
fn events_of_a_connection_that_no_pane_has_change_nothing() {
    let mut rig = rig(&[], &["a"]);
    let old = rig.connection(Right);
    rig.keys("Tab X");
    assert!(rig.effects.contains(&Effect::Engine(Command::Close { connection: old })));
    rig.event(Event::Connection(old, ConnectionEvent::Opened(Box::default())));
    assert!(matches!(rig.pane(Right).content, Content::Sites(_)));
}

#[test]
fn ctrl_c_stops_an_opening_and_a_listing() {
    let mut rig = start(Start::Sites, remote());
    rig.keys("Ctrl-C");
    assert!(matches!(rig.pane(Right).content, Content::Sites(_)));
    let mut rig = self::rig(&["a/"], &[]);
    rig.keys("End Enter Ctrl-C");
    assert!(rig.pane(Left).loading.is_none());
    assert_eq!(rig.shown(Left), ["..", "a"]);
}

#[test]
fn what_was_learnt_goes_to_the_pane_and_to_the_saved_site() {
    let mut rig = rig(&[], &[]);
    let learnt = Learnt { no_epsv: true, ..Learnt::default() };
    rig.event(Event::Learnt { site: Box::new(server()), learnt: learnt.clone() });
    assert_eq!(rig.effects.last(), Some(&Effect::Learn(Box::new(server()), learnt.clone())));
    assert_eq!(rig.pane(Right).opened.site.as_ref().unwrap().learnt, learnt);
}

#[test]
fn a_saved_site_carries_both_directories_and_its_settings() {
    let mut rig = rig(&[], &[]);
    rig.keys("Tab B");
    rig.keys("Ctrl-U");
    rig.type_text("work");
    rig.keys("PageDown Right Enter");
    let Some(Effect::SaveSite { old: None, site }) = rig.effects.last() else { panic!("{:?}", rig.effects) };
    assert_eq!((site.name.as_str(), site.local.clone(), site.mode), ("work", Some(path("/home/me")), DataMode::Passive));
    assert_eq!(site.start, ftpane::model::StartDir::Absolute(path("/pub")));
    assert_eq!(rig.pane(Right).opened.site.as_ref().unwrap().name, "work");
}

#[test]
fn a_password_goes_only_to_the_login_it_was_typed_for() {
    let other = Site::of_host("other.example");
    let left = Start::Volume(Resolved { spec: VolumeSpec::Ftp(Box::new(other), None), path: None });
    let mut rig = start(left, remote());
    let kind = QuestionKind::Password { site: server().title(), user: "alice".into(), server: Box::new(server()), refused: None };
    rig.event(Event::Asked(Question { id: QuestionId(3), kind }));
    rig.type_text("s3cret");
    rig.keys("Enter");
    assert!(matches!(&rig.pane(Left).spec, Some(VolumeSpec::Ftp(_, None))));
    assert!(matches!(&rig.pane(Right).spec, Some(VolumeSpec::Ftp(_, Some(_)))));
}

#[test]
fn a_password_in_a_url_is_not_shown_again() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.type_text("ftp://al:s3cret@example.org//pub");
    rig.keys("Enter");
    rig.resolved(Left, Ok(Resolved { spec: VolumeSpec::Ftp(Box::new(server()), None), path: None }));
    let connection = rig.connection(Left);
    rig.event(Event::Connection(connection, ConnectionEvent::Refused(Failure::new(FailureKind::LoginRefused, During::Login, "no"))));
    let Content::Sites(list) = &rig.pane(Left).content else { panic!("the sites again") };
    assert_eq!(list.input.value(), "ftp://al@example.org//pub");
}

#[test]
fn a_password_in_a_url_is_not_shown_again_when_opening_it_is_cancelled() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.type_text("ftp://al:s3cret@example.org//pub");
    rig.keys("Enter");
    rig.resolved(Left, Ok(Resolved { spec: VolumeSpec::Ftp(Box::new(server()), None), path: None }));
    rig.keys("Ctrl-C");
    let Content::Sites(list) = &rig.pane(Left).content else { panic!("the sites again") };
    assert_eq!(list.input.value(), "ftp://al@example.org//pub");
}

fn refused(rig: &mut Rig, side: ftpane::app::PaneSide) {
    let connection = rig.connection(side);
    let failure = Failure::new(FailureKind::Unreachable, During::Connect, "connection refused");
    rig.event(Event::Connection(connection, ConnectionEvent::Refused(failure)));
}

#[test]
fn the_address_that_was_refused_has_the_keys_to_be_mended_at_once() {
    let local = Resolved { spec: VolumeSpec::Local, path: Some(path("/home/me")) };
    let mut rig = start(Start::Volume(local), remote());
    rig.open(Left);
    rig.list(Left, &["a"]);
    rig.app.focus = Left;
    refused(&mut rig, Right);
    assert_eq!(rig.app.focus, Right);
    rig.type_text("x");
    let Content::Sites(list) = &rig.pane(Right).content else { panic!("the sites") };
    assert_eq!(list.input.value(), "ftp://alice@example.orgx");
}

#[test]
fn the_address_that_was_refused_still_asks_for_the_tls_that_was_asked_for() {
    for (tls, shown) in [(TlsPolicy::Required, "ftpes://alice@example.org"), (TlsPolicy::Implicit, "ftps://alice@example.org")] {
        let local = Resolved { spec: VolumeSpec::Local, path: Some(path("/home/me")) };
        let mut rig = start(Start::Volume(local), remote_by(tls));
        rig.open(Left);
        rig.list(Left, &["a"]);
        refused(&mut rig, Right);
        let Content::Sites(list) = &rig.pane(Right).content else { panic!("the sites") };
        assert_eq!(list.input.value(), shown);
    }
}

#[test]
fn a_refusal_does_not_take_the_keys_from_who_is_at_work_elsewhere() {
    let begun = || {
        let local = Resolved { spec: VolumeSpec::Local, path: Some(path("/home/me")) };
        let mut rig = start(Start::Volume(local), remote());
        rig.open(Left);
        rig.list(Left, &["a"]);
        rig.app.focus = Left;
        rig
    };
    for keys in ["F7", "j", "/", "F2"] {
        let mut rig = begun();
        rig.keys(keys);
        refused(&mut rig, Right);
        assert_eq!(rig.app.focus, Left, "{keys}");
    }
    let mut rig = begun();
    rig.keys("j");
    rig.time(5_000);
    refused(&mut rig, Right);
    assert_eq!(rig.app.focus, Right, "a key of long ago keeps nothing");
}

fn certificate() -> Certificate {
    Certificate {
        subject: "CN=nas".into(),
        names: vec!["nas.local".into()],
        issuer: "CN=nas".into(),
        not_before: Some(1_600_000_000),
        not_after: Some(1_900_000_000),
        fingerprint: Fingerprint([0xAB; 32]),
        flaws: vec![Flaw::SelfSigned, Flaw::OtherName("example.org".into())],
        pinned: Vec::new(),
    }
}

/// Asked about an unknown certificate, and the keys that answer.
fn answered(keys: &str) -> Rig {
    let mut rig = start(Start::Sites, remote());
    rig.effects.clear();
    let kind = QuestionKind::Certificate { site: Box::new(server()), certificate: Box::new(certificate()) };
    rig.event(Event::Asked(Question { id: QuestionId(4), kind }));
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    let text = confirm.lines.join("\n");
    for words in ["it has signed itself; it is not for the name example.org", "nas.local", "2020-09-13 to 2030-03-17", "AB:AB:AB"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    rig.keys(keys);
    assert!(rig.app.dialogs.is_empty(), "{keys}");
    rig
}

fn answer(answer: Answer) -> Effect {
    Effect::Engine(Command::Answer { question: QuestionId(4), answer })
}

#[test]
fn an_unknown_certificate_is_shown_and_trusted_only_by_who_says_so() {
    for keys in ["Enter", "Esc", "n", "Ctrl-C"] {
        assert_eq!(answered(keys).effects, [answer(Answer::Cancel { all: true })], "{keys}");
    }
    assert_eq!(answered("O").effects, [answer(Answer::Trust)]);
    assert_eq!(answered("F").effects, [Effect::Trust(Box::new(server()), Fingerprint([0xAB; 32])), answer(Answer::Trust)]);
}

/// Asked about a certificate in the place of another.
fn changed() -> Rig {
    let mut rig = start(Start::Sites, remote());
    rig.effects.clear();
    let certificate = Certificate { pinned: vec![Fingerprint([0xCD; 32])], flaws: vec![Flaw::Changed], ..certificate() };
    let kind = QuestionKind::Certificate { site: Box::new(server()), certificate: Box::new(certificate) };
    rig.event(Event::Asked(Question { id: QuestionId(4), kind }));
    rig
}

#[test]
fn a_changed_certificate_shows_both_fingerprints_and_takes_the_place_of_the_old_one_only_by_a_capital() {
    let rig = changed();
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    assert_eq!(confirm.title, "Changed certificate");
    let text = confirm.lines.join("\n");
    for words in ["Trusted so far (SHA-256):\nCD:CD", "Shown now (SHA-256):\nAB:AB", "nas.local", "2020-09-13 to 2030-03-17", "in between"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
    let keys: Vec<Option<char>> = confirm.buttons.iter().map(ftpane::app::dialog::Button::key).collect();
    assert_eq!((keys, confirm.focus), (vec![Some('O'), Some('F'), Some('n')], 2));
    for keys in ["Enter", "Esc", "n", "Ctrl-C"] {
        let mut rig = changed();
        rig.keys(keys);
        assert_eq!(rig.effects, [answer(Answer::Cancel { all: true })], "{keys}");
    }
    let mut rig = changed();
    rig.keys("o f y");
    assert!(rig.effects.is_empty() && !rig.app.dialogs.is_empty(), "small letters trust nobody");
    rig.keys("O");
    assert_eq!(rig.effects, [answer(Answer::Trust)], "once, with nothing kept");
    let mut rig = changed();
    rig.keys("F");
    let (site, pins) = (Box::new(server()), vec![Fingerprint([0xAB; 32])]);
    let kept = [Effect::Pin(site.clone(), pins.clone()), Effect::Engine(Command::Pin { site, pins }), answer(Answer::Trust)];
    assert_eq!(rig.effects, kept);
}

#[test]
fn what_was_typed_for_a_pane_does_not_answer_a_certificate_that_comes_up() {
    let mut rig = rig(&["a"], &["b"]);
    rig.time(1_000);
    rig.keys("j");
    let kind = QuestionKind::Certificate { site: Box::new(server()), certificate: Box::new(certificate()) };
    rig.event(Event::Asked(Question { id: QuestionId(4), kind }));
    rig.keys("F");
    assert!(rig.effects.is_empty() && !rig.app.dialogs.is_empty());
    rig.time(2_000);
    rig.keys("O");
    assert_eq!(rig.effects, [answer(Answer::Trust)]);
}

#[test]
fn a_question_about_a_certificate_goes_when_nobody_waits_for_it() {
    let mut rig = start(Start::Sites, remote());
    let kind = QuestionKind::Certificate { site: Box::new(server()), certificate: Box::new(certificate()) };
    rig.event(Event::Asked(Question { id: QuestionId(4), kind }));
    rig.event(Event::Withdrawn(QuestionId(4)));
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn a_server_that_is_plain_is_warned_of_once_and_this_machine_never() {
    let opened = |site: Site| {
        let mut rig = start(Start::Sites, remote());
        rig.effects.clear();
        let connection = rig.connection(Right);
        let opened = ftpane::bus::Opened { site: Some(site), ..Default::default() };
        rig.event(Event::Connection(connection, ConnectionEvent::Opened(Box::new(opened))));
        rig
    };
    let rig = opened(server());
    assert!(rig.toast().contains("in the clear"), "{}", rig.toast());
    let told = Learnt { plain_told: true, ..Learnt::default() };
    assert!(rig.effects.contains(&Effect::Learn(Box::new(server()), told.clone())));
    let rig = opened(Site { learnt: told, ..server() });
    assert_eq!(rig.toast(), "");
    assert_eq!(opened(Site::of_host("127.0.0.1")).toast(), "");
}

#[test]
fn that_data_connections_resume_the_session_shows_on_the_first() {
    let mut rig = rig(&[], &[]);
    let (connection, before) = (rig.connection(Right), rig.pane(Right).opened.encrypted.unwrap());
    let now = ftpane::bus::event::Encrypted { resumed: true, ..before };
    rig.event(Event::Connection(connection, ConnectionEvent::Encrypted(now)));
    assert_eq!(rig.pane(Right).opened.encrypted, Some(now));
}

/// Keys that would act on files, move or open something, and the letters of a password.
const TYPED_AHEAD: &str = "F8 F5 F6 Delete Insert Space j r F7 D w q o : Enter h u n t e R 2 Backspace Ctrl-x s";

#[test]
fn what_is_typed_ahead_while_a_pane_connects_acts_on_nothing() {
    let mut rig = start(Start::Volume(Resolved { spec: VolumeSpec::Local, path: None }), remote());
    rig.keys("Tab");
    assert!(matches!(rig.pane(Right).content, Content::Opening(_)));
    let effects = rig.effects.len();
    for key in TYPED_AHEAD.split(' ') {
        rig.keys(key);
        assert!(rig.app.dialogs.is_empty() && rig.app.panel.is_none() && rig.app.pending.is_none(), "{key}");
        assert!(rig.app.toast.as_ref().is_some_and(|toast| toast.text.starts_with("connecting")), "{key}: {:?}", rig.app.toast);
    }
    assert_eq!(rig.effects.len(), effects, "{:?}", rig.effects);
    rig.keys("Tab");
    assert_eq!(rig.app.focus, Left, "the other pane is free");
    rig.keys("Tab Esc");
    assert!(matches!(rig.pane(Right).content, Content::Sites(_)), "Esc gives the connection up");
}

#[test]
fn a_password_that_is_typed_ahead_of_its_question_is_in_nothing() {
    let mut rig = start(Start::Volume(Resolved { spec: VolumeSpec::Local, path: None }), remote());
    rig.keys("Tab");
    let ask = |id, refused| {
        let (site, user) = ("example.org".to_owned(), "alice".to_owned());
        Event::Asked(Question { id: QuestionId(id), kind: QuestionKind::Password { site, user, server: Box::new(server()), refused } })
    };
    rig.event(ask(1, None));
    rig.type_text("wrong");
    rig.keys("Enter");
    rig.type_text("hunter2");
    rig.event(ask(2, Some(Reply { code: 530, text: b"no".to_vec().into() })));
    let Dialog::Form(form) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    assert_eq!(form.fields[0].input.value(), "");
}

#[test]
fn what_is_typed_while_a_lost_connection_logs_in_again_does_not_act_on_the_files_that_show() {
    let mut rig = rig(&["a"], &["b", "c"]);
    rig.keys("Tab");
    let connection = rig.connection(Right);
    let lost = Failure::new(FailureKind::Disconnected, During::Command, "gone");
    rig.event(Event::Connection(connection, ConnectionEvent::Lost(lost)));
    rig.keys("Ctrl-r");
    let site = Box::new(rig.pane(Right).opened.site.clone().expect("a server is open there"));
    let kind = QuestionKind::Password { site: "s".into(), user: "u".into(), server: site, refused: None };
    rig.event(Event::Asked(Question { id: QuestionId(1), kind }));
    rig.type_text("wrong");
    rig.keys("Enter");
    let cursor = |rig: &Rig| rig.pane(Right).cursor;
    let before = cursor(&rig);
    rig.keys("F8 j G F6");
    assert!(rig.app.dialogs.is_empty() && cursor(&rig) == before, "{:?}", rig.app.dialogs);
    rig.event(Event::PasswordTaken(QuestionId(1)));
    rig.keys("j");
    assert_ne!(cursor(&rig), before, "they act again");
}
