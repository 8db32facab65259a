//! IBM i where its server knows only libraries (`NAMEFMT 0`): `QGPL`, as `/QGPL`. What is in a library goes by its name, `FILE` or
//! `FILE.MEMBER`. Servers since V3R1 are asked for paths instead (`SITE NAMEFMT 1`), which are those of Unix.

use super::{Syntax, is_made_of};

pub(super) struct As400;

impl Syntax for As400 {
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>> {
        is_made_of(words, b"@#$_").then(|| vec![words.to_vec()])
    }

    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        match parts {
            [library] if is_made_of(library, b"@#$_") => Some(library.to_vec()),
            _ => None,
        }
    }

    fn is_name(&self, name: &[u8], directory: bool) -> bool {
        is_made_of(name, if directory { b"@#$_" } else { b"@#$_." }) && !name.starts_with(b".")
    }

    fn rule(&self) -> &'static str {
        "up to ten letters, digits and @ # $ _, of members the file's and theirs with a dot between them"
    }
}
