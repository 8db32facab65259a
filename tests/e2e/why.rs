//! Why something failed, and the key that fixes it, in the terminal.

use std::fs;

use crate::rig::{LARGE, Left, Right, SMALL, program};
use crate::support::pty::Key;
use crate::support::script::ScriptServer;
use crate::support::wait::wait_for;

/// Nobody can dial this server for data; it dials itself.
const ACTIVE_ONLY: &str = "\
include rules-login.ftp
on EPSV:
    data refuse
    S: 229 (|||{port}|)
on PASV:
    data refuse
    S: 227 ({hostport})
on EPRT * -> 200 ok
on PORT * -> 200 ok
on MLSD*:
    S: 150 here
    data connect
    data send \"type=file;size=1; reached.txt\\r\\n\"
    data fin
    S: 226 done
S: 220 Ready
serve
";

#[test]
fn a_data_connection_that_does_not_come_about_is_mended_by_a_key_and_the_fix_stays_with_the_site() {
    let server = ScriptServer::play_text(ACTIVE_ONLY);
    let around = tempfile::tempdir().unwrap();
    let config = around.path().join("home/.config/ftpane");
    fs::create_dir_all(&config).unwrap();
    fs::create_dir(around.path().join("local")).unwrap();
    let site = format!(
        "[[site]]\nname = \"work\" # mine\nhost = \"127.0.0.1\"\nport = {}\nuser = \"u\"\nmode = \"passive\"\n",
        server.addr().port()
    );
    fs::write(config.join("sites.toml"), site).unwrap();
    let sites = || fs::read_to_string(config.join("sites.toml")).unwrap();
    let screen = program(around.path(), LARGE).env("FTPANE_PASSWORD", "p").args(&["work"]).start();
    screen.wait_for("a listing that failed", |view| Right.text(view).contains("cannot list"));
    if Left.focused(&screen.view()) {
        screen.key(Key::Tab);
        screen.wait_for("the server's pane to have the keys", |view| Right.focused(view));
    }
    screen.ctrl('x');
    screen.keys("f");
    screen.wait_text("Use active mode");
    screen.wait_text("kept with the site work");
    screen.key(Key::Enter);
    screen.wait_for("the directory", |view| Right.row(view, "reached.txt").is_some());
    wait_for("the fix in the file", || sites().contains("mode = \"active\"") && sites().contains("# mine"));
    // What was sent for it is in the log.
    let log = String::from_utf8_lossy(&fs::read(around.path().join("wire.log")).unwrap()).into_owned();
    assert!(log.contains("PORT 127,0,0,1") || log.contains("EPRT |1|127.0.0.1"), "{log}");
    drop(screen);
    let screen = program(around.path(), SMALL).env("FTPANE_PASSWORD", "p").args(&["work"]).start();
    screen.wait_for("the directory at once", |view| Right.row(view, "reached.txt").is_some());
}
