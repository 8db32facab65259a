//! What comes next: an event of the engine, a signal, or a tick of the clock.
//!
//! Guarantee: a flood of events holds up neither signals nor ticks for longer than a handful of them takes.

use crate::bus::Event;

use super::Driver;
use super::eprintln_quietly;

/// So many events are taken before signals are looked at.
const IN_A_ROW: u32 = 32;

/// What the wait for an event ended with.
pub(super) enum Next {
    Event(Box<Event>),
    Tick,
    Signal,
    Ended,
}

impl Driver {
    /// Waits for whichever comes first: an event, a signal, or the next tick where a clock is given. Events come in the order in which they
    /// were sent, and none is lost; at most [`IN_A_ROW`] of them come before a signal or a tick that is due. A line for the log is written
    /// here and comes back as a tick, so that it may come without a clock as well. After [`Next::Ended`] there are no more events.
    /// May be dropped at any time: what did not come back from here comes next time.
    pub(super) async fn next(&mut self, tick: Option<&mut tokio::time::Interval>) -> Next {
        // What is there already is dealt with by the handful, before signals and clocks are looked at.
        self.in_a_row = (self.in_a_row + 1) % IN_A_ROW;
        if self.in_a_row > 0
            && let Ok(event) = self.engine.events.try_recv()
        {
            return self.came(event);
        }
        if self.in_a_row == 0 {
            // Signals and clocks are only seen once the runtime has looked for them, which it does between two turns of a task.
            tokio::task::yield_now().await;
        }
        let ticking = async {
            match tick {
                Some(tick) => drop(tick.tick().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.signals.next() => Next::Signal,
            () = ticking => Next::Tick,
            event = self.engine.events.recv() => match event {
                Some(event) => self.came(event),
                None => Next::Ended,
            },
        }
    }

    fn came(&mut self, event: Event) -> Next {
        match event {
            Event::Wire(line) => {
                if let Some(log) = &mut self.log {
                    log.write(&line);
                }
                // Nothing for who waits; a tick costs it nothing.
                Next::Tick
            }
            Event::Learnt { site, learnt } => {
                let kept = self.servers.as_ref().map_or(Ok(()), |servers| servers.learn(&site, &learnt));
                if let Err(error) = kept {
                    eprintln_quietly(&format!("ftpane: {error}"));
                }
                Next::Tick
            }
            event => Next::Event(Box::new(event)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::*;
    use crate::cli::signals::Signals;
    use crate::engine::Options;
    use crate::volume::memory::World;

    #[tokio::test]
    async fn a_flood_of_events_holds_up_no_tick_for_longer_than_a_handful_and_loses_nothing() {
        let mut driver = Driver::start(World::default(), Options::default(), None, Signals::new().unwrap());
        let (flood, events) = mpsc::channel(4 * IN_A_ROW as usize);
        driver.engine.events = events;
        while flood.try_send(Event::JournalKept).is_ok() {}
        let due = tokio::time::Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let mut tick = tokio::time::interval_at(due, Duration::from_secs(3600));
        let mut before_the_tick = 0;
        while let Next::Event(_) = driver.next(Some(&mut tick)).await {
            before_the_tick += 1;
        }
        assert!(before_the_tick < IN_A_ROW, "{before_the_tick}");
        drop(flood);
        let mut rest = 0;
        while let Next::Event(_) = driver.next(None).await {
            rest += 1;
        }
        assert_eq!(before_the_tick + rest, 4 * IN_A_ROW);
    }
}
