//! The palette and the menu: every action, searched as you type.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::super::action::{ACTIONS, ActionInfo};
use super::super::dialog::Palette;
use super::super::input;
use super::super::key::{Key, KeyCode};
use super::super::{App, Dialog};
use super::{Effects, action};

/// Ctrl-P and F9.
pub(super) fn open(app: &mut App, is_menu: bool) {
    let palette = Palette { matches: (0..ACTIONS.len()).collect(), is_menu, ..Palette::default() };
    app.dialogs.push(Dialog::Palette(palette));
}

/// A key in it.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    let page = app.screen.page.max(1);
    let Some(Dialog::Palette(palette)) = app.dialogs.last_mut() else { return };
    let last = palette.matches.len().saturating_sub(1);
    match key.code {
        KeyCode::Esc | KeyCode::F(9 | 10) => drop(app.dialogs.pop()),
        KeyCode::Char('c' | 'p') if key.ctrl => drop(app.dialogs.pop()),
        KeyCode::Up => palette.selected = palette.selected.saturating_sub(1),
        KeyCode::Down => palette.selected = (palette.selected + 1).min(last),
        KeyCode::PageUp => palette.selected = palette.selected.saturating_sub(page),
        KeyCode::PageDown => palette.selected = (palette.selected + page).min(last),
        KeyCode::Enter => {
            let selected = palette.selected;
            take(app, selected, fx);
        }
        _ => {
            if input::type_key(&mut palette.input, key) {
                search(palette);
            }
        }
    }
}

/// Does the action of a row.
pub(super) fn take(app: &mut App, row: usize, fx: &mut Effects) {
    let Some(Dialog::Palette(palette)) = app.dialogs.last() else { return };
    let Some(info) = palette.matches.get(row).and_then(|&place| ACTIONS.get(place)) else { return };
    app.dialogs.pop();
    action::run(app, info.action, fx);
}

/// Finds what matches, best first; all in the table's order where nothing is typed.
pub(super) fn search(palette: &mut Palette) {
    palette.selected = 0;
    palette.top = 0;
    let typed = palette.input.value().trim();
    if typed.is_empty() {
        palette.matches = (0..ACTIONS.len()).collect();
        return;
    }
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let mut ranked: Vec<(Rank, usize)> =
        ACTIONS.iter().enumerate().filter_map(|(place, row)| Some((rank(row, &typed, &words)?, place))).collect();
    if ranked.is_empty() {
        ranked = fuzzy(&typed);
    }
    ranked.sort_unstable();
    palette.matches = ranked.into_iter().map(|(_, place)| place).collect();
}

/// How well an action matches, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Its title begins so.
    Beginning,
    /// Each word begins a word of its title.
    Words,
    /// Each word is in its title or its name.
    Part,
    /// Each word begins a word of what is said of it.
    Help,
    /// Its letters stand in the title, in this order; the smaller the better.
    Letters(u32),
}

fn rank(row: &ActionInfo, typed: &str, words: &[&str]) -> Option<Rank> {
    let (title, help) = (row.title.to_lowercase(), row.help.to_lowercase());
    let begins = |text: &str, word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|known| known.starts_with(word));
    if title.starts_with(typed) {
        Some(Rank::Beginning)
    } else if words.iter().all(|word| begins(&title, word)) {
        Some(Rank::Words)
    } else if words.iter().all(|word| title.contains(word) || row.name.contains(word)) {
        Some(Rank::Part)
    } else if words.iter().all(|word| begins(&title, word) || begins(&help, word)) {
        Some(Rank::Help)
    } else {
        None
    }
}

/// A typing mistake or an abbreviation: only where nothing else matches, and only what is about as good as the best of them.
fn fuzzy(typed: &str) -> Vec<(Rank, usize)> {
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let (mut matcher, mut buffer) = (Matcher::new(Config::DEFAULT), Vec::new());
    let mut score = |title| pattern.score(Utf32Str::new(title, &mut buffer), &mut matcher);
    let scored: Vec<(u32, usize)> = ACTIONS.iter().enumerate().filter_map(|(place, row)| Some((score(row.title)?, place))).collect();
    let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
    let good = scored.into_iter().filter(|(score, _)| score.saturating_mul(4) >= best.saturating_mul(3));
    good.map(|(score, place)| (Rank::Letters(best - score), place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(typed: &str) -> Vec<&'static str> {
        let mut palette = Palette { input: tui_input::Input::new(typed.to_owned()), ..Palette::default() };
        search(&mut palette);
        palette.matches.iter().map(|place| ACTIONS[*place].title).collect()
    }

    #[test]
    fn what_begins_so_comes_first_and_what_does_not_fit_is_hidden() {
        assert_eq!(titles("copy").first(), Some(&"Copy"));
        assert_eq!(titles("site").first(), Some(&"Sites"));
        assert_eq!(titles("char").first(), Some(&"Charset of names …"));
        let log = titles("log");
        assert_eq!(log.first(), Some(&"Log"));
        assert!(!log.contains(&"Copy to …") && log.len() < 8, "{log:?}");
        assert_eq!(titles("hidden"), ["Hidden files"]);
    }

    #[test]
    fn several_words_all_have_to_fit_in_any_order() {
        assert_eq!(titles("dir make").first(), Some(&"Make directory …"));
        assert!(titles("copy zebra").is_empty());
    }

    #[test]
    fn letters_in_order_are_enough_where_nothing_else_fits() {
        assert_eq!(titles("mkdrctry").first(), Some(&"Make directory …"));
        assert!(titles("qqqq").is_empty());
    }
}
