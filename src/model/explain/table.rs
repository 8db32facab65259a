//! The table: what must hold of a failure, and then why it failed. The first row that fits counts, so the particular stand before the general.

use super::{Fix, Said, Situation};
use crate::model::failure::{During, Failure, FailureKind as K};
use crate::model::site::{DataMode, FTP_PORT, FTPS_PORT};

use During::{Connect, Edit, List, Login, Lookup, MakeDir, Proxy, Read, Remove, Rename, SetMode, SetTime, Stat, Write};

/// One row. What is empty holds of every failure.
pub(super) struct Row {
    kinds: &'static [K],
    during: &'static [During],
    codes: &'static [u16],
    /// One of them is in the words of the server or ours; in lower case.
    words: &'static [&'static str],
    when: fn(&Situation) -> bool,
    /// Only names beyond ASCII.
    foreign: bool,
    pub(super) cause: &'static str,
    pub(super) fix: Option<Fix>,
}

impl Row {
    pub(super) fn fits(&self, failure: &Failure, said: &Said, situation: &Situation) -> bool {
        let code = failure.reply.as_ref().map_or(0, |reply| reply.code);
        (self.kinds.is_empty() || self.kinds.contains(&failure.kind))
            && (self.during.is_empty() || self.during.contains(&failure.during))
            && (self.codes.is_empty() || self.codes.contains(&code))
            && (self.words.is_empty() || self.words.iter().any(|words| said.says(words)))
            && (!self.foreign || said.is_foreign)
            && (self.when)(situation)
    }

    const fn when(mut self, when: fn(&Situation) -> bool) -> Self {
        self.when = when;
        self
    }

    const fn kinds(mut self, kinds: &'static [K]) -> Self {
        self.kinds = kinds;
        self
    }

    const fn during(mut self, during: &'static [During]) -> Self {
        self.during = during;
        self
    }

    const fn codes(mut self, codes: &'static [u16]) -> Self {
        self.codes = codes;
        self
    }

    const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    const fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    const fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

const fn row(cause: &'static str) -> Row {
    Row { kinds: &[], during: &[], codes: &[], words: &[], when: always, foreign: false, cause, fix: None }
}

fn always(_: &Situation) -> bool {
    true
}

/// What moves bytes over a data connection.
const DATA: &[During] = &[List, Read, Write];
/// What a server says that cannot make a data connection.
const NO_DATA: &[&str] = &[
    "establish connection",
    "establish data connection",
    "open data connection",
    "build data connection",
    "open passive connection",
    "can't connect to specified address",
    "active data channel timed out",
    "dialled our port",
    "did not connect",
    "no data connection",
    "data connection to",
];
/// What a server says that wants data connections under TLS.
const WANTS_DATA_TLS: &[&str] = &["required on the data channel", "data connections must be encrypted", "prot p required"];
const REUSE: &str =
    "the server takes a data connection only where it resumes the TLS session of the control connection, and this one did not";
const DATA_TLS: &str = "the server wants data connections protected by TLS as well";
const NO_CLEAR: &str = "the server lets nobody log in without TLS";
const NOT_FTP: &str = "something else than an FTP server answers on that port";

/// The table.
pub(super) static ROWS: &[Row] = &[
    // Certificates and TLS.
    row("the server shows a certificate that this system does not trust for its name").kinds(&[K::Certificate]).fix(Fix::Trust),
    row(REUSE).words(&["session reuse", "session of data connection", "not resumed", "session not reused"]).fix(Fix::Tls12),
    // ProFTPD 1.3.8 has no more words for it.
    row(REUSE).during(DATA).codes(&[425]).words(&["operation not permitted"]).when(|now| now.tls).fix(Fix::Tls12),
    row(DATA_TLS).words(WANTS_DATA_TLS).when(|now| now.tls),
    row(DATA_TLS)
        .words(WANTS_DATA_TLS)
        .fix(Fix::RequireTls),
    row("the server's own policy allows no TLS").words(&["policy on server does not allow tls", "does not allow tls secure"]),
    row(NO_CLEAR)
        .words(&[
            "use auth",
            "must use encryption",
            "required on the control channel",
            "cleartext sessions",
            "does not allow plain",
            "plain ftp",
            "use ftp over tls",
            "policy requires ssl",
            "requires ssl",
            "requires tls",
            "ssl required",
            "tls required",
            "ssl/tls required",
            "encryption required",
            "secure connection required",
            "ftps only",
        ])
        .when(|now| !now.tls)
        .fix(Fix::RequireTls),
    row("the port is that of explicit TLS, and the server does not begin with TLS there")
        .kinds(&[K::Tls, K::TimedOut, K::Disconnected, K::Protocol])
        .during(&[Connect])
        .when(|now| now.implicit && now.port == FTP_PORT)
        .fix(Fix::ExplicitTls),
    row("the port is that of implicit TLS, where the server says nothing until TLS has begun")
        .kinds(&[K::TimedOut, K::Disconnected, K::Protocol])
        .during(&[Connect])
        .words(&["greeting", "connected, but", "does not speak ftp"])
        .when(|now| !now.implicit && now.port == FTPS_PORT)
        .fix(Fix::ImplicitTls),
    row("the server asks for a certificate of ours").kinds(&[K::Tls]).words(&["certificaterequired", "certificate required"]).fix(Fix::Edit),
    row("the server speaks no TLS, or somebody in between hides it").kinds(&[K::Tls]).words(&["refuses tls", "refuses it now", "whether it knows tls"]),
    row("the two sides found no version of TLS, or no cipher, that both speak")
        .kinds(&[K::Tls])
        .words(&["handshakefailure", "handshake failure", "protocolversion", "protocol version", "insufficientsecurity", "peer is incompatible"]),
    // Logins.
    row("the server is set up wrongly for this account, and gives up before it begins").words(&["writable root inside chroot", "oops: cannot change dir"]),
    row("the server has as many connections as it allows, over all or from this address").kinds(&[K::TooMany]).fix(Fix::Fewer),
    row("the server asks for an account besides the password").codes(&[332, 532]).fix(Fix::Account),
    row("the proxy does not take this user and password").during(&[Proxy]).kinds(&[K::LoginRefused]).fix(Fix::Password),
    row("the server asks for a password, and none was given").kinds(&[K::LoginRefused]).words(&["asks for a password"]).fix(Fix::Password),
    row("the account is locked or switched off; who runs the server can say why")
        .kinds(&[K::LoginRefused])
        .words(&["locked", "disabled", "suspended", "deactivated", "blocked", "banned"]),
    row("the password or the account has expired").kinds(&[K::LoginRefused]).words(&["expired"]).fix(Fix::Password),
    row("the server takes anonymous logins only").kinds(&[K::LoginRefused]).words(&["anonymous only", "only anonymous"]).fix(Fix::Edit),
    row("the server takes no anonymous logins").kinds(&[K::LoginRefused]).words(&["anonymous"]).when(|now| now.anonymous).fix(Fix::Edit),
    row("the home directory of the account is missing or closed; who runs the server can mend that")
        .during(&[Login])
        .words(&["home directory", "change directory", "chroot", "user directory"]),
    row("the server refuses this user, or this address, whatever the password is")
        .during(&[Login])
        .kinds(&[K::LoginRefused])
        .words(&["not allowed", "permission denied", "access denied", "not permitted", "not authorized", "denied from", "refused from"])
        .fix(Fix::Edit),
    row("the server takes no anonymous logins, or none with this name").kinds(&[K::LoginRefused]).when(|now| now.anonymous).fix(Fix::Edit),
    row("the user or the password is wrong").kinds(&[K::LoginRefused]).fix(Fix::Password),
    // Data connections.
    row("the server dials only the address that the control connection comes from, and a router has changed ours")
        .words(&["illegal port", "illegal eprt", "foreign address", "only to ", "bounce", "bad port command"])
        .fix(Fix::Passive),
    row("the data connection reached the server from another address of ours than the control connection, as over a proxy")
        .words(&["bad ip connecting"])
        .fix(Fix::Active),
    row("the server cannot be dialled for data: a firewall or router on its side lets only the control connection in")
        .during(DATA)
        .words(&["passive data channel timed out"])
        .fix(Fix::Active),
    row("the server does not know addresses of this kind (IPv6) for data").codes(&[522]).words(&["network protocol", "protocol not supported"]).fix(Fix::Ipv4),
    row("the server cannot dial us for data: a firewall or router on our side lets nothing in")
        .during(DATA)
        .kinds(&[K::Transient, K::TimedOut, K::Unsupported])
        .words(NO_DATA)
        .when(|now| now.mode == DataMode::Active)
        .fix(Fix::Passive),
    row("the server cannot be dialled for data: a firewall or router on its side lets only the control connection in")
        .during(DATA)
        .kinds(&[K::Transient, K::TimedOut, K::Unsupported])
        .words(NO_DATA)
        .when(|now| now.mode == DataMode::Passive)
        .fix(Fix::Active),
    row("no data connection came about, neither dialled by us nor by the server: firewalls or routers let only the control connection through")
        .during(DATA)
        .kinds(&[K::Transient, K::TimedOut, K::Unsupported])
        .words(NO_DATA)
        .fix(Fix::Again),
    // What ends a session.
    row("the server closes connections on which nothing is going on")
        .codes(&[421])
        .words(&["idle", "timeout", "timed out", "time out", "time-out", "no transfer", "no-transfer", "a little faster", "activity", "login time"])
        .fix(Fix::KeepAlive),
    row("the server has closed for now, or is going down")
        .codes(&[421])
        .words(&["shutting down", "shutdown", "shut down", "maintenance", "offline", "locked", "kicked", "not available", "unavailable"])
        .fix(Fix::Again),
    row("the server program broke down at this").words(&["oops:", "internal error", "internal server error", "child died"]).fix(Fix::Again),
    // Room.
    row("the account's quota on the server is used up; delete something there, or ask for more").kinds(&[K::Full]).words(&["quota", "exceeded storage"]).fix(Fix::Again),
    row("the disk is full; make room there").kinds(&[K::Full]).fix(Fix::Again),
    // Names.
    row("the server cannot write this name in the charset it keeps")
        .words(&["illegal byte sequence", "utf-8", "utf8", "encoding", "multibyte", "unicode", "charset"])
        .codes(&[450, 451, 501, 504, 550, 553])
        .fix(Fix::Charset),
    row("the server does not allow this name: a character or a word in it, or its length")
        .codes(&[501, 550, 553])
        .words(&[
            "filename",
            "prohibited file name",
            "invalid name",
            "illegal name",
            "bad name",
            "invalid character",
            "illegal character",
            "syntax is incorrect",
            "name too long",
            "path too long",
            "parameter is incorrect",
        ])
        .fix(Fix::Rename),
    row("the name has letters beyond ASCII, which the server may keep in another charset than was sent")
        .foreign()
        .kinds(&[K::NotFound, K::Refused])
        .when(|now| !now.charset)
        .fix(Fix::Charset),
    // Files.
    row("somebody else has the file open on the server").words(&["in use", "being used", "another process", "is busy", "file busy", "locked by"]).fix(Fix::Again),
    row("the directory that it is to go into is not there").kinds(&[K::NotFound]).during(&[Write, MakeDir, Edit]).fix(Fix::Refresh),
    row("there is no such directory on the server any more, or it is called otherwise").kinds(&[K::NotFound]).during(&[List]).fix(Fix::Refresh),
    row("it is gone since it was listed, or the server calls it otherwise")
        .kinds(&[K::NotFound])
        .during(&[Read, Stat, Rename, Remove, SetMode, SetTime])
        .fix(Fix::Refresh),
    row("something of that name is there already").kinds(&[K::AlreadyExists]).during(&[MakeDir, Rename]).fix(Fix::Rename),
    row("the directory is not empty, or holds what a listing does not show").during(&[Remove]).words(&["not empty"]).fix(Fix::Refresh),
    row("the server has forgotten the login").codes(&[530]).words(&["not logged in", "log in first", "please login"]).fix(Fix::Again),
    row("nothing can be changed there: it is kept read-only").kinds(&[K::Denied]).words(&["read-only", "read only"]),
    row("the account may not change anything there").kinds(&[K::Denied]).during(&[Write, MakeDir, Rename, Remove, SetMode, SetTime, Edit]),
    row("the account may not read it").kinds(&[K::Denied]).during(&[List, Read, Stat]),
    row("the server cannot go on in the middle of a file").kinds(&[K::Unsupported]).words(&["middle of a file"]),
    row("the server does not say why; most often it is gone, or the account may not read it").kinds(&[K::Refused]).during(&[List, Read, Stat]).fix(Fix::Refresh),
    row("the server does not say why; most often the account may not do that there").kinds(&[K::Refused]).during(&[Write, MakeDir, Rename, Remove, SetMode]),
    // Servers that are not reached, or not understood.
    row("no name server knows the host").kinds(&[K::Unreachable]).during(&[Lookup]).fix(Fix::Edit),
    row("nothing listens on that port there, or a firewall refuses it").during(&[Connect]).kinds(&[K::Unreachable]).words(&["refused", "nobody listens"]).fix(Fix::Edit),
    row("nothing answers at that address: it is down, or a firewall drops what is sent there").during(&[Connect]).kinds(&[K::Unreachable, K::TimedOut]).words(&["no answer within", "unreachable", "no route"]).fix(Fix::Again),
    row(NOT_FTP).kinds(&[K::Protocol]).words(&["does not speak ftp", "is no reply"]).fix(Fix::Edit),
    row("the server closed the connection at once, as those do that are full or refuse this address")
        .kinds(&[K::Disconnected])
        .during(&[Connect])
        .fix(Fix::Again),
    row("the server takes longer to answer than it is waited for").kinds(&[K::TimedOut]).fix(Fix::Patience),
    row("the connection broke").kinds(&[K::Disconnected, K::Incomplete]).fix(Fix::Again),
    row("the server gave up in the middle; the same may go well another time").kinds(&[K::Transient]).codes(&[425, 426, 450, 451]).fix(Fix::Again),
];
