//! One line or event of the protocol, as it is logged: redacted, with its time.

use super::id::ConnectionId;

/// Which way a line went, or what it tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WireKind {
    /// A command that we sent; a password is `****` already.
    Sent,
    /// A line that the server sent.
    Received,
    /// A step that is no command: a lookup, a connection made, a data connection with its figures.
    Step,
    /// A step that failed.
    Trouble,
}

/// One line for the log. `text` may hold anything a server can send: make it [`super::text::printable`] to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireLine {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// The connection; a lane's has its own number.
    pub connection: ConnectionId,
    /// Which way.
    pub kind: WireKind,
    /// The line without its line end.
    pub text: Box<[u8]>,
}
