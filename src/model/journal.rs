//! What is kept of transfers beyond the end of the program.

use super::failure::Failure;
use super::path::VPath;
use super::site::{Site, StartDir};
use super::transfer::{Direction, Verb, Verified};
use super::url::FtpUrl;

/// A place as it is told to a person: a URL without a password, or the path alone on the local disk.
pub fn place_text(site: Option<&Site>, path: &VPath) -> String {
    match site {
        None => String::from_utf8_lossy(path.as_bytes()).into_owned(),
        Some(site) => {
            let url = FtpUrl::of_site(&Site { start: StartDir::Absolute(path.clone()), ..site.clone() });
            FtpUrl { directory: false, ..url }.to_string()
        }
    }
}

/// A batch that an earlier run has not finished, as it is offered to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its number in the journal.
    pub id: i64,
    /// When it was asked for: seconds since 1970-01-01T00:00:00Z.
    pub asked: i64,
    /// Copy or move.
    pub verb: Verb,
    /// Which way.
    pub direction: Direction,
    /// Where it comes from, as a URL without a password or a local path.
    pub from: String,
    /// Where it goes to, likewise.
    pub to: String,
    /// Things that it began with.
    pub items: u64,
    /// Files that are done already.
    pub done: u64,
    /// Files that failed.
    pub failed: u64,
    /// What is there of files that are there in part.
    pub begun: Begun,
}

/// Files of which a part has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Begun {
    /// How many.
    pub files: u64,
    /// Bytes of them that are there.
    pub done: u64,
    /// Bytes that they have, as far as that is known.
    pub size: u64,
}

/// One line of the history: a transfer that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// When it ended: seconds since 1970-01-01T00:00:00Z.
    pub ended: i64,
    /// Which way.
    pub direction: Direction,
    /// The source, as a URL without a password or a local path.
    pub source: String,
    /// The target, likewise.
    pub target: String,
    /// Bytes.
    pub size: Option<u64>,
    /// How it is known to be whole, or why it failed.
    pub outcome: Result<Verified, Failure>,
}
