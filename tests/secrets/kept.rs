//! Passwords that are kept: the vault from the command line and from the panes, netrc, a site's own command.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use ftpane::demo;

use crate::rig::{Home, PASSWORD, holds, server, url};
use crate::support::cli::{err, out};
use crate::support::pty::{Key, Screen};
use crate::support::wait::{DEADLINE, until};

const PASSPHRASE: &str = "open, sesame";

/// `ftpane sites password work --store vault`, with a vault that is made for it.
fn keep_in_vault(home: &Home) {
    let mut screen = home.terminal(&["sites", "password", "work", "--store", "vault"]).start();
    screen.wait_text("Password for tester at work:");
    screen.keys(&format!("{PASSWORD}\r"));
    screen.wait_text("There is no vault yet.");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("The same again:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("is kept in the vault");
    assert!(screen.wait_exit().success());
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()) && !screen.saw_bytes(PASSPHRASE.as_bytes()), "it was shown");
}

fn sites_file(home: &Home) -> String {
    fs::read_to_string(home.path().join(".config/ftpane/sites.toml")).unwrap()
}

fn quit(mut screen: Screen) {
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success());
}

#[test]
fn a_password_in_the_vault_opens_its_site_for_who_knows_the_passphrase() {
    let home = Home::new();
    let server = server();
    home.ftpane(&["sites", "add", "work", &url(&server, "")]).assert().code(0);
    keep_in_vault(&home);
    assert!(sites_file(&home).contains("password = \"vault\""), "{}", sites_file(&home));
    home.assert_holds_none(&[], "the vault");
    let vault = home.path().join(".config/ftpane/vault");
    assert_eq!(fs::metadata(&vault).unwrap().permissions().mode() & 0o777, 0o600);

    let mut screen = home.terminal(&["ls", "work"]).start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys("something else\r");
    screen.wait_for("the second question", |view| view.text().matches("Passphrase of the vault:").count() == 2);
    screen.wait_text("not the vault's passphrase");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("a.txt");
    assert!(screen.wait_exit().success());

    // Without a terminal it stays closed, which is said, and the password cannot be asked for.
    let assert = home.ftpane(&["ls", "work"]).assert().code(3);
    assert!(err(&assert).contains("the vault needs its passphrase") && err(&assert).contains("needs a password"), "{}", err(&assert));

    // A password that the server takes no more says how to keep another one.
    let mut screen = home.terminal(&["sites", "password", "work"]).env("FTPANE_PASSWORD", "an old one").start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("is kept in the vault");
    assert!(screen.wait_exit().success());
    let mut screen = home.terminal(&["ls", "work"]).start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("530 No");
    screen.wait_text("sites password work keeps another one");
    assert_eq!(screen.wait_exit().exit_code(), 3);

    let mut screen = home.terminal(&["sites", "password", "work", "--forget"]).start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("is forgotten");
    assert!(screen.wait_exit().success());
    assert!(!sites_file(&home).contains("password"), "{}", sites_file(&home));
}

#[test]
fn the_panes_offer_to_keep_a_password_and_use_it_the_next_time() {
    let home = Home::new();
    let server = server();
    home.ftpane(&["sites", "add", "work", &url(&server, "")]).assert().code(0);
    let screen = home.terminal(&["work"]).start();
    screen.wait_text("asks for the password of tester");
    screen.wait_text("Keep it");
    screen.keys(PASSWORD);
    screen.key(Key::Tab);
    screen.key(Key::Right);
    screen.key(Key::Right);
    screen.wait_text("in the vault");
    screen.key(Key::Enter);
    screen.wait_text("There is no vault yet");
    screen.keys(PASSPHRASE);
    screen.key(Key::Tab);
    screen.keys(PASSPHRASE);
    screen.key(Key::Enter);
    screen.wait_text("is kept in the vault");
    screen.wait_text("a.txt");
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()) && !screen.saw_bytes(PASSPHRASE.as_bytes()), "it was shown");
    quit(screen);
    assert!(sites_file(&home).contains("password = \"vault\""), "{}", sites_file(&home));
    home.assert_holds_none(&[], "the panes");

    // From the list: the vault asks for its passphrase in a dialog, and nobody for the password.
    let screen = home.terminal(&[]).start();
    screen.wait_text("work");
    screen.keys("work\r");
    screen.wait_text("The vault opens with its passphrase");
    screen.keys(PASSPHRASE);
    screen.key(Key::Enter);
    screen.wait_text("a.txt");
    quit(screen);
    home.assert_holds_none(&[], "the panes again");
}

#[test]
fn the_vault_gets_another_passphrase_from_who_knows_the_one_that_it_has() {
    const OTHER: &str = "shut, sesame";
    let home = Home::new();
    let server = server();
    let none = home.ftpane(&["vault", "passphrase"]).assert().code(1);
    assert!(err(&none).contains("there is no vault"), "{}", err(&none));
    home.ftpane(&["sites", "add", "work", &url(&server, "")]).assert().code(0);
    keep_in_vault(&home);
    let vault = home.path().join(".config/ftpane/vault");
    let before = fs::read(&vault).unwrap();
    let alone = home.ftpane(&["vault", "passphrase"]).assert().code(1);
    assert!(err(&alone).contains("no terminal to ask on"), "{}", err(&alone));

    // Who does not know it, or breaks off, changes nothing.
    let mut screen = home.terminal(&["vault", "passphrase"]).start();
    for tries in 1..=3 {
        screen.wait_for("the question", |view| view.text().matches("Passphrase of the vault:").count() == tries);
        screen.keys("not it\r");
    }
    screen.wait_text("does not open");
    assert_eq!(screen.wait_exit().exit_code(), 1);
    let mut screen = home.terminal(&["vault", "passphrase"]).start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("A new passphrase");
    screen.ctrl('c');
    assert_eq!(screen.wait_exit().exit_code(), 130);
    assert_eq!(fs::read(&vault).unwrap(), before);

    let mut screen = home.terminal(&["vault", "passphrase"]).start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_text("A new passphrase");
    screen.keys(&format!("{OTHER}\r"));
    screen.wait_text("The same again:");
    screen.keys(&format!("{OTHER}\r"));
    screen.wait_text("the new passphrase from now on");
    assert!(screen.wait_exit().success());
    assert!(!screen.saw_bytes(PASSPHRASE.as_bytes()) && !screen.saw_bytes(OTHER.as_bytes()), "it was shown");
    assert_eq!(fs::metadata(&vault).unwrap().permissions().mode() & 0o777, 0o600);

    let mut screen = home.terminal(&["ls", "work"]).start();
    screen.wait_text("Passphrase of the vault:");
    screen.keys(&format!("{PASSPHRASE}\r"));
    screen.wait_for("the second question", |view| view.text().matches("Passphrase of the vault:").count() == 2);
    screen.wait_text("not the vault's passphrase");
    screen.keys(&format!("{OTHER}\r"));
    screen.wait_text("a.txt");
    assert!(screen.wait_exit().success());
    home.assert_holds_none(&[], "another passphrase");
}

#[test]
fn netrc_gives_user_and_password_and_is_refused_where_others_can_read_it() {
    let home = Home::new();
    let server = server();
    let bare = format!("ftp://{}/", server.addr());
    home.file(".netrc", &format!("machine 127.0.0.1\n  login tester\n  password \"{PASSWORD}\"\n"));
    assert_eq!(out(&home.ftpane(&["ls", &bare]).assert().code(0)), "a.txt\n");
    assert!(server.finished().commands().iter().any(|command| command == b"USER tester"));
    fs::set_permissions(home.path().join(".netrc"), fs::Permissions::from_mode(0o640)).unwrap();
    let assert = home.ftpane(&["ls", &bare]).assert().code(2);
    assert!(err(&assert).contains("can be read by others (mode 640)") && err(&assert).contains("chmod 600"), "{}", err(&assert));
    let named = home.ftpane(&["ls", &bare.replacen("//", "//tester@", 1)]).assert().code(3);
    assert!(err(&named).contains("can be read by others") && !holds(&named.get_output().stderr), "{}", err(&named));
}

#[test]
fn a_site_may_have_a_command_that_prints_its_password_and_its_failure_is_told() {
    let home = Home::new();
    let server = server();
    home.file("secret", &format!("{PASSWORD}\nsecond line\n"));
    let command = format!("cat {}/secret", home.path().display());
    home.ftpane(&["sites", "add", "work", &url(&server, ""), "--password-command", &command]).assert().code(0);
    assert!(sites_file(&home).contains("password = \"command\""), "{}", sites_file(&home));
    assert_eq!(out(&home.ftpane(&["ls", "work"]).assert().code(0)), "a.txt\n");
    let exported = home.ftpane(&["sites", "export"]).assert().code(0);
    assert!(!out(&exported).contains("cat ") && err(&exported).contains("is not exported"), "{}", out(&exported));
    let assert = home.ftpane(&["ls", "--password-command", "echo no key >&2; exit 9", &url(&server, "")]).assert().code(3);
    assert!(err(&assert).contains("no key") && err(&assert).contains("exit code 9"), "{}", err(&assert));
}

#[test]
fn what_was_not_finished_goes_on_with_the_password_that_its_site_keeps() {
    let home = Home::new();
    let root = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..400_000u32).map(|i| (i % 251) as u8).collect();
    fs::write(root.path().join("big.bin"), &content).unwrap();
    let server = demo::serve(root.path()).unwrap();
    home.file("secret", demo::PASSWORD);
    let url = format!("ftp://{}@127.0.0.1:{}/", demo::USER, server.port());
    let command = format!("cat {}/secret", home.path().display());
    home.ftpane(&["sites", "add", "work", &url, "--password-command", &command]).assert().code(0);
    let mut child = std::process::Command::new(crate::support::cli::PROGRAM)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home.path())
        .current_dir(home.path())
        .args(["get", "--limit", "20K", "work:big.bin", "here.bin"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let part = home.path().join(".here.bin.ftpane-part");
    let begun = until(DEADLINE, || fs::metadata(&part).is_ok_and(|meta| meta.len() > 0).then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
    begun.expect("it did not begin");
    home.ftpane(&["queue", "--resume"]).assert().code(0);
    assert!(fs::read(home.path().join("here.bin")).unwrap() == content, "another file arrived");
}

#[test]
fn the_nearer_place_comes_first() {
    let home = Home::new();
    let server = server();
    home.file(".netrc", &format!("machine 127.0.0.1 login tester password {PASSWORD}\n"));
    let mut wrong = home.ftpane(&["ls", &url(&server, "")]);
    let refused = wrong.env("FTPANE_PASSWORD", "not it").assert().code(3);
    assert!(!holds(&refused.get_output().stderr), "{}", err(&refused));
    let mut command = home.ftpane(&["ls", "--password-command", &format!("echo {PASSWORD}"), &url(&server, "")]);
    command.env("FTPANE_PASSWORD", "not it").assert().code(0);
    home.ftpane(&["ls", &url(&server, "")]).assert().code(0);
}

#[test]
fn a_keyring_that_does_not_answer_is_said_and_the_site_stays_as_it_was() {
    let home = Home::new();
    home.ftpane(&["sites", "add", "work", "ftp://tester@127.0.0.1:1/"]).assert().code(0);
    let mut command = home.ftpane(&["sites", "password", "work", "--store", "keyring"]);
    // No session bus is there; none may be started.
    let nowhere = format!("unix:path={}/nothing", home.path().display());
    let assert = command.env("FTPANE_PASSWORD", PASSWORD).env("DBUS_SESSION_BUS_ADDRESS", nowhere).assert().code(1);
    assert!(err(&assert).contains("no keyring answers here") && err(&assert).contains("vault"), "{}", err(&assert));
    assert!(!holds(&assert.get_output().stderr) && !sites_file(&home).contains("keyring"));
    home.assert_holds_none(&[], "the keyring");
}

#[test]
fn a_site_whose_password_cannot_be_kept_is_not_saved_at_all() {
    let home = Home::new();
    let url = format!("ftp://tester:{PASSWORD}@127.0.0.1:1/");
    let nowhere = format!("unix:path={}/nothing", home.path().display());
    // Neither is there a keyring, nor anybody who could choose a passphrase for a vault.
    for (place, why) in [("--password=keyring", "no keyring answers here"), ("--password=vault", "no terminal to ask on")] {
        let mut command = home.ftpane(&["sites", "add", "work", &url, place]);
        let assert = command.env("DBUS_SESSION_BUS_ADDRESS", &nowhere).assert().code(1);
        let said = err(&assert);
        assert!(said.contains("work was not saved") && said.contains(why) && !holds(&assert.get_output().stderr), "{place}: {said}");
        assert!(home.ftpane(&["sites", "list"]).assert().code(0).get_output().stdout.is_empty(), "{place}");
    }
    // What is there already keeps its password.
    home.ftpane(&["sites", "add", "work", "ftp://tester@127.0.0.1:1/"]).assert().code(0);
    let taken = home.ftpane(&["sites", "add", "work", &url, "--password=vault"]).assert().code(2);
    assert!(err(&taken).contains("work") && !err(&taken).contains("passphrase"), "{}", err(&taken));
}
