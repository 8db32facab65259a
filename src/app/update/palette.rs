//! The palette and the menu: every action, searched as you type.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::super::action::ACTIONS;
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
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = Vec::new();
    for (place, row) in ACTIONS.iter().enumerate() {
        let title = pattern.score(Utf32Str::new(row.title, &mut buffer), &mut matcher).map(|score| score + 100);
        let name = || pattern.score(Utf32Str::new(row.name, &mut Vec::new()), &mut Matcher::new(Config::DEFAULT)).map(|score| score + 50);
        let help = || pattern.score(Utf32Str::new(row.help, &mut Vec::new()), &mut Matcher::new(Config::DEFAULT));
        scored.extend(title.or_else(name).or_else(help).map(|score| (score, place)));
    }
    scored.sort_by_key(|&(score, place)| (std::cmp::Reverse(score), place));
    palette.matches = scored.into_iter().map(|(_, place)| place).collect();
}
