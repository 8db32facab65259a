//! Volumes in memory, with faults on demand: what the engine is tested on.
//!
//! A [`World`] holds a tree a host; the empty host is the local disk. Times pass by tokio's clock only, so that a paused one works.

mod faults;
mod file;
mod tree;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio_util::sync::CancellationToken;

use crate::model::digest::{Algorithm, Digest};
use crate::model::listing::ListingPart;
use crate::model::local_name::System;
use crate::model::opened::{Abilities, Opened};
use crate::model::site::{Learnt, TlsPolicy, VolumeSpec};
use crate::model::{Ascii, During, Entry, Failure, FailureKind, Reply, Site, Timestamp, VPath};

use super::{Call, Connector, Result, Volume, WriteFrom};

pub use faults::{Counters, Faults};
pub use file::{MemorySink, MemorySource};
pub use tree::{Node, Tree};

/// All hosts there are. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct World(Arc<Mutex<HashMap<String, Host>>>);

/// One host.
#[derive(Debug, Default)]
pub struct Host {
    /// Its files.
    pub tree: Tree,
    /// What goes wrong there.
    pub faults: Faults,
    /// What was asked of it.
    pub counters: Counters,
    /// By what it was dialled last.
    pub site: Option<Site>,
    /// The files that were read or written, each with what its connection asked of TLS.
    pub moved: Vec<(VPath, TlsPolicy)>,
}

impl World {
    /// Changes or reads a host; the empty name is the local disk.
    pub fn with<T>(&self, host: &str, act: impl FnOnce(&mut Host) -> T) -> T {
        act(self.lock().entry(host.to_owned()).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Connector for World {
    type Volume = MemoryVolume;

    async fn connect(&self, call: Call) -> Result<MemoryVolume> {
        let (host, site, secret) = match &call.spec {
            VolumeSpec::Local => (String::new(), None, None),
            VolumeSpec::Ftp(site, secret) => (site.host.clone(), Some((**site).clone()), call.secret.clone().or_else(|| secret.clone())),
        };
        let delay = self.with(&host, |host| host.faults.delay);
        tokio::time::sleep(delay).await;
        let pins = site.as_ref().map(|site| site.secured.pins.clone()).unwrap_or_default();
        self.with(&host, |host| {
            host.site.clone_from(&site);
            host.admit(secret.as_ref(), &pins)
        })?;
        let text = site.as_ref().map(|site| site.ascii.clone()).unwrap_or_default();
        let can = Abilities {
            set_time: true,
            set_mode: true,
            trash: false,
            straight: false,
            resume_read: true,
            resume_write: true,
            utc_times: true,
            names_alone: false,
        };
        let round_trip = Some(delay);
        let opened = Opened { site, start: Some(VPath::root()), home: Some(VPath::root()), round_trip, can, ..Opened::default() };
        Ok(MemoryVolume { world: self.clone(), host, opened, text, is_lost: false })
    }
}

/// A connection to a host of a [`World`].
#[derive(Debug)]
pub struct MemoryVolume {
    world: World,
    host: String,
    opened: Opened,
    text: Ascii,
    is_lost: bool,
}

impl Drop for MemoryVolume {
    fn drop(&mut self) {
        self.world.with(&self.host, |host| host.counters.connected = host.counters.connected.saturating_sub(1));
    }
}

impl MemoryVolume {
    /// Waits as long as the host takes, counts the command, and does it.
    async fn command<T>(&mut self, during: During, act: impl FnOnce(&mut Host) -> Result<T>) -> Result<T> {
        let delay = self.world.with(&self.host, |host| host.faults.delay);
        tokio::time::sleep(delay).await;
        self.check(during)?;
        let outcome = self.world.with(&self.host, |host| {
            host.counters.commands += 1;
            act(host)
        });
        self.note(&outcome);
        outcome
    }

    fn tls(&self) -> TlsPolicy {
        self.opened.site.as_ref().map(|site| site.tls).unwrap_or_default()
    }

    fn check(&mut self, during: During) -> Result<()> {
        if self.world.with(&self.host, |host| std::mem::take(&mut host.faults.drop_next)) {
            self.is_lost = true;
        }
        if self.is_lost {
            return Err(Failure::new(FailureKind::Disconnected, during, "the connection is gone"));
        }
        Ok(())
    }

    fn note<T>(&mut self, outcome: &Result<T>) {
        if outcome.as_ref().is_err_and(Failure::is_connection_lost) {
            self.is_lost = true;
        }
    }
}

impl Volume for MemoryVolume {
    type Source<'a> = MemorySource<'a>;
    type Sink<'a> = MemorySink<'a>;

    fn opened(&self) -> &Opened {
        &self.opened
    }

    fn abilities(&self) -> Abilities {
        Abilities { names_alone: self.world.with(&self.host, |host| host.faults.names_alone), ..self.opened.can }
    }

    fn learnt(&self) -> Option<&Learnt> {
        self.opened.site.as_ref().map(|site| &site.learnt)
    }

    fn is_lost(&self) -> bool {
        self.is_lost
    }

    async fn list(&mut self, path: &VPath, stop: &CancellationToken, rows: &mut (dyn FnMut(ListingPart) + Send)) -> Result<VPath> {
        let found = self.command(During::List, |host| {
            host.counters.listings += 1;
            if host.faults.no_list.as_deref().map(str::as_bytes) == Some(path.as_bytes()) {
                return Err(Failure::new(FailureKind::Denied, During::List, "permission denied").about(path.as_bytes()));
            }
            Ok((host.tree.real(path), host.tree.list(path)?))
        });
        let (called, entries) = tokio::select! {
            found = found => found?,
            () = stop.cancelled() => return Err(Failure::cancelled(During::List)),
        };
        for chunk in entries.chunks(2) {
            rows(ListingPart::Rows(chunk.to_vec()));
        }
        Ok(called)
    }

    async fn stat(&mut self, path: &VPath) -> Result<Option<Entry>> {
        self.command(During::Stat, |host| Ok(host.tree.stat(path))).await
    }

    async fn exact_time(&mut self, path: &VPath) -> Result<Option<Timestamp>> {
        self.command(During::Stat, |host| Ok(host.tree.stat(path).and_then(|entry| entry.modified))).await
    }

    async fn rules(&mut self, _: &VPath) -> System {
        let is_windows = self.world.with(&self.host, |host| host.tree.rules().windows);
        if is_windows { System::Windows } else { System::Unix }
    }

    async fn free(&mut self, _path: &VPath) -> Option<u64> {
        None
    }

    fn is_text(&self, path: &VPath) -> bool {
        self.text.covers(path)
    }

    fn move_as(&mut self, text: &Ascii) {
        if self.opened.site.is_some() {
            self.text.clone_from(text);
        }
    }

    async fn read<'a>(&'a mut self, path: &VPath, offset: u64, stop: &CancellationToken) -> Result<MemorySource<'a>> {
        let tls = self.tls();
        let bytes = self.command(During::Read, |host| host.tree.read(path).inspect(|_| host.moved.push((path.clone(), tls)))).await?;
        Ok(MemorySource::new(self, bytes, offset, stop.clone()))
    }

    async fn write<'a>(
        &'a mut self,
        path: &VPath,
        from: WriteFrom,
        _size: Option<u64>,
        stop: &CancellationToken,
    ) -> Result<MemorySink<'a>> {
        let tls = self.tls();
        self.command(During::Write, |host| host.tree.open(path, from).inspect(|()| host.moved.push((path.clone(), tls)))).await?;
        Ok(MemorySink::new(self, path.clone(), from, stop.clone()))
    }

    async fn make_dir(&mut self, path: &VPath) -> Result<()> {
        self.command(During::MakeDir, |host| host.tree.make_dir(path)).await
    }

    async fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        self.command(During::Rename, |host| {
            if host.faults.no_rename {
                return Err(Failure::new(FailureKind::Unsupported, During::Rename, "not across these"));
            }
            host.tree.rename(from, to, replace && !host.faults.no_replace)
        })
        .await?;
        self.is_lost |= self.world.with(&self.host, |host| std::mem::take(&mut host.faults.lose_rename));
        self.check(During::Rename)
    }

    async fn remove_file(&mut self, path: &VPath) -> Result<()> {
        let (removed, lost) =
            self.command(During::Remove, |host| Ok((host.remove_file(path), std::mem::take(&mut host.faults.lose_removal)))).await?;
        if lost {
            self.is_lost = true;
            return self.check(During::Remove);
        }
        removed
    }

    async fn remove_dir(&mut self, path: &VPath) -> Result<()> {
        self.command(During::Remove, |host| host.tree.remove_dir(path, host.faults.deep_remove_dir)).await
    }

    async fn trash(&mut self, _path: &VPath) -> Result<()> {
        Err(Failure::new(FailureKind::Unsupported, During::Remove, "there is no trash here"))
    }

    async fn set_time(&mut self, path: &VPath, time: Timestamp) -> Result<()> {
        self.command(During::SetTime, |host| {
            if host.faults.no_set_time {
                return Err(Failure::new(FailureKind::Unsupported, During::SetTime, "times cannot be set here"));
            }
            host.tree.change(path, During::SetTime, |node| node.modified = time.seconds)
        })
        .await
    }

    async fn set_mode(&mut self, path: &VPath, mode: u16) -> Result<()> {
        self.command(During::SetMode, |host| {
            if host.faults.no_set_mode {
                return Err(Failure::new(FailureKind::Unsupported, During::SetMode, "modes cannot be set here"));
            }
            host.tree.change(path, During::SetMode, |node| node.mode = mode)
        })
        .await
    }

    async fn digest(&mut self, path: &VPath, algorithm: Option<Algorithm>, _stop: &CancellationToken) -> Result<Option<Digest>> {
        self.command(During::Verify, |host| {
            if host.faults.no_digest || algorithm.is_some_and(|algorithm| algorithm != Algorithm::Crc32) {
                return Ok(None);
            }
            let sum = crc32fast::hash(&host.tree.read(path)?);
            Ok(Digest::new(Algorithm::Crc32, &sum.to_be_bytes()))
        })
        .await
    }

    async fn raw(&mut self, line: &[u8]) -> Result<Reply> {
        let text = line.to_vec().into();
        self.command(During::Command, |_| Ok(Reply { code: 200, text })).await
    }

    async fn keep_alive(&mut self) -> Result<()> {
        self.command(During::Command, |_| Ok(())).await
    }

    async fn close(self) {}
}
