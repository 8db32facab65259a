//! What a file in parts says of itself: which of its bytes are there, written behind its last byte.
//!
//! Guarantee: a partial with holes is longer than the file will be, so that nobody who goes by lengths takes its bytes for the file's
//! beginning; and it says by itself how to go on, whatever became of the program that wrote it.

use super::table::Range;

/// How a trailer begins.
const MAGIC: &[u8; 16] = b"ftpane-parts-v1\n";
/// Bytes of the magic, the size of the file, its time, how many ranges there are, and the checksum.
const FIXED: usize = 16 + 8 + 8 + 4 + 4;
/// Ranges that are kept: the longest, where there are more.
const MOST: usize = 4096;

/// The longest trailer, in bytes.
pub(super) const LONGEST: usize = FIXED + MOST * 16;

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

/// The trailer of a file of which `ranges` are there.
pub(super) fn encode(subject: Subject, ranges: &[Range]) -> Vec<u8> {
    let mut ranges = ranges.to_vec();
    if ranges.len() > MOST {
        ranges.sort_unstable_by_key(|(from, to)| std::cmp::Reverse(to - from));
        ranges.truncate(MOST);
        ranges.sort_unstable();
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(subject.size.to_le_bytes());
    bytes.extend(subject.time().to_le_bytes());
    bytes.extend(u32::try_from(ranges.len()).unwrap_or(0).to_le_bytes());
    for (from, to) in ranges {
        bytes.extend(from.to_le_bytes());
        bytes.extend(to.to_le_bytes());
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// What a trailer says is there; `None` where it is none, or of another file.
pub(super) fn decode(bytes: &[u8], subject: Subject) -> Option<Vec<Range>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (size, rest) = number(rest)?;
    let (time, rest) = rest.split_first_chunk::<8>()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok().filter(|count| *count <= MOST)?;
    let body = rest.get(..count * 16)?;
    let length = FIXED - 4 + body.len();
    let sum = bytes.get(length..)?.first_chunk::<4>()?;
    if size != subject.size
        || i64::from_le_bytes(*time) != subject.time()
        || crc32fast::hash(bytes.get(..length)?) != u32::from_le_bytes(*sum)
    {
        return None;
    }
    let ranges: Vec<Range> =
        body.chunks_exact(16).filter_map(|pair| number(pair).and_then(|(from, to)| Some((from, number(to)?.0)))).collect();
    let in_order = ranges.iter().all(|(from, to)| from < to && *to <= size) && ranges.is_sorted_by(|one, next| one.1 < next.0);
    in_order.then_some(ranges)
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    bytes.split_first_chunk::<8>().map(|(number, rest)| (u64::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_says_again_what_it_was_told() {
        let ranges = vec![(0, 10), (20, 30)];
        let of = |size| Subject { size, modified: Some(7) };
        let mut bytes = encode(of(100), &ranges);
        assert_eq!(decode(&bytes, of(100)), Some(ranges.clone()));
        bytes.extend(b"what an older and longer one left behind it");
        assert_eq!(decode(&bytes, of(100)), Some(ranges));
        assert_eq!(decode(&bytes, of(101)), None);
        assert_eq!(decode(&bytes, Subject { modified: Some(8), ..of(100) }), None);
        assert_eq!(decode(&encode(of(9), &[]), of(9)), Some(Vec::new()));
    }

    proptest::proptest! {
        #[test]
        fn a_trailer_that_was_cut_or_changed_is_none(at in 0usize..64, bit in 0u32..8, cut in 0usize..64) {
            let of = Subject { size: 1000, modified: None };
            let good = encode(of, &[(0, 10), (500, 600)]);
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
            proptest::prop_assert!(decode(&bytes, of).is_none());
            let _ = decode(&with_magic, of);
        }
    }
}
