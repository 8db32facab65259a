//! How the program begins: the demo, a URL with a password asked for, nothing at all, two targets.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Served, Who, program, wait_bytes};
use crate::support::pty::{Builder, Key};
use crate::support::tree::Tree;

#[test]
fn the_demo_opens_browses_copies_down_and_up_and_is_gone_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Builder::ftpane(80, 24).home(home.path()).args(&["demo"]).start();
    screen.wait_text("poems/");
    screen.wait_text("letter.txt");
    // Where the demo keeps its files while it runs.
    let all = fs::read_dir(home.path().join(".tmp")).unwrap().map(|entry| entry.unwrap().path());
    let scratch: Vec<_> = all.filter(|path| path.to_string_lossy().contains("ftpane-demo-")).collect();
    assert_eq!(scratch.len(), 1, "{scratch:?}");
    let (served, local) = (scratch[0].join("server"), scratch[0].join("local"));
    assert!(served.is_dir() && local.is_dir(), "{scratch:?}");
    // Up: the letter.
    let (col, row) = screen.wait_find("letter.txt");
    screen.click(col, row);
    screen.key(Key::F(5));
    wait_bytes(&served.join("letter.txt"), &fs::read(local.join("letter.txt")).unwrap());
    screen.wait_for("the letter on the right", |view| view.find_from(40, "letter.txt").is_some());
    // Down: a poem, out of its directory.
    screen.key(Key::Tab);
    let (col, row) = screen.wait_find("poems/");
    screen.double_click(col, row);
    let (col, row) = screen.wait_find("tide.txt");
    screen.click(col, row);
    screen.key(Key::F(5));
    wait_bytes(&local.join("tide.txt"), &fs::read(served.join("poems/tide.txt")).unwrap());
    screen.wait_for("the poem on the left", |view| Left.row(view, "tide.txt").is_some());
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success(), "{}", screen.view().framed());
    assert!(!scratch[0].exists(), "the demo leaves {scratch:?}");
    assert_eq!(screen.view().leftovers(), Vec::<&str>::new());
}

on_each_server! {
    fn a_url_asks_for_the_password_again_after_a_wrong_one_and_opens_its_directory(who) {
        let files = Tree::new().file("dir/inside.txt", "x").file("outside.txt", "y");
        let Some(served) = Served::start(who, &files) else { return };
        let around = tempfile::tempdir().unwrap();
        fs::create_dir(around.path().join("local")).unwrap();
        let screen = program(around.path(), LARGE).args(&[served.open_url("dir")]).start();
        screen.wait_text("Password");
        screen.keys("not-this-one");
        screen.key(Key::Enter);
        // pure-ftpd makes one wait after a wrong password.
        screen.wait_text("530");
        screen.keys(&served.password);
        screen.key(Key::Enter);
        screen.wait_text("inside.txt");
        assert!(screen.find("outside.txt").is_none(), "{}", screen.view().framed());
        for secret in ["not-this-one", &served.password] {
            assert!(who == Who::Embedded || !screen.saw_bytes(secret.as_bytes()), "{secret} was shown");
        }
    }
}

#[test]
fn without_a_target_sites_are_listed_and_a_url_can_be_typed() {
    for size in [SMALL, LARGE] {
        let Some(served) = Served::start(Who::Pyftpdlib, &Tree::new().file("dir/inside.txt", "x")) else { return };
        let around = tempfile::tempdir().unwrap();
        fs::create_dir(around.path().join("local")).unwrap();
        fs::write(around.path().join("local/mine.txt"), "m").unwrap();
        let screen = program(around.path(), size).start();
        screen.wait_text("mine.txt");
        screen.wait_text("type a URL");
        assert!(Right.focused(&screen.view()) && !Left.focused(&screen.view()), "{}", screen.view().framed());
        screen.keys(&served.open_url("dir"));
        screen.key(Key::Enter);
        screen.wait_text("Password");
        screen.keys("secret\r");
        screen.wait_text("inside.txt");
    }
}

#[test]
fn a_url_that_leads_nowhere_stays_in_the_line_with_the_reason() {
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let screen = program(around.path(), SMALL).args(&["ftp://u@127.0.0.1:1/x"]).start();
    screen.wait_text("listens there");
    let text = screen.text();
    assert!(text.contains("ftp://u@127.0.0.1:1/x"), "{text}");
}

#[test]
fn two_targets_stand_beside_each_other() {
    let Some(served) = Served::start(Who::Pyftpdlib, &Tree::new().file("theirs.txt", "x")) else { return };
    let around = tempfile::tempdir().unwrap();
    fs::create_dir_all(around.path().join("local/deep")).unwrap();
    fs::write(around.path().join("local/deep/mine.txt"), "m").unwrap();
    let screen = program(around.path(), SMALL).args(&[served.url(""), "./deep".to_owned()]).start();
    screen.wait_for("the server on the left", |view| Left.row(view, "theirs.txt").is_some());
    screen.wait_for("the directory on the right", |view| Right.row(view, "mine.txt").is_some());
}

#[test]
fn a_password_may_come_from_the_environment_and_is_in_no_process_list() {
    let Some(served) = Served::start(Who::Vsftpd, &Tree::new().file("a.txt", "x")) else { return };
    let around = tempfile::tempdir().unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let screen = program(around.path(), SMALL).env("FTPANE_PASSWORD", "secret").args(&[served.open_url("")]).start();
    screen.wait_text("a.txt");
    let in_url = program(around.path(), SMALL).args(&[served.url("")]).start();
    in_url.wait_text("a.txt");
    for pid in [screen.pid(), in_url.pid()] {
        for file in ["cmdline", "environ"] {
            let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"secret"), "{file} of {pid}");
        }
    }
}

#[test]
fn a_session_ends_with_the_terminal_as_it_was() {
    let mut session = open!(Opening::new(Who::Proftpd).remote(Tree::new().file("a.txt", "x")));
    let before = session.screen.stty();
    session.quit();
    assert!(!before.contains(" icanon") && session.screen.stty().contains(" icanon"), "{before}\n{}", session.screen.stty());
}
