//! What the pointer is on, in the app's words; the layout in `tui` turns a cell into one of these.

use super::PaneSide;
use super::action::Action;
use crate::model::SortKey;

/// What is under the pointer. While a dialog is open only `Dialog`, `KeyBar` and `Nothing` come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hit {
    /// A row of a pane, counting `..`; it may lie past the last one.
    Row(PaneSide, usize),
    /// The row of a site list shown in a pane.
    SiteRow(PaneSide, usize),
    /// The input line of a site list shown in a pane.
    SiteInput(PaneSide),
    /// The head of a column.
    Header(PaneSide, SortKey),
    /// The frame of a pane with its title.
    Frame(PaneSide),
    /// The foot of a pane, where it says what went wrong.
    Foot(PaneSide),
    /// An item of the key bar: 1 to 10.
    KeyBar(u8),
    /// The transfer strip.
    Strip,
    /// A row of the open panel, from its top.
    Panel(usize),
    /// A tab or a hint of the open panel: what it does.
    Do(Action),
    /// Another part of the open panel.
    PanelFrame,
    /// A part of the top dialog.
    Dialog(DialogHit),
    /// Nothing.
    Nothing,
}

/// A part of a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialogHit {
    /// A field.
    Field(usize),
    /// An arrow of a field that is a choice: which way it goes.
    Turn(usize, bool),
    /// The tab of a page.
    Page(usize),
    /// A button or choice.
    Button(usize),
    /// A row of its list.
    Row(usize),
    /// Elsewhere inside.
    Inside,
    /// Outside of it.
    Outside,
}
