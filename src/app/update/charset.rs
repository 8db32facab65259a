//! Reading a server's names in another charset: chosen with a look at how they would read, and used at once.
//!
//! The server is dialled anew, so that what was queued before goes on with the names that it was queued with.

use crate::model::Name;
use crate::model::site::VolumeSpec;
use crate::model::text::printable_str;

use super::super::charsets::{CharsetButton, Charsets};
use super::super::effect::Effect;
use super::super::key::{Key, KeyCode};
use super::super::msg::Resolved;
use super::super::{App, Dialog};
use super::{Effects, connection, notice, site, trouble};

/// Alt-e: of the pane with the keys, else of the other one.
pub(super) fn open(app: &mut App) {
    let sides = [app.focus, app.focus.other()];
    let is_server = |side| app.pane(side).opened.site.is_some() && app.pane(side).is_directory();
    let Some(side) = sides.into_iter().find(|&side| is_server(side)) else {
        return notice(app, "no server is open whose names could be read in another way");
    };
    let name = app.pane(side).opened.site.as_ref().map(|site| site.name.clone()).unwrap_or_default();
    let saved = app.sites.saved.iter().any(|site| site.name == name).then_some(name);
    let list = Charsets::of(side, app.pane(side), saved);
    app.dialogs.push(Dialog::Charsets(list));
}

/// A key in the list.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    let page = app.screen.panel_page.max(1);
    let Some(Dialog::Charsets(list)) = app.dialogs.last_mut() else { return };
    match key.code {
        KeyCode::Esc | KeyCode::F(10) => drop(app.dialogs.pop()),
        KeyCode::Char('c') if key.ctrl => drop(app.dialogs.pop()),
        KeyCode::Up => list.select(list.selected.saturating_sub(1)),
        KeyCode::Down => list.select(list.selected + 1),
        KeyCode::PageUp => list.select(list.selected.saturating_sub(page)),
        KeyCode::PageDown => list.select(list.selected + page),
        KeyCode::Home => list.select(0),
        KeyCode::End => list.select(usize::MAX),
        KeyCode::Enter => take(app, CharsetButton::Use, fx),
        KeyCode::F(2) if list.saved.is_some() => take(app, CharsetButton::Keep, fx),
        KeyCode::Char(c) if !key.ctrl && !key.alt => list.seek(c),
        _ => {}
    }
}

/// A button was clicked.
pub(super) fn button(app: &mut App, index: usize, fx: &mut Effects) {
    let Some(Dialog::Charsets(list)) = app.dialogs.last() else { return };
    if let Some((button, _)) = list.buttons().get(index) {
        take(app, *button, fx);
    }
}

/// Does what a button says.
pub(super) fn take(app: &mut App, button: CharsetButton, fx: &mut Effects) {
    let Some(Dialog::Charsets(list)) = app.dialogs.pop() else { return };
    if button == CharsetButton::Cancel {
        return;
    }
    if button == CharsetButton::Keep {
        keep(app, &list, fx);
    }
    switch(app, &list, fx);
}

fn keep(app: &mut App, list: &Charsets, fx: &mut Effects) {
    if let Err(why) = site::can_write(app) {
        return trouble(app, why);
    }
    let Some(saved) = app.sites.saved.iter().find(|site| Some(&site.name) == list.saved.as_ref()).cloned() else { return };
    let old = Some(saved.name.clone());
    app.sites.saving.clone_from(&old);
    let site = crate::model::Site { charset: Some(list.chosen().label().to_owned()), ..saved };
    fx.push(Effect::SaveSite { old, site: Box::new(site) });
}

fn switch(app: &mut App, list: &Charsets, fx: &mut Effects) {
    let (side, now, chosen) = (list.side, list.now, list.chosen());
    let pane = app.pane(side);
    let Some(VolumeSpec::Ftp(site, secret)) = pane.spec.clone().filter(|_| now != chosen) else { return };
    let path = now.reread_path(&pane.path, chosen);
    let aim = pane.current().and_then(|entry| Name::new(now.reread(entry.name.as_bytes(), chosen)).ok());
    let (typed, title) = (pane.typed.clone(), site.title());
    let site = crate::model::Site { charset: Some(chosen.label().to_owned()), ..*site };
    connection::open(app, side, Resolved { spec: VolumeSpec::Ftp(Box::new(site), secret), path: Some(path) }, typed, fx);
    app.pane_mut(side).aim = aim;
    if app.sites.saving.is_none() {
        notice(app, format!("the names of {} are read as {}", printable_str(&title), chosen.label()));
    }
}
