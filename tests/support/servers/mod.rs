//! Real FTP servers, each test with processes, a port and a directory of its own.
//!
//! ```ignore
//! let Some(setup) = servers::require(Kind::Vsftpd) else { return };
//! let server = setup.max_per_host(2).start();
//! server.fill(&Tree::new().file("a.txt", "text"));
//! connect(server.addr(), &server.user, &server.password);
//! ```
//!
//! `.ci/servers` puts the programs in place. Where one is missing, `require` says so on
//! standard error, past the test runner's capture, notes it in `left-out.txt` in the test
//! target directory and returns `None`; with FTPANE_REQUIRE_SERVERS=1 it panics instead.

mod available;
mod proftpd;
mod pureftpd;
mod pyftpdlib;
mod running;
#[cfg(feature = "demo")]
pub mod unftp;
mod vsftpd;

pub use available::{file, libraries, require};
pub use running::Server;

use crate::support::certs::Cert;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// Which program serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// vsftpd 3.0.3: no MLSD, times set by MDTM, forks twice a session.
    Vsftpd,
    /// ProFTPD 1.3.8: MLSD, MFMT, strict.
    Proftpd,
    /// pure-ftpd 1.0.50: MLSD, hides nothing, closes oddly.
    PureFtpd,
    /// pyftpdlib 2.2.0: MLSD, MFMT, one process.
    Pyftpdlib,
}

impl Kind {
    /// All of them, for tests that run on each.
    pub const ALL: [Kind; 4] = [Kind::Vsftpd, Kind::Proftpd, Kind::PureFtpd, Kind::Pyftpdlib];

    /// The program's usual name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Vsftpd => "vsftpd",
            Kind::Proftpd => "proftpd",
            Kind::PureFtpd => "pure-ftpd",
            Kind::Pyftpdlib => "pyftpdlib",
        }
    }
}

/// A server that is going to be started: parameters as data.
#[derive(Clone, Debug)]
pub struct Setup {
    kind: Kind,
    host: IpAddr,
    user: String,
    password: String,
    max_per_host: Option<u32>,
    idle_seconds: Option<u32>,
    denied: Vec<String>,
    passive_ports: Option<RangeInclusive<u16>>,
    tls: Option<Tls>,
}

/// How a server speaks TLS. It wants it for control and data, and data connections that resume the session where it can want that.
#[derive(Clone, Copy, Debug)]
pub struct Tls {
    /// What it shows.
    pub cert: Cert,
    /// From the first byte.
    pub implicit: bool,
    /// Wants a certificate of the client's.
    pub wants_client: bool,
    /// Takes who comes without TLS, too.
    pub optional: bool,
}

impl Setup {
    fn new(kind: Kind) -> Setup {
        Setup {
            kind,
            host: Ipv4Addr::LOCALHOST.into(),
            user: "tester".to_owned(),
            password: "secret".to_owned(),
            max_per_host: None,
            idle_seconds: None,
            denied: Vec::new(),
            passive_ports: None,
            tls: None,
        }
    }

    /// Another name and password than `tester` and `secret`. vsftpd keeps one password a name for all
    /// tests, so a name should stand for one password throughout.
    pub fn login(mut self, user: &str, password: &str) -> Setup {
        self.user = user.to_owned();
        self.password = password.to_owned();
        self
    }

    /// Speak TLS (AUTH TLS), and nothing else, with this certificate.
    pub fn tls(mut self, cert: Cert) -> Setup {
        self.tls = Some(Tls { cert, implicit: false, wants_client: false, optional: false });
        self
    }

    /// Speak TLS (AUTH TLS) with who wants it, and without it with who does not.
    ///
    /// # Panics
    /// On others than vsftpd.
    pub fn tls_or_none(mut self, cert: Cert) -> Setup {
        assert!(self.kind == Kind::Vsftpd, "{} is set up to want TLS or to know none", self.kind.name());
        self.tls = Some(Tls { cert, implicit: false, wants_client: false, optional: true });
        self
    }

    /// Speak TLS from the first byte.
    ///
    /// # Panics
    /// On pure-ftpd and pyftpdlib, which cannot.
    pub fn implicit_tls(mut self, cert: Cert) -> Setup {
        assert!(matches!(self.kind, Kind::Vsftpd | Kind::Proftpd), "{} knows no implicit TLS", self.kind.name());
        self.tls = Some(Tls { cert, implicit: true, wants_client: false, optional: false });
        self
    }

    /// Speak TLS and want a certificate of the client's.
    pub fn tls_for_known_clients(mut self, cert: Cert) -> Setup {
        self.tls = Some(Tls { cert, implicit: false, wants_client: true, optional: false });
        self
    }

    /// Listen on ::1 instead of 127.0.0.1.
    pub fn ipv6(mut self) -> Setup {
        self.host = Ipv6Addr::LOCALHOST.into();
        self
    }

    /// Listen on this address instead of 127.0.0.1, for control and for data connections.
    pub fn host(mut self, host: IpAddr) -> Setup {
        self.host = host;
        self
    }

    /// Open passive data connections on these ports only.
    pub fn passive_ports(mut self, ports: RangeInclusive<u16>) -> Setup {
        self.passive_ports = Some(ports);
        self
    }

    /// Refuse more than this many connections from one address (421).
    pub fn max_per_host(mut self, connections: u32) -> Setup {
        self.max_per_host = Some(connections);
        self
    }

    /// Close a connection that says nothing for this long. pure-ftpd counts in whole minutes, rounded up.
    pub fn idle_seconds(mut self, seconds: u32) -> Setup {
        self.idle_seconds = Some(seconds);
        self
    }

    /// Refuse these commands, such as `EPSV` (550 on vsftpd and ProFTPD, 500 on pyftpdlib).
    ///
    /// # Panics
    /// On pure-ftpd, which cannot.
    pub fn deny(mut self, commands: &[&str]) -> Setup {
        assert!(self.kind != Kind::PureFtpd, "pure-ftpd cannot deny commands");
        self.denied.extend(commands.iter().map(|&command| command.to_owned()));
        self
    }

    /// Starts it, with an empty root, and waits until it greets.
    ///
    /// # Panics
    /// When it does not, with its log.
    pub fn start(self) -> Server {
        Server::start(self)
    }
}

/// Starts a server as it comes; `None` where it is not installed (see [`require`]).
pub fn start(kind: Kind) -> Option<Server> {
    require(kind).map(Setup::start)
}

/// Makes a test for each kind of server of a function that takes the kind: they run side by side, and one that is left out has a name.
macro_rules! test_each_kind {
    ($test:path: $($kind:ident $name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                $test($crate::support::servers::Kind::$kind);
            }
        )+
    };
}
pub(crate) use test_each_kind;
