//! The mouse over a dialog: fields, buttons and rows can be clicked; outside nothing happens.

use super::super::charsets::CharsetButton;
use super::super::hit::{DialogHit, Hit};
use super::super::key::{Key, KeyCode};
use super::super::msg::{Mouse, MouseKind};
use super::super::sites::SiteRow;
use super::super::{App, Dialog};
use super::{Effects, charset, complete, conflict, dialog, form, history, mouse, palette, site, viewer};

/// Something was done with the mouse while a dialog is open.
pub(super) fn event(app: &mut App, mouse: Mouse, fx: &mut Effects) {
    match (mouse.kind, mouse.hit) {
        (MouseKind::Press, Hit::Dialog(hit)) => press(app, hit, fx),
        (MouseKind::Press, Hit::KeyBar(number)) => dialog::key(app, Key::plain(KeyCode::F(number)), fx),
        (MouseKind::WheelUp, _) => wheel(app, false, fx),
        (MouseKind::WheelDown, _) => wheel(app, true, fx),
        (MouseKind::Press | MouseKind::RightPress | MouseKind::Drag | MouseKind::Release, _) => {}
    }
}

fn press(app: &mut App, hit: DialogHit, fx: &mut Effects) {
    match hit {
        DialogHit::Field(index) => field(app, index),
        DialogHit::Turn(index, forward) => turn(app, index, forward),
        DialogHit::Page(page) => {
            if let Some(Dialog::Form(form)) = app.dialogs.last_mut() {
                form.turn_to(page);
            }
        }
        DialogHit::Button(index) => button(app, index, fx),
        DialogHit::Row(index) => row(app, index, fx),
        DialogHit::Inside | DialogHit::Outside => {}
    }
}

fn field(app: &mut App, index: usize) {
    match app.dialogs.last_mut() {
        Some(Dialog::Form(form)) if index < form.fields.len() => {
            let again = form.focus == index;
            form.focus_on(index);
            if let Some(field) = form.fields.get_mut(index).filter(|_| again) {
                field.turn(true);
            }
        }
        Some(Dialog::Sites(list)) => list.selected = None,
        _ => {}
    }
}

/// An arrow of a choice turns it at once.
fn turn(app: &mut App, index: usize, forward: bool) {
    if let Some(Dialog::Form(form)) = app.dialogs.last_mut()
        && let Some(field) = form.fields.get_mut(index)
    {
        field.turn(forward);
        form.error = None;
        form.focus_on(index);
    }
}

fn button(app: &mut App, index: usize, fx: &mut Effects) {
    match app.dialogs.last() {
        Some(Dialog::Form(_)) => form::button(app, index, fx),
        Some(Dialog::Confirm(_)) => dialog::press(app, index, fx),
        Some(Dialog::Conflict(_)) => conflict::take_at(app, index, fx),
        Some(Dialog::Charsets(_)) => charset::button(app, index, fx),
        Some(Dialog::Viewer(_) | Dialog::Help(_) | Dialog::Palette(_) | Dialog::Sites(_) | Dialog::History(_) | Dialog::Message { .. }) => {
            dialog::close(app, fx)
        }
        None => {}
    }
}

fn row(app: &mut App, index: usize, fx: &mut Effects) {
    match app.dialogs.last_mut() {
        Some(Dialog::Palette(_)) => palette::take(app, index, fx),
        Some(Dialog::Form(_)) => complete::choose(app, index),
        Some(Dialog::Sites(list)) => {
            if matches!(list.rows.get(index), Some(SiteRow::Saved(_) | SiteRow::Recent(_))) {
                list.selected = Some(index);
                if mouse::is_double(app, None, index) {
                    site::enter(app, fx);
                }
            }
        }
        Some(Dialog::History(history)) => {
            history.selected = index.min(history.rows.len().saturating_sub(1));
            if mouse::is_double(app, None, index) {
                history::details(app);
            }
        }
        Some(Dialog::Charsets(list)) => {
            list.select(index);
            if mouse::is_double(app, None, index) {
                charset::take(app, CharsetButton::Use, fx);
            }
        }
        Some(Dialog::Confirm(_) | Dialog::Conflict(_) | Dialog::Viewer(_) | Dialog::Help(_) | Dialog::Message { .. }) | None => {}
    }
}

fn wheel(app: &mut App, down: bool, fx: &mut Effects) {
    let by = if down { 3 } else { -3 };
    let page = app.screen.panel_page.max(1);
    match app.dialogs.last_mut() {
        Some(Dialog::Viewer(_)) => viewer::scroll(app, by, fx),
        Some(Dialog::Help(_) | Dialog::Message { .. } | Dialog::Confirm(_)) => dialog::scroll(app, by),
        Some(Dialog::Palette(palette)) => {
            palette.selected = palette.selected.saturating_add_signed(by).min(palette.matches.len().saturating_sub(1))
        }
        Some(Dialog::Sites(list)) => list.top = list.top.saturating_add_signed(by).min(list.rows.len().saturating_sub(1)),
        Some(Dialog::History(history)) => history.select(history.selected.saturating_add_signed(by), page),
        Some(Dialog::Charsets(list)) => list.select(list.selected.saturating_add_signed(by)),
        Some(Dialog::Form(_) | Dialog::Conflict(_)) | None => {}
    }
}
