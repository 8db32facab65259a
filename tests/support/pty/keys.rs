//! Keys and the mouse as the bytes that xterm sends.

use std::ops::BitOr;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Insert,
    Delete,
    Home,
    End,
    PageUp,
    PageDown,
    Up,
    Down,
    Left,
    Right,
}

/// Keys held down with another, or with a mouse button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mods(u8);

impl Mods {
    pub const NONE: Mods = Mods(0);
    pub const SHIFT: Mods = Mods(1);
    pub const ALT: Mods = Mods(2);
    pub const CTRL: Mods = Mods(4);

    /// The same in a mouse report, where shift, alt and control are 4, 8 and 16.
    pub(super) fn mouse(self) -> u8 {
        self.0 << 2
    }
}

impl BitOr for Mods {
    type Output = Mods;
    fn bitor(self, other: Mods) -> Mods {
        Mods(self.0 | other.0)
    }
}

/// Which way the wheel turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wheel {
    Up,
    Down,
}

impl Wheel {
    pub(super) fn button(self) -> u8 {
        match self {
            Wheel::Up => 64,
            Wheel::Down => 65,
        }
    }
}

pub(super) const LEFT: u8 = 0;
pub(super) const RIGHT: u8 = 2;
pub(super) const MOTION: u8 = 32;

/// An SGR mouse report (mode 1006): cells count from 1 there.
pub(super) fn mouse(button: u8, (col, row): (u16, u16), down: bool) -> Vec<u8> {
    let end = if down { 'M' } else { 'm' };
    format!("\x1b[<{button};{};{}{end}", col + 1, row + 1).into_bytes()
}

/// The cells after `from` up to `to`, each a neighbour of the one before.
pub(super) fn path(from: (u16, u16), to: (u16, u16)) -> Vec<(u16, u16)> {
    let step = |at: u16, goal: u16| match at.cmp(&goal) {
        std::cmp::Ordering::Less => at + 1,
        std::cmp::Ordering::Equal => at,
        std::cmp::Ordering::Greater => at - 1,
    };
    let mut cells = Vec::new();
    let mut at = from;
    while at != to {
        at = (step(at.0, to.0), step(at.1, to.1));
        cells.push(at);
    }
    cells
}

/// What xterm sends for a key, with `modifyOtherKeys` off.
pub(super) fn encode(key: Key, mods: Mods) -> Vec<u8> {
    let held = mods.0;
    let bytes = match key {
        Key::Char(c) => return character(c, mods),
        Key::F(n @ 1..=4) => letter(char::from(b'P' + n - 1), held, "\x1bO"),
        Key::F(n) => tilde(function_number(n), held),
        Key::Enter => "\r".to_owned(),
        Key::Esc => "\x1b".to_owned(),
        Key::Tab if held == Mods::SHIFT.0 => "\x1b[Z".to_owned(),
        Key::Tab => "\t".to_owned(),
        Key::BackTab => "\x1b[Z".to_owned(),
        Key::Backspace => "\x7f".to_owned(),
        Key::Insert => tilde(2, held),
        Key::Delete => tilde(3, held),
        Key::PageUp => tilde(5, held),
        Key::PageDown => tilde(6, held),
        Key::Up => letter('A', held, "\x1b["),
        Key::Down => letter('B', held, "\x1b["),
        Key::Right => letter('C', held, "\x1b["),
        Key::Left => letter('D', held, "\x1b["),
        Key::End => letter('F', held, "\x1b["),
        Key::Home => letter('H', held, "\x1b["),
    };
    let sends_escape = matches!(key, Key::Enter | Key::Tab | Key::Backspace) && held & Mods::ALT.0 != 0;
    if sends_escape { format!("\x1b{bytes}").into_bytes() } else { bytes.into_bytes() }
}

fn character(c: char, mods: Mods) -> Vec<u8> {
    let mut bytes = Vec::new();
    if mods.0 & Mods::ALT.0 != 0 {
        bytes.push(0x1b);
    }
    if mods.0 & Mods::CTRL.0 != 0 {
        assert!(c.is_ascii() && (c == ' ' || c.is_ascii_alphabetic() || "\\]^_".contains(c)), "no Ctrl-{c}");
        bytes.push(c.to_ascii_uppercase() as u8 & 0x1f);
    } else {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    bytes
}

fn letter(end: char, held: u8, plain: &str) -> String {
    if held == 0 { format!("{plain}{end}") } else { format!("\x1b[1;{}{end}", held + 1) }
}

fn tilde(number: u8, held: u8) -> String {
    if held == 0 { format!("\x1b[{number}~") } else { format!("\x1b[{number};{}~", held + 1) }
}

fn function_number(n: u8) -> u8 {
    match n {
        5 => 15,
        6..=10 => n + 11,
        11 | 12 => n + 12,
        _ => panic!("no F{n}"),
    }
}

/// What a terminal answers to what was just written to it: where the cursor is, and what it is.
pub(super) fn answers(bytes: &[u8], (row, col): (u16, u16)) -> Vec<u8> {
    let asked = |query: &[u8]| bytes.windows(query.len()).any(|window| window == query);
    let mut out = Vec::new();
    if asked(b"\x1b[6n") {
        out.extend_from_slice(format!("\x1b[{};{}R", row + 1, col + 1).as_bytes());
    }
    if asked(b"\x1b[c") {
        out.extend_from_slice(b"\x1b[?62;22c");
    }
    out
}
