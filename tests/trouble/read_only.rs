//! Targets that may not be written to: said once, nothing is claimed, nothing is changed, and no server is pestered.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::geteuid;

use crate::rig::{Rig, Way, each};
use crate::support::disk::SmallDisk;
use crate::support::servers::Kind;
use crate::support::tree::Tree;

fn tree() -> Tree {
    (0..20).fold(Tree::new(), |tree, number| tree.file(format!("tree/f{number}"), "text"))
}

#[test]
fn a_local_directory_that_may_not_be_written_to_stays_as_it_is() {
    each(|setup| {
        let rig = Rig::new(setup);
        rig.lay_out(Way::Down, &tree());
        let before = Tree::new().file("tree/f3", "older");
        // Root may write into any directory: there it takes a file system that nobody may write to.
        let disk = SmallDisk::over(&rig.here(), 1 << 20);
        before.write_to(&rig.here());
        match &disk {
            Some(disk) => disk.read_only(),
            None if geteuid().is_root() => return left_out("a mount"),
            None => fs::set_permissions(rig.here().join("tree"), Permissions::from_mode(0o555)).unwrap(),
        }
        let run = rig.program().run(&rig.words(Way::Down, "tree", &["--timeout", "5"])).ends(1);
        let words = run.err.to_lowercase();
        assert!(words.contains("read-only") || words.contains("denied"), "{run:#?}");
        assert_eq!(run.with_state("done").len(), 0, "{run:#?}");
        before.assert_same(&Tree::read(&rig.here()));
        if disk.is_none() {
            fs::set_permissions(rig.here().join("tree"), Permissions::from_mode(0o755)).unwrap();
        }
    });
}

#[test]
fn a_directory_on_the_server_that_may_not_be_written_to_stays_as_it_is() {
    each(|setup| {
        let rig = Rig::new(setup);
        if rig.server.kind == Kind::Pyftpdlib && geteuid().is_root() {
            // It serves as root, who may write everywhere.
            return;
        }
        tree().write_to(&rig.here());
        let before = Tree::new().file("tree/f3", "older");
        before.write_to(&rig.there());
        rig.server.own_root();
        for dir in [rig.there().join("tree"), rig.there()] {
            fs::set_permissions(dir, Permissions::from_mode(0o555)).unwrap();
        }
        fs::set_permissions(rig.there().join("tree/f3"), Permissions::from_mode(0o444)).unwrap();
        let run = rig.program().run(&rig.words(Way::Up, "tree", &["--timeout", "5"])).ends(1);
        assert_eq!(run.with_state("done").len(), 0, "{run:#?}");
        assert!(run.err.contains("55"), "the server's words are missing: {run:#?}");
        before.assert_same(&Tree::read(&rig.there()));
        tree().assert_same(&Tree::read(&rig.here()));
        // Each file may ask once, and each connection log in once; a refusal for good is not tried again.
        let connections = rig.proxy.tally().connections();
        assert!(connections <= 60, "{connections} connections for 20 files that were refused: {run:#?}");
        fs::set_permissions(rig.there(), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(rig.there().join("tree"), Permissions::from_mode(0o755)).unwrap();
    });
}

fn left_out(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "left out: {} needs {what}", std::thread::current().name().unwrap_or("a test"));
}
