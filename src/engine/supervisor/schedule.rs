//! Carries out what the queue decides: lanes are opened, fed and closed, work is lent to browsers.

use tokio::sync::mpsc;

use crate::bus::TransferEvent;
use crate::engine::account::{Account, Pair};
use crate::engine::browser::Ask;
use crate::engine::lane::{self, Lane};
use crate::engine::note::Note;
use crate::engine::queue::{Runner, Step};
use crate::engine::retry;
use crate::engine::work::{End, Work};
use crate::engine::worker::{Slot, Worker};
use crate::model::site::VolumeSpec;
use crate::model::{During, Failure, FailureKind, TransferState};
use crate::volume::Connector;

use super::transfers::State;
use super::{Running, Supervisor, farewell};

impl<C: Connector> Supervisor<C> {
    /// Starts whatever can be started.
    pub(super) fn schedule(&mut self) {
        while let Some(step) = self.queue.next() {
            match step {
                Step::Close(runner) => drop(self.lanes.remove(&runner)),
                Step::Open(runner, _, work) => self.open_lane(runner, work),
                Step::Give(runner @ Runner::Lane(_), work) => self.give_lane(runner, work),
                Step::Give(runner @ Runner::Browser(_), work) => self.lend(runner, work),
            }
        }
    }

    fn open_lane(&mut self, runner: Runner, work: Box<Work>) {
        let Some(batch) = self.batches.get(&work.facts().id) else { return };
        let (from, to) = (self.informed(&batch.ends.0), self.informed(&batch.ends.1));
        let from = Slot::new(from, self.next_lane_connection.advance());
        let to = Slot::new(to, self.next_lane_connection.advance());
        let (send, receive) = mpsc::unbounded_channel();
        // The server's end: a local one is open at once.
        let waited = if matches!(to.spec, VolumeSpec::Ftp(..)) { to.connection } else { from.connection };
        self.connecting.insert(waited, runner);
        let stop = self.stop.child_token();
        let lane = Lane {
            runner,
            worker: Worker::new(self.dialer.clone(), from, to, self.patience(), stop.clone()),
            work: receive,
            ended: farewell(&self.dialer, Note::LaneEnded(runner)),
            idle: self.options.lane_idle,
            stop,
        };
        self.alive += 1;
        self.spawner.spawn("ftpane-lane", lane::run(lane));
        self.lanes.insert(runner, send);
        self.give_lane(runner, work);
    }

    /// What to open, with what was found out about it meanwhile.
    fn informed(&self, spec: &VolumeSpec) -> VolumeSpec {
        let mut spec = spec.clone();
        let learnt = self.learnt.get(&Account::of(&spec));
        if let (VolumeSpec::Ftp(site, _), Some(learnt)) = (&mut spec, learnt) {
            site.learnt = learnt.clone();
        }
        spec
    }

    fn give_lane(&mut self, runner: Runner, mut work: Box<Work>) {
        if let Work::File(job) = &mut *work {
            job.more = self.queue.files() > 0;
        }
        self.begun(runner, &work);
        let returned = match self.lanes.get(&runner) {
            Some(lane) => lane.send(work).err().map(|unsent| unsent.0),
            None => Some(work),
        };
        if let Some(work) = returned {
            // The lane has just ended for want of work.
            self.queue.ended(runner);
            self.running.remove(&runner);
            self.put_back(work);
        }
    }

    fn lend(&mut self, runner: Runner, work: Box<Work>) {
        let Runner::Browser(connection) = runner else { return };
        self.begun(runner, &work);
        let ends = self.batches.get(&work.facts().id).map(|batch| batch.ends.clone());
        let returned = match (self.known.get(&connection), ends) {
            (Some(known), Some((from, to))) => match known.asks.send(Ask::Work { work, from, to }) {
                Err(mpsc::error::SendError(Ask::Work { work, .. })) => Some(work),
                _ => None,
            },
            _ => Some(work),
        };
        if let Some(work) = returned {
            self.queue.remove_lender(connection);
            self.running.remove(&runner);
            self.put_back(work);
        }
    }

    fn begun(&mut self, runner: Runner, work: &Work) {
        let transfer = work.transfer();
        self.running.insert(runner, Running { batch: work.facts().id, transfer });
        if let Some((id, record)) = transfer.and_then(|id| self.records.get_mut(&id).map(|record| (id, record))) {
            record.state = State::Active;
            self.active.push(id);
            self.record_begun(work);
            self.outbox.transfer(TransferEvent::Changed { id, state: TransferState::Active });
        }
    }

    /// Work that was begun and not done goes to the front of the queue again.
    fn put_back(&mut self, work: Box<Work>) {
        let Some(pair) = self.batches.get(&work.facts().id).map(|batch| batch.pair.clone()) else { return };
        let Work::File(job) = &*work else { return self.queue.push_plan(&pair, work) };
        let (id, bytes) = (job.id, job.size.unwrap_or(0));
        if let Some(record) = self.records.get_mut(&id) {
            record.state = State::Queued;
            self.active.retain(|active| *active != id);
            self.outbox.transfer(TransferEvent::Changed { id, state: TransferState::Queued });
            self.queue.return_file(&pair, work, bytes);
        }
    }

    pub(super) fn work_ended(&mut self, runner: Runner, work: Work, end: End) {
        self.running.remove(&runner);
        self.queue.idle(runner);
        self.ended(work, end);
    }

    fn forget_lane(&mut self, runner: Runner) {
        self.lanes.remove(&runner);
        self.connecting.retain(|_, connecting| *connecting != runner);
    }

    pub(super) fn lane_ended(&mut self, runner: Runner) {
        self.alive -= 1;
        self.forget_lane(runner);
        self.queue.ended(runner);
        self.abandoned(runner);
    }

    /// A runner went away in the middle of its work, which only a fault of ours makes it do.
    pub(super) fn abandoned(&mut self, runner: Runner) {
        let Some(running) = self.running.remove(&runner) else { return };
        let failure = Failure::new(FailureKind::Local, During::Command, "the transfer's task ended unexpectedly");
        match running.transfer {
            Some(id) => self.finish(id, TransferState::Failed(failure)),
            None => self.lost_plan(running.batch, failure),
        }
    }

    /// A lane, or the browser that was to stand in for one, got no connection.
    pub(super) fn lane_refused(&mut self, runner: Runner, account: &Account, work: Box<Work>, failure: Failure) {
        self.running.remove(&runner);
        self.forget_lane(runner);
        let stopped = work.facts().stop.is_cancelled() || self.is_stopped(&work);
        if stopped || failure.kind == FailureKind::Cancelled {
            self.queue.ended(runner);
            return self.ended(*work, End::Planned(Err(Failure::cancelled(During::Connect))));
        }
        if failure.kind != FailureKind::TooMany {
            self.queue.ended(runner);
            return self.unreachable(*work, &failure);
        }
        self.learn_limit(account);
        let held = self.queue.refused(runner, account);
        self.refused_to_grow(account);
        if held == 0 && !self.queue.has_lender(account) {
            let refusals = self.refusals.entry(account.clone()).or_default();
            *refusals += 1;
            if *refusals > self.options.retries {
                self.refusals.remove(account);
                self.queue.uncap(account);
                return self.unreachable(*work, &failure);
            }
            let pause = retry::wait(self.options.pause, *refusals - 1);
            let (notes, account) = (self.dialer.notes.clone(), account.clone());
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                // Nobody listens only when the engine has ended.
                let _ = notes.send(Note::TryAgain(account));
            });
        }
        self.put_back(work);
    }

    fn is_stopped(&self, work: &Work) -> bool {
        work.transfer().is_some_and(|id| self.records.get(&id).is_none_or(|record| record.stop.is_cancelled()))
    }

    /// No connection could be had after all tries: what waits for the same would only wait as long again.
    fn unreachable(&mut self, work: Work, failure: &Failure) {
        let pair: Option<Pair> = self.batches.get(&work.facts().id).map(|batch| batch.pair.clone());
        let batches = &self.batches;
        let waiting = self.queue.take_out(|work| batches.get(&work.facts().id).map(|batch| &batch.pair) == pair.as_ref());
        self.ended(work, End::Planned(Err(failure.clone())));
        for work in waiting {
            self.ended(*work, End::Planned(Err(failure.clone())));
        }
    }
}
