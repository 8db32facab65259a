//! The first fields of a row, each with its place: what dialects read by columns that are parted by blanks.

use super::scan::{skip_blanks, split_field};

/// How many fields are looked at: more than any row has left of its name.
const MOST_FIELDS: usize = 20;

/// The first fields of a row.
pub(super) struct Fields<'a> {
    row: &'a [u8],
    count: usize,
    fields: [&'a [u8]; MOST_FIELDS],
    starts: [usize; MOST_FIELDS],
}

impl<'a> Fields<'a> {
    /// Of a row, blanks before it or not.
    pub(super) fn of(row: &'a [u8]) -> Self {
        let mut fields = Self { row, count: 0, fields: [b""; MOST_FIELDS], starts: [0; MOST_FIELDS] };
        let mut rest = row;
        for (place, start) in fields.fields.iter_mut().zip(&mut fields.starts) {
            rest = skip_blanks(rest);
            if rest.is_empty() {
                break;
            }
            *start = row.len() - rest.len();
            (*place, rest) = split_field(rest);
            fields.count += 1;
        }
        fields
    }

    /// All of them.
    pub(super) fn all(&self) -> &[&'a [u8]] {
        self.fields.get(..self.count).unwrap_or_default()
    }

    /// One of them.
    pub(super) fn get(&self, at: usize) -> Option<&'a [u8]> {
        self.all().get(at).copied()
    }

    /// Where a field begins in the row.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        if at < self.count { self.starts.get(at).copied() } else { None }
    }

    /// Where a field ends in the row.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        Some(self.start(at)? + self.get(at)?.len())
    }

    /// How many blanks stand before a field that is not the first.
    pub(super) fn blanks_before(&self, at: usize) -> Option<usize> {
        self.start(at)?.checked_sub(self.end(at.checked_sub(1)?)?)
    }

    /// The row from the first to the last field, blanks between included.
    pub(super) fn span(&self, first: usize, last: usize) -> Option<&'a [u8]> {
        self.row.get(self.start(first)?..self.end(last)?)
    }

    /// The row from a field on, to its end.
    pub(super) fn from(&self, at: usize) -> Option<&'a [u8]> {
        self.row.get(self.start(at)?..)
    }

    /// What stands behind a field and the blanks that follow it; empty where nothing does.
    pub(super) fn behind(&self, at: usize) -> Option<&'a [u8]> {
        Some(skip_blanks(self.row.get(self.end(at)?..)?))
    }

    /// The whole row.
    pub(super) fn row(&self) -> &'a [u8] {
        self.row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_know_where_they_stand() {
        let fields = Fields::of(b"  a\tbc   d  ");
        assert_eq!(fields.all(), [&b"a"[..], b"bc", b"d"]);
        assert_eq!((fields.start(1), fields.end(1), fields.blanks_before(2)), (Some(4), Some(6), Some(3)));
        assert_eq!((fields.span(0, 1), fields.from(1), fields.behind(1)), (Some(&b"a\tbc"[..]), Some(&b"bc   d  "[..]), Some(&b"d  "[..])));
        assert_eq!((fields.get(3), fields.start(3), fields.blanks_before(0)), (None, None, None));
    }

    #[test]
    fn more_fields_than_a_row_has_are_not_looked_at() {
        assert_eq!(Fields::of(&b"x ".repeat(100)).all().len(), MOST_FIELDS);
    }
}
