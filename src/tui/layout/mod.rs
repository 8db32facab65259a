//! Where everything is on the screen: a pure function of the app and the screen's size.
//!
//! Guarantee: views draw where the plan says and the mouse is read by the same plan, so that a cell always means what is drawn there.
//! Parts do not overlap, except that a dialog lies over all but the key bar, and then only these two can be hit; and that a notice of more than
//! one line lies over the lines above its own, and is hit there.

mod dialog;
mod form;
mod pane;
mod panel;

use ratatui::layout::{Position, Rect};

use crate::app::hit::DialogHit;
use crate::app::key::Prefix;
use crate::app::{App, Content, Dialog, Hit, PaneSide, Screen};
use crate::tui::text::{cut_end, wrap};

pub use dialog::{DialogPlan, ListPlan};
pub use pane::{Column, Columns, PanePlan};
pub use panel::{PanelPlan, Part, action_of as panel_action_of};

/// The smallest screen that is drawn on.
pub const SMALLEST: (u16, u16) = (60, 16);
/// Narrower screens show one pane at a time.
pub const BOTH_PANES: u16 = 80;
/// Lines that a notice takes at most.
const TOAST: usize = 3;
/// Items of the key bar.
pub const KEYS: u16 = 10;

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The whole screen.
    pub area: Rect,
    /// Nothing but a word about that is drawn.
    pub too_small: bool,
    /// The panes that are shown, left before right.
    pub panes: Vec<PanePlan>,
    /// The panel below the panes.
    pub panel: Option<PanelPlan>,
    /// The line of transfers, notices and details.
    pub strip: Rect,
    /// The key bar.
    pub keys: Rect,
    /// The top dialog.
    pub dialog: Option<DialogPlan>,
}

impl Plan {
    /// The plan for a screen of `area`.
    pub fn of(app: &App, area: Rect) -> Self {
        let too_small = area.width < SMALLEST.0 || area.height < SMALLEST.1;
        let mut plan = Self { area, too_small, panes: Vec::new(), panel: None, strip: Rect::ZERO, keys: Rect::ZERO, dialog: None };
        if too_small {
            return plan;
        }
        plan.keys = Rect { y: area.bottom() - 1, height: 1, ..area };
        plan.strip = strip(app, area);
        let mut panes_height = area.height - 2;
        if let Some(panel) = app.panel {
            let height = panel::height(panel, area.height);
            panes_height -= height;
            plan.panel = Some(PanelPlan::of(panel, app, Rect { y: area.y + panes_height, height, ..area }));
        }
        plan.panes = panes(app, Rect { height: panes_height, ..area });
        plan.dialog = app.dialogs.last().map(|top| DialogPlan::of(top, app, area));
        plan
    }

    /// The plan of a pane, if it is shown.
    pub fn pane(&self, side: PaneSide) -> Option<&PanePlan> {
        self.panes.iter().find(|pane| pane.side == side)
    }

    /// The sizes that the app needs to know.
    pub fn screen(&self) -> Screen {
        let page = self.panes.first().map_or(1, |pane| usize::from(pane.rows.height));
        let panel = match (&self.dialog, &self.panel) {
            (Some(dialog), _) if dialog.page().is_some() => dialog.page().unwrap_or(1),
            (_, Some(panel)) => usize::from(panel.body.height),
            _ => page,
        };
        let scroll_most = self.dialog.as_ref().map_or(0, |dialog| dialog.most);
        Screen { cols: self.area.width, rows: self.area.height, page: page.max(1), panel_page: panel.max(1), scroll_most }
    }

    /// What is drawn at a cell.
    pub fn hit(&self, app: &App, column: u16, row: u16) -> Hit {
        let at = Position::new(column, row);
        if self.too_small || !self.area.contains(at) {
            return Hit::Nothing;
        }
        if self.keys.contains(at) {
            let item = (1..=KEYS).find(|&item| key_rect(self.keys, item).contains(at));
            return item.map_or(Hit::Nothing, |item| Hit::KeyBar(item as u8));
        }
        if let Some(dialog) = &self.dialog {
            return Hit::Dialog(dialog.hit(at));
        }
        if self.strip.contains(at) {
            return Hit::Strip;
        }
        if let Some(hit) = self.panel.as_ref().and_then(|panel| panel.hit(at)) {
            return hit;
        }
        match self.panes.iter().find(|pane| pane.frame.contains(at)) {
            Some(pane) => pane_hit(pane, app, at),
            None => Hit::Nothing,
        }
    }
}

/// The line above the key bar; a notice that is longer lies over what is above it, for as long as it shows.
fn strip(app: &App, area: Rect) -> Rect {
    // What the next key may be goes before it, on the one line.
    let toast = app.toast.as_ref().filter(|_| !matches!(app.pending, Some(Prefix::Sort | Prefix::CtrlX)));
    let lines = toast.map_or(1, |toast| toast_lines(&toast.text, area.width).len().max(1)) as u16;
    Rect { y: area.bottom() - 1 - lines, height: lines, ..area }
}

/// A notice as it is broken into lines on a screen of so many columns; what does not fit into the last of them is cut.
pub fn toast_lines(text: &str, columns: u16) -> Vec<String> {
    let columns = usize::from(columns.saturating_sub(2));
    let mut lines = wrap(text, columns);
    if lines.len() > TOAST {
        let rest = lines.split_off(TOAST - 1).join(" ");
        lines.push(cut_end(&rest, columns).into_owned());
    }
    lines
}

fn panes(app: &App, area: Rect) -> Vec<PanePlan> {
    if area.width < BOTH_PANES {
        return vec![PanePlan::of(app.focus, area)];
    }
    let half = area.width / 2;
    vec![
        PanePlan::of(PaneSide::Left, Rect { width: half, ..area }),
        PanePlan::of(PaneSide::Right, Rect { x: area.x + half, width: area.width - half, ..area }),
    ]
}

fn pane_hit(plan: &PanePlan, app: &App, at: Position) -> Hit {
    let pane = app.pane(plan.side);
    let row = usize::from(at.y.saturating_sub(plan.rows.y));
    match &pane.content {
        Content::Directory if plan.rows.contains(at) => Hit::Row(plan.side, pane.top + row),
        Content::Directory if plan.header.contains(at) => Hit::Header(plan.side, plan.columns.sort_key_at(at.x)),
        Content::Sites(list) if plan.rows.contains(at) => {
            Hit::SiteRow(plan.side, visible_top(list.top, list.selected, list.rows.len(), usize::from(plan.rows.height)) + row)
        }
        Content::Sites(_) if plan.header.contains(at) => Hit::SiteInput(plan.side),
        Content::Directory if at.y + 1 == plan.frame.bottom() => Hit::Foot(plan.side),
        _ => Hit::Frame(plan.side),
    }
}

/// An item of the key bar, 1 to 10, on its line.
pub fn key_rect(line: Rect, item: u16) -> Rect {
    let start = |n: u16| (u32::from(line.width) * u32::from(n) / u32::from(KEYS)) as u16;
    let from = start(item.saturating_sub(1));
    Rect { x: line.x + from, width: start(item) - from, ..line }
}

/// The first row of a list on the screen: `top`, moved as far as needed for `selected` to show and no room to be wasted.
pub fn visible_top(top: usize, selected: Option<usize>, len: usize, height: usize) -> usize {
    let top = top.min(len.saturating_sub(height));
    match selected {
        Some(selected) if selected < top => selected,
        Some(selected) if selected >= top + height => selected + 1 - height.max(1),
        _ => top,
    }
}

/// Where a part of the top dialog is, for tests and for the cursor.
pub fn dialog_part(plan: &Plan, part: DialogHit) -> Option<Rect> {
    plan.dialog.as_ref()?.part(part)
}

/// Whether the dialog fills the screen.
pub fn fills_screen(dialog: &Dialog) -> bool {
    matches!(dialog, Dialog::Viewer(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_scrolls_just_as_far_as_its_selection_needs() {
        assert_eq!(visible_top(0, Some(3), 10, 5), 0);
        assert_eq!(visible_top(0, Some(7), 10, 5), 3);
        assert_eq!(visible_top(6, Some(2), 10, 5), 2);
        assert_eq!(visible_top(9, None, 10, 5), 5);
        assert_eq!(visible_top(4, None, 2, 5), 0);
    }
}
