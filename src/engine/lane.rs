//! A lane: a worker with a channel, tied to one pair of accounts.
//!
//! Files come by the handful and are told of by the handful: a message for each would cost more than a small file does. Guarantee: what
//! was taken back is not begun, and nothing that happened waits to be told for longer than [`TELL`]. It ends by itself after a while
//! without work, and says goodbye to its servers.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::transfer::Verb;
use crate::model::{BatchId, Failure, FailureKind};
use crate::volume::Connector;

use super::note::Note;
use super::queue::{LOW, Runner};
use super::work::{Copied, End, FileJob, Given, Ran, Work};
use super::worker::Worker;

/// So long what became of files may wait to be told together with more.
const TELL: Duration = Duration::from_millis(20);

/// What a lane is made of.
pub(super) struct Lane<C: Connector> {
    pub(super) runner: Runner,
    pub(super) worker: Worker<C>,
    pub(super) work: mpsc::UnboundedReceiver<Given>,
    pub(super) ended: Farewell,
    /// Without work for so long it ends.
    pub(super) idle: Duration,
    pub(super) stop: CancellationToken,
}

/// Tells the supervisor, however a task ends, that it has.
pub(super) struct Farewell {
    pub(super) notes: mpsc::UnboundedSender<Note>,
    pub(super) note: Option<Note>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if let Some(note) = self.note.take() {
            // Nobody listens only when the engine has ended.
            let _ = self.notes.send(note);
        }
    }
}

/// What is to be told of files.
struct Tale {
    runner: Runner,
    notes: mpsc::UnboundedSender<Note>,
    told: Vec<Ran>,
    since: Instant,
}

impl Tale {
    fn tell(&mut self) {
        self.since = Instant::now();
        if !self.told.is_empty() {
            // Nobody listens only when the engine has ended.
            let _ = self.notes.send(Note::Ran(self.runner, std::mem::take(&mut self.told)));
        }
    }

    fn is_due(&self) -> bool {
        self.since.elapsed() >= TELL
    }
}

/// Why a lane ends before it is told to.
struct Refused;

/// Runs a lane until it has been without work for long, its channel closes, or no connection can be had.
pub(super) async fn run<C: Connector>(mut lane: Lane<C>) {
    let mut tale = Tale { runner: lane.runner, notes: lane.ended.notes.clone(), told: Vec::new(), since: Instant::now() };
    loop {
        let given = tokio::select! {
            biased;
            () = lane.stop.cancelled() => None,
            given = lane.work.recv() => given,
            () = tokio::time::sleep(lane.idle) => {
                // Work that was sent in this very moment is still taken.
                lane.work.close();
                lane.work.recv().await
            }
        };
        let went = match given {
            None => break,
            Some(Given::Plan(work)) => lane.plan(work).await,
            Some(Given::Files(files)) => lane.files(files, &mut tale).await,
        };
        if went.is_err() {
            break;
        }
    }
    lane.worker.close().await;
    drop(lane.ended);
}

/// The target is full for all of the batch that waits here: nothing of it is tried to find the same. The supervisor puts it back.
fn turn_away(batch: BatchId, failure: &Failure, waiting: &mut VecDeque<Box<FileJob>>, tale: &mut Tale) {
    let (same, other): (VecDeque<_>, VecDeque<_>) = std::mem::take(waiting).into_iter().partition(|job| job.facts.id == batch);
    *waiting = other;
    for job in same.into_iter().filter(|job| job.progress.begin()) {
        tale.told.push(Ran::Ended(job, Err(failure.clone())));
    }
}

impl<C: Connector> Lane<C> {
    async fn plan(&mut self, work: Box<Work>) -> Result<(), Refused> {
        let (note, refused) = match self.worker.run(&work).await {
            Ok(end) => (Note::WorkEnded(self.runner, work, end), false),
            Err(why) => (why.note(self.runner, Some(work)), true),
        };
        if self.ended.notes.send(note).is_err() || refused { Err(Refused) } else { Ok(()) }
    }

    /// Runs files until none is left, those included that come meanwhile.
    #[expect(clippy::vec_box, reason = "a job goes from hand to hand as it is, and is large")]
    async fn files(&mut self, files: Vec<Box<FileJob>>, tale: &mut Tale) -> Result<(), Refused> {
        let mut waiting = VecDeque::from(files);
        tale.since = Instant::now();
        while let Some(mut job) = waiting.pop_front() {
            if !job.progress.begin() {
                continue;
            }
            self.look_for_more(&mut waiting).await?;
            // Or it was given with others left to be given.
            job.more |= job.facts.verb == Verb::Copy && waiting.iter().any(|next| next.progress.waits());
            let id = job.id;
            tale.told.push(Ran::Begun(id));
            let (job, end) = self.file(job, tale).await?;
            if let Err(failure) = &end
                && failure.kind == FailureKind::Full
            {
                self.look_for_more(&mut waiting).await?;
                turn_away(job.facts.id, failure, &mut waiting, tale);
            }
            tale.told.push(Ran::Ended(job, end));
            if waiting.len() <= LOW || tale.is_due() {
                tale.tell();
            }
        }
        tale.tell();
        Ok(())
    }

    /// Takes what was given meanwhile.
    async fn look_for_more(&mut self, waiting: &mut VecDeque<Box<FileJob>>) -> Result<(), Refused> {
        while let Ok(given) = self.work.try_recv() {
            match given {
                Given::Files(files) => waiting.extend(files),
                Given::Plan(work) => self.plan(work).await?,
            }
        }
        Ok(())
    }

    async fn file(&mut self, job: Box<FileJob>, tale: &mut Tale) -> Result<(Box<FileJob>, Result<Copied, Failure>), Refused> {
        let work = Work::File(job);
        let ran = {
            let run = self.worker.run(&work);
            tokio::pin!(run);
            tokio::select! {
                biased;
                ran = &mut run => ran,
                () = tokio::time::sleep_until(tale.since + TELL) => {
                    tale.tell();
                    run.await
                }
            }
        };
        match (work, ran) {
            (Work::File(job), Ok(End::File(end))) => Ok((job, end)),
            // A file ends as one.
            (_, Ok(_)) => Err(Refused),
            (_, Err(why)) => {
                tale.tell();
                // Nobody listens only when the engine has ended.
                let _ = self.ended.notes.send(why.note(self.runner, None));
                Err(Refused)
            }
        }
    }
}
