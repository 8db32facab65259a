//! A program in a pseudo-terminal, and the screen it draws.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a text may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// A screen that has not changed for so long is finished.
const QUIET: Duration = Duration::from_millis(300);
/// A screen that never rests (a clock, a progress bar) is taken after this.
const RESTLESS: Duration = Duration::from_secs(3);

/// A running program and its screen.
pub struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Held, because the terminal hangs up when it is dropped.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts `program` (a path and arguments) on a screen of `size` columns and rows.
    pub fn run(program: &[String], (cols, rows): (u16, u16)) -> Result<Self> {
        let pty = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })?;
        let mut command = CommandBuilder::from_argv(program.iter().map(Into::into).collect());
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        command.env_remove("NO_COLOR");
        command.cwd(std::env::current_dir()?);
        let child = pty.slave.spawn_command(command)?;
        let input = pty.master.take_writer()?;
        let mut reader = pty.master.try_clone_reader()?;
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut block = vec![0; 64 * 1024];
            // Reading fails when the program has ended: then there is nothing more to show.
            while let Ok(n @ 1..) = reader.read(&mut block) {
                if sender.send(block.get(..n).unwrap_or_default().to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { parser: vt100::Parser::new(rows, cols, 0), output, input, child, _master: pty.master })
    }

    /// Sends bytes as if they were typed.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.input.write_all(bytes)?;
        self.input.flush()?;
        Ok(())
    }

    /// Waits until the text on the screen is as wanted; fails with the screen in the message.
    pub fn wait(&mut self, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.parser.screen().contents();
            if wanted(&text) {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    bail!("not seen within {PATIENCE:?}; the screen:\n{text}")
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the program has ended; the screen:\n{text}")
                }
            }
        }
    }

    /// Waits until the screen rests, or for a restless one until [`RESTLESS`] is over.
    pub fn settle(&mut self) {
        let deadline = Instant::now() + RESTLESS;
        while Instant::now() < deadline {
            match self.output.recv_timeout(QUIET) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(_) => return,
            }
        }
    }

    /// Gives the screen as it is now to `draw`.
    pub fn with_screen<T>(&self, draw: impl FnOnce(&vt100::Screen) -> T) -> T {
        draw(self.parser.screen())
    }

    /// Hangs up, as closing a terminal window does, and waits for the program's end.
    pub fn end(mut self) {
        // It may have ended by itself, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
