//! Which downloads may be spread, and over how many connections one begins. Pure.

use std::time::Duration;

use super::table::WORTH;

/// A download of fewer bytes is not spread unasked.
const BIG: u64 = 16 * 1024 * 1024;
/// The round trip from which on several connections are begun with, and how many: each begins slowly and doubles what it carries once a round
/// trip, and holds no more on the way than the systems' buffers.
const FAR: [(Duration, u16); 3] = [(Duration::from_millis(60), 8), (Duration::from_millis(25), 4), (Duration::from_millis(10), 2)];
/// Bytes for each of the connections that are begun with, at least.
const SHARE: u64 = 8 * 1024 * 1024;

/// From a server that is nearer than any of these, what was asked for waits for the rate of the first connection, where the file is not over by
/// the time that it is known: so many bytes come in a quarter of a second where one connection is enough.
const SEEN_FIRST: u64 = 64 * 1024 * 1024;

/// Whether a download of so many bytes may be spread, over as many connections as were `asked` for or as it takes.
pub(in crate::engine) fn may(asked: Option<u16>, size: Option<u64>) -> bool {
    match asked {
        Some(count) => count > 1 && size.is_some_and(|size| size >= 2 * WORTH),
        None => size.is_some_and(|size| size >= BIG),
    }
}

/// Over how many connections to begin with a download of so many bytes that `may` be spread, from a server so far away.
pub(in crate::engine) fn first(asked: Option<u16>, size: u64, round_trip: Option<Duration>) -> u16 {
    let far = FAR.iter().find(|(least, _)| round_trip.is_some_and(|round_trip| round_trip >= *least));
    match asked {
        Some(_) if far.is_none() && round_trip.is_some() && size >= SEEN_FIRST => 1,
        Some(count) => count,
        None => far.map_or(1, |(_, count)| u64::from(*count).min(size / SHARE).max(1) as u16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_far_server_is_begun_with_over_several_connections_and_a_near_one_over_one() {
        let of = |milliseconds, mib| first(None, mib * MIB, Some(Duration::from_millis(milliseconds)));
        assert_eq!([of(0, 256), of(12, 256), of(30, 256), of(100, 256)], [1, 2, 4, 8]);
        assert_eq!((of(100, 16), of(100, 40)), (2, 5), "each has something to do");
        assert_eq!(first(None, 256 * MIB, None), 1);
    }

    #[test]
    fn what_was_asked_for_is_begun_with_but_where_a_near_server_may_not_need_it() {
        let of = |round_trip: Option<u64>, mib| first(Some(3), mib * MIB, round_trip.map(Duration::from_millis));
        assert_eq!([of(None, 256), of(Some(10), 256), of(Some(9), 63)], [3, 3, 3]);
        assert_eq!([of(Some(9), 64), of(Some(0), 1 << 20)], [1, 1]);
    }

    #[test]
    fn small_files_come_in_one() {
        assert!(!may(None, Some(BIG - 1)) && may(None, Some(BIG)) && !may(None, None));
        assert!(!may(Some(1), Some(1 << 40)) && may(Some(2), Some(2 * WORTH)) && !may(Some(64), Some(WORTH)));
    }
}
