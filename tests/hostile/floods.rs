//! C01, C02, D15: more than anybody can hold. Memory is that of the process at its peak.
//!
//! `FTPANE_HOSTILE_ROWS=12000000 cargo test --features demo --release --test hostile floods` runs the listing at its full size.

use std::time::Duration;

use crate::rig::{MOST_KIB, PASSWORD, Place, close_and_quit, peak_kib, server_with, url};
use crate::support::pty::{Builder, Key};
use crate::support::script::ScriptServer;
use crate::support::wait::wait_for;

/// The most memory for an endless listing.
const LISTING_KIB: u64 = 600 * 1024;

fn rows() -> u64 {
    std::env::var("FTPANE_HOSTILE_ROWS").map_or(100_000, |rows| rows.parse().unwrap())
}

#[test]
fn greetings_without_an_end_are_an_error_in_time_and_in_little_memory() {
    for script in ["c01-endless-greeting", "c02-endless-line"] {
        let server = ScriptServer::play(script);
        Place::new().run_with(&["ls", &url(&server, "")], 100 * 1024).ends(3).says("too long").within(5);
    }
}

#[test]
fn other_replies_without_an_end_are_an_error_too() {
    for flood in [
        // Blank lines count, and so do lines that belong to no reply, and bytes that are no text.
        "S: 230-many\n    S forever: ",
        "S: 230-many\n    S forever:  230 x",
        "S raw forever: \\0",
        "S forever: ",
        "S forever: 999 x",
        "S forever: 1",
    ] {
        let server = ScriptServer::play_text(&format!("on PASS *:\n    {flood}\ninclude rules-hostile.ftp\nS: 220 Ready\nserve\n"));
        let run = Place::new().run_with(&["ls", &url(&server, "")], 100 * 1024).within(6);
        assert!(matches!(run.code, Some(1 | 3)), "{flood}: {run:#?}");
    }
    for greeting in ["S: 220-many\nS forever: \n", "S forever: \n", "S forever: 120 soon\n"] {
        let server = ScriptServer::play_text(greeting);
        Place::new().run_with(&["ls", &url(&server, "")], 100 * 1024).ends(3).within(6);
    }
}

#[test]
fn a_reply_that_grows_in_the_middle_of_a_session_is_an_error() {
    for command in ["FEAT", "PWD", "MLSD*", "TYPE *"] {
        let server = server_with(&format!("on {command}:\n    S: 211-many\n    S forever:  MLST\n"));
        let run = Place::new().run_with(&["ls", &url(&server, "")], 100 * 1024).within(6);
        assert!(matches!(run.code, Some(1 | 3)), "{command}: {run:#?}");
    }
}

#[test]
fn a_listing_of_noise_without_an_end_is_an_error() {
    for noise in ["x", "noise that is no row\\r\\n", "type=cdir; .\\r\\n", "\\r\\n", "type=file; ../up\\r\\n", "\\0"] {
        let server = server_with(&format!("on MLSD*:\n    S: 150 here\n    data send forever \"{noise}\"\n    S: 426 stopped"));
        let run = Place::new().run(&["ls", &url(&server, "")]);
        assert_eq!(run.code, Some(1), "{noise}: {run:#?}");
    }
}

#[test]
fn a_row_of_ten_megabytes_is_one_row_that_cannot_be_read() {
    let server = server_with(
        "on MLSD*:\n    S: 150 here\n    data send \"type=file; good.txt\\r\\ntype=file; \"\n    data send repeat 10000000 \"x\"\n    data send \"\\r\\ntype=file; behind.txt\\r\\n\"\n    data fin\n    S: 226 done",
    );
    let run = Place::new().run_with(&["ls", "--json", &url(&server, "")], 100 * 1024).ends(0);
    assert_eq!(run.out.lines().filter(|line| line.contains("unparsed")).count(), 1);
    assert!(run.out.contains("good.txt") && run.out.contains("behind.txt"));
}

#[test]
fn a_directory_of_a_great_many_rows_is_read_in_bounded_memory() {
    let rows = rows();
    let server = server_with(&format!(
        "on MLSD*:\n    S: 150 here\n    data send repeat {rows} \"type=file;size=1;modify=20260102030405;UNIX.mode=0644; a-name-of-common-length.txt\\r\\n\"\n    S: 426 cut\n    data fin"
    ));
    let place = Place::new();
    // A copy holds all rows before it begins; cut, the listing is an error, so that no file is asked for.
    let run = place.start(&["get", "-r", &url(&server, ""), "."]).wait(Duration::from_secs(300));
    let run = place.judge(run, LISTING_KIB).ends(1);
    assert_eq!(place.names(), Vec::<Vec<u8>>::new(), "{}", run.err);
    // So that a directory of two million, which is the most, stays below the limit; the program itself takes some 20 MiB.
    let a_row = run.kib.saturating_sub(20 * 1024) * 1024 / rows.min(2_000_000);
    assert!(a_row < 280, "{a_row} bytes a row");
}

#[test]
fn an_endless_listing_can_be_interrupted() {
    let server = server_with("on MLSD*:\n    S: 150 here\n    data send forever \"type=file;size=1; name\\r\\n\"\n    S: 426 stopped");
    for words in [["ls", ""], ["get", "-r"]] {
        let place = Place::new();
        let from = url(&server, "");
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).chain([from.as_str()]).collect();
        let before = server.record().count("MLSD");
        let running = place.start(&words);
        wait_for("the listing to begin", || server.record().count("MLSD") > before);
        running.interrupt();
        place.judge(running.wait(Duration::from_secs(10)), LISTING_KIB).ends(130);
    }
}

#[test]
fn an_endless_directory_leaves_the_keys_alive_and_can_be_stopped() {
    let server = server_with(
        "on MLSD*:\n    S: 150 here\n    data send forever \"type=file;size=1; name\\r\\n\"\n    S: 426 stopped\non NOOP -> 200 ok",
    );
    let mut screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).start();
    screen.wait_text("name");
    screen.ctrl('c');
    screen.wait_text("cancelled");
    screen.key(Key::F(1));
    screen.wait_text("View the file");
    assert!(peak_kib(screen.pid()) < LISTING_KIB, "{} KiB", peak_kib(screen.pid()));
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()));
    close_and_quit(&mut screen, "View the file");
}

#[test]
fn a_download_without_an_end_can_be_interrupted_and_is_no_whole_file() {
    let server = server_with("on RETR *:\n    S: 150 here\n    data send forever \"0123456789\"\n    S: 426 stopped");
    let place = Place::new();
    let running = place.start(&["get", &url(&server, "a.txt")]);
    wait_for("the transfer to begin", || server.record().count("RETR") > 0);
    running.interrupt();
    place.judge(running.wait(Duration::from_secs(10)), MOST_KIB).ends(130);
    assert_eq!(place.whole(), Vec::<Vec<u8>>::new());
}

#[test]
fn a_directory_of_very_long_names_is_an_error_before_it_fills_the_memory() {
    let row = format!("type=file;size=1; {}\\r\\n", "n".repeat(1_000));
    let server = server_with(&format!("on MLSD*:\n    S: 150 here\n    data send forever \"{row}\"\n    S: 426 stopped"));
    for words in [&["ls"][..], &["get", "-r"]] {
        let from = url(&server, "");
        Place::new().run_with(&[words, &[&from]].concat(), MOST_KIB).ends(1).says("the names in the directory have more than");
    }
}

#[test]
fn what_a_server_says_about_each_of_many_failures_is_not_kept_in_full() {
    let files: String = (0..400).map(|number| format!("type=file;size=4; f{number}\\r\\n")).collect();
    let words = "a".repeat(4_000);
    let server = server_with(&format!(
        "on RETR *:\n    S repeat 60: 550-{words}\n    S: 550 no\n\
         on MLSD*:\n    S: 150 here\n    data send \"{files}\"\n    data fin\n    S: 226 done"
    ));
    let place = Place::new();
    let run = place.start(&["get", "-r", "--json", &url(&server, ""), "."]).wait(Duration::from_secs(120));
    // 400 replies of 240 KB are 96 MB.
    place.judge(run, 80 * 1024).ends(1);
    assert_eq!(server.record().count("RETR"), 400);
}

#[test]
fn a_tree_without_an_end_is_walked_in_bounded_memory_and_can_be_interrupted() {
    let rows: String = (0..500).map(|number| format!("type=dir; d{number}\\r\\n")).collect();
    let server = server_with(&format!(
        "on CWD * -> 250 ok\non PWD -> 502 no\non MLSD*:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done"
    ));
    let place = Place::new();
    let running = place.start(&["get", "-r", &url(&server, ""), "."]);
    wait_for("the walk to be deep in", || server.record().count("MLSD") > 400);
    running.interrupt();
    // It goes down to the deepest that is entered, and waits with what lies beside the way: never all that was found.
    place.judge(running.wait(Duration::from_secs(10)), MOST_KIB).ends(130);
}

#[test]
fn a_directory_of_a_great_many_links_is_held_once() {
    // Of a server whose MLSD hides links, which is asked for both listings: what LIST tells of links is held until MLSD has told its rows.
    let links: String =
        (0..200_000).map(|number| format!("lrwxrwxrwx 1 u g 1 Jan 02 03:04 link-of-common-length-{number:06} -> x\\r\\n")).collect();
    let feat = r"on FEAT -> 211-Features\r\n EPSV\r\n MLST type*;size*;modify*;unix.mode;unix.uid;unix.gid;\r\n211 End";
    let server = server_with(&format!(
        "{feat}\non LIST*:\n    S: 150 here\n    data send \"{links}\"\n    data fin\n    S: 226 done\n\
         on MLSD*:\n    S: 150 here\n    data send \"type=file;size=1; name\\r\\n\"\n    data fin\n    S: 226 done"
    ));
    let place = Place::new();
    let run = place.start(&["ls", &url(&server, "")]).wait(Duration::from_secs(120));
    let run = place.judge(run, MOST_KIB).ends(0);
    // Standard output is kept as far as the rig keeps any.
    assert!(run.out.lines().count() > 10_000, "{}", run.err);
    // Too many to be held beside the other listing: LIST alone tells of them.
    assert_eq!((server.record().count("LIST"), server.record().count("MLSD")), (2, 0));
}
