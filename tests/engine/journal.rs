//! What outlives the program: each run here has a runtime of its own, and ends with it in the middle of whatever it was at.

use std::fs;
use std::time::{Duration, Instant};

use ftpane::bus::{Answer, BatchSummary, Command, Event, QuestionKind, TransferEvent};
use ftpane::engine::{Options, Spawner, start};
use ftpane::model::journal::Unfinished;
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::Verb;
use ftpane::model::{BatchId, BatchSpec, Existing, Failure, FailureKind, RequestId, Secret, Site, TlsPolicy, TransferState, Which};
use ftpane::volume::memory::World;
use tempfile::TempDir;

use super::rig::*;

/// As many bytes as take a while, with the delay of [`Runs::slow`].
const LARGE: usize = 1 << 20;
/// Where nothing must happen: bytes of the part that was there already, at least.
const PART: u64 = 150 << 10;

/// A world and a journal that outlive engines.
struct Runs {
    world: World,
    dir: TempDir,
}

impl Runs {
    fn new() -> Self {
        Self { world: World::default(), dir: tempfile::tempdir().unwrap() }
    }

    /// Where large files take their time, until somebody goes on.
    fn at_leisure() -> Self {
        let runs = Self::new();
        runs.slow(Duration::from_millis(1));
        runs
    }

    /// Blocks take their time.
    fn slow(&self, delay: Duration) {
        for host in [LOCAL, HOST] {
            self.world.with(host, |host| host.faults.block_delay = delay);
        }
    }

    /// One run of the program: it ends without a word when `act` does.
    fn run<T>(&self, act: impl AsyncFnOnce(&mut Rig) -> T) -> T {
        self.run_with(options(), act)
    }

    fn run_with<T>(&self, options: Options, act: impl AsyncFnOnce(&mut Rig) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let out = runtime.block_on(async {
            let options = Options { journal: Some(self.dir.path().to_owned()), ..options };
            let handle = start(self.world.clone(), options, Spawner::Runtime);
            let mut rig = Rig { world: self.world.clone(), handle, seen: Vec::new(), next: 1 };
            act(&mut rig).await
        });
        drop(runtime);
        self.gone();
        out
    }

    /// Waits until no run lives any more.
    fn gone(&self) {
        let since = Instant::now();
        loop {
            let locks = fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path());
            let mut runs = locks.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("run-"));
            if runs.all(|path| fs::File::open(path).unwrap().try_lock().is_ok()) {
                return;
            }
            assert!(since.elapsed() < Duration::from_secs(20), "the journal is still held");
            std::thread::yield_now();
        }
    }

    /// A file that is there.
    fn content(&self, host: &str, at: &str) -> Vec<u8> {
        self.world.with(host, |host| host.tree.node(at).unwrap().bytes.clone())
    }

    /// A run that is killed in the middle of a large file; what is there at its beginning, `files` puts there.
    fn killed_copying(&self, from: &str, (source, target): (&str, &str), files: impl FnOnce(&Rig)) {
        self.run(async |rig| {
            files(rig);
            rig.open_both().await;
            let batch = if from == HOST { rig.down(&[(source, target)]) } else { rig.up(&[(source, target)]) };
            break_off(rig, batch).await;
        });
    }

    /// What the next run is offered.
    fn offered(&self) -> Vec<Unfinished> {
        self.run(offered)
    }

    /// The next run goes on with the only thing that is unfinished; nothing is asked.
    fn go_on(&self) -> (BatchSummary, Vec<String>) {
        self.slow(Duration::ZERO);
        self.run(async |rig| {
            let summary = restore(rig).await;
            assert!(!rig.seen.iter().any(|event| matches!(event, Event::Asked(_))), "{:#?}", rig.seen);
            let queued = rig.queued().into_iter().map(|transfer| String::from_utf8_lossy(transfer.source.path.as_bytes()).into_owned());
            (summary, queued.collect())
        })
    }
}

async fn offered(rig: &mut Rig) -> Vec<Unfinished> {
    rig.until(|event| if let Event::Unfinished(all) = event { Some(all.clone().unwrap()) } else { None }).await
}

/// The number of what a run goes on with.
const RESTORED: BatchId = BatchId(77);

/// Goes on with the only thing that is unfinished.
async fn begin_again(rig: &mut Rig) {
    let all = offered(rig).await;
    assert_eq!(all.len(), 1, "{all:?}");
    rig.send(Command::Restore { journal: all[0].id, batch: RESTORED });
}

async fn restore(rig: &mut Rig) -> BatchSummary {
    begin_again(rig).await;
    rig.summary(RESTORED).await
}

/// Begins with a large file and leaves in the middle.
async fn break_off(rig: &mut Rig, spec: BatchSpec) {
    rig.enqueue(spec);
    rig.until_moved(PART).await;
}

#[test]
fn a_download_that_was_killed_goes_on_where_it_was() {
    let runs = Runs::at_leisure();
    runs.killed_copying(HOST, ("/large", "/copy"), |rig| rig.file(HOST, "/large", &bytes(LARGE)));
    let (summary, _) = runs.go_on();
    assert_eq!((summary.done, summary.failed), (1, 0));
    assert!(summary.bytes < LARGE as u64 - PART, "{} bytes again", summary.bytes);
    assert_eq!(runs.content(LOCAL, "/copy"), bytes(LARGE));
    assert_eq!(runs.offered(), []);
}

#[test]
fn an_upload_that_was_killed_goes_on_where_it_was_and_is_no_conflict() {
    let runs = Runs::at_leisure();
    runs.killed_copying(LOCAL, ("/large", "/copy"), |rig| rig.file(LOCAL, "/large", &bytes(LARGE)));
    let (summary, _) = runs.go_on();
    assert_eq!((summary.done, summary.failed), (1, 0));
    assert!(summary.bytes < LARGE as u64 - PART, "{} bytes again", summary.bytes);
    assert_eq!(runs.content(HOST, "/copy"), bytes(LARGE));
}

#[test]
fn what_is_compared_and_breaks_off_in_good_order_is_not_taken_for_another_file() {
    for up in [true, false] {
        let runs = Runs::new();
        runs.slow(Duration::from_millis(1));
        runs.run(async |rig| {
            rig.file(if up { LOCAL } else { HOST }, "/large", &bytes(LARGE));
            rig.open_both().await;
            let batch = if up { rig.up(&[("/large", "/copy")]) } else { rig.down(&[("/large", "/copy")]) };
            break_off(rig, batch).await;
        });
        runs.world.with(HOST, |host| host.faults.ends_after = Some(20_000));
        let (summary, _) = runs.go_on();
        assert!(runs.world.with(HOST, |host| host.faults.ends_after.is_none()), "it was not read");
        assert_eq!((summary.done, summary.failed), (1, 0));
        assert!(summary.bytes < LARGE as u64 - PART, "{} bytes again", summary.bytes);
        let target = if up { HOST } else { LOCAL };
        assert_eq!(runs.world.with(target, |host| host.tree.node("/copy").unwrap().bytes.clone()), bytes(LARGE));
    }
}

#[test]
fn a_partial_from_when_the_target_was_to_be_replaced_does_not_stay_when_the_target_is_gone_on_with() {
    let runs = Runs::new();
    runs.slow(Duration::from_millis(1));
    runs.run(async |rig| {
        rig.file(LOCAL, "/large", &bytes(LARGE));
        rig.open_both().await;
        let batch = rig.up(&[("/large", "/copy")]);
        break_off(rig, batch).await;
    });
    runs.world.with(HOST, |host| host.tree.file("/.copy.ftpane-part", b"begun"));
    let (summary, _) = runs.go_on();
    assert_eq!((summary.done, summary.failed), (1, 0));
    assert!(runs.world.with(HOST, |host| host.tree.node("/.copy.ftpane-part").is_none()));
}

#[test]
fn what_is_left_of_files_is_not_forgotten_by_a_run_that_ends_before_it_comes_to_them() {
    for host in [HOST, LOCAL] {
        let runs = Runs::at_leisure();
        runs.run(async |rig| {
            let items: Vec<(&str, &str)> = vec![("/a", "/a copy"), ("/b", "/b copy"), ("/c", "/c copy")];
            for (name, _) in &items {
                rig.file(host, name, &bytes(LARGE));
            }
            rig.open_both().await;
            let batch = if host == HOST { rig.down(&items) } else { rig.up(&items) };
            rig.send(Command::Enqueue(batch));
            rig.meters_where(|meters| meters.active.iter().filter(|transfer| transfer.done > PART).count() >= 2).await;
        });
        // Two ends in good order, the first before anything is looked at, the second with one lane at the first of them.
        for lanes in [None, Some(1)] {
            runs.run_with(Options { lanes: lanes.unwrap_or(2), ..options() }, async |rig| {
                begin_again(rig).await;
                if lanes.is_some() {
                    rig.active().await;
                }
                rig.end().await;
            });
        }
        let (summary, _) = runs.go_on();
        assert_eq!((summary.done, summary.failed), (3, 0), "{summary:?}");
        assert!(summary.bytes < 3 * LARGE as u64 - 2 * PART, "{} bytes again", summary.bytes);
    }
}

/// As many bytes as take much longer than what is told to the journal waits there, a millisecond a block.
const LONG: usize = 2 << 20;

/// Reads what was told until now.
fn id_of(rig: &mut Rig, source: &str) -> ftpane::model::TransferId {
    while let Ok(event) = rig.handle.events.try_recv() {
        rig.seen.push(event);
    }
    rig.queued().iter().find(|transfer| transfer.source.path == path(source)).unwrap().id
}

#[test]
fn what_a_person_cancelled_alone_is_not_brought_back() {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        rig.file(HOST, "/dir/unwanted", &bytes(LONG));
        rig.file(HOST, "/dir/wanted", &bytes(LONG));
        rig.open_both().await;
        let batch = rig.down(&[("/dir", "/dir")]);
        rig.enqueue(batch);
        rig.meters_where(|meters| meters.active.len() == 2 && meters.active.iter().all(|transfer| transfer.done > PART)).await;
        let (unwanted, wanted) = (id_of(rig, "/dir/unwanted"), id_of(rig, "/dir/wanted"));
        rig.send(Command::CancelTransfer(unwanted));
        rig.meters_where(|meters| meters.active.iter().any(|transfer| transfer.id == wanted && transfer.done > 3 << 19)).await;
    });
    runs.slow(Duration::ZERO);
    let (summary, queued) = runs.go_on();
    assert_eq!((summary.done, queued), (1, vec!["/dir/wanted".to_owned()]), "{summary:?}");
    assert!(!runs.world.with(LOCAL, |host| host.tree.node("/dir/unwanted").is_some()));
}

#[test]
fn what_is_tried_again_after_its_batch_was_over_survives_a_kill() {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        rig.file(HOST, "/dir/f", &bytes(LONG));
        rig.open_both().await;
        let batch = rig.down(&[("/dir", "/dir")]);
        let id = rig.enqueue(batch);
        rig.until_moved(PART).await;
        let moving = id_of(rig, "/dir/f");
        rig.send(Command::CancelTransfer(moving));
        assert_eq!(rig.summary(id).await.cancelled, 1);
        rig.send(Command::Retry(Which::Transfer(moving)));
        rig.until_moved(7 << 18).await;
    });
    runs.slow(Duration::ZERO);
    let (summary, _) = runs.go_on();
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(runs.content(LOCAL, "/dir/f") == bytes(LONG));
}

#[test]
fn a_mirror_that_deletes_spares_the_journal_and_nothing_that_is_only_called_alike() {
    let runs = Runs::new();
    runs.run(async |rig| {
        let journal = runs.dir.path().to_str().unwrap();
        let parent = runs.dir.path().parent().unwrap().to_str().unwrap();
        rig.file(HOST, "/src/f", b"f");
        rig.file(LOCAL, &format!("{journal}/journal.db"), b"j");
        rig.file(LOCAL, &format!("{journal}-of-old/file"), b"o");
        rig.open_both().await;
        let mut batch = rig.down(&[("/src", parent)]);
        batch.existing = Existing::Differs;
        batch.manner.mirror = Some(ftpane::model::transfer::Mirror { extras: ftpane::model::transfer::Extras::Delete, dry_run: false });
        let summary = rig.run(batch).await;
        assert_eq!((summary.done, summary.deleted, summary.failed), (1, 2, 0), "{summary:?}");
        assert_eq!(rig.content(LOCAL, &format!("{journal}/journal.db")), Some(b"j".to_vec()));
    });
}

#[test]
fn a_mirror_that_deletes_leaves_partials_that_the_journal_knows_and_no_others() {
    for dry_run in [true, false] {
        let runs = Runs::at_leisure();
        // Something else, into the directory that is mirrored to, was broken off.
        runs.killed_copying(HOST, ("/large", "/dst/sub/large"), |rig| {
            rig.file(HOST, "/large", &bytes(LARGE));
            rig.file(HOST, "/src/f", b"f");
            rig.file(LOCAL, "/dst/.stray.ftpane-part", b"nobody's");
            rig.file(LOCAL, "/dst/sub/.old.ftpane-part", b"nobody's");
            rig.file(LOCAL, "/dst/old/.gone.ftpane-part", b"nobody's");
        });
        runs.slow(Duration::ZERO);
        runs.run(async |rig| {
            rig.open_both().await;
            let mut batch = rig.down(&[("/src", "/dst")]);
            batch.existing = Existing::Differs;
            batch.manner.mirror = Some(ftpane::model::transfer::Mirror { extras: ftpane::model::transfer::Extras::Delete, dry_run });
            let summary = rig.run(batch).await;
            assert_eq!((summary.done, summary.deleted, summary.failed), (1, 4, 0), "{summary:?}");
            let mut left = rig.paths(LOCAL);
            left.retain(|path| path.ends_with("-part"));
            let known = "/dst/sub/.large.ftpane-part";
            if dry_run {
                assert_eq!(left.len(), 4, "{left:?}");
            } else {
                assert_eq!(left, [known]);
            }
        });
        if !dry_run {
            // It goes on where it was.
            let (summary, _) = runs.go_on();
            assert!(summary.done == 1 && summary.bytes < LARGE as u64, "{summary:?}");
        }
    }
}

#[test]
fn the_same_copy_asked_for_anew_goes_on_by_itself_unless_the_source_has_changed() {
    for changed in [false, true] {
        let runs = Runs::at_leisure();
        runs.killed_copying(HOST, ("/large", "/copy"), |rig| rig.file(HOST, "/large", &bytes(LARGE)));
        runs.slow(Duration::ZERO);
        let mut content = bytes(LARGE);
        if changed {
            // Far from what is compared: only the time tells.
            content[5] ^= 1;
            runs.world.with(HOST, |host| {
                let node = host.tree.node_mut("/large").unwrap();
                (node.bytes, node.modified) = (content.clone(), node.modified + 10);
            });
        }
        let summary = runs.run(async |rig| {
            rig.open_both().await;
            let batch = rig.down(&[("/large", "/copy")]);
            rig.run(batch).await
        });
        assert_eq!(summary.done, 1, "{summary:?}");
        assert_eq!(summary.bytes == LARGE as u64, changed, "{} bytes", summary.bytes);
        assert!(runs.content(LOCAL, "/copy") == content);
    }
}

#[test]
fn what_was_done_is_passed_over_and_the_rest_is_done_once() {
    let runs = Runs::new();
    runs.slow(Duration::from_millis(5));
    let done = runs.run(async |rig| {
        for n in 0..40 {
            rig.file(HOST, &format!("/tree/{n}"), &bytes(1000 + n));
        }
        rig.open_both().await;
        let batch = rig.down(&[("/tree", "/copy")]);
        rig.enqueue(batch);
        let mut done = 0;
        rig.until(|event| {
            let is_done = matches!(event, Event::Transfer(TransferEvent::Changed { state: TransferState::Done(_), .. }));
            done += usize::from(is_done);
            (done == 15).then_some(())
        })
        .await;
        rig.states().into_iter().filter(|(_, state)| matches!(state, TransferState::Done(_))).map(|(name, _)| name).collect::<Vec<_>>()
    });
    let (summary, queued) = runs.go_on();
    assert_eq!(summary.failed + summary.skipped, 0);
    assert_eq!(summary.done as usize, queued.len());
    assert!(queued.len() >= 40 - done.len() - 2 && queued.len() <= 25, "{} again after {}", queued.len(), done.len());
    assert!(queued.iter().all(|name| !done.contains(name)), "{queued:?} {done:?}");
    for n in 0..40 {
        let there = runs.content(LOCAL, &format!("/copy/{n}"));
        assert_eq!(there, bytes(1000 + n));
    }
    assert_eq!(runs.offered(), []);
}

#[test]
fn a_target_that_changed_since_is_asked_about_again() {
    let runs = Runs::at_leisure();
    runs.killed_copying(HOST, ("/tree", "/copy"), |rig| {
        rig.file(HOST, "/tree/a", &bytes(10));
        rig.file(HOST, "/tree/large", &bytes(LARGE));
    });
    assert_eq!(runs.content(LOCAL, "/copy/a"), bytes(10));
    runs.slow(Duration::ZERO);
    runs.world.with(LOCAL, |host| host.tree.file("/copy/a", &bytes(9)));
    let answered = runs.run(async |rig| {
        begin_again(rig).await;
        let question = rig.question().await;
        let about = match &question.kind {
            QuestionKind::Existing { target, .. } => target.path.clone(),
            QuestionKind::Password { .. } | QuestionKind::Account { .. } | QuestionKind::Certificate { .. } => panic!("{question:?}"),
        };
        rig.reply(&question, Answer::Existing { rule: Existing::Overwrite, all: false, name: None });
        rig.summary(RESTORED).await;
        about
    });
    assert_eq!(answered, path("/copy/a"));
}

#[test]
fn what_a_move_took_away_in_its_last_moment_is_no_failure() {
    let runs = Runs::new();
    runs.run(async |rig| {
        for name in ["/one", "/two", "/dir/three"] {
            rig.file(HOST, name, &bytes(10));
        }
        rig.open_both().await;
        // Nothing can be reached from here on: the batch is written down, and nothing of it is done.
        rig.host(HOST, |host| host.faults.refuse = Some(unreachable()));
        let batch = rig.down(&[("/one", "/to/one"), ("/two", "/to/two"), ("/dir", "/to/dir")]);
        let batch = BatchSpec { verb: Verb::Move, ..batch };
        rig.host(LOCAL, |host| host.tree.dir("/to"));
        assert!(rig.run(batch).await.failed > 0);
    });
    let mut after = ftpane::volume::memory::Tree::default();
    after.file("/two", &bytes(10));
    runs.world.with(HOST, |host| (host.faults.refuse, host.tree) = (None, after));
    runs.world.with(LOCAL, |host| {
        host.tree.file("/to/one", &bytes(10));
        host.tree.file("/to/dir/three", &bytes(10));
    });
    let (summary, queued) = runs.go_on();
    assert_eq!((summary.done, summary.failed, queued), (1, 0, vec!["/two".to_owned()]), "{summary:?}");
    assert_eq!(runs.offered(), []);
}

#[test]
fn an_orderly_end_keeps_what_runs_and_not_what_was_cancelled() {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        rig.file(HOST, "/kept", &bytes(LARGE));
        rig.file(HOST, "/dropped", &bytes(LARGE));
        rig.open_both().await;
        let dropped = rig.down(&[("/dropped", "/a")]);
        let dropped = rig.enqueue(dropped);
        rig.active().await;
        let kept = rig.down(&[("/kept", "/b")]);
        break_off(rig, kept).await;
        rig.send(Command::CancelBatch(dropped));
        rig.end().await;
    });
    let offered = runs.offered();
    assert_eq!(offered.iter().map(|one| one.from.as_str()).collect::<Vec<_>>(), ["ftp://alice@server//kept"]);
}

#[test]
fn what_failed_for_good_is_over_and_what_may_pass_is_offered_again() {
    for (kind, expected) in [(FailureKind::Unreachable, 1), (FailureKind::Refused, 0)] {
        let runs = Runs::new();
        runs.run(async |rig| {
            rig.file(HOST, "/a", &bytes(10));
            rig.open_both().await;
            let failure = Failure::new(kind, ftpane::model::During::Connect, "no");
            rig.host(HOST, |host| host.faults.refuse = Some(failure));
            let batch = rig.down(&[("/a", "/b")]);
            assert!(rig.run(batch).await.failed > 0);
        });
        assert_eq!(runs.offered().len(), expected, "{kind:?}");
    }
}

#[test]
fn an_answer_for_all_holds_for_the_next_run() {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        for name in ["/tree/1", "/tree/2"] {
            rig.file(HOST, name, &bytes(10));
            rig.file(LOCAL, &name.replace("tree", "copy"), &bytes(20));
        }
        rig.file(HOST, "/tree/large", &bytes(LARGE));
        rig.open_both().await;
        let batch = rig.down(&[("/tree", "/copy")]);
        rig.enqueue(batch);
        let question = rig.question().await;
        rig.reply(&question, Answer::Existing { rule: Existing::Skip, all: true, name: None });
        rig.until_moved(PART).await;
    });
    // New among the targets: nothing was said of it, but of all.
    runs.world.with(HOST, |host| host.tree.file("/tree/3", &bytes(10)));
    runs.world.with(LOCAL, |host| host.tree.file("/copy/3", &bytes(20)));
    let (summary, queued) = runs.go_on();
    assert_eq!((summary.done, summary.skipped, summary.failed), (1, 1, 0), "{queued:?}");
    assert_eq!(runs.content(LOCAL, "/copy/1"), bytes(20));
}

#[test]
fn a_short_upload_of_which_nothing_is_known_is_never_passed_off_as_skipped() {
    let runs = Runs::new();
    runs.run(async |rig| {
        rig.file(LOCAL, "/a", &bytes(1000));
        rig.open_both().await;
        rig.host(HOST, |host| host.faults.refuse = Some(unreachable()));
        let batch = rig.up(&[("/a", "/b")]);
        assert!(rig.run(BatchSpec { existing: Existing::Skip, ..batch }).await.failed > 0);
    });
    runs.world.with(HOST, |host| host.faults.refuse = None);
    runs.world.with(HOST, |host| host.tree.file("/b", &bytes(400)));
    let (summary, _) = runs.go_on();
    assert_eq!((summary.done, summary.skipped, summary.failed), (0, 0, 1));
}

#[test]
fn the_password_is_asked_for_anew_and_stands_nowhere() {
    let runs = Runs::at_leisure();
    runs.world.with(HOST, |host| host.faults.password = Some("xyzzy-sesame".into()));
    let password = || Answer::Password(Secret::new("xyzzy-sesame"));
    runs.run(async |rig| {
        rig.file(HOST, "/large", &bytes(LARGE));
        rig.connect(DISK, VolumeSpec::Local).await;
        rig.send(Command::Open { connection: SERVER, spec: spec(HOST) });
        let question = rig.question().await;
        rig.reply(&question, password());
        let batch = rig.down(&[("/large", "/copy")]);
        break_off(rig, batch).await;
    });
    for entry in fs::read_dir(runs.dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"xyzzy-sesame"));
    }
    runs.slow(Duration::ZERO);
    let summary = runs.run(async |rig| {
        begin_again(rig).await;
        let question = rig.question().await;
        assert!(matches!(&question.kind, QuestionKind::Password { user, .. } if user == "alice"));
        rig.reply(&question, password());
        rig.summary(RESTORED).await
    });
    assert_eq!((summary.done, summary.failed), (1, 0));
}

#[test]
fn what_was_done_is_found_again() {
    let runs = Runs::new();
    runs.run(async |rig| {
        rig.file(HOST, "/Report.txt", &bytes(10));
        rig.open_both().await;
        let batch = rig.down(&[("/Report.txt", "/a")]);
        rig.run(batch).await;
    });
    let rows = runs.run(async |rig| {
        rig.send(Command::History { request: RequestId(5), words: "report".into(), limit: 10 });
        rig.until(|event| if let Event::Past { rows, .. } = event { Some(rows.clone().unwrap()) } else { None }).await
    });
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].source.as_str(), rows[0].target.as_str(), rows[0].size), ("ftp://alice@server//Report.txt", "/a", Some(10)));
    assert!(rows[0].outcome.is_ok());
}

#[test]
fn without_a_journal_nothing_can_be_restored_and_that_is_said() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut rig = Rig::new(options());
        rig.send(Command::Restore { journal: 1, batch: BatchId(9) });
        assert_eq!(rig.summary(BatchId(9)).await.failed, 1);
    });
}

/// Two files fail because the server is lost, and these are tried again: how many batches the next run is offered.
fn offered_after_retrying(retried: &[&str]) -> usize {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        for name in ["/a", "/b"] {
            rig.file(HOST, name, &bytes(LARGE));
        }
        rig.open_both().await;
        let batch = rig.down(&[("/a", "/a"), ("/b", "/b")]);
        let id = rig.enqueue(batch);
        rig.active().await;
        rig.host(HOST, |host| (host.faults.refuse, host.faults.lose_every) = (Some(unreachable()), Some(1)));
        assert_eq!(rig.summary(id).await.failed, 2);
        rig.host(HOST, |host| (host.faults.refuse, host.faults.lose_every) = (None, None));
        for name in retried {
            let transfer = rig.queued().into_iter().find(|transfer| transfer.source.path == path(name)).unwrap();
            rig.send(Command::Retry(Which::Transfer(transfer.id)));
            assert_eq!(rig.summary(id).await.done, 1);
        }
        rig.end().await;
    });
    runs.offered().len()
}

#[test]
fn what_still_failed_is_offered_although_something_else_of_its_batch_was_retried() {
    assert_eq!(offered_after_retrying(&["/a"]), 1);
    assert_eq!(offered_after_retrying(&["/a", "/b"]), 0);
}

#[test]
fn what_is_forgotten_is_offered_no_more() {
    let runs = Runs::new();
    runs.run(async |rig| {
        rig.file(HOST, "/a", &bytes(10));
        rig.open_both().await;
        rig.host(HOST, |host| host.faults.refuse = Some(unreachable()));
        let batch = rig.down(&[("/a", "/b")]);
        assert!(rig.run(batch).await.failed > 0);
        rig.send(Command::Forget(Which::All));
        rig.end().await;
    });
    assert_eq!(runs.offered(), []);
}

#[test]
fn what_was_over_and_is_tried_again_survives_a_kill() {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        rig.file(HOST, "/a", &bytes(LARGE));
        rig.open_both().await;
        let batch = rig.down(&[("/a", "/b")]);
        let id = rig.enqueue(batch);
        rig.active().await;
        rig.send(Command::CancelBatch(id));
        assert_eq!(rig.summary(id).await.cancelled, 1);
        rig.send(Command::Retry(Which::Batch(id)));
        rig.active().await;
        // Once the journal answers, it has all that it was told before.
        rig.send(Command::History { request: RequestId(1), words: String::new(), limit: 1 });
        rig.until(|event| matches!(event, Event::Past { .. }).then_some(())).await;
    });
    let (summary, _) = runs.go_on();
    assert_eq!((summary.done, summary.failed), (1, 0));
}

#[test]
fn a_batch_of_an_earlier_run_that_met_no_server_passes_over_what_was_done_when_it_is_tried_again() {
    let runs = Runs::at_leisure();
    runs.run(async |rig| {
        for n in 0..3 {
            rig.file(HOST, &format!("/tree/{n}"), &bytes(10));
        }
        rig.file(HOST, "/tree/large", &bytes(LARGE));
        rig.open_both().await;
        let batch = rig.down(&[("/tree", "/copy")]);
        let batch = BatchSpec { existing: Existing::Overwrite, ..batch };
        break_off(rig, batch).await;
    });
    runs.slow(Duration::ZERO);
    runs.world.with(HOST, |host| host.faults.refuse = Some(unreachable()));
    runs.run(async |rig| {
        assert_eq!(restore(rig).await.failed, 1);
        rig.host(HOST, |host| host.faults.refuse = None);
        rig.send(Command::Retry(Which::All));
        let summary = rig.until(|event| if let Event::Transfer(TransferEvent::BatchEnded(one)) = event { Some(one.clone()) } else { None });
        let summary = summary.await;
        let queued: Vec<_> = rig.queued().into_iter().map(|transfer| transfer.source.path).collect();
        assert_eq!((summary.done, summary.failed, queued), (1, 0, vec![path("/tree/large")]));
    });
    assert_eq!(runs.offered(), []);
}

#[test]
fn what_goes_on_by_the_name_of_a_site_that_requires_tls_by_now_does_so_over_tls() {
    let site = |name: &str, tls| Site { name: name.into(), user: Some("alice".into()), tls, ..Site::of_host(HOST) };
    for (name, goes_on_by) in [("work", TlsPolicy::Required), ("other", TlsPolicy::Off)] {
        let runs = Runs::at_leisure();
        runs.run(async |rig| {
            rig.file(HOST, "/large", &bytes(LARGE));
            rig.connect(DISK, VolumeSpec::Local).await;
            rig.connect(SERVER, VolumeSpec::Ftp(Box::new(site(name, TlsPolicy::Off)), None)).await;
            let batch = rig.down(&[("/large", "/copy")]);
            break_off(rig, batch).await;
        });
        runs.slow(Duration::ZERO);
        let moved = runs.run(async |rig| {
            rig.host(HOST, |host| host.moved.clear());
            rig.send(Command::Saved(vec![site("work", TlsPolicy::Required)]));
            assert_eq!(restore(rig).await.done, 1);
            rig.host(HOST, |host| host.moved.clone())
        });
        assert!(!moved.is_empty() && moved.iter().all(|(_, tls)| *tls == goes_on_by), "{name}: {moved:?}");
    }
}
