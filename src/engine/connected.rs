//! A worker's connections: opened where there is none, and told apart from work that failed where none can be had.
//!
//! Guarantee: nothing is dialled, and nothing that was dialled is used, in a way that the work is no longer to be done in.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::{During, Failure, FailureKind};
use crate::volume::{Connector, Volume as _};

use super::account::Account;
use super::dial::Dialer;
use super::note::Note;
use super::queue::Runner;
use super::work::Work;
use super::worker::Slot;

/// Why a worker could not begin.
#[derive(Debug)]
pub(super) enum NoConnection {
    /// None could be had to this account.
    Refused(Account, Failure),
    /// None may be opened any more in the way that the work was given with.
    Outdated,
}

impl NoConnection {
    /// What the supervisor is told of it.
    pub(super) fn note(self, runner: Runner, work: Option<Box<Work>>) -> Note {
        match self {
            Self::Refused(account, failure) => Note::LaneRefused(runner, account, work, failure),
            Self::Outdated => Note::LaneOutdated(runner, work),
        }
    }

    /// Whether there are too many connections already.
    pub(super) fn is_too_many(&self) -> bool {
        matches!(self, Self::Refused(_, failure) if failure.kind == FailureKind::TooMany)
    }
}

/// What ends dialling: the whole worker's, and that of the work it is at.
pub(super) struct Bounds {
    pub(super) stop: CancellationToken,
    pub(super) outdated: CancellationToken,
}

/// The volume of a slot, opened where it is not or is lost. What was opened while the work became outdated is closed again unused.
pub(super) async fn connected<'s, C: Connector>(
    dialer: &Dialer<C>,
    slot: &'s mut Slot<C::Volume>,
    bounds: &Bounds,
    no_connection: &mut Option<NoConnection>,
) -> Result<&'s mut C::Volume, Failure> {
    if slot.held.as_ref().is_none_or(|held| held.volume.is_lost()) {
        slot.held = None;
        if !bounds.outdated.is_cancelled() {
            match dialer.dial(&slot.spec, slot.connection, &bounds.stop, Arc::new(|_| {})).await {
                Ok(held) => slot.held = Some(held),
                Err(failure) => {
                    *no_connection = Some(NoConnection::Refused(Account::of(&slot.spec), failure.clone()));
                    return Err(failure);
                }
            }
        }
        if bounds.outdated.is_cancelled() {
            if let Some(held) = slot.held.take() {
                held.close().await;
            }
            *no_connection = Some(NoConnection::Outdated);
            return Err(Failure::cancelled(During::Connect));
        }
        *no_connection = None;
    }
    slot.was_open |= slot.held.is_some();
    match &mut slot.held {
        Some(held) => Ok(&mut held.volume),
        None => Err(Failure::cancelled(During::Connect)),
    }
}
