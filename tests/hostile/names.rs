//! H01 to H15: names that are more than names.

use crate::rig::{Place, Run, commands, server_with, url};
use crate::support::script::ScriptServer;

/// Copies all that the script's server lists.
#[track_caller]
fn get_all(server: &ScriptServer) -> (Place, Run) {
    let place = Place::new();
    let run = place.run(&["get", "-r", &url(server, ""), "."]);
    (place, run)
}

/// No command holds what could end or cut it, and nothing was asked for that no entry names.
#[track_caller]
fn asked_for_nothing_else(server: &ScriptServer) {
    for command in commands(server) {
        let is_clean = !["\\r", "\\n", "\\x00", "DELE", "..", "/tmp", "/etc"].iter().any(|bad| command.contains(bad));
        assert!(is_clean, "{command}: {}", server.record().dialogue());
    }
}

#[test]
fn names_that_climb_or_are_absolute_are_refused_and_reported() {
    for script in ["h01-climbing-names", "h02-climbing-rows"] {
        let server = ScriptServer::play(script);
        let (place, run) = get_all(&server);
        let run = run.ends(1).says("a row of the listing could not be read");
        assert!(run.err.contains("../up") && run.err.contains("/tmp/ftpane-absolute"), "{run:#?}");
        assert_eq!(place.names(), [b"good.txt"], "{script}");
        assert!(!std::path::Path::new("/tmp/ftpane-absolute").exists());
        asked_for_nothing_else(&server);
    }
}

#[test]
fn a_listing_shows_refused_rows_as_what_could_not_be_read() {
    let server = ScriptServer::play("h01-climbing-names");
    let run = Place::new().run(&["ls", "--json", &url(&server, "")]).ends(0);
    let rows: Vec<serde_json::Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named: Vec<_> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(named, ["good.txt"]);
    assert_eq!(rows.iter().filter(|row| row["type"] == "unparsed").count(), 7, "{run:#?}");
}

#[test]
fn a_backslash_is_a_letter() {
    let server = ScriptServer::play("h03-backslashes");
    let (place, run) = get_all(&server);
    run.ends(0);
    assert_eq!(place.names(), [&b"..\\..\\back"[..], b"C:", b"C:\\x", b"\\\\host\\share", b"good.txt"]);
    let server = ScriptServer::play("h03-backslashes-dos");
    let (place, run) = get_all(&server);
    run.ends(1).says("../up");
    assert_eq!(place.names(), [&b"..\\..\\back"[..], b"good.txt"]);
}

#[test]
fn nul_and_cr_refuse_the_entry_and_never_reach_the_wire() {
    for script in ["h04-nul-and-cr", "h04-nul-and-cr-rows"] {
        let server = ScriptServer::play(script);
        let (place, run) = get_all(&server);
        run.ends(1).says("could not be read");
        assert_eq!(place.names(), [b"good.txt"], "{script}");
        asked_for_nothing_else(&server);
    }
}

#[test]
fn a_path_with_cr_or_nul_in_a_reply_is_not_sent_back() {
    let server = ScriptServer::play("h05-cr-in-replies");
    let (place, run) = get_all(&server);
    run.ends(0);
    assert_eq!(place.names(), [b"good.txt"]);
    asked_for_nothing_else(&server);
    let run = Place::new().run(&["ls", &url(&server, "dir/")]).ends(0);
    assert_eq!(run.out, "good.txt\n");
    asked_for_nothing_else(&server);
}

#[test]
fn a_line_break_in_a_url_is_refused_before_anything_is_sent() {
    let server = server_with("");
    for path in ["a%0d%0aDELE%20x", "a%0aDELE", "a%00b", "dir%0d/"] {
        Place::new().run(&["get", &url(&server, path), "x"]).ends(2);
    }
    assert_eq!(server.record().connections.len(), 0);
}

#[test]
fn dots_and_nameless_directories_are_passed_over() {
    let server = ScriptServer::play("h07-dots");
    let (place, run) = get_all(&server);
    run.ends(1);
    assert_eq!(place.names(), [b"good.txt"]);
    assert_eq!(server.record().count("MLSD"), 1, "{}", server.record().dialogue());
}

#[test]
fn nothing_is_written_through_a_link_made_from_server_data() {
    let server = ScriptServer::play("h08-link-then-directory");
    let (place, run) = get_all(&server);
    run.ends(1).says("the listing names it twice");
    assert_eq!(place.names(), [b"good.txt"]);
    let links = std::fs::read_dir(place.target()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_symlink()).count();
    assert_eq!(links, 0);
}

#[test]
fn followed_links_become_directories_and_never_links() {
    let server = ScriptServer::play("h08-link-then-directory");
    let place = Place::new();
    place.run(&["get", "-r", "--follow", &url(&server, ""), "."]).ends(1);
    let links = std::fs::read_dir(place.target()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_symlink()).count();
    assert_eq!(links, 0);
}

#[test]
fn names_for_a_shell_are_names() {
    let server = ScriptServer::play("h10-shell-names");
    let (place, run) = get_all(&server);
    run.ends(0);
    let mut expected: Vec<&[u8]> = vec![
        b"|touch ran",
        b"-rf",
        b"--help",
        b"~root",
        b"~",
        b"$(touch ran)",
        b"`touch ran`",
        b"*",
        b"?",
        b"[a-z]",
        b"; touch ran",
        b"a&b",
        b"%2e%2e%2fup",
        b"good.txt",
    ];
    expected.sort_unstable();
    assert_eq!(place.names(), expected);
}

#[test]
fn names_that_are_not_utf8_go_back_byte_by_byte() {
    let server = ScriptServer::play("h12-bytes");
    let (place, run) = get_all(&server);
    run.ends(0);
    assert_eq!(place.names(), [&b"caf\xe9.txt"[..], b"good.txt", b"\x80", b"\xed\xa0\x80", b"\xff\xfe"]);
    for name in ["/caf\\xe9.txt", "/\\xff\\xfe", "/\\x80", "/\\xed\\xa0\\x80"] {
        assert!(commands(&server).contains(&format!("RETR {name}")), "{name}: {}", server.record().dialogue());
    }
    let run = Place::new().run(&["ls", "--json", &url(&server, "")]).ends(0);
    assert!(run.out.contains("\"name_hex\":\"636166e92e747874\"") && run.out.contains("\"name_hex\":\"fffe\""), "{run:#?}");
    let run = Place::new().run(&["ls", &url(&server, "")]).ends(0);
    assert_eq!(run.out, "caf\\xe9.txt\n\\xff\\xfe\n\\x80\n\\xed\\xa0\\x80\ngood.txt\n");
}

#[test]
fn blanks_and_quotes_go_back_as_they_came() {
    let server = ScriptServer::play("h13-blanks");
    let (place, run) = get_all(&server);
    run.ends(0);
    assert_eq!(place.names(), [&b" "[..], b" lead", b"a \"b\" c", b"a -> b", b"good.txt", b"tail ", b"two  blanks"]);
    for name in ["/ lead", "/tail ", "/two  blanks", "/ ", "/a -> b", "/a \\\"b\\\" c"] {
        assert!(commands(&server).contains(&format!("RETR {name}")), "{name}: {}", server.record().dialogue());
    }
    let server = ScriptServer::play("h13-blanks-rows");
    let (place, run) = get_all(&server);
    run.ends(0);
    assert_eq!(place.names(), [&b" lead"[..], b"good.txt", b"tail ", b"two  blanks"]);
}

#[test]
fn a_directory_that_holds_itself_for_ever_comes_to_an_end() {
    // Every directory has a directory, and PWD says nothing of use.
    let rows = "on MLSD*:\n    S: 150 here\n    data send \"type=dir; sub\\r\\n\"\n    data fin\n    S: 226 done";
    let server = server_with(&format!("on PWD -> 502 no\n{rows}"));
    let (_, run) = get_all(&server);
    run.ends(1).says("it lies too deep");
    assert!(server.record().count("MLSD") < 300);
}

#[test]
fn a_name_longer_than_the_disk_takes_fails_alone() {
    let long = "n".repeat(300);
    let rows = format!(
        "on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; {long}\\r\\ntype=file;size=4; good.txt\\r\\n\"\n    data fin\n    S: 226 done"
    );
    let server = server_with(&rows);
    let (place, run) = get_all(&server);
    run.ends(1).says("File name too long");
    assert_eq!(place.whole(), [b"good.txt"]);
}

#[test]
fn a_path_that_climbs_names_nothing_outside() {
    let server = server_with(
        "on CWD *a.txt -> 550 no\non MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; good.txt\\r\\n\"\n    data fin\n    S: 226 done",
    );
    for path in ["sub/..", "%2e%2e", "..", "../../a.txt", "a%2F..%2F..%2F..%2Fa.txt", "sub/%2e%2e/", "%2Fa.txt"] {
        for words in [&["get", "-r"][..], &["get"]] {
            let (place, from) = (Place::new(), url(&server, path));
            place.run(&[words, &[&from, "."]].concat());
            let names = place.whole();
            assert!(
                names.iter().all(|name| [&b"a.txt"[..], b"good.txt", b"sub", b"sub/good.txt"].contains(&name.as_slice())),
                "{path}: {names:?}"
            );
        }
    }
}

#[test]
fn a_name_or_a_path_longer_than_any_system_takes_is_not_even_tried() {
    let (name, dir) = ("n".repeat(1_100), "d".repeat(1_000));
    let rows = format!("type=file;size=4; {name}\\r\\ntype=dir; {dir}\\r\\ntype=file;size=4; good.txt\\r\\n");
    let server =
        server_with(&format!("on PWD -> 502 no\non MLSD*:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done"));
    let place = Place::new();
    let run = place.run(&["get", "-r", &url(&server, ""), "."]).ends(1).says("a row of the listing could not be read");
    assert!(run.err.contains("File name too long"), "the disk says so of the directory: {run:#?}");
    assert_eq!(place.whole(), [b"good.txt"]);
    assert!(commands(&server).iter().all(|line| line.len() < 5_000));
}
