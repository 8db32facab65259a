//! The terminal: its size, sleep and waking, signals, and how it is left.

use crate::rig::{LARGE, Left, Opening, Right, Who};
use crate::support::pty::{Key, Signal};
use crate::support::tree::Tree;

fn opening() -> Opening {
    Opening::new(Who::Vsftpd).local(Tree::new().file("mine.txt", "m")).remote(Tree::new().file("theirs.txt", "t"))
}

#[test]
fn a_narrow_terminal_shows_one_pane_at_a_time_and_a_tiny_one_says_so() {
    let session = open!(opening());
    session.screen.resize(60, 16);
    session
        .screen
        .wait_for("one pane", |view| view.row(0).contains("1/2") && view.find("theirs.txt").is_none() && view.find("mine.txt").is_some());
    session.screen.key(Key::Tab);
    session.screen.wait_for("the other pane", |view| view.row(0).contains("2/2") && view.find("theirs.txt").is_some());
    for size in [(20, 5), (5, 2), (1, 1)] {
        session.screen.resize(size.0, size.1);
        session.screen.key(Key::Down);
    }
    session.screen.resize(120, 40);
    session.screen.wait_for("both panes", |view| Left.row(view, "mine.txt").is_some() && Right.row(view, "theirs.txt").is_some());
    session.cursor_on(Right, "theirs.txt");
    session.screen.key(Key::F(5));
    session.row_of(Left, "theirs.txt");
}

#[test]
fn sigterm_and_sighup_leave_a_usable_terminal() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut session = open!(opening());
        session.screen.signal(signal);
        session.screen.wait_exit();
        assert_eq!(session.screen.view().leftovers(), Vec::<&str>::new(), "after {signal:?}");
        let stty = session.screen.stty();
        assert!(stty.contains(" icanon") && stty.contains(" echo "), "after {signal:?}: {stty}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_waking_draws_anew() {
    let session = open!(opening().size(LARGE));
    // Alone in a session there is no job control, so that nothing stops it; a shell between makes one.
    session.screen.ctrl('z');
    session.screen.wait_for("the screen back or drawn anew", |view| !view.alternate() || Right.row(view, "theirs.txt").is_some());
    session.screen.signal(Signal::CONT);
    session.ready();
    session.screen.wait_for("the panes again", |view| view.alternate() && Right.row(view, "theirs.txt").is_some());
    session.cursor_on(Right, "theirs.txt");
    session.screen.key(Key::F(5));
    session.row_of(Left, "theirs.txt");
}

#[test]
fn stopped_from_outside_and_woken_it_draws_itself_again() {
    let session = open!(opening());
    session.screen.signal(Signal::STOP);
    session.screen.resize(100, 30);
    session.screen.signal(Signal::CONT);
    session.screen.wait_for("the new size", |view| {
        view.size() == (100, 30) && view.row(29).contains("10Quit") && Right.row(view, "theirs.txt").is_some()
    });
    session.cursor_on(Right, "theirs.txt");
    session.screen.key(Key::F(5));
    session.row_of(Left, "theirs.txt");
}
