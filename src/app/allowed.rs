//! What may not be done now: while a login runs, what its server has said of what is chosen (its `perm` facts, where it tells any).
//!
//! Guarantee: what is typed ahead while a pane connects, which may be a password, acts on nothing. Where the server has said nothing, or more was chosen
//! than is worth looking through, everything may be tried; the server has the last word.

use crate::model::perms::{Deed, Perms};
use crate::model::{Entry, Kind};

use super::action::{Action, File};
use super::key::{Key, KeyCode};
use super::pane::Content;
use super::{App, PaneSide};

/// So many entries are looked at.
const LOOKED_AT: usize = 1_000;

/// Whether a pane's login runs: its volume is being opened, or a password was sent for its connection, which is opened anew.
pub fn is_connecting(app: &App, side: PaneSide) -> bool {
    let pane = app.pane(side);
    let is_account = |site: &crate::model::Site| pane.opened.site.as_ref().is_some_and(|own| own.is_same_account(site));
    match pane.content {
        Content::Opening(_) => true,
        Content::Directory => pane.loading.is_some() && app.logging_in.as_deref().is_some_and(is_account),
        Content::Sites(_) => false,
    }
}

/// What becomes of a key in a pane that connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// What it always does: it leads elsewhere, or ends the program.
    Acts,
    /// It gives the connection up.
    Cancels,
    /// Nothing: it may be part of what is asked for next, or would act on what is about to change.
    Ignored,
}

/// What becomes of a key that is pressed while the focused pane connects.
pub fn ahead(key: Key) -> Ahead {
    match key.code {
        KeyCode::Esc => Ahead::Cancels,
        KeyCode::Char('c') if key.ctrl => Ahead::Cancels,
        KeyCode::Tab | KeyCode::BackTab => Ahead::Acts,
        // Help, menu, end.
        KeyCode::F(1 | 9 | 10) => Ahead::Acts,
        // The shell and the palette; nothing of these stands in a password.
        KeyCode::Char('o' | 'p' | 'l') if key.ctrl => Ahead::Acts,
        _ => Ahead::Ignored,
    }
}

/// Why an action cannot be done with what is chosen in the focused pane: every one of the entries is forbidden by its facts.
pub fn refusal(app: &App, action: Action) -> Option<String> {
    let Action::File(file) = action else { return None };
    let words = words(file)?;
    let pane = app.pane(app.focus);
    let one = matches!(file, File::View | File::Edit | File::Rename);
    let chosen = if one { pane.current().into_iter().collect() } else { pane.chosen() };
    let (first, others) = chosen.split_first().filter(|(_, others)| others.len() < LOOKED_AT)?;
    let is_forbidden = |entry: &&Entry| entry.perms.is_some_and(|perms| !may(file, entry.kind, perms));
    if !is_forbidden(first) || !others.iter().all(is_forbidden) {
        return None;
    }
    let what = if others.is_empty() { "it" } else { "these" };
    Some(format!("the server does not let you {words} {what}, by what its listing says"))
}

fn words(file: File) -> Option<&'static str> {
    match file {
        File::View | File::Copy | File::CopyTo => Some("read"),
        File::Edit => Some("change"),
        File::Move => Some("move"),
        File::Rename => Some("rename"),
        File::Delete | File::DeleteForGood => Some("delete"),
        File::MakeDir | File::Mode | File::AskAgain => None,
    }
}

fn may(file: File, kind: Kind, perms: Perms) -> bool {
    let can_read = match kind {
        Kind::Dir => perms.may(Deed::List) || perms.may(Deed::Enter),
        Kind::File | Kind::Link | Kind::Other => perms.may(Deed::Read),
    };
    match file {
        File::View | File::Copy | File::CopyTo => can_read,
        // A new file may be put in place of the old one, where that cannot be written itself.
        File::Edit => can_read && [Deed::Write, Deed::Rename, Deed::Delete].into_iter().any(|deed| perms.may(deed)),
        File::Move => perms.may(Deed::Rename) || (can_read && perms.may(Deed::Delete)),
        File::Rename => perms.may(Deed::Rename),
        File::Delete | File::DeleteForGood => perms.may(Deed::Delete),
        File::MakeDir | File::Mode | File::AskAgain => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_may_be_typed_ahead_acts() {
        for code in [KeyCode::Enter, KeyCode::Backspace, KeyCode::Delete, KeyCode::Insert, KeyCode::F(8), KeyCode::F(5)] {
            assert_eq!(ahead(Key::plain(code)), Ahead::Ignored, "{code:?}");
        }
        assert!((' '..='~').all(|c| ahead(Key::plain(KeyCode::Char(c))) == Ahead::Ignored));
        assert_eq!((ahead(Key::ctrl('c')), ahead(Key::ctrl('x'))), (Ahead::Cancels, Ahead::Ignored));
        assert_eq!((ahead(Key::plain(KeyCode::Esc)), ahead(Key::plain(KeyCode::Tab))), (Ahead::Cancels, Ahead::Acts));
    }

    #[test]
    fn a_letter_that_is_missing_forbids_what_it_stands_for() {
        let read_only = Perms::parse(b"r");
        assert!(may(File::Copy, Kind::File, read_only) && may(File::View, Kind::File, read_only));
        for file in [File::Edit, File::Move, File::Rename, File::Delete, File::DeleteForGood] {
            assert!(!may(file, Kind::File, read_only), "{file:?}");
            assert!(may(file, Kind::File, Perms::parse(b"adfr")), "{file:?}");
        }
        assert!(!may(File::Copy, Kind::File, Perms::parse(b"adfw")));
        assert!(may(File::Copy, Kind::Dir, Perms::parse(b"el")) && !may(File::Copy, Kind::Dir, Perms::parse(b"cm")));
        assert!(may(File::MakeDir, Kind::Dir, Perms::default()) && may(File::Mode, Kind::File, Perms::default()));
    }
}
