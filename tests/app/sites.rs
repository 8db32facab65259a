use ftpane::app::msg::SitesLoaded;
use ftpane::app::sites::{SiteList, SiteRow};
use ftpane::app::{Content, Dialog, Effect, Msg, Start};
use ftpane::bus::Command;
use ftpane::model::Site;
use ftpane::model::site::VolumeSpec;

use super::rig::*;

fn loaded() -> SitesLoaded {
    let site = |name: &str, folder: &str| Site {
        name: name.into(),
        folder: folder.into(),
        user: Some("al".into()),
        ..Site::of_host(format!("{name}.example"))
    };
    SitesLoaded {
        saved: vec![site("home", ""), site("office", "work")],
        recent: vec![Site::of_host("recent.example")],
        ..SitesLoaded::default()
    }
}

fn list(rig: &Rig) -> &SiteList {
    match (&rig.app.dialogs.last(), &rig.pane(rig.app.focus).content) {
        (Some(Dialog::Sites(list)), _) | (None, Content::Sites(list)) => list,
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn sites_stand_under_their_folders_and_letters_filter_them() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.send(Msg::Sites(loaded()));
    let heading = |text: &str| SiteRow::Heading(text.into());
    let all = [SiteRow::Saved(0), heading("work"), SiteRow::Saved(1), heading("Recent"), SiteRow::Recent(0)];
    assert_eq!(list(&rig).rows, all);
    rig.type_text("off");
    assert_eq!(list(&rig).rows, [heading("work"), SiteRow::Saved(1)]);
    rig.keys("Enter");
    let opened = rig
        .commands()
        .into_iter()
        .any(|command| matches!(command, Command::Open { spec: VolumeSpec::Ftp(site, None), .. } if site.name == "office"));
    assert!(opened, "{:?}", rig.effects);
}

#[test]
fn arrows_choose_a_site_and_leave_headings_out() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.send(Msg::Sites(loaded()));
    rig.keys("Down Down");
    assert_eq!(list(&rig).selected, Some(2));
    rig.keys("Up Up");
    assert_eq!(list(&rig).selected, None, "above the first is the line");
}

#[test]
fn letters_in_the_line_are_never_actions() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.type_text("qrenX");
    assert_eq!(list(&rig).input.value(), "qrenX");
    assert!(rig.effects.is_empty() && rig.app.dialogs.is_empty());
}

#[test]
fn a_site_is_deleted_after_a_question_and_renamed_in_place() {
    let mut rig = rig(&[], &[]);
    rig.send(Msg::Sites(loaded()));
    rig.keys("F2 Down Delete Enter");
    assert!(rig.effects.is_empty(), "Enter takes what can be had back");
    rig.keys("Delete D");
    assert_eq!(rig.effects.last(), Some(&Effect::RemoveSite("home".into())));
    rig.keys("F6 Ctrl-U");
    rig.type_text("work/home2");
    rig.keys("Enter");
    let Some(Effect::SaveSite { old, site }) = rig.effects.last() else { panic!("{:?}", rig.effects) };
    assert_eq!((old.as_deref(), site.name.as_str(), site.folder.as_str()), (Some("home"), "home2", "work"));
}

#[test]
fn that_a_site_was_saved_is_told_once_it_is_written() {
    let mut rig = rig(&[], &[]);
    rig.keys("Tab B Ctrl-U");
    rig.type_text("work");
    rig.keys("Enter");
    assert!(matches!(rig.effects.last(), Some(Effect::SaveSite { .. })));
    assert_eq!(rig.toast(), "", "it is not written yet");
    rig.send(Msg::Sites(loaded()));
    assert_eq!(rig.toast(), "", "an answer without it is of something else");
    let with = |name: &str| SitesLoaded { saved: vec![Site { name: name.into(), ..server() }], ..SitesLoaded::default() };
    rig.send(Msg::Sites(with("work")));
    assert_eq!(rig.toast(), "saved work");
    rig.app.toast = None;
    rig.send(Msg::Sites(with("work")));
    assert_eq!(rig.toast(), "", "it is told once");
}

#[test]
fn a_site_that_could_not_be_saved_is_not_told_to_be() {
    let mut rig = rig(&[], &[]);
    rig.keys("Tab B Ctrl-U");
    rig.type_text("home");
    rig.keys("Enter");
    rig.send(Msg::Trouble("sites.toml: no space left on device".into()));
    rig.send(Msg::Sites(loaded()));
    assert_eq!(rig.toast(), "sites.toml: no space left on device");
}

#[test]
fn a_broken_file_is_never_written() {
    let mut rig = rig(&[], &[]);
    rig.send(Msg::Sites(SitesLoaded { broken: Some("sites.toml:3:1: unknown key".into()), ..SitesLoaded::default() }));
    rig.keys("Tab B");
    assert!(rig.toast().contains("sites.toml:3:1"), "{}", rig.toast());
    assert!(rig.app.dialogs.is_empty() && rig.effects.is_empty());
}

#[test]
fn a_name_that_is_taken_stays_in_the_form() {
    let mut rig = rig(&[], &[]);
    rig.send(Msg::Sites(loaded()));
    rig.keys("Tab B Ctrl-U");
    rig.type_text("home");
    rig.keys("Enter");
    let Dialog::Form(form) = rig.dialog() else { panic!("the form stays") };
    assert!(form.error.as_ref().unwrap().contains("home"));
}

#[test]
fn letters_are_text_also_with_a_site_chosen_and_f_keys_act_on_it() {
    let mut rig = rig(&[], &[]);
    rig.send(Msg::Sites(loaded()));
    rig.keys("F2 Down");
    rig.type_text("ern");
    assert_eq!(list(&rig).input.value(), "ern");
    rig.keys("Ctrl-U");
    rig.type_text("off");
    rig.keys("F6");
    let Dialog::Form(form) = rig.dialog() else { panic!("the site that was found is meant") };
    assert_eq!(form.fields[0].input.value(), "work/office");
    rig.keys("Esc Ctrl-U F8");
    assert_eq!((rig.app.dialogs.len(), rig.toast()), (1, "no site is chosen: the arrows choose one"));
}

#[test]
fn ctrl_u_in_an_empty_line_of_sites_exchanges_no_panes() {
    let mut rig = start(Start::Sites, Start::Sites);
    rig.app.left.show_hidden = true;
    rig.keys("Ctrl-U");
    assert!(rig.app.left.show_hidden, "the left one is still the left one");
}

#[test]
fn the_cursor_is_on_the_site_that_was_saved_and_stays_on_its_site_otherwise() {
    let mut rig = rig(&[], &[]);
    rig.send(Msg::Sites(loaded()));
    rig.keys("F2 Down Down F4 Ctrl-U");
    rig.type_text("aaa");
    rig.keys("Enter");
    let mut with = loaded();
    with.saved[1].name = "aaa".into();
    rig.send(Msg::Sites(with));
    assert_eq!(list(&rig).rows[list(&rig).selected.unwrap()], SiteRow::Saved(1));
    let mut fewer = loaded();
    fewer.saved.remove(0);
    fewer.saved[0].name = "aaa".into();
    rig.send(Msg::Sites(fewer));
    assert_eq!(list(&rig).rows[list(&rig).selected.unwrap()], SiteRow::Saved(0));
}

#[test]
fn a_saved_site_is_not_repeated_among_the_recent() {
    let mut rig = start(Start::Sites, Start::Sites);
    let mut all = loaded();
    all.recent.push(Site { name: String::new(), ..all.saved[0].clone() });
    rig.send(Msg::Sites(all));
    assert!(!list(&rig).rows.contains(&SiteRow::Recent(1)) && list(&rig).rows.contains(&SiteRow::Recent(0)), "{:?}", list(&rig).rows);
}
