//! A panic while passwords are in memory: what it says, wherever it happens, holds none, and the terminal is a person's again.
//!
//! The panes are the program's own; what panics is handed to them by this test, through the seams that they have: the connector that the
//! engine dials with, and what is put on a site before it is opened.

use std::path::Path;
use std::sync::Arc;

use ftpane::app::Start;
use ftpane::app::msg::Resolved;
use ftpane::config::Paths;
use ftpane::engine::{self, Options, Spawner};
use ftpane::model::site::VolumeSpec;
use ftpane::model::{During, Failure, FailureKind, Secret, Site};
use ftpane::tui::{self, Setup};
use ftpane::volume::any::{AnyVolume, StandardConnector};
use ftpane::volume::{Call, Connector};

use crate::rig::{Home, PASSWORD};
use crate::support::pty::{Builder, Key, Screen};

/// Says to the child, which is this test program again, what it is to do.
const ORDER: &str = "PANIC_IN";
/// Holds the password that the child has from the start.
const GIVEN: &str = "PANIC_PASSWORD";

/// Opens the local disk, and panics with all that it is given for a server, once there is a password.
#[derive(Clone, Default)]
struct Panicking(StandardConnector);

impl Connector for Panicking {
    type Volume = AnyVolume;

    async fn connect(&self, call: Call) -> Result<AnyVolume, Failure> {
        match (&call.spec, &call.secret) {
            (VolumeSpec::Local, _) => self.0.connect(call).await,
            (VolumeSpec::Ftp(_, None), None) => Err(Failure::new(FailureKind::LoginRefused, During::Login, "a password is needed")),
            (spec, secret) => panic!("the connector fell over {spec:?} with {secret:?}"),
        }
    }
}

/// Not a test by itself: the child that the others start.
#[test]
fn the_panes_of_the_child() {
    let (Ok(order), Ok(home)) = (std::env::var(ORDER), std::env::var("HOME")) else { return };
    let given = std::env::var(GIVEN).ok().map(Secret::new);
    let site = Site { user: Some("tester".into()), ..Site::of_host("panic.example") };
    let local = Start::Volume(Resolved { spec: VolumeSpec::Local, path: None });
    let remote = Start::Volume(Resolved { spec: VolumeSpec::Ftp(Box::new(site), given.clone()), path: None });
    let shown = format!("{remote:?} {given:?}");
    let engine = Box::new(|| Ok(engine::start(Panicking::default(), Options::default(), Spawner::Threads)));
    let mut setup = Setup::new(local, remote, Paths::under(Path::new(&home).join("config")), engine);
    if order == "ui" {
        setup.dress = Arc::new(move |site| panic!("the loop fell over {site:?} of {shown}"));
    }
    tui::run(setup).unwrap();
}

fn child(home: &Home, order: &str) -> Builder {
    // The terminal's settings are told once the program has gone.
    let program = std::env::current_exe().unwrap();
    let line = format!("'{}' --exact panics::the_panes_of_the_child --nocapture; echo; stty -a; echo it is over", program.display());
    Builder::program(120, 40, "sh").args(&["-c", &line]).home(home.path()).env(ORDER, order).env("RUST_BACKTRACE", "full")
}

/// Whatever was written, wherever, is without the password, and the terminal is as it was.
fn assert_clean(home: &Home, screen: &mut Screen, said: &str) {
    screen.wait_text("it is over");
    screen.wait_exit();
    assert!(screen.saw_bytes(said.as_bytes()), "the panic was not told: {}", screen.view().framed());
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()), "the password was on the terminal");
    assert!(screen.saw_bytes(b"****"), "what was redacted shows as such");
    for restored in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"] {
        assert!(screen.saw_bytes(restored.as_bytes()), "{restored:?} was not sent");
    }
    assert!(screen.saw_bytes(b" icanon") && screen.saw_bytes(b" echo ") && !screen.saw_bytes(b"-icanon"), "the terminal stayed raw");
    home.assert_holds_none(&[], "a panic");
}

#[test]
fn a_panic_of_a_task_that_logs_in_tells_no_password_and_the_panes_go_on() {
    let home = Home::new();
    home.file("one", "so that there is something to search");
    let mut screen = child(&home, "engine").start();
    screen.wait_text("asks for the password of tester");
    screen.keys(PASSWORD);
    screen.key(Key::Enter);
    screen.wait_gone("asks for the password of tester");
    // The report waits for the end: the screen is not torn.
    screen.wait_text("Help");
    screen.key(Key::F(10));
    assert_clean(&home, &mut screen, "the connector fell over");
}

#[test]
fn a_panic_of_the_loop_tells_no_password_and_gives_the_terminal_back() {
    let home = Home::new();
    home.file("one", "so that there is something to search");
    let mut screen = child(&home, "ui").env(GIVEN, PASSWORD).start();
    assert_clean(&home, &mut screen, "the loop fell over");
    assert!(screen.saw_bytes(b"stack backtrace"), "{}", screen.view().framed());
}
