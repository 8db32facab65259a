//! Choosing the charset of a server's names.

use ftpane::app::charsets::Charsets;
use ftpane::app::hit::{DialogHit, Hit};
use ftpane::app::msg::{MouseKind, SitesLoaded};
use ftpane::app::{Dialog, Effect, Msg};
use ftpane::bus::Command;
use ftpane::model::charset::CHARSETS;
use ftpane::model::site::VolumeSpec;
use ftpane::model::{Entry, Kind, Name, Site};

use super::rig::*;

/// A server in the right pane that lists `café` in Latin-1, and a plain name.
fn latin() -> Rig {
    let mut rig = rig(&["here"], &["plain"]);
    rig.keys("Tab Ctrl-r");
    let (request, _) = rig.asked();
    let cafe = Entry::new(Name::new(&b"caf\xe9"[..]).unwrap(), Kind::File);
    rig.rows(Right, request, vec![cafe, entry("plain")]);
    rig.listed(Right, request);
    rig.keys("Down");
    rig.effects.clear();
    rig
}

fn list(rig: &Rig) -> &Charsets {
    match rig.dialog() {
        Dialog::Charsets(list) => list,
        other => panic!("{other:?}"),
    }
}

fn opened(rig: &Rig) -> Option<&Site> {
    rig.commands().into_iter().find_map(|command| match command {
        Command::Open { spec: VolumeSpec::Ftp(site, _), .. } => Some(&**site),
        _ => None,
    })
}

#[test]
fn names_are_shown_as_they_would_read_and_enter_uses_that() {
    let mut rig = latin();
    rig.keys("Alt-e");
    assert_eq!(list(&rig).preview(), ["caf\\xe9"]);
    rig.keys("Down");
    assert_eq!(list(&rig).chosen().label(), "windows-1252");
    assert_eq!(list(&rig).preview(), ["café"]);
    rig.keys("k");
    assert_eq!(list(&rig).chosen().label(), "KOI8-R");
    assert_eq!(list(&rig).preview(), ["cafИ"]);
    rig.keys("Home Down Enter");
    assert!(rig.app.dialogs.is_empty());
    assert_eq!(opened(&rig).and_then(|site| site.charset.as_deref()), Some("windows-1252"));
    assert_eq!(rig.pane(Right).begin, Some(path("/pub")));
    // What is under the cursor is found again by its new name.
    assert_eq!(rig.pane(Right).aim, Some(name("café")));
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::SaveSite { .. })), "{:?}", rig.effects);
}

#[test]
fn esc_and_the_same_charset_change_nothing() {
    for keys in ["Alt-e Down Esc", "Alt-e Enter"] {
        let mut rig = latin();
        rig.keys(keys);
        assert!(rig.app.dialogs.is_empty() && rig.commands().is_empty(), "{keys}: {:?}", rig.effects);
    }
}

#[test]
fn it_is_kept_for_a_saved_site_on_request_only() {
    let mut rig = latin();
    let saved = Site { name: "work".into(), ..server() };
    rig.send(Msg::Sites(SitesLoaded { saved: vec![saved.clone()], ..SitesLoaded::default() }));
    rig.keys("Alt-e");
    assert_eq!(list(&rig).saved, None, "what is open is not that site");
    rig.keys("Esc");
    rig.app.right.opened.site.as_mut().unwrap().name = "work".into();
    rig.keys("Alt-e Down F2");
    let kept = rig.effects.iter().find_map(|effect| match effect {
        Effect::SaveSite { old, site } => Some((old.clone(), site.charset.clone())),
        _ => None,
    });
    assert_eq!(kept, Some((Some("work".into()), Some("windows-1252".into()))));
    assert!(opened(&rig).is_some());
}

#[test]
fn the_mouse_chooses_a_row_and_presses_a_button() {
    let mut rig = latin();
    rig.keys("Alt-e");
    let row = CHARSETS.iter().position(|listed| listed.label == "IBM437").unwrap();
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Row(row)), (10, 10));
    assert_eq!(list(&rig).preview(), ["cafΘ"]);
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Button(0)), (20, 20));
    assert_eq!(opened(&rig).and_then(|site| site.charset.as_deref()), Some("IBM437"));
}

#[test]
fn without_a_server_there_is_nothing_to_read_in_another_way() {
    let mut rig = latin();
    rig.app.right.opened.site = None;
    rig.keys("Alt-e");
    assert!(rig.app.dialogs.is_empty());
    assert!(rig.toast().contains("no server"), "{}", rig.toast());
}
