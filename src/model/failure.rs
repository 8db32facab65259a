//! An error as data: what was attempted, the server's own words, and what to do next.
//!
//! Built once, at the border of a volume; above it a failure is cloned, compared and shown, never wrapped.

use std::fmt;

use super::certificate::Certificate;

/// What kind of failure it is; decides what may be tried next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The name was not found, the address not reached, the connection refused.
    Unreachable,
    /// The connection broke or the server closed it.
    Disconnected,
    /// Nothing came within the limit.
    TimedOut,
    /// The login was refused.
    LoginRefused,
    /// The server has too many connections.
    TooMany,
    /// The server said no for good (5xx).
    Refused,
    /// The server said not now (4xx).
    Transient,
    /// No such file or directory.
    NotFound,
    /// It exists already.
    AlreadyExists,
    /// Not permitted.
    Denied,
    /// The disk or the quota is full.
    Full,
    /// The volume cannot do this at all.
    Unsupported,
    /// The server broke the protocol, or sent what cannot be trusted.
    Protocol,
    /// Fewer or other bytes arrived than the source has.
    Incomplete,
    /// The request makes no sense: a copy onto itself, a stale listing, a bad name.
    Invalid,
    /// The local file system failed.
    Local,
    /// TLS was asked for and could not be had.
    Tls,
    /// The server's certificate is not to be trusted; [`Failure::certificate`] tells which and why.
    Certificate,
    /// The person stopped it.
    Cancelled,
}

/// What was being attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its own word")]
pub enum During {
    Lookup,
    Connect,
    Login,
    Command,
    List,
    Stat,
    Read,
    Write,
    MakeDir,
    Rename,
    Remove,
    SetTime,
    SetMode,
    Verify,
    Plan,
    Edit,
    Proxy,
    Account,
}

impl fmt::Display for During {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lookup => "look up the host",
            Self::Connect => "connect",
            Self::Login => "log in",
            Self::Command => "send the command",
            Self::List => "list",
            Self::Stat => "look at",
            Self::Read => "read",
            Self::Write => "write",
            Self::MakeDir => "make the directory",
            Self::Rename => "rename",
            Self::Remove => "delete",
            Self::SetTime => "set the time of",
            Self::SetMode => "set the mode of",
            Self::Verify => "verify",
            Self::Plan => "plan the copy of",
            Self::Edit => "edit",
            Self::Proxy => "log in to the proxy",
            Self::Account => "log in with an account",
        })
    }
}

/// A server's reply: three digits (RFC 959 §4.2) and the text behind them, not yet made safe for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reply {
    /// 100 to 599.
    pub code: u16,
    /// The text of all lines without the codes, joined by line feeds.
    pub text: Box<[u8]>,
}

impl Reply {
    /// Its code and its words, safe for the screen; the words alone where they came with no code.
    pub fn said(&self) -> String {
        let words = super::text::printable(&self.text);
        if self.code == 0 { words.into_owned() } else { format!("{} {words}", self.code) }
    }
}

/// A failure that a person can be shown and a program can compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// What was attempted.
    pub during: During,
    /// On what: a path, a host; raw bytes as they are known by.
    pub subject: Option<Box<[u8]>>,
    /// What went wrong in our own words, a phrase without a full stop.
    pub detail: String,
    /// The server's reply, where there was one.
    pub reply: Option<Reply>,
    /// What to do next, a phrase without a full stop.
    pub hint: Option<String>,
    /// The certificate that was refused, with [`FailureKind::Certificate`].
    pub certificate: Option<Box<Certificate>>,
}

impl Failure {
    /// A failure with our own words.
    pub fn new(kind: FailureKind, during: During, detail: impl Into<String>) -> Self {
        Self { kind, during, subject: None, detail: detail.into(), reply: None, hint: None, certificate: None }
    }

    /// The failure for a certificate that is not to be trusted.
    pub fn untrusted(certificate: Certificate) -> Self {
        let detail = format!("the certificate is not to be trusted: {}", certificate.trouble());
        Self { certificate: Some(Box::new(certificate)), ..Self::new(FailureKind::Certificate, During::Connect, detail) }
    }

    /// The failure for "stopped by the person".
    pub fn cancelled(during: During) -> Self {
        Self::new(FailureKind::Cancelled, during, "cancelled")
    }

    /// Names what it happened to.
    #[must_use]
    pub fn about(mut self, subject: impl Into<Box<[u8]>>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Carries the server's words.
    #[must_use]
    pub fn with_reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// Why, without what was attempted on what: the server's words or ours, and what to do next; safe for the screen.
    pub fn why(&self) -> String {
        use super::text::{joined, printable, printable_str};
        let mut text = match &self.reply {
            Some(reply) => format!("{} {}", reply.code, printable(&reply.text).trim_end_matches('.')),
            None => printable_str(&self.detail).into_owned(),
        };
        // That a server was not reached says nothing of a file.
        if matches!(self.during, During::Lookup | During::Connect | During::Login | During::Proxy | During::Account) {
            text = format!("cannot {}: {text}", self.during);
        }
        match &self.hint {
            Some(hint) => joined(&text, ';', &printable_str(hint)),
            None => text,
        }
    }

    /// What a refused login says: the reply, else our own words without a code, where what refused it has none (SOCKS).
    pub fn refusal(&self) -> Reply {
        self.reply.clone().unwrap_or_else(|| Reply { code: 0, text: self.detail.as_bytes().into() })
    }

    /// Whether the same may go well another day: the server, the line, a login, a certificate or a full disk stood against it, not the file.
    pub fn is_passing(&self) -> bool {
        self.is_connection_lost()
            || matches!(
                self.kind,
                FailureKind::TooMany
                    | FailureKind::Transient
                    | FailureKind::Full
                    | FailureKind::LoginRefused
                    | FailureKind::Tls
                    | FailureKind::Certificate
            )
    }

    /// Whether the connection that it came from is of no more use.
    pub fn is_connection_lost(&self) -> bool {
        matches!(self.kind, FailureKind::Unreachable | FailureKind::Disconnected | FailureKind::TimedOut)
    }
}

/// One sentence for a person, safe for the screen: `cannot read /a/b: 550 No such file (try …)`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use super::text::{joined, printable};
        if self.kind == FailureKind::Cancelled {
            return f.write_str("cancelled");
        }
        let mut text = format!("cannot {}", self.during);
        if let Some(subject) = &self.subject {
            let to = match self.during {
                During::Connect => " to",
                During::Login | During::Proxy | During::Account => " as",
                _ => "",
            };
            text.push_str(&format!("{to} {}", printable(subject)));
        }
        text.push_str(": ");
        match &self.reply {
            Some(reply) => {
                text.push_str(&format!("{} {}", reply.code, printable(&reply.text)));
                if !self.detail.is_empty() {
                    text.push_str(&format!(" ({})", self.detail));
                }
            }
            None => text.push_str(&self.detail),
        }
        f.write_str(&self.hint.as_ref().map_or_else(|| text.clone(), |hint| joined(&text, ';', hint)))
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_follows_the_servers_words_without_their_full_stop_and_a_host_is_connected_to() {
        let reply = || Reply { code: 530, text: b"Login incorrect.".to_vec().into() };
        let refused = Failure::new(FailureKind::LoginRefused, During::Login, "").with_reply(reply());
        assert_eq!(refused.to_string(), "cannot log in: 530 Login incorrect.");
        assert_eq!(refused.clone().hint("check the user").to_string(), "cannot log in: 530 Login incorrect; check the user");
        assert_eq!(refused.about(&b"al"[..]).to_string(), "cannot log in as al: 530 Login incorrect.");
        let nobody = Failure::new(FailureKind::Unreachable, During::Connect, "nobody listens there");
        assert_eq!(nobody.to_string(), "cannot connect: nobody listens there");
        assert_eq!(nobody.about(&b"h:21"[..]).to_string(), "cannot connect to h:21: nobody listens there");
    }

    #[test]
    fn a_failure_reads_as_one_safe_sentence_with_the_servers_words() {
        let failure = Failure::new(FailureKind::NotFound, During::Read, "")
            .about(&b"/a\x1b[2J"[..])
            .with_reply(Reply { code: 550, text: b"No such\nfile".to_vec().into() })
            .hint("press Ctrl-R to refresh");
        let text = failure.to_string();
        assert!(text.starts_with("cannot read /a"), "{text}");
        assert!(text.contains("550 No such"), "{text}");
        assert!(text.ends_with("; press Ctrl-R to refresh"), "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
