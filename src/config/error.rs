//! What can go wrong with a settings file, as sentences that say what to do.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::model::text::printable_str;

/// Why something could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no home directory to keep anything in.
    #[error("no home directory is known; set HOME, or XDG_CONFIG_HOME to where settings shall be kept")]
    NoHome,
    /// A file could not be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or its directory could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What a file says makes no sense.
    #[error("{}:{line}:{column}: {message}; mend the file by hand, it was left as it is", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A site with this name is saved already.
    #[error("a site called {0} is saved already; choose another name or remove that one first")]
    NameTaken(String),
    /// No site with this name is saved.
    #[error("no site called {0} is saved; `ftpane sites list` shows the names")]
    NoSuchSite(String),
    /// A name that could not be typed as a target again.
    #[error("{0:?} cannot be a site's name: {1}")]
    BadName(String, &'static str),
}

impl ConfigError {
    /// An error at a place of `text`, the content of the file at `path`.
    pub(super) fn at(path: &Path, text: &str, span: Option<Range<usize>>, message: impl Into<String>) -> Self {
        let (line, column) = position(text, span.map_or(0, |span| span.start));
        Self::Content { path: path.to_owned(), line, column, message: message.into() }
    }

    /// What the TOML reader found, in the words of a person who writes the file.
    pub(super) fn of_toml(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let said = error.message().trim();
        let message = match said.strip_prefix("unknown field ") {
            Some(rest) => format!("unknown key {}", rest.replacen(", expected", "; known here:", 1).replace("one of ", "")),
            None => said.replace("unknown field", "unknown key"),
        };
        // The reader's words can hold pieces of the file, over several lines.
        Self::at(path, text, error.span(), printable_str(&message.replace('\n', " ")).into_owned())
    }
}

/// Line and column, from 1, of a byte in `text`.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_text_is_told_by_line_and_character() {
        assert_eq!(position("a\nbü = x", 0), (1, 1));
        assert_eq!(position("a\nbü = x", 2), (2, 1));
        assert_eq!(position("a\nbü = x", 8), (2, 6));
        assert_eq!(position("a", 99), (1, 2));
    }
}
