//! The seam: a file system, local or remote, behind one trait.
//!
//! Guarantee: who copies, lists or deletes does not know which kind it has. What a volume cannot do is a failure of kind
//! [`Unsupported`](crate::model::FailureKind::Unsupported), never a silent no-op. A [`Source`] or [`Sink`] borrows its volume, so that
//! a second command during a transfer does not compile. A future of a volume is never dropped half-way by its user: to stop one, cancel
//! the token it was given; the volume then leaves its connection in step or marks it as lost.

pub mod any;
pub mod ftp;
pub mod local;
#[doc(hidden)]
pub mod memory;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::digest::{Algorithm, Digest};
use crate::model::listing::ListingPart;
use crate::model::local_name::System;
use crate::model::opened::{Abilities, Opened};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{Ascii, ConnectionId, Entry, Failure, Reply, Secret, Timestamp, VPath, WireLine};

/// Result of what a volume does.
pub type Result<T> = std::result::Result<T, Failure>;

/// Where a session's log lines go; cheap to clone, callable from any thread.
pub type WireSink = Arc<dyn Fn(WireLine) + Send + Sync>;

/// How a file is to be opened for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteFrom {
    /// Make it, or empty it: the bytes are the whole file.
    Start,
    /// Keep this many bytes of what is there and go on behind them.
    Offset(u64),
    /// Write from this byte on into what is there, which keeps its other bytes and its length; what lies between its end and this byte
    /// becomes zeros. Several may do so at once. Only where files are local.
    Within(u64),
}

/// What is known, before a transfer, of it and of what comes behind it on the same volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ahead {
    /// The size of the file that is to be moved next, in bytes, where known.
    pub size: Option<u64>,
    /// Another [`read`](Volume::read) or [`write`](Volume::write) of a file, or another listing, follows on this volume right behind it.
    pub more: bool,
    /// Nothing is lost but time where it cannot be opened: a server may be asked before it has shown what it takes.
    pub bold: bool,
}

/// What a file that was just written is to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finish {
    /// The modification time to set.
    pub time: Option<Timestamp>,
    /// The permission bits to set, `0o7777` at most.
    pub mode: Option<u16>,
}

/// What became of a file that was just written; see [`Volume::settle`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// What the volume says of it after that; its size is what counts. `None` where the volume cannot tell, or nothing is there.
    pub entry: Option<Entry>,
    /// The time was set.
    pub timed: bool,
    /// The mode was set.
    pub moded: bool,
}

/// How a step of a move past the program's own memory ended; see [`Source::splice_into`] and [`Sink::send_from`].
#[derive(Debug)]
pub enum Direct {
    /// So many bytes went; 0 is the end of the source.
    Moved(u64),
    /// It cannot be done with these two, nothing was taken, and blocks do it instead.
    Cannot,
    /// Taking from the source failed.
    Source(io::Error),
    /// Giving to the sink failed.
    Sink(io::Error),
}

/// A file system.
pub trait Volume: Send {
    /// A file being read.
    type Source<'a>: Source + 'a
    where
        Self: 'a;
    /// A file being written.
    type Sink<'a>: Sink + 'a
    where
        Self: 'a;

    /// What is known of it since it was opened.
    fn opened(&self) -> &Opened;

    /// What it can do, as known by now.
    fn abilities(&self) -> Abilities;

    /// What was learnt about the server so far; compared by who keeps it.
    fn learnt(&self) -> Option<&Learnt>;

    /// Whether the connection is of no more use and the volume must be opened anew.
    fn is_lost(&self) -> bool;

    /// Lists a directory, handing rows on as they arrive, in chunks small enough to show early. `.` and `..` are left out. Rows that
    /// cannot be read or name something that must not be touched go as [`ListingPart::Unparsed`]. Answers with the directory as the
    /// volume calls it (a link entered has another name).
    fn list(
        &mut self,
        path: &VPath,
        stop: &CancellationToken,
        rows: &mut (dyn FnMut(ListingPart) + Send),
    ) -> impl Future<Output = Result<VPath>> + Send;

    /// Looks at one path, following a link; `None` where nothing is there.
    fn stat(&mut self, path: &VPath) -> impl Future<Output = Result<Option<Entry>>> + Send;

    /// The time of a file to the second, where a listing told it only to the minute or the day and one question tells more; `None` else.
    fn exact_time(&mut self, _path: &VPath) -> impl Future<Output = Result<Option<Timestamp>>> + Send {
        std::future::ready(Ok(None))
    }

    /// Whether a directory takes names for the same that differ in the size of letters, where that shows without names in it; `None` where not.
    fn is_case_blind(&mut self, _directory: &VPath) -> impl Future<Output = Option<bool>> + Send {
        std::future::ready(None)
    }

    /// By whose rules names in a directory are made.
    fn rules(&mut self, _directory: &VPath) -> impl Future<Output = System> + Send {
        std::future::ready(System::Unix)
    }

    /// Free bytes for new files where `path` is; `None` where that is not to be had.
    fn free(&mut self, path: &VPath) -> impl Future<Output = Option<u64>> + Send;

    /// Whether the file at `path` is moved as text, with the line ends of the side that gets it: then its size does not tell whether a copy is
    /// whole, and nothing goes on in the middle of it.
    fn is_text(&self, _path: &VPath) -> bool {
        false
    }

    /// From now on these files are moved as text, whatever was said when it was opened.
    fn move_as(&mut self, _text: &Ascii) {}

    /// Tells what the next [`read`](Self::read), [`write`](Self::write) or [`list`](Self::list) is about, right before it. It is a hint, forgotten with that call:
    /// a server may be asked ahead for what the transfer behind it needs. Nothing breaks where that transfer never comes.
    fn expect(&mut self, _ahead: Ahead) {}

    /// The file that was written last is worked on no more, whatever became of it: who holds it against other writers lets go of it. It is
    /// let go of anyway where it is renamed or another one is written.
    fn let_go(&mut self) {}

    /// A person waits for the next [`list`](Self::list): what takes a server long to tell of single names may be left for when they are used.
    fn hurry(&mut self) {}

    /// Opens a file for reading from `offset`, in bytes from the start of the file.
    fn read<'a>(&'a mut self, path: &VPath, offset: u64, stop: &CancellationToken)
    -> impl Future<Output = Result<Self::Source<'a>>> + Send;

    /// Opens a file for writing. `size` is how long it will be, where known, so that space can be kept. A symbolic link at `path` is
    /// replaced or refused, never written through, except where `path` is no regular file (a device, a pipe), which is written straight.
    fn write<'a>(
        &'a mut self,
        path: &VPath,
        from: WriteFrom,
        size: Option<u64>,
        stop: &CancellationToken,
    ) -> impl Future<Output = Result<Self::Sink<'a>>> + Send;

    /// Makes one directory; its parent must exist.
    fn make_dir(&mut self, path: &VPath) -> impl Future<Output = Result<()>> + Send;

    /// Renames; where `replace` is not set an existing target is [`AlreadyExists`](crate::model::FailureKind::AlreadyExists).
    fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> impl Future<Output = Result<()>> + Send;

    /// Deletes a file or a link itself.
    fn remove_file(&mut self, path: &VPath) -> impl Future<Output = Result<()>> + Send;

    /// Deletes what a listing called a directory if it is a link to one, where listings cannot tell; answers whether it was.
    fn remove_link(&mut self, _path: &VPath) -> impl Future<Output = Result<bool>> + Send {
        std::future::ready(Ok(false))
    }

    /// Deletes an empty directory.
    fn remove_dir(&mut self, path: &VPath) -> impl Future<Output = Result<()>> + Send;

    /// Moves a file or directory into the system's trash.
    fn trash(&mut self, path: &VPath) -> impl Future<Output = Result<()>> + Send;

    /// Sets the modification time.
    fn set_time(&mut self, path: &VPath, time: Timestamp) -> impl Future<Output = Result<()>> + Send;

    /// Sets permission bits, `0o7777` at most.
    fn set_mode(&mut self, path: &VPath, mode: u16) -> impl Future<Output = Result<()>> + Send;

    /// Ends the writing of a file, after [`Sink::finish`]: sets its time and mode, and looks at it. The same as [`set_time`](Self::set_time),
    /// [`set_mode`](Self::set_mode) and [`stat`](Self::stat) one after another, where a server takes the three at once without a round trip
    /// for each. What cannot be set or told is not done, and is said so in [`Settled`]; only what befalls the connection is a failure.
    fn settle(&mut self, path: &VPath, finish: Finish) -> impl Future<Output = Result<Settled>> + Send {
        settle_by_steps(self, path, finish)
    }

    /// The digest of a whole file as the volume computes it; `None` where it cannot, or not by this algorithm. Without an algorithm it is
    /// the best that the volume has. A server may take minutes over a large file; `stop` ends the wait.
    fn digest(
        &mut self,
        _path: &VPath,
        _algorithm: Option<Algorithm>,
        _stop: &CancellationToken,
    ) -> impl Future<Output = Result<Option<Digest>>> + Send {
        std::future::ready(Ok(None))
    }

    /// Sends a raw line and reads the reply; unsupported on a local volume.
    fn raw(&mut self, line: &[u8]) -> impl Future<Output = Result<Reply>> + Send;

    /// Does what keeps an idle connection alive.
    fn keep_alive(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Ends: QUIT on a server, without waiting long for its answer.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// [`Volume::settle`] where nothing is gained by asking for more than one thing at a time.
async fn settle_by_steps<V: Volume + ?Sized>(volume: &mut V, path: &VPath, finish: Finish) -> Result<Settled> {
    let mut settled = Settled::default();
    if let Some(time) = finish.time.filter(|_| volume.abilities().set_time) {
        let done = volume.set_time(path, time).await;
        settled.timed = tolerated(volume, done)?.is_some();
    }
    if let Some(mode) = finish.mode.filter(|_| volume.abilities().set_mode) {
        let done = volume.set_mode(path, mode).await;
        settled.moded = tolerated(volume, done)?.is_some();
    }
    let looked = volume.stat(path).await;
    settled.entry = tolerated(volume, looked)?.flatten();
    Ok(settled)
}

/// What was done, `None` where the volume cannot; only a lost connection is a failure.
fn tolerated<V: Volume + ?Sized, T>(volume: &V, outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(failure) if failure.is_connection_lost() || volume.is_lost() => Err(failure),
        Err(_) => Ok(None),
    }
}

/// A file being read. Dropping one without `finish` or `abandon` marks the volume as lost.
pub trait Source: Send {
    /// Reads into `block`, as much as is there at once; 0 is the end of the file.
    fn read(&mut self, block: &mut [u8]) -> impl Future<Output = io::Result<usize>> + Send;

    /// Moves up to `limit` bytes into a file without passing them through the program's memory, as many as are there at once.
    fn splice_into(&mut self, _file: BorrowedFd<'_>, _limit: u64) -> impl Future<Output = Direct> + Send {
        std::future::ready(Direct::Cannot)
    }

    /// The file itself, for a sink that can take from it directly; it stands where the next read would begin.
    fn file(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// The size of the whole file where opening it told, in bytes.
    fn size(&self) -> Option<u64>;

    /// After the end: reads the completion reply. Only `Ok` says that the server believes it has sent everything.
    fn finish(self) -> impl Future<Output = Result<()>> + Send;

    /// Before the end: stops the transfer and leaves the connection in step, or marks it as lost.
    fn abandon(self) -> impl Future<Output = ()> + Send;
}

/// A file being written. Dropping one without `finish` or `abandon` marks the volume as lost.
pub trait Sink: Send {
    /// Writes the whole block.
    fn write(&mut self, block: &[u8]) -> impl Future<Output = io::Result<()>> + Send;

    /// Takes up to `limit` bytes from a file without passing them through the program's memory; 0 only at the end of the file.
    fn send_from(&mut self, _file: BorrowedFd<'_>, _limit: u64) -> impl Future<Output = Direct> + Send {
        std::future::ready(Direct::Cannot)
    }

    /// The file itself, for a source that can give to it directly; it stands where the next write would go.
    fn file(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// After the last block: closes the file, reads the completion reply. `sync` asks that it is on the disk, not only in its cache.
    fn finish(self, sync: bool) -> impl Future<Output = Result<()>> + Send;

    /// Stops before the end: what was written stays.
    fn abandon(self) -> impl Future<Output = ()> + Send;
}

/// Opens volumes. One is given to the engine at its start, which never names a kind of volume itself.
pub trait Connector: Clone + Send + Sync + 'static {
    /// What it opens.
    type Volume: Volume + 'static;

    /// Opens a volume; a failure of kind [`LoginRefused`](crate::model::FailureKind::LoginRefused) asks for another password.
    /// `stop` ends the attempt.
    fn connect(&self, call: Call) -> impl Future<Output = Result<Self::Volume>> + Send;

    /// Dials each address of what a call would open by itself, up to the greeting, and leaves again; none where there is nothing to dial. A
    /// failure is the lookup's.
    fn survey(&self, _call: Call) -> impl Future<Output = Result<Vec<Greeted>>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

/// How one address of a server met us.
#[derive(Debug)]
pub struct Greeted {
    /// The address.
    pub address: SocketAddr,
    /// Its greeting, or why there is none.
    pub outcome: Result<Reply>,
    /// How long that took.
    pub took: Duration,
}

/// What a connector is given.
#[derive(Clone)]
pub struct Call {
    /// What to open.
    pub spec: VolumeSpec,
    /// The password to use instead of the one in `spec`, as it was answered.
    pub secret: Option<Secret>,
    /// The password of the proxy, as it was answered.
    pub proxy_secret: Option<Secret>,
    /// The account besides the password (ACCT), as it was answered.
    pub account: Option<Secret>,
    /// The number for the log.
    pub connection: ConnectionId,
    /// Where log lines go; `None` where nobody reads them, which spares making them.
    pub wire: Option<WireSink>,
    /// Ends the attempt.
    pub stop: CancellationToken,
    /// Told at each step of the way, such as `looking up example.org`.
    pub progress: Arc<dyn Fn(String) + Send + Sync>,
}
