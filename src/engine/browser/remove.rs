//! Deleting, with all that is in a directory; a link itself, never what it leads to.

use tokio_util::sync::CancellationToken;

use crate::bus::RemoveHow;
use crate::engine::rows::rows;
use crate::model::{During, Failure, FailureKind, Kind, Name, VPath};
use crate::volume::Volume;

/// What was deleted and what not.
#[derive(Default)]
struct Tally {
    gone: u64,
    failed: u64,
    first: Option<Failure>,
}

impl Tally {
    /// Counts an outcome; `false` where going on makes no sense.
    fn note(&mut self, outcome: Result<(), Failure>) -> bool {
        match outcome {
            Ok(()) => self.gone += 1,
            Err(failure) => {
                let hopeless = failure.is_connection_lost() || failure.kind == FailureKind::Cancelled;
                self.failed += 1;
                self.first.get_or_insert(failure);
                return !hopeless;
            }
        }
        true
    }

    fn result(self) -> Result<(), Failure> {
        match self.first {
            None => Ok(()),
            Some(failure) if self.gone + self.failed == 1 || failure.kind == FailureKind::Cancelled => Err(failure),
            Some(failure) => {
                let counts = format!("{} deleted, {} not", self.gone, self.failed);
                Err(if failure.detail.is_empty() { Failure { detail: counts, ..failure } } else { failure.hint(counts) })
            }
        }
    }
}

enum Step {
    Enter(VPath),
    Leave(VPath),
}

/// Deletes entries of `directory`; goes on past failures and answers with the first.
pub(super) async fn remove<V: Volume>(
    volume: &mut V,
    directory: &VPath,
    entries: &[(Name, Kind)],
    how: RemoveHow,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let mut tally = Tally::default();
    for (name, kind) in entries {
        let path = directory.join(name);
        if stop.is_cancelled() {
            tally.note(Err(Failure::cancelled(During::Remove)));
            break;
        }
        let goes_on = match (how, kind) {
            (RemoveHow::Trash, _) => tally.note(volume.trash(&path).await),
            (RemoveHow::ForGood, Kind::Dir) => remove_tree(volume, path, stop, &mut tally).await,
            (RemoveHow::ForGood, Kind::Link) if volume.abilities().names_alone => remove_guess(volume, path, stop, &mut tally).await,
            (RemoveHow::ForGood, _) => tally.note(volume.remove_file(&path).await),
        };
        if !goes_on {
            break;
        }
    }
    tally.result()
}

/// What was listed by its name alone may be a directory. A link goes by the first try, and what it leads to stays.
async fn remove_guess<V: Volume>(volume: &mut V, path: VPath, stop: &CancellationToken, tally: &mut Tally) -> bool {
    let refused = match volume.remove_file(&path).await {
        Err(failure) if !failure.is_connection_lost() && failure.kind != FailureKind::Cancelled => failure,
        outcome => return tally.note(outcome),
    };
    match volume.stat(&path).await {
        Ok(Some(entry)) if entry.kind == Kind::Dir => remove_tree(volume, path, stop, tally).await,
        Err(failure) if failure.is_connection_lost() => tally.note(Err(failure)),
        _ => tally.note(Err(refused)),
    }
}

async fn remove_tree<V: Volume>(volume: &mut V, path: VPath, stop: &CancellationToken, tally: &mut Tally) -> bool {
    let mut steps = vec![Step::Enter(path)];
    while let Some(step) = steps.pop() {
        if stop.is_cancelled() {
            return tally.note(Err(Failure::cancelled(During::Remove)));
        }
        let path = match step {
            Step::Enter(path) => match volume.remove_link(&path).await {
                Ok(false) => path,
                Ok(true) => {
                    tally.note(Ok(()));
                    continue;
                }
                Err(failure) => {
                    if !tally.note(Err(failure)) {
                        return false;
                    }
                    continue;
                }
            },
            Step::Leave(path) => {
                if !tally.note(volume.remove_dir(&path).await) {
                    return false;
                }
                continue;
            }
        };
        let listed = match rows(volume, &path, stop).await {
            Ok(listed) => listed,
            Err(failure) => {
                if !tally.note(Err(failure)) {
                    return false;
                }
                continue;
            }
        };
        steps.push(Step::Leave(path.clone()));
        for entry in listed.entries {
            let child = path.join(&entry.name);
            if entry.kind == Kind::Dir {
                steps.push(Step::Enter(child));
            } else if !tally.note(volume.remove_file(&child).await) {
                return false;
            }
        }
    }
    true
}
