//! The local side: links, names that meet, partial files of others, and where a password may be seen.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use crate::rig::{MOST_KIB, PASSWORD, Place, server_with, url};
use crate::support::wait::wait_for;

const FILE: &str = "on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; a.txt\\r\\n\"\n    data fin\n    S: 226 done";

#[test]
fn a_link_at_the_target_is_not_written_through() {
    let server = server_with(FILE);
    for words in [["get", "a.txt", "a.txt"], ["get", "a.txt", "."], ["get", "", "."]] {
        let place = Place::new();
        symlink("../canary", place.target().join("a.txt")).unwrap();
        let (from, to) = (url(&server, words[1]), words[2]);
        let run = if words[1].is_empty() { place.run(&["get", "-r", &from, to]) } else { place.run(&["get", &from, to]) };
        // Replaced as a rename replaces it, or refused: `run` has looked that the file behind it is as it was.
        assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
        if run.code == Some(0) {
            assert!(!place.target().join("a.txt").is_symlink());
            assert_eq!(place.bytes("a.txt"), b"evil");
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_makes_no_file_where_it_points() {
    let server = server_with(FILE);
    let place = Place::new();
    symlink("../made", place.target().join("a.txt")).unwrap();
    place.run(&["get", &url(&server, "a.txt"), "a.txt"]);
    assert!(!place.around().join("made").exists());
}

#[test]
fn a_link_under_the_partials_name_is_not_written_through() {
    let server = server_with(FILE);
    for words in [&["get"][..], &["get", "-c"]] {
        let place = Place::new();
        symlink("../canary", place.target().join(".a.txt.ftpane-part")).unwrap();
        let (from, mut words) = (url(&server, "a.txt"), words.to_vec());
        words.push(&from);
        place.run(&words).ends(1).says("symbolic link");
        assert!(!place.target().join("a.txt").exists());
    }
}

#[test]
fn a_local_link_in_place_of_a_directory_is_not_entered() {
    let rules = "on CWD *sub -> 250 \"/sub\" is current\non MLST *sub -> 250-Look\\r\\n type=dir; x\\r\\n250 End\n\
                 on MLSD* (1 time):\n    S: 150 here\n    data send \"type=dir; sub\\r\\n\"\n    data fin\n    S: 226 done\n";
    let server = server_with(&format!("{rules}{FILE}"));
    let place = Place::new();
    symlink("..", place.target().join("sub")).unwrap();
    place.run(&["get", "-r", &url(&server, ""), "."]).ends(1).says("links are not written through");
}

/// Two names whose partials would be one file must not be copied into one another.
#[test]
fn long_names_that_begin_alike_keep_their_own_bytes() {
    let stem = "n".repeat(245);
    let rows: String = ('a'..='h').map(|c| format!("type=file;size=200000; {stem}{c}\\r\\n")).collect();
    let files: String = ('a'..='h')
        .map(|c| format!("on RETR *{c}:\n    S: 150 here\n    data send repeat 100000 \"{c}\"\n    delay 50ms\n    data send repeat 100000 \"{c}\"\n    data fin\n    S: 226 done\n"))
        .collect();
    let server = server_with(&format!("{files}on MLSD*:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done"));
    let place = Place::new();
    place.run(&["get", "-r", "-j", "4", &url(&server, ""), "."]).ends(0);
    for c in 'a'..='h' {
        assert!(place.bytes(&format!("{stem}{c}")).iter().all(|byte| *byte == c as u8), "{c} has bytes of another file");
    }
    assert_eq!(place.names().len(), 8);
}

#[test]
fn a_remote_file_named_like_a_partial_is_not_taken_for_one() {
    // While a.txt is copied, a file of the very name of its partial arrives.
    let rules = "on RETR *.ftpane-part:\n    S: 150 here\n    data send \"WRONG BYTES\"\n    data fin\n    S: 226 done\n\
                 on RETR *a.txt:\n    S: 150 here\n    data send \"ri\"\n    delay 700ms\n    data send \"ght\"\n    data fin\n    S: 226 done\n\
                 on MLSD*:\n    S: 150 here\n    data send \"type=file;size=5; a.txt\\r\\ntype=file;size=11; .a.txt.ftpane-part\\r\\n\"\n    data fin\n    S: 226 done";
    let server = server_with(rules);
    let place = Place::new();
    let run = place.run(&["get", "-r", "-j", "2", &url(&server, ""), "."]);
    assert_eq!(fs::read_to_string(place.target().join("a.txt")).unwrap(), "right", "{run:#?}");
    run.ends(1).says(".a.txt.ftpane-part");
}

#[test]
fn a_file_in_the_way_of_a_directory_and_the_other_way_round_are_failures() {
    let rules = "on CWD *sub -> 250 \"/sub\" is current\n\
                 on MLSD*:\n    S: 150 here\n    data send \"type=dir; sub\\r\\ntype=file;size=4; dir\\r\\n\"\n    data fin\n    S: 226 done";
    let server = server_with(rules);
    let place = Place::new();
    fs::write(place.target().join("sub"), "mine").unwrap();
    fs::create_dir(place.target().join("dir")).unwrap();
    fs::write(place.target().join("dir/kept"), "mine").unwrap();
    place.run(&["get", "-r", &url(&server, ""), "."]).ends(1);
    assert_eq!(place.bytes("sub"), b"mine");
    assert_eq!(place.bytes("dir/kept"), b"mine");
}

#[test]
fn the_password_leaves_the_command_line_at_once() {
    let server = server_with("on RETR *:\n    S: 150 here\n    data stall");
    let place = Place::new();
    let running = place.start(&["get", &url(&server, "a.txt")]);
    wait_for("the transfer to begin", || server.record().count("RETR") > 0);
    assert!(!running.command_line().contains(PASSWORD), "{}", running.command_line());
    let run = place.judge(running.wait(Duration::from_secs(20)), MOST_KIB);
    run.ends(1);
    assert_eq!(place.whole(), Vec::<Vec<u8>>::new());
}

#[test]
fn no_usage_message_repeats_a_password() {
    let host = format!("tester:{PASSWORD}@127.0.0.1:1");
    let at = |path: &str| format!("ftp://{host}/{path}");
    for words in [
        vec!["get".to_owned(), at("dir/")],
        vec!["get".to_owned(), at("a"), at("b")],
        vec!["get".to_owned(), at("a"), at("b"), "missing".to_owned()],
        vec!["get".to_owned(), "--no-such-option".to_owned(), at("a")],
        vec!["get".to_owned(), at("%zz")],
        vec!["get".to_owned(), at("a%0d")],
        vec!["get".to_owned(), format!("ftp:/{host}/a")],
        vec!["get".to_owned(), format!("http://{host}/a")],
        vec!["get".to_owned(), format!("ftp://{host}9999999/a")],
        vec!["get".to_owned(), format!("ftps://{host}/a")],
        vec!["ls".to_owned(), at("a"), at("b")],
        vec!["put".to_owned(), at("a"), at("b")],
        vec!["put".to_owned(), at("b")],
        vec!["put".to_owned(), "missing".to_owned(), at("b")],
    ] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = Place::new().run(&words);
        assert!(matches!(run.code, Some(1..=3)), "{words:?}: {run:#?}");
    }
}
