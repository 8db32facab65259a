//! Fetching a file to be edited, and putting it back.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::engine::copy::copy;
use crate::engine::copy_state::CopyState;
use crate::engine::limit::Throttle;
use crate::engine::progress::Progress;
use crate::engine::pump::BLOCK;
use crate::engine::work::{BatchFacts, FileJob, How};
use crate::model::transfer::Verb;
use crate::model::{Ascii, BatchId, ConnectionId, During, Entry, Failure, FailureKind, Kind, Manner, Side, TransferId, VPath};
use crate::volume::{Sink, Volume, WriteFrom};

/// Only its owner reads it.
const PRIVATE: u16 = 0o600;

/// Copies `path` into the local file `to`, readable by its owner alone. Answers with what the original was.
pub(super) async fn fetch<V: Volume>(
    volume: &mut V,
    local: &mut V,
    path: &VPath,
    to: &Path,
    stop: &CancellationToken,
) -> Result<Side, Failure> {
    let target = local_path(to)?;
    let original = volume
        .stat(path)
        .await?
        .ok_or_else(|| Failure::new(FailureKind::NotFound, During::Edit, "it is not there").about(path.as_bytes()))?;
    // It is private before the first byte is in it.
    local.write(&target, WriteFrom::Start, None, stop).await?.finish(false).await?;
    if local.abilities().set_mode {
        local.set_mode(&target, PRIVATE).await?;
    }
    let mut job = job(path, &target, stop);
    job.size = original.file_size();
    job.how = How::Append(0);
    job.existing = local.stat(&target).await?;
    copy(volume, local, &job, &mut CopyState::default(), &mut vec![0; BLOCK]).await?;
    Ok(side(path, &original))
}

/// Puts the local file `from` in place of `path`, which keeps its mode. Answers with what is there now.
pub(super) async fn store<V: Volume>(
    local: &mut V,
    volume: &mut V,
    from: &Path,
    path: &VPath,
    stop: &CancellationToken,
) -> Result<Side, Failure> {
    let source = local_path(from)?;
    let edited = local
        .stat(&source)
        .await?
        .ok_or_else(|| Failure::new(FailureKind::NotFound, During::Edit, "it is not there").about(source.as_bytes()))?;
    let existing = volume.stat(path).await?;
    let mut job = job(&source, path, stop);
    job.size = edited.file_size();
    job.modified = edited.modified;
    job.how = if existing.is_some() { How::Replace } else { How::New };
    job.existing = existing;
    copy(local, volume, &job, &mut CopyState::default(), &mut vec![0; BLOCK]).await?;
    let now = volume.stat(path).await?.or_else(|| path.name().map(|name| Entry::new(name, Kind::File)));
    now.map(|entry| side(path, &entry)).ok_or_else(|| Failure::new(FailureKind::Invalid, During::Edit, "the target is the root"))
}

fn side(path: &VPath, entry: &Entry) -> Side {
    Side { path: path.clone(), size: entry.file_size(), modified: entry.modified }
}

fn local_path(path: &Path) -> Result<VPath, Failure> {
    let bytes = path.as_os_str().as_encoded_bytes();
    VPath::parse(bytes).map_err(|why| Failure::new(FailureKind::Invalid, During::Edit, why.to_string()).about(bytes))
}

/// A copy that belongs to no batch.
fn job(source: &VPath, target: &VPath, stop: &CancellationToken) -> FileJob {
    let facts = BatchFacts {
        id: BatchId::default(),
        verb: Verb::Copy,
        follow: false,
        same: false,
        partials: false,
        restored: false,
        from: ConnectionId::default(),
        to: ConnectionId::default(),
        texts: (Ascii::Never, Ascii::Never),
        manner: Manner::default(),
        throttle: Throttle::default(),
        stop: stop.clone(),
        outdated: CancellationToken::new(),
    };
    FileJob {
        facts: Arc::new(facts),
        id: TransferId::default(),
        source: source.clone(),
        target: target.clone(),
        size: None,
        modified: None,
        mode: None,
        existing: None,
        how: How::New,
        orphan: false,
        more: false,
        came: OnceLock::new(),
        progress: Arc::new(Progress::default()),
        stop: stop.clone(),
    }
}
