//! The help: every key of the action table by groups, then the keys of dialogs.

use ratatui::buffer::Buffer;

use crate::app::action::{ACTIONS, Layer};
use crate::tui::layout::DialogPlan;
use crate::tui::text::{width, wrap};

use super::{Scene, dialog_frame, pen};

/// Columns for the keys.
const KEYS: usize = 18;

/// A line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A group's name.
    Heading(&'static str),
    /// Keys, which may be empty for a line that goes on, and what they do.
    Keys(String, String),
    /// Nothing.
    Blank,
}

/// What holds in dialogs, inputs and the viewer, which have keys of their own.
const ELSEWHERE: &[(&str, &str)] = &[
    ("Esc", "closes or clears, at once; a digit within half a second after it is an F-key, and so is Alt with a digit"),
    ("Ctrl-U Ctrl-W", "in a line of text: kill the line, the word before"),
    ("Tab", "in a line of text: complete, or go on to the next field"),
    ("o n s d", "an existing target: overwrite, if newer, if the size differs, if it differs (size, or a newer source)"),
    ("e r k, a", "an existing target: resume, rename, skip; for this one, all of the copy, every copy that way"),
    ("F4 h, F2 w", "viewer: hex, wrap"),
    ("/ F7, n", "viewer: find, find the next"),
    ("F5 :", "viewer: go to an offset"),
];

/// All lines of the help, for `columns`.
pub fn lines(columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut group = "";
    for row in ACTIONS {
        if row.group != group {
            group = row.group;
            if !lines.is_empty() {
                lines.push(Line::Blank);
            }
            let panel = Line::Heading("Transfers, in their panel");
            lines.push(if row.layer == Layer::Transfers { panel } else { Line::Heading(group) });
        }
        push(&mut lines, row.keys.join("  "), row.help, columns);
    }
    lines.extend([Line::Blank, Line::Heading("In dialogs, panels and the viewer")]);
    for (keys, help) in ELSEWHERE {
        push(&mut lines, (*keys).to_owned(), help, columns);
    }
    lines
}

fn push(lines: &mut Vec<Line>, keys: String, help: &str, columns: usize) {
    // Keys that reach into the text's columns have a line to themselves.
    let is_long = width(&keys) >= KEYS;
    let mut keys = Some(keys);
    if is_long {
        lines.push(Line::Keys(keys.take().unwrap_or_default(), String::new()));
    }
    for text in wrap(help, columns.saturating_sub(KEYS + 1)) {
        lines.push(Line::Keys(keys.take().unwrap_or_default(), text));
    }
}

/// Draws the help.
pub fn draw(scene: &Scene<'_>, plan: &DialogPlan, buffer: &mut Buffer) {
    dialog_frame(scene, "Help", plan, buffer);
    let Some(list) = plan.list else { return };
    let lines = lines(usize::from(plan.inner.width));
    for (index, area) in list.rows() {
        match lines.get(index) {
            Some(Line::Heading(text)) => {
                pen::put(buffer, area, text, scene.theme.dialog.patch(scene.theme.heading));
            }
            Some(Line::Keys(keys, text)) => {
                let keys_style = scene.theme.dialog.patch(scene.theme.key);
                pen::put_all(buffer, area, &[(&format!("{keys:<KEYS$} "), keys_style), (text, scene.theme.dialog)]);
            }
            Some(Line::Blank) | None => {}
        }
    }
    super::scroll_mark(scene, plan, list.top, list.len, buffer);
}
