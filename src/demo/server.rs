//! libunftp on a loopback port, in a thread of its own.
//!
//! Guarantee: the port is bound when [`serve`] returns, and closed with every connection when the [`Server`] is gone.
//! The listener is ours and libunftp is handed each accepted connection: that way the port is known without a race, and the
//! small replies are sent at once (`TCP_NODELAY`).

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use libunftp::ServerBuilder;
use libunftp::options::ActivePassiveMode;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use unftp_core::auth::{AuthenticationError, Authenticator, Credentials, DefaultUser, Principal};

use super::DemoError;
use super::storage::Tree;

/// The user that may log in. `anonymous` may as well, with any password.
pub const USER: &str = "demo";
/// The password of [`USER`].
pub const PASSWORD: &str = "demo";

/// An hour: somebody looking around at leisure is not thrown out.
const IDLE: Duration = Duration::from_secs(3600);
/// How long the end waits for a file operation under way.
const LINGER: Duration = Duration::from_secs(2);

/// A running FTP server on 127.0.0.1. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Server {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves `root` for reading and writing on 127.0.0.1 and a free port, to [`USER`] with [`PASSWORD`] and to `anonymous`.
///
/// `root` is not touched when the server ends. Symbolic links that lead out of it cannot be opened.
pub fn serve(root: &Path) -> Result<Server, DemoError> {
    serve_paced(root, None)
}

/// [`serve`], sending at most `pace` bytes a second on each connection.
pub(super) fn serve_paced(root: &Path, pace: Option<u64>) -> Result<Server, DemoError> {
    let tree = |source| DemoError::Root { path: root.to_path_buf(), source };
    let root = root.canonicalize().map_err(tree)?;
    // Opened once here, so that a directory that cannot be served is an error now and not at the first login.
    Tree::new(&root, pace).map_err(tree)?;
    let (listener, port) = bind().map_err(DemoError::Listen)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().thread_name("demo-server").build().map_err(DemoError::Listen)?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("demo-server".into())
        .spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, root, pace) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_timeout(LINGER);
        })
        .map_err(DemoError::Listen)?;
    Ok(Server { port, stop: Some(stop), thread: Some(thread) })
}

impl Server {
    /// The port of the control connection on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of the server's root, with user and password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ftp://{USER}:{PASSWORD}@127.0.0.1:{}/", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread ends when the sender is gone. That it panicked is nothing a drop could report.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn bind() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

async fn accept(listener: TcpListener, root: PathBuf, pace: Option<u64>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(stream, root.clone(), pace));
            }
            // Out of descriptors, or the client is gone already: neither is cured by trying again at once.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// One control connection from greeting to end.
async fn converse(stream: TcpStream, root: PathBuf, pace: Option<u64>) {
    let Ok(tree) = Tree::new(&root, pace) else {
        return;
    };
    let trees = Box::new(move || tree.clone());
    let server = ServerBuilder::with_authenticator(trees, Arc::new(OneUser))
        .greeting("ftpane's sample server")
        .active_passive_mode(ActivePassiveMode::ActiveAndPassive)
        // libunftp draws a port from this range and binds it: 0 leaves the choice to the system, which never collides.
        .passive_ports(0..=0)
        .idle_session_timeout(IDLE.as_secs())
        // Its default logger feeds the `log` crate, so that every command would turn up in the log of the program itself.
        .logger(slog::Logger::root(slog::Discard, slog::o!()))
        .build();
    if let Ok(server) = server {
        let _ = server.service(stream).await;
    }
}

/// Lets [`USER`] in with [`PASSWORD`], and `anonymous` with anything.
#[derive(Debug)]
struct OneUser;

#[async_trait::async_trait]
impl Authenticator for OneUser {
    async fn authenticate(&self, username: &str, given: &Credentials) -> Result<Principal, AuthenticationError> {
        match username {
            "anonymous" | "ftp" => {}
            USER if given.password.as_deref() == Some(PASSWORD) => {}
            USER => return Err(AuthenticationError::BadPassword),
            _ => return Err(AuthenticationError::BadUser),
        }
        Ok(Principal { username: username.to_owned() })
    }
}

/// The kind of user the storage sees: all are alike.
pub(super) type User = DefaultUser;
