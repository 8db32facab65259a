//! The volumes there are, as one type, and the connector that opens them.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::digest::{Algorithm, Digest};
use crate::model::listing::ListingPart;
use crate::model::local_name::System;
use crate::model::opened::{Abilities, Opened};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{Ascii, Entry, Reply, Site, Timestamp, VPath};

use super::ftp::{Acquaintances, FtpSink, FtpSource, NamedVolume};
use super::local::{LocalSink, LocalSource, LocalVolume};
use super::{Ahead, Call, Connector, Direct, Finish, Greeted, Result, Settled, Sink, Source, Volume, WriteFrom};

/// Any volume.
#[expect(clippy::large_enum_variant, reason = "one a task, and never moved about")]
pub enum AnyVolume {
    /// The local disk.
    Local(LocalVolume),
    /// A server.
    Ftp(NamedVolume),
}

/// A file being read from any volume.
pub enum AnySource<'a> {
    /// From the local disk.
    Local(LocalSource),
    /// From a server.
    Ftp(FtpSource<'a>),
}

/// A file being written to any volume.
pub enum AnySink<'a> {
    /// To the local disk.
    Local(LocalSink<'a>),
    /// To a server.
    Ftp(FtpSink<'a>),
}

/// What is put on a site each time that it is dialled; quick, since it runs on the thread of whoever dials.
pub type Dress = Arc<dyn Fn(&mut Site) + Send + Sync>;

/// Opens the local disk and FTP servers.
#[derive(Clone, Default)]
pub struct StandardConnector {
    known: Acquaintances,
    dress: Option<Dress>,
}

impl StandardConnector {
    /// One that puts on every site, whoever names it, what is known of its server by then: which certificates are trusted, that it spoke TLS.
    pub fn dressing(dress: Dress) -> Self {
        Self { dress: Some(dress), ..Self::default() }
    }
}

impl Connector for StandardConnector {
    type Volume = AnyVolume;

    async fn connect(&self, mut call: Call) -> Result<AnyVolume> {
        if let (VolumeSpec::Ftp(site, _), Some(dress)) = (&mut call.spec, &self.dress) {
            dress(site);
        }
        match call.spec.clone() {
            VolumeSpec::Local => Ok(AnyVolume::Local(LocalVolume::open())),
            VolumeSpec::Ftp(site, _) => Ok(AnyVolume::Ftp(Box::pin(NamedVolume::connect(&site, &call, &self.known)).await?)),
        }
    }

    async fn survey(&self, mut call: Call) -> Result<Vec<Greeted>> {
        if let (VolumeSpec::Ftp(site, _), Some(dress)) = (&mut call.spec, &self.dress) {
            dress(site);
        }
        match call.spec.clone() {
            VolumeSpec::Local => Ok(Vec::new()),
            VolumeSpec::Ftp(site, _) => super::ftp::survey(&site, &call).await,
        }
    }
}

/// The same call on whichever it is.
macro_rules! on {
    ($self:expr, $kind:ident, $inner:ident => $call:expr) => {
        match $self {
            $kind::Local($inner) => $call,
            $kind::Ftp($inner) => $call,
        }
    };
}

impl Volume for AnyVolume {
    type Source<'a> = AnySource<'a>;
    type Sink<'a> = AnySink<'a>;

    fn opened(&self) -> &Opened {
        on!(self, AnyVolume, volume => volume.opened())
    }

    fn abilities(&self) -> Abilities {
        on!(self, AnyVolume, volume => volume.abilities())
    }

    fn learnt(&self) -> Option<&Learnt> {
        on!(self, AnyVolume, volume => volume.learnt())
    }

    fn is_lost(&self) -> bool {
        on!(self, AnyVolume, volume => volume.is_lost())
    }

    async fn list(&mut self, path: &VPath, stop: &CancellationToken, rows: &mut (dyn FnMut(ListingPart) + Send)) -> Result<VPath> {
        on!(self, AnyVolume, volume => volume.list(path, stop, rows).await)
    }

    async fn stat(&mut self, path: &VPath) -> Result<Option<Entry>> {
        on!(self, AnyVolume, volume => volume.stat(path).await)
    }

    async fn exact_time(&mut self, path: &VPath) -> Result<Option<Timestamp>> {
        on!(self, AnyVolume, volume => volume.exact_time(path).await)
    }

    async fn is_case_blind(&mut self, directory: &VPath) -> Option<bool> {
        on!(self, AnyVolume, volume => volume.is_case_blind(directory).await)
    }

    async fn rules(&mut self, directory: &VPath) -> System {
        on!(self, AnyVolume, volume => volume.rules(directory).await)
    }

    async fn free(&mut self, path: &VPath) -> Option<u64> {
        on!(self, AnyVolume, volume => volume.free(path).await)
    }

    fn is_text(&self, path: &VPath) -> bool {
        on!(self, AnyVolume, volume => volume.is_text(path))
    }

    fn move_as(&mut self, text: &Ascii) {
        on!(self, AnyVolume, volume => volume.move_as(text));
    }

    fn expect(&mut self, ahead: Ahead) {
        on!(self, AnyVolume, volume => volume.expect(ahead));
    }

    fn hurry(&mut self) {
        on!(self, AnyVolume, volume => volume.hurry());
    }

    fn let_go(&mut self) {
        on!(self, AnyVolume, volume => volume.let_go());
    }

    async fn read<'a>(&'a mut self, path: &VPath, offset: u64, stop: &CancellationToken) -> Result<AnySource<'a>> {
        match self {
            Self::Local(volume) => volume.read(path, offset, stop).await.map(AnySource::Local),
            Self::Ftp(volume) => volume.read(path, offset, stop).await.map(AnySource::Ftp),
        }
    }

    async fn write<'a>(&'a mut self, path: &VPath, from: WriteFrom, size: Option<u64>, stop: &CancellationToken) -> Result<AnySink<'a>> {
        match self {
            Self::Local(volume) => volume.write(path, from, size, stop).await.map(AnySink::Local),
            Self::Ftp(volume) => volume.write(path, from, size, stop).await.map(AnySink::Ftp),
        }
    }

    async fn make_dir(&mut self, path: &VPath) -> Result<()> {
        on!(self, AnyVolume, volume => volume.make_dir(path).await)
    }

    async fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        on!(self, AnyVolume, volume => volume.rename(from, to, replace).await)
    }

    async fn remove_file(&mut self, path: &VPath) -> Result<()> {
        on!(self, AnyVolume, volume => volume.remove_file(path).await)
    }

    async fn remove_link(&mut self, path: &VPath) -> Result<bool> {
        on!(self, AnyVolume, volume => volume.remove_link(path).await)
    }

    async fn remove_dir(&mut self, path: &VPath) -> Result<()> {
        on!(self, AnyVolume, volume => volume.remove_dir(path).await)
    }

    async fn trash(&mut self, path: &VPath) -> Result<()> {
        on!(self, AnyVolume, volume => volume.trash(path).await)
    }

    async fn set_time(&mut self, path: &VPath, time: Timestamp) -> Result<()> {
        on!(self, AnyVolume, volume => volume.set_time(path, time).await)
    }

    async fn set_mode(&mut self, path: &VPath, mode: u16) -> Result<()> {
        on!(self, AnyVolume, volume => volume.set_mode(path, mode).await)
    }

    async fn settle(&mut self, path: &VPath, finish: Finish) -> Result<Settled> {
        on!(self, AnyVolume, volume => volume.settle(path, finish).await)
    }

    async fn digest(&mut self, path: &VPath, algorithm: Option<Algorithm>, stop: &CancellationToken) -> Result<Option<Digest>> {
        on!(self, AnyVolume, volume => volume.digest(path, algorithm, stop).await)
    }

    async fn raw(&mut self, line: &[u8]) -> Result<Reply> {
        on!(self, AnyVolume, volume => volume.raw(line).await)
    }

    async fn keep_alive(&mut self) -> Result<()> {
        on!(self, AnyVolume, volume => volume.keep_alive().await)
    }

    async fn close(self) {
        on!(self, AnyVolume, volume => volume.close().await);
    }
}

impl Source for AnySource<'_> {
    async fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        on!(self, AnySource, source => source.read(block).await)
    }

    async fn splice_into(&mut self, file: BorrowedFd<'_>, limit: u64) -> Direct {
        on!(self, AnySource, source => source.splice_into(file, limit).await)
    }

    fn file(&self) -> Option<BorrowedFd<'_>> {
        on!(self, AnySource, source => source.file())
    }

    fn size(&self) -> Option<u64> {
        on!(self, AnySource, source => source.size())
    }

    async fn finish(self) -> Result<()> {
        on!(self, AnySource, source => source.finish().await)
    }

    async fn abandon(self) {
        on!(self, AnySource, source => source.abandon().await);
    }
}

impl Sink for AnySink<'_> {
    async fn write(&mut self, block: &[u8]) -> io::Result<()> {
        on!(self, AnySink, sink => sink.write(block).await)
    }

    async fn send_from(&mut self, file: BorrowedFd<'_>, limit: u64) -> Direct {
        on!(self, AnySink, sink => sink.send_from(file, limit).await)
    }

    fn file(&self) -> Option<BorrowedFd<'_>> {
        on!(self, AnySink, sink => sink.file())
    }

    async fn finish(self, sync: bool) -> Result<()> {
        on!(self, AnySink, sink => sink.finish(sync).await)
    }

    async fn abandon(self) {
        on!(self, AnySink, sink => sink.abandon().await);
    }
}
