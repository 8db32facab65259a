//! What is known of a volume once it is open.

use std::time::Duration;

use super::path::VPath;
use super::site::Site;

/// What is known of a volume once it is open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opened {
    /// The site, for a server; with what was learnt.
    pub site: Option<Site>,
    /// The directory to begin in.
    pub start: Option<VPath>,
    /// The directory after login, or the person's home.
    pub home: Option<VPath>,
    /// The server's greeting and login texts, raw.
    pub greeting: Vec<u8>,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// How long a packet takes to the server and back, as far as that was seen.
    pub round_trip: Option<Duration>,
    /// What this volume can do.
    pub can: Abilities,
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
    /// Reading from an offset.
    pub resume_read: bool,
    /// Writing from an offset.
    pub resume_write: bool,
    /// What listings tell of times is in UTC, where they tell it to the second.
    pub utc_times: bool,
}
