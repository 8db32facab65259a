//! Asking for a password on the terminal, without showing it.
//!
//! Guarantee: the terminal's settings are put back however this ends; what stands on standard input stays there.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::Secret;

/// Why there is no password.
#[derive(Debug)]
pub enum NoAnswer {
    /// There is no terminal to ask on.
    NoTerminal,
    /// The person broke off, or the program is to end.
    Interrupted,
}

/// Asks on the terminal of the process and waits for the answer, looking at `stop` ten times a second.
#[cfg(not(unix))]
pub fn ask(question: &str, _stop: &AtomicBool) -> Result<Secret, NoAnswer> {
    rpassword::prompt_password(question).map(Secret::new).map_err(|_| NoAnswer::NoTerminal)
}

/// Asks on the terminal of the process and waits for the answer, looking at `stop` ten times a second.
#[cfg(unix)]
pub fn ask(question: &str, stop: &AtomicBool) -> Result<Secret, NoAnswer> {
    use std::io::{Read as _, Write as _};

    let mut terminal = std::fs::File::options().read(true).write(true).open("/dev/tty").map_err(|_| NoAnswer::NoTerminal)?;
    let quiet = unix::Quiet::make(&terminal).map_err(|_| NoAnswer::NoTerminal)?;
    let said = terminal.write_all(question.as_bytes());
    let mut line = Line::default();
    let answer = loop {
        let mut byte = [0];
        match terminal.read(&mut byte) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => break Err(NoAnswer::Interrupted),
            Ok(1) => match line.key(byte[0]) {
                Typed::More => {}
                Typed::Done => break line.secret().ok_or(NoAnswer::Interrupted),
                Typed::Interrupted => break Err(NoAnswer::Interrupted),
            },
            // A tenth of a second without a key.
            _ => {}
        }
        if stop.load(Ordering::Relaxed) || said.is_err() {
            break Err(NoAnswer::Interrupted);
        }
    };
    drop(quiet);
    let _ = terminal.write_all(b"\n");
    answer
}

/// What a key did.
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    More,
    Done,
    Interrupted,
}

/// A line being typed, with the keys that a terminal's own line editing has.
#[cfg(unix)]
#[derive(Default)]
struct Line(Vec<u8>);

#[cfg(unix)]
impl Line {
    fn key(&mut self, byte: u8) -> Typed {
        match byte {
            b'\r' | b'\n' => return Typed::Done,
            0x03 => return Typed::Interrupted,
            0x04 if self.0.is_empty() => return Typed::Interrupted,
            0x04 => return Typed::Done,
            0x15 => self.0.clear(),
            0x08 | 0x7f => {
                // A whole character goes, which may be several bytes of UTF-8.
                while self.0.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            byte => self.0.push(byte),
        }
        Typed::More
    }

    fn secret(self) -> Option<Secret> {
        String::from_utf8(self.0).ok().map(Secret::new)
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::os::fd::AsFd as _;

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    /// The terminal without echo, byte by byte, Ctrl-C as a byte; as it was once this is dropped.
    pub struct Quiet {
        terminal: File,
        before: Termios,
    }

    impl Quiet {
        pub fn make(terminal: &File) -> std::io::Result<Self> {
            let terminal = terminal.try_clone()?;
            let before = tcgetattr(terminal.as_fd())?;
            let mut modes = before.clone();
            modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
            modes.special_codes[SpecialCodeIndex::VMIN] = 0;
            modes.special_codes[SpecialCodeIndex::VTIME] = 1;
            tcsetattr(terminal.as_fd(), OptionalActions::Flush, &modes)?;
            Ok(Self { terminal, before })
        }
    }

    impl Drop for Quiet {
        fn drop(&mut self) {
            let _ = tcsetattr(self.terminal.as_fd(), OptionalActions::Flush, &self.before);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> (Typed, Option<Secret>) {
        let mut line = Line::default();
        for key in keys {
            match line.key(*key) {
                Typed::More => {}
                end => return (end, line.secret()),
            }
        }
        (Typed::More, line.secret())
    }

    #[test]
    fn a_password_can_be_corrected_while_it_is_typed() {
        assert_eq!(typed(b"ab\x7fc\r"), (Typed::Done, Some(Secret::new("ac"))));
        assert_eq!(typed("aü\x7fb\n".as_bytes()), (Typed::Done, Some(Secret::new("ab"))));
        assert_eq!(typed(b"wrong\x15right\r"), (Typed::Done, Some(Secret::new("right"))));
        assert_eq!(typed(b"abc\x03").0, Typed::Interrupted);
        assert_eq!(typed(b"\x04").0, Typed::Interrupted);
    }
}
