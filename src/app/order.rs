//! The order of a pane: natural, case-blind, directories first.
//!
//! Comparing names by a rule costs; comparing bytes does not. So each name is turned once into a key whose plain byte order is the
//! natural one, the keys of a listing lie in one buffer, and sorting moves indices only.

use std::cmp::Ordering;

use nucleo_matcher::chars::{normalize, to_lower_case};

use crate::model::{Entry, Name};

use crate::model::SortKey;

use super::pane::Sort;

/// The keys of a listing, one for each entry, in the order of the entries.
#[derive(Debug, Default, Clone)]
pub struct Keys {
    bytes: Vec<u8>,
    spans: Vec<(u32, u32)>,
}

impl Keys {
    /// The keys of these entries.
    pub fn of(entries: &[Entry]) -> Self {
        let mut keys = Self::default();
        keys.extend(entries);
        keys
    }

    /// Adds the keys of entries that were appended.
    pub fn extend(&mut self, entries: &[Entry]) {
        self.spans.reserve(entries.len());
        for entry in entries {
            let start = self.bytes.len();
            push_key(&mut self.bytes, entry.name.as_bytes());
            self.spans.push((small(start), small(self.bytes.len())));
        }
    }

    /// Takes the key of an entry away as `Vec::swap_remove` does with the entry.
    pub fn swap_remove(&mut self, index: usize) {
        if index < self.spans.len() {
            self.spans.swap_remove(index);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    fn get(&self, index: u32) -> &[u8] {
        self.spans.get(index as usize).and_then(|&(start, end)| self.bytes.get(start as usize..end as usize)).unwrap_or_default()
    }
}

/// A listing beyond 4 GiB of keys is refused long before it gets here.
fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Sorts indices into `entries`.
pub fn sort(order: &mut [u32], entries: &[Entry], keys: &Keys, sort: Sort) {
    if sort.key == SortKey::Name && !sort.reverse {
        return sort_by_name(order, entries, keys);
    }
    order.sort_unstable_by(|&a, &b| compare(a, b, entries, keys, sort));
}

/// The common case, with the first eight bytes of each key beside its index, so that most comparisons touch one cache line.
fn sort_by_name(order: &mut [u32], entries: &[Entry], keys: &Keys) {
    let mut rows: Vec<(u64, bool, u32)> = order.iter().map(|&i| (head(keys.get(i)), !is_dir(entries, i), i)).collect();
    let by = Sort::default();
    rows.sort_unstable_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)).then_with(|| compare(a.2, b.2, entries, keys, by)));
    for (place, row) in order.iter_mut().zip(rows) {
        *place = row.2;
    }
}

fn head(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(key) {
        *to = *from;
    }
    u64::from_be_bytes(bytes)
}

fn is_dir(entries: &[Entry], index: u32) -> bool {
    entries.get(index as usize).is_some_and(Entry::is_dir_like)
}

/// Where an entry belongs among those of `order`, which is sorted.
pub fn place_of(index: u32, order: &[u32], entries: &[Entry], keys: &Keys, sort: Sort) -> usize {
    order.partition_point(|&other| compare(other, index, entries, keys, sort) == Ordering::Less)
}

/// The index of the entry of this name, where `order` is sorted by name: directories first, each part by its keys.
pub fn find_by_name(name: &Name, order: &[u32], entries: &[Entry], keys: &Keys, reverse: bool) -> Option<u32> {
    let mut key = Vec::with_capacity(name.as_bytes().len() + 8);
    push_key(&mut key, name.as_bytes());
    let (dirs, files) = order.split_at(order.partition_point(|&i| is_dir(entries, i)));
    let compare = |&i: &u32| {
        let Some(entry) = entries.get(i as usize) else { return Ordering::Less };
        let natural = keys.get(i).cmp(&key).then_with(|| entry.name.cmp(name));
        if reverse { natural.reverse() } else { natural }
    };
    [dirs, files].into_iter().find_map(|part| part.binary_search_by(compare).ok().and_then(|place| part.get(place)).copied())
}

/// Compares two entries; never equal for two that are different.
fn compare(a: u32, b: u32, entries: &[Entry], keys: &Keys, sort: Sort) -> Ordering {
    let (Some(left), Some(right)) = (entries.get(a as usize), entries.get(b as usize)) else { return a.cmp(&b) };
    let kinds = right.is_dir_like().cmp(&left.is_dir_like());
    let facts = match sort.key {
        SortKey::Name => Ordering::Equal,
        SortKey::Size if left.is_dir_like() => Ordering::Equal,
        SortKey::Size => right.size.cmp(&left.size),
        SortKey::Time => right.modified.map(|t| t.seconds).cmp(&left.modified.map(|t| t.seconds)),
        SortKey::Extension if left.is_dir_like() => Ordering::Equal,
        SortKey::Extension => compare_extensions(left, right),
    };
    let names = || keys.get(a).cmp(keys.get(b)).then_with(|| left.name.cmp(&right.name)).then(a.cmp(&b));
    let shown = if sort.key == SortKey::Name { names() } else { facts };
    kinds.then(if sort.reverse { shown.reverse() } else { shown }).then_with(names)
}

fn compare_extensions(left: &Entry, right: &Entry) -> Ordering {
    let (left, right) = (left.name.extension().unwrap_or_default(), right.name.extension().unwrap_or_default());
    left.iter().map(u8::to_ascii_lowercase).cmp(right.iter().map(u8::to_ascii_lowercase))
}

/// The key of a name: letters without case and accents, a run of digits as its length and its digits, so that `a2` is before `a10`.
fn push_key(out: &mut Vec<u8>, name: &[u8]) {
    let mut rest = name;
    while let Some((&first, tail)) = rest.split_first() {
        if first.is_ascii_digit() {
            rest = push_number(out, rest);
        } else if first.is_ascii() {
            out.push(first.to_ascii_lowercase());
            rest = tail;
        } else {
            rest = push_wide(out, rest);
        }
    }
}

/// `0` sorts a number among other characters where digits stand; then how long it is, then its digits.
fn push_number<'a>(out: &mut Vec<u8>, text: &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().take_while(|&&b| b == b'0').count();
    let digits = digits.get(zeros..).unwrap_or_default();
    out.push(b'0');
    out.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(digits);
    rest
}

/// A run of bytes beyond ASCII: characters where they are UTF-8, else the bytes as they are.
fn push_wide<'a>(out: &mut Vec<u8>, text: &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(u8::is_ascii).unwrap_or(text.len());
    let (wide, rest) = text.split_at(end);
    let mut buffer = [0; 4];
    for chunk in wide.utf8_chunks() {
        for c in chunk.valid().chars() {
            out.extend_from_slice(to_lower_case(normalize(c)).encode_utf8(&mut buffer).as_bytes());
        }
        out.extend_from_slice(chunk.invalid());
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Timestamp};

    fn entry(name: &str, kind: Kind) -> Entry {
        Entry::new(Name::new(name.as_bytes()).unwrap(), kind)
    }

    fn sorted(entries: &[Entry], by: Sort) -> Vec<String> {
        let keys = Keys::of(entries);
        let mut order: Vec<u32> = (0..entries.len() as u32).collect();
        sort(&mut order, entries, &keys, by);
        order.iter().map(|&i| String::from_utf8_lossy(entries[i as usize].name.as_bytes()).into_owned()).collect()
    }

    #[test]
    fn numbers_count_case_does_not_and_directories_come_first() {
        let names = ["a10.txt", "A2.txt", "a1.txt", "b", "Z"];
        let mut entries: Vec<Entry> = names.iter().map(|n| entry(n, Kind::File)).collect();
        entries.push(entry("zz", Kind::Dir));
        assert_eq!(sorted(&entries, Sort::default()), ["zz", "a1.txt", "A2.txt", "a10.txt", "b", "Z"]);
        let reverse = Sort { reverse: true, ..Sort::default() };
        assert_eq!(sorted(&entries, reverse), ["zz", "Z", "b", "a10.txt", "A2.txt", "a1.txt"]);
    }

    #[test]
    fn umlauts_stand_with_their_letters_and_leading_zeros_do_not_count() {
        let entries: Vec<Entry> = ["zebra", "Äpfel", "birne", "007", "8", "06"].iter().map(|n| entry(n, Kind::File)).collect();
        assert_eq!(sorted(&entries, Sort::default()), ["06", "007", "8", "Äpfel", "birne", "zebra"]);
    }

    #[test]
    fn the_largest_and_the_newest_come_first() {
        let mut entries: Vec<Entry> = ["a", "b", "c"].iter().map(|n| entry(n, Kind::File)).collect();
        for (i, e) in entries.iter_mut().enumerate() {
            e.size = Some(i as u64);
            e.modified = Some(Timestamp::exact(-(i as i64)));
        }
        assert_eq!(sorted(&entries, Sort { key: SortKey::Size, reverse: false }), ["c", "b", "a"]);
        assert_eq!(sorted(&entries, Sort { key: SortKey::Time, reverse: false }), ["a", "b", "c"]);
    }

    #[test]
    fn a_new_entry_finds_its_place_without_sorting_anew() {
        let mut entries: Vec<Entry> = ["a1", "a3", "a20"].iter().map(|n| entry(n, Kind::File)).collect();
        let mut keys = Keys::of(&entries);
        let order = [0, 1, 2];
        let new = entry("A10", Kind::File);
        keys.extend(std::slice::from_ref(&new));
        entries.push(new);
        assert_eq!(place_of(3, &order, &entries, &keys, Sort::default()), 2);
    }
}
