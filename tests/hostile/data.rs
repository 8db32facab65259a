//! C09 to C11, D01 to D19: data connections.

use std::fs;

use crate::rig::{Place, Run, commands, server_with, url};
use crate::support::script::ScriptServer;

/// 200,000 bytes in which the place can be told from the last digit.
fn content() -> Vec<u8> {
    b"0123456789".repeat(20_000)
}

const BIG: &str = "on MLST * -> 250-Look\\r\\n type=file;size=200000;modify=20260102030405; x\\r\\n250 End\non SIZE * -> 213 200000\n\
                   on MLSD*:\n    S: 150 here\n    data send \"type=file;size=200000; a.txt\\r\\n\"\n    data fin\n    S: 226 done\n";

/// `get` of a.txt from a server with these rules.
#[track_caller]
fn get(rules: &str, words: &[&str]) -> (Place, ScriptServer, Run) {
    let (place, server) = (Place::new(), server_with(rules));
    let from = url(&server, "a.txt");
    let run = place.run(&[&["get"], words, &[&from]].concat());
    (place, server, run)
}

/// No file bears the final name.
#[track_caller]
fn nothing_whole(place: &Place, run: &Run) {
    assert_eq!(place.whole(), Vec::<Vec<u8>>::new(), "{run:#?}");
}

const LISTED: &str = "on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; a.txt\\r\\n\"\n    data fin\n    S: 226 done\n";

#[test]
fn data_goes_to_the_control_peer_and_nowhere_else() {
    let server = ScriptServer::play("pasv-elsewhere");
    let run = Place::new().run(&["ls", &url(&server, "")]).ends(0);
    assert!(!run.log.contains("dialled 127.0.0.2"), "{run:#?}");
    assert_eq!(run.out, "a.txt\n");
}

#[test]
fn malformed_passive_replies_are_an_error_after_few_attempts() {
    for (epsv, pasv) in [
        ("229 nothing", "227 nothing"),
        ("229 (|||0|)", "227 (127,0,0,1,0,0)"),
        ("229 (|||99999|)", "227 (127,0,0,1,256,1)"),
        ("229 (|||99999999999999999999|)", "227 (127,0,0,1,99999999999999999999,1)"),
        ("229 (|||-1|)", "227 (127,0,0,1,-1,1)"),
        ("229 (||||)", "227 (127,0,0,1)"),
        ("229 (", "227 (1,2,3,4,5,6,7,8)"),
        ("229 (|||\\0|)", "227 (\\0)"),
    ] {
        let server = server_with(&format!("on EPSV -> {epsv}\non PASV -> {pasv}\n{LISTED}"));
        let run = Place::new().run(&["ls", &url(&server, "")]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{epsv}: {run:#?}");
        let record = server.record();
        assert!(record.count("EPSV") + record.count("PASV") + record.count("PORT") <= 12, "{}", record.dialogue());
    }
}

#[test]
fn a_port_that_nobody_serves_is_an_error_in_time() {
    for rules in [
        "on EPSV:\n    data refuse\n    S: 229 (|||{port}|)\non PASV:\n    data refuse\n    S: 227 ({hostport})\n",
        // A privileged port, behind which nobody is.
        "on EPSV -> 229 (|||1|)\non PASV -> 227 (127,0,0,1,0,1)\n",
    ] {
        let (place, _, run) = get(&format!("{rules}{LISTED}"), &[]);
        let run = run.ends(1).within(10);
        nothing_whole(&place, &run);
    }
}

#[test]
fn a_data_connection_that_is_taken_and_stays_silent_is_an_error_in_time() {
    let (place, _, run) = get("on RETR *:\n    S: 150 here\n    data stall", &[]);
    nothing_whole(&place, &run.ends(1).within(10));
    // The listing, too.
    let server = server_with("on MLSD*:\n    S: 150 here\n    data stall");
    Place::new().run(&["ls", &url(&server, "")]).ends(1).within(10);
}

#[test]
fn an_active_connection_that_never_comes_is_an_error_in_time() {
    let rules = "on EPSV -> 502 no\non PASV -> 502 no\non PORT * -> 200 ok\non EPRT * -> 200 ok\non RETR * -> 150 any time now\n";
    let (place, _, run) = get(&format!("{rules}{LISTED}"), &["--mode=active"]);
    nothing_whole(&place, &run.ends(1).within(12));
}

#[test]
fn a_stranger_at_the_active_port_is_refused() {
    let server = ScriptServer::play("stranger");
    let run = Place::new().run(&["ls", "--mode=active", &url(&server, "")]).ends(0);
    assert_eq!(run.out, "a.txt\n");
    assert!(run.log.contains("refused a data connection from 127.0.0.3"), "{run:#?}");
    assert!(server.record().connections.iter().all(|connection| !connection.stranger_let_in));
}

#[test]
fn sixty_percent_and_a_226_is_a_failure_that_keeps_the_partial() {
    let server = ScriptServer::play("data-cut");
    for words in [["get", "a.txt"], ["get", ""]] {
        let place = Place::new();
        let from = url(&server, words[1]);
        let run = if words[1].is_empty() { place.run(&["get", "-r", &from, "."]) } else { place.run(&["get", &from]) };
        let run = run.ends(1).says("600 bytes arrived");
        nothing_whole(&place, &run);
        assert_eq!(place.bytes(".a.txt.ftpane-part").len(), 600);
    }
}

#[test]
fn a_failed_download_leaves_the_old_file_as_it_was() {
    for rule in [
        "on RETR * -> 451 Local error",
        "on RETR *:\n    S: 150 here\n    data fin\n    S: 550 gone",
        "on RETR *:\n    S: 150 here\n    data send \"ev\"\n    data fin\n    S: 226 done",
        "on RETR *:\n    S: 150 here\n    data send \"evil\"\n    data fin\n    S: 426 cut",
        "on RETR *:\n    S: 150 here\n    data send \"evil\"\n    data rst\n    S: 426 cut",
        "on RETR *:\n    S: 150 here\n    data send \"evil and more\"\n    data fin\n    S: 226 done",
        "on RETR *:\n    S: 150 here\n    data send \"evi\"\n    data fin\n    S: 200 fine",
    ] {
        let (place, server) = (Place::new(), server_with(&format!("{rule}\n{LISTED}")));
        fs::write(place.target().join("a.txt"), "the old one").unwrap();
        let run = place.run(&["get", &url(&server, "a.txt")]).ends(1);
        assert_eq!(place.bytes("a.txt"), b"the old one", "{rule}: {run:#?}");
    }
}

#[test]
fn a_refusal_with_or_without_150_leaves_no_file() {
    for rule in ["on RETR * -> 451 Local error", "on RETR *:\n    S: 150 here\n    data fin\n    S: 550 Failed to open file"] {
        let (place, _, run) = get(rule, &[]);
        run.ends(1).says(if rule.contains("451") { "451 Local error" } else { "550 Failed to open file" });
        assert_eq!(place.names(), Vec::<Vec<u8>>::new(), "not even an empty partial");
    }
}

#[test]
fn a_reset_is_resumed_where_it_broke_and_gives_the_same_file() {
    let rules = "on REST 34464 -> 350 Restarting\non RETR * (1 time):\n    S: 150 here\n    data send repeat 10000 \"0123456789\"\n    data rst\n    S: 426 Connection closed\n\
                 on RETR *:\n    S: 150 here\n    data send \"456789\"\n    data send repeat 16553 \"0123456789\"\n    data fin\n    S: 226 done\n";
    let (place, server, run) = get(&format!("{rules}{BIG}"), &["--retries=2"]);
    run.ends(0);
    assert_eq!(place.bytes("a.txt"), content());
    assert_eq!(server.record().count("REST"), 1, "{}", server.record().dialogue());
}

#[test]
fn a_stall_after_ten_percent_ends_at_the_timeout() {
    let (place, _, run) =
        get(&format!("on RETR *:\n    S: 150 here\n    data send repeat 2000 \"0123456789\"\n    data stall\n{BIG}"), &[]);
    nothing_whole(&place, &run.ends(1).within(10));
}

/// Puts 100,000 bytes under the partial's name and asks to go on with them.
#[track_caller]
fn go_on(partial: &[u8], rules: &str) -> (Place, ScriptServer, Run) {
    let (place, server) = (Place::new(), server_with(rules));
    fs::write(place.target().join(".a.txt.ftpane-part"), partial).unwrap();
    let from = url(&server, "a.txt");
    let run = place.run(&["get", "-c", "--retries=2", &from]);
    (place, server, run)
}

const WHOLE: &str = "on RETR *:\n    S: 150 here\n    data send repeat 20000 \"0123456789\"\n    data fin\n    S: 226 done\n";

#[test]
fn a_server_that_takes_rest_and_sends_from_the_start_gives_no_wrong_file() {
    let (place, _, run) = go_on(&content()[..100_000], &format!("{WHOLE}{BIG}"));
    run.ends(0);
    assert_eq!(place.bytes("a.txt"), content());
}

#[test]
fn the_same_with_bytes_that_cannot_be_told_apart_is_never_a_wrong_file() {
    // All zeros: the overlap agrees wherever the server begins. With a size it shows, without one nothing may be resumed.
    let zeros = WHOLE.replace("0123456789", "0000000000");
    for sizes in [
        BIG,
        "on MLST * -> 502 no\non SIZE * -> 502 no\non MLSD* -> 502 no\non LIST*:\n    S: 150 here\n    data send \"-rw-r--r-- 1 u g ? Jan 02 03:04 a.txt\\r\\n\"\n    data fin\n    S: 226 done\n",
    ] {
        let (place, _, run) = go_on(&[b'0'; 100_000], &format!("{zeros}{sizes}"));
        if run.code == Some(0) {
            assert_eq!(place.bytes("a.txt").len(), 200_000, "{run:#?}");
        } else {
            nothing_whole(&place, &run);
        }
    }
}

#[test]
fn a_server_without_rest_begins_again() {
    let (place, _, run) = go_on(&content()[..100_000], &format!("on REST * -> 502 no\n{WHOLE}{BIG}"));
    run.ends(0);
    assert_eq!(place.bytes("a.txt"), content());
}

#[test]
fn a_partial_of_other_content_gives_no_wrong_file() {
    let tail = "on REST 34464 -> 350 ok\non RETR * (1 time):\n    S: 150 here\n    data send \"456789\"\n    data send repeat 16553 \"0123456789\"\n    data fin\n    S: 226 done\n";
    let (place, _, run) = go_on(&[b'x'; 100_000], &format!("{tail}{WHOLE}{BIG}"));
    run.ends(0);
    assert_eq!(place.bytes("a.txt"), content());
    // Longer than the file itself.
    let (place, _, run) = go_on(&[b'x'; 300_000], &format!("{WHOLE}{BIG}"));
    run.ends(0);
    assert_eq!(place.bytes("a.txt"), content());
    // As long as the file.
    let (place, _, run) = go_on(
        &[b'x'; 200_000],
        &format!(
            "on REST 134464 -> 350 ok\non RETR * (1 time):\n    S: 150 here\n    data send \"456789\"\n    data send repeat 6553 \"0123456789\"\n    data fin\n    S: 226 done\n{WHOLE}{BIG}"
        ),
    );
    run.ends(0);
    assert_eq!(place.bytes("a.txt"), content());
}

#[test]
fn a_size_that_lies_is_never_a_success() {
    for size in ["0", "3", "5", "4000000000"] {
        let rules = format!("on SIZE * -> 213 {size}\non MLST * -> 250-Look\\r\\n type=file;size={size}; x\\r\\n250 End\n");
        let (place, _, run) = get(&rules, &[]);
        nothing_whole(&place, &run.ends(1));
    }
}

#[test]
fn a_directory_that_is_refused_as_empty_is_empty() {
    for refusal in ["450 No files found", "550 No files found", "450 Directory is empty"] {
        let server = server_with(&format!("on FEAT -> 502 no\non LIST* -> {refusal}"));
        let run = Place::new().run(&["ls", &url(&server, "")]).ends(0);
        assert_eq!(run.out, "", "{refusal}: {run:#?}");
        Place::new().run(&["get", "-r", &url(&server, ""), "."]).ends(0);
    }
}

#[test]
fn a_listing_that_breaks_off_is_no_short_directory() {
    for end in ["data fin\n    S: 426 cut", "data rst\n    S: 426 cut", "data fin\n    S: 451 error", "data fin\n    drop", "data stall"] {
        let rules = format!("on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; a.txt\\r\\ntype=file;si\"\n    {end}");
        let server = server_with(&rules);
        Place::new().run(&["ls", &url(&server, "")]).ends(1).within(10);
        let place = Place::new();
        let run = place.run(&["get", "-r", &url(&server, ""), "."]).ends(1);
        assert_eq!(place.names(), Vec::<Vec<u8>>::new(), "{end}: {run:#?}");
    }
}

#[test]
fn nothing_but_what_was_asked_for_is_asked() {
    let server = server_with(LISTED);
    Place::new().run(&["get", "-r", &url(&server, ""), "."]).ends(0);
    assert!(!commands(&server).iter().any(|line| line.starts_with("DELE") || line.starts_with("STOR")), "{}", server.record().dialogue());
}

/// Two bytes a second, for so many seconds.
fn trickle(text: &str) -> String {
    text.chars().map(|c| format!("    data send \"{c}\"\n    delay 500ms\n")).collect()
}

#[test]
fn a_download_that_trickles_is_given_up_though_it_is_never_idle() {
    let drops = trickle(&"0123456789".repeat(5));
    let server = server_with(&format!("on RETR *:\n    S: 150 here\n{drops}    data fin\n    S: 226 done\n{BIG}"));
    let place = Place::new();
    let run = place.run(&["get", "--timeout=1", &url(&server, "a.txt")]).ends(1).says("bytes moved in 2 s").says("low_speed").within(8);
    nothing_whole(&place, &run);
}

#[test]
fn a_listing_that_trickles_is_given_up_too() {
    let drops = trickle("type=file;size=4; a-name-that-comes-slowly.txt");
    let server = server_with(&format!("on MLSD*:\n    S: 150 here\n{drops}    data send \"\\r\\n\"\n    data fin\n    S: 226 done"));
    for words in [&["ls"][..], &["get", "-r"]] {
        let from = url(&server, "");
        Place::new().run(&[words, &["--timeout=1", &from]].concat()).ends(1).says("bytes moved in 2 s").within(8);
    }
}

#[test]
fn how_slow_is_too_slow_is_for_a_person_to_say() {
    let size = "on MLST * -> 250-Look\\r\\n type=file;size=10; x\\r\\n250 End\non SIZE * -> 213 10\n";
    let server =
        server_with(&format!("on RETR *:\n    S: 150 here\n{}    data fin\n    S: 226 done\n{size}{LISTED}", trickle("0123456789")));
    for (speed, code) in [("0", 0), ("1", 0), ("1K", 1)] {
        let place = Place::new();
        place.run(&["get", "--timeout=1", &format!("--low-speed={speed}"), &url(&server, "a.txt")]).ends(code);
        assert_eq!(place.whole().len(), 1 - usize::from(code == 1), "{speed}");
    }
}
