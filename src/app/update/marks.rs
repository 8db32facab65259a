//! Marks.

use super::super::App;
use super::super::pane::Pane;
use super::mask::Mask;
use super::{notice, pane, text};

/// Marks or unmarks the entry under the cursor and goes one row on.
pub(super) fn toggle(app: &mut App, by: isize) {
    flip(app.pane_mut(app.focus));
    pane::step(app, by);
}

/// Marks or unmarks the entry under the cursor.
pub(super) fn flip(pane: &mut Pane) {
    let Some(name) = pane.current().map(|entry| entry.name.clone()) else { return };
    if !pane.marks.remove(&name) {
        pane.marks.insert(name);
    }
}

/// Marks what is not marked, and the other way round; only what is shown.
pub(super) fn invert(app: &mut App) {
    let pane = app.pane_mut(app.focus);
    let names = pane.order.iter().filter_map(|&i| pane.entries.get(i as usize)).map(|entry| entry.name.clone());
    pane.marks = names.filter(|name| !pane.marks.contains(name)).collect();
}

/// Marks or unmarks what matches a mask.
pub(super) fn by_mask(app: &mut App, mask: &str, mark: bool) -> Result<(), String> {
    let mask = Mask::new(if mask.trim().is_empty() { "*" } else { mask.trim() })?;
    let pane = app.pane_mut(app.focus);
    let names = pane.order.iter().filter_map(|&i| pane.entries.get(i as usize)).filter(|entry| mask.matches(entry.name.as_bytes()));
    let names: Vec<_> = names.map(|entry| entry.name.clone()).collect();
    let count = names.len() as u64;
    for name in names {
        if mark {
            pane.marks.insert(name);
        } else {
            pane.marks.remove(&name);
        }
    }
    notice(app, format!("{} {}", text::many(count, "entry", "entries"), if mark { "marked" } else { "unmarked" }));
    Ok(())
}
