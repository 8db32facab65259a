//! Hostile servers behind the panes: passwords, lost connections, and the program's end.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::rig::{PASSWORD, server_with, url};
use crate::support::pty::{Builder, Key};
use crate::support::script::ScriptServer;
use crate::support::wait::wait_for;
use crate::texts::saw_nothing_evil;

#[test]
fn a_refused_password_is_not_shown_and_not_tried_over_and_over() {
    let server = ScriptServer::play("c08-echoes-the-password");
    let mut screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).start();
    screen.wait_text("530");
    screen.wait_text("asks for the password");
    screen.wait_text("****");
    screen.key(Key::Esc);
    // The address line has the keys now, to be corrected.
    screen.wait_text("Enter opens what is typed");
    screen.key(Key::Tab);
    screen.keys("L");
    screen.wait_text("PASS ****");
    let tries = server.record().count("PASS");
    assert!(tries <= 2, "{tries} times: {}", server.record().dialogue());
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success(), "{}", screen.view().framed());
    screen.assert_restored();
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()));
}

#[test]
fn f5_on_hostile_names_writes_inside_the_other_pane_only() {
    let server = ScriptServer::play("h01-climbing-names");
    let around = tempfile::tempdir().unwrap();
    let target = around.path().join("target");
    fs::create_dir(&target).unwrap();
    let screen = Builder::ftpane(80, 24).args(&[target.to_str().unwrap(), &url(&server, "")]).cwd(&target).start();
    screen.wait_text("good.txt");
    let (col, row) = screen.find("good.txt").unwrap();
    screen.click(col, row);
    screen.keys("*");
    screen.key(Key::F(5));
    wait_for("the copy", || target.join("good.txt").exists());
    let names: Vec<_> = fs::read_dir(around.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["target"]);
    saw_nothing_evil(&screen);
}

#[test]
fn a_server_that_goes_away_leaves_the_pane_where_it_was() {
    let server = server_with(
        "on MLSD*:\n    S: 150 here\n    data send \"type=dir; sub\\r\\ntype=file;size=4; a.txt\\r\\n\"\n    data fin\n    S: 226 done\n\
                              on CWD *sub:\n    S: 421 \\e]0;owned\\x07 Bye\n    drop",
    );
    let mut screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).start();
    screen.wait_text("sub");
    let (col, row) = screen.find("sub").unwrap();
    screen.double_click(col, row);
    screen.wait_text("Bye");
    screen.wait_text("a.txt");
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success());
    saw_nothing_evil(&screen);
    screen.assert_restored();
}

/// Every file below `dir`.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn an_editor_gets_a_private_file_of_any_name_and_nothing_of_it_is_run_or_left() {
    let names = ["-rf", "$(touch ran)", "`touch ran`", "a b", "; touch ran"];
    let rows: String = names.iter().map(|name| format!("type=file;size=4; {name}\\r\\n")).collect();
    let server = server_with(&format!(
        "on MLSD*:\n    S: 150 here\n    data send \"{rows}\"\n    data fin\n    S: 226 done\non CWD /?* -> 550 no\n"
    ));
    let home = tempfile::tempdir().unwrap();
    let seen = home.path().join("seen");
    let script = home.path().join("editor.sh");
    fs::write(&script, "for one in \"$@\"; do stat -c '%a %n' \"$one\" \"$(dirname \"$one\")\" >> seen; done\n").unwrap();
    let editor = format!("sh {}", script.display());
    let mut screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).env("EDITOR", &editor).home(home.path()).cwd(home.path()).start();
    for (count, name) in names.iter().enumerate() {
        let (col, row) = screen.wait_find(name);
        screen.click(col, row);
        screen.key(Key::F(4));
        wait_for("the editor", || fs::read_to_string(&seen).unwrap_or_default().lines().count() == 2 * (count + 1));
        screen.wait_text(name);
    }
    let text = fs::read_to_string(&seen).unwrap();
    assert!(text.lines().enumerate().all(|(index, line)| line.starts_with(if index % 2 == 0 { "600 /" } else { "700 /" })), "{text}");
    screen.key(Key::F(10));
    assert!(screen.wait_exit().success(), "{}", screen.view().framed());
    for line in text.lines() {
        let path = line.split_once(' ').unwrap().1;
        assert!(!Path::new(path).exists(), "{path} was left");
    }
    assert!(!home.path().join("ran").exists());
}

#[test]
fn what_is_kept_of_a_session_is_private_and_knows_no_password() {
    let server = server_with("on MLSD*:\n    S: 150 here\n    data send \"type=file;size=4; a.txt\\r\\n\"\n    data fin\n    S: 226 done");
    let home = tempfile::tempdir().unwrap();
    let mut screen = Builder::ftpane(80, 24).args(&[url(&server, "")]).home(home.path()).start();
    let (col, row) = screen.wait_find("a.txt");
    screen.click(col, row);
    screen.keys("B");
    screen.wait_text("Save this site");
    screen.key(Key::Enter);
    wait_for("the site to be saved", || files(home.path()).iter().any(|path| path.ends_with("sites.toml")));
    screen.key(Key::F(10));
    screen.wait_exit();
    for path in files(home.path()) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(PASSWORD), "{}: {text}", path.display());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700), "{}", path.display());
    }
}
