//! Carries out what the queue decides: lanes are opened, fed and closed, work is lent to browsers.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::engine::account::{Account, Pair};
use crate::engine::browser::Ask;
use crate::engine::lane::{self, Lane};
use crate::engine::note::Note;
use crate::engine::queue::{Runner, Step, Task};
use crate::engine::retry;
use crate::engine::work::{End, Given, Ran, Work};
use crate::engine::worker::{Slot, Worker};
use crate::model::site::VolumeSpec;
use crate::model::{BatchId, During, Failure, FailureKind, TransferId, TransferState};
use crate::volume::Connector;

use super::record::{Shown, State};
use super::{Running, Supervisor, farewell};

impl<C: Connector> Supervisor<C> {
    /// Starts whatever can be started.
    pub(super) fn schedule(&mut self) {
        self.admit_more();
        loop {
            while let Some(step) = self.queue.next() {
                match step {
                    Step::Close(runner) => drop(self.lanes.remove(&runner)),
                    Step::Open(runner, _, task) => self.open_lane(runner, task),
                    Step::Give(runner @ Runner::Lane(_), task) => self.give_lane(runner, task),
                    Step::Give(runner @ Runner::Browser(_), task) => self.lend(runner, task),
                }
            }
            if !self.spread() {
                break;
            }
        }
    }

    /// The batch that a task is for.
    fn batch_of(&self, task: &Task<Box<Work>>) -> Option<BatchId> {
        match task {
            Task::Plan(work) => Some(work.facts().id),
            Task::Files(files) => files.first().and_then(|id| self.records.get(id)).map(|record| record.batch),
        }
    }

    fn open_lane(&mut self, runner: Runner, task: Task<Box<Work>>) {
        let Some(batch) = self.batch_of(&task).and_then(|id| self.batches.get(&id)) else { return self.queue.ended(runner) };
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
        self.give_lane(runner, task);
    }

    /// What to open, with what was found out about it meanwhile.
    pub(super) fn informed(&self, spec: &VolumeSpec) -> VolumeSpec {
        let mut spec = spec.clone();
        let learnt = self.learnt.get(&Account::of(&spec));
        if let (VolumeSpec::Ftp(site, _), Some(learnt)) = (&mut spec, learnt) {
            site.learnt = learnt.clone();
        }
        spec
    }

    fn give_lane(&mut self, runner: Runner, task: Task<Box<Work>>) {
        let is_idle = self.running.get(&runner).is_none_or(Running::is_idle);
        let given = match task {
            Task::Plan(work) => {
                self.running.insert(runner, Running { plan: Some(work.facts().id), ..Running::default() });
                Given::Plan(work)
            }
            Task::Files(files) => {
                let jobs = files.iter().filter_map(|id| self.job(*id, runner)).collect();
                if let Some(first) = files.first().filter(|_| is_idle) {
                    self.show(*first, Shown::Active);
                }
                self.running.entry(runner).or_default().files.extend(files);
                Given::Files(jobs)
            }
        };
        let unsent = match self.lanes.get(&runner) {
            Some(lane) => lane.send(given).err().map(|unsent| unsent.0),
            None => Some(given),
        };
        if let Some(unsent) = unsent {
            // The lane has just ended for want of work.
            self.queue.ended(runner);
            let running = self.running.remove(&runner).unwrap_or_default();
            let plan = if let Given::Plan(work) = unsent { Some(work) } else { None };
            self.undone(running.files, plan);
        }
    }

    /// What a runner was given and did not do goes back to where it came from.
    fn undone(&mut self, files: VecDeque<TransferId>, plan: Option<Box<Work>>) {
        for id in files {
            self.put_back(id);
        }
        if let Some(mut work) = plan
            && let Some(batch) = self.batches.get(&work.facts().id)
        {
            // Its servers may be met in another way by now.
            work.renew(&batch.facts);
            self.queue.push_plan(&batch.pair, work.facts().id, batch.priority, work);
        }
    }

    fn lend(&mut self, runner: Runner, task: Task<Box<Work>>) {
        let Runner::Browser(connection) = runner else { return };
        let task = match task {
            // A pane would be shut for as long as the helper is; and with one connection in all there is nobody to help.
            Task::Plan(work) if matches!(*work, Work::Help(_)) => {
                self.queue.done(runner, 1);
                return self.ended(*work, End::Helped);
            }
            task => task,
        };
        let ends = self.batch_of(&task).and_then(|id| self.batches.get(&id)).map(|batch| batch.ends.clone());
        let (running, work) = match task {
            Task::Plan(work) => (Running { plan: Some(work.facts().id), ..Running::default() }, Some(work)),
            Task::Files(files) => {
                let job = files.first().and_then(|id| self.job(*id, runner));
                if let Some(first) = files.first() {
                    self.show(*first, Shown::Active);
                }
                (Running { files: files.into(), ..Running::default() }, job.map(|job| Box::new(Work::File(job))))
            }
        };
        self.running.insert(runner, running);
        let unsent = match (self.known.get(&connection), ends, work) {
            (Some(known), Some((from, to)), Some(work)) => match known.asks.send(Ask::Work { work, from, to }) {
                Err(mpsc::error::SendError(Ask::Work { work, .. })) => Some(work),
                _ => None,
            },
            (_, _, work) => work,
        };
        if let Some(work) = unsent {
            self.queue.remove_lender(connection);
            let running = self.running.remove(&runner).unwrap_or_default();
            self.undone(running.files, Some(work).filter(|work| !matches!(**work, Work::File(_))));
        }
    }

    /// A runner is done with something to plan, or a browser with its file.
    pub(super) fn work_ended(&mut self, runner: Runner, work: Work, end: End) {
        self.running.remove(&runner);
        self.queue.done(runner, 1);
        self.ended(work, end);
    }

    /// A lane went on with its files.
    pub(super) fn ran(&mut self, runner: Runner, told: Vec<Ran>) {
        for ran in told {
            match ran {
                Ran::Begun(id) => self.show(id, Shown::Active),
                Ran::Ended(job, end) => {
                    self.off(runner, job.id);
                    self.file_ended(job, end);
                }
            }
        }
    }

    /// A runner has a file no more.
    pub(super) fn off(&mut self, runner: Runner, id: TransferId) {
        let Some(running) = self.running.get_mut(&runner) else { return };
        if running.remove(id) {
            self.queue.done(runner, 1);
        }
        if running.is_idle() {
            self.running.remove(&runner);
        }
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
        for id in running.files {
            if self.records.get(&id).is_some_and(|record| record.progress.take_back()) {
                self.put_back(id);
            } else {
                self.finish(id, TransferState::Failed(failure.clone()));
            }
        }
        if let Some(batch) = running.plan {
            self.lost_plan(batch, failure);
        }
    }

    /// What a runner was at may go on only in another way: it waits again. A lane has ended, a browser has not.
    pub(super) fn lane_outdated(&mut self, runner: Runner, plan: Option<Box<Work>>) {
        let (files, plan) = self.left_undone(runner, plan, &|stop| stop.is_cancelled());
        match runner {
            Runner::Lane(_) => self.queue.ended(runner),
            Runner::Browser(_) => self.queue.done(runner, 1),
        }
        match plan {
            Some(work) if matches!(*work, Work::Help(_)) => {
                self.ended(*work, End::Helped);
                self.undone(files, None);
            }
            plan => self.undone(files, plan),
        }
    }

    /// What a runner had that is not over: files, and something to plan.
    fn left_undone(
        &mut self,
        runner: Runner,
        plan: Option<Box<Work>>,
        is_over: &dyn Fn(&CancellationToken) -> bool,
    ) -> (VecDeque<TransferId>, Option<Box<Work>>) {
        let running = self.running.remove(&runner).unwrap_or_default();
        self.forget_lane(runner);
        let mut files = running.files;
        for id in std::mem::take(&mut files) {
            let stopped = self.records.get(&id).is_some_and(|record| matches!(&record.state, State::Given(given) if is_over(&given.stop)));
            if stopped { self.copied(id, Err(Failure::cancelled(During::Connect))) } else { files.push_back(id) }
        }
        let mut plan = plan.filter(|work| !matches!(**work, Work::File(_)));
        if let Some(work) = plan.take_if(|work| is_over(&work.facts().stop)) {
            self.ended(*work, End::Planned(Err(Failure::cancelled(During::Connect))));
        }
        (files, plan)
    }

    /// A lane, or the browser that was to stand in for one, got no connection.
    pub(super) fn lane_refused(&mut self, runner: Runner, account: &Account, plan: Option<Box<Work>>, failure: Failure) {
        let is_over = |stop: &CancellationToken| stop.is_cancelled() || failure.kind == FailureKind::Cancelled;
        let (files, plan) = self.left_undone(runner, plan, &is_over);
        if files.is_empty() && plan.is_none() {
            return self.queue.ended(runner);
        }
        let is_full = failure.kind == FailureKind::TooMany;
        if !is_full && !retry::is_away(&failure) {
            self.queue.ended(runner);
            return self.unreachable(files, plan, &failure);
        }
        if is_full {
            self.learn_limit(account);
        }
        // Some say that there are too many by not answering. Where nobody is answered, whoever is the last to try gives up for all.
        let held = self.queue.refused(runner, account);
        self.refused_to_grow(account);
        if held == 0 && !(is_full && (self.queue.has_lender(account) || self.may_wait(account))) {
            if !is_full {
                self.queue.uncap(account);
            }
            return self.unreachable(files, plan, &failure);
        }
        self.undone(files, plan);
    }

    /// Nobody has a connection to the account: lanes to it are tried again after a pause, so many times.
    fn may_wait(&mut self, account: &Account) -> bool {
        let refusals = self.refusals.entry(account.clone()).or_default();
        *refusals += 1;
        if *refusals > self.options.retries {
            self.refusals.remove(account);
            self.queue.uncap(account);
            return false;
        }
        let pause = retry::wait(self.options.pause, *refusals - 1);
        let (notes, account) = (self.dialer.notes.clone(), account.clone());
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            // Nobody listens only when the engine has ended.
            let _ = notes.send(Note::TryAgain(account));
        });
        true
    }

    /// No connection could be had after all tries: what waits for the same would only wait as long again.
    fn unreachable(&mut self, files: VecDeque<TransferId>, plan: Option<Box<Work>>, failure: &Failure) {
        let of_file = files.front().and_then(|id| self.records.get(id)).map(|record| record.batch);
        let batch = plan.as_ref().map(|work| work.facts().id).or(of_file);
        let pair: Option<Pair> = batch.and_then(|id| self.batches.get(&id)).map(|batch| batch.pair.clone());
        let waiting: Vec<BatchId> =
            self.batches.iter().filter(|(_, batch)| Some(&batch.pair) == pair.as_ref()).map(|(id, _)| *id).collect();
        if let Some(work) = plan {
            self.ended(*work, End::Planned(Err(failure.clone())));
        }
        for id in files {
            self.finish(id, TransferState::Failed(failure.clone()));
        }
        for id in waiting {
            self.give_up(id, failure);
        }
    }
}
