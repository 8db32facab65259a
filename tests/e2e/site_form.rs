//! The form of a site in the terminal, by keys and by mouse; what it does not show stays in the files.

use std::fs;

use crate::rig::{LARGE, SMALL, program};
use crate::support::pty::Key;
use crate::support::wait::wait_for;

const SITES: &str = "\
# my servers
[[site]]
name = \"work\" # the old box
url = \"ftpes://alice@ftp.example.org/www\"
timeout = 30 # slow line
client_cert = \"c.pem\"
learnt = { no_epsv = true, connections = 4 }

[[site]]
name = \"other\"
host = \"127.0.0.1\"
";

#[test]
fn tls_of_a_site_is_set_in_its_form_and_nothing_else_of_it_is_lost() {
    for size in [SMALL, LARGE] {
        let around = tempfile::tempdir().unwrap();
        let config = around.path().join("home/.config/ftpane");
        fs::create_dir_all(&config).unwrap();
        fs::create_dir(around.path().join("local")).unwrap();
        fs::write(config.join("sites.toml"), SITES).unwrap();
        let pin = "AB:".repeat(32);
        let servers = format!("# met\n[[server]]\naddress = \"ftp.example.org:21\"\ntrusted = [\"{}\"]\ntls = true\n", &pin[..95]);
        fs::write(config.join("servers.toml"), servers).unwrap();
        let read = |file: &str| fs::read_to_string(config.join(file)).unwrap();
        let screen = program(around.path(), size).start();
        screen.wait_text("work");
        screen.key(Key::Down);
        screen.key(Key::F(4));
        screen.wait_text("Edit site");
        // To the page by its tab, through a choice by keys and by its arrow.
        let (col, row) = screen.wait_find(" TLS ");
        screen.click(col + 1, row);
        screen.wait_text("Oldest version");
        screen.wait_text("else no login");
        screen.wait_text("AB:AB:AB");
        screen.key(Key::Down);
        screen.keys(" ");
        screen.wait_text("◂ 1.3 ▸");
        let (col, row) = screen.wait_find("◂ stay with TLS ▸");
        screen.click(col + 16, row);
        screen.wait_text("◂ clear ▸");
        let (col, row) = screen.wait_find("AB:AB:AB");
        screen.click(col, row);
        screen.wait_text("Ctrl-U forgets it");
        screen.ctrl('u');
        screen.keys("nonsense\r");
        screen.wait_text("Trusted: a SHA-256 fingerprint");
        screen.ctrl('u');
        screen.key(Key::Enter);
        screen.wait_text("saved work");
        wait_for("what was trusted to go", || !read("servers.toml").contains("AB:AB"));
        assert_eq!(read("servers.toml"), "# met\n[[server]]\naddress = \"ftp.example.org:21\"\ntls = true\n");
        let (before, other) = SITES.split_once("\n[[site]]\nname = \"other\"").unwrap();
        let sites = read("sites.toml");
        let mine = sites.strip_suffix(&format!("\n[[site]]\nname = \"other\"{other}")).unwrap_or_else(|| panic!("{sites}"));
        let new: Vec<&str> = mine.strip_prefix(before).unwrap_or_else(|| panic!("{sites}")).lines().collect();
        assert_eq!(new, ["min_tls = \"1.3\"", "ccc = true"], "{sites}");
    }
}
