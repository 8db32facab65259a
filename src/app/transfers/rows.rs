//! The rows of the panel: which section each is in, which of them a tab and a filter leave, and where the cursor is.

use crate::model::text::printable;
use crate::model::{Priority, TransferState};

use super::line::{Key, Line};
use super::tally::is_passed_over;
use super::{HasEnded as _, Job, KEPT, RowId, Transfers, What};

/// A part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Batches of earlier runs.
    Unfinished,
    /// What moves or asks, in the order it began.
    Active,
    /// What waits, in the order it will begin.
    Queued,
    /// What failed or was cancelled, the newest first.
    Failed,
    /// What is done or was passed over, the newest first.
    Done,
}

/// All of them, in the order of the list.
const ALL: [Section; 5] = [Section::Unfinished, Section::Active, Section::Queued, Section::Failed, Section::Done];

/// Which rows the panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tab {
    /// Every section.
    #[default]
    All,
    /// What moves or asks.
    Active,
    /// What waits.
    Queued,
    /// What failed or was cancelled.
    Failed,
    /// What is done or was passed over.
    Done,
}

/// The tabs, from left to right.
pub const TABS: [Tab; 5] = [Tab::All, Tab::Active, Tab::Queued, Tab::Failed, Tab::Done];

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub id: RowId,
    /// What is behind it.
    pub what: What,
    /// The part of the list that it is in.
    pub section: Section,
    /// Its place there.
    pub key: Key,
}

/// Something of each section.
#[derive(Debug, Default)]
struct Sections<T> {
    unfinished: T,
    active: T,
    queued: T,
    failed: T,
    done: T,
}

impl<T> Sections<T> {
    fn of(&self, section: Section) -> &T {
        match section {
            Section::Unfinished => &self.unfinished,
            Section::Active => &self.active,
            Section::Queued => &self.queued,
            Section::Failed => &self.failed,
            Section::Done => &self.done,
        }
    }

    fn of_mut(&mut self, section: Section) -> &mut T {
        match section {
            Section::Unfinished => &mut self.unfinished,
            Section::Active => &mut self.active,
            Section::Queued => &mut self.queued,
            Section::Failed => &mut self.failed,
            Section::Done => &mut self.done,
        }
    }
}

/// The order of every section, and of what a filter leaves of it.
#[derive(Debug, Default)]
pub struct Lines {
    all: Sections<Line>,
    matching: Sections<Line>,
    /// Ended rows that are not kept any more.
    dropped: Sections<u64>,
    next: u64,
    /// Where the row that was taken out last stood: one that goes back into its section stays in its place.
    left: Option<(RowId, Section, Key)>,
}

impl Lines {
    /// All rows of a section.
    pub fn all(&self, section: Section) -> &Line {
        self.all.of(section)
    }

    fn shown(&self, section: Section, filtered: bool) -> &Line {
        if filtered { self.matching.of(section) } else { self.all.of(section) }
    }
}

impl Section {
    /// Whether its transfers are still to be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Queued)
    }

    fn of(what: &What) -> Self {
        match what {
            What::Unfinished(_) => Self::Unfinished,
            What::Note(note) if note.failed => Self::Failed,
            What::Note(_) => Self::Done,
            What::Transfer(job) => match job.transfer.state {
                TransferState::Active | TransferState::Asking => Self::Active,
                TransferState::Queued | TransferState::Paused | TransferState::Retrying(_) => Self::Queued,
                TransferState::Failed(_) | TransferState::Cancelled => Self::Failed,
                TransferState::Done(_) | TransferState::Skipped(_) => Self::Done,
            },
        }
    }
}

impl Tab {
    /// The sections that it shows.
    pub fn sections(self) -> &'static [Section] {
        match self {
            Self::All => &ALL,
            Self::Active => &[Section::Active],
            Self::Queued => &[Section::Queued],
            Self::Failed => &[Section::Failed],
            Self::Done => &[Section::Done],
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
            Self::Queued => "queued",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }

    /// The one beside it, going round.
    #[must_use]
    pub fn beside(self, right: bool) -> Self {
        let place = TABS.iter().position(|tab| *tab == self).unwrap_or(0);
        let next = if right { place + 1 } else { place + TABS.len() - 1 };
        TABS.get(next % TABS.len()).copied().unwrap_or_default()
    }
}

/// Where a waiting transfer stands in the queue.
pub(super) fn queue_key(job: &Job) -> Key {
    let rank = match job.transfer.priority {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    };
    Key { rank, place: job.place }
}

impl Row {
    /// Whether it has ended: nothing more comes of it by itself.
    pub fn has_ended(&self) -> bool {
        match &self.what {
            What::Transfer(job) => job.transfer.state.has_ended(),
            What::Note(_) => true,
            What::Unfinished(_) => false,
        }
    }

    /// Whether it holds all of the words, which are in lower case.
    fn holds(&self, words: &str) -> bool {
        let text = match &self.what {
            What::Transfer(job) => {
                let trouble = job.trouble.as_ref().map(ToString::to_string).unwrap_or_default();
                let (source, target) = (printable(job.transfer.source.path.as_bytes()), printable(job.transfer.target.path.as_bytes()));
                format!("{source}\n{target}\n{trouble}\n{}", word(&job.transfer.state))
            }
            What::Note(note) => {
                format!("{}\n{}\n{}", printable(note.path.as_bytes()), note.failure, if note.failed { "failed" } else { "skipped" })
            }
            What::Unfinished(batch) => format!("{}\n{}\nnot finished", batch.from, batch.to),
        };
        let text = text.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    }
}

impl Transfers {
    /// How many rows of a section are kept.
    pub fn len(&self, section: Section) -> usize {
        self.lines.all(section).len()
    }

    /// How many there are of a section, the ones included that are not kept any more or were cancelled without a row.
    pub fn count(&self, section: Section) -> u64 {
        let untold = if section == Section::Failed { self.cancelled_untold() } else { 0 };
        self.len(section) as u64 + self.lines.dropped.of(section) + untold
    }

    /// How many rows the panel has.
    pub fn row_count(&self) -> usize {
        let filtered = self.filter.is_some();
        self.tab.sections().iter().map(|section| self.lines.shown(*section, filtered).len()).sum()
    }

    /// A row of the panel.
    pub fn row(&self, mut index: usize) -> Option<&Row> {
        for section in self.tab.sections() {
            let line = self.lines.shown(*section, self.filter.is_some());
            match line.get(index) {
                Some(id) => return self.rows.get(&id),
                None => index = index.checked_sub(line.len())?,
            }
        }
        None
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.row(self.cursor)
    }

    /// A row by its name, wherever it is.
    pub fn find(&self, id: RowId) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// The names of all rows of a section.
    pub fn ids(&self, section: Section) -> impl Iterator<Item = RowId> + '_ {
        self.lines.all(section).iter()
    }

    /// The rows of a section that the filter leaves, whatever the tab shows.
    pub fn shown(&self, section: Section) -> impl Iterator<Item = &Row> + '_ {
        self.lines.shown(section, self.filter.is_some()).iter().filter_map(|id| self.rows.get(&id))
    }

    /// Which row of the panel a row is, if the panel shows it.
    fn index_of(&self, id: RowId) -> Option<usize> {
        let row = self.rows.get(&id)?;
        let mut before = 0;
        for section in self.tab.sections() {
            let line = self.lines.shown(*section, self.filter.is_some());
            if *section == row.section {
                return line.index_of(row.key).ok().map(|index| before + index);
            }
            before += line.len();
        }
        None
    }

    /// Puts the cursor on a row.
    pub fn select(&mut self, index: usize, page: usize) {
        self.cursor = index.min(self.row_count().saturating_sub(1));
        self.picked = self.current().map(|row| (row.id, row.has_ended()));
        self.below = self.row(self.cursor + 1).map(|row| (row.id, row.has_ended()));
        self.scroll(page);
    }

    /// After something changed: the cursor goes with its row. Where that has ended, was begun anew or is gone, the row that was below it
    /// comes under the cursor, wherever that is now. A cursor that no person has put on a row that has ended does not stay there when
    /// something is under way.
    pub fn follow(&mut self, page: usize) {
        let stays = |(id, ended): &(RowId, bool)| self.rows.get(id).is_some_and(|row| row.has_ended() == *ended);
        let kept = self.picked.iter().chain(&self.below).find(|row| stays(row)).and_then(|(id, _)| self.index_of(*id));
        let index = kept.unwrap_or(self.cursor);
        if self.top > 0 {
            self.top = (self.top + index).saturating_sub(self.cursor);
        }
        self.select(index, page);
        let is_open = |row: Option<&Row>| row.is_some_and(|row| !row.has_ended());
        if !self.chosen && !is_open(self.current()) && is_open(self.row(0)) {
            self.select(0, page);
        }
    }

    fn scroll(&mut self, page: usize) {
        let page = page.max(1);
        let last = self.row_count().saturating_sub(page);
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(page)).min(last);
    }

    /// Shows another tab, from its first row.
    pub fn show(&mut self, tab: Tab) {
        self.tab = tab;
        self.top = 0;
        self.chosen = false;
        self.select(0, 1);
    }

    /// Shows only rows that hold all of these words; all where there are none.
    pub fn set_filter(&mut self, words: &str, page: usize) {
        let words = words.trim().to_lowercase();
        self.filter = (!words.is_empty()).then_some(words);
        self.lines.matching = Default::default();
        if let Some(words) = &self.filter {
            for row in self.rows.values().filter(|row| row.holds(words)) {
                self.lines.matching.of_mut(row.section).push(row.key, row.id);
            }
            ALL.into_iter().for_each(|section| self.lines.matching.of_mut(section).sort());
        }
        self.follow(page);
    }

    /// Forgets every ended row of a section.
    pub fn clear(&mut self, section: Section, page: usize) {
        for id in self.ids(section).collect::<Vec<_>>() {
            self.take_out(id);
        }
        *self.lines.dropped.of_mut(section) = 0;
        if section == Section::Done {
            self.passed_dropped = 0;
        }
        self.follow(page);
    }

    pub(super) fn take_out(&mut self, id: RowId) -> Option<What> {
        let row = self.rows.remove(&id)?;
        self.lines.all.of_mut(row.section).remove(row.key);
        self.lines.matching.of_mut(row.section).remove(row.key);
        self.tally(&row.what, false);
        self.lines.left = Some((id, row.section, row.key));
        Some(row.what)
    }

    pub(super) fn put_in(&mut self, id: RowId, what: What) {
        let section = Section::of(&what);
        let key = match (&what, self.lines.left.take()) {
            (What::Transfer(job), _) if section == Section::Queued => queue_key(job),
            (_, Some((left, from, key))) if left == id && from == section => key,
            _ => self.lines.give_key(section),
        };
        self.tally(&what, true);
        let row = Row { id, what, section, key };
        if self.filter.as_ref().is_some_and(|words| row.holds(words)) {
            self.lines.matching.of_mut(section).insert(key, id);
        }
        self.lines.all.of_mut(section).insert(key, id);
        self.rows.insert(id, row);
        if matches!(section, Section::Failed | Section::Done)
            && self.len(section) > KEPT
            && let Some((_, oldest)) = self.lines.all(section).last()
        {
            self.passed_dropped += u64::from(self.take_out(oldest).as_ref().is_some_and(is_passed_over));
            *self.lines.dropped.of_mut(section) += 1;
        }
    }
}

impl Lines {
    /// Ended ones stand before those that ended before them, all others behind those that came before them.
    fn give_key(&mut self, section: Section) -> Key {
        self.next += 1;
        let newest_first = matches!(section, Section::Failed | Section::Done);
        Key { rank: 0, place: if newest_first { u64::MAX - self.next } else { self.next } }
    }
}

/// The word by which a filter finds rows of a state.
fn word(state: &TransferState) -> &'static str {
    match state {
        TransferState::Queued => "waits",
        TransferState::Asking => "asks",
        TransferState::Paused => "paused",
        TransferState::Active => "active",
        TransferState::Retrying(_) => "again",
        TransferState::Done(_) => "done",
        TransferState::Skipped(_) => "skipped",
        TransferState::Failed(_) => "failed",
        TransferState::Cancelled => "cancelled",
    }
}
