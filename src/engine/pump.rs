//! Moving bytes from a source to a sink, and nothing else.
//!
//! Guarantee: one block is reused, nothing is allocated for a block, long files bypass even that where both sides can, and however it ends both sides are either finished or abandoned,
//! never just dropped, so that their connections stay in step.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;

use crate::model::{During, Failure, FailureKind};
use crate::volume::{Direct, Sink, Source};

use super::limit::Throttle;
use super::progress::Progress;

/// Bytes of a block: measured, larger gains nothing and smaller costs system calls.
pub(super) const BLOCK: usize = 256 * 1024;
/// After so many bytes they go past the program's memory, where both sides can: for less that costs more than it saves.
const DIRECT_FROM: u64 = 1024 * 1024;
/// Bytes of one step past the program's memory: progress is counted and a stop noticed between two. A socket takes as much at once only where the
/// server is on the same machine; there each step ends with a segment that is not full.
const DIRECT_STEP: u64 = 8 * 1024 * 1024;
/// Files of this many bytes and more are synced to the disk one by one.
const SYNC_FROM: u64 = 1024 * 1024;
/// How long a read or write may go on after it was told to stop.
const GRACE: Duration = Duration::from_millis(500);

/// How a move of bytes ended.
#[derive(Debug)]
pub(super) struct Moved {
    /// Bytes that the sink took.
    pub(super) bytes: u64,
    /// Whether the source came to its end and all of it was taken.
    pub(super) whole: bool,
    /// What the source's side said at the end.
    pub(super) source: Result<(), Failure>,
    /// What the sink's side said at the end.
    pub(super) sink: Result<(), Failure>,
}

impl Moved {
    /// The first failure, if any.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.source.as_ref().err().or(self.sink.as_ref().err())
    }
}

/// Moves everything that `source` has into `sink`.
pub(super) async fn pump<S: Source, K: Sink>(
    mut source: S,
    mut sink: K,
    block: &mut [u8],
    (progress, throttle): (&Progress, &Throttle),
    stop: &CancellationToken,
) -> Moved {
    let mut bytes = 0;
    let mut past = Past::default();
    loop {
        let limit = throttle.step().unwrap_or(usize::MAX) as u64;
        match step(&mut source, &mut sink, (block, limit), (&mut past, None), stop).await {
            Stepped::Moved(0) => break,
            Stepped::Moved(count) => {
                bytes += count;
                progress.add(count);
                if wait(throttle, count, stop).await.is_none() {
                    return stopped(source, sink, bytes).await;
                }
            }
            Stepped::Source(error) => return source_broke(source, sink, bytes, error).await,
            Stepped::Sink(error) => return sink_broke(source, sink, bytes, error).await,
            Stepped::Quiet => {}
            Stepped::Stopped => return stopped(source, sink, bytes).await,
        }
    }
    let source = source.finish().await;
    let sink = sink.finish(progress.done() >= SYNC_FROM).await;
    Moved { bytes, whole: true, source, sink }
}

/// Whether bytes go past the program's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Past {
    /// After so many more.
    Later(u64),
    /// Not with these two.
    Never,
}

impl Default for Past {
    fn default() -> Self {
        Self::Later(DIRECT_FROM)
    }
}

/// How one step ended.
#[derive(Debug)]
pub(super) enum Stepped {
    /// So many bytes went; 0 is the end of the source.
    Moved(u64),
    /// Reading failed.
    Source(io::Error),
    /// Writing failed.
    Sink(io::Error),
    /// Nothing came for so long that it is told; nothing is lost by it.
    Quiet,
    /// It was told to stop.
    Stopped,
}

/// Moves as many bytes as are there at once, `limit` at most.
pub(super) async fn step<S: Source, K: Sink>(
    source: &mut S,
    sink: &mut K,
    (block, limit): (&mut [u8], u64),
    (past, mut quiet): (&mut Past, Option<Pin<&mut Sleep>>),
    stop: &CancellationToken,
) -> Stepped {
    // A source that is always ready must not keep a shared runtime to itself.
    tokio::task::consume_budget().await;
    if *past == Past::Later(0) {
        match stoppable(stop, unless_quiet(quiet.as_mut(), past_memory(source, sink, limit.min(DIRECT_STEP)))).await {
            Some(Some(Direct::Moved(count))) => return Stepped::Moved(count),
            Some(Some(Direct::Cannot)) => *past = Past::Never,
            Some(Some(Direct::Source(error))) => return Stepped::Source(error),
            Some(Some(Direct::Sink(error))) => return Stepped::Sink(error),
            Some(None) => return Stepped::Quiet,
            None => return Stepped::Stopped,
        }
    }
    let room = usize::try_from(limit).unwrap_or(usize::MAX).min(block.len());
    let count = match stoppable(stop, unless_quiet(quiet.as_mut(), source.read(block.get_mut(..room).unwrap_or_default()))).await {
        Some(Some(Ok(count))) => count,
        Some(Some(Err(error))) => return Stepped::Source(error),
        Some(None) => return Stepped::Quiet,
        None => return Stepped::Stopped,
    };
    if count > 0 {
        match stoppable(stop, sink.write(block.get(..count).unwrap_or_default())).await {
            Some(Ok(())) => {}
            Some(Err(error)) => return Stepped::Sink(error),
            None => return Stepped::Stopped,
        }
    }
    if let Past::Later(left) = past {
        *left = left.saturating_sub(count as u64);
    }
    Stepped::Moved(count as u64)
}

/// What a wait for the source comes to; `None` where it was quiet for too long. What was read is never lost by it.
async fn unless_quiet<T>(quiet: Option<&mut Pin<&mut Sleep>>, taking: impl Future<Output = T>) -> Option<T> {
    let Some(quiet) = quiet else { return Some(taking.await) };
    tokio::select! {
        biased;
        taken = taking => Some(taken),
        () = quiet.as_mut() => None,
    }
}

/// One step without a copy in the program's memory, where one side has a file and the other can take or give it.
async fn past_memory<S: Source, K: Sink>(source: &mut S, sink: &mut K, limit: u64) -> Direct {
    if let Some(file) = sink.file() {
        match source.splice_into(file, limit).await {
            Direct::Cannot => {}
            done => return done,
        }
    }
    match source.file() {
        Some(file) => sink.send_from(file, limit).await,
        None => Direct::Cannot,
    }
}

/// Waits as long as the limits ask for behind so many bytes; `None` where it was told to stop meanwhile.
pub(super) async fn wait(throttle: &Throttle, bytes: u64, stop: &CancellationToken) -> Option<()> {
    let Some(pause) = throttle.pause_after(bytes) else { return Some(()) };
    tokio::select! {
        () = tokio::time::sleep(pause) => Some(()),
        () = stop.cancelled() => None,
    }
}

/// Runs an operation; `None` where it was told to stop and did not come to an end by itself.
pub(super) async fn stoppable<T>(stop: &CancellationToken, operation: impl Future<Output = T>) -> Option<T> {
    if stop.is_cancelled() {
        return None;
    }
    tokio::select! {
        biased;
        done = operation => Some(done),
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => None,
    }
}

async fn stopped<S: Source, K: Sink>(source: S, sink: K, bytes: u64) -> Moved {
    source.abandon().await;
    sink.abandon().await;
    Moved { bytes, whole: false, source: Err(Failure::cancelled(During::Read)), sink: Ok(()) }
}

/// The data stopped coming. The server's reply tells why, where one comes; after a silence none will.
async fn source_broke<S: Source, K: Sink>(source: S, sink: K, bytes: u64, error: io::Error) -> Moved {
    sink.abandon().await;
    let failure = broken(&error, During::Read);
    let told = if is_told(&failure) {
        source.abandon().await;
        None
    } else {
        source.finish().await.err()
    };
    Moved { bytes, whole: false, source: Err(told.unwrap_or(failure)), sink: Ok(()) }
}

/// The sink takes no more. The server's reply (552: the quota is used up) says why.
async fn sink_broke<S: Source, K: Sink>(source: S, sink: K, bytes: u64, error: io::Error) -> Moved {
    source.abandon().await;
    let failure = broken(&error, During::Write);
    let told = if is_told(&failure) {
        sink.abandon().await;
        None
    } else {
        sink.finish(false).await.err()
    };
    Moved { bytes, whole: false, source: Ok(()), sink: Err(told.unwrap_or(failure)) }
}

/// Whether there is nothing more to learn from the other side: it has said why, or is silent.
fn is_told(failure: &Failure) -> bool {
    failure.reply.is_some() || matches!(failure.kind, FailureKind::TimedOut | FailureKind::Cancelled)
}

/// An I/O error as a failure; one that carries a failure is that failure.
pub(super) fn broken(error: &io::Error, during: During) -> Failure {
    if let Some(failure) = error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>()) {
        return failure.clone();
    }
    let kind = match error.kind() {
        io::ErrorKind::TimedOut => FailureKind::TimedOut,
        io::ErrorKind::Interrupted => FailureKind::Cancelled,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => FailureKind::Full,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => FailureKind::Denied,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => FailureKind::Disconnected,
        _ => FailureKind::Local,
    };
    Failure::new(kind, during, error.to_string())
}

/// Reads up to `length` bytes from where the source stands; fewer only at its end.
pub(super) async fn read_up_to<S: Source>(source: &mut S, length: usize, stop: &CancellationToken) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match stoppable(stop, source.read(room)).await {
            Some(Ok(0)) => break,
            Some(Ok(count)) => filled += count,
            Some(Err(error)) => return Err(broken(&error, During::Read)),
            None => return Err(Failure::cancelled(During::Read)),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
