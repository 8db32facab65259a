//! What comes next: an event of the engine, a signal, or a tick of the clock.
//!
//! Guarantee: a flood of events holds up neither signals nor ticks for longer than a handful of them takes.

use crate::bus::Event;

use super::Driver;

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
    pub(super) async fn next(&mut self, tick: Option<&mut tokio::time::Interval>) -> Next {
        // What is there already is dealt with by the handful, before signals and clocks are looked at.
        self.in_a_row = (self.in_a_row + 1) % IN_A_ROW;
        if self.in_a_row > 0
            && let Ok(event) = self.engine.events.try_recv()
        {
            return self.came(event);
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
            event = self.engine.events.recv() => match event {
                Some(event) => self.came(event),
                None => Next::Ended,
            },
            () = ticking => Next::Tick,
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
            event => Next::Event(Box::new(event)),
        }
    }
}
