//! The target of a copy exists: both sides beside each other, and the choices.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::dialog::{Conflict, Scope};
use crate::model::text::printable;
use crate::model::{Direction, Side};
use crate::tui::format::{count, full_date};
use crate::tui::layout::DialogPlan;
use crate::tui::text::{cut_middle, cut_start};

use super::{Scene, dialog_frame, form, pen};

/// Lines above the choices.
pub const HEAD_LINES: u16 = 6;

/// The words on the choices and, last, on the switch between this one and all.
pub fn labels(conflict: &Conflict) -> Vec<String> {
    let mut labels: Vec<String> = conflict.choices().into_iter().map(|choice| format!("{} {}", choice.key(), choice.label())).collect();
    labels.push(format!("a {}", reach(conflict)));
    labels
}

/// How far the answer may reach, always in the same words, with a mark on what holds.
fn reach(conflict: &Conflict) -> String {
    let every = if conflict.direction == Some(Direction::Up) { "every upload" } else { "every download" };
    let mut words = vec![(Scope::One, "this one"), (Scope::Batch, "all that follow")];
    words.extend(conflict.has_always().then_some((Scope::Always, every)));
    let marked = |(scope, word): (Scope, &str)| format!("{} {word}", if conflict.scope == scope { "●" } else { "○" });
    words.into_iter().map(marked).collect::<Vec<_>>().join("  ")
}

/// Draws the question.
pub fn draw(scene: &Scene<'_>, conflict: &Conflict, plan: &DialogPlan, buffer: &mut Buffer) {
    dialog_frame(scene, "The target exists", plan, buffer);
    let name = conflict.target.path.name().map(|name| printable(name.as_bytes()).into_owned()).unwrap_or_default();
    let mut lines = plan.inner.rows();
    let mut next = || lines.next().unwrap_or(Rect::ZERO);
    pen::put(buffer, next(), &cut_middle(&name, usize::from(plan.inner.width)), scene.theme.dialog.patch(scene.theme.heading));
    next();
    let bold = scene.theme.dialog.patch(scene.theme.heading);
    two(buffer, next(), ["copy this", "over this"], bold);
    let sides = [&conflict.source, &conflict.target];
    let half = usize::from(plan.inner.width / 2).saturating_sub(2);
    let paths = sides.map(|side| cut_start(&printable(side.path.as_bytes()), half).into_owned());
    two(buffer, next(), [&paths[0], &paths[1]], scene.theme.dialog);
    let sizes = sides.map(|side| side.size.map_or_else(|| "size unknown".to_owned(), |bytes| count(bytes, "byte", "bytes")));
    two(buffer, next(), [&sizes[0], &sizes[1]], scene.theme.dialog);
    let times = sides.map(|side| side.modified.map_or_else(|| "time unknown".to_owned(), |time| full_date(time, scene.clock)));
    let notes = newer(&conflict.source, &conflict.target);
    two(buffer, next(), [&format!("{}{}", times[0], notes[0]), &format!("{}{}", times[1], notes[1])], scene.theme.dialog);
    let labels = labels(conflict);
    form::buttons(scene, labels.iter().map(String::as_str), Some(conflict.focus), plan, buffer);
}

/// Which side is newer, as far as the times are known exactly enough.
fn newer(source: &Side, target: &Side) -> [&'static str; 2] {
    use std::cmp::Ordering;
    match (source.modified, target.modified) {
        (Some(a), Some(b)) => match a.compare(b) {
            Ordering::Greater => ["  newer", ""],
            Ordering::Less => ["", "  newer"],
            Ordering::Equal => ["", ""],
        },
        _ => ["", ""],
    }
}

/// Two texts beside each other.
fn two(buffer: &mut Buffer, line: Rect, texts: [&str; 2], style: ratatui::style::Style) {
    let half = line.width / 2;
    pen::put(buffer, Rect { width: half.saturating_sub(1), ..line }, texts[0], style);
    pen::put(buffer, Rect { x: line.x + half, width: line.width - half, ..line }, texts[1], style);
}
