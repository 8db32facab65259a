//! Runs one piece of work after another on connections of its own.
//!
//! A lane is a worker with a channel; a browser that stands in for a lane is one for the length of one piece, with its own connection
//! lent to it. Guarantee: connections are opened by who uses them and not before they are needed; what may pass is tried again, with a
//! pause that doubles; a server that gives no connection is told apart from a transfer that failed.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::listing::ListingPart;
use crate::model::site::VolumeSpec;
use crate::model::transfer::{Verb, Verified};
use crate::model::{ConnectionId, During, Entry, Failure, FailureKind, Kind, VPath};
use crate::volume::{Ahead, Connector, Volume};

use super::account::{Account, Way};
use super::again::{About, Patience};
use super::connected::{Bounds, NoConnection, connected};
use super::copy::{copy, goes_beside, is_local};
use super::copy_state::CopyState;
use super::dial::{Dialer, Held};
use super::finish::came;
use super::note::Note;
use super::partial::partial_of;
use super::plan;
use super::pump::BLOCK;
use super::retry::{self, Schedule};
use super::segments::{self, Owned, Spread};
use super::work::{Copied, End, FileJob, HelpJob, Remark, SweepJob, Work};

/// One end of a worker.
pub(super) struct Slot<V> {
    pub(super) spec: VolumeSpec,
    /// The number in the log.
    pub(super) connection: ConnectionId,
    pub(super) held: Option<Held<V>>,
    /// It has been connected before.
    pub(super) was_open: bool,
}

impl<V> Slot<V> {
    /// An end that is not connected.
    pub(super) fn new(spec: VolumeSpec, connection: ConnectionId) -> Self {
        Self { spec, connection, held: None, was_open: false }
    }
}

/// A worker.
pub(super) struct Worker<C: Connector> {
    pub(super) dialer: Dialer<C>,
    pub(super) from: Slot<C::Volume>,
    pub(super) to: Slot<C::Volume>,
    /// One connection does for both ends.
    same: bool,
    pub(super) patience: Patience,
    block: Vec<u8>,
    pub(super) bounds: Bounds,
    pub(super) no_connection: Option<NoConnection>,
}

impl<C: Connector> Worker<C> {
    /// A worker between two ends; `stop` ends its attempts to connect.
    pub(super) fn new(dialer: Dialer<C>, from: Slot<C::Volume>, to: Slot<C::Volume>, patience: Patience, stop: CancellationToken) -> Self {
        let one = |spec| (Account::of(spec), Way::of(spec));
        let same = one(&from.spec) == one(&to.spec);
        let bounds = Bounds { stop, outdated: CancellationToken::new() };
        Self { dialer, from, to, same, patience, block: Vec::new(), bounds, no_connection: None }
    }

    /// The sources' volume.
    pub(super) async fn source(&mut self) -> Result<&mut C::Volume, Failure> {
        connected(&self.dialer, &mut self.from, &self.bounds, &mut self.no_connection).await
    }

    /// The targets' volume; the sources' where both are one file system, which saves a connection.
    pub(super) async fn target(&mut self) -> Result<&mut C::Volume, Failure> {
        let slot = if self.same { &mut self.from } else { &mut self.to };
        connected(&self.dialer, slot, &self.bounds, &mut self.no_connection).await
    }

    /// Runs one piece of work to its end.
    ///
    /// # Errors
    /// [`NoConnection`] where the work is undone because no connection could be had.
    pub(super) async fn run(&mut self, work: &Work) -> Result<End, NoConnection> {
        self.bounds.outdated = work.facts().outdated.clone();
        if self.bounds.outdated.is_cancelled() {
            return Err(NoConnection::Outdated);
        }
        let end = match work {
            Work::File(job) => End::File(self.file(job).await),
            Work::Begin(_) | Work::Walk(_) => End::Planned(self.plan(work).await),
            Work::Sweep(job) => self.sweep(job).await,
            Work::Help(job) => {
                self.help(job).await;
                End::Helped
            }
            Work::Clear(job) => super::clear::clear(self, job).await,
        };
        for slot in [&mut self.from, &mut self.to] {
            if let Some(held) = &mut slot.held {
                held.tell_learnt();
            }
        }
        match self.no_connection.take() {
            Some(why) if !work.facts().stop.is_cancelled() => Err(why),
            _ => Ok(end),
        }
    }

    /// Closes what is open.
    pub(super) async fn close(self) {
        for held in [self.from.held, self.to.held].into_iter().flatten() {
            held.close().await;
        }
    }

    async fn plan(&mut self, work: &Work) -> Result<super::work::Found, Failure> {
        let stop = work.facts().stop.clone();
        let mut schedule = Schedule::new(self.patience.pause);
        loop {
            let planned = match work {
                Work::Begin(job) => plan::begin(self, job).await,
                Work::Walk(job) => plan::walk(self, job).await,
                Work::File(_) | Work::Help(_) | Work::Sweep(_) | Work::Clear(_) => Ok(super::work::Found::default()),
            };
            match planned {
                Ok(found) => {
                    self.dialer.outbox.room().await;
                    return Ok(found);
                }
                Err(failure) => {
                    let about = About { transfer: None, stop: &stop };
                    if !self.again(&failure, (&mut schedule, self.patience.retries), &about).await {
                        return Err(failure);
                    }
                }
            }
        }
    }

    async fn file(&mut self, job: &FileJob) -> Result<Copied, Failure> {
        let mut state = CopyState::default();
        state.spread = self.spread(job).map(Owned);
        state.leftover = if job.orphan { partial_of(&job.target) } else { None };
        let mut copied = None;
        let mut schedule = Schedule::new(self.patience.pause);
        loop {
            let Err(failure) = self.attempt(job, &mut state, &mut copied).await else { break };
            // A copy that lacks nothing but a reply is always looked at once more.
            let allowed = if state.whole { self.patience.retries.max(1) } else { self.patience.retries };
            schedule.reached(state.sent);
            let about = About { transfer: Some(job.id), stop: &job.stop };
            if !self.again(&failure, (&mut schedule, allowed), &about).await {
                self.clear_empty(&state).await;
                let stopped = job.stop.is_cancelled() && (retry::may_pass(&failure) || failure.kind == FailureKind::Cancelled);
                return Err(if stopped { Failure::cancelled(failure.during) } else { failure });
            }
        }
        copied.ok_or_else(|| Failure::cancelled(During::Write))
    }

    /// Whether others may help with a file; tells of it then.
    fn spread(&self, job: &FileJob) -> Option<Arc<Spread>> {
        let down = matches!((&self.from.spec, &self.to.spec), (VolumeSpec::Ftp(..), VolumeSpec::Local));
        let asked = job.facts.manner.segments;
        if !down || !segments::may(asked, job.size) || !goes_beside(job, true) {
            return None;
        }
        let spread = Spread::new(job, partial_of(&job.target)?, asked)?;
        // Nobody listens only when the engine has ended.
        let _ = self.dialer.notes.send(Note::Help(job.facts.clone(), spread.clone()));
        Some(spread)
    }

    /// Helps another lane. That it cannot is nobody's failure; only that there are too many connections already is told.
    async fn help(&mut self, job: &HelpJob) {
        let stop = job.spread.as_ref().map_or(&job.facts.stop, |spread| spread.stop()).clone();
        let mut schedule = Schedule::new(self.patience.pause);
        while !stop.is_cancelled() {
            let Err(failure) = self.help_once(job, &mut schedule).await else { break };
            let about = About { transfer: None, stop: &stop };
            if !self.again(&failure, (&mut schedule, self.patience.retries), &about).await {
                break;
            }
        }
        self.no_connection = self.no_connection.take().filter(|why| why.is_too_many() && !stop.is_cancelled());
    }

    async fn help_once(&mut self, job: &HelpJob, schedule: &mut Schedule) -> Result<(), Failure> {
        self.block.resize(BLOCK, 0);
        connected(&self.dialer, &mut self.from, &self.bounds, &mut self.no_connection).await?;
        connected(&self.dialer, &mut self.to, &self.bounds, &mut self.no_connection).await?;
        let (Some(a), Some(b), Some(spread)) = (&mut self.from.held, &mut self.to.held, job.spread.as_deref()) else { return Ok(()) };
        a.volume.move_as(&job.facts.texts.0);
        b.volume.move_as(&job.facts.texts.1);
        let helped = segments::help(&mut a.volume, &mut b.volume, spread, &mut self.block).await;
        schedule.reached(spread.done());
        helped
    }

    /// One attempt at what is still to be done.
    async fn attempt(&mut self, job: &FileJob, state: &mut CopyState, copied: &mut Option<Copied>) -> Result<(), Failure> {
        if job.stop.is_cancelled() {
            return Err(Failure::cancelled(During::Read));
        }
        let moves = job.facts.verb == Verb::Move;
        let was_copied = copied.is_some();
        if copied.is_none()
            && moves
            && job.facts.same
            && let Some(renamed) = self.rename(job, state).await?
        {
            *copied = Some(renamed);
            return Ok(());
        }
        if copied.is_none() {
            self.block.resize(BLOCK, 0);
            connected(&self.dialer, &mut self.from, &self.bounds, &mut self.no_connection).await?;
            connected(&self.dialer, &mut self.to, &self.bounds, &mut self.no_connection).await?;
            let (Some(a), Some(b)) = (&mut self.from.held, &mut self.to.held) else { return Ok(()) };
            a.volume.move_as(&job.facts.texts.0);
            b.volume.move_as(&job.facts.texts.1);
            let ahead = Ahead { size: job.size, more: job.more, ..Ahead::default() };
            a.volume.expect(ahead);
            b.volume.expect(ahead);
            b.volume.let_go();
            *copied = Some(copy(&mut a.volume, &mut b.volume, job, state, &mut self.block).await?);
        }
        if moves && let Some(copied) = copied {
            match self.source().await?.remove_file(&job.source).await {
                // The reply to the first try was lost, and the file is gone: that is what was wanted.
                Err(failure) if was_copied && failure.kind == FailureKind::NotFound => {}
                removed => removed?,
            }
            copied.left = true;
        }
        Ok(())
    }

    /// Moves within one file system; `None` where that cannot be done by a rename.
    async fn rename(&mut self, job: &FileJob, state: &mut CopyState) -> Result<Option<Copied>, Failure> {
        let replace = job.existing.is_some();
        let volume = self.source().await?;
        let mut renamed = volume.rename(&job.source, &job.target, replace).await;
        if state.maybe_moved && renamed.is_err() && !volume.is_lost() {
            // The source is gone and the target has come: the first try was done, only its reply was lost.
            let (from, to) = (volume.stat(&job.source).await?, volume.stat(&job.target).await?);
            let is_it = to.as_ref().is_some_and(|to| job.size.is_none() || to.file_size() == job.size);
            renamed = if from.is_none() && is_it { Ok(()) } else { renamed };
        }
        state.maybe_moved |= renamed.as_ref().is_err_and(Failure::is_connection_lost);
        match renamed {
            Ok(()) => {
                let Some(name) = job.target.name() else { return Ok(None) };
                let verified = if is_local(volume) { Verified::Size } else { Verified::Reply };
                let entry = Entry { size: job.size, modified: job.modified, mode: job.mode, ..Entry::new(name, Kind::File) };
                Ok(Some(Copied { verified, entry, left: true, timed: None, moded: None }))
            }
            Err(failure) if failure.kind == FailureKind::Unsupported => Ok(None),
            Err(failure) if failure.kind == FailureKind::AlreadyExists && !replace && is_local(volume) => {
                Err(came(volume, job, "a file of that name has come there meanwhile").await)
            }
            Err(failure) if replace && matches!(failure.kind, FailureKind::AlreadyExists | FailureKind::Refused) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A partial without a byte helps nobody. One with some is free for whoever goes on with it.
    async fn clear_empty(&mut self, state: &CopyState) {
        if let Some(held) = &mut self.to.held {
            held.volume.let_go();
        }
        if let (Some(path), Some(held)) = (state.empty_partial(), &mut self.to.held)
            && !held.volume.is_lost()
        {
            // It may never have been made.
            let _ = held.volume.remove_file(path).await;
        }
    }

    /// Deletes directories that a move has emptied, the innermost first. Each is looked into before: some servers delete a directory with all
    /// that is in it, and what was left behind, or came since, must stay.
    async fn sweep(&mut self, job: &SweepJob) -> End {
        let mut gone = Vec::new();
        let mut remarks = Vec::new();
        for path in job.directories.iter().rev() {
            if job.facts.stop.is_cancelled() {
                break;
            }
            let removed = match self.source().await {
                Ok(volume) => remove_if_empty(volume, path, &job.facts.stop).await,
                Err(failure) => Err(failure),
            };
            match removed {
                Ok(()) => gone.push(path.clone()),
                Err(failure) => remarks.push(Remark { path: path.clone(), failure, failed: true }),
            }
        }
        End::Swept(gone, remarks)
    }
}

async fn remove_if_empty<V: Volume>(volume: &mut V, path: &VPath, stop: &CancellationToken) -> Result<(), Failure> {
    let mut rows = 0;
    volume
        .list(path, stop, &mut |part| {
            rows += match part {
                ListingPart::Rows(entries) => entries.len(),
                ListingPart::Unparsed(raw) => raw.len(),
            }
        })
        .await?;
    if rows > 0 {
        let failure = Failure::new(FailureKind::AlreadyExists, During::Remove, "it is not empty: what was not moved is still there");
        return Err(failure.about(path.as_bytes()));
    }
    volume.remove_dir(path).await
}
