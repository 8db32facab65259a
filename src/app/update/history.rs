//! The history of transfers: searched as you type, by the engine, since it lies in the journal.

use crate::bus::Command;
use crate::model::journal::Past;
use crate::model::text::printable_str;
use crate::model::{Failure, RequestId};

use super::super::dialog::History;
use super::super::effect::Effect;
use super::super::input;
use super::super::key::{Key, KeyCode};
use super::super::{App, Dialog};
use super::{Effects, answer, text};

/// Rows that are asked for: more would not be looked through.
const MOST: usize = 500;

/// `H`.
pub(super) fn open(app: &mut App, fx: &mut Effects) {
    app.dialogs.push(Dialog::History(History::default()));
    ask(app, fx);
}

/// Asks for what holds the words that are typed.
pub(super) fn ask(app: &mut App, fx: &mut Effects) {
    let request = app.ids.request.advance();
    let Some(history) = open_one(app) else { return };
    history.awaited = Some(request);
    let words = history.input.value().trim().to_owned();
    fx.push(Effect::Engine(Command::History { request, words, limit: MOST }));
}

fn open_one(app: &mut App) -> Option<&mut History> {
    app.dialogs.iter_mut().find_map(|dialog| if let Dialog::History(history) = dialog { Some(history) } else { None })
}

/// Rows arrived. Those of a search that was typed over are dropped.
pub(super) fn told(app: &mut App, request: RequestId, rows: Result<Vec<Past>, Failure>) {
    let Some(history) = open_one(app).filter(|history| history.awaited == Some(request)) else { return };
    let (rows, trouble) = rows.map_or_else(|failure| (Vec::new(), Some(failure)), |rows| (rows, None));
    let is_cut = rows.len() >= MOST;
    *history = History { input: history.input.clone(), rows, trouble, is_cut, told: true, ..History::default() };
}

/// A key in it.
pub(super) fn key(app: &mut App, key: Key, fx: &mut Effects) {
    let page = app.screen.panel_page.max(1);
    let Some(Dialog::History(history)) = app.dialogs.last_mut() else { return };
    match key.code {
        KeyCode::Esc | KeyCode::F(10) => drop(app.dialogs.pop()),
        KeyCode::Char('c') if key.ctrl => drop(app.dialogs.pop()),
        KeyCode::Up => history.select(history.selected.saturating_sub(1), page),
        KeyCode::Down => history.select(history.selected + 1, page),
        KeyCode::PageUp => history.select(history.selected.saturating_sub(page), page),
        KeyCode::PageDown => history.select(history.selected + page, page),
        KeyCode::Enter => details(app),
        _ => {
            let before = history.input.value().to_owned();
            input::type_key(&mut history.input, key);
            if history.input.value() != before {
                ask(app, fx);
            }
        }
    }
}

/// All that is known of a row.
pub(super) fn details(app: &mut App) {
    let Some(Dialog::History(history)) = app.dialogs.last() else { return };
    let Some(past) = history.rows.get(history.selected) else { return };
    let mut lines = vec![format!("from  {}", printable_str(&past.source)), format!("to    {}", printable_str(&past.target))];
    lines.extend(past.size.map(|size| format!("size  {}", text::many(size, "byte", "bytes"))));
    lines.push(match &past.outcome {
        Ok(verified) => format!("done  {}", super::details::how(*verified)),
        Err(failure) => trouble(failure),
    });
    answer::message(app, "Done before", lines);
}

fn trouble(failure: &Failure) -> String {
    format!("      {failure}")
}
