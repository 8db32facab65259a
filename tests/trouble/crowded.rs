//! Servers that let few in: all files arrive, however many connections were asked for; and where there is one in all, a pane that browses
//! and a copy share it.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use ftpane::bus::{BrowseOp, Command, Event, TransferEvent};
use ftpane::engine::{Options, Spawner, start};
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::{Item, Verb};
use ftpane::model::{BatchId, BatchSpec, Existing, Generation, Kind as What, Limits, Manner, RequestId, Secret, Site, TlsPolicy, VPath};
use ftpane::volume::any::StandardConnector;

use crate::rig::{Rig, WAYS, Way, each};
use crate::support::engine::{DEADLINE, DISK, SERVER, end, open, until};
use crate::support::servers::{self, Kind, Server, test_each_kind};
use crate::support::tree::{Tree, pattern};

/// Bytes of the file that moves, and how many of them a second: it takes its time.
const SIZE: usize = 3 << 20;
const RATE: u64 = 3 << 20;

fn site(server: &Server) -> VolumeSpec {
    let site = Site {
        port: Some(server.port()),
        user: Some(server.user.clone()),
        tls: TlsPolicy::Off,
        ..Site::of_host(server.addr().ip().to_string())
    };
    VolumeSpec::Ftp(Box::new(site), Some(Secret::new(server.password.as_str())))
}

fn copy(way: Way, here: &Path) -> BatchSpec {
    let (there, here) = (VPath::parse(b"/big").unwrap(), VPath::parse(here.join("big").as_os_str().as_bytes()).unwrap());
    let ((from, source), (to, target)) = if way == Way::Down { ((SERVER, there), (DISK, here)) } else { ((DISK, here), (SERVER, there)) };
    let item = Item { source, target, kind: What::File, size: Some(SIZE as u64), modified: None, mode: None };
    let (id, items) = (BatchId(7), vec![item]);
    BatchSpec { id, verb: Verb::Copy, from, to, items, existing: Existing::Overwrite, follow: false, manner: Manner::default() }
}

/// A copy begins on the only connection, and directories are listed on it meanwhile.
async fn browse_meanwhile(server: &Server, way: Way) {
    let dir = tempfile::tempdir().unwrap();
    let bytes = pattern(SIZE, 3);
    let (from, to) = if way == Way::Down { (server.root(), dir.path().into()) } else { (dir.path().into(), server.root()) };
    std::fs::write(from.join("big"), &bytes).unwrap();
    server.own_root();
    let told = format!("{way:?} on {}", server.kind.name());
    let options = Options { limits: Limits { total: Some(RATE), ..Limits::default() }, ..Options::default() };
    let mut engine = start(StandardConnector::default(), options, Spawner::Threads);
    open(&mut engine, DISK, VolumeSpec::Local).await;
    open(&mut engine, SERVER, site(server)).await;
    engine.commands.send(Command::Enqueue(copy(way, dir.path()))).unwrap();
    for n in 1..=3 {
        let moves = engine.meters.wait_for(|meters| meters.active.iter().any(|one| one.done > n * SIZE as u64 / 5));
        tokio::time::timeout(DEADLINE, moves).await.unwrap_or_else(|_| panic!("{told}: nothing moves")).unwrap();
        let asked = Instant::now();
        let op = BrowseOp::List { path: VPath::root(), generation: Generation(n) };
        engine.commands.send(Command::Browse { connection: SERVER, request: RequestId(n), op }).unwrap();
        let outcome = until(&mut engine, |event| match event {
            Event::Answered { request, outcome, .. } if *request == RequestId(n) => Some(outcome.clone()),
            Event::Transfer(TransferEvent::BatchEnded(_)) => panic!("{told}: the copy ended before the listing did"),
            _ => None,
        });
        outcome.await.unwrap_or_else(|failure| panic!("{told}: {failure}"));
        assert!(asked.elapsed() < Duration::from_secs(3), "{told}: {:?}", asked.elapsed());
    }
    let summary = until(&mut engine, |event| match event {
        Event::Transfer(TransferEvent::BatchEnded(summary)) => Some(summary.clone()),
        _ => None,
    })
    .await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{told}: {summary:?}");
    assert!(summary.bytes < 2 * SIZE as u64, "{told}: it begins anew after each listing: {summary:?}");
    assert!(std::fs::read(to.join("big")).unwrap() == bytes, "{told}: it is not what was sent");
    end(engine).await;
}

#[test]
fn a_pane_browses_while_a_large_file_moves_where_one_connection_is_all_there_is() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    each(|setup| {
        for way in WAYS {
            let server = setup.clone().max_per_host(1).start();
            runtime.block_on(browse_meanwhile(&server, way));
        }
    });
}

fn arrives_through(kind: Kind) {
    for connections in 1..=3 {
        for way in WAYS {
            let Some(setup) = servers::require(kind) else { return };
            let rig = Rig::new(setup.max_per_host(connections));
            let tree = (0..24).fold(Tree::new().dir("tree/empty"), |tree, number| {
                tree.file(format!("tree/{}/f{number}", number % 3), pattern(number * 3_000, number as u32))
            });
            rig.lay_out(way, &tree);
            let run = rig.program().run(&rig.words(way, "tree", &["-j", "10", "--timeout", "5"]));
            assert_eq!(run.code, Some(0), "{connections} connections, {way:?}: {run:#?}\n{}", rig.server.log_end());
            assert_eq!(run.with_state("done").len(), 24, "{run:#?}");
            tree.assert_same(&Tree::read(&rig.target(way)));
        }
    }
}

test_each_kind! {
    arrives_through:
    Vsftpd all_files_arrive_where_vsftpd_lets_few_in,
    Proftpd all_files_arrive_where_proftpd_lets_few_in,
    PureFtpd all_files_arrive_where_pure_ftpd_lets_few_in,
    Pyftpdlib all_files_arrive_where_pyftpdlib_lets_few_in,
}
