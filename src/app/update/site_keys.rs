//! Keys in a list of sites: every letter goes into the line, to search or to open; what acts on a site is an F-key, as on files.

use super::super::input;
use super::super::key::{Key, KeyCode};
use super::super::sites::{SiteList, SiteRow};
use super::super::{App, Dialog};
use super::{Effects, notice, site, site_form};

/// A key for the list in the focused pane; tells whether it was one for it.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) -> bool {
    if key.alt || (key.ctrl && !matches!(key.code, KeyCode::Char('u' | 'w' | 'a' | 'e' | 'k' | 'y'))) {
        return false;
    }
    let has_offer = app.has_offer();
    let Some(list) = site::active(app) else { return false };
    // What is offered has keys of its own as long as nothing is typed.
    if has_offer && list.input.value().is_empty() && is_for_offer(key) {
        return false;
    }
    // It is the line's, also where there is nothing to kill.
    act(app, key, fx) || key == Key::ctrl('u')
}

/// The keys that the line with the offer names.
fn is_for_offer(key: Key) -> bool {
    [KeyCode::Char('C'), KeyCode::Char('D'), KeyCode::Char('w')].map(Key::plain).contains(&key)
}

/// A key for the dialog.
pub(super) fn dialog_key(app: &mut App, key: Key, fx: &mut Effects) {
    let closes = key == Key::plain(KeyCode::Esc) || key == Key::ctrl('c') || key.code == KeyCode::F(2) || key.code == KeyCode::F(10);
    if closes {
        if matches!(app.dialogs.last(), Some(Dialog::Sites(_))) {
            app.dialogs.pop();
        }
        return;
    }
    act(app, key, fx);
}

fn act(app: &mut App, key: Key, fx: &mut Effects) -> bool {
    let page = app.screen.page.max(1);
    let Some(list) = site::active(app) else { return false };
    match key.code {
        KeyCode::Enter => site::enter(app, fx),
        KeyCode::Esc => return clear(app),
        KeyCode::Up => go(list, false, 1),
        KeyCode::Down => go(list, true, 1),
        KeyCode::PageUp => go(list, false, page),
        KeyCode::PageDown => go(list, true, page),
        KeyCode::F(4 | 6 | 7 | 8) | KeyCode::Delete => on_row(app, key),
        KeyCode::Tab | KeyCode::BackTab | KeyCode::F(_) | KeyCode::Insert => return false,
        _ => return typed(app, key),
    }
    true
}

/// A key for the line: it takes the choice back from the rows.
fn typed(app: &mut App, key: Key) -> bool {
    let Some(list) = site::active(app) else { return false };
    if !input::type_key(&mut list.input, key) {
        return false;
    }
    list.selected = None;
    list.top = 0;
    list.message = None;
    site::rebuild(app);
    true
}

/// Esc clears the line, then the choice; with nothing to clear it is not for the list.
fn clear(app: &mut App) -> bool {
    let Some(list) = site::active(app) else { return false };
    if list.input.value().is_empty() && list.selected.is_none() && list.message.is_none() {
        return false;
    }
    list.input.reset();
    list.selected = None;
    list.message = None;
    site::rebuild(app);
    true
}

/// Moves the choice over the rows, headings left out; above the first is the line.
fn go(list: &mut SiteList, down: bool, by: usize) {
    for _ in 0..by {
        let is_site = |row: &usize| matches!(list.rows.get(*row), Some(SiteRow::Saved(_) | SiteRow::Recent(_)));
        let next = match (list.selected, down) {
            (None, true) => (0..list.rows.len()).find(is_site),
            (Some(row), true) => (row + 1..list.rows.len()).find(is_site).or(Some(row)),
            (Some(row), false) => (0..row).rev().find(is_site),
            (None, false) => None,
        };
        list.selected = next;
    }
}

/// Edit, rename, delete, make new.
fn on_row(app: &mut App, key: Key) {
    let Some(list) = site::active(app) else { return };
    if key.code == KeyCode::Delete && list.selected.is_none() {
        typed(app, key);
        return;
    }
    let is_site = |row: &&SiteRow| matches!(row, SiteRow::Saved(_) | SiteRow::Recent(_));
    // Where something is typed the first that it finds is meant.
    let found = list.rows.iter().find(is_site).filter(|_| !list.input.value().is_empty());
    let row = list.selected.and_then(|row| list.rows.get(row)).or(found).cloned();
    match (key.code, row) {
        (KeyCode::F(7), _) => site_form::new(app),
        (KeyCode::F(4), Some(SiteRow::Saved(i))) => site_form::edit(app, i),
        (KeyCode::F(4), Some(row @ SiteRow::Recent(_))) => site_form::save_recent(app, &row),
        (KeyCode::F(6), Some(SiteRow::Saved(i))) => site_form::ask_rename(app, i),
        (KeyCode::F(8) | KeyCode::Delete, Some(SiteRow::Saved(i))) => site::ask_remove(app, i),
        (_, Some(SiteRow::Recent(_))) => notice(app, "this one is not saved: F4 saves it"),
        _ => notice(app, "no site is chosen: the arrows choose one"),
    }
}
