//! Which key means which action: built from the action table, so that the two cannot disagree.
//!
//! The notation of keys is that of the table: `F5`, `Shift-F6`, `Ctrl-R`, `Alt-.`, `Delete`, `j`, and two keys with a blank between
//! them for a prefix and what follows it (`s n`, `Ctrl-X c`).

use std::collections::HashMap;

use super::action::{ACTIONS, Action, Layer};
use super::key::{Key, KeyCode, Prefix};

/// Keys to actions.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: HashMap<(Option<PrefixKey>, Key), Action>,
    transfers: HashMap<Key, Action>,
}

/// A prefix without its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum PrefixKey {
    Sort,
    CtrlX,
}

impl Default for Keymap {
    fn default() -> Self {
        let (mut keys, mut transfers) = (HashMap::new(), HashMap::new());
        for row in ACTIONS {
            for text in row.keys {
                match (row.layer, parse_sequence(text)) {
                    (Layer::Panes, Some(place)) => drop(keys.insert(place, row.action)),
                    (Layer::Transfers, Some((_, key))) => drop(transfers.insert(key, row.action)),
                    (_, None) => {}
                }
            }
        }
        Self { keys, transfers }
    }
}

impl Keymap {
    /// The action of a key, after a prefix if one is pending.
    pub fn action(&self, pending: Option<Prefix>, key: Key) -> Option<Action> {
        let prefix = match pending {
            None | Some(Prefix::Esc(_)) => None,
            Some(Prefix::Sort) => Some(PrefixKey::Sort),
            Some(Prefix::CtrlX) => Some(PrefixKey::CtrlX),
        };
        self.keys.get(&(prefix, key)).copied()
    }

    /// The action of a key while the transfers panel has the keys.
    pub fn in_transfers(&self, key: Key) -> Option<Action> {
        self.transfers.get(&key).copied()
    }

    /// The prefix that a key begins.
    pub fn prefix(key: Key) -> Option<Prefix> {
        if key == Key::plain(KeyCode::Char('s')) {
            Some(Prefix::Sort)
        } else if key == Key::ctrl('x') {
            Some(Prefix::CtrlX)
        } else {
            None
        }
    }
}

/// What terminals call by another name: Ctrl-\ comes as Ctrl-4, Backspace of some as Ctrl-h, an upper-case Ctrl letter as the lower one.
pub fn normal(mut key: Key) -> Key {
    match key.code {
        KeyCode::Char('4') if key.ctrl => Key::ctrl('\\'),
        KeyCode::Char('h') if key.ctrl => Key::plain(KeyCode::Backspace),
        KeyCode::Char('@') if key.ctrl => Key::ctrl(' '),
        KeyCode::Char(c) => {
            key.shift = false;
            if key.ctrl {
                key.code = KeyCode::Char(c.to_ascii_lowercase());
            }
            key
        }
        _ => key,
    }
}

/// The F-key that a digit stands for after Esc or with Alt: 1 to 9, and 0 for F10.
pub fn f_key(digit: char) -> Option<Key> {
    let number = u8::try_from(digit.to_digit(10)?).ok()?;
    Some(Key::plain(KeyCode::F(if number == 0 { 10 } else { number })))
}

fn parse_sequence(text: &str) -> Option<(Option<PrefixKey>, Key)> {
    match text.split_once(' ') {
        None => Some((None, parse(text)?)),
        Some(("s", second)) => Some((Some(PrefixKey::Sort), parse(second)?)),
        Some(("Ctrl-X", second)) => Some((Some(PrefixKey::CtrlX), parse(second)?)),
        Some(_) => None,
    }
}

/// Reads a key as the table writes it.
pub fn parse(text: &str) -> Option<Key> {
    let (mut ctrl, mut alt, mut shift) = (false, false, false);
    let mut rest = text;
    loop {
        if let Some(tail) = rest.strip_prefix("Ctrl-") {
            (ctrl, rest) = (true, tail);
        } else if let Some(tail) = rest.strip_prefix("Alt-") {
            (alt, rest) = (true, tail);
        } else if let Some(tail) = rest.strip_prefix("Shift-") {
            (shift, rest) = (true, tail);
        } else {
            break;
        }
    }
    let code = match parse_code(rest)? {
        KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
        KeyCode::Tab if shift => return Some(Key { code: KeyCode::BackTab, ctrl, alt, shift: false }),
        code => code,
    };
    Some(Key { code, ctrl, alt, shift })
}

fn parse_code(word: &str) -> Option<KeyCode> {
    let code = match word {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Backspace" => KeyCode::Backspace,
        "Delete" => KeyCode::Delete,
        "Insert" => KeyCode::Insert,
        "Space" => KeyCode::Char(' '),
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        _ => return parse_short(word),
    };
    Some(code)
}

fn parse_short(word: &str) -> Option<KeyCode> {
    let mut chars = word.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    if rest.is_empty() {
        return Some(KeyCode::Char(first));
    }
    (first == 'F').then(|| rest.parse().ok().filter(|n| (1..=24).contains(n)).map(KeyCode::F)).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::action::{File, Go, Queue, Show};
    use super::*;

    #[test]
    fn every_key_of_the_table_can_be_read_and_none_is_there_twice() {
        let mut seen = HashMap::new();
        for row in ACTIONS {
            for text in row.keys {
                let place = parse_sequence(text).unwrap_or_else(|| panic!("{text} cannot be read"));
                assert_eq!(seen.insert((row.layer, place), row.name), None, "{text} of {}", row.name);
                if let (Layer::Panes, (None, key)) = (row.layer, place) {
                    assert_eq!(Keymap::prefix(key), None, "{text} would hide behind a prefix");
                }
            }
        }
    }

    #[test]
    fn a_prefix_changes_what_a_key_means() {
        let map = Keymap::default();
        let t = Key::plain(KeyCode::Char('t'));
        assert_eq!(map.action(None, t), None);
        assert_eq!(map.action(Some(Prefix::Sort), t), Some(Action::Show(Show::ByTime)));
        assert_eq!(map.action(Some(Prefix::CtrlX), Key::plain(KeyCode::Char('c'))), Some(Action::File(File::Mode)));
        assert_eq!(map.action(None, Key::plain(KeyCode::Char('G'))), Some(Action::Go(Go::Bottom)));
    }

    #[test]
    fn nothing_destructive_is_on_a_bare_lower_case_letter() {
        for row in ACTIONS {
            let is_destructive = match row.action {
                Action::File(file) => matches!(file, File::Delete | File::DeleteForGood | File::Move),
                Action::Queue(queue) => matches!(queue, Queue::Cancel | Queue::Forget),
                Action::Go(_) | Action::Mark(_) | Action::Show(_) | Action::Site(_) | Action::Program(_) => false,
            };
            let is_small = |key: &&str| key.chars().count() == 1 && key.chars().all(char::is_lowercase);
            assert!(!is_destructive || !row.keys.iter().any(is_small), "{}", row.name);
        }
    }

    #[test]
    fn terminals_other_names_for_keys_are_understood() {
        assert_eq!(normal(Key::ctrl('4')), Key::ctrl('\\'));
        assert_eq!(normal(Key::ctrl('h')), Key::plain(KeyCode::Backspace));
        assert_eq!(normal(Key { shift: true, ..Key::plain(KeyCode::Char('G')) }), Key::plain(KeyCode::Char('G')));
        assert_eq!(f_key('0'), Some(Key::plain(KeyCode::F(10))));
    }
}
