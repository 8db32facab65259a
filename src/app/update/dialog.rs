//! Keys of dialogs: each kind has its own, and Esc or Ctrl-C closes every one.

use crate::bus::Answer;

use super::super::dialog::{About, Button, Confirm, Scroll, Then};
use super::super::effect::Effect;
use super::super::key::{Key, KeyCode};
use super::super::{App, Dialog};
use super::{
    Effects, charset, checkup, conflict, delete, edit, form, history, palette, program, question, queue, site, site_keys, unfinished,
    viewer, why,
};

/// A key for the dialog on top.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    match app.dialogs.last() {
        Some(Dialog::Form(_)) => form::key(app, key, fx),
        Some(Dialog::Confirm(_)) => confirm_key(app, key, fx),
        Some(Dialog::Conflict(_)) => conflict::key(app, key, fx),
        Some(Dialog::Viewer(_)) => viewer::key(app, key, fx),
        Some(Dialog::Help(_) | Dialog::Message { .. }) => reading_key(app, key, fx),
        Some(Dialog::Palette(_)) => palette::key(app, key, fx),
        Some(Dialog::Sites(_)) => site_keys::dialog_key(app, key, fx),
        Some(Dialog::History(_)) => history::key(app, key, fx),
        Some(Dialog::Charsets(_)) => charset::key(app, key, fx),
        None => {}
    }
}

/// Closes the dialog on top, as Esc does.
pub(super) fn close(app: &mut App, fx: &mut Effects) {
    match app.dialogs.last() {
        Some(Dialog::Form(_)) => form::cancel(app, fx),
        Some(Dialog::Conflict(_)) => conflict::give_up(app, fx),
        Some(Dialog::Viewer(_)) => viewer::close(app, fx),
        Some(Dialog::Confirm(_)) => close_confirm(app, fx),
        Some(Dialog::Message { about: Some(About::Server), .. }) => {
            app.dialogs.pop();
            checkup::close(app, fx);
        }
        Some(
            Dialog::Help(_) | Dialog::Message { .. } | Dialog::Palette(_) | Dialog::Sites(_) | Dialog::History(_) | Dialog::Charsets(_),
        ) => drop(app.dialogs.pop()),
        None => {}
    }
}

fn confirm_key(app: &mut App, key: Key, fx: &mut Effects) {
    let (quiet, scrolls) = (app.now < app.quiet_until, app.screen.scroll_most > 0);
    let Some(Dialog::Confirm(confirm)) = app.dialogs.last_mut() else { return };
    let count = confirm.buttons.len().max(1);
    match key.code {
        // It came up by itself: what is typed was meant for what was there before.
        KeyCode::Char(_) | KeyCode::Enter if quiet && confirm.question.is_some() && !key.ctrl => {}
        KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown | KeyCode::Home | KeyCode::End if scrolls => {
            scroll_key(app, key.code);
        }
        KeyCode::Esc => close_confirm(app, fx),
        // Who was asked whether to quit and presses it again means it; what Enter takes there loses nothing.
        KeyCode::Char('c') if key.ctrl && asks_to_quit(confirm) => {
            let focus = confirm.focus;
            press(app, focus, fx);
        }
        KeyCode::Char('c') if key.ctrl => close_confirm(app, fx),
        KeyCode::Left | KeyCode::Up | KeyCode::BackTab => confirm.focus = (confirm.focus + count - 1) % count,
        KeyCode::Right | KeyCode::Down | KeyCode::Tab => confirm.focus = (confirm.focus + 1) % count,
        KeyCode::Enter => {
            let focus = confirm.focus;
            press(app, focus, fx);
        }
        KeyCode::Char(c) if !key.ctrl && !key.alt => {
            if let Some(place) = lettered(confirm, c) {
                press(app, place, fx);
            }
        }
        _ => {}
    }
}

/// The button that a letter takes: only its capital where what it does is grave, else in either case.
fn lettered(confirm: &Confirm, c: char) -> Option<usize> {
    let takes =
        |button: &Button| button.key().is_some_and(|key| key == c || (!button.then.is_grave() && key.to_lowercase().eq(c.to_lowercase())));
    confirm.buttons.iter().position(takes)
}

fn asks_to_quit(confirm: &Confirm) -> bool {
    confirm.buttons.iter().any(|button| matches!(button.then, Then::Quit { .. }))
}

/// Takes a button.
pub(super) fn press(app: &mut App, place: usize, fx: &mut Effects) {
    let Some(Dialog::Confirm(mut confirm)) = app.dialogs.pop() else { return };
    delete::stop_count(app, &confirm, fx);
    let place = place.min(confirm.buttons.len().saturating_sub(1));
    if confirm.buttons.is_empty() {
        return;
    }
    let then = confirm.buttons.remove(place).then;
    delete::drop_requests(app, &confirm);
    match then {
        Then::Nothing => edit::left_open(app),
        Then::Send(commands) => fx.extend(commands.into_iter().map(Effect::Engine)),
        Then::Quit { cancel } => program::leave(app, cancel, fx),
        Then::RemoveSite(name) => site::remove(app, name, fx),
        Then::StoreEdited(number) => edit::store(app, number, fx),
        Then::KeepEdited(number) => edit::keep(app, number),
        Then::ForgetUnfinished(journals) => unfinished::forget(app, &journals, fx),
        Then::GoOn(journal) => unfinished::restore(app, journal, fx),
        Then::AskToForget => unfinished::ask_to_forget(app),
        Then::ForgetFailed => queue::forget_failed(app, fx),
        Then::Trust(id, kept) => question::trust(app, id, kept, fx),
        Then::Replace(id, site, fingerprint) => question::replace(app, id, site, fingerprint, fx),
        Then::Fix(fix, site, at) => why::fix(app, fix, *site, at, fx),
        Then::Distrust(id) => question::answer(app, id, Answer::Cancel { all: true }, fx),
    }
}

/// Esc takes the last button.
fn close_confirm(app: &mut App, fx: &mut Effects) {
    press(app, usize::MAX, fx);
}

/// Keys of what is only read.
fn reading_key(app: &mut App, key: Key, fx: &mut Effects) {
    let closes = matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::F(1 | 10) | KeyCode::Char('q' | '?')) || key == Key::ctrl('c');
    if closes {
        return close(app, fx);
    }
    let about = if let Some(Dialog::Message { about, .. }) = app.dialogs.last() { *about } else { None };
    match (about, key.code) {
        (Some(About::Server), KeyCode::Char('r') | KeyCode::F(5)) => return checkup::run(app, fx),
        (Some(_), KeyCode::Char('x') | KeyCode::F(2)) => return why::show(app),
        _ => {}
    }
    scroll_key(app, key.code);
}

/// Scrolls by a key.
fn scroll_key(app: &mut App, key: KeyCode) {
    let page = app.screen.panel_page.max(1);
    let Some(scroll) = scroll_of(app) else { return };
    match key {
        KeyCode::Up | KeyCode::Char('k') => scroll.top = scroll.top.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => scroll.top = scroll.top.saturating_add(1),
        KeyCode::PageUp => scroll.top = scroll.top.saturating_sub(page),
        KeyCode::PageDown | KeyCode::Char(' ') => scroll.top = scroll.top.saturating_add(page),
        KeyCode::Home | KeyCode::Char('g') => scroll.top = 0,
        KeyCode::End | KeyCode::Char('G') => scroll.top = LAST,
        _ => {}
    }
    clamp(app);
}

/// Beyond every text: the clamp puts it right.
const LAST: usize = usize::MAX / 2;

/// Scrolls what is only read, as the wheel does.
pub(super) fn scroll(app: &mut App, by: isize) {
    if let Some(scroll) = scroll_of(app) {
        scroll.top = scroll.top.saturating_add_signed(by);
    }
    clamp(app);
}

fn scroll_of(app: &mut App) -> Option<&mut Scroll> {
    match app.dialogs.last_mut() {
        Some(Dialog::Help(scroll) | Dialog::Message { scroll, .. } | Dialog::Confirm(Confirm { scroll, .. })) => Some(scroll),
        _ => None,
    }
}

/// A text does not scroll past its last line; how its lines are broken, and so how many there are, the layout knows.
fn clamp(app: &mut App) {
    let most = app.screen.scroll_most;
    if let Some(scroll) = scroll_of(app) {
        scroll.top = scroll.top.min(most);
    }
}
