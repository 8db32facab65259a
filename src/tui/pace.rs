//! When to draw: at once for what the person did, else at most every 50 ms, and figures more rarely still.

use std::time::{Duration, Instant};

/// Between frames that nobody asked for.
const EVENTS: Duration = Duration::from_millis(50);
/// Between frames in which only figures differ: more would not be read.
const FIGURES: Duration = Duration::from_millis(100);

/// Why the screen is to be drawn again, in the order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// It is not.
    No,
    /// A figure changed.
    Figures,
    /// Something happened.
    Events,
    /// The person did something, or time is up for something.
    Now,
}

/// Decides when to draw.
#[derive(Debug)]
pub struct Pace {
    stale: Stale,
    drawn: Instant,
}

impl Pace {
    /// The first frame was drawn at `drawn`.
    pub fn new(drawn: Instant) -> Self {
        Self { stale: Stale::No, drawn }
    }

    /// Something changed.
    pub fn note(&mut self, why: Stale) {
        self.stale = self.stale.max(why);
    }

    /// When to draw; `None` while nothing changed.
    pub fn due(&self) -> Option<Instant> {
        match self.stale {
            Stale::No => None,
            Stale::Figures => Some(self.drawn + FIGURES),
            Stale::Events => Some(self.drawn + EVENTS),
            Stale::Now => Some(self.drawn),
        }
    }

    /// It was drawn.
    pub fn drawn(&mut self, at: Instant) {
        self.stale = Stale::No;
        self.drawn = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_at_once_and_events_are_gathered() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(pace.due(), None);
        pace.note(Stale::Figures);
        assert_eq!(pace.due(), Some(start + FIGURES));
        pace.note(Stale::Events);
        pace.note(Stale::Figures);
        assert_eq!(pace.due(), Some(start + EVENTS));
        pace.note(Stale::Now);
        assert_eq!(pace.due(), Some(start));
        pace.drawn(start);
        assert_eq!(pace.due(), None);
    }
}
