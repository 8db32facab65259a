//! The real program in a pseudo terminal, with a screen to look at.
//!
//! ```ignore
//! let mut screen = Screen::start(80, 24, &[&url]);
//! screen.wait_text("index.html");
//! screen.key(Key::F(5));
//! let (col, row) = screen.find("assets/").unwrap();
//! screen.drag((col, row), (60, 5));
//! screen.ctrl('q');
//! assert!(screen.wait_exit().success());
//! ```
//!
//! Columns and rows count from 0, as `find` gives them. Every run has a fresh home, and
//! configuration, state and cache directories in it, and nothing else from the environment
//! but PATH. Whatever is waited for and does not come stops the test with the screen in a frame.

mod builder;
mod keys;
mod view;

pub use builder::Builder;
pub use keys::{Key, Mods, Wheel};
pub use view::View;

use crate::support::wait::{DEADLINE, until};
use portable_pty::{Child, ExitStatus, MasterPty, PtySize};
use rustix::process::{Pid, kill_process};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;
use tempfile::TempDir;

pub use rustix::process::Signal;

/// A program in a terminal. Dropping it ends the program.
pub struct Screen {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    home: PathBuf,
    _own_home: Option<TempDir>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    writer: Mutex<Box<dyn Write + Send>>,
}

struct State {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// The program and all its children have let go of the terminal.
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, bytes: &[u8]) {
        // The program may have ended; then waiting for what should follow says so.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writer.write_all(bytes).and_then(|()| writer.flush());
    }
}

impl Screen {
    /// The ftpane of this build with these arguments.
    pub fn start<A: AsRef<std::ffi::OsStr>>(cols: u16, rows: u16, args: &[A]) -> Screen {
        Builder::ftpane(cols, rows).args(args).start()
    }

    /// Types text.
    pub fn keys(&self, text: &str) {
        self.shared.send(text.as_bytes());
    }

    /// Sends bytes as they are.
    pub fn bytes(&self, bytes: &[u8]) {
        self.shared.send(bytes);
    }

    /// Presses a key.
    pub fn key(&self, key: Key) {
        self.shared.send(&keys::encode(key, Mods::NONE));
    }

    /// Presses a key while others are held.
    pub fn key_with(&self, mods: Mods, key: Key) {
        self.shared.send(&keys::encode(key, mods));
    }

    /// Ctrl and a letter (or `\`, `]`, space).
    pub fn ctrl(&self, letter: char) {
        self.shared.send(&keys::encode(Key::Char(letter), Mods::CTRL));
    }

    /// Alt and a character.
    pub fn alt(&self, character: char) {
        self.shared.send(&keys::encode(Key::Char(character), Mods::ALT));
    }

    /// Left button down and up.
    pub fn click(&self, col: u16, row: u16) {
        self.click_with(Mods::NONE, keys::LEFT, (col, row));
    }

    /// Right button down and up.
    pub fn right_click(&self, col: u16, row: u16) {
        self.click_with(Mods::NONE, keys::RIGHT, (col, row));
    }

    /// Left button down and up while Ctrl is held.
    pub fn ctrl_click(&self, col: u16, row: u16) {
        self.click_with(Mods::CTRL, keys::LEFT, (col, row));
    }

    /// Two clicks at once.
    pub fn double_click(&self, col: u16, row: u16) {
        self.click(col, row);
        self.click(col, row);
    }

    fn click_with(&self, mods: Mods, button: u8, at: (u16, u16)) {
        self.shared.send(&keys::mouse(button | mods.mouse(), at, true));
        self.shared.send(&keys::mouse(button | mods.mouse(), at, false));
    }

    /// Left button down, and held.
    pub fn press(&self, at: (u16, u16)) {
        self.shared.send(&keys::mouse(keys::LEFT, at, true));
    }

    /// Moves the mouse with the left button held, through every cell between, as a terminal reports it.
    pub fn carry(&self, from: (u16, u16), to: (u16, u16)) {
        for at in keys::path(from, to) {
            self.shared.send(&keys::mouse(keys::LEFT | keys::MOTION, at, true));
        }
    }

    /// Left button up.
    pub fn release(&self, at: (u16, u16)) {
        self.shared.send(&keys::mouse(keys::LEFT, at, false));
    }

    /// Press, carry, release.
    pub fn drag(&self, from: (u16, u16), to: (u16, u16)) {
        self.press(from);
        self.carry(from, to);
        self.release(to);
    }

    /// Turns the wheel by one notch.
    pub fn wheel(&self, at: (u16, u16), wheel: Wheel) {
        self.shared.send(&keys::mouse(wheel.button(), at, true));
    }

    /// Makes the terminal another size, of which the program is told by SIGWINCH.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.shared.state().parser.screen_mut().set_size(rows, cols);
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the terminal takes a size");
    }

    /// What is on the screen now.
    pub fn view(&self) -> View {
        View::new(self.shared.state().parser.screen().clone())
    }

    /// All rows, without blanks at their ends.
    pub fn text(&self) -> String {
        self.view().text()
    }

    /// One row, without blanks at its end.
    pub fn row(&self, row: u16) -> String {
        self.view().row(row)
    }

    /// Column and row of the first place where `text` stands.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        self.view().find(text)
    }

    /// As [`Screen::find`], once it is there.
    pub fn wait_find(&self, text: &str) -> (u16, u16) {
        self.wait_text(text);
        self.find(text).unwrap_or_else(|| self.fail(&format!("“{text}” to stay")))
    }

    /// Every byte that reached the terminal.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.state().raw.clone()
    }

    /// Whether these bytes ever reached the terminal.
    pub fn saw_bytes(&self, bytes: &[u8]) -> bool {
        self.shared.state().raw.windows(bytes.len()).any(|window| window == bytes)
    }

    /// Waits until `holds` is true of the screen.
    ///
    /// # Panics
    /// When it is not by the deadline, or the program ends before: with the screen.
    pub fn wait_for(&self, what: &str, holds: impl Fn(&View) -> bool) {
        let end = Instant::now() + DEADLINE;
        let mut state = self.shared.state();
        loop {
            if holds(&View::new(state.parser.screen().clone())) {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.closed {
                break;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        self.fail(what);
    }

    /// Waits until `text` stands somewhere.
    pub fn wait_text(&self, text: &str) {
        self.wait_for(&format!("“{text}”"), |view| view.find(text).is_some());
    }

    /// Waits until `text` stands nowhere.
    pub fn wait_gone(&self, text: &str) {
        self.wait_for(&format!("“{text}” to go"), |view| view.find(text).is_none());
    }

    /// Waits until the program has ended and all it wrote is in.
    ///
    /// # Panics
    /// When it runs on, with the screen.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let Some(status) = until(DEADLINE, || self.child.try_wait().ok().flatten()) else {
            self.fail("the program to end");
        };
        until(DEADLINE, || self.shared.state().closed.then_some(()));
        status
    }

    /// Whether the program still runs.
    pub fn running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.process_id().and_then(|pid| Pid::from_raw(pid as i32)) {
            kill_process(pid, signal).expect("the program takes a signal");
        }
    }

    /// Ends the program at once, without a chance to tidy up.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Its HOME.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The terminal's settings in the words of `stty -a`: `echo` and `icanon` without a minus are a usable one.
    pub fn stty(&self) -> String {
        let name = self.master.tty_name().expect("the terminal has a name");
        let made = Command::new("stty").arg("-a").arg("-F").arg(name).output().expect("stty runs");
        String::from_utf8_lossy(&made.stdout).into_owned()
    }

    /// # Panics
    /// When the program left the terminal unusable: another screen, no cursor, mouse reports, pasted text in
    /// brackets, or keys that neither echo nor wait for a line.
    pub fn assert_restored(&self) {
        let wrong = self.view().leftovers();
        assert!(wrong.is_empty(), "the terminal is left with {wrong:?}\n{}", self.view().framed());
        let stty = self.stty();
        let set = |flag: &str| stty.split_whitespace().any(|word| word.trim_end_matches(';') == flag);
        assert!(set("echo") && set("icanon") && set("isig"), "the terminal is left raw:\n{stty}");
    }

    fn fail(&self, what: &str) -> ! {
        let state = self.shared.state();
        let view = View::new(state.parser.screen().clone());
        let ended = if state.closed { "the program has ended without" } else { "waited in vain for" };
        drop(state);
        panic!("{ended} {what}; the screen:\n{}", view.framed());
    }

    fn read_on(shared: Arc<Shared>, mut reader: Box<dyn Read + Send>) {
        thread::spawn(move || {
            let mut block = vec![0; 64 * 1024];
            loop {
                // A closed pseudo terminal reads as an error on Linux, not as an end.
                let len = reader.read(&mut block).unwrap_or(0);
                let mut state = shared.state();
                let bytes = &block[..len];
                state.raw.extend_from_slice(bytes);
                state.parser.process(bytes);
                state.closed = len == 0;
                let answers = keys::answers(bytes, state.parser.screen().cursor_position());
                drop(state);
                shared.changed.notify_all();
                if len == 0 {
                    return;
                }
                if !answers.is_empty() {
                    shared.send(&answers);
                }
            }
        });
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.running() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
