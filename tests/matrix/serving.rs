//! A server of the matrix while it runs, whichever it is.

use crate::client::site_at;
use crate::probe::CERT;
use crate::support::certs::authority;
use crate::support::servers::unftp::{self, Unftp};
use crate::support::servers::{self, Kind, Server};
use crate::support::tree::give_to;
use ftpane::model::site::Learnt;
use ftpane::model::{DataMode, Secured, Site, TlsPolicy};
use std::fs;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One that runs, and how it is to be spoken to.
pub struct Serving {
    running: Running,
    security: String,
}

enum Running {
    Processes(Box<Server>),
    Threads(Unftp),
}

/// The program behind a name of the data file; none where it is a part of this process.
fn kind(server: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(server))
}

impl Serving {
    /// Starts it; `None` where it is not installed, or this machine lacks the address, which is then said.
    pub fn start(server: &str, security: &str, address: &str) -> Option<Serving> {
        let host: IpAddr = address.parse().unwrap();
        if TcpListener::bind((host, 0)).is_err() {
            let _ = writeln!(io::stderr(), "left out: {server} on {address}, which this machine lacks");
            return None;
        }
        let cert = (security != "plain").then_some(CERT);
        let running = match kind(server) {
            Some(kind) => {
                let setup = servers::require(kind)?.host(host);
                let setup = match cert {
                    None => setup,
                    // The others know explicit TLS alone, and are asked for implicit all the same.
                    Some(cert) if security == "implicit TLS" && matches!(kind, Kind::Vsftpd | Kind::Proftpd) => setup.implicit_tls(cert),
                    Some(cert) => setup.tls(cert),
                };
                Running::Processes(Box::new(setup.start()))
            }
            None => Running::Threads(unftp::start(host, cert)),
        };
        Some(Serving { running, security: security.to_owned() })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        match &self.running {
            Running::Processes(server) => server.addr(),
            Running::Threads(server) => server.addr(),
        }
    }

    /// The directory it serves.
    pub fn root(&self) -> PathBuf {
        match &self.running {
            Running::Processes(server) => server.root(),
            Running::Threads(server) => server.root(),
        }
    }

    /// How it speaks.
    pub fn security(&self) -> &str {
        &self.security
    }

    /// Hands something below the root, and all in it, to whoever the root belongs to.
    pub fn own(&self, path: &Path) {
        let owner = fs::metadata(self.root()).unwrap();
        give_to(path, owner.uid(), owner.gid());
    }

    /// It as a site whose data connections are made by one command.
    pub fn site(&self, data: &str) -> Site {
        let tls = match self.security.as_str() {
            "plain" => TlsPolicy::Off,
            "explicit TLS" => TlsPolicy::Required,
            _ => TlsPolicy::Implicit,
        };
        let roots = (tls != TlsPolicy::Off).then(authority);
        let lacks = if data == "EPRT" { vec!["PORT".to_owned()] } else { Vec::new() };
        Site {
            tls,
            mode: if matches!(data, "PASV" | "EPSV") { DataMode::Passive } else { DataMode::Active },
            secured: Secured { roots, ..Secured::default() },
            learnt: Learnt { no_epsv: data == "PASV", lacks, ..Learnt::default() },
            timeout: Some(20),
            ..site_at(self.addr())
        }
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        match &self.running {
            Running::Processes(server) => server.log_end(),
            Running::Threads(_) => String::new(),
        }
    }
}

/// Which version of a server it is, as it says itself.
pub fn version(server: &str) -> String {
    let said = match kind(server) {
        None => return locked("libunftp"),
        Some(Kind::Vsftpd | Kind::Pyftpdlib) => {
            let serving = Serving::start(server, "plain", "127.0.0.1").unwrap();
            crate::probe::ask(serving.addr(), "plain", "").join(" ")
        }
        Some(Kind::Proftpd) => said_by("usr/sbin/proftpd", "-v"),
        Some(Kind::PureFtpd) => said_by("usr/sbin/pure-ftpd", "--help"),
    };
    let is_version = |word: &&str| word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit());
    let mut words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').map(|word| word.trim_start_matches('v'));
    words.find(is_version).unwrap_or_else(|| panic!("{server} tells no version: {said}")).trim_end_matches('.').to_owned()
}

fn said_by(program: &str, option: &str) -> String {
    let output = Command::new(servers::file(program)).arg(option).env("LD_LIBRARY_PATH", servers::libraries()).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// The version of a crate that this was built with.
fn locked(name: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let behind = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1).unwrap();
    behind.split('"').next().unwrap().to_owned()
}
