//! What a file in parts says of itself: which of its bytes are there, and which of them are still to be compared, written behind its last
//! byte.
//!
//! It is written by turns to two places, so that a kill in the middle of writing one leaves the other. Guarantee: a partial with holes is
//! longer than the file will be, so that nobody who goes by lengths takes its bytes for the file's beginning; and it says by itself how to go
//! on, whatever became of the program that wrote it.

use super::head::{DIGEST, Head};
use super::table::Range;

/// How a trailer begins.
const MAGIC: &[u8; 16] = b"ftpane-parts-v3\n";
/// Bytes of the magic, the size of the file, its time, the number of the trailer, how many ranges and heads there are, and the checksum.
const FIXED: usize = 16 + 8 + 8 + 8 + 4 + 4 + 4;
/// Bytes of a range, and of a head.
const RANGE: usize = 16;
const HEAD: usize = 8 + 4 + DIGEST;
/// Ranges that are kept: the longest, where there are more. Of heads as many.
const MOST: usize = 4096;

/// The longest trailer, in bytes.
const LONGEST: usize = FIXED + MOST * (RANGE + HEAD);
/// Bytes behind the last byte of the file that trailers may take.
pub(super) const ROOM: usize = 2 * LONGEST;

/// The file that a trailer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    /// Bytes.
    pub(super) size: u64,
    /// Seconds since 1970, where known.
    pub(super) modified: Option<i64>,
}

impl Subject {
    /// The time as it is written, which no file has by chance.
    fn time(self) -> i64 {
        self.modified.unwrap_or(i64::MIN)
    }
}

/// What a trailer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// One more than that of the trailer before it.
    pub(super) number: u64,
    /// What is there, in order and apart.
    pub(super) ranges: Vec<Range>,
    /// What is to be compared when all is there.
    pub(super) heads: Vec<Head>,
}

/// Where the trailer of that number is kept, in bytes from the start of the file.
pub(super) fn place(subject: Subject, number: u64) -> u64 {
    subject.size.saturating_add(number % 2 * LONGEST as u64)
}

/// The trailer that tells this of a file.
pub(super) fn encode(subject: Subject, told: Told) -> Vec<u8> {
    let Told { number, mut ranges, mut heads } = told;
    for unkept in heads.drain(MOST.min(heads.len())..) {
        // What begins there could not be compared any more: it counts as not there.
        ranges.iter_mut().filter(|range| (range.0..range.1).contains(&unkept.end())).for_each(|range| range.1 = unkept.end());
    }
    ranges.retain(|(from, to)| from < to);
    if ranges.len() > MOST {
        ranges.sort_unstable_by_key(|(from, to)| std::cmp::Reverse(to - from));
        ranges.truncate(MOST);
        ranges.sort_unstable();
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(subject.size.to_le_bytes());
    bytes.extend(subject.time().to_le_bytes());
    bytes.extend(number.to_le_bytes());
    for count in [ranges.len(), heads.len()] {
        bytes.extend(u32::try_from(count).unwrap_or(0).to_le_bytes());
    }
    for (from, to) in ranges {
        bytes.extend(from.to_le_bytes());
        bytes.extend(to.to_le_bytes());
    }
    for head in heads {
        bytes.extend(head.at.to_le_bytes());
        bytes.extend(head.length.to_le_bytes());
        bytes.extend(head.digest);
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// What the newest trailer says, in what lies behind the last byte of the file; `None` where there is none, or of another file.
pub(super) fn newest(bytes: &[u8], subject: Subject) -> Option<Told> {
    let both = [decode(bytes, subject), bytes.get(LONGEST..).and_then(|second| decode(second, subject))];
    both.into_iter().flatten().max_by_key(|told| told.number)
}

fn decode(bytes: &[u8], subject: Subject) -> Option<Told> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (size, rest) = number(rest)?;
    let (time, rest) = rest.split_first_chunk::<8>()?;
    let (told, rest) = number(rest)?;
    let (ranges, rest) = count(rest)?;
    let (heads, rest) = count(rest)?;
    let (ranges, rest) = rest.split_at_checked(ranges * RANGE)?;
    let heads = rest.get(..heads * HEAD)?;
    let length = FIXED - 4 + ranges.len() + heads.len();
    let sum = bytes.get(length..)?.first_chunk::<4>()?;
    if size != subject.size
        || i64::from_le_bytes(*time) != subject.time()
        || crc32fast::hash(bytes.get(..length)?) != u32::from_le_bytes(*sum)
    {
        return None;
    }
    let ranges: Vec<Range> =
        ranges.chunks_exact(RANGE).filter_map(|pair| number(pair).and_then(|(from, to)| Some((from, number(to)?.0)))).collect();
    let heads: Vec<Head> = heads.chunks_exact(HEAD).filter_map(head).collect();
    let in_order = ranges.iter().all(|(from, to)| from < to && *to <= size) && ranges.is_sorted_by(|one, next| one.1 < next.0);
    let in_file = heads.iter().all(|head| head.end() <= size);
    (in_order && in_file).then_some(Told { number: told, ranges, heads })
}

fn head(bytes: &[u8]) -> Option<Head> {
    let (at, rest) = number(bytes)?;
    let (length, digest) = rest.split_first_chunk::<4>()?;
    Some(Head { at, length: u32::from_le_bytes(*length), digest: *digest.first_chunk()? })
}

fn count(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    Some((usize::try_from(u32::from_le_bytes(*count)).ok().filter(|count| *count <= MOST)?, rest))
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    bytes.split_first_chunk::<8>().map(|(number, rest)| (u64::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(size: u64) -> Subject {
        Subject { size, modified: Some(7) }
    }

    fn told(number: u64, ranges: &[Range]) -> Told {
        Told { number, ranges: ranges.to_vec(), heads: vec![Head::of(12, b"before")] }
    }

    /// What lies behind the last byte after these trailers were written one after the other.
    fn written(subject: Subject, trailers: &[(u64, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, trailer) in trailers {
            let at = (place(subject, *number) - subject.size) as usize;
            bytes.resize(bytes.len().max(at + trailer.len()), 0);
            bytes[at..at + trailer.len()].copy_from_slice(trailer);
        }
        bytes
    }

    #[test]
    fn a_trailer_says_again_what_it_was_told() {
        let said = told(4, &[(0, 10), (20, 30)]);
        let mut bytes = encode(of(100), said.clone());
        assert_eq!(newest(&bytes, of(100)).as_ref(), Some(&said));
        bytes.extend(b"what an older and longer one left behind it");
        assert_eq!(newest(&bytes, of(100)), Some(said));
        assert_eq!(newest(&bytes, of(101)), None);
        assert_eq!(newest(&bytes, Subject { modified: Some(8), ..of(100) }), None);
        assert_eq!(newest(&encode(of(9), Told { heads: Vec::new(), ..told(0, &[]) }), of(9)).unwrap().ranges, []);
        assert_eq!(newest(&encode(of(9), told(0, &[])), of(9)), None, "what is to be compared lies in the file");
    }

    #[test]
    fn the_newest_trailer_counts_and_the_one_before_where_that_was_not_written_to_its_end() {
        let ranges = |to| vec![(0, to)];
        let trailers: Vec<(u64, Vec<u8>)> = (1..=4).map(|number| (number, encode(of(100), told(number, &ranges(number))))).collect();
        assert_eq!(newest(&written(of(100), &trailers), of(100)).unwrap().ranges, ranges(4));
        let mut torn = trailers[4 - 1].clone();
        torn.1[20..].fill(0);
        let torn = [trailers[..3].to_vec(), vec![torn]].concat();
        assert_eq!(newest(&written(of(100), &torn), of(100)).unwrap().ranges, ranges(3));
    }

    #[test]
    fn what_could_not_be_compared_any_more_counts_as_not_there() {
        let size = 10 * MOST as u64 + 100;
        let heads: Vec<Head> = (0..=MOST as u64).map(|n| Head::of(10 * n, b"0123456789")).collect();
        let last = heads[MOST].end();
        let told = newest(&encode(of(size), Told { heads, ..told(1, &[(0, size)]) }), of(size)).unwrap();
        assert_eq!((told.ranges, told.heads.len()), (vec![(0, last)], MOST));
    }

    proptest::proptest! {
        #[test]
        fn a_trailer_that_was_cut_or_changed_is_none(at in 0usize..108, bit in 0u32..8, cut in 0usize..108) {
            let of = Subject { size: 1000, modified: None };
            let good = encode(of, told(1, &[(0, 10), (500, 600)]));
            let mut bad = good.clone();
            if let Some(byte) = bad.get_mut(at) {
                *byte ^= 1 << bit;
                proptest::prop_assert_eq!(decode(&bad, of), None);
            }
            proptest::prop_assert_eq!(decode(&good[..cut.min(good.len() - 1)], of), None);
        }

        #[test]
        fn bytes_of_a_stranger_do_no_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let with_magic = [&MAGIC[..], &bytes].concat();
            let of = Subject { size: 5, modified: None };
            proptest::prop_assert!(newest(&bytes, of).is_none());
            let _ = newest(&with_magic, of);
        }
    }
}
