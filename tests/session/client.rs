//! Opening a volume on a test's server, and using it in one line.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftpane::model::listing::ListingPart;
use ftpane::model::site::VolumeSpec;
use ftpane::model::text::printable;
use ftpane::model::{ConnectionId, Entry, Failure, Secret, Site, VPath, WireKind};
use ftpane::volume::ftp::{Acquaintances, FtpVolume, connect};
use ftpane::volume::{Call, Sink as _, Source as _, Volume, WriteFrom};
use tokio_util::sync::CancellationToken;

use crate::support::servers::Server;

/// No test waits longer than this for one thing.
pub const LIMIT: Duration = Duration::from_secs(30);

/// The log lines of a session.
#[derive(Clone, Default)]
pub struct WireLog(Arc<Mutex<Vec<(WireKind, String)>>>);

impl WireLog {
    /// All lines as text, a mark before each.
    pub fn text(&self) -> String {
        let mark = |kind| match kind {
            WireKind::Sent => ">",
            WireKind::Received => "<",
            WireKind::Step => "*",
            WireKind::Trouble => "!",
        };
        self.0.lock().unwrap().iter().map(|(kind, text)| format!("{} {text}\n", mark(*kind))).collect()
    }

    /// How often a line was sent.
    pub fn sent(&self, line: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|(kind, text)| *kind == WireKind::Sent && text == line).count()
    }

    /// How many lines were sent that begin with these words.
    pub fn begun(&self, words: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|(kind, text)| *kind == WireKind::Sent && text.starts_with(words)).count()
    }
}

/// A site at an address, with short limits.
pub fn site_at(addr: SocketAddr) -> Site {
    Site { port: Some(addr.port()), user: Some("tester".into()), timeout: Some(2), ..Site::of_host(addr.ip().to_string()) }
}

/// What connecting to `site` needs.
pub fn call_for(site: &Site, password: Option<&str>) -> (Call, WireLog) {
    let log = WireLog::default();
    let keep = log.clone();
    let call = Call {
        spec: VolumeSpec::Ftp(Box::new(site.clone()), password.map(Secret::new)),
        secret: None,
        proxy_secret: None,
        account: None,
        connection: ConnectionId(1),
        wire: Some(Arc::new(move |line| keep.0.lock().unwrap().push((line.kind, printable(&line.text).into_owned())))),
        stop: CancellationToken::new(),
        progress: Arc::new(|_| {}),
    };
    (call, log)
}

/// Connects, with the log whatever comes of it.
pub async fn try_open(site: &Site, password: Option<&str>) -> (Result<FtpVolume, Failure>, WireLog) {
    let (call, log) = call_for(site, password);
    let outcome = tokio::time::timeout(LIMIT, connect(site, &call, &Acquaintances::default())).await;
    (outcome.unwrap_or_else(|_| panic!("connecting does not end:\n{}", log.text())), log)
}

/// Connects to a site whose password is `secret`.
pub async fn open(site: &Site) -> (FtpVolume, WireLog) {
    let (outcome, log) = try_open(site, Some("secret")).await;
    (outcome.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text())), log)
}

/// Connects to a real server, as its user.
pub async fn open_on(server: &Server) -> (FtpVolume, WireLog) {
    open(&site_of(server)).await
}

/// The site of a real server. Its limits are long: the machine may be busy.
pub fn site_of(server: &Server) -> Site {
    Site { timeout: Some(20), ..site_at(server.addr()) }
}

/// A path below the directory after login.
pub fn below(volume: &FtpVolume, path: impl AsRef<[u8]>) -> VPath {
    volume.opened().home.clone().unwrap().resolve(path.as_ref()).unwrap()
}

/// All entries of a directory and all rows that could not be read, the entries sorted by name.
pub async fn listing(volume: &mut FtpVolume, path: &VPath) -> Result<(Vec<Entry>, Vec<Box<[u8]>>), Failure> {
    let (mut entries, mut unparsed) = (Vec::new(), Vec::new());
    let mut take = |part| match part {
        ListingPart::Rows(rows) => entries.extend(rows),
        ListingPart::Unparsed(rows) => unparsed.extend(rows),
    };
    let stop = CancellationToken::new();
    tokio::time::timeout(LIMIT, volume.list(path, &stop, &mut take)).await.unwrap()?;
    entries.sort_by(|a: &Entry, b| a.name.cmp(&b.name));
    Ok((entries, unparsed))
}

/// The names in a directory.
pub async fn names(volume: &mut FtpVolume, path: &VPath) -> Vec<Vec<u8>> {
    let (entries, _) = listing(volume, path).await.unwrap_or_else(|failure| panic!("{failure}"));
    entries.into_iter().map(|entry| entry.name.as_bytes().to_vec()).collect()
}

/// A file from `offset` to its end, as it is read, with how it ended.
pub async fn read_from(volume: &mut FtpVolume, path: &VPath, offset: u64) -> Result<Vec<u8>, Failure> {
    let stop = CancellationToken::new();
    let mut source = tokio::time::timeout(LIMIT, volume.read(path, offset, &stop)).await.unwrap()?;
    let (mut bytes, mut block) = (Vec::new(), vec![0; 256 * 1024]);
    loop {
        match tokio::time::timeout(LIMIT, source.read(&mut block)).await.unwrap() {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(block.get(..count).unwrap()),
            Err(error) => {
                source.abandon().await;
                return Err(error.downcast().unwrap());
            }
        }
    }
    source.finish().await.map(|()| bytes)
}

/// Writes a file.
pub async fn write_to(volume: &mut FtpVolume, path: &VPath, from: WriteFrom, bytes: &[u8]) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    let mut sink = volume.write(path, from, Some(bytes.len() as u64), &stop).await?;
    for block in bytes.chunks(256 * 1024) {
        if let Err(error) = tokio::time::timeout(LIMIT, sink.write(block)).await.unwrap() {
            sink.abandon().await;
            return Err(error.downcast().unwrap());
        }
    }
    sink.finish(false).await
}
