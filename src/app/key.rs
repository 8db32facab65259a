//! A key as the app knows it; the terminal's own events are turned into these in `tui::input`.

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its own word")]
pub enum KeyCode {
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    Up,
    Down,
    Left,
    Right,
}

/// A key with its modifiers. Shift is not set for characters: `G` is `Char('G')`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its own word")]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

impl Key {
    /// A key alone.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// With Ctrl.
    pub const fn ctrl(c: char) -> Self {
        Self { ctrl: true, ..Self::plain(KeyCode::Char(c)) }
    }

    /// With Alt.
    pub const fn alt(c: char) -> Self {
        Self { alt: true, ..Self::plain(KeyCode::Char(c)) }
    }

    /// With Shift, for keys that are no characters.
    pub const fn shift(code: KeyCode) -> Self {
        Self { shift: true, ..Self::plain(code) }
    }
}

/// The first half of a two-key command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// `s`: sort by …
    Sort,
    /// Ctrl-X: …
    CtrlX,
    /// Esc, pressed when there was nothing to close, at this [`super::App::now`]: a digit within 500 ms is an F-key.
    Esc(u64),
}
