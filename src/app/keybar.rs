//! The words on the key bar, for what is in front.

use super::action::{ACTIONS, Layer};
use super::dialog::About;
use super::pane::Content;
use super::{App, Dialog, Panel};

/// An F-key's number and its word; no word where the key does nothing.
pub type KeyBar = [(u8, &'static str); 10];

impl App {
    /// The words of F1 to F10 for what is in front.
    pub fn key_bar(&self) -> KeyBar {
        match self.dialogs.last() {
            None if self.panel_focus && self.panel == Some(Panel::Transfers) => {
                bar(&[(1, "Help"), (2, "Sites"), (8, "Cancel"), (9, "Menu"), (10, "Quit")])
            }
            None => self.pane_bar(),
            Some(Dialog::Viewer(_)) => bar(&[(2, "Wrap"), (3, "Close"), (4, "Hex"), (5, "GoTo"), (7, "Find"), (10, "Close")]),
            Some(Dialog::Sites(_)) => bar(&[(2, "Close"), (4, "Edit"), (6, "Rename"), (7, "New"), (8, "Delete"), (10, "Close")]),
            Some(Dialog::Charsets(list)) if list.saved.is_some() => bar(&[(2, "Keep"), (10, "Close")]),
            Some(Dialog::Charsets(_)) => bar(&[(10, "Close")]),
            Some(Dialog::Message { about: Some(About::Server), .. }) => bar(&[(2, "Why"), (5, "Try"), (10, "Close")]),
            Some(Dialog::Message { about: Some(About::Row(_)), .. }) => bar(&[(2, "Why"), (10, "Close")]),
            Some(Dialog::Palette(_) | Dialog::Help(_) | Dialog::Message { .. } | Dialog::History(_)) => bar(&[(10, "Close")]),
            Some(Dialog::Form(_) | Dialog::Confirm(_) | Dialog::Conflict(_)) => bar(&[]),
        }
    }

    fn pane_bar(&self) -> KeyBar {
        let mut words = from_table();
        if let Content::Sites(_) = self.pane(self.focus).content {
            for (number, word) in &mut words {
                match number {
                    3 | 5 => *word = "",
                    6 => *word = "Rename",
                    7 => *word = "New",
                    _ => {}
                }
            }
        }
        words
    }
}

fn bar(words: &[(u8, &'static str)]) -> KeyBar {
    let mut out = empty();
    for (number, word) in &mut out {
        if let Some((_, known)) = words.iter().find(|(known, _)| known == number) {
            *word = known;
        }
    }
    out
}

fn from_table() -> KeyBar {
    let mut out = empty();
    for (number, word) in &mut out {
        let key = format!("F{number}");
        let row = ACTIONS.iter().find(|row| row.layer == Layer::Panes && row.keys.contains(&key.as_str()));
        *word = row.and_then(|row| row.bar).unwrap_or_default();
    }
    out
}

fn empty() -> KeyBar {
    let mut number = 0;
    [(); 10].map(|()| {
        number += 1;
        (number, "")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_of_the_panes_comes_from_the_action_table() {
        let words: Vec<&str> = from_table().iter().map(|(_, word)| *word).collect();
        assert_eq!(words, ["Help", "Sites", "View", "Edit", "Copy", "Move", "Mkdir", "Delete", "Menu", "Quit"]);
    }
}
