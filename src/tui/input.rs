//! The terminal's events in the app's words.
//!
//! Guarantee: what terminals call by several names arrives under one: Ctrl-\ (reported as Ctrl-4), Backspace (some send Ctrl-H),
//! Ctrl-Space (NUL), Shift with an F-key (also F13 to F24). Key releases and what the app has no key for vanish.

use crossterm::event::{Event, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::app::msg::MouseKind;
use crate::app::{Key, KeyCode};

/// What the person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(Key),
    /// Pasted text.
    Paste(String),
    /// The mouse, not yet brought together with what is drawn under it.
    Mouse {
        /// What was done.
        kind: MouseKind,
        /// Column and row.
        at: (u16, u16),
        /// Whether Ctrl was held.
        ctrl: bool,
        /// Whether Shift was held.
        shift: bool,
    },
    /// The terminal got or lost the person's attention.
    Focus(bool),
    /// The screen has another size.
    Resize,
}

/// Reads an event.
pub fn read(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) => key(event).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Mouse(event) => mouse(event),
        Event::Resize(..) => Some(Input::Resize),
        Event::FocusGained => Some(Input::Focus(true)),
        Event::FocusLost => Some(Input::Focus(false)),
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let held = event.modifiers;
    let mut key = Key {
        code: code(event.code)?,
        ctrl: held.contains(KeyModifiers::CONTROL),
        alt: held.contains(KeyModifiers::ALT),
        shift: held.contains(KeyModifiers::SHIFT),
    };
    match key.code {
        KeyCode::Char(c) => {
            key.shift = false;
            if key.ctrl {
                return Some(control(Key { code: KeyCode::Char(c.to_ascii_lowercase()), ..key }));
            }
        }
        KeyCode::F(number @ 13..=24) => {
            key.code = KeyCode::F(number - 12);
            key.shift = true;
        }
        KeyCode::BackTab => key.shift = false,
        KeyCode::Tab if key.shift => return Some(Key { code: KeyCode::BackTab, shift: false, ..key }),
        _ => {}
    }
    Some(key)
}

/// Control characters under the name that a person knows them by.
fn control(key: Key) -> Key {
    match key.code {
        KeyCode::Char('h') => Key { code: KeyCode::Backspace, ctrl: false, ..key },
        KeyCode::Char('4') => Key { code: KeyCode::Char('\\'), ..key },
        KeyCode::Char('@' | '2') => Key { code: KeyCode::Char(' '), ..key },
        _ => key,
    }
}

fn code(code: Code) -> Option<KeyCode> {
    Some(match code {
        Code::Char(c) => KeyCode::Char(c),
        Code::F(number) => KeyCode::F(number),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Null => return Some(KeyCode::Char(' ')),
        _ => return None,
    })
}

fn mouse(event: MouseEvent) -> Option<Input> {
    let kind = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::Down(MouseButton::Right) => MouseKind::RightPress,
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        _ => return None,
    };
    Some(Input::Mouse {
        kind,
        at: (event.column, event.row),
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        shift: event.modifiers.contains(KeyModifiers::SHIFT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(code: Code, held: KeyModifiers) -> Option<Input> {
        read(Event::Key(KeyEvent::new(code, held)))
    }

    #[test]
    fn keys_arrive_under_one_name() {
        let none = KeyModifiers::NONE;
        let ctrl = KeyModifiers::CONTROL;
        let shift = KeyModifiers::SHIFT;
        for (code, held, key) in [
            (Code::Char('j'), none, Key::plain(KeyCode::Char('j'))),
            (Code::Char('G'), shift, Key::plain(KeyCode::Char('G'))),
            (Code::Char('4'), ctrl, Key::ctrl('\\')),
            (Code::Char('h'), ctrl, Key::plain(KeyCode::Backspace)),
            (Code::Char(' '), ctrl, Key::ctrl(' ')),
            (Code::Char('R'), ctrl | shift, Key::ctrl('r')),
            (Code::Char('c'), KeyModifiers::ALT, Key::alt('c')),
            (Code::F(18), none, Key::shift(KeyCode::F(6))),
            (Code::F(6), shift, Key::shift(KeyCode::F(6))),
            (Code::BackTab, shift, Key::plain(KeyCode::BackTab)),
            (Code::Tab, shift, Key::plain(KeyCode::BackTab)),
            (Code::Up, shift, Key::shift(KeyCode::Up)),
        ] {
            assert_eq!(typed(code, held), Some(Input::Key(key)), "{code:?} {held:?}");
        }
        assert_eq!(typed(Code::CapsLock, none), None);
    }

    #[test]
    fn a_released_key_is_no_key() {
        let event = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::new(Code::Char('x'), KeyModifiers::NONE) };
        assert_eq!(read(Event::Key(event)), None);
    }

    #[test]
    fn the_mouse_keeps_its_cell_and_modifiers() {
        let event = MouseEvent { kind: MouseEventKind::Down(MouseButton::Left), column: 7, row: 3, modifiers: KeyModifiers::CONTROL };
        let expected = Input::Mouse { kind: MouseKind::Press, at: (7, 3), ctrl: true, shift: false };
        assert_eq!(read(Event::Mouse(event)), Some(expected));
        let moved = MouseEvent { kind: MouseEventKind::Moved, ..event };
        assert_eq!(read(Event::Mouse(moved)), None);
    }
}
