//! A site is made to require TLS while its files move in the clear, on a server that takes both.

use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt as _;

use ftpane::bus::{Amendment, Command, Event, TransferEvent};
use ftpane::engine::{Options, Spawner, start};
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::{Item, Verb};
use ftpane::model::{
    BatchId, BatchSpec, ConnectionId, Existing, Fingerprint, Kind as What, Limits, Manner, Secret, Site, TlsPolicy, VPath, WireKind,
    WireLine,
};
use ftpane::volume::any::StandardConnector;

use crate::support::certs::{Cert, fingerprint};
use crate::support::engine::{DISK, SERVER, end, open, until};
use crate::support::servers::{self, Kind, Server};
use crate::support::tree::{Tree, pattern};

const FILES: usize = 40;
const SIZE: usize = 64 << 10;
/// All files take some 5 s.
const RATE: u64 = 512 << 10;
const LANES: usize = 2;

fn clear(server: &Server) -> Site {
    Site {
        name: "work".into(),
        port: Some(server.port()),
        user: Some(server.user.clone()),
        tls: TlsPolicy::Off,
        ..Site::of_host(server.addr().ip().to_string())
    }
}

/// What the log says of the connections that were opened: which of them have TLS, and which files each was asked for.
#[derive(Default)]
struct Told {
    encrypted: HashSet<ConnectionId>,
    files: Vec<(ConnectionId, bool)>,
    logins: HashMap<ConnectionId, usize>,
}

impl Told {
    fn line(&mut self, line: &WireLine) {
        let id = line.connection;
        match (line.kind, &*line.text) {
            (WireKind::Received, text) if text.starts_with(b"220") => drop(self.encrypted.remove(&id)),
            (WireKind::Received, text) if text.starts_with(b"234") => drop(self.encrypted.insert(id)),
            (WireKind::Received, text) if text.starts_with(b"230") => *self.logins.entry(id).or_default() += 1,
            (WireKind::Sent, text) if text.starts_with(b"RETR") => self.files.push((id, self.encrypted.contains(&id))),
            _ => {}
        }
    }

    fn in_the_clear(&self) -> usize {
        self.files.iter().filter(|(_, encrypted)| !encrypted).count()
    }
}

#[tokio::test]
async fn no_file_begins_in_the_clear_once_its_site_requires_tls() {
    let Some(setup) = servers::require(Kind::Vsftpd) else { return };
    let server = setup.tls_or_none(Cert::Own).start();
    let tree = (0..FILES).fold(Tree::new(), |tree, n| tree.file(format!("dir/{n}"), pattern(SIZE, n as u32)));
    server.fill(&tree);
    let dir = tempfile::tempdir().unwrap();
    let options = Options { lanes: LANES, at_once: true, limits: Limits { total: Some(RATE), ..Limits::default() }, ..Options::default() };
    let mut engine = start(StandardConnector::default(), options, Spawner::Threads);
    open(&mut engine, DISK, VolumeSpec::Local).await;
    let site = clear(&server);
    open(&mut engine, SERVER, VolumeSpec::Ftp(Box::new(site.clone()), Some(Secret::new(server.password.as_str())))).await;
    let target = VPath::parse(dir.path().join("dir").as_os_str().as_bytes()).unwrap();
    let item = Item { source: VPath::parse(b"/dir").unwrap(), target, kind: What::Dir, size: None, modified: None, mode: None };
    let (verb, existing, manner) = (Verb::Copy, Existing::Overwrite, Manner::default());
    let batch = BatchSpec { id: BatchId(7), verb, from: SERVER, to: DISK, items: vec![item], existing, follow: false, manner };
    engine.commands.send(Command::Enqueue(batch)).unwrap();
    let mut told = Told::default();
    until(&mut engine, |event| {
        if let Event::Wire(line) = event {
            told.line(line);
        }
        (told.files.len() == 6).then_some(())
    })
    .await;
    let before = told.in_the_clear();
    assert_eq!(before, 6);
    let mut now = Site { tls: TlsPolicy::Required, ..site.clone() };
    now.secured.pins = vec![Fingerprint::parse(&fingerprint(Cert::Own)).unwrap()];
    engine.commands.send(Command::Amend(Box::new(site), Amendment::Edited(Box::new(now)))).unwrap();
    let summary = until(&mut engine, |event| match event {
        Event::Wire(line) => {
            told.line(line);
            None
        }
        Event::Transfer(TransferEvent::BatchEnded(summary)) => Some(summary.clone()),
        _ => None,
    })
    .await;
    assert_eq!((summary.done, summary.failed), (FILES as u64, 0), "{summary:?}");
    Tree::read(dir.path()).assert_same(&tree);
    // A lane may have been about to send its next command when the edit was made.
    let clear = told.in_the_clear();
    assert!(clear <= before + LANES, "{clear} files in the clear, {before} of them before the edit");
    assert_eq!(told.files.len(), FILES, "each once");
    assert!(told.files.iter().skip(clear).all(|(_, encrypted)| *encrypted), "none in the clear behind the first over TLS");
    let new: Vec<&ConnectionId> = told.logins.keys().filter(|id| told.encrypted.contains(*id)).collect();
    assert!((1..=LANES).contains(&new.len()), "so many lanes were opened anew: {:?}", told.logins);
    end(engine).await;
}
