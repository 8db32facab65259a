//! The transfers panel: hold, go on, cancel, try again, limits while bytes move, and what a killed run left.

use std::fs;

use crate::rig::{LARGE, Left, Opening, Right, SMALL, Session, Who, program, wait_bytes, wait_tree};
use crate::support::pty::{Key, Signal, View};
use crate::support::tree::{Tree, pattern};
use crate::support::wait::wait_for;

const WHO: [Who; 3] = [Who::Vsftpd, Who::Proftpd, Who::PureFtpd];
/// Big enough to be under way for long at [`SLOW`].
const BIG: usize = 6_000_000;
/// Settings under which a copy is not over before a key is pressed.
const SLOW: &str = "notify = \"off\"\n[limit]\ntotal = \"200K\"\n";

fn big() -> Vec<u8> {
    pattern(BIG, 9)
}

/// The bytes a second that the panel says, if it says any.
fn rate(view: &View) -> Option<f64> {
    let text = view.text();
    let line = text.lines().find(|line| line.contains(" left") && line.contains("B/s"))?;
    let (number, rest) = line.trim_start().split_once(' ')?;
    let unit = match rest.split_whitespace().next()? {
        "B/s" => 1.0,
        "kB/s" => 1e3,
        "MB/s" => 1e6,
        _ => 1e9,
    };
    Some(number.parse::<f64>().ok()? * unit)
}

/// Begins a slow download of `big.bin`, with the panel open and the keys in it.
fn slowly(who: Who) -> Option<Session> {
    let session = Opening::new(who).size(LARGE).settings(SLOW).remote(Tree::new().file("big.bin", big())).open()?;
    session.cursor_on(Right, "big.bin");
    session.screen.key(Key::F(5));
    session.screen.keys("w");
    session.screen.wait_for("bytes to move", |view| rate(view).is_some_and(|rate| rate > 0.0));
    Some(session)
}

fn set_limit(session: &Session, text: &str) {
    session.screen.keys("l");
    session.screen.wait_text("Speed limits");
    session.screen.ctrl('u');
    session.screen.keys(text);
    session.screen.key(Key::Enter);
    session.screen.wait_gone("Speed limits");
}

fn whole(session: &Session) {
    session.screen.wait_text("done, size checked");
    wait_bytes(&session.local().join("big.bin"), &big());
}

#[test]
fn a_limit_is_kept_and_changed_while_bytes_move() {
    for who in WHO {
        let Some(mut session) = slowly(who) else { continue };
        session.screen.wait_text("limit 200K/s");
        session.screen.wait_for("a rate within the limit", |view| rate(view).is_some_and(|rate| (50_000.0..400_000.0).contains(&rate)));
        set_limit(&session, "2M");
        session.screen.wait_text("limit 2M/s");
        session.screen.wait_for("a rate beyond the old limit", |view| {
            rate(view).is_some_and(|rate| rate > 450_000.0) || view.text().contains("done, size")
        });
        set_limit(&session, "");
        whole(&session);
        assert!(!session.screen.text().contains("limit 2M"), "{}", session.screen.view().framed());
        session.quit();
    }
}

#[test]
fn del_cancels_what_is_under_the_cursor_and_r_goes_on_from_there() {
    for who in WHO {
        let Some(mut session) = slowly(who) else { continue };
        session.screen.key(Key::Delete);
        session.screen.wait_text("cancelled");
        assert!(!session.local().join("big.bin").exists(), "a part stands under the whole's name");
        set_limit(&session, "");
        session.screen.keys("4r");
        session.screen.keys("1");
        whole(&session);
        assert!(session.log().contains("REST "), "it began anew instead of going on");
        session.quit();
    }
}

#[test]
fn space_holds_a_transfer_and_space_goes_on_at_the_byte() {
    for who in WHO {
        let Some(mut session) = slowly(who) else { continue };
        session.screen.keys(" ");
        session
            .screen
            .wait_for("the row to be paused", |view| view.text().lines().any(|line| line.contains("big.bin") && line.contains("paused")));
        session.screen.wait_text("paused: P goes on");
        set_limit(&session, "");
        session.screen.keys(" ");
        whole(&session);
        assert!(session.log().contains("REST "), "it began anew instead of going on");
        session.quit();
    }
}

#[test]
fn what_failed_while_the_server_was_away_is_tried_again_by_one_key() {
    let files = Tree::new().file("a.bin", pattern(50_000, 1)).file("b.bin", pattern(60_000, 2)).file("c.bin", pattern(70_000, 3));
    let mut session = open!(Opening::new(Who::Vsftpd).size(LARGE).arg("--retries").arg("0").remote(files.clone()));
    session.focus(Right);
    session.served.real().stop();
    session.screen.keys("*");
    session.screen.key(Key::F(5));
    session.screen.wait_text("there r tries again");
    session.screen.keys("w4");
    session.screen.wait_for("three failed rows", |view| view.text().contains("4 failed 3"));
    session.served.real().start_again();
    session.screen.keys("R");
    session.screen.wait_for("none failed any more", |view| view.text().contains("4 failed 0") && view.text().contains("5 done 3"));
    wait_tree(&session.local(), &files);
    session.quit();
}

#[test]
fn what_a_killed_run_left_is_offered_and_goes_on() {
    for who in WHO {
        let Some(mut session) = slowly(who) else { continue };
        let part =
            || fs::read_dir(session.local()).unwrap().flatten().find(|entry| entry.file_name().to_string_lossy().ends_with("ftpane-part"));
        wait_for("some bytes on the disk", || part().is_some_and(|part| part.metadata().is_ok_and(|data| data.len() > 300_000)));
        session.screen.signal(Signal::KILL);
        session.screen.wait_exit();
        fs::remove_file(session.config("config.toml")).unwrap();
        session.screen = program(session.around.path(), SMALL).args(&[session.served.url("")]).start();
        session.ready();
        session.screen.wait_text("not finished: C goes on, w looks, D forgets");
        session.focus(Left);
        session.screen.keys("C");
        wait_bytes(&session.local().join("big.bin"), &big());
        session.idle();
        session.screen.keys("w");
        session.screen.wait_text("done, size checked");
        session.screen.keys("H");
        session
            .screen
            .wait_for("the history to tell it", |view| view.text().contains("transferred before") && view.text().contains("big.bin"));
        session.screen.key(Key::Esc);
        session.screen.wait_gone("transferred before");
        session.quit();
    }
}

#[test]
fn leaving_with_a_copy_under_way_lets_it_go_on_next_time() {
    let mut session = match slowly(Who::Vsftpd) {
        Some(session) => session,
        None => return,
    };
    session.screen.key(Key::F(10));
    session.screen.wait_text("Go on next time");
    session.screen.key(Key::Enter);
    assert!(session.screen.wait_exit().success());
    fs::remove_file(session.config("config.toml")).unwrap();
    session.screen = program(session.around.path(), SMALL).args(&[session.served.url("")]).start();
    session.ready();
    session.screen.wait_text("C goes on, w looks, D forgets");
    session.screen.keys("w");
    session.screen.wait_text("Enter goes on");
    session.screen.key(Key::Enter);
    wait_bytes(&session.local().join("big.bin"), &big());
    session.quit();
}
