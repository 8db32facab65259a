//! Listing, reading a window, making directories.

use tokio_util::sync::CancellationToken;

use crate::bus::{Event, Outcome};
use crate::engine::outbox::Outbox;
use crate::engine::pump::read_up_to;
use crate::model::{ConnectionId, During, Failure, FailureKind, Generation, RequestId, VPath};
use crate::volume::{Source, Volume};

/// Bytes that are read and thrown away at a time, where a server cannot begin in the middle.
const SKIP: u64 = 256 * 1024;

/// Which listing it is.
pub(super) struct Listing<'l> {
    pub(super) connection: ConnectionId,
    pub(super) request: RequestId,
    pub(super) path: &'l VPath,
    pub(super) generation: Generation,
}

/// Lists a directory, its rows going out as they come; `shown` tells whether any did.
pub(super) async fn list<V: Volume>(
    volume: &mut V,
    outbox: &Outbox,
    listing: Listing<'_>,
    stop: &CancellationToken,
    shown: &mut bool,
) -> Result<Outcome, Failure> {
    let Listing { connection, request, path, generation } = listing;
    volume.hurry();
    let called = volume
        .list(path, stop, &mut |part| {
            *shown = true;
            outbox.emit(Event::Listed { connection, request, path: path.clone(), generation, part });
        })
        .await?;
    let free = volume.free(path).await;
    Ok(Outcome::Listed { free, path: called })
}

/// Makes a directory and the ones above it that are missing.
pub(super) async fn make_dirs<V: Volume>(volume: &mut V, path: &VPath) -> Result<(), Failure> {
    let first = match volume.make_dir(path).await {
        Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::Refused) => failure,
        done => return done,
    };
    let mut missing = Vec::new();
    let mut at = path.parent();
    while let Some(parent) = at.filter(|parent| !parent.is_root()) {
        if volume.stat(&parent).await?.is_some() {
            break;
        }
        at = parent.parent();
        missing.push(parent);
    }
    if missing.is_empty() {
        return Err(first);
    }
    for parent in missing.iter().rev() {
        volume.make_dir(parent).await?;
    }
    volume.make_dir(path).await
}

/// Reads at most `length` bytes from `offset`.
pub(super) async fn window<V: Volume>(
    volume: &mut V,
    path: &VPath,
    offset: u64,
    length: usize,
    stop: &CancellationToken,
) -> Result<Outcome, Failure> {
    let begun = read_window(volume, path, (offset, 0), length, stop).await;
    let (bytes, mut size, ended) = match begun {
        Err(failure) if offset > 0 && failure.kind == FailureKind::Unsupported => {
            read_window(volume, path, (0, offset), length, stop).await?
        }
        begun => begun?,
    };
    if size.is_none() && ended && !bytes.is_empty() {
        size = Some(offset + bytes.len() as u64);
    }
    if size.is_none() && !volume.is_lost() {
        size = volume.stat(path).await.ok().flatten().and_then(|entry| entry.file_size());
    }
    Ok(Outcome::Window { offset, bytes, size })
}

/// What a window holds: its bytes, the file's size where known, and whether the file ended.
type Window = (Vec<u8>, Option<u64>, bool);

/// Begins at `offset` and reads over `skip` bytes, then the window.
async fn read_window<V: Volume>(
    volume: &mut V,
    path: &VPath,
    (offset, skip): (u64, u64),
    length: usize,
    stop: &CancellationToken,
) -> Result<Window, Failure> {
    let mut source = volume.read(path, offset, stop).await?;
    let size = source.size();
    let read = skip_and_read(&mut source, skip, length, stop).await;
    let (bytes, ended) = match read {
        Ok((bytes, false)) => {
            source.abandon().await;
            return Ok((bytes, size, false));
        }
        Ok(all) => all,
        Err(failure) => {
            source.abandon().await;
            return Err(failure);
        }
    };
    source.finish().await?;
    Ok((bytes, size, ended))
}

async fn skip_and_read<S: Source>(
    source: &mut S,
    mut skip: u64,
    length: usize,
    stop: &CancellationToken,
) -> Result<(Vec<u8>, bool), Failure> {
    while skip > 0 {
        let step = skip.min(SKIP);
        let got = read_up_to(source, step as usize, stop).await?.len() as u64;
        if got < step {
            return Ok((Vec::new(), true));
        }
        skip -= got;
    }
    let wanted = length.checked_add(1).ok_or_else(|| Failure::new(FailureKind::Invalid, During::Read, "the window is too large"))?;
    // One byte more tells whether the file ends here, and then its completion reply can be read.
    let mut bytes = read_up_to(source, wanted, stop).await?;
    let ended = bytes.len() <= length;
    bytes.truncate(length);
    Ok((bytes, ended))
}
