//! The terminal: taken over at the start and given back whatever happens.
//!
//! Guarantee: raw mode, alternate screen, mouse, bracketed paste, reports of focus, title and cursor are restored when [`Terminal`] is dropped, when the UI thread
//! panics, and before a suspend or a child process; restoring twice does no harm. Nothing that a server sent is written here except
//! through the buffer, the title and the clipboard, which are made safe first.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::ThreadId;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, EventStream};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use futures_util::StreamExt as _;
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;

use crate::model::text::printable_str;

use super::input::{self, Input};
use super::text::cut_end;

/// Buttons, motion with a button down, SGR coordinates. Not every motion (1003): that would wake the program for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Keeps the title of the window and brings it back (XTWINOPS 22 and 23).
const TITLE_KEEP: &str = "\x1b[22;2t";
const TITLE_BACK: &str = "\x1b[23;2t";
/// Columns of a title.
const TITLE_WIDTH: usize = 120;

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// What broke in other threads while the screen was ours; told once it is given back.
static BROKEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

type Screen = ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// The terminal while it is ours.
#[derive(Debug)]
pub struct Terminal {
    screen: Screen,
    events: Option<EventStream>,
    mouse: bool,
    title: String,
}

impl Terminal {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// Where there is none, or it cannot be changed.
    pub fn take(mouse: bool) -> io::Result<Self> {
        install_hook(std::thread::current().id());
        take(mouse)?;
        let screen = new_screen().inspect_err(|_| restore())?;
        Ok(Self { screen, events: Some(EventStream::new()), mouse, title: String::new() })
    }

    /// The size of the screen: columns, rows.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.screen.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame; the terminal shows it whole.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(render)?;
        execute!(self.screen.backend_mut(), EndSynchronizedUpdate)
    }

    /// The next thing that the person did; `None` where the terminal is gone. While it is handed over this never ends.
    pub async fn next(&mut self) -> Option<io::Result<Input>> {
        let Some(events) = &mut self.events else { return std::future::pending().await };
        loop {
            match events.next().await? {
                Ok(event) => match input::read(event) {
                    Some(input) => return Some(Ok(input)),
                    None => continue,
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Whether the terminal is handed over to another program.
    pub fn is_handed_over(&self) -> bool {
        self.events.is_none()
    }

    /// Gives the terminal to another program, as it was before.
    pub fn hand_over(&mut self) {
        if self.events.take().is_some() {
            // A stream reads in a thread of its own, which is only told to stop when it is dropped: it could still take the first keys that
            // are meant for the other program. Another one cannot be made until it has stopped.
            drop(EventStream::new());
        }
        restore();
    }

    /// Takes the terminal back; the next frame is drawn whole.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn take_back(&mut self) -> io::Result<()> {
        take(self.mouse)?;
        self.events = Some(EventStream::new());
        // A new one rather than `clear`, which asks the terminal for its cursor and so fights with the reader of events for the answer.
        self.screen = new_screen()?;
        let title = std::mem::take(&mut self.title);
        self.set_title(&title)
    }

    /// Takes the mouse or gives it to the terminal, for selecting text.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        write_now(if mouse { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Sets the title of the window, made safe.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        let title = cut_end(&printable_str(title), TITLE_WIDTH).into_owned();
        if title != self.title {
            execute!(self.screen.backend_mut(), SetTitle(&title))?;
            self.title = title;
        }
        Ok(())
    }

    /// Sends a bell or a notice of the desktop; what is on the screen stays.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn notify(&mut self, sequence: &str) -> io::Result<()> {
        // While it is lent to another program, its screen is not ours to write on.
        if self.is_handed_over() { Ok(()) } else { write_now(sequence) }
    }

    /// Puts text into the clipboard by OSC 52, which works over ssh where the terminal allows it.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.screen.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
        for panic in BROKEN.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            eprintln!("{panic}");
        }
    }
}

fn new_screen() -> io::Result<Screen> {
    ratatui::Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout())))
}

fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    out.write_all(TITLE_KEEP.as_bytes())?;
    execute!(out, EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, EnableFocusChange)?;
    if mouse { write_now(MOUSE_ON) } else { Ok(()) }
}

/// Gives the terminal back, once for each time that it was taken. Errors are of no use to anyone here.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = out.write_all(MOUSE_OFF.as_bytes());
    let _ = execute!(out, EndSynchronizedUpdate, DisableFocusChange, DisableBracketedPaste);
    // Before the screen is left: what is typed as soon as the other one shows is a line already. Typed before that, its Enter would stay a
    // carriage return, for which a shell waits in vain.
    let _ = disable_raw_mode();
    let _ = execute!(out, LeaveAlternateScreen, cursor::Show);
    let _ = write_now(TITLE_BACK);
}

fn write_now(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A panic of the UI thread restores the terminal and is then reported as ever. One of another thread is not the end of the program,
/// and its report would only tear the screen: it waits until the screen is given back.
fn install_hook(ui: ThreadId) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == ui || !TAKEN.load(Ordering::SeqCst) {
                restore();
                before(panic);
            } else {
                BROKEN.lock().unwrap_or_else(PoisonError::into_inner).push(panic.to_string());
            }
        }));
    });
}
