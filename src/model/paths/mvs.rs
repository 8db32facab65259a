//! z/OS: `'ALICE.DATA.SRC'`, as `/ALICE/DATA.SRC`: a partitioned data set, or the beginning of the names of data sets.
//!
//! Which of both it is the server knows, once it stands there; what is in it goes by its name alone, a member or the rest of a data set's
//! name. Data sets are written in large letters: a path whose first name has small ones is of the Unix files, `/u/alice`.

use super::{Syntax, at_dots, is_made_of};

pub(super) struct Mvs;

/// Whether a path with this first name is of the Unix files.
pub(super) fn is_unix(first: Option<&[u8]>) -> bool {
    first.is_some_and(|name| name.iter().any(u8::is_ascii_lowercase))
}

impl Syntax for Mvs {
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>> {
        let inner = words.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'")).unwrap_or(words);
        let parts = at_dots(inner);
        (!parts.is_empty() && parts.iter().all(|part| self.is_name(part, true))).then_some(parts)
    }

    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        if !parts.iter().all(|part| self.is_name(part, true)) {
            return None;
        }
        // By itself it is no data set.
        let end: &[u8] = if parts.len() == 1 { b".'" } else { b"'" };
        Some([b"'", parts.join(&b'.').as_slice(), end].concat())
    }

    fn is_name(&self, name: &[u8], _directory: bool) -> bool {
        is_made_of(name, b"@#$.-_") && !name.starts_with(b".") && !name.ends_with(b".") && !name.windows(2).any(|pair| pair == b"..")
    }

    fn rule(&self) -> &'static str {
        "up to eight letters, digits and @ # $, of data sets several with dots between them"
    }
}
