//! Deletes what a mirror's source does not have.
//!
//! Guarantee: a link itself is deleted, never what it leads to; a directory goes only once all that is in it has gone, since some servers
//! delete a directory with its content; partials that the journal knows and the journal itself stay, and so do the directories above them. A dry
//! run looks the same and deletes nothing.

use crate::model::{During, Failure, FailureKind, Kind, VPath};
use crate::volume::{Connector, Volume};

use super::again::About;
use super::partial::is_partial_name;
use super::plan::hopeless;
use super::retry::Schedule;
use super::rows::rows;
use super::work::{ClearJob, End, Remark};
use super::worker::Worker;

/// One thing to do.
enum Step {
    /// Delete it, with all that is in it.
    Enter(VPath, Kind),
    /// Delete the directory, which should be empty by now.
    Leave(VPath),
}

/// How far it is; outlives a connection.
struct Clearing {
    steps: Vec<Step>,
    gone: Vec<(VPath, Kind)>,
    remarks: Vec<Remark>,
    /// What stays, so that the directories above it do too.
    kept: Vec<VPath>,
}

/// Deletes a job's entries; goes on past what fails.
pub(super) async fn clear<C: Connector>(worker: &mut Worker<C>, job: &ClearJob) -> End {
    let steps = job.entries.iter().rev().map(|(path, kind)| Step::Enter(path.clone(), *kind)).collect();
    let mut clearing = Clearing { steps, gone: Vec::new(), remarks: Vec::new(), kept: Vec::new() };
    let mut schedule = Schedule::new(worker.patience.pause);
    let mut deleted = 0;
    while !clearing.steps.is_empty() && !job.facts.stop.is_cancelled() {
        let done = match worker.target().await {
            Ok(volume) => clearing.step(volume, job).await,
            Err(failure) => Err(failure),
        };
        let Err(failure) = done else {
            deleted += 1;
            schedule.reached(deleted);
            continue;
        };
        let allowed = worker.patience.retries;
        if !worker.again(&failure, (&mut schedule, allowed), &About { transfer: None, stop: &job.facts.stop }).await {
            if !job.facts.stop.is_cancelled() {
                clearing.give_up(&failure);
            }
            break;
        }
    }
    End::Cleared(clearing.gone, clearing.remarks)
}

impl Clearing {
    /// Does the next step; a failure is one of the connection, and the step is still to be done.
    async fn step<V: Volume>(&mut self, volume: &mut V, job: &ClearJob) -> Result<(), Failure> {
        let Some(step) = self.steps.pop() else { return Ok(()) };
        let dry = job.facts.is_dry();
        let outcome = match &step {
            Step::Enter(path, _) if is_spared(path, job) => {
                self.kept.push(path.clone());
                return Ok(());
            }
            Step::Enter(path, Kind::Dir) => self.enter(volume, path, job).await,
            Step::Leave(path) if self.kept.iter().any(|kept| kept.is_within(path)) => {
                self.kept.push(path.clone());
                return Ok(());
            }
            Step::Leave(path) => gone(path, Kind::Dir, if dry { Ok(()) } else { volume.remove_dir(path).await }),
            Step::Enter(path, kind) => gone(path, *kind, if dry { Ok(()) } else { volume.remove_file(path).await }),
        };
        match outcome {
            Ok(gone) => self.gone.extend(gone),
            Err(failure) if hopeless(&failure) || volume.is_lost() => {
                self.steps.push(step);
                return Err(failure);
            }
            Err(failure) if failure.kind == FailureKind::Denied => self.remark(step, failure),
            Err(failure) => self.refused(volume, step, failure).await?,
        }
        Ok(())
    }

    /// Where nothing is there any more, the refusal says no more than that; several servers have the same words for both (vsftpd 3.0:
    /// `550 Delete operation failed.`). A link is told by its own name only, since a look follows it.
    async fn refused<V: Volume>(&mut self, volume: &mut V, step: Step, failure: Failure) -> Result<(), Failure> {
        let (path, kind) = match &step {
            Step::Enter(path, kind) => (path, *kind),
            Step::Leave(path) => (path, Kind::Dir),
        };
        if kind == Kind::Link {
            self.remark(step, failure);
            return Ok(());
        }
        match volume.stat(path).await {
            Ok(None) => self.gone.extend(absent(path, kind)),
            Err(lost) if hopeless(&lost) || volume.is_lost() => {
                self.steps.push(step);
                return Err(lost);
            }
            Ok(Some(_)) | Err(_) => self.remark(step, failure),
        }
        Ok(())
    }

    /// Looks into a directory and plans its content's deletion before its own.
    async fn enter<V: Volume>(&mut self, volume: &mut V, path: &VPath, job: &ClearJob) -> Result<Option<(VPath, Kind)>, Failure> {
        if !job.facts.is_dry() && volume.remove_link(path).await? {
            return Ok(Some((path.clone(), Kind::Link)));
        }
        let listed = match rows(volume, path, &job.facts.stop).await {
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(Some((path.clone(), Kind::Dir))),
            listed => listed?,
        };
        if !listed.unparsed.is_empty() {
            let detail = "a row of its listing could not be read";
            return Err(Failure::new(FailureKind::Protocol, During::List, detail).about(path.as_bytes()));
        }
        self.steps.push(Step::Leave(path.clone()));
        self.steps.extend(listed.entries.into_iter().rev().map(|entry| Step::Enter(path.join(&entry.name), entry.kind)));
        Ok(None)
    }

    fn remark(&mut self, step: Step, failure: Failure) {
        let (Step::Enter(path, _) | Step::Leave(path)) = step;
        self.kept.push(path.clone());
        self.remarks.push(Remark { path, failure, failed: true });
    }

    /// The connection does not come back: what is left stays.
    fn give_up(&mut self, failure: &Failure) {
        for step in std::mem::take(&mut self.steps) {
            if let Step::Enter(..) = step {
                self.remark(step, failure.clone());
            }
        }
    }
}

/// The outcome of a deletion as what went away.
fn gone(path: &VPath, kind: Kind, outcome: Result<(), Failure>) -> Result<Option<(VPath, Kind)>, Failure> {
    match outcome {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(absent(path, kind)),
        outcome => outcome.map(|()| Some((path.clone(), kind))),
    }
}

/// What is told of an entry that was not there when it was to be deleted: somebody was faster, or the reply to an earlier try was lost, and
/// that is what was wanted. A partial may as well have become its file, so that it is not told of.
fn absent(path: &VPath, kind: Kind) -> Option<(VPath, Kind)> {
    (!path.name().is_some_and(|name| is_partial_name(&name))).then(|| (path.clone(), kind))
}

/// Whether it belongs to a transfer that is under way or may be gone on with, here or in another program.
fn is_spared(path: &VPath, job: &ClearJob) -> bool {
    job.spared.as_ref().is_some_and(|spared| path.is_within(spared)) || path.is_root() || job.partials.may_hold(path)
}
