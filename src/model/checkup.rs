//! What was found out about a server, step by step: the ladder that `ftpane doctor` and the panel of the panes climb.

use std::time::Duration;

use super::explain::Why;
use super::failure::Failure;
use super::site::StartDir;

/// One step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// The host's name is looked up.
    Name,
    /// One of its addresses is dialled, up to the greeting.
    Address,
    /// AUTH TLS, or TLS from the first byte, and the certificate.
    Tls,
    /// The login.
    Login,
    /// What the server says it is (SYST).
    System,
    /// What it says it can do (FEAT).
    Features,
    /// How long an answer takes.
    RoundTrip,
    /// A listing, asked for as a session does by itself.
    Listing,
    /// A listing over EPSV (RFC 2428).
    Epsv,
    /// A listing over PASV.
    Pasv,
    /// A listing over a connection that the server makes.
    Active,
    /// Whether data connections resume the TLS session.
    Resumption,
    /// Reading from the middle of a file (REST).
    Restart,
    /// In which charset names are.
    Charset,
    /// How far the clock of LIST is from that of MDTM.
    Clock,
    /// How many connections it allows.
    Connections,
    /// How fast a file comes.
    Rate,
    /// Writing a file, and going on with it.
    Write,
    /// Setting the time of a file (MFMT, MDTM).
    SetTime,
}

impl Rung {
    /// All, in the order in which they are climbed.
    pub const ALL: [Self; 19] = [
        Self::Name,
        Self::Address,
        Self::Tls,
        Self::Login,
        Self::System,
        Self::Features,
        Self::RoundTrip,
        Self::Charset,
        Self::Listing,
        Self::Epsv,
        Self::Pasv,
        Self::Active,
        Self::Resumption,
        Self::Clock,
        Self::Restart,
        Self::Rate,
        Self::Write,
        Self::SetTime,
        Self::Connections,
    ];

    /// Its word, in JSON too.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Address => "address",
            Self::Tls => "tls",
            Self::Login => "login",
            Self::System => "system",
            Self::Features => "features",
            Self::RoundTrip => "round-trip",
            Self::Listing => "listing",
            Self::Epsv => "epsv",
            Self::Pasv => "pasv",
            Self::Active => "active",
            Self::Resumption => "resumption",
            Self::Restart => "restart",
            Self::Charset => "charset",
            Self::Clock => "clock",
            Self::Connections => "connections",
            Self::Rate => "rate",
            Self::Write => "write",
            Self::SetTime => "set-time",
        }
    }

    /// Whether nothing can be done with a server where it does not work.
    pub fn is_needed(self) -> bool {
        matches!(self, Self::Name | Self::Login | Self::Listing)
    }
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It works: what was seen, safe for the screen.
    Works(String),
    /// It does not, in the server's words.
    Fails(Failure),
    /// It was not tried: why, safe for the screen.
    Untried(String),
}

/// A step with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which.
    pub rung: Rung,
    /// What came of it.
    pub verdict: Verdict,
    /// Why it does not work, and what would help.
    pub why: Option<Why>,
    /// How long it took.
    pub took: Duration,
}

impl Finding {
    /// Whether it was tried and does not work.
    pub fn is_failure(&self) -> bool {
        matches!(self.verdict, Verdict::Fails(_))
    }

    /// What there is to read of it, on one line, safe for the screen.
    pub fn text(&self) -> String {
        match &self.verdict {
            Verdict::Works(text) | Verdict::Untried(text) => text.clone(),
            Verdict::Fails(failure) => super::text::printable_str(&failure.why()).into_owned(),
        }
    }
}

/// How far the ladder is climbed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// So many connections are tried at once, at most; 0 or 1 tries none besides the first.
    pub connections: u16,
    /// The directory to write a file of ours into, which is deleted again; without one nothing is written.
    pub write: Option<StartDir>,
}
