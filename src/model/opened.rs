//! What is known of a volume once it is open.

use std::time::Duration;

use super::path::VPath;
use super::paths::Paths;
use super::site::{Site, TlsVersion};
use super::words::Word as _;

/// What is known of a volume once it is open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opened {
    /// The site, for a server; with what was learnt.
    pub site: Option<Site>,
    /// The directory to begin in.
    pub start: Option<VPath>,
    /// The directory after login, or the person's home.
    pub home: Option<VPath>,
    /// How its places are written.
    pub paths: Paths,
    /// The server's greeting and login texts, raw.
    pub greeting: Vec<u8>,
    /// What the server says it is (SYST), raw; `None` where it does not say.
    pub system: Option<Box<[u8]>>,
    /// What the server says it can do: the lines of FEAT, raw; none where it does not say.
    pub features: Vec<Box<[u8]>>,
    /// How the connection is encrypted; `None` where it is not.
    pub encrypted: Option<Encrypted>,
    /// How long a packet takes to the server and back, as far as that was seen.
    pub round_trip: Option<Duration>,
    /// What this volume can do.
    pub can: Abilities,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encrypted {
    /// The version that is spoken.
    pub version: TlsVersion,
    /// Why the server's certificate is believed.
    pub trusted: Trusted,
    /// Whether data connections resume the control connection's session, as seen on the last one.
    pub resumed: bool,
}

impl std::fmt::Display for Encrypted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let trusted = match self.trusted {
            Trusted::Authority => "the certificate is trusted by this system",
            Trusted::Pinned => "the certificate is the one that is trusted for this server",
            Trusted::Unchecked => "the certificate was not checked",
        };
        write!(f, "TLS {}, {trusted}", self.version.word())
    }
}

/// Why a certificate is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trusted {
    /// An authority that the system trusts vouches for it.
    Authority,
    /// A person trusts this very certificate.
    Pinned,
    /// Nobody looked.
    Unchecked,
}

/// What a volume can do beyond reading, writing, listing and deleting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Set modification times.
    pub set_time: bool,
    /// Set permission bits.
    pub set_mode: bool,
    /// Deleting may go to a trash.
    pub trash: bool,
    /// Names are of a kind of their own, so that nothing can stand beside a file under a name made of its: a file is written straight.
    pub straight: bool,
    /// Reading from an offset.
    pub resume_read: bool,
    /// Writing from an offset.
    pub resume_write: bool,
    /// What listings tell of times is in UTC, where they tell it to the second.
    pub utc_times: bool,
    /// Listings are names and nothing more, so that a link in one is a guess: it may be a file or a directory as well.
    pub names_alone: bool,
}
