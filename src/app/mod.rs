//! The pure state machine: what is shown, and what a key, a click or an event of the engine makes of it.
//!
//! `update(&mut App, Msg) -> Vec<Effect>` is the only way in. Guarantee: no clock, no I/O, no runtime, no screen; time arrives as a
//! message, work leaves as an effect. Must not know ratatui, crossterm, tokio, the engine or config.

pub mod action;
pub mod allowed;
pub mod charsets;
pub mod checkup;
pub mod dialog;
pub mod edit;
pub mod effect;
pub mod form;
pub mod hit;
pub mod input;
pub mod key;
pub mod keybar;
pub mod keymap;
pub mod listing;
pub mod log;
pub mod marked;
pub mod msg;
pub mod order;
pub mod pane;
pub mod pointer;
pub mod secrets;
pub mod sites;
pub mod start;
pub mod transfers;
mod update;
pub mod viewer;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;

use crate::bus::{Meters, Question};
use crate::model::{BatchId, ConnectionId, Entry, Failure, Generation, Limits, Name, QuestionId, RequestId, Site, VPath};

pub use dialog::Dialog;
pub use effect::Effect;
pub use hit::Hit;
pub use key::{Key, KeyCode};
pub use msg::Msg;
pub use pane::{Content, Pane, Row};
pub use start::{Preferences, Start, StartUp};
pub use update::update;

/// One of the two panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PaneSide {
    /// The left one.
    #[default]
    Left,
    /// The right one.
    Right,
}

impl PaneSide {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// Everything that is shown, and what is needed to go on from it.
#[derive(Debug, Default)]
pub struct App {
    /// Left.
    pub left: Pane,
    /// Right.
    pub right: Pane,
    /// Which pane has the keys.
    pub focus: PaneSide,
    /// Open dialogs; the last one has the keys and the mouse.
    pub dialogs: Vec<Dialog>,
    /// The transfers, as last told.
    pub transfers: transfers::Transfers,
    /// Progress figures, as last told.
    pub meters: Meters,
    /// How fast transfers may be.
    pub limits: Limits,
    /// Whether the person looks at this terminal, where it tells.
    pub focused: Option<bool>,
    /// The protocol log.
    pub log: log::Log,
    /// The panel under the panes, if one is open.
    pub panel: Option<Panel>,
    /// Saved and recent sites, as last loaded.
    pub sites: sites::Sites,
    /// A short notice above the key bar.
    pub toast: Option<Toast>,
    /// What is being dragged with the mouse.
    pub drag: Option<Drag>,
    /// Whether the keys' second half is awaited: `s`, Ctrl-X, Esc.
    pub pending: Option<key::Prefix>,
    /// Whether the mouse is ours (else the terminal selects text).
    pub mouse: bool,
    /// What the person prefers.
    pub preferences: Preferences,
    /// What holds for servers that say nothing else, and is saved with none of them.
    pub ambience: crate::model::reach::Ambience,
    /// The screen: columns, rows, and how many rows of entries a pane shows. From the layout.
    pub screen: Screen,
    /// Milliseconds since the program began; from [`Msg::Time`].
    pub now: u64,
    /// A private directory for files being viewed or edited.
    pub scratch: PathBuf,
    /// Set once the program is to end.
    pub quitting: bool,
    /// The counters that number things.
    pub ids: Ids,
    /// What each open request is for.
    pub requests: HashMap<RequestId, Purpose>,
    /// Which key means what.
    pub keymap: keymap::Keymap,
    /// Whether the open panel has the keys rather than the pane.
    pub panel_focus: bool,
    /// Where the left button went down, while it is down.
    pub press: Option<pointer::Press>,
    /// The click before, for a double one.
    pub last_click: Option<pointer::Click>,
    /// Questions that wait until no dialog is in their way.
    pub waiting: VecDeque<Question>,
    /// What every volume of this run is: the site of a server, none for the local disk. Outlives the pane, since transfers do.
    pub volumes: HashMap<ConnectionId, Option<Box<Site>>>,
    /// Files being edited.
    pub edits: Vec<edit::Edit>,
    /// Names for the completion of a prompt.
    pub completion: Option<input::Completion>,
    /// What the open form is about.
    pub subject: Option<form::Subject>,
    /// The name that was typed last for something that is under way.
    pub draft: Option<form::Draft>,
    /// What is under way with kept passwords.
    pub secrets: secrets::Secrets,
    /// What the capability panel shows.
    pub checkup: Option<checkup::Checkup>,
    /// What could not be opened last.
    pub refused: Option<checkup::Refused>,
    /// What could not be changed last, on which volume.
    pub failed: Option<(ConnectionId, Failure)>,
    /// The login that a password is being asked for.
    pub login: Option<form::Login>,
    /// The login that a password was sent for, until the server has taken it or another one is asked for.
    pub logging_in: Option<Box<Site>>,
    /// Command lines, oldest first.
    pub history: Vec<String>,
    /// [`App::now`] of the last time that all transfers were cancelled by a key.
    pub cancelled_at: Option<u64>,
    /// [`App::now`] of the last key, where it was a character or Enter for a pane.
    pub typed_at: Option<u64>,
    /// Until then a question that came up by itself takes no characters and no Enter: they were meant for what was there before.
    pub quiet_until: u64,
}

/// The counters that number things.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "named by their types")]
pub struct Ids {
    pub connection: ConnectionId,
    pub request: RequestId,
    pub batch: BatchId,
    pub generation: Generation,
    pub edit: u64,
}

/// What a request was made for; decides what its answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The listing of a pane.
    List(PaneSide),
    /// A change on a pane's volume; a word for the notice, such as `deleted`, and the name to put the cursor on.
    Change(PaneSide, &'static str, Option<Name>),
    /// The count for a delete dialog or a directory's size.
    Count(PaneSide),
    /// The size of one directory of a pane, by its path.
    Size(PaneSide, VPath),
    /// A window for the viewer.
    View,
    /// A copy to be edited, or the check and the way back.
    Edit,
    /// Names for the completion of a prompt.
    Complete,
    /// The reply to a raw line.
    Raw,
    /// One of several changes, of which only a failure is told.
    Quiet,
}

/// The size of things on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
    /// Rows of entries that a pane shows.
    pub page: usize,
    /// Rows that an open panel, viewer or help shows.
    pub panel_page: usize,
    /// How far a help or a message can be scrolled until its last line shows.
    pub scroll_most: usize,
}

/// A terminal of 80 by 24.
impl Default for Screen {
    fn default() -> Self {
        Self { cols: 80, rows: 24, page: 18, panel_page: 6, scroll_most: 0 }
    }
}

/// What is open below the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Panel {
    /// The protocol log.
    Log,
    /// The transfers.
    Transfers,
}

/// A short notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// One line, safe for the screen.
    pub text: String,
    /// Whether it tells of a failure.
    pub is_error: bool,
    /// [`App::now`] after which it goes away.
    pub until: u64,
}

/// A drag with the mouse that has begun (the pointer left the cell it was pressed on).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drag {
    /// From which pane.
    pub from: PaneSide,
    /// The directory that it is carried from.
    pub directory: VPath,
    /// What is carried: rows may move under the pointer, these do not change.
    pub entries: Vec<Entry>,
    /// What is carried, for the label: `index.html`, or `3 entries, 12.4K`.
    pub label: String,
    /// The pointer.
    pub at: (u16, u16),
    /// What it would be dropped on.
    pub over: Option<DropTarget>,
}

/// Where a drag would land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropTarget {
    /// The pane.
    pub side: PaneSide,
    /// The row that is lit: a directory or `..`; `None` is the pane's own directory.
    pub row: Option<usize>,
    /// The directory that this is, whatever that row shows by the time of the drop.
    pub into: VPath,
}

impl App {
    /// A pane.
    pub fn pane(&self, side: PaneSide) -> &Pane {
        match side {
            PaneSide::Left => &self.left,
            PaneSide::Right => &self.right,
        }
    }

    /// A pane, to change it.
    pub fn pane_mut(&mut self, side: PaneSide) -> &mut Pane {
        match side {
            PaneSide::Left => &mut self.left,
            PaneSide::Right => &mut self.right,
        }
    }

    /// How many transfers wait, those included that were not told one by one: what was found of open batches and has neither ended nor
    /// begun. All from the same events as the rows, so that figures that stand beside each other agree.
    pub fn waiting(&self) -> u64 {
        self.transfers.count(transfers::Section::Queued) + self.transfers.untold()
    }

    /// Whether what an earlier run has not finished is offered above the key bar: only while nothing moves or waits.
    pub fn has_offer(&self) -> bool {
        let transfers = &self.transfers;
        transfers.offered && !transfers.is_busy() && self.meters.active.is_empty() && transfers.len(transfers::Section::Unfinished) > 0
    }

    /// The questions of the engine that are open as dialogs.
    pub fn open_questions(&self) -> impl Iterator<Item = QuestionId> {
        self.dialogs.iter().filter_map(Dialog::question)
    }
}
