//! The stack of dialogs over the panes.

use tui_input::Input;

use crate::bus::Command;
use crate::bus::event::Count;
use crate::model::explain::Fix;
use crate::model::journal::Past;
use crate::model::{Direction, Failure, Fingerprint, Name, QuestionId, RequestId, Side, Site};

use super::charsets::Charsets;
use super::checkup::Where;
use super::form::{Form, FormPurpose};
use super::sites::SiteList;
use super::transfers::RowId;
use super::viewer::Viewer;

/// One dialog.
#[derive(Debug)]
pub enum Dialog {
    /// Text fields and buttons.
    Form(Form),
    /// A question with some buttons.
    Confirm(Confirm),
    /// The target of a copy exists.
    Conflict(Conflict),
    /// A file is viewed; fills the screen.
    Viewer(Viewer),
    /// Keys and actions, from the action table.
    Help(Scroll),
    /// Every action, searched as you type: the palette (Ctrl-P) and the menu (F9).
    Palette(Palette),
    /// The sites, to choose from and to edit.
    Sites(SiteList),
    /// What was transferred before, searched as you type.
    History(History),
    /// The charsets that a server's names can be read in.
    Charsets(Charsets),
    /// A longer text to read: an error with all of the server's words, the reply to a raw line.
    Message {
        /// In the frame.
        title: String,
        /// Lines, safe for the screen.
        lines: Vec<String>,
        /// How far it is scrolled.
        scroll: Scroll,
        /// What it tells of: its lines follow that.
        about: Option<About>,
    },
}

/// What a message tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A row of the transfers panel.
    Row(RowId),
    /// The server of [`super::App::checkup`].
    Server,
}

/// How far a text is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll {
    /// First line shown.
    pub top: usize,
}

/// A question with some buttons; ←/→ and Tab choose, Enter takes, a button's first letter takes it at once (see [`Button::key`]), Esc takes
/// the last. A text that does not fit scrolls by ↑/↓ and the wheel.
#[derive(Debug)]
pub struct Confirm {
    /// In the frame.
    pub title: String,
    /// What is asked, safe for the screen.
    pub lines: Vec<String>,
    /// The buttons; the last one does nothing.
    pub buttons: Vec<Button>,
    /// Which one has the keys.
    pub focus: usize,
    /// How far the text is scrolled.
    pub scroll: Scroll,
    /// The count that is on its way, for a delete; shown below the lines.
    pub count: Option<(RequestId, Count, bool)>,
    /// The engine's question that it answers.
    pub question: Option<QuestionId>,
}

impl Confirm {
    /// A question; `focus` is the button that Enter takes.
    pub(super) fn new(title: impl Into<String>, lines: Vec<String>, buttons: Vec<Button>, focus: usize) -> Self {
        Self { title: title.into(), lines, buttons, focus, scroll: Scroll::default(), count: None, question: None }
    }
}

/// One button.
#[derive(Debug)]
pub struct Button {
    /// The word on it.
    pub label: String,
    /// What it does.
    pub then: Then,
}

impl Button {
    /// The letter that takes it: its first one, and only as a capital where what it does is grave.
    pub fn key(&self) -> Option<char> {
        let first = self.label.chars().next()?;
        if self.then.is_grave() { first.to_uppercase().next() } else { first.to_lowercase().next() }
    }
}

/// What a button does.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// Nothing: close.
    Nothing,
    /// Send these to the engine.
    Send(Vec<Command>),
    /// End the program, and what becomes of transfers that run: `true` cancels them.
    Quit {
        /// Cancel what runs.
        cancel: bool,
    },
    /// Delete the saved site at this place.
    RemoveSite(String),
    /// Put the edited file of this number back although the server's changed meanwhile.
    StoreEdited(u64),
    /// Keep the edited file where it is and say where.
    KeepEdited(u64),
    /// Forget what earlier runs have not finished, by its numbers in the journal.
    ForgetUnfinished(Vec<i64>),
    /// Go on with what an earlier run has not finished, by its number in the journal.
    GoOn(i64),
    /// Ask whether to forget what an earlier run has not finished.
    AskToForget,
    /// Forget what failed or was cancelled: it can be tried again no more.
    ForgetFailed,
    /// Trust the certificate that this question is about; for good where it is to be kept for the site's server.
    Trust(QuestionId, Option<(Box<Site>, Fingerprint)>),
    /// Trust the certificate that this question is about for good, in the place of those that were trusted for the site's server.
    Replace(QuestionId, Box<Site>, Fingerprint),
    /// Do what fixes a failure with a site, and then the same again.
    Fix(Fix, Box<Site>, Where),
    /// Trust it not.
    Distrust(QuestionId),
}

impl Then {
    /// Whether something is destroyed by it, or somebody trusted: never on a bare small letter.
    pub fn is_grave(&self) -> bool {
        match self {
            Self::Nothing | Self::Fix(..) | Self::KeepEdited(_) | Self::Quit { cancel: false } | Self::Distrust(_) => false,
            Self::GoOn(_) | Self::AskToForget => false,
            Self::Send(_) | Self::RemoveSite(_) | Self::StoreEdited(_) | Self::ForgetUnfinished(_) | Self::ForgetFailed => true,
            Self::Quit { cancel: true } | Self::Trust(..) | Self::Replace(..) => true,
        }
    }
}

/// The target of a copy exists: both sides, and what to do. Each is one key: overwrite, newer, size, differs, resume, rename, skip; the
/// last stop switches how far the answer reaches.
#[derive(Debug)]
pub struct Conflict {
    /// The question it answers.
    pub question: QuestionId,
    /// What would be copied.
    pub source: Side,
    /// What is there.
    pub target: Side,
    /// Whether a resume is offered.
    pub can_resume: bool,
    /// A free name like the target's, where one is known.
    pub free: Option<Name>,
    /// Which choice has the keys, of [`Conflict::choices`].
    pub focus: usize,
    /// How far the answer reaches.
    pub scope: Scope,
    /// Which way the batch goes, where it is known: what "every" is about.
    pub direction: Option<Direction>,
}

/// How far the answer to a conflict reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// This file.
    #[default]
    One,
    /// All that are still to come in this batch.
    Batch,
    /// These, and every later batch in the same direction.
    Always,
}

/// What was transferred before, searched as you type.
#[derive(Debug, Default)]
pub struct History {
    /// What was typed.
    pub input: Input,
    /// What was found, the newest first.
    pub rows: Vec<Past>,
    /// Whether an answer has come yet.
    pub told: bool,
    /// Why there is no answer.
    pub trouble: Option<Failure>,
    /// There are older rows, which were not asked for.
    pub is_cut: bool,
    /// The search that is on its way.
    pub awaited: Option<RequestId>,
    /// Which row is chosen.
    pub selected: usize,
    /// First row on the screen.
    pub top: usize,
}

impl History {
    /// Puts the cursor on a row.
    pub fn select(&mut self, row: usize, page: usize) {
        self.selected = row.min(self.rows.len().saturating_sub(1));
        self.top = self.top.min(self.selected).max((self.selected + 1).saturating_sub(page.max(1)));
    }
}

/// Every action, searched as you type.
#[derive(Debug, Default)]
pub struct Palette {
    /// What was typed.
    pub input: Input,
    /// Places in the action table that match, best first.
    pub matches: Vec<usize>,
    /// Which match is chosen.
    pub selected: usize,
    /// First match on the screen.
    pub top: usize,
    /// Shown as the menu, by groups, rather than as the palette.
    pub is_menu: bool,
}

impl Dialog {
    /// The engine's question that it asks.
    pub fn question(&self) -> Option<QuestionId> {
        match self {
            Self::Conflict(conflict) => Some(conflict.question),
            Self::Confirm(confirm) => confirm.question,
            Self::Form(Form { purpose: FormPurpose::Password(question) | FormPurpose::ConflictName(question), .. }) => Some(*question),
            _ => None,
        }
    }
}

impl Scope {
    /// The next one, where "always" has a meaning or not.
    #[must_use]
    pub fn next(self, has_always: bool) -> Self {
        match self {
            Self::One => Self::Batch,
            Self::Batch if has_always => Self::Always,
            Self::Batch | Self::Always => Self::One,
        }
    }
}

/// What can be done about an existing target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its own word")]
pub enum Choice {
    Overwrite,
    Newer,
    Size,
    Differs,
    Resume,
    Rename,
    Skip,
}

impl Choice {
    /// The key that takes it.
    pub fn key(self) -> char {
        match self {
            Self::Overwrite => 'o',
            Self::Newer => 'n',
            Self::Size => 's',
            Self::Differs => 'd',
            Self::Resume => 'e',
            Self::Rename => 'r',
            Self::Skip => 'k',
        }
    }

    /// The words on it; its key is one of their letters.
    pub fn label(self) -> &'static str {
        match self {
            Self::Overwrite => "overwrite",
            Self::Newer => "if newer",
            Self::Size => "if size differs",
            Self::Differs => "if it differs",
            Self::Resume => "resume",
            Self::Rename => "rename",
            Self::Skip => "skip",
        }
    }
}

impl Conflict {
    /// Whether there is a default for the direction that could be set.
    pub fn has_always(&self) -> bool {
        matches!(self.direction, Some(Direction::Down | Direction::Up))
    }

    /// What is offered, in the order of the buttons.
    pub fn choices(&self) -> Vec<Choice> {
        let mut choices =
            vec![Choice::Overwrite, Choice::Newer, Choice::Size, Choice::Differs, Choice::Resume, Choice::Rename, Choice::Skip];
        choices.retain(|choice| self.can_resume || *choice != Choice::Resume);
        choices
    }
}
