//! Rows in an order of their own: found, put in and taken out without looking at all of them.
//!
//! Guarantee: a row's index and the row at an index are found by halving; putting in and taking out moves no more than half of the keys,
//! and at the ends, where queues work, next to none.

use std::collections::VecDeque;

use super::RowId;

/// Where a row stands among others. Smaller is further up; no two rows have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What goes before everything of a later rank.
    pub rank: u8,
    /// The place within the rank.
    pub place: u64,
}

/// Between two places that were given one after the other: room for rows that are moved in between.
pub const GAP: u64 = 1 << 20;

/// Rows in order.
#[derive(Debug, Default)]
pub struct Line {
    rows: VecDeque<(Key, RowId)>,
}

impl Line {
    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at an index.
    pub fn get(&self, index: usize) -> Option<RowId> {
        self.rows.get(index).map(|(_, id)| *id)
    }

    /// The row further down than all others, with its key.
    pub fn last(&self) -> Option<(Key, RowId)> {
        self.rows.back().copied()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = RowId> + '_ {
        self.rows.iter().map(|(_, id)| *id)
    }

    /// The index of a key, or where it would be.
    pub fn index_of(&self, key: Key) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&key, |(key, _)| *key)
    }

    /// Puts a row in; one with the same key goes.
    pub fn insert(&mut self, key: Key, id: RowId) {
        match self.index_of(key) {
            Ok(index) => drop(self.rows.get_mut(index).map(|row| row.1 = id)),
            Err(index) => self.rows.insert(index, (key, id)),
        }
    }

    /// Puts a row at the end, to be sorted later: many at once cost less so.
    pub(super) fn push(&mut self, key: Key, id: RowId) {
        self.rows.push_back((key, id));
    }

    /// Brings all rows into their order.
    pub(super) fn sort(&mut self) {
        self.rows.make_contiguous().sort_unstable_by_key(|(key, _)| *key);
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: Key) -> Option<RowId> {
        let index = self.index_of(key).ok()?;
        self.rows.remove(index).map(|(_, id)| id)
    }

    /// The place right before a key, free for another row: halfway to the row before it. `None` where there is no room left.
    pub fn place_before(&self, key: Key) -> Option<u64> {
        let (Ok(index) | Err(index)) = self.index_of(key);
        let before = index.checked_sub(1).and_then(|index| self.rows.get(index)).filter(|(other, _)| other.rank == key.rank);
        let low = before.map_or(0, |(other, _)| other.place);
        let place = low + (key.place - low) / 2;
        (place > low || (before.is_none() && place < key.place)).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TransferId;

    fn key(rank: u8, place: u64) -> Key {
        Key { rank, place }
    }

    fn id(number: u64) -> RowId {
        RowId::Transfer(TransferId(number))
    }

    #[test]
    fn rows_stand_by_rank_and_place() {
        let mut line = Line::default();
        for (number, at) in [(1, key(1, 10)), (2, key(1, 5)), (3, key(0, 99)), (4, key(2, 0))] {
            line.insert(at, id(number));
        }
        assert_eq!(line.iter().collect::<Vec<_>>(), [id(3), id(2), id(1), id(4)]);
        assert_eq!(line.index_of(key(1, 10)), Ok(2));
        assert_eq!(line.remove(key(1, 5)), Some(id(2)));
        assert_eq!(line.remove(key(1, 5)), None);
        assert_eq!((line.len(), line.get(1), line.get(3)), (3, Some(id(1)), None));
    }

    #[test]
    fn between_two_rows_there_is_room_until_there_is_none() {
        let mut line = Line::default();
        line.insert(key(1, GAP), id(1));
        line.insert(key(1, 2 * GAP), id(2));
        let mut moved = 0;
        while let Some(place) = line.place_before(key(1, 2 * GAP)) {
            assert!(place > GAP && place < 2 * GAP);
            line.insert(key(1, place), id(3 + moved));
            moved += 1;
        }
        assert!(moved >= 19, "{moved}");
        assert_eq!(line.get(0), Some(id(1)));
        assert_eq!(line.place_before(key(0, GAP)), Some(GAP / 2));
    }
}
