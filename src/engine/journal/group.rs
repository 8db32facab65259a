//! Which entries are written together. Pure: told what time it is.

use std::time::{Duration, Instant};

use super::entry::Entry;

/// How long the first of a group waits at most.
pub(super) const WAIT: Duration = Duration::from_millis(250);
/// How long after a failed write the next one is tried, if nothing comes before.
const AGAIN: Duration = Duration::from_secs(1);
/// Entries of a group at most: a transaction has to fit into memory.
const FULL: usize = 8192;
/// Entries that are kept while the disk takes none; what is left out then is done again after a restart.
const KEPT: usize = 65_536;

/// Entries that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Group {
    entries: Vec<Entry>,
    /// How many of them the disk did not take before: these make no group full.
    put_back: usize,
    due: Option<Instant>,
}

impl Group {
    /// Adds one.
    pub(super) fn add(&mut self, entry: Entry, now: Instant) {
        let wait = if entry.is_urgent() { Duration::ZERO } else { WAIT };
        self.entries.push(entry);
        let due = if self.entries.len() - self.put_back >= FULL { now } else { now + wait };
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// How long to wait for more; `None` as long as nothing waits.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(now))
    }

    /// Takes out what is to be written now.
    pub(super) fn take(&mut self) -> Vec<Entry> {
        (self.due, self.put_back) = (None, 0);
        std::mem::take(&mut self.entries)
    }

    /// Puts back what could not be written, to be tried again with what comes, or after a while; nobody waits for it any more.
    pub(super) fn put_back(&mut self, mut entries: Vec<Entry>, now: Instant) {
        entries.retain(|entry| !entry.is_urgent() || matches!(entry, Entry::Batch(..)));
        entries.append(&mut self.entries);
        entries.truncate(KEPT);
        self.due = (!entries.is_empty()).then(|| now + AGAIN);
        self.put_back = entries.len();
        self.entries = entries;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BatchId;

    #[test]
    fn a_group_is_due_a_quarter_of_a_second_after_its_first_however_many_follow() {
        let (start, mut group) = (Instant::now(), Group::default());
        assert_eq!(group.wait(start), None);
        group.add(Entry::Over(BatchId(1)), start);
        group.add(Entry::Over(BatchId(2)), start + Duration::from_millis(200));
        assert_eq!(group.wait(start + Duration::from_millis(200)), Some(Duration::from_millis(50)));
        assert_eq!(group.wait(start + Duration::from_secs(9)), Some(Duration::ZERO));
        assert_eq!(group.take().len(), 2);
        assert_eq!(group.wait(start), None);
    }

    #[test]
    fn what_somebody_waits_for_is_due_at_once_and_takes_along_what_waits() {
        let (start, mut group) = (Instant::now(), Group::default());
        group.add(Entry::Over(BatchId(1)), start);
        group.add(Entry::Discard(7), start);
        assert_eq!(group.wait(start), Some(Duration::ZERO));
        assert_eq!(group.take().len(), 2);
    }

    #[test]
    fn what_the_disk_did_not_take_is_kept_up_to_a_limit() {
        let (start, mut group) = (Instant::now(), Group::default());
        group.add(Entry::Over(BatchId(9)), start);
        group.put_back((0..70_000).map(|n| Entry::Over(BatchId(n))).collect(), start);
        assert_eq!(group.take().len(), KEPT);
    }

    #[test]
    fn what_the_disk_did_not_take_is_tried_again_with_what_comes_or_after_a_while() {
        let (start, mut group) = (Instant::now(), Group::default());
        group.put_back(vec![Entry::Over(BatchId(1))], start);
        assert_eq!(group.wait(start), Some(AGAIN));
        group.add(Entry::Over(BatchId(2)), start);
        assert_eq!(group.wait(start), Some(WAIT));
        group.take();
        group.put_back((0..2 * FULL as u64).map(|n| Entry::Over(BatchId(n))).collect(), start);
        group.add(Entry::Over(BatchId(2)), start);
        assert_eq!(group.wait(start), Some(WAIT), "not once more for each that comes");
        group.take();
        group.put_back(vec![Entry::Discard(1)], start);
        assert_eq!(group.wait(start), None, "nobody waits for it any more");
    }
}
