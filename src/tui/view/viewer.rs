//! A file being viewed: text, wrapped or cut, or bytes in hex. Draws from the window that is loaded, one screen of it.
//!
//! Control bytes show as pictures; text is UTF-8 where the window is, else Windows-1252, which has a character for every printable
//! byte of Latin-1.

mod hex;
mod lines;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::viewer::{ViewMode, Viewer, is_utf8};
use crate::model::text::printable;
use crate::tui::format::{count, grouped};
use crate::tui::layout::DialogPlan;
use crate::tui::text::cut_start;

use super::{Scene, pen};

/// Draws the viewer over the whole screen.
pub fn draw(scene: &Scene<'_>, viewer: &Viewer, plan: &DialogPlan, buffer: &mut Buffer) {
    let top = Rect { height: 1, ..plan.frame };
    title(scene, viewer, top, buffer);
    let body = plan.inner;
    if let Some(trouble) = &viewer.trouble {
        for (text, line) in crate::tui::text::wrap(trouble, usize::from(body.width)).iter().zip(body.rows()) {
            pen::put(buffer, line, text, scene.theme.error);
        }
    } else if window_at(viewer).is_empty() {
        let text = match (viewer.loading, viewer.size) {
            (Some(_), _) => "reading …",
            (None, Some(0)) => "the file is empty",
            (None, _) => "the end of the file",
        };
        pen::put(buffer, body, text, scene.theme.dim);
    } else {
        match viewer.mode {
            ViewMode::Text => lines::draw(scene, viewer, body, buffer),
            ViewMode::Hex => hex::draw(scene, viewer, body, buffer),
        }
    }
}

/// The bytes from the top of the screen on, as far as they are loaded.
pub fn window_at(viewer: &Viewer) -> &[u8] {
    let from = viewer.top.checked_sub(viewer.offset).and_then(|from| usize::try_from(from).ok());
    from.and_then(|from| viewer.bytes.get(from..)).unwrap_or_default()
}

/// Whether the byte of the file at `at` belongs to what was found.
pub fn is_found(viewer: &Viewer, at: u64) -> bool {
    viewer.found.is_some_and(|(start, length)| at >= start && at < start + length as u64)
}

fn title(scene: &Scene<'_>, viewer: &Viewer, area: Rect, buffer: &mut Buffer) {
    let style = scene.theme.title_focus;
    pen::fill(buffer, area, style);
    let place = match viewer.size {
        Some(0) | None => format!(" {} ", count(viewer.top, "byte", "bytes")),
        Some(size) => format!(" {} of {}  {}% ", grouped(viewer.top), grouped(size), viewer.top.saturating_mul(100) / size),
    };
    let charset = if is_utf8(&viewer.bytes) { "UTF-8" } else { "Windows-1252" };
    let mode = match viewer.mode {
        ViewMode::Hex => "hex",
        ViewMode::Text => charset,
    };
    let used = pen::put_right(buffer, area, &format!(" {mode} {place}"), style);
    let rest = Rect { x: area.x + 1, width: area.width.saturating_sub(used + 2), ..area };
    pen::put(buffer, rest, &cut_start(&printable(viewer.path.as_bytes()), usize::from(rest.width)), style);
}
