//! A dialog with fields: every prompt, the password question, the site editor.

use std::fmt;

use tui_input::Input;
use zeroize::Zeroize as _;

use crate::model::secret::Typed;
use crate::model::{ConnectionId, Entry, Generation, RequestId, Site, VPath};

use super::secrets::{SecretOrder, VaultState};
use super::{App, PaneSide};

/// One field.
#[derive(Clone)]
pub struct Field {
    /// In front of it.
    pub label: String,
    /// What it holds. For a choice the index is in `chosen`, and this is unused.
    pub input: Input,
    /// How it shows and what keys do in it.
    pub kind: FieldKind,
    /// On which page of the form it stands.
    pub page: usize,
    /// What it is for, shown while it has the keys; safe for the screen.
    pub help: String,
}

impl Field {
    /// A line of text.
    pub fn text(label: &str, value: String) -> Self {
        Self { label: label.to_owned(), input: Input::new(value), kind: FieldKind::Text, page: 0, help: String::new() }
    }

    /// A line that shows as dots.
    pub fn secret(label: &str) -> Self {
        let mut field = Self::text(label, String::new());
        field.kind = FieldKind::Secret;
        field
    }

    /// One of some words.
    pub fn choice(label: &str, words: Vec<String>, chosen: usize) -> Self {
        let mut field = Self::text(label, String::new());
        field.kind = FieldKind::Choice { words, chosen };
        field
    }

    /// The next word of a choice, or the one before it.
    pub(super) fn turn(&mut self, forward: bool) {
        if let FieldKind::Choice { words, chosen } = &mut self.kind {
            let count = words.len().max(1);
            *chosen = (*chosen + if forward { 1 } else { count - 1 }) % count;
        }
    }
}

impl fmt::Debug for Field {
    /// Without what is secret: the whole of a password, and the password in a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let input = match self.kind {
            FieldKind::Secret => "****".to_owned(),
            FieldKind::Text | FieldKind::Choice { .. } => Typed::new(self.input.value()).shown(),
        };
        let Self { label, kind, page, help, .. } = self;
        f.debug_struct("Field")
            .field("label", label)
            .field("input", &input)
            .field("kind", kind)
            .field("page", page)
            .field("help", help)
            .finish()
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        if self.kind == FieldKind::Secret {
            // What was typed is wiped with it.
            self.input.value_and_reset().zeroize();
        }
    }
}

/// Kinds of field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A line that shows as dots.
    Secret,
    /// One of some words; ←/→ and Space go through them.
    Choice {
        /// The words.
        words: Vec<String>,
        /// Which one.
        chosen: usize,
    },
}

/// What a form is for: decides what its confirmation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormPurpose {
    /// Make a directory here.
    MakeDir,
    /// Rename the entry under the cursor.
    Rename,
    /// Move to an edited target.
    MoveTo,
    /// Copy to an edited target.
    CopyTo,
    /// Go to a path, with completion.
    GoTo,
    /// Connect to what is typed.
    Connect,
    /// Mark by mask; false unmarks.
    Mask(bool),
    /// Show only what matches.
    Filter,
    /// Set permission bits.
    Mode,
    /// Save or change a site.
    Site(Box<SiteDraft>),
    /// A site folder or name, typed alone.
    RenameSite(usize),
    /// The answer to a password question.
    Password(crate::model::QuestionId),
    /// The passphrase of the vault, and what waits for it.
    Passphrase(Box<SecretOrder>, VaultState),
    /// The new name for a target that exists.
    ConflictName(crate::model::QuestionId),
    /// The command line, `:`.
    Command,
    /// How fast transfers may be.
    Limits,
    /// Show only transfers that match.
    TransferFilter,
    /// Find text or bytes in the viewer.
    ViewerFind,
    /// Go to an offset in the viewer.
    ViewerGoTo,
}

/// A dialog with fields and two buttons (the first confirms, the last cancels).
#[derive(Debug, Clone)]
pub struct Form {
    /// What it is for.
    pub purpose: FormPurpose,
    /// In the frame.
    pub title: String,
    /// Lines above the fields, safe for the screen.
    pub text: Vec<String>,
    /// The fields.
    pub fields: Vec<Field>,
    /// The pages that the fields stand on; none where one is enough.
    pub pages: Vec<String>,
    /// The page that shows.
    pub page: usize,
    /// Which field, or button (counting on from the fields), has the keys.
    pub focus: usize,
    /// The words on the buttons.
    pub buttons: Vec<String>,
    /// What was wrong with what was confirmed, shown under the fields.
    pub error: Option<String>,
    /// Completions to choose from, shown under the focused field; Tab fills in.
    pub completions: Vec<String>,
}

impl Form {
    /// Gives the keys to a field or button, whose page shows then.
    pub(super) fn focus_on(&mut self, stop: usize) {
        self.focus = stop;
        if let Some(field) = self.fields.get(stop) {
            self.page = field.page;
        }
    }

    /// Shows a page, with the keys in its first field.
    pub(super) fn turn_to(&mut self, page: usize) {
        if page < self.pages.len() {
            self.page = page;
            self.focus = self.fields.iter().position(|field| field.page == page).unwrap_or(self.focus);
        }
    }

    /// The page after this one, or before it.
    pub(super) fn turn(&mut self, forward: bool) {
        let count = self.pages.len().max(1);
        self.turn_to((self.page + if forward { 1 } else { count - 1 }) % count);
    }
}

/// A site as it was when its form was opened: what is changed in the form is changed in the site that is saved by then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteDraft {
    /// The name that it is saved under, where it is saved already.
    pub old: Option<String>,
    /// What the form began with, with the certificates that are trusted for its server.
    pub site: Site,
}

/// What a form is about: the entries that were chosen when it was opened, so that a listing that changes meanwhile cannot put others
/// in their place.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Of which pane.
    pub side: PaneSide,
    /// Of which volume.
    pub connection: ConnectionId,
    /// Of which directory.
    pub directory: VPath,
    /// Of which listing.
    pub generation: Generation,
    /// Which.
    pub entries: Vec<Entry>,
}

impl Subject {
    /// Entries of the focused pane.
    pub(super) fn of(app: &App, entries: Vec<Entry>) -> Option<Self> {
        let pane = app.pane(app.focus);
        Some(Self { side: app.focus, connection: pane.connection?, directory: pane.path.clone(), generation: pane.generation, entries })
    }

    /// What the open form is about, if its pane still shows that directory of that volume.
    ///
    /// # Errors
    /// A sentence for a person where it does not.
    pub(super) fn take(app: &mut App) -> Result<Self, String> {
        let subject = app.subject.take().ok_or("nothing was chosen")?;
        let pane = app.pane(subject.side);
        if pane.connection == Some(subject.connection) && pane.path == subject.directory {
            Ok(subject)
        } else {
            Err("the pane shows another directory by now".to_owned())
        }
    }
}

/// What was confirmed and is on its way: it comes back with what was typed where it goes wrong.
#[derive(Debug)]
pub struct Draft {
    /// The request that does it.
    pub request: RequestId,
    /// The form.
    pub form: Form,
    /// What it is about.
    pub subject: Option<Subject>,
}

/// The login that the password question on the screen is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The question.
    pub question: crate::model::QuestionId,
    /// The server.
    pub site: Box<Site>,
}
