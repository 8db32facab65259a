//! The list of charsets over a server's pane: how some of its names read in the one under the cursor.

use crate::model::charset::CHARSETS;
use crate::model::text::printable;
use crate::model::{Charset, Name};

use super::PaneSide;
use super::pane::Pane;

/// Names that are shown as they would read.
pub const SAMPLES: usize = 5;

/// The charsets, one of them chosen.
#[derive(Debug)]
pub struct Charsets {
    /// Whose names.
    pub side: PaneSide,
    /// What they are read in now.
    pub now: Charset,
    /// Some names of the listing, as the server has them.
    pub samples: Vec<Vec<u8>>,
    /// The saved site that a choice can be kept for.
    pub saved: Option<String>,
    /// Which of [`CHARSETS`] is chosen.
    pub selected: usize,
    /// First row on the screen.
    pub top: usize,
}

/// What can be done with the choice; the buttons in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharsetButton {
    /// Read the names so from now on.
    Use,
    /// The same, and keep it for the saved site.
    Keep,
    /// Leave it.
    Cancel,
}

impl Charsets {
    /// For a server's pane; the names first that no charset has made sense of, else those beyond ASCII.
    pub fn of(side: PaneSide, pane: &Pane, saved: Option<String>) -> Self {
        let label = pane.opened.site.as_ref().and_then(|site| site.charset.as_deref());
        let now = Charset::of_site(label).unwrap_or_default();
        let beyond = || pane.entries.iter().map(|entry| &entry.name).filter(|name| !name.as_bytes().is_ascii());
        let is_odd = |name: &&Name| std::str::from_utf8(name.as_bytes()).is_err();
        let odd = beyond().filter(is_odd).chain(beyond().filter(|name| !is_odd(name)));
        let path = pane.path.name().filter(|name| !name.as_bytes().is_ascii());
        let samples = odd.cloned().chain(path).take(SAMPLES).map(|name| now.reread(name.as_bytes(), Charset::UTF8)).collect();
        let selected = CHARSETS.iter().position(|listed| listed.label == now.label()).unwrap_or(0);
        Self { side, now, samples, saved, selected, top: 0 }
    }

    /// The charset under the cursor.
    pub fn chosen(&self) -> Charset {
        CHARSETS.get(self.selected).and_then(|listed| Charset::of_label(listed.label)).unwrap_or_default()
    }

    /// The samples as they read in the charset under the cursor, safe for the screen.
    pub fn preview(&self) -> Vec<String> {
        let chosen = self.chosen();
        self.samples.iter().map(|wire| printable(&chosen.decode(wire)).into_owned()).collect()
    }

    /// Puts the cursor on a row.
    pub fn select(&mut self, row: usize) {
        self.selected = row.min(CHARSETS.len().saturating_sub(1));
    }

    /// Goes to the next row whose label or description begins with a letter.
    pub fn seek(&mut self, letter: char) {
        let begins = |text: &str| text.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&letter));
        let rows = (1..=CHARSETS.len()).map(|step| (self.selected + step) % CHARSETS.len());
        let found = rows.into_iter().find(|&row| CHARSETS.get(row).is_some_and(|listed| begins(listed.label) || begins(listed.about)));
        self.selected = found.unwrap_or(self.selected);
    }

    /// What is offered.
    pub fn buttons(&self) -> Vec<(CharsetButton, String)> {
        let keep = self.saved.as_ref().map(|_| (CharsetButton::Keep, "Keep for the site: F2".to_owned()));
        let mut buttons = vec![(CharsetButton::Use, "Use".to_owned())];
        buttons.extend(keep);
        buttons.push((CharsetButton::Cancel, "Cancel".to_owned()));
        buttons
    }
}
