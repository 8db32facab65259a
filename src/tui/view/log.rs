//! The log panel: the dialogue with the servers, `>` sent, `<` received, with times. Only the lines that show are built.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use crate::model::text::printable;
use crate::model::{WireKind, WireLine};
use crate::tui::format::log_time;
use crate::tui::layout::PanelPlan;

use super::{Scene, pen};

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, plan: &PanelPlan, buffer: &mut Buffer) {
    let log = &scene.app.log;
    let height = usize::from(plan.body.height);
    let up = log.up.min(log.lines.len().saturating_sub(height));
    let keys = if scene.app.panel_focus { "↑↓ PgUp scroll  Tab panes  L closes" } else { "Shift-Tab here  L closes" };
    let hint = if up > 0 { format!("{up} newer: End  {keys}") } else { keys.to_owned() };
    panel_title(scene, plan, "Log", &hint, buffer);
    if log.lines.is_empty() {
        pen::put(buffer, plan.body, " nothing was sent yet", scene.theme.dim);
    }
    let end = log.lines.len() - up;
    let start = end.saturating_sub(height);
    for (line, area) in log.lines.range(start..end).zip(plan.body.rows()) {
        let (sign, style) = look_of(scene, line);
        let time = log_time(line.at, scene.clock);
        let text = printable(&line.text);
        pen::put_all(buffer, area, &[(&time, scene.theme.dim), (" ", style), (sign, style), (" ", style), (&text, style)]);
    }
}

fn look_of(scene: &Scene<'_>, line: &WireLine) -> (&'static str, Style) {
    match line.kind {
        WireKind::Sent => (">", scene.theme.sent),
        WireKind::Received => ("<", scene.theme.received),
        WireKind::Step => ("·", scene.theme.step),
        WireKind::Trouble => ("!", scene.theme.error),
    }
}

/// The rule above a panel, thick where the panel has the keys.
pub fn panel_rule(scene: &Scene<'_>, plan: &PanelPlan, buffer: &mut Buffer) {
    let (sign, style) = if scene.app.panel_focus { ("━", scene.theme.frame_focus) } else { ("─", scene.theme.frame) };
    pen::put(buffer, plan.title, &sign.repeat(usize::from(plan.title.width)), style);
}

/// The line above a panel: `── Log ──── L closes ─`.
pub fn panel_title(scene: &Scene<'_>, plan: &PanelPlan, title: &str, hint: &str, buffer: &mut Buffer) {
    panel_rule(scene, plan, buffer);
    let inner = ratatui::layout::Rect { x: plan.title.x + 2, width: plan.title.width.saturating_sub(4), ..plan.title };
    pen::put_right(buffer, inner, &format!(" {hint} "), scene.theme.dim);
    pen::put(buffer, inner, &format!(" {title} "), scene.theme.title_focus);
}
