//! `ls`, `get` and `put` against every server at hand: what arrives is compared byte by byte.
#![cfg(all(feature = "demo", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::fs;

use assert_cmd::Command;
use support::cli::{PROGRAM, each, err, ftpane, objects, out};
use support::tree::{Tree, pattern};

fn sample() -> Tree {
    Tree::new()
        .file_at("tree/a.txt", "hello", 1_700_000_000)
        .file("tree/Grüße aus Köln.txt", "ü")
        .file("tree/two  blanks", "")
        .file("tree/-rf", "minus")
        .file("tree/[1]*?.txt", "mask")
        .file("tree/deep/er/big.bin", pattern(700_000, 1))
        .dir("tree/empty")
}

#[test]
fn a_tree_goes_up_and_comes_back_the_same() {
    each(|server, _, url| {
        let here = tempfile::tempdir().unwrap();
        sample().write_to(here.path());
        ftpane(here.path(), &["put", "-r", "tree", &url("/")]).code(0);
        ftpane(here.path(), &["get", "-r", &url("/tree"), "back"]).code(0);
        let difference = Tree::read(&here.path().join("tree")).difference(&Tree::read(&here.path().join("back")), false);
        assert!(difference.is_empty(), "{server}:\n{difference}");
    });
}

#[test]
fn copies_land_where_cp_would_put_them() {
    each(|server, _, url| {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path();
        sample().write_to(here);
        ftpane(here, &["put", "-r", "tree", &url("/")]).code(0);
        let text = |path: &str| fs::read_to_string(here.join(path)).unwrap_or_else(|error| panic!("{server}: {path}: {error}"));
        // The current directory, a new name, an existing directory, several sources.
        ftpane(here, &["get", &url("/tree/a.txt")]).code(0);
        ftpane(here, &["get", &url("/tree/a.txt"), "new name"]).code(0);
        fs::create_dir(here.join("dir")).unwrap();
        ftpane(here, &["get", &url("/tree/a.txt"), &url("/tree/-rf"), "dir"]).code(0);
        ftpane(here, &["get", "-r", &url("/tree/deep"), "dir"]).code(0);
        assert_eq!([text("a.txt"), text("new name"), text("dir/a.txt"), text("dir/-rf")], ["hello", "hello", "hello", "minus"]);
        assert!(here.join("dir/deep/er/big.bin").is_file(), "{server}");
        // The server's root copies what is in it.
        ftpane(here, &["get", "-r", &url("/"), "all"]).code(0);
        assert!(here.join("all/tree/a.txt").is_file(), "{server}");
        // Directories need -r; nothing is copied then.
        assert!(err(&ftpane(here, &["get", &url("/tree"), "no"]).code(2)).contains("-r"), "{server}");
        assert!(!here.join("no").exists());
        // Upload: a new name, into a directory, several.
        ftpane(here, &["put", "a.txt", &url("/renamed")]).code(0);
        ftpane(here, &["put", "a.txt", "dir/-rf", &url("/tree/empty/")]).code(0);
        ftpane(here, &["get", &url("/renamed"), &url("/tree/empty/-rf"), "all"]).code(0);
        assert_eq!([text("all/renamed"), text("all/-rf")], ["hello", "minus"]);
        ftpane(here, &["put", "a.txt", "dir/-rf", &url("/nowhere")]).code(2);
        ftpane(here, &["put", "a.txt", &url("/nowhere/")]).code(2);
    });
}

#[test]
fn standard_output_and_devices_are_written_straight() {
    each(|server, root, url| {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("f"), pattern(300_000, 2)).unwrap();
        ftpane(here.path(), &["put", "f", &url("/")]).code(0);
        let piped = ftpane(here.path(), &["get", &url("/f"), "-"]).code(0);
        assert!(piped.get_output().stdout == pattern(300_000, 2), "{server}");
        ftpane(here.path(), &["get", &url("/f"), "/dev/null"]).code(0);
        // A regular file as standard output is added to, as the shell's >> asks.
        let file = here.path().join("out");
        fs::write(&file, "before").unwrap();
        let line = format!("'{PROGRAM}' get '{}' - >> out", url("/f"));
        Command::new("sh").args(["-c", &line]).env("HOME", here.path()).current_dir(here.path()).assert().code(0);
        assert_eq!(fs::read(&file).unwrap().len(), 6 + 300_000, "{server} {}", root.display());
    });
}

#[test]
fn what_is_missing_fails_alone_and_is_named_with_the_servers_words() {
    each(|server, _, url| {
        let here = tempfile::tempdir().unwrap();
        fs::write(here.path().join("f"), "text").unwrap();
        ftpane(here.path(), &["put", "f", &url("/")]).code(0);
        fs::create_dir(here.path().join("dir")).unwrap();
        let assert = ftpane(here.path(), &["get", &url("/missing"), &url("/f"), "dir"]).code(1);
        assert!(err(&assert).contains("missing"), "{server}: {}", err(&assert));
        assert_eq!(fs::read_to_string(here.path().join("dir/f")).unwrap(), "text");
        ftpane(here.path(), &["put", "nothing", "f", &url("/")]).code(1);
        assert!(err(&ftpane(here.path(), &["ls", &url("/missing/")]).code(1)).contains("550"), "{server}");
    });
}

#[test]
fn the_rules_for_existing_files_and_the_resume_hold() {
    each(|server, _, url| {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path();
        fs::write(here.join("f"), pattern(200_000, 3)).unwrap();
        ftpane(here, &["put", "f", &url("/")]).code(0);
        let copy = here.join("copy");
        fs::write(&copy, &pattern(200_000, 3)[..90_000]).unwrap();
        ftpane(here, &["get", "-c", &url("/f"), "copy"]).code(0);
        assert!(fs::read(&copy).unwrap() == pattern(200_000, 3), "{server}");
        fs::write(&copy, "mine").unwrap();
        ftpane(here, &["get", "--existing=skip", &url("/f"), "copy"]).code(0);
        assert_eq!(fs::read_to_string(&copy).unwrap(), "mine");
        ftpane(here, &["get", "--existing=fail", &url("/f"), "copy"]).code(1);
        ftpane(here, &["get", &url("/f"), "copy"]).code(0);
        assert!(fs::read(&copy).unwrap() == pattern(200_000, 3), "{server}");
    });
}

#[test]
fn a_report_tells_over_how_many_connections_a_file_in_parts_came() {
    each(|server, root, url| {
        let here = tempfile::tempdir().unwrap();
        fs::write(root.join("big"), pattern(8 << 20, 4)).unwrap();
        // Slow enough for everybody to join.
        for (segments, expected) in [("4", 2..=4), ("1", 0..=0)] {
            let args = ["get", "--json", "--limit=6M", "--segments", segments, &url("/big"), "."];
            let assert = ftpane(here.path(), &args).code(0);
            let connections = objects(&assert)[0]["connections"].as_u64().unwrap_or(0);
            assert!(expected.contains(&connections), "{server}, {segments}: {}", out(&assert));
            assert!(fs::read(here.path().join("big")).unwrap() == pattern(8 << 20, 4), "{server}");
        }
    });
}

#[test]
fn listings_and_reports_are_lines_of_json() {
    each(|server, _, url| {
        let here = tempfile::tempdir().unwrap();
        sample().write_to(here.path());
        let sent = ftpane(here.path(), &["put", "--json", "-r", "tree", &url("/")]).code(0);
        let lines = objects(&sent);
        assert_eq!(
            lines.iter().filter(|line| line["type"] == "transfer" && line["state"] == "done").count(),
            6,
            "{server}: {}",
            out(&sent)
        );
        assert_eq!((lines.last().unwrap()["type"].as_str(), lines.last().unwrap()["done"].as_u64()), (Some("summary"), Some(6)));
        let assert = ftpane(here.path(), &["ls", "--json", &url("/tree/")]).code(0);
        let (listed, rows) = (out(&assert), objects(&assert));
        assert!(listed.lines().all(|line| line.starts_with("{\"type\":\"")), "{listed}");
        let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{server}: no {name} in {listed}"));
        assert_eq!((row("a.txt")["type"].as_str(), row("a.txt")["size"].as_u64()), (Some("file"), Some(5)));
        assert_eq!(row("deep")["type"], "dir");
        let mut names: Vec<_> = out(&ftpane(here.path(), &["ls", &url("/tree")]).code(0)).lines().map(str::to_owned).collect();
        names.sort();
        assert_eq!(names, ["-rf", "Grüße aus Köln.txt", "[1]*?.txt", "a.txt", "deep", "empty", "two  blanks"], "{server}");
    });
}

#[test]
fn get_c_goes_on_from_what_a_broken_off_download_kept() {
    each(|server, root, url| {
        let here = tempfile::tempdir().unwrap();
        let here = here.path();
        fs::write(here.join("f"), pattern(300_000, 5)).unwrap();
        ftpane(here, &["put", "f", &url("/f")]).code(0);
        let whole = fs::read(here.join("f")).unwrap();
        // Of what is here only the end is compared: other bytes before it show in the outcome that they were not fetched again.
        let mut part = whole[..200_000].to_vec();
        part[..1000].fill(b'.');
        fs::write(here.join(".copy.ftpane-part"), &part).unwrap();
        ftpane(here, &["get", "-c", &url("/f"), "copy"]).code(0);
        let copy = fs::read(here.join("copy")).unwrap();
        assert!(copy[..200_000] == part && copy[200_000..] == whole[200_000..], "{server} at {}", root.display());
        assert!(!here.join(".copy.ftpane-part").exists(), "{server}");
    });
}

#[test]
fn get_c_begins_anew_where_the_partial_is_of_another_file() {
    each(|server, _, url| {
        let here = tempfile::tempdir().unwrap();
        let here = here.path();
        let whole = pattern(300_000, 5);
        fs::write(here.join("f"), &whole).unwrap();
        ftpane(here, &["put", "f", &url("/f")]).code(0);
        fs::write(here.join(".copy.ftpane-part"), pattern(100_000, 6)).unwrap();
        ftpane(here, &["get", "-c", &url("/f"), "copy"]).code(0);
        assert!(fs::read(here.join("copy")).unwrap() == whole, "{server}");
    });
}
