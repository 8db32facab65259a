//! What earlier runs have left: told of, gone on with, given up.
//!
//! A restored batch is walked again. What the journal says was done, and still is, is passed over without a word; everything else goes as it
//! would have gone then. Its connections are opened by its lanes alone, under numbers that no pane has.

use crate::bus::{Event, TransferEvent};
use crate::engine::journal::{Entry, FileEnd, Restored, Told, WasDone};
use crate::engine::work::FoundFile;
use crate::model::transfer::Verb;
use crate::model::{
    BatchId, BatchSpec, During, Existing, Failure, FailureKind, Kind, Precision, RequestId, TransferId, TransferState, VPath,
};
use crate::volume::Connector;

use super::Supervisor;

impl<C: Connector> Supervisor<C> {
    /// The journal says something.
    pub(super) fn journal_told(&mut self, told: Told) {
        match told {
            Told::Opened(partials) => self.learn_partials(partials),
            Told::Elsewhere(others) => self.outbox.emit(Event::Elsewhere(others)),
            Told::Unfinished(unfinished) => self.outbox.emit(Event::Unfinished(unfinished)),
            Told::Recorded(batch) => self.recorded(batch),
            Told::NotOurs(batch, why) => self.pass_over(batch, 1, (&VPath::root(), why)),
            Told::Restored(batch, Ok(restored)) => self.restored(batch, *restored),
            Told::Restored(batch, Err(failure)) => self.not_restored(batch, failure),
            Told::Partials(batch, spots) => self.partials_told(batch, spots),
            Told::Past(request, rows) => self.outbox.emit(Event::Past { request, rows }),
            Told::Broken(failure) => self.outbox.emit(Event::NoJournal(failure)),
            Told::Kept => self.outbox.emit(Event::JournalKept),
            Told::BegunAnew(failure) => self.outbox.emit(Event::JournalBegunAnew(failure)),
        }
    }

    /// What this run knows of a partial is newer than what the journal says.
    fn learn_partials(&mut self, partials: Vec<(crate::engine::ledger::Spot, crate::engine::ledger::Partial)>) {
        for (spot, partial) in partials {
            if self.recorder.ledger.get_mut(&spot).is_none() {
                self.recorder.ledger.keep(spot, partial);
            }
        }
    }

    pub(super) fn restore(&mut self, journal: i64, batch: BatchId) {
        if self.batches.contains_key(&batch) {
            let failure = Failure::new(FailureKind::Invalid, During::Plan, "the batch's number is in use");
            return self.not_restored(batch, failure);
        }
        if !self.recorder.write(Entry::Restore(journal, batch)) {
            self.not_restored(batch, no_journal());
        }
    }

    pub(super) fn discard(&mut self, journal: i64) {
        if !self.recorder.write(Entry::Discard(journal)) {
            self.outbox.emit(Event::Unfinished(Err(no_journal())));
        }
    }

    pub(super) fn history(&mut self, request: RequestId, words: String, limit: usize) {
        if !self.recorder.write(Entry::History(request, words, limit)) {
            self.outbox.emit(Event::Past { request, rows: Err(no_journal()) });
        }
    }

    fn not_restored(&mut self, batch: BatchId, failure: Failure) {
        let noted = TransferEvent::Noted { batch, path: VPath::root(), failure: failure.clone(), failed: true, again: false };
        self.outbox.transfer(noted);
        self.refuse_batch(batch, failure);
    }

    fn restored(&mut self, batch: BatchId, restored: Restored) {
        self.learn_partials(restored.partials);
        let kept = restored.kept;
        let spec = BatchSpec {
            id: batch,
            verb: kept.verb,
            from: self.next_lane_connection.advance(),
            to: self.next_lane_connection.advance(),
            items: Vec::new(),
            existing: kept.existing,
            follow: kept.follow,
            manner: kept.manner,
        };
        let ends = (self.as_saved(kept.from), self.as_saved(kept.to));
        self.install(&spec, ends, Some(restored.before), None);
        self.begin(batch, kept.items);
    }

    /// Whether an earlier run has done with a file that was found, so that nothing is to be said or done about it.
    pub(super) fn was_done(&mut self, batch: BatchId, file: &FoundFile) -> bool {
        let Some(batch) = self.batches.get_mut(&batch).filter(|batch| batch.facts.restored) else { return false };
        let there = file.existing.as_ref().filter(|entry| entry.kind == Kind::File);
        let as_long = there.is_some_and(|there| file.size.is_none() || there.size.is_none() || there.size == file.size);
        let was = batch.before.was(&file.source, &file.target, file.size, file.modified);
        let done = match was {
            Some(WasDone::Skipped) => true,
            // Where the source of a move is there again, it is another file.
            Some(WasDone::Done) => as_long && batch.facts.verb == Verb::Copy,
            Some(WasDone::Renamed) => batch.facts.verb == Verb::Copy,
            // The last moment before the end was not written down: a target with the size and the time of its source was complete.
            None => batch.rule == Existing::Ask && batch.facts.verb == Verb::Copy && is_like(file),
        };
        if done {
            batch.summary.before += u64::from(was != Some(WasDone::Skipped));
            batch.uncount(file.size.unwrap_or(0));
        }
        done
    }

    /// Whether what is at the target may be what an earlier run was about to upload in its last moment, which was not written down: to leave
    /// it would pass a part of the file off as the whole.
    pub(super) fn may_be_cut_short(&self, batch: BatchId, file: &FoundFile) -> bool {
        let Some(batch) = self.batches.get(&batch) else { return false };
        let there = file.existing.as_ref().and_then(crate::model::Entry::file_size);
        let shorter = matches!((there, file.size), (Some(there), Some(size)) if there < size);
        batch.facts.restored && !batch.pair.to.is_local() && shorter
    }

    /// Whether a file of an earlier run went to a pipe or a terminal: nobody waits there for the rest of it.
    pub(super) fn reader_is_gone(&self, batch: BatchId, file: &FoundFile) -> bool {
        let restored = self.batches.get(&batch).is_some_and(|batch| batch.facts.restored);
        restored && file.existing.as_ref().is_some_and(|there| there.kind == Kind::Other)
    }

    pub(super) fn fail_cut_short(&mut self, id: TransferId) {
        let Some(record) = self.records.get(&id) else { return };
        let detail = "a shorter file is there, which the run that was broken off may have left unfinished";
        let failure = Failure::new(FailureKind::AlreadyExists, During::Write, detail).hint("copy it again to go on or to replace it");
        let failure = failure.about(record.file.target.as_bytes());
        self.record_end(id, FileEnd::Failed(failure.clone()));
        self.finish(id, TransferState::Failed(failure));
    }
}

fn no_journal() -> Failure {
    Failure::new(FailureKind::Invalid, During::Plan, "no journal is kept")
}

/// Whether the target has the size and, to the second, the time of the source. Another file may well be of the same size and day.
fn is_like(file: &FoundFile) -> bool {
    let Some(there) = file.existing.as_ref().filter(|entry| entry.kind == Kind::File) else { return false };
    // A copy of what is only known to the minute or the day bears the beginning of that as its time.
    let times = matches!((file.modified, there.modified), (Some(source), Some(target))
        if source.seconds == target.seconds && target.precision == Precision::Second);
    times && file.size.is_some() && there.size == file.size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Name, Timestamp};

    #[test]
    fn only_a_target_with_the_very_second_of_its_source_was_complete() {
        let time = |seconds, precision| Some(Timestamp { seconds, precision });
        let is_done = |source, target| {
            let path = VPath::parse(b"/f").unwrap();
            let entry =
                crate::model::Entry { size: Some(3), modified: target, ..crate::model::Entry::new(Name::new(*b"f").unwrap(), Kind::File) };
            let (mode, partial, taken) = (None, None, None);
            is_like(&FoundFile {
                source: path.clone(),
                target: path,
                size: Some(3),
                modified: source,
                mode,
                existing: Some(entry),
                partial,
                taken,
            })
        };
        assert!(is_done(time(86_400, Precision::Second), time(86_400, Precision::Second)));
        assert!(is_done(time(86_400, Precision::Minute), time(86_400, Precision::Second)));
        assert!(!is_done(time(86_400, Precision::Day), time(90_000, Precision::Second)), "of the same day only");
        assert!(!is_done(time(86_400, Precision::Day), time(86_400, Precision::Day)));
        assert!(!is_done(time(86_401, Precision::Second), time(86_400, Precision::Minute)));
        assert!(!is_done(None, time(86_400, Precision::Second)));
    }
}
