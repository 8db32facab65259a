//! What the server has said may not be done with what is chosen: its `perm` facts, where it tells any.
//!
//! Guarantee: where nothing was said, or more was chosen than is worth looking through, everything may be tried; the server has the last word.

use crate::model::perms::{Deed, Perms};
use crate::model::{Entry, Kind};

use super::App;
use super::action::{Action, File};

/// So many entries are looked at.
const LOOKED_AT: usize = 1_000;

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
