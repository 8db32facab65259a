//! The palette and the menu: actions with their keys, searched as you type.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::action::ACTIONS;
use crate::app::allowed::refusal;
use crate::app::dialog::Palette;
use crate::app::hit::DialogHit;
use crate::model::text::printable_str;
use crate::tui::layout::DialogPlan;

use super::{Scene, dialog_frame, pen};

/// Columns for the name of a group in the menu.
const GROUP: u16 = 10;

/// Draws the palette.
pub fn draw(scene: &Scene<'_>, palette: &Palette, plan: &DialogPlan, buffer: &mut Buffer) -> Option<Position> {
    dialog_frame(scene, if palette.is_menu { "Menu" } else { "Palette" }, plan, buffer);
    let line = plan.part(DialogHit::Field(0))?;
    let shown = printable_str(palette.input.value()).into_owned();
    let cursor = pen::input(buffer, line, &palette.input, &shown, scene.theme.input_focus);
    if shown.is_empty() {
        let hint = Rect { x: line.x + 1, width: line.width.saturating_sub(1), ..line };
        pen::put(buffer, hint, "type to search", scene.theme.input_focus.patch(scene.theme.dim));
    }
    let Some(list) = plan.list else { return cursor };
    if palette.matches.is_empty() {
        pen::put(buffer, list.area, "nothing matches", scene.theme.dialog.patch(scene.theme.dim));
    }
    let mut group = "";
    for (index, area) in list.rows() {
        let Some(row) = palette.matches.get(index).and_then(|&place| ACTIONS.get(place)) else { continue };
        let chosen = index == palette.selected;
        let refusal = refusal(scene.app, row.action);
        let style = if chosen { scene.theme.cursor } else { scene.theme.dialog };
        if chosen {
            pen::fill(buffer, area, style);
        }
        let mut rest = area;
        if palette.is_menu {
            if row.group != group {
                group = row.group;
                let heading = if chosen { style } else { style.patch(scene.theme.heading) };
                pen::put(buffer, Rect { width: GROUP.min(area.width), ..area }, group, heading);
            }
            rest = Rect { x: area.x + GROUP.min(area.width), width: area.width.saturating_sub(GROUP), ..area };
        }
        let keys = row.keys.first().copied().unwrap_or("");
        let key_style = if chosen { style } else { style.patch(scene.theme.key) };
        let used = pen::put_right(buffer, rest, keys, key_style);
        let title = Rect { width: rest.width.saturating_sub(used + 1), ..rest };
        match refusal {
            None => pen::put(buffer, title, row.title, style),
            // What cannot be done is grey, with the reason behind it.
            Some(why) => pen::put(buffer, title, &format!("{} - {why}", row.title), style.patch(Style { bg: None, ..scene.theme.dim })),
        };
    }
    super::scroll_mark(scene, plan, list.top, list.len, buffer);
    cursor
}
