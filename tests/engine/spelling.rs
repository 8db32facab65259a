//! Targets that are there in another spelling: Unicode forms, large and small letters, and names that the target cannot have.

use ftpane::model::TransferState;
use ftpane::model::transfer::{Extras, Mirror};
use ftpane::model::{Existing, Manner};

use super::rig::*;

const NFC: &str = "caf\u{e9}";
const NFD: &str = "cafe\u{301}";

#[tokio::test(start_paused = true)]
async fn a_target_in_the_other_unicode_form_is_the_same_file() {
    for (there, here) in [(NFC, NFD), (NFD, NFC)] {
        let mut rig = Rig::open().await;
        rig.file(HOST, &format!("/src/{here}"), b"new");
        rig.file(LOCAL, &format!("/dst/{there}"), b"older");
        let mut spec = rig.down(&[("/src", "/dst")]);
        spec.existing = Existing::Overwrite;
        assert_eq!(rig.run(spec).await.failed, 0);
        assert_eq!(rig.content(LOCAL, &format!("/dst/{there}")), Some(b"new".to_vec()));
        assert_eq!(rig.content(LOCAL, &format!("/dst/{here}")), None, "{:?}", rig.paths(LOCAL));
        // Also where it is named by itself.
        rig.file(HOST, &format!("/src/{here}"), b"newest");
        let mut spec = rig.down(&[(&format!("/src/{here}"), &format!("/dst/{here}"))]);
        spec.existing = Existing::Overwrite;
        assert_eq!(rig.run(spec).await.failed, 0);
        assert_eq!(rig.content(LOCAL, &format!("/dst/{there}")), Some(b"newest".to_vec()));
        assert_eq!(rig.content(LOCAL, &format!("/dst/{here}")), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mirror_neither_doubles_nor_deletes_what_is_there_in_the_other_form() {
    let mut rig = Rig::open().await;
    rig.file(HOST, &format!("/src/{NFC}/{NFC}"), b"same");
    rig.file(LOCAL, &format!("/dst/{NFD}/{NFD}"), b"same");
    let mut spec = rig.down(&[("/src", "/dst")]);
    spec.existing = Existing::Differs;
    spec.manner = Manner { mirror: Some(Mirror { extras: Extras::Delete, dry_run: false }), ..Manner::default() };
    let summary = rig.run(spec).await;
    assert_eq!((summary.failed, summary.done, summary.deleted), (0, 0, 0), "{:#?}", rig.seen);
    assert_eq!(rig.paths(LOCAL), ["/dst", &format!("/dst/{NFD}"), &format!("/dst/{NFD}/{NFD}")]);
}

#[tokio::test(start_paused = true)]
async fn where_letters_are_told_apart_twins_both_arrive() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/src/Makefile", b"large");
    rig.file(HOST, "/src/makefile", b"small");
    let spec = rig.down(&[("/src", "/dst")]);
    assert_eq!(rig.run(spec).await.failed, 0);
    assert_eq!(rig.content(LOCAL, "/dst/Makefile"), Some(b"large".to_vec()));
    assert_eq!(rig.content(LOCAL, "/dst/makefile"), Some(b"small".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn where_they_are_not_the_second_twin_is_refused_and_nothing_is_overwritten() {
    for existing in [&["/dst/other"][..], &[]] {
        let mut rig = Rig::open().await;
        rig.host(LOCAL, |host| host.tree.fold_case());
        for path in existing {
            rig.file(LOCAL, path, b"x");
        }
        rig.file(HOST, "/src/Makefile", b"large");
        rig.file(HOST, "/src/makefile", b"small");
        let spec = rig.down(&[("/src", "/dst")]);
        let summary = rig.run(spec).await;
        assert_eq!((summary.done, summary.failed), (1, 1), "{:#?}", rig.seen);
        assert_eq!(rig.content(LOCAL, "/dst/Makefile"), Some(b"large".to_vec()));
        assert!(format!("{:?}", rig.seen).contains("does not tell large letters from small ones"), "{:#?}", rig.seen);
    }
}

#[tokio::test(start_paused = true)]
async fn where_they_are_not_a_target_in_other_letters_is_an_existing_one() {
    let mut rig = Rig::open().await;
    rig.host(LOCAL, |host| host.tree.fold_case());
    rig.file(LOCAL, "/dst/ReadMe.TXT", b"mine");
    rig.file(HOST, "/src/readme.txt", b"theirs");
    for items in [("/src", "/dst"), ("/src/readme.txt", "/dst/readme.txt")] {
        let mut spec = rig.down(&[items]);
        spec.existing = Existing::Skip;
        let summary = rig.run(spec).await;
        assert_eq!((summary.done, summary.skipped, summary.failed), (0, 1, 0), "{items:?} {:#?}", rig.seen);
        assert_eq!(rig.content(LOCAL, "/dst/ReadMe.TXT"), Some(b"mine".to_vec()));
    }
}

#[tokio::test(start_paused = true)]
async fn names_that_the_target_cannot_have_are_mapped_and_come_back() {
    let mut rig = Rig::open().await;
    rig.host(LOCAL, |host| host.tree.like_windows());
    rig.file(HOST, "/src/a:b/what?.txt", b"text");
    rig.file(HOST, "/src/plain", b"plain");
    let spec = rig.down(&[("/src", "/dst")]);
    assert_eq!(rig.run(spec).await.failed, 0);
    assert_eq!(rig.content(LOCAL, "/dst/a%3Ab/what%3F.txt"), Some(b"text".to_vec()), "{:?}", rig.paths(LOCAL));
    let spec = rig.up(&[("/dst", "/back")]);
    assert_eq!(rig.run(spec).await.failed, 0);
    assert_eq!(rig.content(HOST, "/back/a:b/what?.txt"), Some(b"text".to_vec()), "{:?}", rig.paths(HOST));
    assert!(rig.states().values().all(|state| matches!(state, TransferState::Done(_))), "{:?}", rig.states());
}
