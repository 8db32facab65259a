//! What can be done about a failure: the word on a button, the option of the command line, and what it changes about a site.

use crate::model::reach::Family;
use crate::model::site::{DataMode, Site, TlsPolicy};

/// Seconds of idleness after which a server that closes idle connections soon is sent something.
const KEEP_ALIVE: u32 = 10;
/// Seconds that a slow server is waited for.
const PATIENCE: u32 = 120;

/// The one thing that would fix a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fix {
    /// Dial the server for data.
    Passive,
    /// Let the server dial us for data.
    Active,
    /// Open fewer connections at once.
    Fewer,
    /// Ask for TLS (AUTH TLS) before the login.
    RequireTls,
    /// Begin TLS with the first byte.
    ImplicitTls,
    /// Ask for TLS with AUTH TLS, and not from the first byte.
    ExplicitTls,
    /// Speak TLS 1.2, in which sessions are resumed by all servers.
    Tls12,
    /// Send something harmless sooner when nothing is going on.
    KeepAlive,
    /// Wait longer for an answer.
    Patience,
    /// Use addresses of IPv4 alone.
    Ipv4,
    /// Give another password.
    Password,
    /// Give another user or host: the site is to be edited.
    Edit,
    /// Set the account that it asks for besides the password.
    Account,
    /// Set the charset of its names.
    Charset,
    /// Give it another name.
    Rename,
    /// Trust the certificate, after a look at it.
    Trust,
    /// List the directory again.
    Refresh,
    /// Begin in the directory of the login, where the one that was asked for is not to be had.
    Home,
    /// Begin in another directory from now on: the site is to be edited.
    Directory,
    /// Try it again.
    Again,
}

/// How a fix is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FixKind {
    /// It changes the site, and is remembered with it.
    Site,
    /// A person must say more: in the form of the site.
    Form,
    /// The same once more.
    Retry,
    /// It has a key of its own elsewhere.
    Elsewhere,
}

impl Fix {
    /// All there are.
    pub const ALL: [Self; 20] = [
        Self::Passive,
        Self::Active,
        Self::Fewer,
        Self::RequireTls,
        Self::ImplicitTls,
        Self::ExplicitTls,
        Self::Tls12,
        Self::KeepAlive,
        Self::Patience,
        Self::Ipv4,
        Self::Password,
        Self::Edit,
        Self::Account,
        Self::Charset,
        Self::Rename,
        Self::Trust,
        Self::Refresh,
        Self::Home,
        Self::Directory,
        Self::Again,
    ];

    /// What it does, in a few words that begin small: `use active mode`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passive => "use passive mode",
            Self::Active => "use active mode",
            Self::Fewer => "open fewer connections",
            Self::RequireTls => "ask for TLS",
            Self::ImplicitTls => "begin with TLS (implicit)",
            Self::ExplicitTls => "ask for TLS by AUTH (explicit)",
            Self::Tls12 => "speak TLS 1.2",
            Self::KeepAlive => "keep the connection alive",
            Self::Patience => "wait longer",
            Self::Ipv4 => "use IPv4",
            Self::Password => "give another password",
            Self::Edit => "edit the site",
            Self::Account => "set the account",
            Self::Charset => "set the charset of its names",
            Self::Rename => "give it another name",
            Self::Trust => "look at the certificate, and trust it if it is the right one",
            Self::Refresh => "list the directory again",
            Self::Home => "open the home directory",
            Self::Directory => "edit the site's directory",
            Self::Again => "try again",
        }
    }

    /// The option of the command line that does it, where there is one.
    pub fn option(self) -> Option<&'static str> {
        Some(match self {
            Self::Passive => "--mode=passive",
            Self::Active => "--mode=active",
            Self::Fewer => "-j 1",
            Self::RequireTls | Self::ExplicitTls => "--tls=required",
            Self::ImplicitTls => "--tls=implicit",
            Self::KeepAlive => "--keep-alive=10",
            Self::Patience => "--timeout=120",
            Self::Ipv4 => "--ipv4",
            Self::Account => "--account=NAME",
            Self::Trust => "--trust FINGERPRINT",
            Self::Tls12 | Self::Password | Self::Edit | Self::Charset | Self::Rename => return None,
            Self::Refresh | Self::Home | Self::Directory | Self::Again => return None,
        })
    }

    /// How it is carried out.
    pub fn kind(self) -> FixKind {
        match self {
            Self::Passive | Self::Active | Self::Fewer | Self::RequireTls | Self::ImplicitTls | Self::ExplicitTls => FixKind::Site,
            Self::Tls12 | Self::KeepAlive | Self::Patience | Self::Ipv4 => FixKind::Site,
            Self::Edit | Self::Directory | Self::Account | Self::Charset => FixKind::Form,
            Self::Password | Self::Refresh | Self::Home | Self::Again => FixKind::Retry,
            Self::Rename | Self::Trust => FixKind::Elsewhere,
        }
    }

    /// Puts it on a site. One that is carried out otherwise changes nothing.
    pub fn put_on(self, site: &mut Site) {
        match self {
            Self::Passive => site.mode = DataMode::Passive,
            Self::Active => site.mode = DataMode::Active,
            Self::Fewer => site.learnt.connections = Some(site.learnt.connections.map_or(2, |known| known.saturating_sub(1)).max(1)),
            Self::RequireTls => site.tls = TlsPolicy::Required,
            Self::ExplicitTls => {
                // The port of implicit TLS goes with it.
                site.port = site.port.filter(|port| *port != crate::model::site::FTPS_PORT);
                site.tls = TlsPolicy::Required;
            }
            Self::ImplicitTls => site.tls = TlsPolicy::Implicit,
            Self::Tls12 => site.learnt.tls12 = true,
            Self::KeepAlive => site.keep_alive = Some(KEEP_ALIVE),
            Self::Patience => site.timeout = Some(site.timeout.map_or(PATIENCE, |seconds| seconds.saturating_mul(2).max(PATIENCE))),
            Self::Ipv4 => site.reach.family = Family::V4,
            Self::Password | Self::Edit | Self::Account | Self::Charset | Self::Rename | Self::Trust => {}
            Self::Refresh | Self::Home | Self::Directory | Self::Again => {}
        }
    }
}
