//! Servers and connections that do not do what they should.

use std::time::Duration;

use ftpane::bus::{Answer, Command, ConnectionEvent, Event, QuestionKind, TransferEvent};
use ftpane::model::site::VolumeSpec;
use ftpane::model::transfer::{Verb, Verified};
use ftpane::model::{Existing, FailureKind, Fingerprint, Secret, TransferState};

use super::rig::*;

#[tokio::test(start_paused = true)]
async fn a_truncated_source_is_never_called_done_and_the_old_file_stays() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(50_000));
    rig.file(LOCAL, "/a", b"old");
    rig.host(HOST, |host| host.faults.truncate = Some(30_000));
    let mut batch = rig.down(&[("/a", "/a")]);
    batch.existing = Existing::Overwrite;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (0, 1));
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::Incomplete);
    assert_eq!(rig.content(LOCAL, "/a"), Some(b"old".to_vec()));
    assert_eq!(rig.content(LOCAL, "/.a.ftpane-part").unwrap().len(), 30_000);
}

#[tokio::test(start_paused = true)]
async fn a_download_whose_connection_breaks_goes_on_at_the_byte() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(300_000));
    rig.host(HOST, |host| host.faults.lose_after = Some(200_000));
    let batch = rig.down(&[("/a", "/a")]);
    let summary = rig.run(batch).await;
    assert_eq!(summary.done, 1, "{summary:?}");
    assert!(summary.bytes < 310_000, "{summary:?}");
    assert!(rig.content(LOCAL, "/a").unwrap() == bytes(300_000));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_somebody_else_wrote_into_is_not_called_done() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/f", &bytes(400_000));
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(10));
    let batch = rig.down(&[("/f", "/f")]);
    let id = rig.enqueue(batch);
    rig.until_moved(100_000).await;
    rig.host(LOCAL, |host| host.tree.node_mut("/.f.ftpane-part").unwrap().bytes.extend([b'!'; 10]));
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed), (0, 1), "{summary:?}");
}

#[tokio::test(start_paused = true)]
async fn a_small_file_that_changed_before_it_was_gone_on_with_is_read_anew() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/f", &bytes(200_000));
    rig.host(HOST, |host| host.faults.lose_after = Some(100_000));
    let batch = rig.down(&[("/f", "/f")]);
    let id = rig.enqueue(batch);
    rig.until(|event| matches!(event, Event::Transfer(TransferEvent::Changed { state: TransferState::Retrying(_), .. })).then_some(()))
        .await;
    let mut other = bytes(200_000);
    // Far from what is compared.
    other[..10].fill(b'!');
    rig.host(HOST, |host| {
        let node = host.tree.node_mut("/f").unwrap();
        (node.bytes, node.modified) = (other.clone(), node.modified + 10);
    });
    assert_eq!(rig.summary(id).await.done, 1, "{:#?}", rig.seen);
    assert!(rig.content(LOCAL, "/f").unwrap() == other);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_changed_by_whole_hours_or_quarters_while_it_was_copied_is_read_anew() {
    for (apart, from) in [(900, HOST), (-3600, HOST), (900, LOCAL)] {
        let mut rig = Rig::open().await;
        rig.file(from, "/f", &bytes(2_000_000));
        rig.host(from, |host| host.faults.block_delay = Duration::from_millis(10));
        let batch = if from == HOST { rig.down(&[("/f", "/copy")]) } else { rig.up(&[("/f", "/copy")]) };
        let id = rig.enqueue(batch);
        rig.until_moved(500_000).await;
        // What was read stays as it was, and so does the size: only the time tells.
        let mut other = bytes(2_000_000);
        other[..10].fill(b'!');
        rig.host(from, |host| {
            let node = host.tree.node_mut("/f").unwrap();
            (node.bytes, node.modified) = (other.clone(), node.modified + apart);
        });
        assert_eq!(rig.summary(id).await.done, 1, "{apart}: {:#?}", rig.seen);
        assert!(rig.content(if from == HOST { LOCAL } else { HOST }, "/copy").unwrap() == other, "{apart}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_connection_breaks_goes_on_at_the_byte() {
    let mut rig = Rig::open().await;
    rig.file(LOCAL, "/a", &bytes(300_000));
    rig.host(HOST, |host| host.faults.lose_after = Some(200_000));
    let batch = rig.up(&[("/a", "/a")]);
    let summary = rig.run(batch).await;
    assert_eq!(summary.done, 1, "{summary:?}");
    assert!(summary.bytes < 310_000, "{summary:?}");
    assert!(rig.content(HOST, "/a").unwrap() == bytes(300_000));
}

#[tokio::test(start_paused = true)]
async fn a_lost_completion_reply_is_checked_by_size_on_a_fresh_connection() {
    for down in [true, false] {
        let mut rig = Rig::open().await;
        rig.file(if down { HOST } else { LOCAL }, "/a", &bytes(30_000));
        rig.host(HOST, |host| host.faults.lose_reply = true);
        let batch = if down { rig.down(&[("/a", "/a")]) } else { rig.up(&[("/a", "/a")]) };
        let summary = rig.run(batch).await;
        assert_eq!((summary.done, summary.bytes), (1, 30_000), "{summary:?}");
        assert_eq!(rig.states()["/a"], TransferState::Done(Verified::SizeAfterLoss));
        assert_eq!(rig.content(if down { LOCAL } else { HOST }, "/a"), Some(bytes(30_000)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_target_of_the_same_size_is_not_taken_for_the_new_file_that_was_lost() {
    let mut rig = Rig::open().await;
    rig.file(LOCAL, "/a", &bytes(30_000));
    rig.file(HOST, "/a", &vec![b'o'; 30_000]);
    rig.host(HOST, |host| (host.faults.lose_reply, host.faults.discards) = (true, true));
    let mut batch = rig.up(&[("/a", "/a")]);
    batch.existing = Existing::Overwrite;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!(rig.content(HOST, "/a"), Some(bytes(30_000)), "the new bytes are there");
}

#[tokio::test(start_paused = true)]
async fn a_rename_whose_reply_is_lost_is_done() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(3000));
    rig.host(HOST, |host| host.faults.lose_rename = true);
    let mut batch = rig.batch((SERVER, HOST), SERVER, &[("/a", "/b")]);
    batch.verb = Verb::Move;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!((rig.content(HOST, "/a"), rig.content(HOST, "/b")), (None, Some(bytes(3000))));
}

#[tokio::test(start_paused = true)]
async fn a_move_whose_last_reply_is_lost_is_done() {
    let mut rig = Rig::open().await;
    rig.file(HOST, "/a", &bytes(3000));
    rig.host(HOST, |host| host.faults.lose_removal = true);
    let mut batch = rig.down(&[("/a", "/a")]);
    batch.verb = Verb::Move;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!((rig.content(LOCAL, "/a"), rig.content(HOST, "/a")), (Some(bytes(3000)), None));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_allows_two_connections_gets_one_lane() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.max_connections = Some(2));
    for n in 0..6 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (6, 0), "{summary:?}");
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 2);
    rig.file(LOCAL, "/up", b"u");
    let batch = rig.up(&[("/up", "/up")]);
    assert_eq!(rig.run(batch).await.done, 1);
}

#[tokio::test(start_paused = true)]
async fn how_many_connections_a_server_allows_is_told_and_begun_with_the_next_time() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.max_connections = Some(2));
    for n in 0..6 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    rig.run(batch).await;
    let told = rig.seen.iter().rev().find_map(|event| if let Event::Learnt { learnt, .. } = event { learnt.connections } else { None });
    assert_eq!(told, Some(2));

    let mut rig = Rig::new(options());
    rig.connect(DISK, VolumeSpec::Local).await;
    let VolumeSpec::Ftp(mut site, secret) = spec(HOST) else { panic!("a server") };
    site.learnt.connections = told;
    rig.connect(SERVER, VolumeSpec::Ftp(site, secret)).await;
    for n in 0..6 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    assert_eq!(rig.run(batch).await.done, 6);
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 2, "the limit was kept to");
    let batch = rig.down(&[("/dir", "/again")]);
    assert_eq!(rig.run(batch).await.done, 6);
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 3, "the server allows more by now");
    let told =
        rig.seen.iter().rev().find_map(|event| if let Event::Learnt { learnt, .. } = event { Some(learnt.connections) } else { None });
    assert_eq!(told, Some(None), "a limit that holds no longer is forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_allows_one_connection_copies_on_the_panes_own_and_the_pane_still_works() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.max_connections = Some(1));
    for n in 0..4 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    rig.list(SERVER, "/").await;
    let summary = rig.summary(id).await;
    assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    assert_eq!(rig.host(HOST, |host| host.counters.most_connected), 1);
    assert_eq!(rig.host(HOST, |host| host.counters.connections), 1);
    rig.list(SERVER, "/dir").await;
}

#[tokio::test(start_paused = true)]
async fn a_login_refused_while_the_same_login_lives_means_too_many_and_asks_nobody() {
    let mut rig = Rig::open().await;
    for n in 0..4 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    rig.host(HOST, |host| {
        host.faults.refuse = Some(ftpane::model::Failure::new(FailureKind::LoginRefused, ftpane::model::During::Login, "too many"));
    });
    let batch = rig.down(&[("/dir", "/dir")]);
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.failed), (4, 0), "{summary:?}");
    assert!(!rig.seen.iter().any(|event| matches!(event, Event::Asked(_))));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_does_not_read_stops_neither_transfers_nor_commands() {
    let mut rig = Rig::open().await;
    for n in 0..3000 {
        rig.file(HOST, &format!("/dir/{n}"), b"x");
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    let id = rig.enqueue(batch);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(600);
    while rig.content(LOCAL, "/dir/2999").is_none() {
        assert!(tokio::time::Instant::now() < deadline, "nothing moves");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(rig.summary(id).await.done, 3000);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_fails_the_batch_once_and_not_file_by_file() {
    let mut rig = Rig::open().await;
    for n in 0..50 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    rig.host(HOST, |host| {
        host.faults.refuse = Some(ftpane::model::Failure::new(FailureKind::Unreachable, ftpane::model::During::Connect, "refused"));
    });
    let started = tokio::time::Instant::now();
    let batch = rig.down(&[("/dir", "/dir")]);
    let summary = rig.run(batch).await;
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::Unreachable);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_password_is_asked_once_for_pane_and_lanes() {
    let mut rig = Rig::new(options());
    rig.host(HOST, |host| host.faults.password = Some("hunter2".into()));
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.send(Command::Open { connection: SERVER, spec: spec(HOST) });
    let question = rig.question().await;
    assert!(matches!(&question.kind, QuestionKind::Password { user, refused: None, .. } if user == "alice"), "{question:?}");
    rig.reply(&question, Answer::Password(Secret::new("wrong")));
    let question = rig.question().await;
    rig.reply(&question, Answer::Password(Secret::new("hunter2")));
    rig.until(|event| matches!(event, Event::Connection(SERVER, ConnectionEvent::Opened(_))).then_some(())).await;
    for n in 0..6 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    assert_eq!(rig.run(batch).await.done, 6);
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Asked(_))).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_password_question_refuses_the_connection() {
    let mut rig = Rig::new(options());
    rig.host(HOST, |host| host.faults.password = Some("hunter2".into()));
    rig.send(Command::Open { connection: SERVER, spec: spec(HOST) });
    let question = rig.question().await;
    rig.reply(&question, Answer::Cancel { all: false });
    let failure = rig
        .until(|event| match event {
            Event::Connection(SERVER, ConnectionEvent::Refused(failure)) => Some(failure.clone()),
            _ => None,
        })
        .await;
    assert_eq!(failure.kind, FailureKind::LoginRefused);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_asked_about_once_for_pane_and_lanes() {
    let mut rig = Rig::new(options());
    let shown = Fingerprint([1; 32]);
    rig.host(HOST, |host| host.faults.certificate = Some(shown));
    rig.connect(DISK, VolumeSpec::Local).await;
    rig.send(Command::Open { connection: SERVER, spec: spec(HOST) });
    let question = rig.question().await;
    let QuestionKind::Certificate { site, certificate } = &question.kind else { panic!("{question:?}") };
    assert_eq!((site.host.as_str(), certificate.fingerprint), (HOST, shown));
    rig.reply(&question, Answer::Trust);
    rig.until(|event| matches!(event, Event::Connection(SERVER, ConnectionEvent::Opened(_))).then_some(())).await;
    for n in 0..6 {
        rig.file(HOST, &format!("/dir/{n}"), &bytes(5000));
    }
    let batch = rig.down(&[("/dir", "/dir")]);
    assert_eq!(rig.run(batch).await.done, 6);
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Asked(_))).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_not_trusted_or_has_changed_refuses_the_connection() {
    let mut rig = Rig::new(options());
    rig.host(HOST, |host| host.faults.certificate = Some(Fingerprint([1; 32])));
    rig.send(Command::Open { connection: SERVER, spec: spec(HOST) });
    let question = rig.question().await;
    rig.reply(&question, Answer::Cancel { all: true });
    let failure = rig.refusal(SERVER).await;
    assert_eq!(failure.kind, FailureKind::Certificate);
    // It is asked about again by who asks again; one that has changed since is a question of its own, which tells what was trusted.
    rig.send(Command::Open { connection: OTHER, spec: spec(HOST) });
    let question = rig.question().await;
    rig.host(HOST, |host| host.faults.certificate = Some(Fingerprint([2; 32])));
    rig.reply(&question, Answer::Trust);
    let question = rig.question().await;
    let QuestionKind::Certificate { certificate, .. } = &question.kind else { panic!("{question:?}") };
    assert_eq!((certificate.pinned.as_slice(), certificate.fingerprint), (&[Fingerprint([1; 32])][..], Fingerprint([2; 32])));
    rig.reply(&question, Answer::Cancel { all: true });
    let failure = rig.refusal(OTHER).await;
    assert_eq!(failure.certificate.unwrap().pinned, [Fingerprint([1; 32])]);
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Asked(_))).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_changed_certificate_that_is_trusted_is_used_and_not_asked_about_again() {
    let mut rig = Rig::new(options());
    rig.host(HOST, |host| host.faults.certificate = Some(Fingerprint([2; 32])));
    let VolumeSpec::Ftp(mut site, secret) = spec(HOST) else { panic!("a server") };
    site.secured.pins = vec![Fingerprint([1; 32])];
    let pinned = VolumeSpec::Ftp(site, secret);
    rig.send(Command::Open { connection: SERVER, spec: pinned.clone() });
    let question = rig.question().await;
    rig.reply(&question, Answer::Trust);
    let opened = |of| move |event: &Event| matches!(event, Event::Connection(id, ConnectionEvent::Opened(_)) if *id == of).then_some(());
    rig.until(opened(SERVER)).await;
    rig.connect(OTHER, pinned).await;
    assert_eq!(rig.seen.iter().filter(|event| matches!(event, Event::Asked(_))).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_about_a_certificate_goes_with_who_asked_it() {
    let mut rig = Rig::new(options());
    rig.host(HOST, |host| host.faults.certificate = Some(Fingerprint([1; 32])));
    rig.send(Command::Open { connection: SERVER, spec: spec(HOST) });
    let question = rig.question().await;
    rig.send(Command::Close { connection: SERVER });
    rig.until(|event| matches!(event, Event::Withdrawn(id) if *id == question.id).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_everything_and_closes_the_channel() {
    let mut rig = Rig::open().await;
    rig.host(HOST, |host| host.faults.block_delay = Duration::from_millis(100));
    rig.file(HOST, "/a", &bytes(1_000_000));
    let batch = rig.down(&[("/a", "/a")]);
    rig.enqueue(batch);
    rig.active().await;
    rig.send(Command::Shutdown);
    let mut cancelled = false;
    while let Some(event) = rig.handle.events.recv().await {
        cancelled |= matches!(event, Event::Transfer(TransferEvent::BatchEnded(summary)) if summary.cancelled == 1);
    }
    assert!(cancelled);
    assert_eq!(rig.host(HOST, |host| host.counters.connected), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_move_left_behind_stays_even_where_deleting_a_directory_deletes_what_is_in_it() {
    let mut rig = Rig::open().await;
    for name in ["kept", "moved"] {
        rig.file(HOST, &format!("/dir/sub/{name}"), &bytes(3000));
    }
    rig.file(LOCAL, "/dir/sub/kept", b"older");
    rig.host(HOST, |host| host.faults.deep_remove_dir = true);
    let mut batch = rig.down(&[("/dir", "/dir")]);
    batch.verb = Verb::Move;
    batch.existing = Existing::Skip;
    let summary = rig.run(batch).await;
    assert_eq!((summary.done, summary.skipped), (1, 1), "{summary:?}");
    assert_eq!(rig.content(HOST, "/dir/sub/kept"), Some(bytes(3000)));
    assert_eq!(rig.content(HOST, "/dir/sub/moved"), None);
}
