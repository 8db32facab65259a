//! Search as you type: names that begin so come before names that hold it somewhere.

use super::super::App;
use super::super::key::{Key, KeyCode};
use super::super::pane::{Pane, Row, Search};

/// Begins.
pub(super) fn begin(app: &mut App) {
    let pane = app.pane_mut(app.focus);
    if pane.is_directory() {
        pane.search = Some(Search { text: String::new(), origin: pane.cursor });
    }
}

/// A key while it is on; tells whether it was one for it. Another key ends the search where it is and then does its own work.
pub(super) fn key(app: &mut App, key: Key) -> bool {
    let page = app.screen.page;
    let pane = app.pane_mut(app.focus);
    let Some(mut search) = pane.search.take() else { return false };
    let again = key == Key::ctrl('s') || key == Key::plain(KeyCode::Down);
    match key.code {
        KeyCode::Enter => return true,
        KeyCode::Esc => {
            pane.put_cursor(search.origin, page);
            return true;
        }
        KeyCode::Backspace => drop(search.text.pop()),
        _ if again || key == Key::plain(KeyCode::Up) => {}
        _ if key == Key::ctrl('u') => search.text.clear(),
        KeyCode::Char(c) if !key.ctrl && !key.alt => search.text.push(c),
        _ => return false,
    }
    let from = if again { pane.cursor + 1 } else { pane.cursor };
    let found = if key.code == KeyCode::Up { find_back(pane, &search.text) } else { find(pane, &search.text, from) };
    match found {
        Some(row) => pane.put_cursor(row, page),
        // A letter that no name has is not taken: the text always says what the cursor is on.
        None if matches!(key.code, KeyCode::Char(_)) && !key.ctrl => drop(search.text.pop()),
        None => {}
    }
    pane.search = Some(search);
    true
}

/// The first row from `from` on, going round, whose name begins so; else the first that holds it.
fn find(pane: &Pane, text: &str, from: usize) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    let wanted = text.to_lowercase();
    let count = pane.row_count();
    let rows = || (0..count).map(|i| (from + i) % count.max(1));
    rows().find(|&row| matches(pane, row, &wanted, true)).or_else(|| rows().find(|&row| matches(pane, row, &wanted, false)))
}

fn find_back(pane: &Pane, text: &str) -> Option<usize> {
    let wanted = text.to_lowercase();
    let rows = || (0..pane.cursor).rev().filter(|_| !wanted.is_empty());
    rows().find(|&row| matches(pane, row, &wanted, true)).or_else(|| rows().find(|&row| matches(pane, row, &wanted, false)))
}

fn matches(pane: &Pane, row: usize, wanted: &str, prefix: bool) -> bool {
    let Some(Row::Entry(entry)) = pane.row(row) else { return false };
    let name = String::from_utf8_lossy(entry.name.as_bytes()).to_lowercase();
    if prefix { name.starts_with(wanted) } else { name.contains(wanted) }
}
