//! What time alone does: notices go, a half-pressed key is forgotten, a drag at an edge scrolls.

use super::super::key::Prefix;
use super::super::{App, PaneSide};
use super::mouse;

/// How long Esc waits for a digit, in milliseconds.
pub(super) const ESC_WAIT: u64 = 500;

impl App {
    /// The [`App::now`] at which something changes by time alone, if anything will: until then no [`super::super::Msg::Time`] is needed.
    pub fn needs_tick(&self) -> Option<u64> {
        let toast = self.toast.as_ref().map(|toast| toast.until);
        let esc = match self.pending {
            Some(Prefix::Esc(at)) => Some(at.saturating_add(ESC_WAIT)),
            Some(Prefix::Sort | Prefix::CtrlX) | None => None,
        };
        let scroll = self.press.filter(|press| press.edge.is_some() && self.drag.is_some()).map(|press| press.next_step);
        [toast, esc, scroll, self.transfers.spark.due()].into_iter().flatten().min()
    }
}

/// It is `now`.
pub(super) fn passed(app: &mut App, now: u64) {
    app.now = app.now.max(now);
    if app.toast.as_ref().is_some_and(|toast| toast.until <= app.now) {
        app.toast = None;
    }
    if let Some(Prefix::Esc(at)) = app.pending
        && at.saturating_add(ESC_WAIT) <= app.now
    {
        app.pending = None;
    }
    if !app.transfers.is_busy() {
        app.transfers.moved_before = app.meters.moved;
    }
    let moves = app.transfers.is_busy() && !app.transfers.is_paused();
    app.transfers.spark.tick(app.now, app.meters.moved, moves);
    mouse::scroll_at_edge(app);
    debug_assert!([PaneSide::Left, PaneSide::Right].iter().all(|&side| app.pane(side).cursor <= app.pane(side).row_count()));
}
