//! Full disks, here and there: one message instead of a failure for each file, nothing claimed, nothing harmed; and with room again it
//! goes on.

use std::fs;

use crate::rig::{Rig, Way, each};
use crate::support::disk::SmallDisk;
use crate::support::program::{Program, Run};
use crate::support::script::ScriptServer;
use crate::support::tree::{Tree, pattern};

const FILES: usize = 30;
const SIZE: usize = 200_000;
/// Room for some of the files.
const ROOM: u64 = 3 << 20;
/// Room for all of them, and for what fills it at first.
const DISK: u64 = 16 << 20;

fn tree() -> Tree {
    (0..FILES).fold(Tree::new(), |tree, number| tree.file(format!("tree/f{number:02}"), pattern(SIZE, number as u32)))
}

/// What was at the target before: a file that will be replaced, and one that has nothing to do with it.
fn before() -> Tree {
    Tree::new().file("tree/f29", "older").file("keep", "mine")
}

/// One message for all, with how many are left; and no failure of a single file.
#[track_caller]
fn assert_said_once(run: &Run, done: usize) {
    let full = ["no space", "full", "quota", "too large", "552", "452", "failure writing", "error during write", "transfer aborted"];
    let says = |line: &&str| full.iter().any(|word| line.to_lowercase().contains(word));
    let lines: Vec<&str> = run.err.lines().filter(says).collect();
    assert_eq!(lines.len(), 1, "{run:#?}");
    let left = if FILES - done == 1 { "1 file is".to_owned() } else { format!("{} files are", FILES - done) };
    let left = format!("; {left} left: when there is room, ftpane queue --resume goes on");
    assert!(lines[0].ends_with(&left), "it does not say that {left}: {run:#?}");
    assert_eq!(run.with_state("failed").len(), 0, "{run:#?}");
}

/// Behind a run that met a full disk: whatever is there under a final name is the old file or all of the new one.
#[track_caller]
fn assert_unharmed(rig: &Rig, way: Way, run: &Run) {
    let there = Tree::read(&rig.target(way));
    assert_eq!(there.bytes("keep"), b"mine");
    let last = there.bytes("tree/f29");
    assert!(last == b"older" || last == tree().bytes("tree/f29"), "a file that was there is neither old nor new: {run:#?}");
    rig.assert_honest(run, way, &[&tree()]);
}

/// A disk that the ballast leaves little room on.
fn small_disk(rig: &Rig, way: Way) -> Option<SmallDisk> {
    let disk = SmallDisk::over(&rig.target(way), DISK)?;
    before().write_to(&rig.target(way));
    fs::write(rig.target(way).join("ballast"), vec![0; (DISK - ROOM) as usize]).unwrap();
    rig.server.own_root();
    Some(disk)
}

/// With room again everything arrives, from what the journal knows.
#[track_caller]
fn goes_on_with_room(rig: &Rig, way: Way) {
    fs::remove_file(rig.target(way).join("ballast")).unwrap();
    let run = rig.go_on();
    assert_eq!(run.code, Some(0), "{run:#?}");
    rig.assert_honest(&run, way, &[&tree()]);
    rig.assert_arrived(way, &tree().file("keep", "mine"));
}

#[test]
fn a_full_disk_here_holds_the_copy_with_one_message_and_harms_nothing() {
    each(|setup| {
        let rig = Rig::new(setup);
        rig.lay_out(Way::Down, &tree());
        let Some(_disk) = small_disk(&rig, Way::Down) else { return };
        let run = rig.program().run(&rig.words(Way::Down, "tree", &["--timeout", "5"])).ends(1);
        assert_unharmed(&rig, Way::Down, &run);
        assert_said_once(&run, run.with_state("done").len());
        goes_on_with_room(&rig, Way::Down);
    });
}

#[test]
fn a_full_disk_on_the_server_holds_the_copy_with_one_message_and_harms_nothing() {
    each(|setup| {
        let rig = Rig::new(setup);
        rig.lay_out(Way::Up, &tree());
        let Some(_disk) = small_disk(&rig, Way::Up) else { return };
        let run = rig.program().run(&rig.words(Way::Up, "tree", &["--timeout", "5", "--retries", "1"])).ends(1);
        assert_unharmed(&rig, Way::Up, &run);
        assert_said_once(&run, run.with_state("done").len());
        goes_on_with_room(&rig, Way::Up);
    });
}

#[test]
fn a_limit_on_the_size_of_files_holds_the_copy_as_a_full_disk_does() {
    each(|setup| {
        let rig = Rig::new(setup);
        let tree = tree().file("tree/f00", pattern(3 << 20, 77));
        rig.lay_out(Way::Down, &tree);
        // In blocks of 512 bytes. Who ignores the signal gets an error instead.
        let limited = rig.program().under(&["sh", "-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""]);
        let run = limited.run(&rig.words(Way::Down, "tree", &["--timeout", "5", "-j", "1"])).ends(1);
        rig.assert_honest(&run, Way::Down, &[&tree]);
        assert_said_once(&run, run.with_state("done").len());
        let again = rig.go_on();
        assert_eq!(again.code, Some(0), "{again:#?}");
        rig.assert_arrived(Way::Down, &tree);
    });
}

/// A server that takes so many files and then says that it is full.
fn takes(files: usize, then: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "on STOR * ({files} times):\n    S: 150 Go on\n    data recv\n    S: 226 Done\n\
         on STOR *:\n    S: 150 Go on\n    data recv 4\n    S: {then}\n    data fin\n\
         on SIZE /tree -> 550 No such file\n\
         on SIZE * -> 213 4\n\
         on MLST * -> 550 No such file\n\
         on MLSD*:\n    S: 150 Go on\n    data fin\n    S: 226 Done\n\
         on CWD / -> 250 Entered\n\
         on CWD * -> 550 No such file\n\
         on MKD * -> 257 Made\n\
         on DELE * -> 550 Nobody asked for that\n\
         include rules-hostile.ftp\n\
         S: 220 Ready\nserve\n"
    ))
}

#[test]
fn a_server_that_says_452_or_552_is_asked_for_no_further_file() {
    for then in ["552 Quota exceeded.", "452 Insufficient storage space in system."] {
        let server = takes(3, then);
        let dir = tempfile::tempdir().unwrap();
        let tree = (0..FILES).fold(Tree::new(), |tree, number| tree.file(format!("tree/f{number:02}"), "text"));
        tree.write_to(dir.path());
        let program = Program::within(dir.path());
        let run = program.run(&["put", "-r", "-j", "1", "tree", &server.url(""), "--timeout", "5"]).ends(1);
        assert_eq!(run.with_state("done").len(), 3, "{run:#?}\n{}", server.record().dialogue());
        assert_said_once(&run, 3);
        assert!(run.err.contains(&then[4..]), "the server's words are missing: {run:#?}");
        assert_eq!(server.record().count("STOR"), 4, "{}", server.record().dialogue());
        assert_eq!(program.queue().len(), 1, "the batch is not in the journal");
    }
}
