//! Which parts of a file are there, which are being fetched, and what somebody who is free fetches next. Pure.
//!
//! Guarantee: the parts cover the file from its first byte to its last, in order and without overlap; a part has one holder at most; its
//! bytes count as there only once they were written. The largest rest is halved for whoever becomes free, so that a slow connection does
//! not hold up the end.

/// Bytes, from the first to before the last.
pub(in crate::engine) type Range = (u64, u64);

/// Bytes that are worth a connection of their own.
pub(in crate::engine) const WORTH: u64 = 2 * 1024 * 1024;

/// A part: what is before `at` is there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    id: u64,
    start: u64,
    at: u64,
    end: u64,
    held: bool,
    /// Turns of waiting in which nothing of it came.
    quiet: u32,
}

impl Part {
    fn rest(&self) -> u64 {
        self.end - self.at
    }
}

/// What somebody fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) id: u64,
    /// From this byte on.
    pub(super) from: u64,
}

/// The parts of a file.
#[derive(Debug, Clone)]
pub(super) struct Table {
    size: u64,
    parts: Vec<Part>,
    next: u64,
}

impl Table {
    /// A file of `size` bytes, of which `done` is there: ranges in order and apart.
    pub(super) fn new(size: u64, done: &[Range]) -> Self {
        let mut table = Self { size, parts: Vec::new(), next: 0 };
        let mut at = 0;
        for &(from, to) in done {
            let (from, to) = (from.clamp(at, size), to.clamp(at, size));
            if from < to {
                table.add(at, at, from);
                table.add(from, to, to);
                at = to;
            }
        }
        table.add(at, at, size);
        table
    }

    fn add(&mut self, start: u64, at: u64, end: u64) {
        if start < end {
            self.parts.push(Part { id: self.next, start, at, end, held: false, quiet: 0 });
            self.next += 1;
        }
    }

    /// Cuts what is missing into about `count` parts, none of them too small to be worth it.
    pub(super) fn cut(&mut self, count: u64) {
        let missing = self.parts.iter().map(Part::rest).sum::<u64>();
        let length = missing.div_ceil(count.max(1)).max(WORTH);
        for part in std::mem::take(&mut self.parts) {
            let mut start = part.start;
            let mut cut = part.at.max(start) + length;
            while cut + WORTH <= part.end && part.rest() > 0 {
                self.add(start, part.at.max(start), cut);
                start = cut;
                cut += length;
            }
            self.add(start, part.at.max(start), part.end);
        }
    }

    fn place(&self, id: u64) -> Option<usize> {
        self.parts.iter().position(|part| part.id == id)
    }

    /// What to fetch next: a part that nobody fetches, the last where `last` is asked for, else half of the largest rest, if so many bytes
    /// are worth a connection.
    pub(super) fn claim(&mut self, last: bool, worth: u64) -> Option<Claim> {
        let mut free = self.parts.iter_mut().filter(|part| !part.held && part.rest() > 0);
        let part = if last { free.next_back() } else { free.next() };
        if let Some(part) = part {
            (part.held, part.quiet) = (true, 0);
            return Some(Claim { id: part.id, from: part.at });
        }
        // Of equal ones the first.
        let place = (0..self.parts.len()).rev().max_by_key(|place| self.parts.get(*place).map_or(0, Part::rest))?;
        let id = self.next;
        let part = self.parts.get_mut(place).filter(|part| part.rest() >= worth.max(WORTH).saturating_mul(2))?;
        let (middle, end) = (part.at + part.rest() / 2, part.end);
        part.end = middle;
        self.next += 1;
        self.parts.insert(place + 1, Part { id, start: middle, at: middle, end, held: true, quiet: 0 });
        Some(Claim { id, from: middle })
    }

    /// Takes a part from a holder that has brought nothing for so many turns; that one finds it gone.
    pub(super) fn take_over(&mut self, turns: u32) -> Option<Claim> {
        let id = self.next;
        let part = self.parts.iter_mut().find(|part| part.held && part.rest() > 0 && part.quiet >= turns)?;
        (part.id, part.quiet) = (id, 0);
        self.next += 1;
        Some(Claim { id, from: part.at })
    }

    /// A turn of waiting has passed.
    pub(super) fn turn(&mut self) {
        self.parts.iter_mut().for_each(|part| part.quiet = part.quiet.saturating_add(1));
    }

    /// Whether a part has that holder still.
    pub(super) fn is_held_by(&self, id: u64) -> bool {
        self.place(id).is_some()
    }

    /// How many fetch.
    pub(super) fn holders(&self) -> usize {
        self.parts.iter().filter(|part| part.held).count()
    }

    /// The bytes that the largest rest has.
    pub(super) fn largest(&self) -> u64 {
        self.parts.iter().map(Part::rest).max().unwrap_or(0)
    }

    /// How many more bytes the holder may fetch. At its end it goes on into the next part, where nobody has begun that.
    pub(super) fn room(&mut self, id: u64) -> u64 {
        let Some(place) = self.place(id) else { return 0 };
        let follows = self.parts.get(place + 1).filter(|next| !next.held && next.at == next.start).map(|next| next.end);
        let Some(part) = self.parts.get_mut(place) else { return 0 };
        if let Some(end) = follows.filter(|_| part.rest() == 0 && part.held) {
            part.end = end;
            self.parts.remove(place + 1);
        }
        self.parts.get(place).map_or(0, Part::rest)
    }

    /// So many bytes more of a part are there.
    pub(super) fn advance(&mut self, id: u64, bytes: u64) {
        if let Some(part) = self.place(id).and_then(|place| self.parts.get_mut(place)) {
            part.at = part.at.saturating_add(bytes).min(part.end);
            part.quiet = 0;
        }
    }

    /// Where the holder of a part stands.
    pub(super) fn at(&self, id: u64) -> u64 {
        self.place(id).and_then(|place| self.parts.get(place)).map_or(self.size, |part| part.at)
    }

    /// Its holder lets go of a part.
    pub(super) fn release(&mut self, id: u64) {
        if let Some(part) = self.place(id).and_then(|place| self.parts.get_mut(place)) {
            part.held = false;
        }
    }

    /// Bytes that are there.
    pub(super) fn done(&self) -> u64 {
        self.parts.iter().map(|part| part.at - part.start).sum()
    }

    /// Whether all is there.
    pub(super) fn is_done(&self) -> bool {
        self.parts.iter().all(|part| part.rest() == 0)
    }

    /// Whether somebody still reads at the end of the file.
    pub(super) fn is_ending(&self) -> bool {
        self.parts.last().is_some_and(|part| part.held)
    }

    /// Whether the bytes of a range are there.
    pub(super) fn has(&self, (from, to): Range) -> bool {
        self.ranges().iter().any(|range| range.0 <= from && to <= range.1)
    }

    /// Whether what is there has holes, or may soon.
    pub(super) fn is_sparse(&self) -> bool {
        self.parts.len() > 1
    }

    /// What is there, in order and apart.
    pub(super) fn ranges(&self) -> Vec<Range> {
        let mut ranges: Vec<Range> = Vec::new();
        for part in self.parts.iter().filter(|part| part.at > part.start) {
            match ranges.last_mut() {
                Some(last) if last.1 == part.start => last.1 = part.at,
                _ => ranges.push((part.start, part.at)),
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_file_is_cut_into_equal_parts_that_are_worth_it() {
        let mut table = Table::new(64 * MIB, &[]);
        table.cut(4);
        let starts: Vec<u64> = std::iter::from_fn(|| table.claim(false, WORTH)).take(4).map(|claim| claim.from / MIB).collect();
        assert_eq!(starts, [0, 16, 32, 48]);
        let mut small = Table::new(3 * MIB, &[]);
        small.cut(8);
        assert!(!small.is_sparse());
    }

    #[test]
    fn the_largest_rest_is_halved_for_whoever_is_free() {
        let mut table = Table::new(64 * MIB, &[]);
        let first = table.claim(false, WORTH).unwrap();
        table.advance(first.id, 4 * MIB);
        assert_eq!(table.claim(false, WORTH).unwrap().from, 34 * MIB);
        assert_eq!(table.room(first.id), 30 * MIB);
        assert_eq!(table.claim(false, WORTH).unwrap().from, 19 * MIB);
    }

    #[test]
    fn who_comes_to_a_part_that_nobody_has_begun_goes_on_into_it() {
        let mut table = Table::new(64 * MIB, &[]);
        table.cut(4);
        let first = table.claim(false, WORTH).unwrap();
        let last = table.claim(true, WORTH).unwrap();
        assert_eq!(last.from, 48 * MIB);
        table.advance(first.id, 16 * MIB);
        assert_eq!(table.room(first.id), 16 * MIB);
        table.advance(first.id, 32 * MIB);
        assert_eq!((table.room(first.id), table.done()), (16 * MIB, 32 * MIB));
        table.advance(first.id, 16 * MIB);
        assert_eq!(table.room(first.id), 0, "the next one is held");
    }

    #[test]
    fn what_is_not_worth_a_connection_is_left_with_its_holder() {
        let mut table = Table::new(64 * MIB, &[]);
        let first = table.claim(false, WORTH).unwrap();
        assert_eq!(table.claim(false, 40 * MIB), None);
        table.advance(first.id, 50 * MIB);
        assert_eq!(table.claim(false, 8 * MIB), None);
        assert_eq!(table.claim(false, WORTH).unwrap().from, 57 * MIB);
    }

    #[test]
    fn a_part_that_does_not_come_is_taken_from_its_holder() {
        let mut table = Table::new(64 * MIB, &[]);
        table.cut(2);
        let (lively, silent) = (table.claim(false, WORTH).unwrap(), table.claim(false, WORTH).unwrap());
        table.advance(silent.id, MIB);
        for _ in 0..3 {
            table.turn();
            table.advance(lively.id, 1);
        }
        assert_eq!(table.take_over(4), None);
        let taken = table.take_over(3).unwrap();
        assert_eq!(taken.from, 33 * MIB);
        assert!(table.is_held_by(taken.id) && !table.is_held_by(silent.id));
        table.advance(silent.id, MIB);
        assert_eq!((table.room(silent.id), table.at(taken.id)), (0, 33 * MIB), "the other's bytes count no more");
        table.release(silent.id);
        assert_eq!(table.holders(), 2);
    }

    proptest::proptest! {
        #[test]
        fn every_byte_has_one_part_and_counts_once_whatever_happens(
            size in 1u64..100 * MIB,
            count in 1u64..12,
            done in proptest::collection::vec(0u64..100 * MIB, 0..6),
            steps in proptest::collection::vec((0u8..6, 0usize..8, 1u64..20 * MIB), 0..120),
        ) {
            let mut done = done;
            done.sort_unstable();
            done.dedup();
            let done: Vec<Range> = done.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            let mut table = Table::new(size, &done);
            table.cut(count);
            let mut held: Vec<u64> = Vec::new();
            for (what, who, bytes) in steps {
                match what {
                    0 => held.extend(table.claim(bytes % 2 == 0, WORTH).map(|claim| claim.id)),
                    1 if !held.is_empty() => table.release(held.remove(who % held.len())),
                    4 => table.turn(),
                    5 => held.extend(table.take_over(2).map(|claim| claim.id)),
                    _ if !held.is_empty() => {
                        let id = held[who % held.len()];
                        let room = table.room(id);
                        let before = table.done();
                        table.advance(id, bytes.min(room));
                        proptest::prop_assert_eq!(table.done(), before + bytes.min(room));
                    }
                    _ => {}
                }
                let mut at = 0;
                for part in &table.parts {
                    proptest::prop_assert!(part.start == at && part.at >= part.start && part.at <= part.end && part.end > part.start);
                    at = part.end;
                }
                proptest::prop_assert_eq!(at, size);
                proptest::prop_assert_eq!(table.ranges().iter().map(|(from, to)| to - from).sum::<u64>(), table.done());
                proptest::prop_assert_eq!(table.is_done(), table.done() == size);
                proptest::prop_assert_eq!(&Table::new(size, &table.ranges()).ranges(), &table.ranges());
            }
            // Whoever is left alone can finish it all.
            for id in held {
                table.release(id);
            }
            while let Some(claim) = table.claim(false, WORTH) {
                while table.room(claim.id) > 0 {
                    let room = table.room(claim.id);
                    table.advance(claim.id, room);
                }
                table.release(claim.id);
            }
            proptest::prop_assert!(table.is_done());
        }
    }
}
