//! The form of a site: its pages, and that what it does not change stays.

use ftpane::app::form::{FieldKind, Form};
use ftpane::app::hit::{DialogHit, Hit};
use ftpane::app::msg::{MouseKind, SitesLoaded};
use ftpane::app::{Dialog, Effect, Msg};
use ftpane::bus::{Amendment, Command};
use ftpane::model::site::Learnt;
use ftpane::model::words::Word;
use ftpane::model::{DataMode, Fingerprint, Identity, PasswordFrom, Secured, Site, StartDir, TlsPolicy, TlsVersion};

use super::rig::*;

const PIN: Fingerprint = Fingerprint([0xAB; 32]);

/// As it is saved, with more than any form needs.
fn work() -> Site {
    let identity = Some(Identity { certificate: "c.pem".into(), key: "k.pem".into() });
    Site {
        name: "work".into(),
        start: StartDir::Relative(b"www\xff".to_vec()),
        secured: Secured { identity, roots: Some("ca.pem".into()), minimum: TlsVersion::V13, ..Secured::default() },
        timeout: Some(7),
        low_speed: Some(1500),
        learnt: Learnt { no_epsv: true, connections: Some(3), ..Learnt::default() },
        ..server()
    }
}

fn loaded(site: Site) -> Msg {
    let trusted = [(site.address(), vec![PIN])].into();
    Msg::Sites(SitesLoaded { saved: vec![site], trusted, ..SitesLoaded::default() })
}

/// The form of [`work`].
fn editing() -> Rig {
    let mut rig = rig(&[], &[]);
    rig.send(loaded(work()));
    rig.keys("F2 Down F4");
    rig
}

fn form(rig: &Rig) -> &Form {
    let Dialog::Form(form) = rig.dialog() else { panic!("the form is open: {:?}", rig.dialog()) };
    form
}

/// The field with the keys.
fn label(rig: &Rig) -> &str {
    &form(rig).fields[form(rig).focus].label
}

fn place(rig: &Rig, label: &str) -> usize {
    form(rig).fields.iter().position(|field| field.label == label).unwrap_or_else(|| panic!("no field {label}"))
}

/// Gives the keys to a field with the mouse.
fn to(rig: &mut Rig, label: &str) {
    let place = place(rig, label);
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Field(place)), (1, 1));
}

fn type_into(rig: &mut Rig, label: &str, text: &str) {
    to(rig, label);
    rig.keys("Ctrl-U");
    rig.type_text(text);
}

fn word(rig: &Rig, label: &str) -> String {
    match &form(rig).fields[place(rig, label)].kind {
        FieldKind::Choice { words, chosen } => words[*chosen].clone(),
        other => panic!("{label} is no choice: {other:?}"),
    }
}

fn saved(rig: &Rig) -> (Option<&str>, &Site) {
    let found = rig.effects.iter().find_map(|effect| match effect {
        Effect::SaveSite { old, site } => Some((old.as_deref(), &**site)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("nothing was saved: {:?}", rig.effects))
}

#[test]
fn a_site_that_is_saved_as_it_shows_stays_as_it_is() {
    let mut rig = editing();
    rig.keys("Enter");
    assert_eq!(saved(&rig), (Some("work"), &work()));
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::Pin(..))), "nothing of what is trusted changed");
}

#[test]
fn every_page_is_reached_by_keys_and_by_its_tab() {
    let mut rig = editing();
    assert_eq!((form(&rig).page, label(&rig)), (0, "Name"));
    rig.keys("PageDown");
    assert_eq!((form(&rig).page, label(&rig)), (1, "Data connections"));
    rig.keys("PageDown");
    assert_eq!((form(&rig).page, label(&rig)), (2, "TLS"));
    rig.keys("Up");
    assert_eq!(form(&rig).page, 1, "the field above is on the page before");
    rig.keys("Down PageDown");
    assert_eq!((form(&rig).page, label(&rig)), (3, "Proxy"));
    rig.keys("PageDown");
    assert_eq!((form(&rig).page, label(&rig)), (0, "Name"));
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Page(2)), (1, 1));
    assert_eq!((form(&rig).page, label(&rig)), (2, "TLS"));
    for _ in 0..form(&rig).fields.len() + 2 {
        rig.keys("Tab");
    }
    assert_eq!(label(&rig), "TLS", "Tab goes through all of them and the buttons");
}

#[test]
fn a_choice_is_changed_by_space_by_arrows_and_by_a_click_on_its_arrows() {
    let mut rig = editing();
    rig.keys("PageUp PageUp Space");
    assert_eq!(word(&rig, "TLS"), "required");
    rig.keys("Right Left Left Left");
    assert_eq!(word(&rig, "TLS"), "off");
    let oldest = place(&rig, "Oldest version");
    assert_eq!(word(&rig, "Oldest version"), "1.3");
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Turn(oldest, false)), (1, 1));
    assert_eq!((word(&rig, "Oldest version").as_str(), form(&rig).focus), ("1.2", oldest));
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Turn(oldest, true)), (1, 1));
    rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Turn(oldest, true)), (1, 1));
    rig.keys("Enter");
    let site = saved(&rig).1;
    assert_eq!((site.tls, site.secured.minimum), (TlsPolicy::Off, TlsVersion::V12));
}

#[test]
fn what_is_entered_on_every_page_is_saved_and_the_rest_stays() {
    let mut rig = editing();
    type_into(&mut rig, "Port", "2121");
    to(&mut rig, "Data connections");
    rig.keys("Right");
    type_into(&mut rig, "Timeout", "30");
    type_into(&mut rig, "Low speed", "0");
    type_into(&mut rig, "Client key", "/etc/key.pem");
    to(&mut rig, "After the login");
    rig.keys("Space");
    to(&mut rig, "Found out");
    rig.keys("Space Enter");
    let identity = Some(Identity { certificate: "c.pem".into(), key: "/etc/key.pem".into() });
    let secured = Secured { identity, clear_control: true, ..work().secured };
    let wanted = Site {
        port: Some(2121),
        mode: DataMode::Passive,
        timeout: Some(30),
        low_speed: Some(0),
        secured,
        learnt: Learnt::default(),
        ..work()
    };
    assert_eq!(saved(&rig), (Some("work"), &wanted));
}

#[test]
fn what_is_wrong_names_its_field_which_gets_the_keys() {
    for (wrong, text, said) in [
        ("Port", "70000", "Port: a number from 1 to 65535"),
        ("Timeout", "soon", "Timeout: a number"),
        ("Trusted", "abc", "Trusted: a SHA-256 fingerprint"),
        ("Client certificate", "", "Client key: a key belongs to a client certificate"),
        ("Name", "~x", "Name: a target that begins so"),
        ("Host", "", "Host: a site needs"),
    ] {
        let mut rig = editing();
        type_into(&mut rig, wrong, text);
        rig.mouse(MouseKind::Press, Hit::Dialog(DialogHit::Page(1)), (1, 1));
        rig.keys("Enter");
        let error = form(&rig).error.clone().unwrap_or_default();
        assert!(error.starts_with(said), "{wrong}: {error}");
        assert_eq!(label(&rig), said.split(':').next().unwrap());
        assert_eq!(form(&rig).page, form(&rig).fields[form(&rig).focus].page, "its page shows");
        assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::SaveSite { .. } | Effect::Pin(..))));
    }
    let mut rig = editing();
    to(&mut rig, "Password");
    while word(&rig, "Password") != PasswordFrom::Command.word() {
        rig.keys("Right");
    }
    rig.keys("Enter");
    assert_eq!(label(&rig), "Password command");
}

#[test]
fn the_trusted_certificate_shows_and_can_be_forgotten_or_replaced() {
    let mut rig = editing();
    to(&mut rig, "Trusted");
    assert_eq!(form(&rig).fields[form(&rig).focus].input.value(), PIN.to_string());
    rig.keys("Ctrl-U Enter");
    let forgets = |effect: &Effect| matches!(effect, Effect::Pin(site, pins) if pins.is_empty() && site.address() == work().address());
    assert!(rig.effects.iter().any(forgets), "{:?}", rig.effects);
    assert!(rig.commands().iter().any(|command| matches!(command, Command::Pin { pins, .. } if pins.is_empty())), "in this run, too");
    assert!(saved(&rig).1.secured.pins.is_empty(), "what is trusted is not the site's to keep");
    let mut rig = editing();
    type_into(&mut rig, "Trusted", &"cd".repeat(32));
    rig.keys("Enter");
    let trusts = |effect: &Effect| matches!(effect, Effect::Pin(_, pins) if pins == &[Fingerprint([0xCD; 32])]);
    assert!(rig.effects.iter().any(trusts), "{:?}", rig.effects);
}

#[test]
fn a_site_that_goes_to_another_server_takes_no_trust_along() {
    let mut rig = editing();
    type_into(&mut rig, "Host", "other.example");
    rig.keys("Enter");
    assert_eq!(saved(&rig).1.host, "other.example");
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::Pin(..))), "{:?}", rig.effects);
}

#[test]
fn what_is_learnt_while_the_form_is_open_is_kept() {
    let mut rig = editing();
    let learnt = Learnt { no_mlsd: true, ..work().learnt };
    rig.send(loaded(Site { learnt: learnt.clone(), timeout: Some(99), ..work() }));
    type_into(&mut rig, "Folder", "jobs");
    rig.keys("Enter");
    assert_eq!(saved(&rig), (Some("work"), &Site { folder: "jobs".into(), learnt, timeout: Some(99), ..work() }));
}

#[test]
fn saving_what_a_pane_shows_changes_a_saved_sites_directories_alone() {
    let mut rig = rig(&[], &[]);
    let saved_as = Site { timeout: Some(7), mode: DataMode::Active, ..work() };
    rig.send(loaded(saved_as.clone()));
    rig.app.right.opened.site = Some(Site { name: "work".into(), timeout: Some(1), ..server() });
    rig.keys("Tab B Enter");
    let wanted = Site { start: StartDir::Absolute(path("/pub")), local: Some(path("/home/me")), ..saved_as };
    assert_eq!(saved(&rig), (Some("work"), &wanted));
}

#[test]
fn a_server_that_was_opened_by_options_is_saved_with_them() {
    let mut rig = rig(&[], &[]);
    let shown =
        Site { secured: Secured { clear_control: true, pins: vec![PIN], ..Secured::default() }, tls: TlsPolicy::Required, ..server() };
    rig.app.right.opened.site = Some(shown.clone());
    rig.keys("Tab B Enter");
    let (old, site) = saved(&rig);
    assert_eq!((old, site.tls, site.secured.clear_control), (None, TlsPolicy::Required, true));
    assert!(!rig.effects.iter().any(|effect| matches!(effect, Effect::Pin(..))), "what was trusted once is not kept for good");
}

#[test]
fn the_form_says_what_the_field_with_the_keys_is_for() {
    let rig = editing();
    assert!(form(&rig).fields.iter().all(|field| !field.help.is_empty()));
}

#[test]
fn what_is_open_and_what_waits_is_told_of_an_edit_of_how_the_site_is_protected() {
    let edits = |rig: &mut Rig| {
        let edits = rig.commands().into_iter().filter_map(|command| match command {
            Command::Amend(old, Amendment::Edited(now)) => Some((old.clone(), now.clone())),
            _ => None,
        });
        edits.collect::<Vec<_>>()
    };
    let mut rig = editing();
    to(&mut rig, "TLS");
    while word(&rig, "TLS") != TlsPolicy::Required.word() {
        rig.keys("Right");
    }
    rig.keys("Enter");
    let [(old, now)] = &edits(&mut rig)[..] else { panic!("{:?}", rig.effects) };
    assert_eq!((old.tls, now.tls), (TlsPolicy::Auto, TlsPolicy::Required));
    assert_eq!((&old.secured.pins[..], &now.secured.pins[..]), (&[PIN][..], &[PIN][..]), "whom it trusts stays");
    let mut rig = editing();
    type_into(&mut rig, "Name", "2");
    rig.keys("Enter");
    let [(old, now)] = &edits(&mut rig)[..] else { panic!("{:?}", rig.effects) };
    assert_ne!(old.name, now.name, "the next edit is of its new name");
    let mut rig = editing();
    type_into(&mut rig, "Timeout", "9");
    rig.keys("Enter");
    assert_eq!(edits(&mut rig), [], "nothing else is anybody's business");
}
