//! When the wait of a data connection ends without a byte.
//!
//! Guarantee: when nothing has moved for the idle limit, when next to nothing has for twice as long, or when the transfer is stopped; the clock
//! costs nothing while bytes flow, since it is looked at only where the socket would have us wait.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::super::limits::Limits;
use super::super::session::Session;
use crate::model::figures;
use crate::model::{During, Failure, FailureKind};

/// The idle limit is counted in so many ticks: a timer is set once a tick rather than once a block.
const TICKS: u32 = 4;

/// The average speed is looked at after so many ticks: twice the idle limit.
const SPAN: u32 = 2 * TICKS;

/// Ends a wait that lasts too long or is not wanted any more.
pub struct Watch {
    during: During,
    stop: CancellationToken,
    step: Duration,
    /// Bytes a second below which it is given up.
    low_speed: u64,
    /// Ticks since something moved.
    quiet: u32,
    /// Ticks since the average was begun, and what had moved by then.
    span: (u32, u64),
    /// Made when something is waited for.
    clocks: Option<Box<Clocks>>,
}

struct Clocks {
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    tick: Pin<Box<Sleep>>,
}

impl Watch {
    /// Begins to watch a transfer of this session.
    pub fn new(session: &Session, during: During) -> Self {
        let Limits { idle, low_speed, .. } = session.limits;
        Self { during, stop: session.stop.clone(), step: idle / TICKS, low_speed, quiet: 0, span: (0, 0), clocks: None }
    }

    /// After so long without a byte it is given up.
    pub fn limit(&self) -> Duration {
        self.step * TICKS
    }

    /// Something has moved.
    pub fn is_alive(&mut self) {
        self.quiet = 0;
    }

    /// Ready with the reason to wait no longer. A tick passes only while the socket has us wait: who reads slowly himself, since his speed
    /// is limited, is not counted against the server.
    pub fn poll(&mut self, cx: &mut Context<'_>, moved: u64) -> Poll<io::Error> {
        let (stop, step) = (&self.stop, self.step);
        let make = || Box::new(Clocks { stop: Box::pin(stop.clone().cancelled_owned()), tick: Box::pin(sleep(step)) });
        let Clocks { stop, tick } = &mut **self.clocks.get_or_insert_with(make);
        if stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(io::Error::other(Failure::cancelled(self.during)));
        }
        while tick.as_mut().poll(cx).is_ready() {
            tick.as_mut().reset(Instant::now() + step);
            self.quiet += 1;
            self.span.0 += 1;
            // The first tick may have begun before the silence did.
            if self.quiet > TICKS {
                let seconds = (step * TICKS).as_secs();
                let failure = Failure::new(FailureKind::TimedOut, self.during, format!("nothing moved for {seconds} s"));
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, failure));
            }
            if self.span.0 > SPAN {
                let bytes = moved.saturating_sub(self.span.1);
                if let Some(failure) = too_slow(bytes, step * SPAN, self.low_speed, self.during) {
                    return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, failure));
                }
                self.span = (0, moved);
            }
        }
        Poll::Pending
    }
}

/// The failure where so few bytes moved in so long.
fn too_slow(bytes: u64, time: Duration, low_speed: u64, during: During) -> Option<Failure> {
    let least = u128::from(low_speed) * time.as_millis() / 1000;
    let words = || format!("only {bytes} {} moved in {} s", figures::noun(bytes, "byte", "bytes"), time.as_secs());
    (u128::from(bytes) < least)
        .then(|| Failure::new(FailureKind::TimedOut, during, words()).hint("low_speed says how slow is too slow, or --low-speed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_slower_than_the_limit_is_given_up_and_no_limit_gives_nothing_up() {
        let minute = Duration::from_secs(60);
        assert_eq!(too_slow(59, minute, 1, During::Read).unwrap().kind, FailureKind::TimedOut);
        assert!(too_slow(60, minute, 1, During::Read).is_none());
        assert!(too_slow(0, minute, 0, During::Read).is_none());
        assert!(too_slow(u64::MAX, minute, u64::MAX, During::Read).is_some(), "no number wraps");
    }
}
