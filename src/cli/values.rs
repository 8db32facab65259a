//! Values of options as they are typed, each with what is said of a wrong one.

use crate::model::{Charset, ClockOffset, Fingerprint};

/// A server's clock.
pub(super) fn clock(text: &str) -> Result<ClockOffset, &'static str> {
    ClockOffset::parse(text).ok_or("an offset from UTC is hours and minutes, such as +02:00 or -03:30")
}

/// A charset of names, by its own name.
pub(super) fn charset(text: &str) -> Result<String, &'static str> {
    Charset::of_label(text).map(|charset| charset.label().to_owned()).ok_or("not a charset that names can be in; see docs/servers.md")
}

/// A certificate's fingerprint.
pub(super) fn fingerprint(text: &str) -> Result<Fingerprint, &'static str> {
    Fingerprint::parse(text).ok_or("a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons between them")
}
