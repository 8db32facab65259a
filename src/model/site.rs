//! A server and how it wants to be talked to.

use std::path::PathBuf;

use super::ascii::Ascii;
use super::certificate::Fingerprint;
use super::charset::Charset;
use super::clock::ClockOffset;
use super::path::VPath;
use super::reach::Reach;
use super::secret::Secret;

/// The port of FTP and of FTP with explicit TLS (RFC 959 §3.2).
pub const FTP_PORT: u16 = 21;
/// The port of FTP with implicit TLS, by custom.
pub const FTPS_PORT: u16 = 990;

/// How data connections are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DataMode {
    /// Passive first, active where that cannot be done, and what worked is kept.
    #[default]
    Auto,
    /// We dial: EPSV or PASV.
    Passive,
    /// The server dials: EPRT or PORT.
    Active,
}

/// What is asked of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsPolicy {
    /// Explicit TLS where the server offers it.
    #[default]
    Auto,
    /// Explicit TLS (AUTH TLS, RFC 4217) or no login.
    Required,
    /// TLS from the first byte.
    Implicit,
    /// Plain.
    Off,
}

/// Where the password of a site comes from, where nothing on the command line gives one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PasswordFrom {
    /// `~/.netrc` where it names this server, else a question.
    #[default]
    Ask,
    /// The system's keyring.
    Keyring,
    /// The vault: a file of ours under a passphrase.
    Vault,
    /// `~/.netrc`, its `default` entry too.
    Netrc,
    /// What the site's own command prints.
    Command,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum TlsVersion {
    /// 1.2 (RFC 5246); anything older is not spoken.
    #[default]
    V12,
    /// 1.3 (RFC 8446).
    V13,
}

/// Who we are to a server that asks for a certificate: PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and those that lead to its root behind it.
    pub certificate: PathBuf,
    /// Its private key; may be the same file.
    pub key: PathBuf,
}

/// How TLS is to be, where there is any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secured {
    /// Certificates of the server that are trusted, and then no others.
    pub pins: Vec<Fingerprint>,
    /// The oldest version to speak.
    pub minimum: TlsVersion,
    /// Who we are.
    pub identity: Option<Identity>,
    /// A PEM file of certificates that are trusted besides the system's.
    pub roots: Option<PathBuf>,
    /// Whether no certificate is refused.
    pub unchecked: bool,
    /// Whether the control connection goes on in the clear after the login (CCC, RFC 4217 §12.3), for firewalls that must read it.
    pub clear_control: bool,
}

/// How a server is asked for listings, and what is taken for its answer to LIST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ListingStyle {
    /// MLSD where it works, else LIST, whose dialect is told by its rows.
    #[default]
    Auto,
    /// MLSD (RFC 3659 §7) and nothing else.
    Mlsd,
    /// LIST, whose dialect is told by its rows.
    List,
    /// LIST as `ls -l` writes it.
    Unix,
    /// LIST as IIS and `dir` write it.
    Dos,
    /// LIST of OpenVMS.
    Vms,
    /// LIST of z/OS: data sets, members, jobs.
    Mvs,
    /// LIST of z/VM and VM/CMS.
    Zvm,
    /// LIST of IBM i.
    As400,
    /// LIST of NetWare.
    Netware,
    /// LIST of OS/2.
    Os2,
    /// Easily parsed LIST format.
    Eplf,
    /// LIST of HP NonStop.
    NonStop,
    /// LIST of VxWorks, VShell, Nortel's switches and others that are told apart row by row.
    Other,
}

/// Where a session begins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum StartDir {
    /// Where the server puts us after login.
    #[default]
    Login,
    /// Below that directory (RFC 1738 §3.2.2): the parts, `/`-separated, as they were given.
    Relative(Vec<u8>),
    /// An absolute path.
    Absolute(VPath),
}

/// What was found out about a server and need not be asked again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learnt {
    /// EPSV was refused: go straight to PASV.
    pub no_epsv: bool,
    /// Passive data connections could not be made: begin with active.
    pub prefers_active: bool,
    /// MLSD was offered and did not work, or was not offered.
    pub no_mlsd: bool,
    /// What it turned out not to know or not to do, by names of the session's: `SIZE`, `LIST -a`.
    pub lacks: Vec<String>,
    /// It offers HOST (RFC 7151), so that it is told by which name it was reached.
    pub hosts: bool,
    /// How the server showed itself when all this was found out: once it shows itself otherwise, it is asked anew.
    pub print: Option<u32>,
    /// It was once spoken to with TLS, and is never without it again unless that is asked for.
    pub tls: bool,
    /// Its data connections were refused with TLS 1.3 and want 1.2, as servers do that take a session for the same only there.
    pub tls12: bool,
    /// A person was told that it is spoken to in the clear.
    pub plain_told: bool,
    /// How far its clock on the wall is from UTC: the times of LIST are by it.
    pub clock: Option<ClockOffset>,
    /// When that was learnt, in seconds since 1970.
    pub clock_at: Option<i64>,
    /// How many connections it allowed at once, where it has refused more.
    pub connections: Option<u16>,
}

/// A server with its settings: saved under a name, or made from a URL for one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// The name it is saved under; empty for one that is not saved.
    pub name: String,
    /// The folder it is kept in, `/`-separated; empty for the top.
    pub folder: String,
    /// Host name or address, without brackets.
    pub host: String,
    /// The port; `None` is the scheme's.
    pub port: Option<u16>,
    /// The user; `None` where nobody said.
    pub user: Option<String>,
    /// The first remote directory.
    pub start: StartDir,
    /// The local directory to show beside it.
    pub local: Option<VPath>,
    /// How data connections are made.
    pub mode: DataMode,
    /// What is asked of TLS.
    pub tls: TlsPolicy,
    /// How it is to be.
    pub secured: Secured,
    /// The charset of its names by WHATWG label; `None` is UTF-8, and what is none stays as it is; see [`super::charset`].
    pub charset: Option<String>,
    /// Seconds without an answer after which it counts as dead; `None` is the default.
    pub timeout: Option<u32>,
    /// Where its password comes from.
    pub password: PasswordFrom,
    /// What is run by `sh -c` for [`PasswordFrom::Command`]; the first line it prints is the password.
    pub password_command: Option<String>,
    /// Bytes a second below which a transfer is given up; 0 never is, `None` is the default.
    pub low_speed: Option<u64>,
    /// Whether every copy from and to it compares checksums, where it offers any.
    pub verify: bool,
    /// How it is reached.
    pub reach: Reach,
    /// Which of its files are moved as text.
    pub ascii: Ascii,
    /// Seconds of idleness after which it is sent something harmless; 0 never does, `None` is the default.
    pub keep_alive: Option<u32>,
    /// What it is told where it asks for an account besides the password (ACCT, RFC 959 §4.1.1).
    pub account: Option<String>,
    /// How it is asked for listings, and what they are read as.
    pub listing: ListingStyle,
    /// How far its clock on the wall is from UTC, where a person has said so.
    pub clock: Option<ClockOffset>,
    /// What was found out.
    pub learnt: Learnt,
}

impl Site {
    /// A server by host alone.
    pub fn of_host(host: impl Into<String>) -> Self {
        Self { host: host.into(), ..Self::default() }
    }

    /// The port to dial.
    pub fn dial_port(&self) -> u16 {
        self.port.unwrap_or(if self.tls == TlsPolicy::Implicit { FTPS_PORT } else { FTP_PORT })
    }

    /// The user to log in as: `anonymous` (RFC 1635) where nobody said.
    pub fn login_user(&self) -> &str {
        self.user.as_deref().unwrap_or("anonymous")
    }

    /// Whether the login needs no password of a person's.
    pub fn is_anonymous(&self) -> bool {
        matches!(self.login_user(), "anonymous" | "ftp")
    }

    /// How a person would call it: the saved name, else `user@host:port` without what is the default.
    pub fn title(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        match self.port {
            Some(port) if port != FTP_PORT => format!("{user}{host}:{port}"),
            _ => format!("{user}{host}"),
        }
    }

    /// The account as one text, `user@host:port` with the host in lower case: what a password belongs to, whatever the site is called.
    pub fn account(&self) -> String {
        format!("{}@{}:{}", self.login_user(), self.host.to_ascii_lowercase(), self.dial_port())
    }

    /// `host:port` as it is dialled, the host in lower case: what a certificate is trusted for, whoever logs in there.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host.to_ascii_lowercase(), self.dial_port())
    }

    /// Why no site can be called so: a name must read as a name when it is typed as a target.
    pub fn flaw_of_name(name: &str) -> Option<&'static str> {
        match () {
            () if name.trim().is_empty() => Some("it is empty"),
            () if name.trim() != name => Some("it begins or ends with a space"),
            () if name.starts_with(['/', '.', '~', '-']) => Some("a target that begins so is a local path or an option"),
            () if name.contains("://") => Some("a target with :// is a URL"),
            () if name.chars().any(char::is_control) => Some("it holds a control character"),
            () => None,
        }
    }

    /// Puts its first directory as its names are read: a URL may give bytes of the server's charset.
    pub fn spell_start(&mut self) {
        let names = Charset::of_site(self.charset.as_deref()).unwrap_or_default();
        match &mut self.start {
            StartDir::Login => {}
            StartDir::Relative(parts) => {
                let spelled: Vec<Vec<u8>> = parts.split(|&byte| byte == b'/').map(|part| names.reread(part, names)).collect();
                *parts = spelled.join(&b'/');
            }
            StartDir::Absolute(path) => *path = names.reread_path(path, names),
        }
    }

    /// Whether both show the same tree by the same names: what one calls a path the other calls so, too.
    pub fn is_same_tree(&self, other: &Self) -> bool {
        let names = |site: &Self| Charset::of_site(site.charset.as_deref()).unwrap_or_default();
        self.is_same_account(other) && names(self) == names(other)
    }

    /// Whether it is what `saved` is saved as: under its name, or under none and with its account.
    pub fn goes_by(&self, saved: &Self) -> bool {
        self.is_same_account(saved) && (self.name.is_empty() || self.name == saved.name)
    }

    /// With what `edited`, which the person has made of it, asks for: where it protects a connection more than before. Whom it trusts, and who we
    /// are to it, is what the person said last of the same server.
    #[must_use]
    pub fn tightened(&self, edited: &Self) -> Self {
        let mut site = self.clone();
        if !self.name.is_empty() {
            // It goes by its name: what is edited next is to reach it, too.
            site.name.clone_from(&edited.name);
            site.folder.clone_from(&edited.folder);
        }
        site.tls = match (self.tls, edited.tls) {
            // On another port the same server may not have it from the first byte.
            (TlsPolicy::Off | TlsPolicy::Auto, TlsPolicy::Implicit) if self.dial_port() != edited.dial_port() => TlsPolicy::Required,
            (TlsPolicy::Off | TlsPolicy::Auto, asked @ (TlsPolicy::Required | TlsPolicy::Implicit)) => asked,
            (TlsPolicy::Off, TlsPolicy::Auto) => TlsPolicy::Auto,
            (own, _) => own,
        };
        if site.tls == TlsPolicy::Implicit && site.tls != self.tls {
            // The port stays the same one, which implicit TLS has another default for.
            site.port = Some(self.dial_port());
        }
        let (own, asked) = (&mut site.secured, &edited.secured);
        if self.address() == edited.address() {
            own.pins.clone_from(&asked.pins);
            own.roots.clone_from(&asked.roots);
            own.identity.clone_from(&asked.identity);
        }
        own.minimum = own.minimum.max(asked.minimum);
        own.unchecked &= asked.unchecked;
        own.clear_control &= asked.clear_control;
        if edited.reach.proxy.proxy().is_some() {
            site.reach.proxy = edited.reach.proxy.clone();
        }
        site.reach.bind = edited.reach.bind.or(self.reach.bind);
        site
    }

    /// What decides how a connection to it is made, and what protects it.
    pub fn way(&self) -> (TlsPolicy, &Secured, &Reach) {
        (self.tls, &self.secured, &self.reach)
    }

    /// Whether both are the same account on the same server, so that a rename can move between them.
    pub fn is_same_account(&self, other: &Self) -> bool {
        self.host.eq_ignore_ascii_case(&other.host) && self.dial_port() == other.dial_port() && self.login_user() == other.login_user()
    }
}

/// What to open: the value that a connector turns into a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeSpec {
    /// The local disk.
    Local,
    /// A server, with the password where it is known already.
    Ftp(Box<Site>, Option<Secret>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_followed_where_it_protects_more_and_in_no_other_point() {
        let of = |tls, minimum| Site { tls, secured: Secured { minimum, ..Secured::default() }, ..Site::of_host("h") };
        let tls = |own, asked| of(own, TlsVersion::V12).tightened(&of(asked, TlsVersion::V12)).tls;
        let ranks = [TlsPolicy::Off, TlsPolicy::Auto, TlsPolicy::Required];
        for (place, own) in ranks.into_iter().enumerate() {
            for (other, asked) in ranks.into_iter().enumerate() {
                assert_eq!(Some(&tls(own, asked)), ranks.get(place.max(other)), "{own:?} by {asked:?}");
            }
        }
        let minimum = of(TlsPolicy::Off, TlsVersion::V13).tightened(&of(TlsPolicy::Required, TlsVersion::V12));
        assert_eq!((minimum.tls, minimum.secured.minimum), (TlsPolicy::Required, TlsVersion::V13));
        let mut lax = Site::of_host("h");
        (lax.secured.unchecked, lax.secured.clear_control) = (true, true);
        let strict = Site {
            reach: Reach { proxy: super::super::reach::Through::parse("http://p").unwrap(), ..Reach::default() },
            ..Site::of_host("h")
        };
        let tightened = lax.tightened(&strict);
        assert!(!tightened.secured.unchecked && !tightened.secured.clear_control && tightened.reach.proxy.proxy().is_some());
        assert_eq!(strict.tightened(&lax), strict, "nothing is given up");
    }

    #[test]
    fn what_goes_over_to_implicit_tls_keeps_the_port_it_was_asked_for_with() {
        let plain = Site::of_host("h");
        let implicit = Site { tls: TlsPolicy::Implicit, ..plain.clone() };
        assert_eq!(plain.tightened(&implicit).tls, TlsPolicy::Required, "port 21 has no TLS from the first byte");
        let own = Site { port: Some(990), ..plain };
        let followed = own.tightened(&implicit);
        assert_eq!((followed.tls, followed.dial_port()), (TlsPolicy::Implicit, 990));
    }

    #[test]
    fn whom_a_site_trusts_is_what_was_said_last_of_the_same_server() {
        let trusting =
            |host: &str, pin| Site { secured: Secured { pins: vec![Fingerprint([pin; 32])], ..Secured::default() }, ..Site::of_host(host) };
        let pins = |site: &Site| site.secured.pins.clone();
        assert_eq!(pins(&trusting("h", 1).tightened(&trusting("h", 2))), [Fingerprint([2; 32])]);
        assert_eq!(pins(&trusting("h", 1).tightened(&Site::of_host("h"))), []);
        assert_eq!(pins(&trusting("h", 1).tightened(&trusting("other", 2))), [Fingerprint([1; 32])]);
    }
}
