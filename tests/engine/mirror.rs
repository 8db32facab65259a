//! Mirrors: only what differs moves, and nothing is deleted before all went well.

use ftpane::bus::{Event, MirrorStep, TransferEvent};
use ftpane::model::transfer::{Extras, Mirror};
use ftpane::model::{BatchSpec, Existing, Manner};

use super::rig::*;

fn mirror(rig: &mut Rig, extras: Extras, dry_run: bool) -> BatchSpec {
    let mut spec = rig.down(&[("/src", "/dst")]);
    spec.existing = Existing::Differs;
    spec.manner = Manner { mirror: Some(Mirror { extras, dry_run }), ..Manner::default() };
    spec
}

/// What was told beside transfers, without the dry run's mark.
fn steps(rig: &Rig) -> Vec<String> {
    let text = |path: &ftpane::model::VPath| String::from_utf8_lossy(path.as_bytes()).into_owned();
    let mut steps: Vec<String> = rig
        .seen
        .iter()
        .filter_map(|event| match event {
            Event::Transfer(TransferEvent::Mirrored { step, .. }) => Some(match step {
                MirrorStep::Copy { target, .. } => format!("copy {}", text(target)),
                MirrorStep::MakeDir(path) => format!("mkdir {}", text(path)),
                MirrorStep::Delete(path, kind) => format!("delete {} {kind:?}", text(path)),
            }),
            _ => None,
        })
        .collect();
    steps.sort();
    steps
}

/// A tree whose target has one file that is the same, one of another size, one that is older, one that is newer, and extras.
async fn rig() -> Rig {
    let rig = Rig::open().await;
    for (name, content) in [("same", "1234"), ("resized", "12345"), ("older", "1234"), ("newer", "1234"), ("sub/new", "n")] {
        rig.file(HOST, &format!("/src/{name}"), content.as_bytes());
    }
    rig.host(HOST, |host| host.tree.dir("/src/empty"));
    for name in ["same", "resized", "older", "newer", "extra", "gone/deep/file"] {
        rig.file(LOCAL, &format!("/dst/{name}"), b"abcd");
    }
    rig.host(LOCAL, |host| {
        host.tree.node_mut("/dst/older").unwrap().modified -= 10;
        host.tree.node_mut("/dst/newer").unwrap().modified += 10;
        host.tree.link("/dst/way out", "/outside");
        host.tree.file("/outside/precious", b"p");
        host.tree.file("/dst/.big.ftpane-part", b"half");
    });
    rig
}

#[tokio::test(start_paused = true)]
async fn only_what_differs_moves_and_extras_stay() {
    let mut rig = rig().await;
    let spec = mirror(&mut rig, Extras::Keep, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.done, summary.skipped, summary.failed, summary.deleted), (3, 2, 0, 0), "{:#?}", rig.seen);
    let text = |at: &str| rig.content(LOCAL, at).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(text("/dst/same").as_deref(), Some("abcd"));
    assert_eq!(text("/dst/newer").as_deref(), Some("abcd"));
    assert_eq!(text("/dst/resized").as_deref(), Some("12345"));
    assert_eq!(text("/dst/older").as_deref(), Some("1234"));
    assert_eq!(text("/dst/sub/new").as_deref(), Some("n"));
    for stays in ["/dst/empty", "/dst/extra", "/dst/gone/deep/file", "/dst/way out"] {
        assert!(rig.paths(LOCAL).iter().any(|path| path == stays), "{stays}");
    }
    // What was copied bears the source's time, so that a second run moves nothing.
    let spec = mirror(&mut rig, Extras::Keep, false);
    let again = rig.run(spec).await;
    assert_eq!((again.done, again.skipped, again.bytes), (0, 5, 0));
}

#[tokio::test(start_paused = true)]
async fn deleting_takes_extras_with_all_in_them_and_links_themselves_only() {
    let mut rig = rig().await;
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.done, summary.failed, summary.deleted), (3, 0, 6), "{:#?}", rig.seen);
    assert_eq!(
        steps(&rig),
        [
            "delete /dst/.big.ftpane-part File",
            "delete /dst/extra File",
            "delete /dst/gone Dir",
            "delete /dst/gone/deep Dir",
            "delete /dst/gone/deep/file File",
            "delete /dst/way out Link"
        ]
    );
    let left: Vec<String> = rig.paths(LOCAL).into_iter().filter(|path| path.starts_with("/dst/")).collect();
    assert_eq!(left, ["/dst/empty", "/dst/newer", "/dst/older", "/dst/resized", "/dst/same", "/dst/sub", "/dst/sub/new"]);
    assert_eq!(rig.content(LOCAL, "/outside/precious"), Some(b"p".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_tells_the_same_steps_and_changes_nothing() {
    let mut rig = rig().await;
    rig.file(HOST, "/src/gone", b"now a file");
    let before = rig.host(LOCAL, |host| (host.tree.paths(), host.tree.node("/dst/resized").cloned()));
    let spec = mirror(&mut rig, Extras::Delete, true);
    let summary = rig.run(spec).await;
    assert_eq!((summary.done, summary.deleted, summary.failed, summary.bytes), (4, 6, 0, 20), "{:#?}", rig.seen);
    assert_eq!(
        steps(&rig),
        [
            "copy /dst/gone",
            "copy /dst/older",
            "copy /dst/resized",
            "copy /dst/sub/new",
            "delete /dst/.big.ftpane-part File",
            "delete /dst/extra File",
            "delete /dst/gone Dir",
            "delete /dst/gone/deep Dir",
            "delete /dst/gone/deep/file File",
            "delete /dst/way out Link",
            "mkdir /dst/empty",
            "mkdir /dst/sub"
        ]
    );
    assert_eq!(rig.host(LOCAL, |host| (host.tree.paths(), host.tree.node("/dst/resized").cloned())), before);
}

#[tokio::test(start_paused = true)]
async fn where_anything_failed_nothing_is_deleted_and_that_is_told() {
    let mut rig = rig().await;
    // A link that leads nowhere cannot be copied.
    rig.host(HOST, |host| host.tree.link("/src/sub/broken", "/nowhere"));
    // Something of another kind in the way is not replaced either.
    rig.file(HOST, "/src/gone", b"now a file");
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.deleted), (2, 0), "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/dst/extra").is_some() && rig.content(LOCAL, "/dst/gone/deep/file").is_some());
    let told = rig.seen.iter().any(|event| {
        matches!(event, Event::Transfer(TransferEvent::Noted { failed: false, failure, .. }) if failure.to_string().contains("without a source"))
    });
    assert!(told, "{:#?}", rig.seen);
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_cannot_be_listed_keeps_all_that_is_below_it() {
    let mut rig = rig().await;
    rig.file(LOCAL, "/dst/sub/extra", b"x");
    rig.host(HOST, |host| host.faults.no_list = Some("/src/sub".to_owned()));
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.deleted), (1, 0), "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/dst/sub/extra").is_some() && rig.content(LOCAL, "/dst/extra").is_some());
}

#[tokio::test(start_paused = true)]
async fn what_is_of_another_kind_is_replaced_only_where_deleting_was_asked_for() {
    let build = async || {
        let rig = Rig::open().await;
        rig.file(HOST, "/src/now dir/inner", b"i");
        rig.file(HOST, "/src/now file", b"f");
        rig.file(HOST, "/src/was link/inner", b"l");
        rig.file(LOCAL, "/dst/now dir", b"old");
        rig.file(LOCAL, "/dst/now file/deep", b"old");
        rig.file(LOCAL, "/outside/precious", b"p");
        rig.host(LOCAL, |host| host.tree.link("/dst/was link", "/outside"));
        rig
    };
    let mut rig = build().await;
    let spec = mirror(&mut rig, Extras::Keep, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.done, summary.failed, summary.deleted), (0, 3, 0), "{:#?}", rig.seen);
    assert_eq!(rig.content(LOCAL, "/dst/now dir"), Some(b"old".to_vec()));

    let mut rig = build().await;
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.done, summary.failed, summary.deleted), (3, 0, 4), "{:#?}", rig.seen);
    assert_eq!(rig.content(LOCAL, "/dst/now dir/inner"), Some(b"i".to_vec()));
    assert_eq!(rig.content(LOCAL, "/dst/now file"), Some(b"f".to_vec()));
    assert_eq!(rig.content(LOCAL, "/dst/was link/inner"), Some(b"l".to_vec()));
    assert_eq!(rig.paths(LOCAL).iter().filter(|path| path.starts_with("/outside")).count(), 2);
    assert_eq!(rig.content(LOCAL, "/outside/precious"), Some(b"p".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn what_may_be_a_source_under_other_letters_is_not_deleted() {
    let mut rig = rig().await;
    rig.file(LOCAL, "/dst/SAME", b"abcd");
    rig.file(LOCAL, "/dst/Sub/file", b"x");
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.deleted), (0, 6), "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/dst/SAME").is_some() && rig.content(LOCAL, "/dst/Sub/file").is_some());
    let told = rig.seen.iter().filter(|event| {
        matches!(event, Event::Transfer(TransferEvent::Noted { failed: false, failure, .. }) if failure.to_string().contains("large and small"))
    });
    assert_eq!(told.count(), 2, "{:#?}", rig.seen);
}

#[tokio::test(start_paused = true)]
async fn a_missing_target_is_made_and_one_that_is_a_file_is_never_deleted() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/src/a", b"a");
    let spec = mirror(&mut rig, Extras::Delete, true);
    rig.run(spec).await;
    assert_eq!(steps(&rig), ["copy /dst/a", "mkdir /dst"]);
    let spec = mirror(&mut rig, Extras::Delete, false);
    assert_eq!(rig.run(spec).await.done, 1);
    assert_eq!(rig.content(LOCAL, "/dst/a"), Some(b"a".to_vec()));
    let mut rig = Rig::open().await;
    rig.file(HOST, "/src/a", b"a");
    rig.file(LOCAL, "/dst", b"mine");
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.done), (1, 0));
    assert_eq!(rig.content(LOCAL, "/dst"), Some(b"mine".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn a_mirror_without_differences_costs_a_listing_a_directory_and_no_event_a_file() {
    let mut rig = Rig::open().await;
    for n in 0..20 {
        for m in 0..50 {
            rig.file(HOST, &format!("/src/{n}/{m}"), b"x");
            rig.file(LOCAL, &format!("/dst/{n}/{m}"), b"x");
        }
    }
    let before = rig.host(HOST, |host| host.counters);
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.skipped, summary.done), (1000, 0));
    let after = rig.host(HOST, |host| host.counters);
    assert!(after.commands - before.commands <= 25, "{before:?} {after:?}");
    assert!(rig.seen.len() < 100, "{}", rig.seen.len());
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_time_could_not_be_kept_is_not_sent_again() {
    let mut rig = Rig::open().await;
    rig.file(LOCAL, "/src/a", b"a");
    rig.host(LOCAL, |host| host.tree.node_mut("/src/a").unwrap().modified = 1_000_000);
    rig.host(HOST, |host| host.faults.no_set_time = true);
    for copied in [1, 0] {
        let mut spec = rig.up(&[("/src", "/dst")]);
        spec.existing = Existing::Differs;
        spec.manner.mirror = Some(Mirror::default());
        assert_eq!(rig.run(spec).await.done, copied);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_lost_while_deleting_is_made_anew_and_the_rest_goes() {
    let mut rig = rig().await;
    for n in 0..30 {
        rig.file(LOCAL, &format!("/dst/extra {n}"), b"x");
    }
    rig.host(LOCAL, |host| host.faults.lose_removal = true);
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    // The first was a partial: where it has gone it may as well have become its file, so that it is not told of.
    assert_eq!((summary.failed, summary.deleted), (0, 35), "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/dst/.big.ftpane-part").is_none());
    assert!(!rig.paths(LOCAL).iter().any(|path| path.contains("extra")));
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_before_its_deletion_is_no_failure_whatever_the_words_of_the_refusal() {
    let mut rig = rig().await;
    rig.host(LOCAL, |host| {
        host.faults.lose_removal = true;
        host.faults.vague_removal = true;
    });
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.deleted), (0, 5), "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/dst/.big.ftpane-part").is_none());
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_deleted_and_is_still_there_is_a_failure() {
    let mut rig = rig().await;
    rig.host(LOCAL, |host| host.faults.no_removal = Some("/dst/extra".into()));
    let spec = mirror(&mut rig, Extras::Delete, false);
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.deleted), (1, 5), "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/dst/extra").is_some());
}
