//! `ftpane mirror` against every server at hand: what is there afterwards is compared byte by byte, and a second run moves nothing.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use support::cli::{each, err, ftpane, out, summary};
use support::tree::{Tree, pattern};

/// Files of today, of the last months and of another year, which listings date by the minute or by the day.
fn sample() -> Tree {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Tree::new()
        .file_at("tree/old.txt", "hello", 1_500_000_123)
        .file_at("tree/recent.txt", "hello", now - 40 * 86_400 - 7)
        .file_at("tree/today.txt", "hello", now - 3_600)
        .file("tree/now.txt", "hello")
        .file("tree/Grüße aus Köln.txt", "ü")
        .file("tree/two  blanks", "")
        .file("tree/-rf", "minus")
        .file("tree/[1]*?.txt", "mask")
        .file("tree/deep/er/big.bin", pattern(300_000, 1))
        .dir("tree/empty")
}

fn same(server: &str, one: &Path, other: &Path) {
    let difference = Tree::read(one).difference(&Tree::read(other), false);
    assert!(difference.is_empty(), "{server}:\n{difference}");
}

#[test]
fn a_tree_is_mirrored_both_ways_and_a_second_run_moves_nothing() {
    each(|server, _, url| {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path();
        sample().write_to(here);
        for copied in [9, 0] {
            let assert = ftpane(here, &["mirror", "--json", "tree", &url("/copy")]).code(0);
            assert_eq!(summary(&assert)["done"], copied, "{server} up: {}", out(&assert));
        }
        for copied in [9, 0] {
            let assert = ftpane(here, &["mirror", "--json", &url("/copy"), "back"]).code(0);
            assert_eq!(summary(&assert)["done"], copied, "{server} down: {}", out(&assert));
        }
        same(server, &here.join("tree"), &here.join("back"));
        // And up again from what came down: nothing differs.
        let assert = ftpane(here, &["mirror", "--json", "back", &url("/copy")]).code(0);
        assert_eq!(
            (summary(&assert)["done"].as_u64(), summary(&assert)["skipped"].as_u64()),
            (Some(0), Some(9)),
            "{server}: {}",
            out(&assert)
        );
    });
}

#[test]
fn only_what_changed_moves_and_deleting_makes_both_the_same() {
    each(|server, _, url| {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path();
        sample().write_to(here);
        ftpane(here, &["mirror", "tree", &url("/copy")]).code(0);
        fs::write(here.join("tree/old.txt"), "another size").unwrap();
        fs::write(here.join("tree/new.txt"), "new").unwrap();
        fs::remove_file(here.join("tree/-rf")).unwrap();
        fs::remove_dir_all(here.join("tree/deep")).unwrap();
        fs::write(here.join("tree/deep"), "a file now").unwrap();
        fs::remove_file(here.join("tree/now.txt")).unwrap();
        fs::create_dir(here.join("tree/now.txt")).unwrap();
        // Without --delete what is of another kind is a failure, and extras stay.
        let assert = ftpane(here, &["mirror", "--json", "tree", &url("/copy")]).code(1);
        let total = summary(&assert);
        assert_eq!(
            (total["done"].as_u64(), total["failed"].as_u64(), total["deleted"].as_u64()),
            (Some(2), Some(2), Some(0)),
            "{server}: {}",
            out(&assert)
        );
        let dry = ftpane(here, &["mirror", "--dry-run", "--delete", "tree", &url("/copy")]).code(0);
        assert_eq!(out(&dry).lines().filter(|line| line.starts_with("delete ")).count(), 5, "{server}: {}", out(&dry));
        let dry_json = ftpane(here, &["mirror", "-n", "--delete", "--json", "tree", &url("/copy")]).code(0);
        assert_eq!((summary(&dry_json)["dry_run"].as_bool(), summary(&dry_json)["to_delete"].as_u64()), (Some(true), Some(5)));
        let (copies, done) = (summary(&dry_json)["to_copy"].as_u64(), summary(&dry_json).get("done").cloned());
        assert_eq!((copies, done), (Some(1), None), "nothing was done: {}", out(&dry_json));
        let assert = ftpane(here, &["mirror", "--delete", "--json", "tree", &url("/copy")]).code(0);
        let total = summary(&assert);
        assert_eq!((total["done"].as_u64(), total["deleted"].as_u64()), (Some(1), Some(5)), "{server}: {}", out(&assert));
        ftpane(here, &["mirror", "--delete", &url("/copy"), "back"]).code(0);
        same(server, &here.join("tree"), &here.join("back"));
        // Down with --delete: what is only here goes.
        fs::create_dir_all(here.join("back/extra/deep")).unwrap();
        fs::write(here.join("back/extra/deep/f"), "x").unwrap();
        let assert = ftpane(here, &["mirror", "--delete", &url("/copy"), "back"]).code(0);
        assert!(err(&assert).contains("3 deleted") && err(&assert).contains("extra/deep/f"), "{server}: {}", err(&assert));
        same(server, &here.join("tree"), &here.join("back"));
    });
}

#[test]
fn nothing_behind_a_link_is_ever_deleted() {
    each(|server, root, url| {
        if server == "embedded" {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path();
        sample().write_to(here);
        ftpane(here, &["mirror", "tree", &url("/copy")]).code(0);
        ftpane(here, &["mirror", "tree/deep", &url("/precious")]).code(0);
        // At the server and here: a link to a directory that is no part of the mirror.
        symlink("../precious", root.join("copy/way out")).unwrap();
        ftpane(here, &["mirror", "--delete", "tree", &url("/copy")]).code(0);
        assert!(fs::symlink_metadata(root.join("copy/way out")).is_err(), "{server}");
        assert!(root.join("precious/er/big.bin").is_file(), "{server}: deleted behind a link");
        fs::create_dir(here.join("precious")).unwrap();
        fs::write(here.join("precious/f"), "p").unwrap();
        ftpane(here, &["mirror", &url("/copy"), "back"]).code(0);
        symlink("../precious", here.join("back/way out")).unwrap();
        ftpane(here, &["mirror", "--delete", &url("/copy"), "back"]).code(0);
        assert!(fs::symlink_metadata(here.join("back/way out")).is_err(), "{server}");
        assert!(here.join("precious/f").is_file(), "{server}");
    });
}

#[test]
fn a_target_is_made_and_what_makes_no_sense_is_said_before_anything_moves() {
    each(|server, _, url| {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path();
        sample().write_to(here);
        ftpane(here, &["mirror", "--dry-run", "tree", &url("/new")]).code(0);
        assert!(err(&ftpane(here, &["mirror", &url("/new"), "back"]).code(1)).contains("no such directory"), "{server}");
        ftpane(here, &["mirror", "tree", &url("/new")]).code(0);
        assert!(err(&ftpane(here, &["mirror", &url("/new/old.txt"), "back"]).code(2)).contains("no directory"), "{server}");
        ftpane(here, &["mirror", "tree", &url("/new/old.txt")]).code(2);
        ftpane(here, &["mirror", "tree/old.txt", &url("/new")]).code(2);
        ftpane(here, &["mirror", "missing", &url("/new")]).code(1);
        ftpane(here, &["mirror", &url("/new"), "tree/old.txt"]).code(2);
        ftpane(here, &["mirror", &url("/new"), "no/such/parent"]).code(2);
        ftpane(here, &["mirror", &url("/new"), &url("/other")]).code(2);
        ftpane(here, &["mirror", "./tree", "./other"]).code(2);
        assert!(!here.join("back").exists());
    });
}
