//! What is on the screen, one file a part: pure functions from the app to the cells of a frame.
//!
//! Guarantee: only what is visible is built, so a frame costs the same for ten entries and for a million; every byte of a server passes
//! `model::text::printable` first; nothing is written outside the rectangle it was given.

pub mod conflict;
pub mod help;

mod charset;
mod confirm;
mod drag;
mod form;
mod history;
mod keys;
mod log;
mod message;
mod names;
mod palette;
mod pane;
mod pen;
mod sites;
mod strip;
mod title;
mod transfer_row;
mod transfers;
mod viewer;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Block, BorderType, Widget};

use crate::app::{App, Dialog, Panel};

use super::format::Clock;
use super::layout::{DialogPlan, Plan, SMALLEST, fills_screen};
use super::text::cut_end;
use super::theme::Theme;

/// What is needed to draw: the state, the colours and the time that dates are shown against.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The state.
    pub app: &'a App,
    /// The colours.
    pub theme: &'a Theme,
    /// The time.
    pub clock: &'a Clock,
}

/// Draws everything.
pub fn draw(scene: &Scene<'_>, frame: &mut Frame<'_>) {
    let plan = Plan::of(scene.app, frame.area());
    let cursor = paint(scene, &plan, frame.buffer_mut());
    if let Some(at) = cursor {
        frame.set_cursor_position(at);
    }
}

/// The title of the window: what the pane with the focus shows.
pub fn window_title(app: &App) -> String {
    let pane = app.pane(app.focus);
    match &pane.content {
        crate::app::Content::Directory => format!("ftpane: {} {}", names::volume(pane), names::path_of(pane, &pane.path)),
        _ => "ftpane".to_owned(),
    }
}

/// Draws everything into a buffer; returns where the terminal's cursor belongs, if somewhere.
pub fn paint(scene: &Scene<'_>, plan: &Plan, buffer: &mut Buffer) -> Option<Position> {
    buffer.set_style(plan.area, scene.theme.text);
    if plan.too_small {
        too_small(scene, plan.area, buffer);
        return None;
    }
    if let (Some(top), Some(dialog_plan)) = (scene.app.dialogs.last(), &plan.dialog)
        && fills_screen(top)
    {
        keys::draw(scene, plan.keys, buffer);
        return dialog(scene, top, dialog_plan, buffer);
    }
    let mut cursor = None;
    for pane_plan in &plan.panes {
        cursor = pane::draw(scene, pane_plan, buffer).or(cursor);
    }
    if let (Some(panel), Some(panel_plan)) = (scene.app.panel, &plan.panel) {
        match panel {
            Panel::Log => log::draw(scene, panel_plan, buffer),
            Panel::Transfers => transfers::draw(scene, panel_plan, buffer),
        }
    }
    strip::draw(scene, plan.strip, buffer);
    keys::draw(scene, plan.keys, buffer);
    if let (Some(top), Some(dialog_plan)) = (scene.app.dialogs.last(), &plan.dialog) {
        cursor = dialog(scene, top, dialog_plan, buffer);
    }
    if let Some(held) = &scene.app.drag {
        drag::draw(scene, held, plan.area, buffer);
        cursor = None;
    }
    cursor
}

fn too_small(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let text = format!("too small: {}x{}, needs {}x{}", area.width, area.height, SMALLEST.0, SMALLEST.1);
    pen::put(buffer, area, &text, scene.theme.warn);
}

fn dialog(scene: &Scene<'_>, top: &Dialog, plan: &DialogPlan, buffer: &mut Buffer) -> Option<Position> {
    match top {
        Dialog::Form(form) => return form::draw(scene, form, plan, buffer),
        Dialog::Palette(palette) => return palette::draw(scene, palette, plan, buffer),
        Dialog::Sites(list) => return sites::draw_dialog(scene, list, plan, buffer),
        Dialog::History(history) => return history::draw(scene, history, plan, buffer),
        Dialog::Charsets(list) => charset::draw(scene, list, plan, buffer),
        Dialog::Confirm(confirm) => confirm::draw(scene, confirm, plan, buffer),
        Dialog::Conflict(conflict) => conflict::draw(scene, conflict, plan, buffer),
        Dialog::Viewer(viewer) => viewer::draw(scene, viewer, plan, buffer),
        Dialog::Help(_) => help::draw(scene, plan, buffer),
        Dialog::Message { title, lines, scroll, about: _ } => message::draw(scene, (title, lines.len(), *scroll), plan, buffer),
    }
    None
}

/// The empty frame of a dialog with its title.
fn dialog_frame(scene: &Scene<'_>, title: &str, plan: &DialogPlan, buffer: &mut Buffer) {
    pen::cover(buffer, plan.frame);
    let title = cut_end(title, usize::from(plan.inner.width));
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(scene.theme.dialog_frame)
        .style(scene.theme.dialog)
        .title(format!(" {title} "))
        .title_style(scene.theme.dialog.patch(scene.theme.title_focus))
        .render(plan.frame, buffer);
}

/// Where more lines are than show: on the frame's lower edge, which of them these are.
fn scroll_mark(scene: &Scene<'_>, plan: &DialogPlan, top: usize, len: usize, buffer: &mut Buffer) {
    scroll_mark_at(scene, plan, (top, usize::from(plan.inner.height), len), buffer);
}

/// The same where so many lines of the dialog are the text's.
fn scroll_mark_at(scene: &Scene<'_>, plan: &DialogPlan, (top, height, len): (usize, usize, usize), buffer: &mut Buffer) {
    if len <= height {
        return;
    }
    let last = (top + height).min(len);
    let text = format!(" {}-{last} of {len} ", top + 1);
    let line = Rect { x: plan.inner.x, y: plan.frame.bottom().saturating_sub(1), width: plan.inner.width, height: 1 };
    pen::put_right(buffer, line, &text, scene.theme.dialog.patch(scene.theme.dim));
}
