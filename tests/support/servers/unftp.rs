//! libunftp 0.24 with its own storage of files (unftp-sbe-fs 0.4), in threads of this process: it comes with the crates of `ftpane demo`, so that
//! nothing is installed for it. Unlike the demo's server it shows the disk as unftp-sbe-fs does, and speaks TLS.

use crate::support::certs::Cert;
use libunftp::ServerBuilder;
use libunftp::options::{ActivePassiveMode, FtpsRequired};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use unftp_core::auth::{AuthenticationError, Authenticator, Credentials, Principal};
use unftp_sbe_fs::Filesystem;

/// A running server. Dropping it ends its sessions and removes its directory.
pub struct Unftp {
    addr: SocketAddr,
    home: TempDir,
    runtime: Option<Runtime>,
}

/// Starts it, for `tester` with the password `secret`; with a certificate it wants TLS (AUTH TLS) for control and data.
///
/// # Panics
/// When it cannot listen.
pub fn start(host: IpAddr, cert: Option<Cert>) -> Unftp {
    let home = tempfile::Builder::new().prefix("ftpane-server-").tempdir().unwrap();
    let root = home.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let listener = TcpListener::bind((host, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(stream, root.clone(), cert));
            }
        }
    });
    Unftp { addr, home, runtime: Some(runtime) }
}

impl Unftp {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The directory it serves.
    pub fn root(&self) -> PathBuf {
        self.home.path().join("root")
    }
}

impl Drop for Unftp {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One control connection from greeting to end.
async fn converse(stream: TcpStream, root: PathBuf, cert: Option<Cert>) {
    let storage = Box::new(move || Filesystem::new(root.clone()).unwrap());
    let mut builder = ServerBuilder::with_authenticator(storage, Arc::new(Tester))
        .greeting("libunftp")
        .active_passive_mode(ActivePassiveMode::ActiveAndPassive)
        // It draws a port from this range and binds it: 0 leaves the choice to the system, which never collides.
        .passive_ports(0..=0)
        .logger(slog::Logger::root(slog::Discard, slog::o!()));
    if let Some(cert) = cert {
        builder = builder.ftps(cert.cert(), cert.key()).ftps_required(FtpsRequired::All, FtpsRequired::All);
    }
    let _ = builder.build().unwrap().service(stream).await;
}

/// Lets one user in.
#[derive(Debug)]
struct Tester;

#[async_trait::async_trait]
impl Authenticator for Tester {
    async fn authenticate(&self, user: &str, given: &Credentials) -> Result<Principal, AuthenticationError> {
        match (user, given.password.as_deref()) {
            ("tester", Some("secret")) => Ok(Principal { username: user.to_owned() }),
            ("tester", _) => Err(AuthenticationError::BadPassword),
            _ => Err(AuthenticationError::BadUser),
        }
    }
}
