//! A listing that is cut is never a directory with fewer files.

use crate::support::program::Program;
use crate::support::script::ScriptServer;

/// A tree with one directory whose first listing is cut within a row, with a 226 behind it.
fn cut_listing(times: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "include rules-hostile.ftp\n\
         on MLST /t -> 250-Look\\r\\n type=dir; /t\\r\\n250 End\n\
         on MLSD* -> 500 No\n\
         on LIST* {times}:\n    S: 150 Here it comes\n    data send \"-rw-r--r-- 1 a b 4 Jan 2 2026 a\\r\\n-rw-r--r-- 1 a \"\n    data fin\n    S: 226 Done\n\
         on LIST*:\n    S: 150 Here it comes\n    data send \"-rw-r--r-- 1 a b 4 Jan 2 2026 a\\r\\n-rw-r--r-- 1 a b 4 Jan 2 2026 b\\r\\n\"\n    data fin\n    S: 226 Done\n\
         S: 220 Ready\nserve\n"
    ))
}

#[test]
fn a_listing_that_is_cut_within_a_row_is_asked_for_again() {
    let server = cut_listing("(1 times)");
    let dir = tempfile::tempdir().unwrap();
    let run = Program::within(dir.path()).run(&["get", "-r", &server.url("t/"), "into", "--retries", "2", "--timeout", "2"]);
    assert_eq!(run.code, Some(0), "{run:#?}\n{}", server.record().dialogue());
    assert_eq!(run.with_state("done").len(), 2, "{run:#?}");
    assert!(dir.path().join("into/b").is_file());
}

#[test]
fn a_directory_whose_listing_is_always_cut_is_a_failure() {
    let server = cut_listing("");
    let dir = tempfile::tempdir().unwrap();
    let run = Program::within(dir.path()).run(&["get", "-r", &server.url("t/"), "into", "--retries", "1", "--timeout", "2"]).ends(1);
    assert!(run.err.contains("ends in the middle of a row"), "{run:#?}");
}
