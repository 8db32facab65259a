//! Why something failed and what fixes it; what a server can.

use ftpane::app::checkup::Where;
use ftpane::app::dialog::{About, Confirm, Then};
use ftpane::app::hit::Hit;
use ftpane::app::msg::{MouseKind, Resolved, SitesLoaded};
use ftpane::app::{Content, Dialog, Effect, Msg, Start};
use ftpane::bus::{Amendment, Command, ConnectionEvent, Event};
use ftpane::model::checkup::{Finding, Rung, Verdict};
use ftpane::model::explain::Fix;
use ftpane::model::journal::Unfinished;
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::Verb;
use ftpane::model::{DataMode, Direction, During, Failure, FailureKind, Reply, Secret, Site, StartDir};

use super::rig::*;

fn refusal(during: During, kind: FailureKind, code: u16, text: &str) -> Failure {
    Failure::new(kind, during, "").with_reply(Reply { code, text: text.as_bytes().into() })
}

/// A saved server in the right pane, whose directory could not be listed for want of a data connection.
fn unlisted() -> Rig {
    let site = Site { name: "work".into(), mode: DataMode::Passive, ..server() };
    let target = Resolved { spec: VolumeSpec::Ftp(Box::new(site.clone()), Some(Secret::new("pw"))), path: None };
    let local = Resolved { spec: VolumeSpec::Local, path: Some(path("/home/me")) };
    let mut rig = start(Start::Volume(local), Start::Volume(target));
    rig.send(Msg::Sites(SitesLoaded { saved: vec![site.clone()], ..SitesLoaded::default() }));
    rig.open(Left);
    rig.list(Left, &[]);
    rig.open(Right);
    rig.app.right.opened.site = Some(site);
    let request = rig.pane(Right).loading.unwrap();
    let failure = refusal(During::List, FailureKind::Transient, 425, "Can't open data connection.");
    rig.answer(Right, request, Err(failure.clone()));
    // The directory of the login gave way to the home, which cannot be listed either.
    if let Some(request) = rig.pane(Right).loading {
        rig.answer(Right, request, Err(failure));
    }
    rig.keys("Tab");
    rig.effects.clear();
    rig
}

fn asked(rig: &Rig) -> &Confirm {
    let Dialog::Confirm(confirm) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    confirm
}

#[test]
fn a_listing_without_data_connection_is_fixed_by_a_key_and_the_fix_stays_with_the_site() {
    let mut rig = unlisted();
    assert!(rig.toast().contains("Ctrl-X f: use active mode"), "{}", rig.toast());
    rig.keys("Ctrl-X f");
    let confirm = asked(&rig);
    assert!(confirm.lines.join(" ").contains("kept with the site work"), "{:?}", confirm.lines);
    let labels: Vec<&str> = confirm.buttons.iter().map(|button| button.label.as_str()).collect();
    assert_eq!(labels, ["Use active mode", "Try again", "Close"]);
    assert!(rig.effects.is_empty(), "nothing is done before it is said");
    rig.keys("Enter");
    let amended = rig
        .commands()
        .iter()
        .any(|command| matches!(command, Command::Amend(site, Amendment::Fix(Fix::Active)) if site.mode == DataMode::Active));
    let opened = rig
        .commands()
        .iter()
        .any(|command| matches!(command, Command::Open { spec: VolumeSpec::Ftp(site, Some(_)), .. } if site.mode == DataMode::Active));
    let kept = rig
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::SaveSite { old: Some(old), site } if old == "work" && site.mode == DataMode::Active));
    assert!(amended && opened && kept, "{:?}", rig.effects);
}

#[test]
fn the_reason_is_asked_for_by_the_palette_and_by_a_click_on_what_went_wrong() {
    for hit in [Hit::Foot(Right), Hit::Strip] {
        let mut rig = unlisted();
        rig.mouse(MouseKind::Press, hit, (50, 21));
        assert_eq!(asked(&rig).title, "Why", "{hit:?}");
    }
    let mut rig = unlisted();
    rig.keys("Ctrl-P");
    rig.type_text("why");
    rig.keys("Enter");
    assert_eq!(asked(&rig).title, "Why");
}

#[test]
fn esc_leaves_everything_as_it_is() {
    let mut rig = unlisted();
    rig.keys("Ctrl-X f Esc");
    assert!(rig.app.dialogs.is_empty() && rig.effects.is_empty());
    let mut rig = super::rig::rig(&["a"], &["b"]);
    rig.keys("Ctrl-X f");
    assert_eq!((rig.toast(), rig.app.dialogs.len()), ("nothing has failed here", 0));
}

#[test]
fn a_server_that_refused_to_be_opened_is_opened_again_with_the_fix_and_the_password() {
    let site = Site { tls: ftpane::model::TlsPolicy::Off, ..server() };
    let target = Resolved { spec: VolumeSpec::Ftp(Box::new(site), Some(Secret::new("pw"))), path: Some(path("/deep")) };
    let mut rig = start(Start::Sites, Start::Volume(target));
    let connection = rig.connection(Right);
    let failure = refusal(During::Login, FailureKind::LoginRefused, 534, "Policy requires SSL.");
    rig.event(Event::Connection(connection, ConnectionEvent::Refused(failure)));
    rig.effects.clear();
    rig.keys("Ctrl-X f");
    assert_eq!(
        asked(&rig).buttons[0].then,
        Then::Fix(Fix::RequireTls, Box::new(Site { tls: ftpane::model::TlsPolicy::Off, ..server() }), Where::Pane(Right))
    );
    rig.keys("Enter");
    let opened = rig.commands().iter().any(|command| {
        matches!(command, Command::Open { spec: VolumeSpec::Ftp(site, Some(_)), .. } if site.tls == ftpane::model::TlsPolicy::Required)
    });
    assert!(opened, "{:?}", rig.effects);
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::SaveSite { .. })), "it is no saved site");
}

fn labels(rig: &Rig) -> Vec<&str> {
    asked(rig).buttons.iter().map(|button| button.label.as_str()).collect()
}

/// A server in the right pane that could not be opened, saved where it has a name.
fn refused(site: Site, failure: Failure) -> Rig {
    let saved = if site.name.is_empty() { Vec::new() } else { vec![site.clone()] };
    let target = Resolved { spec: VolumeSpec::Ftp(Box::new(site), Some(Secret::new("pw"))), path: None };
    let mut rig = start(Start::Sites, Start::Volume(target));
    rig.send(Msg::Sites(SitesLoaded { saved, ..SitesLoaded::default() }));
    let connection = rig.connection(Right);
    rig.event(Event::Connection(connection, ConnectionEvent::Refused(failure)));
    rig.effects.clear();
    rig
}

fn opened_at(rig: &Rig) -> StartDir {
    let opened = rig.commands().into_iter().find_map(|command| match command {
        Command::Open { spec: VolumeSpec::Ftp(site, Some(_)), .. } => Some(site.start.clone()),
        _ => None,
    });
    opened.unwrap_or_else(|| panic!("nothing was opened: {:?}", rig.effects))
}

#[test]
fn a_server_that_does_not_answer_is_tried_again_or_corrected() {
    let dead = || Failure::new(FailureKind::Unreachable, During::Connect, "nobody listens there");
    let mut rig = refused(server(), dead());
    rig.keys("Ctrl-X f");
    assert_eq!(labels(&rig), ["Edit the site", "Try again", "Close"], "nobody knows yet whether it is written rightly");
    rig.keys("t");
    assert_eq!(opened_at(&rig), StartDir::Login);
    let mut rig = rig_of_a_server();
    let connection = rig.connection(Right);
    rig.event(Event::Connection(connection, ConnectionEvent::Lost(dead())));
    rig.keys("Ctrl-X f");
    assert_eq!(labels(&rig), ["Try again", "Edit the site", "Close"], "it was there a moment ago");
}

fn rig_of_a_server() -> Rig {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab");
    rig
}

#[test]
fn where_the_directory_to_begin_in_is_missing_the_home_is_opened_or_the_site_corrected() {
    let missing = || refusal(During::List, FailureKind::NotFound, 550, "File not found").about(&b"nothere"[..]);
    let site = Site { start: StartDir::Relative(b"nothere".to_vec()), ..server() };
    let mut rig = refused(site.clone(), missing());
    let Content::Sites(list) = &rig.pane(Right).content else { panic!("the sites") };
    assert!(list.message.as_ref().unwrap().ends_with("Ctrl-X f: open the home directory"), "{:?}", list.message);
    rig.keys("Ctrl-X f");
    assert_eq!(labels(&rig), ["Open the home directory", "Try again", "Close"]);
    assert!(asked(&rig).lines.join(" ").contains("still in the line"), "{:?}", asked(&rig).lines);
    rig.keys("Enter");
    assert_eq!(opened_at(&rig), StartDir::Login);

    let mut rig = refused(Site { name: "work".into(), ..site }, missing());
    rig.keys("Ctrl-X f");
    assert_eq!(labels(&rig), ["Open the home directory", "Edit the site's directory", "Try again", "Close"]);
    rig.keys("e");
    let Dialog::Form(form) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    let field = &form.fields[form.focus];
    assert_eq!((field.label.as_str(), field.input.value()), ("Remote directory", "nothere"));
}

#[test]
fn what_has_not_failed_tells_its_state_and_what_is_not_finished_goes_on_from_there() {
    let mut rig = rig(&[], &["a"]);
    let begun = ftpane::model::journal::Begun { files: 1, done: 5, size: 10 };
    let batch = Unfinished {
        id: 7,
        verb: Verb::Copy,
        direction: Direction::Down,
        from: "/pub".into(),
        to: "/home/me".into(),
        items: 2,
        done: 1,
        failed: 0,
        begun,
        asked: 0,
    };
    rig.event(Event::Unfinished(Ok(vec![batch])));
    rig.keys("w Ctrl-X f");
    assert_eq!(labels(&rig), ["Go on", "Forget …", "Close"]);
    let told = asked(&rig).lines.join(" ");
    assert!(told.contains("copy of 2 entries from /pub to /home/me was not finished") && told.contains("1 file is done"), "{told}");
    rig.keys("f");
    assert_eq!(labels(&rig), ["Forget", "Keep"], "that is asked about");
    rig.keys("Esc Ctrl-X f Enter");
    assert!(rig.commands().iter().any(|command| matches!(command, Command::Restore { journal: 7, .. })), "{:?}", rig.effects);
}

#[test]
fn a_change_that_failed_says_why_until_one_goes_well() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab F7");
    rig.type_text("new");
    rig.keys("Enter");
    let (request, _) = rig.asked();
    rig.answer(Right, request, Err(refusal(During::MakeDir, FailureKind::Full, 552, "Quota exceeded.")));
    let Dialog::Form(form) = rig.dialog() else { panic!("{:?}", rig.dialog()) };
    assert_eq!(form.fields[0].input.value(), "new", "what was typed is not lost");
    assert!(form.error.as_ref().unwrap().contains("552 Quota exceeded: the account's quota on the server is used up"), "{:?}", form.error);
    while !rig.app.dialogs.is_empty() {
        rig.keys("Esc");
    }
    rig.keys("Ctrl-X f");
    assert!(asked(&rig).lines.join(" ").contains("The account's quota"), "{:?}", asked(&rig).lines);
}

#[test]
fn what_a_server_can_is_shown_at_once_and_the_rest_is_tried_on_a_key_and_stopped_with_the_panel() {
    let mut rig = rig(&[], &["a", "b"]);
    rig.keys("Ctrl-X i");
    let lines = |rig: &Rig| match rig.dialog() {
        Dialog::Message { lines, about: Some(About::Server), .. } => lines.join("\n"),
        other => panic!("{other:?}"),
    };
    assert!(rig.effects.is_empty(), "nothing is sent for that");
    for part in ["server", "example.org:21 as alice", "tls", "2 entries", "r tries the rest"] {
        assert!(lines(&rig).contains(part), "{part} in {}", lines(&rig));
    }
    rig.keys("r");
    let request = rig.commands().iter().find_map(|command| match command {
        Command::Examine { request, .. } => Some(*request),
        _ => None,
    });
    let request = request.unwrap_or_else(|| panic!("{:?}", rig.effects));
    let finding = |rung, text: &str| {
        let (verdict, took) = (Verdict::Works(text.to_owned()), std::time::Duration::from_millis(3));
        Finding { rung, verdict, why: None, took }
    };
    rig.event(Event::Found { request, finding: finding(Rung::Name, "192.0.2.7") });
    rig.event(Event::Found { request: ftpane::model::RequestId(9_999), finding: finding(Rung::Name, "203.0.113.9") });
    assert!(lines(&rig).contains("192.0.2.7") && !lines(&rig).contains("203.0.113.9"), "{}", lines(&rig));
    rig.effects.clear();
    rig.keys("Esc");
    assert_eq!(rig.commands(), [&Command::CancelExamine(request)]);
    assert!(rig.app.dialogs.is_empty());
}

#[test]
fn an_examination_that_failed_leads_to_its_reason() {
    let mut rig = rig(&[], &["a"]);
    rig.keys("Tab Ctrl-X i r");
    let request =
        rig.commands().iter().find_map(|command| if let Command::Examine { request, .. } = command { Some(*request) } else { None });
    let failure = refusal(During::Login, FailureKind::TooMany, 421, "Too many connections (5) from this IP");
    rig.event(Event::Examined { request: request.unwrap(), outcome: Err(failure) });
    rig.keys("x");
    assert_eq!(asked(&rig).buttons[0].label, "Open fewer connections");
}
