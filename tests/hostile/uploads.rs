//! D07 and its neighbours: uploads that a server cuts, refuses or only pretends to take.

use std::fs;

use crate::rig::{Place, Run, commands, server_with, url};
use crate::support::script::ScriptServer;
use crate::support::tree::pattern;

const NOTHING_THERE: &str = "on MLST * -> 550 No such file\non SIZE * -> 550 No such file\non CWD *up.bin -> 550 No such file\non CWD / -> 250 ok\n\
                             on MLSD*:\n    S: 150 here\n    data send \"type=cdir; .\\r\\n\"\n    data fin\n    S: 226 done\n";
const OLD_THERE: &str = "on MLST *up.bin -> 250-Look\\r\\n type=file;size=4; x\\r\\n250 End\non MLST * -> 550 No such file\non SIZE *up.bin -> 213 4\non SIZE * -> 550 No such file\n\
                         on CWD *up.bin -> 550 no\non MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; up.bin\\r\\n\"\n    data fin\n    S: 226 done\n";

/// `put` of 4 MiB to up.bin on a server with these rules; sees to it that the source stays.
#[track_caller]
fn put(rules: &str, words: &[&str]) -> (ScriptServer, Run) {
    let (place, server) = (Place::new(), server_with(rules));
    let bytes = pattern(4 << 20, 9);
    fs::write(place.target().join("up.bin"), &bytes).unwrap();
    let to = url(&server, "up.bin");
    let run = place.run(&[&["put"], words, &["up.bin", &to]].concat());
    assert!(place.bytes("up.bin") == bytes, "the source changed");
    (server, run)
}

#[test]
fn a_full_disk_half_way_is_a_failure_and_renames_nothing() {
    for there in [NOTHING_THERE, OLD_THERE] {
        let rule = "on STOR *:\n    S: 150 go on\n    data recv 2000000\n    data rst\n    S: 552 Quota exceeded\n";
        let (server, run) = put(&format!("{rule}{there}"), &[]);
        run.ends(1).says("552 Quota exceeded").within(10);
        assert!(
            !commands(&server).iter().any(|line| line.starts_with("RNTO") || line.starts_with("RNFR")),
            "{}",
            server.record().dialogue()
        );
    }
}

#[test]
fn an_upload_of_which_the_server_keeps_a_part_is_a_failure() {
    // Takes all, says 226, and then has fewer bytes.
    let rules = "on STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\n\
                 on MLST *up.bin (1 time) -> 550 No such file\non SIZE *up.bin (1 time) -> 550 No such file\n\
                 on MLST *up.bin -> 250-Look\\r\\n type=file;size=1000; x\\r\\n250 End\non SIZE *up.bin -> 213 1000\n";
    let (_, run) = put(&format!("{rules}{NOTHING_THERE}"), &[]);
    run.ends(1).says("1000");
}

#[test]
fn uploads_that_are_refused_or_fall_silent_are_failures_in_time() {
    for rule in [
        "on STOR * -> 553 no",
        "on STOR *:\n    S: 150 go on\n    data recv\n    S: 451 error",
        "on STOR *:\n    S: 150 go on\n    data recv\n    S: 426 cut",
        "on STOR *:\n    S: 150 go on\n    data recv\n    drop",
        "on STOR *:\n    S: 150 go on\n    data recv 1000\n    data stall",
        "on STOR *:\n    S: 226 done before it began\n    data recv 1000\n    data rst",
    ] {
        let (_, run) = put(&format!("{rule}\n{NOTHING_THERE}"), &[]);
        let run = run.within(25);
        assert_eq!(run.code, Some(1), "{rule}: {run:#?}");
    }
}

#[test]
fn a_server_that_takes_rest_and_stores_from_the_start_is_found_out() {
    // The partial upload has 2 MiB of ours; the server takes REST and APPE and stores what comes as the whole file.
    let bytes = pattern(4 << 20, 9);
    let half = 2 << 20;
    let tail: String = bytes[half - 65536..half].iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let rules = format!(
        "on APPE * -> 502 no\non STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\n\
         on RETR *:\n    S: 150 here\n    data send \"{tail}\"\n    data fin\n    S: 226 done\n\
         on MLST *up.bin -> 250-Look\\r\\n type=file;size={half}; x\\r\\n250 End\non SIZE *up.bin -> 213 {half}\non CWD *up.bin -> 550 no\n\
         on MLSD*:\n    S: 150 here\n    data send \"type=file;size={half}; up.bin\\r\\n\"\n    data fin\n    S: 226 done\n"
    );
    let (_, run) = put(&rules, &["-c"]);
    // Its size stays what it was: whatever the replies said, not all is there.
    run.ends(1);
}

#[test]
fn local_names_that_no_command_can_carry_are_refused_and_the_rest_is_sent() {
    let server = server_with(&format!(
        "on MKD * -> 257 made\non STOR *:\n    S: 150 go on\n    data recv\n    S: 226 done\non MLST *good -> 550 No such file\n{NOTHING_THERE}"
    ));
    let place = Place::new();
    fs::create_dir(place.target().join("tree")).unwrap();
    for name in ["a\r\nDELE b", "a\nb", "good"] {
        fs::write(place.target().join("tree").join(name), "evil").unwrap();
    }
    let run = place.run(&["put", "-r", "tree", &url(&server, "up/")]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    for command in commands(&server) {
        assert!(!command.contains("DELE") && !command.contains("\\r") && !command.contains("\\n"), "{command}");
    }
    assert_eq!(server.record().count("STOR"), 1, "{}", server.record().dialogue());
}
