//! The protocol log: lines come in, old ones go, what is being read stays where it is.

use crate::model::WireLine;

use super::super::App;
use super::super::log::KEPT;

/// A line of the log.
pub(super) fn line(app: &mut App, line: WireLine) {
    let log = &mut app.log;
    log.lines.push_back(line);
    if log.lines.len() > KEPT {
        log.lines.pop_front();
    }
    if log.up > 0 {
        log.up = (log.up + 1).min(log.lines.len());
    }
}

/// Scrolls by lines, positive towards older ones.
pub(super) fn scroll(app: &mut App, by: isize) {
    let most = app.log.lines.len().saturating_sub(app.screen.panel_page.max(1));
    app.log.up = app.log.up.saturating_add_signed(by).min(most);
}
