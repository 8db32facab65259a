//! Whether, and when, a worker tries again what failed.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bus::TransferEvent;
use crate::model::transfer::Retrying;
use crate::model::{Failure, FailureKind, TransferId, TransferState, WireKind};
use crate::volume::Connector;

use super::account::Account;
use super::connected::NoConnection;
use super::retry::{self, Schedule};
use super::worker::Worker;

/// How often and after which pause something is tried again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) retries: u32,
    pub(super) pause: Duration,
    /// How long a server that cannot be reached any more is tried; what it takes to do so counts for no retry then.
    pub(super) away: Duration,
}

/// What is tried again.
pub(super) struct About<'a> {
    pub(super) transfer: Option<TransferId>,
    pub(super) stop: &'a CancellationToken,
}

impl<C: Connector> Worker<C> {
    /// Whether to try again after `failure`; waits until then.
    pub(super) async fn again(&mut self, failure: &Failure, (schedule, allowed): (&mut Schedule, u32), about: &About<'_>) -> bool {
        let full = self.no_connection.is_some() && failure.kind == FailureKind::TooMany;
        if about.stop.is_cancelled() || full || !retry::may_pass(failure) {
            return false;
        }
        if self.is_outdated() {
            return false;
        }
        let Some((pause, tried, allowed)) = self.next_try(failure, schedule, allowed) else { return false };
        let of = if allowed == 0 { "so far".to_owned() } else { format!("of {allowed}") };
        let text = format!("trying again in {:.1} s ({tried} {of}): {failure}", pause.as_secs_f64());
        self.dialer.outbox.step(self.from.connection, WireKind::Step, &text);
        if let Some(id) = about.transfer {
            let retrying = Retrying { failure: failure.clone(), tried, of: allowed, seconds: pause.as_secs_f64().ceil() as u64 };
            self.dialer.outbox.transfer(TransferEvent::Changed { id, state: TransferState::Retrying(retrying) });
        }
        let hurry = self.dialer.hurry.clone();
        let goes_on = tokio::select! {
            () = tokio::time::sleep(pause) => true,
            // A person wants it now. Tries that are counted are not spent by it.
            () = hurry.notified(), if allowed == 0 => true,
            () = about.stop.cancelled() => false,
            () = self.bounds.outdated.cancelled() => false,
        };
        let goes_on = !self.is_outdated() && goes_on;
        if let Some(id) = about.transfer.filter(|_| goes_on) {
            self.dialer.outbox.transfer(TransferEvent::Changed { id, state: TransferState::Active });
        }
        goes_on
    }

    /// The pause before the next try, which one that is, and of how many; of 0 where it goes by time.
    fn next_try(&self, failure: &Failure, schedule: &mut Schedule, allowed: u32) -> Option<(Duration, u32, u32)> {
        let away = self.patience.away;
        if !away.is_zero() && self.has_gone() && retry::is_away(failure) {
            return schedule.away(Instant::now(), away).map(|(pause, tried)| (pause, tried, 0));
        }
        schedule.back();
        let pause = schedule.next(allowed)?;
        Some((pause, schedule.tried(), allowed))
    }

    /// Whether no connection can be had where there was one: who has never been let in may be one too many.
    fn has_gone(&self) -> bool {
        let Some(NoConnection::Refused(account, _)) = &self.no_connection else { return false };
        [&self.from, &self.to].into_iter().any(|slot| slot.was_open && Account::of(&slot.spec) == *account)
    }

    /// Whether the work is to go on in another way, so that it is not tried again in this one.
    fn is_outdated(&mut self) -> bool {
        let outdated = self.bounds.outdated.is_cancelled();
        if outdated {
            self.no_connection = Some(NoConnection::Outdated);
        }
        outdated
    }
}
