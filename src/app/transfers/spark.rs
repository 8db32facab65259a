//! The rate of the last minutes, a value a second, for the sparkline.

use std::collections::VecDeque;

/// Values that are kept: more than the widest screen shows.
const KEPT: usize = 240;
/// Milliseconds between two values.
const STEP: u64 = 1000;

/// The rate of the last minutes.
#[derive(Debug, Default)]
pub struct Spark {
    values: VecDeque<u64>,
    moved: u64,
    next: Option<u64>,
}

impl Spark {
    /// Bytes of each second, oldest first.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + '_ {
        self.values.iter().copied()
    }

    /// When the next value is due; `None` while nothing is watched.
    pub fn due(&self) -> Option<u64> {
        self.next
    }

    /// It is `now`, so many bytes went through since the program began. While `busy` a value is taken each second; after that one more,
    /// for what went through in the last part of a second, and then none until something moves again.
    pub fn tick(&mut self, now: u64, moved: u64, busy: bool) {
        let Some(next) = self.next else {
            if busy {
                self.next = Some(now.saturating_add(STEP));
            }
            return;
        };
        if now < next {
            return;
        }
        // A loop that was held up makes one value of several seconds: each gets its share.
        let seconds = ((now - next) / STEP + 1).min(KEPT as u64);
        let share = moved.saturating_sub(self.moved) / seconds;
        for _ in 0..seconds {
            self.values.push_back(share);
        }
        while self.values.len() > KEPT {
            self.values.pop_front();
        }
        self.moved = moved;
        self.next = busy.then(|| next.saturating_add(STEP).max(now.saturating_add(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_a_second_is_taken_while_something_moves() {
        let mut spark = Spark::default();
        spark.tick(0, 0, false);
        assert_eq!(spark.due(), None, "nothing wakes a program in which nothing moves");
        spark.tick(100, 0, true);
        assert_eq!(spark.due(), Some(1100));
        spark.tick(600, 50, true);
        spark.tick(1100, 100, true);
        spark.tick(2100, 400, true);
        spark.tick(3100, 450, false);
        assert_eq!(spark.values().collect::<Vec<_>>(), [100, 300, 50]);
        assert_eq!(spark.due(), None);
    }

    #[test]
    fn seconds_that_were_missed_get_their_share() {
        let mut spark = Spark::default();
        spark.tick(0, 0, true);
        spark.tick(4000, 400, true);
        assert_eq!(spark.values().collect::<Vec<_>>(), [100; 4]);
        assert!(spark.due() > Some(4000));
        spark.tick(10_000_000, 400, true);
        assert_eq!(spark.values().len(), KEPT);
    }
}
