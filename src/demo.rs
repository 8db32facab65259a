//! The sample server behind `ftpane demo`: an FTP server of ftpane's own on loopback, with files made for looking around.
//!
//! Job: [`start`] makes a temporary directory with a sample tree, a local directory with something to upload and an empty
//! configuration directory, serves the tree on 127.0.0.1 and a free port, and takes all of it away again when the [`Demo`]
//! is dropped. [`serve`] serves any directory the same way, for tests on machines without an FTP server.
//!
//! Guarantee: nothing of the user's is read or written, nothing listens outside loopback, nothing is printed or logged, and
//! what a killed demo left behind is removed by the next one.
//!
//! Must not know: the panes, the engine, the configuration. It is a server that happens to be in the same process; they
//! meet over a socket only, as with any other server.
//!
//! # What this server does not do (libunftp 0.24, each line tried)
//! - No TLS as configured here (AUTH is answered 502) and no EPRT, so no active mode over IPv6. PORT works because `demo/server.rs` switches it on;
//!   its connection is dialled before the 200, not at the transfer.
//! - No MFMT, no HASH, no SITE CHMOD, no MDTM with a time to set: modification times and modes cannot be changed. SITE MD5 is there.
//!   TYPE A is accepted and ignored.
//! - An unknown command is answered 500 and does no harm. An argument it cannot parse is answered 501 and ends the connection:
//!   `OPTS MLST …`, `NOOP x`, `PWD x`, a bare `RETR`, `MODE Z`.
//! - Names are UTF-8. Bytes that are not are replaced in listings and commands, so such names cannot be reached.
//! - MLSD has no symbolic links: it calls them files. `demo/storage.rs` gives a link to a file its target's size, in SIZE as well,
//!   so that a download can be checked. LIST shows links; it writes a year instead of a time for everything before this calendar
//!   year, and its times are UTC. There are no `.` and `..` rows, and options are ignored. A link cannot be renamed.
//! - MLST and STAT resolve a relative name against the root instead of the current directory.
//! - PWD answers the path as it was put together: after `CWD a`, `CWD ..` it is `/a/..`, and CDUP leads to `/a` from there.
//! - The 150 comes before the file is looked at: a missing one is 150, no data, 550. Without a data connection it is 150, and
//!   after 15 seconds still nothing.
//! - Only EPSV, PASV, PORT, PWD, REST, TYPE, NOOP and the 150 are answered in their turn. CWD, SIZE, MDTM, MKD, RMD, DELE, RNFR,
//!   RNTO and the end of a transfer are answered when they are done: among commands sent together without waiting their
//!   replies come in any order (CWD, EPSV, PWD in one write: wrong two times out of three). EPSV with RETR or STOR behind it is safe.
//! - After a cancelled transfer (data connection closed, ABOR, NOOP) three replies come, 426 for the transfer, 226 for the ABOR and 200,
//!   and the 426 may be the last: reading up to the NOOP's reply is not enough. An upload so cut off is "226 successfully written".
//! - ABOR waits for the end of the transfer unless its data connection is closed.
//! - A restart offset stays set until a RETR, STOR or APPE has succeeded: through a failed one, and through a listing.

mod scratch;
mod server;
mod storage;
mod tree;

use std::io;
use std::path::{Path, PathBuf};

pub use server::{PASSWORD, Server, USER, serve};

use scratch::Scratch;

/// The most the sample server sends on one connection, in bytes a second: slow enough for a look at the progress and for
/// trying to cancel, fast enough not to wait.
const PACE: u64 = 40_000_000;

/// Why the sample server could not be started, or a directory not served.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The temporary directory or the sample files in it could not be made.
    #[error("cannot make the sample files in {}: {source}", .path.display())]
    Files {
        /// Where they were to be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory to be served cannot be opened.
    #[error("cannot serve {}: {source}", .path.display())]
    Root {
        /// The directory that was asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No port on 127.0.0.1, or no thread to serve it.
    #[error("cannot start the sample server on 127.0.0.1: {0}")]
    Listen(io::Error),
}

/// A running sample server with its files. Dropping it stops the server and removes the files.
#[derive(Debug)]
pub struct Demo {
    // In this order: the server lets go of the files before they are removed.
    server: Server,
    scratch: Scratch,
}

/// Makes the sample files and serves them.
///
/// Needs no async runtime: the server has a thread and a runtime of its own. What demos that were killed have left in the
/// temporary directory is removed on the way.
pub fn start() -> Result<Demo, DemoError> {
    let scratch = Scratch::new().map_err(|source| DemoError::Files { path: std::env::temp_dir(), source })?;
    let path = scratch.path().to_path_buf();
    tree::make(&scratch.served(), &scratch.local()).map_err(|source| DemoError::Files { path, source })?;
    let server = server::serve_paced(&scratch.served(), Some(PACE))?;
    Ok(Demo { server, scratch })
}

impl Demo {
    /// The URL to open, with user and password, so that nothing has to be asked.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The port of the control connection on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// The directory that is served as `/`.
    #[must_use]
    pub fn root_dir(&self) -> PathBuf {
        self.scratch.served()
    }

    /// An empty directory for settings and sites, so that the demo does not touch the user's.
    #[must_use]
    pub fn config_dir(&self) -> PathBuf {
        self.scratch.config()
    }

    /// The directory for the local pane, with a few files to upload.
    #[must_use]
    pub fn local_dir(&self) -> PathBuf {
        self.scratch.local()
    }

    /// The temporary directory that holds the other three and is removed at the end.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.scratch.path()
    }
}
