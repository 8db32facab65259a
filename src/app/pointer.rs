//! What the mouse did before: needed to tell a click from a double one and from a drag.

use super::PaneSide;

/// The left button is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// In which pane.
    pub side: PaneSide,
    /// On which row.
    pub row: usize,
    /// On which cell.
    pub at: (u16, u16),
    /// The pointer rests on an edge of this pane during a drag: it scrolls, up where this is set.
    pub edge: Option<(PaneSide, bool)>,
    /// [`super::App::now`] of the next step of that scrolling.
    pub next_step: u64,
}

/// A click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Click {
    /// In which pane; none in a dialog or panel.
    pub side: Option<PaneSide>,
    /// On which row.
    pub row: usize,
    /// [`super::App::now`] at that time.
    pub at: u64,
}
