//! Why something failed, in one sentence, and the one thing that would fix it.
//!
//! Guarantee: pure; the same failure in the same situation has one explanation. The rows of `table` are looked at in order and the first that
//! fits counts. Nothing here makes a connection less safe: no fix leaves TLS out. Must not know how a fix is offered: the panes give it a key, the
//! command line an option.

mod fix;
mod passive;
mod table;

use super::failure::{Failure, FailureKind, Reply};
use super::limits;
use super::site::{DataMode, Site, TlsPolicy};

pub use fix::{Fix, FixKind};
pub use passive::is_private_passive;

/// The state that something failed in: what the session was like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Whether TLS is spoken, or nothing else would be.
    pub tls: bool,
    /// Whether it begins with the first byte.
    pub implicit: bool,
    /// How data connections are made.
    pub mode: DataMode,
    /// The port that is dialled.
    pub port: u16,
    /// Whether the login needs no password.
    pub anonymous: bool,
    /// Whether it is set which charset its names have.
    pub charset: bool,
}

impl Situation {
    /// What a site asks for, where nothing is known of a session with it.
    pub fn of(site: &Site) -> Self {
        Self {
            tls: matches!(site.tls, TlsPolicy::Required | TlsPolicy::Implicit) || (site.tls == TlsPolicy::Auto && site.learnt.tls),
            implicit: site.tls == TlsPolicy::Implicit,
            mode: site.mode,
            port: site.dial_port(),
            anonymous: site.is_anonymous(),
            charset: site.charset.is_some(),
        }
    }

    /// The same where it is known whether TLS is spoken.
    #[must_use]
    pub fn encrypted(self, tls: bool) -> Self {
        Self { tls, ..self }
    }
}

/// Why, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why {
    /// One sentence without a full stop.
    pub cause: &'static str,
    /// What would fix it, where one thing does.
    pub fix: Option<Fix>,
}

/// Explains a failure; `None` where its own words say all that is to be said.
pub fn explain(failure: &Failure, situation: &Situation) -> Option<Why> {
    if matches!(failure.kind, FailureKind::Cancelled | FailureKind::Local | FailureKind::Invalid) {
        return None;
    }
    // What is not there, or not allowed, by no word of a server is so by this machine's, which says it well enough.
    if failure.reply.is_none() && matches!(failure.kind, FailureKind::NotFound | FailureKind::Denied | FailureKind::AlreadyExists) {
        return None;
    }
    let said = Said::of(failure);
    table::ROWS.iter().find(|row| row.fits(failure, &said, situation)).map(|row| Why { cause: row.cause, fix: row.fix })
}

/// The words of a failure, the server's and ours, in lower case.
struct Said {
    text: Vec<u8>,
    /// Whether what it happened to has a name beyond ASCII.
    is_foreign: bool,
}

impl Said {
    fn of(failure: &Failure) -> Self {
        let mut text = failure.reply.as_ref().map_or_else(Vec::new, lowered);
        text.push(b'\n');
        text.extend(failure.detail.to_ascii_lowercase().into_bytes());
        let is_foreign = failure.subject.as_deref().is_some_and(|subject| !subject.is_ascii());
        Self { text, is_foreign }
    }

    fn says(&self, words: &str) -> bool {
        holds(&self.text, words)
    }
}

/// The words of a reply that are looked at, in lower case: a server that says much says why at the beginning.
pub fn lowered(reply: &Reply) -> Vec<u8> {
    reply.text.get(..limits::WORDS).unwrap_or(&reply.text).to_ascii_lowercase()
}

/// Whether words that were made lower hold some, which are lower case.
pub fn holds(text: &[u8], words: &str) -> bool {
    text.windows(words.len()).any(|window| window == words.as_bytes())
}

#[cfg(test)]
mod tests;
