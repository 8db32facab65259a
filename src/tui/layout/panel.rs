//! Where the parts of the panel below the panes are: its title with tabs, totals, rows, and the keys that can be clicked.

use ratatui::layout::{Position, Rect};

use crate::app::action::{Action, Go, Layer, Queue, Show};
use crate::app::transfers::{HasEnded as _, Section, TABS, Tab, What};
use crate::app::{App, Hit, Panel};
use crate::model::TransferState;
use crate::tui::format::short_count;
use crate::tui::text::width;

/// Where the panel is.
#[derive(Debug, Clone, Default)]
pub struct PanelPlan {
    /// Its title.
    pub title: Rect,
    /// The line below that: rates and totals. Empty in the log.
    pub totals: Rect,
    /// Its rows.
    pub body: Rect,
    /// The tabs, on the title.
    pub tabs: Vec<Part>,
    /// What keys do with the row under the cursor, on the last line. None in the log.
    pub hints: Vec<Part>,
}

/// A part that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where.
    pub area: Rect,
    /// Its key, which may be empty where there is no room.
    pub key: &'static str,
    /// Its words.
    pub words: String,
    /// What it does.
    pub action: Action,
}

/// How many lines of a screen the panel takes.
pub fn height(panel: Panel, rows: u16) -> u16 {
    match panel {
        Panel::Log => (rows / 3).clamp(5, 18),
        Panel::Transfers => (rows / 2).clamp(7, 26),
    }
}

impl PanelPlan {
    /// The plan of the open panel in `area`.
    pub fn of(panel: Panel, app: &App, area: Rect) -> Self {
        let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
        let title = line(0);
        let below = |from: u16, less: u16| Rect { y: area.y + from, height: area.height.saturating_sub(from + less), ..area };
        match panel {
            Panel::Log => Self { title, body: below(1, 0), ..Self::default() },
            Panel::Transfers => {
                let foot = line(area.height.saturating_sub(1));
                Self { title, totals: line(1), body: below(2, 1), tabs: tabs(app, title), hints: hints(app, foot) }
            }
        }
    }

    /// What of the panel is at a cell; nothing where it is beside it.
    pub fn hit(&self, at: Position) -> Option<Hit> {
        if self.body.contains(at) {
            return Some(Hit::Panel(usize::from(at.y - self.body.y)));
        }
        if let Some(part) = self.tabs.iter().chain(&self.hints).find(|part| part.area.contains(at)) {
            return Some(Hit::Do(part.action));
        }
        let is_foot = at.y == self.body.bottom() && !self.hints.is_empty();
        (self.title.contains(at) || self.totals.contains(at) || is_foot).then_some(Hit::PanelFrame)
    }
}

/// The action that a tab is chosen by.
pub fn action_of(tab: Tab) -> Action {
    Action::Queue(match tab {
        Tab::All => Queue::All,
        Tab::Active => Queue::Active,
        Tab::Queued => Queue::Queued,
        Tab::Failed => Queue::Failed,
        Tab::Done => Queue::Done,
    })
}

/// How many rows a tab stands for, those included that are not listed: of a very long queue only the front is.
fn count(app: &App, tab: Tab) -> u64 {
    let of = |section: &Section| match section {
        Section::Queued => app.waiting(),
        // What was passed over is among the rows, and is not done.
        Section::Done if tab == Tab::Done => app.transfers.done(),
        other => app.transfers.count(*other),
    };
    tab.sections().iter().map(of).sum()
}

/// The tabs with their counts; without their keys where these do not fit.
fn tabs(app: &App, title: Rect) -> Vec<Part> {
    let mut words: Vec<String> = TABS.iter().map(|tab| format!("{} {}", tab.word(), short_count(count(app, *tab)))).collect();
    let keys = TABS.map(|tab| key_of(action_of(tab)));
    let long: usize = words.iter().map(|words| width(words) + 4).sum();
    let room = usize::from(title.width.saturating_sub(4));
    let has_keys = long <= room;
    let passed = app.transfers.passed_over();
    let beside = format!(" +{} skipped", short_count(passed));
    if passed > 0
        && long + width(&beside) <= room
        && let Some(done) = words.last_mut()
    {
        done.push_str(&beside);
    }
    let mut x = title.x + 2;
    let mut parts = Vec::new();
    for ((tab, words), key) in TABS.iter().zip(words).zip(keys) {
        let key = if has_keys { key } else { "" };
        let columns = (width(&words) + if has_keys { width(key) + 3 } else { 2 }) as u16;
        let columns = columns.min(title.right().saturating_sub(x));
        parts.push(Part { area: Rect { x, width: columns, ..title }, key, words, action: action_of(*tab) });
        x += columns;
    }
    parts
}

/// The first key of an action.
fn key_of(action: Action) -> &'static str {
    match action.info().and_then(|info| info.keys.first().copied()) {
        Some("Delete") => "Del",
        key => key.unwrap_or_default(),
    }
}

/// What keys do with the row under the cursor, as many as fit, the most useful first; the way out is always there.
fn hints(app: &App, foot: Rect) -> Vec<Part> {
    let wanted: Vec<(Action, &str)> = if app.panel_focus {
        let always = [(Queue::Limits, "limits"), (Queue::History, "history"), (Queue::Filter, "filter")];
        of_row(app).into_iter().chain(always).map(|(action, words)| (Action::Queue(action), words)).collect()
    } else {
        vec![(Action::Go(Go::Panel), "gives the keys to the transfers")]
    };
    let out = (Action::Show(Show::Transfers), "closes");
    let way_out = columns(key_of(out.0), out.1);
    let mut x = foot.x + 1;
    let mut parts = Vec::new();
    for (action, words) in wanted {
        let key = key_of(action);
        let columns = columns(key, words);
        if x + columns + way_out + 2 > foot.right() {
            break;
        }
        parts.push(Part { area: Rect { x, width: columns, ..foot }, key, words: words.to_owned(), action });
        x += columns + 2;
    }
    let area = Rect { x, width: way_out.min(foot.right().saturating_sub(x)), ..foot };
    parts.push(Part { area, key: key_of(out.0), words: out.1.to_owned(), action: out.0 });
    let works =
        |part: &Part| part.action.info().is_some_and(|info| !app.panel_focus || info.layer == Layer::Transfers || part.action == out.0);
    debug_assert!(parts.iter().all(works));
    parts
}

fn columns(key: &str, words: &str) -> u16 {
    (width(key) + 1 + width(words)) as u16
}

/// What can be done with the row under the cursor.
fn of_row(app: &App) -> Vec<(Queue, &'static str)> {
    let Some(row) = app.transfers.current() else { return Vec::new() };
    let job = match &row.what {
        What::Unfinished(_) => return vec![(Queue::Enter, "goes on"), (Queue::Details, "tells more"), (Queue::Cancel, "forgets")],
        What::Note(_) => return vec![(Queue::Enter, "tells more"), (Queue::Clear, "clears")],
        What::Transfer(job) => job,
    };
    let state = &job.transfer.state;
    if !state.has_ended() {
        let goes = *state == TransferState::Paused || app.transfers.held.contains_key(&job.transfer.batch);
        let mut hints = vec![(Queue::Pause, if goes { "goes on" } else { "pauses" }), (Queue::Cancel, "cancels")];
        if row.section == Section::Queued {
            hints.extend([(Queue::Up, "sooner"), (Queue::Down, "later"), (Queue::Sooner, "priority")]);
        }
        hints.push((Queue::Enter, "tells more"));
        return hints;
    }
    match state {
        TransferState::Failed(_) | TransferState::Cancelled => {
            vec![(Queue::Retry, "retries"), (Queue::RetryAll, "all"), (Queue::Enter, "tells more"), (Queue::Clear, "clears")]
        }
        _ => vec![(Queue::Enter, "tells more"), (Queue::Clear, "clears")],
    }
}
