//! Files of a host in memory, being read and written.

use std::io;

use tokio_util::sync::CancellationToken;

use crate::model::{During, Failure, FailureKind, VPath};

use super::super::{Result, Sink, Source, WriteFrom};
use super::MemoryVolume;

/// Bytes a block at most: small, so that a test's file has many.
const BLOCK: usize = 1024;

/// A file being read.
#[derive(Debug)]
pub struct MemorySource<'a> {
    volume: &'a mut MemoryVolume,
    bytes: Vec<u8>,
    size: u64,
    began: usize,
    at: usize,
    stop: CancellationToken,
    ended: bool,
}

/// A file being written.
#[derive(Debug)]
pub struct MemorySink<'a> {
    volume: &'a mut MemoryVolume,
    path: VPath,
    /// Where to write; `None` is the end.
    at: Option<u64>,
    written: u64,
    stop: CancellationToken,
    ended: bool,
}

impl<'a> MemorySource<'a> {
    pub(super) fn new(volume: &'a mut MemoryVolume, mut bytes: Vec<u8>, offset: u64, stop: CancellationToken) -> Self {
        let size = bytes.len() as u64;
        if let Some(most) = volume.world.with(&volume.host, |host| host.faults.truncate) {
            bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        }
        let offset = if volume.world.with(&volume.host, |host| host.faults.ignores_offset) { 0 } else { offset };
        let at = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        if let Some(most) = volume.world.with(&volume.host, |host| host.faults.ends_after.take()) {
            bytes.truncate(at.saturating_add(most));
        }
        Self { volume, bytes, size, began: at, at, stop, ended: false }
    }
}

impl<'a> MemorySink<'a> {
    pub(super) fn new(volume: &'a mut MemoryVolume, path: VPath, from: WriteFrom, stop: CancellationToken) -> Self {
        let at = if let WriteFrom::Within(at) = from { Some(at) } else { None };
        Self { volume, path, at, written: 0, stop, ended: false }
    }
}

/// Lets a block's time pass, and says whether the connection holds after so many bytes of the file, so many of them now.
async fn pass(volume: &mut MemoryVolume, stop: &CancellationToken, moved: u64, now: u64) -> io::Result<()> {
    let delay = volume.world.with(&volume.host, |host| host.faults.block_delay);
    tokio::select! {
        biased;
        // Even a sleep of no time takes a tick of the timer.
        () = tokio::task::yield_now(), if delay.is_zero() => {}
        () = tokio::time::sleep(delay), if !delay.is_zero() => {}
        () = stop.cancelled() => return Err(io::Error::new(io::ErrorKind::Interrupted, "cancelled")),
    }
    let lost = volume.world.with(&volume.host, |host| {
        let lost = host.faults.lose_after.is_some_and(|limit| moved >= limit);
        if lost {
            host.faults.lose_after = None;
        }
        lost || host.faults.lose_every.is_some_and(|limit| now >= limit)
    });
    if lost {
        volume.is_lost = true;
    }
    if volume.is_lost { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
}

fn complete(volume: &mut MemoryVolume, during: During) -> Result<()> {
    if volume.world.with(&volume.host, |host| std::mem::take(&mut host.faults.lose_reply)) {
        volume.is_lost = true;
    }
    if volume.is_lost {
        return Err(Failure::new(FailureKind::Disconnected, during, "the connection is gone"));
    }
    Ok(())
}

impl Source for MemorySource<'_> {
    async fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        pass(self.volume, &self.stop, self.at as u64, (self.at - self.began) as u64).await?;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = rest.len().min(block.len()).min(BLOCK);
        for (to, from) in block.iter_mut().zip(rest.iter().take(len)) {
            *to = *from;
        }
        self.at += len;
        Ok(len)
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    async fn finish(mut self) -> Result<()> {
        self.ended = true;
        complete(self.volume, During::Read)
    }

    async fn abandon(mut self) {
        self.ended = true;
    }
}

impl Sink for MemorySink<'_> {
    async fn write(&mut self, block: &[u8]) -> io::Result<()> {
        for part in block.chunks(BLOCK) {
            pass(self.volume, &self.stop, self.written, self.written).await?;
            let volume = &mut *self.volume;
            volume.world.with(&volume.host, |host| {
                if let Some(room) = &mut host.faults.room {
                    *room = room.checked_sub(part.len()).ok_or(io::ErrorKind::StorageFull)?;
                }
                host.tree.put_bytes(&self.path, self.at, part).map_err(io::Error::other)
            })?;
            self.at = self.at.map(|at| at + part.len() as u64);
            self.written += part.len() as u64;
        }
        Ok(())
    }

    async fn finish(mut self, _sync: bool) -> Result<()> {
        self.ended = true;
        let completed = complete(self.volume, During::Write);
        let volume = &mut *self.volume;
        volume.world.with(&volume.host, |host| {
            if std::mem::take(&mut host.faults.corrupt) {
                host.tree.spoil(&self.path);
            }
        });
        if completed.is_err() && volume.world.with(&volume.host, |host| host.faults.discards) {
            let removed = volume.world.with(&volume.host, |host| host.tree.remove_file(&self.path));
            return completed.and(removed);
        }
        completed
    }

    async fn abandon(mut self) {
        self.ended = true;
    }
}

impl Drop for MemorySource<'_> {
    fn drop(&mut self) {
        self.volume.is_lost |= !self.ended;
    }
}

impl Drop for MemorySink<'_> {
    fn drop(&mut self) {
        self.volume.is_lost |= !self.ended;
    }
}
