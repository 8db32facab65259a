//! Moves past the program's memory: splice and sendfile between a data connection and a file.

use std::io::{Read as _, Seek as _, Write as _};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use ftpane::model::FailureKind;
use ftpane::volume::{Direct, Sink as _, Source as _, Volume as _, WriteFrom};
use tokio_util::sync::CancellationToken;

use crate::client::{LIMIT, below, open, open_on, site_at};
use crate::real::on_each;
use crate::support::script::ScriptServer;
use crate::support::tree::{Tree, pattern};

/// More than any kernel pipe or socket holds.
const LARGE: usize = 5_000_003;
const STEP: u64 = 1 << 20;

#[tokio::test]
async fn a_large_file_is_spliced_whole_from_every_server_and_sent_back() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let bytes = pattern(LARGE, 3);
        server.fill(&Tree::new().file("down", &bytes));
        let (mut volume, log) = open_on(&server).await;
        let stop = CancellationToken::new();
        let mut file = tempfile::tempfile().unwrap();
        let path = below(&volume, "down");
        let mut source = volume.read(&path, 0, &stop).await.unwrap();
        let mut begin = vec![0; 1000];
        let count = source.read(&mut begin).await.unwrap();
        file.write_all(&begin[..count]).unwrap();
        loop {
            match tokio::time::timeout(LIMIT, source.splice_into(file.as_fd(), STEP)).await.unwrap() {
                Direct::Moved(0) => break,
                Direct::Moved(count) => assert!(count <= STEP),
                other => panic!("{name}: {other:?}\n{}", log.text()),
            }
        }
        source.finish().await.unwrap();
        let mut got = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut got).unwrap();
        assert!(got == bytes, "{name}: {} bytes came", got.len());

        file.rewind().unwrap();
        let path = below(&volume, "up");
        let mut sink = volume.write(&path, WriteFrom::Start, Some(LARGE as u64), &stop).await.unwrap();
        loop {
            match tokio::time::timeout(LIMIT, sink.send_from(file.as_fd(), STEP)).await.unwrap() {
                Direct::Moved(0) => break,
                Direct::Moved(_) => {}
                other => panic!("{name}: {other:?}\n{}", log.text()),
            }
        }
        sink.finish(false).await.unwrap();
        assert!(server.files().bytes("up") == bytes, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_splice_ends_at_the_stop_and_at_the_idle_limit() {
    let server = ScriptServer::play("data-stalls");
    for cancels in [true, false] {
        let (mut volume, log) = open(&site_at(server.addr())).await;
        let stop = CancellationToken::new();
        let file = tempfile::tempfile().unwrap();
        let path = below(&volume, "a.txt");
        let mut source = volume.read(&path, 0, &stop).await.unwrap();
        let mut began = Instant::now();
        let error = loop {
            match tokio::time::timeout(LIMIT, source.splice_into(file.as_fd(), STEP)).await.unwrap() {
                Direct::Moved(0) => panic!("nothing moved:\n{}", log.text()),
                Direct::Moved(_) if cancels => {
                    stop.cancel();
                    began = Instant::now();
                }
                Direct::Moved(_) => {}
                Direct::Source(error) => break error,
                other => panic!("{other:?}\n{}", log.text()),
            }
        };
        let failure: ftpane::model::Failure = error.downcast().unwrap();
        let expected = if cancels { FailureKind::Cancelled } else { FailureKind::TimedOut };
        assert_eq!(failure.kind, expected, "{}", log.text());
        if cancels {
            assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        }
        source.abandon().await;
    }
}

#[tokio::test]
async fn a_file_that_cannot_take_more_is_the_sinks_error() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("down", pattern(LARGE, 4)));
        let (mut volume, log) = open_on(&server).await;
        let path = below(&volume, "down");
        let mut source = volume.read(&path, 0, &CancellationToken::new()).await.unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = loop {
            match tokio::time::timeout(LIMIT, source.splice_into(full.as_fd(), STEP)).await.unwrap() {
                Direct::Sink(error) => break error,
                Direct::Moved(count) if count > 0 => {}
                other => panic!("{name}: {other:?}\n{}", log.text()),
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{name}");
        source.abandon().await;
    })
    .await;
}
