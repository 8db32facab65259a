//! C03 to C18: the control connection.

use std::fs;

use crate::rig::{Place, server_with, url};
use crate::support::script::ScriptServer;

const LISTING: &str = "on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; a.txt\\r\\n\"\n    data fin\n    S: 226 done\n";

#[test]
fn a_silent_server_is_given_up_after_the_timeout() {
    let server = ScriptServer::play("silent");
    Place::new().run(&["ls", &url(&server, "")]).ends(3).says("no greeting").within(5);
    Place::new().run(&["get", &url(&server, "a.txt")]).ends(3).within(5);
}

#[test]
fn silence_after_any_step_ends_at_the_timeout() {
    for silent in ["USER *", "PASS *", "FEAT", "SYST", "TYPE *", "PWD", "EPSV", "MLSD*", "CWD *"] {
        let server = server_with(&format!("on {silent}:\n    stall\n{LISTING}"));
        let run = Place::new().run(&["ls", &url(&server, "dir/")]).within(12);
        assert!(matches!(run.code, Some(1 | 3)), "{silent}: {run:#?}");
        assert!(run.err.contains("no reply within") || run.err.contains("stood still"), "{silent}: {run:#?}");
    }
}

#[test]
fn noise_before_the_greeting_is_passed_over() {
    let server = ScriptServer::play("c04-noise-before-greeting");
    let place = Place::new();
    place.run(&["get", &url(&server, "a.txt")]).ends(0);
    assert_eq!(place.bytes("a.txt"), b"evil");
}

#[test]
fn what_is_no_ftp_at_all_is_an_error() {
    for greeting in [
        "S repeat 200: hello",
        "S: HTTP/1.1 400 Bad Request\ndrop",
        "S: SSH-2.0-OpenSSH_9.9\ndrop",
        "S raw: \\0\\0\\0\\0\ndrop",
        "S raw: 22\ndrop",
        "S: 999 what\ndrop",
        "reset",
        "drop",
    ] {
        let server = ScriptServer::play_text(greeting);
        let run = Place::new().run(&["ls", &url(&server, "")]).within(6);
        assert_eq!(run.code, Some(3), "{greeting}: {run:#?}");
    }
}

#[test]
fn busy_twice_and_then_not_is_a_success() {
    let server = ScriptServer::play("c07-busy-twice");
    let place = Place::new();
    place.run(&["get", "--retries=4", "-j", "1", &url(&server, "a.txt")]).ends(0);
    assert_eq!(place.bytes("a.txt"), b"evil");
    assert!(server.record().connections.len() <= 6, "{}", server.record().dialogue());
}

#[test]
fn busy_for_ever_is_tried_a_few_times_only() {
    let server = ScriptServer::play_text("S: 421 Too many users\ndrop\n");
    Place::new().run(&["get", "--retries=2", &url(&server, "a.txt")]).ends(3);
    assert!(server.record().connections.len() <= 4, "{}", server.record().dialogue());
}

#[test]
fn a_refusal_that_repeats_the_password_is_shown_without_it() {
    for words in [&["ls"][..], &["get"], &["get", "-r"]] {
        let server = ScriptServer::play("c08-echoes-the-password");
        let (place, from) = (Place::new(), url(&server, "a.txt"));
        let run = place.run(&[words, &["--retries=3", &from]].concat()).ends(3).says("530");
        assert!(run.err.contains("****"), "{run:#?}");
        let tries = server.record().count("PASS");
        assert!(tries <= 2, "{tries} times: {}", server.record().dialogue());
    }
}

#[test]
fn a_greeting_that_knows_the_password_is_shown_without_it() {
    let server = ScriptServer::play_text("S: 530 Go away, Geheimnis-7351\ndrop\n");
    Place::new().run(&["ls", &url(&server, "")]).ends(3).says("****");
}

#[test]
fn a_server_that_knows_nothing_works() {
    let server = ScriptServer::play("knows-nothing");
    let place = Place::new();
    place.run(&["get", &url(&server, "a.txt")]).ends(0);
    assert_eq!(place.bytes("a.txt").len(), 1000);
    assert_eq!(place.run(&["ls", &url(&server, "")]).ends(0).out, "a.txt\n");
    let place = Place::new();
    place.run(&["get", "-r", &url(&server, ""), "."]).ends(0);
    assert_eq!(place.bytes("a.txt").len(), 1000);
}

#[test]
fn a_size_that_no_number_holds_is_no_size() {
    let server = ScriptServer::play("c14-size-of-23-digits");
    for words in [["get", "a.txt"], ["get", ""]] {
        let (place, from) = (Place::new(), url(&server, words[1]));
        let run = if words[1].is_empty() { place.run(&["get", "-r", &from, "."]) } else { place.run(&["get", &from]) };
        run.ends(0);
        assert_eq!(place.bytes("a.txt"), b"evil");
    }
}

#[test]
fn sizes_at_the_end_of_what_a_number_holds_are_survived() {
    for size in ["18446744073709551615", "9223372036854775807", "1152921504606846976"] {
        let rows: String = (0..4).map(|i| format!("type=file;size={size}; f{i}\\r\\n")).collect();
        let server = server_with(&format!(
            "on SIZE * -> 213 {size}\non MLST * -> 250-Look\\r\\n type=file;size={size}; x\\r\\n250 End\n\
             on MLSD*:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done"
        ));
        let place = Place::new();
        let run = place.run(&["get", "-r", &url(&server, ""), "."]).ends(1);
        assert!(!run.err.contains("panicked"), "{run:#?}");
        assert_eq!(place.whole(), Vec::<Vec<u8>>::new(), "{size}");
        Place::new().run(&["ls", "-l", &url(&server, "")]).ends(0);
    }
}

#[test]
fn dates_that_are_none_are_survived() {
    for time in ["00000000000000", "99999999999999", "20261341256199", "-1", "20260102030405.999999999999", "x"] {
        let server = server_with(&format!(
            "on MDTM * -> 213 {time}\non MLST * -> 500 no\n\
             on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4;modify={time}; a.txt\\r\\n\"\n    data fin\n    S: 226 done"
        ));
        let place = Place::new();
        place.run(&["get", "-r", &url(&server, ""), "."]).ends(0);
        place.run(&["get", &url(&server, "a.txt"), "b.txt"]).ends(0);
        Place::new().run(&["ls", "--json", &url(&server, "")]).ends(0);
    }
}

#[test]
fn all_bytes_and_no_226_is_done_once_the_size_agrees_on_a_new_connection() {
    let server = ScriptServer::play("no-226");
    let place = Place::new();
    place.run(&["get", "--retries=2", &url(&server, "a.txt")]).ends(0).within(10);
    assert_eq!(place.bytes("a.txt"), b"0123456789".repeat(100));
    assert!(server.record().connections.len() >= 2);
}

#[test]
fn all_bytes_and_no_226_is_no_success_where_nothing_confirms_it() {
    // The new connection tells another size, or none; and the bytes never come with a 226.
    for size in ["213 2000", "502 no"] {
        let server = ScriptServer::play_text(&format!(
            "include rules-hostile.ftp\non SIZE * -> {size}\non MLST * -> 502 no\non CWD * -> 550 no\n\
             on LIST* -> 550 no\non MLSD* -> 550 no\n\
             on RETR *:\n    S: 150 here\n    data send \"0123456789\"\n    data fin\n    drop\nS: 220 Ready\nserve\n"
        ));
        let place = Place::new();
        let run = place.run(&["get", "--retries=1", &url(&server, "a.txt")]).within(20);
        assert!(run.code != Some(0), "{size}: {run:#?}");
        assert_eq!(place.whole(), Vec::<Vec<u8>>::new(), "{size}: {run:#?}");
    }
}

#[test]
fn control_closed_in_the_middle_of_the_data_is_no_success() {
    let server = server_with(
        "on MLST * -> 250-Look\\r\\n type=file;size=1000; x\\r\\n250 End\non SIZE * -> 213 1000\n\
         on RETR *:\n    S: 150 here\n    data send repeat 60 \"0123456789\"\n    drop",
    );
    let place = Place::new();
    place.run(&["get", &url(&server, "a.txt")]).ends(1).within(10);
    assert_eq!(place.whole(), Vec::<Vec<u8>>::new());
}

#[test]
fn replies_byte_by_byte_are_read_whole() {
    let slowly = |text: &str| text.chars().map(|c| format!("    S raw: {c}\n    delay 2ms\n")).collect::<String>();
    let server = ScriptServer::play_text(&format!(
        "include rules-hostile.ftp\n{LISTING}on PASS *:\n{}on TYPE *:\n{}S: 220 Ready\nserve\n",
        slowly("230") + "    S: -in\n" + &slowly("230") + "    S:  ok\n",
        slowly("200") + "    S:  fine\n"
    ));
    assert_eq!(Place::new().run(&["ls", &url(&server, "")]).ends(0).out, "a.txt\n");
}

#[test]
fn replies_that_announce_twice_or_come_early_are_understood() {
    for reply in [
        // 150 twice; 226 before the data; both at once.
        "S: 150 one\n    S: 150 two\n    data send \"evil\"\n    data fin\n    S: 226 done",
        "S: 150 one\\r\\n226 done already\n    delay 100ms\n    data send \"evil\"\n    data fin",
        "S: 125 open\n    data send \"evil\"\n    data fin\n    S: 250 done",
        "S: 150-many\\r\\n 226 not yet\\r\\n150 lines\n    data send \"evil\"\n    data fin\n    S: 226-many\\r\\n226 lines",
    ] {
        let server = server_with(&format!("on RETR *:\n    {reply}\n{LISTING}"));
        let place = Place::new();
        place.run(&["get", &url(&server, "a.txt")]).ends(0);
        assert_eq!(place.bytes("a.txt"), b"evil", "{reply}");
    }
}

#[test]
fn announcements_without_end_are_an_error() {
    let server = server_with("on RETR *:\n    S: 150 one\n    data send \"evil\"\n    data fin\n    S forever: 150 and one more");
    let place = Place::new();
    place.run(&["get", &url(&server, "a.txt")]).ends(1).within(10);
    assert_eq!(place.whole(), Vec::<Vec<u8>>::new());
}

#[test]
fn odd_answers_to_pwd_are_survived() {
    for pwd in [
        "257 no quotes",
        "257 \"\" empty",
        "257 \"relative\" x",
        "257 \"unclosed",
        "257 \"/\"\"quoted\"\"\" x",
        "257",
        "550 no",
        "257 C:\\\\",
    ] {
        let server = server_with(&format!("on PWD -> {pwd}\n{LISTING}"));
        let run = Place::new().run(&["ls", &url(&server, "")]);
        assert_eq!((run.code, run.out.as_str()), (Some(0), "a.txt\n"), "{pwd}: {run:#?}");
    }
}

#[test]
fn a_log_file_is_private_and_knows_no_password() {
    let server = server_with(LISTING);
    let place = Place::new();
    let run = place.run(&["ls", &url(&server, "")]).ends(0);
    assert!(run.log.contains("PASS ****"), "{run:#?}");
    assert!(fs::read_dir(place.target()).unwrap().next().is_none());
}

#[test]
fn a_listing_that_is_too_busy_once_is_asked_for_again() {
    let server = ScriptServer::play("busy-first-list");
    assert_eq!(Place::new().run(&["ls", "--retries=2", &url(&server, "")]).ends(0).out, "a.txt\n");
}
