//! The end at any moment.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::*;

const CHILD: &str = "FTPANE_TEST_JOURNAL";

/// Not a test by itself: what the one below kills.
#[test]
fn writes_without_end_where_it_is_told_to() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let mut open = Open::at(Path::new(&dir));
    for batch in 1.. {
        open.record(batch, &kept());
        for n in 0..50 {
            open.journal.write(Entry::File(BatchId(batch), Box::new(file(&format!("{batch}-{n}"), FileEnd::Done(Verified::Size)))));
            open.journal.write(Entry::Partial(Box::new(partial(&format!("{n}")))));
        }
        println!("\nrecorded {batch}");
        if batch % 2 == 0 {
            open.journal.write(Entry::Over(BatchId(batch)));
        }
    }
}

#[test]
fn a_kill_at_any_moment_leaves_a_sound_journal_with_every_batch_that_was_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorded_in_all = 0;
    for round in 1..=8u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "engine::journal::tests::kill::writes_without_end_where_it_is_told_to", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let recorded = lines.filter(|line| line.starts_with("recorded ")).take(usize::try_from(round * 3).unwrap()).count() as u64;
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(recorded, round * 3);
        recorded_in_all += recorded;
        let check: String = db(dir.path()).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        let batches: i64 = db(dir.path()).query_row("SELECT count(*) FROM batches", [], |row| row.get(0)).unwrap();
        let batches = batches.cast_unsigned();
        assert!(batches >= recorded_in_all, "{batches} of {recorded_in_all}");
        // What the killed run wrote beyond what was told counts as well.
        recorded_in_all = batches;
        let mut next = Open::at(dir.path());
        let offered = next.unfinished();
        assert!(offered.len() as u64 >= batches / 2, "{} of {batches}", offered.len());
        next.restore(offered[0].id, 1).unwrap();
    }
}
