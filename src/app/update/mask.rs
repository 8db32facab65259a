//! Masks and filters: which names match. Case-blind, since a person who types `*.jpg` means `.JPG` too.

use globset::{GlobBuilder, GlobMatcher};

use crate::model::Entry;

use super::super::pane::Pane;

/// A mask such as `*.html`, for marks and for commands on several files.
#[derive(Debug)]
pub struct Mask(GlobMatcher);

impl Mask {
    /// Reads a mask.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence for a person.
    pub fn new(text: &str) -> Result<Self, String> {
        let glob = GlobBuilder::new(text).case_insensitive(true).literal_separator(false).build();
        glob.map(|glob| Self(glob.compile_matcher())).map_err(|error| format!("the mask cannot be read: {}", error.kind()))
    }

    /// Whether a name matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        self.0.is_match(&*String::from_utf8_lossy(name))
    }
}

/// Whether a text is meant as a mask.
pub fn is_mask(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// What a pane shows of its entries: its filter and whether dot files are hidden.
#[derive(Debug)]
pub struct Filter {
    show_hidden: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    All,
    Mask(Mask),
    Holds(String),
}

impl Filter {
    /// That of a pane.
    pub fn of(pane: &Pane) -> Self {
        let test = match pane.filter.as_deref() {
            None | Some("") => Test::All,
            Some(text) if is_mask(text) => Mask::new(text).map_or_else(|_| Test::Holds(text.to_lowercase()), Test::Mask),
            Some(text) => Test::Holds(text.to_lowercase()),
        };
        Self { show_hidden: pane.show_hidden, test }
    }

    /// Whether an entry is shown.
    pub fn shows(&self, entry: &Entry) -> bool {
        if entry.name.is_hidden() && !self.show_hidden {
            return false;
        }
        match &self.test {
            Test::All => true,
            Test::Mask(mask) => mask.matches(entry.name.as_bytes()),
            Test::Holds(text) => String::from_utf8_lossy(entry.name.as_bytes()).to_lowercase().contains(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_do_not_look_at_case() {
        let mask = Mask::new("*.JPG").unwrap();
        assert!(mask.matches(b"a.jpg") && mask.matches(b"B.Jpg") && !mask.matches(b"a.png"));
        assert!(Mask::new("[").is_err());
    }
}
