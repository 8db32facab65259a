//! What a person is asked, and what the answers do. An answer to a question that is not open any more is dropped.

use crate::bus::{Answer, Event, Question, QuestionKind};
use crate::engine::account::Account;
use crate::model::{BatchId, Entry, Existing, Name, QuestionId, Side, TransferId, TransferState};
use crate::volume::Connector;

use super::Supervisor;
use super::record::{Shown, State};

/// An open question.
pub(super) enum Asked {
    /// For the account's password.
    Password(Account),
    /// About a certificate of the account's server.
    Certificate(Account),
    /// About the target of this transfer.
    Existing(BatchId, TransferId),
}

impl<C: Connector> Supervisor<C> {
    pub(super) fn answer(&mut self, id: QuestionId, answer: Answer) {
        let is_trusted = answer == Answer::Trust;
        match (self.asked.get(&id), answer) {
            (Some(Asked::Password(account)), Answer::Password(secret)) => {
                let account = account.clone();
                self.asked.remove(&id);
                self.logins.settle(&account, Some(secret));
            }
            (Some(Asked::Password(account)), Answer::Cancel { .. }) => {
                let account = account.clone();
                self.asked.remove(&id);
                self.logins.settle(&account, None);
            }
            (Some(Asked::Certificate(account)), Answer::Trust | Answer::Cancel { .. }) => {
                let account = account.clone();
                self.asked.remove(&id);
                self.trusts.settle(&account, is_trusted);
            }
            (Some(Asked::Existing(batch, transfer)), Answer::Existing { rule, all, name }) if rule != Existing::Ask => {
                let (batch, transfer) = (*batch, *transfer);
                self.asked.remove(&id);
                self.existing_answered((batch, transfer), rule, all, name);
            }
            (Some(Asked::Existing(batch, transfer)), Answer::Cancel { all }) => {
                let (batch, transfer) = (*batch, *transfer);
                self.asked.remove(&id);
                self.clear_question(batch);
                if all {
                    self.cancel_batch(batch);
                } else {
                    self.finish(transfer, TransferState::Cancelled);
                    self.ask_next(batch);
                }
            }
            // Not open any more, or no answer to what was asked.
            _ => {}
        }
    }

    fn clear_question(&mut self, batch: BatchId) {
        if let Some(batch) = self.batches.get_mut(&batch) {
            batch.question = None;
        }
    }

    fn existing_answered(&mut self, (batch, transfer): (BatchId, TransferId), rule: Existing, all: bool, name: Option<Name>) {
        self.clear_question(batch);
        self.settle_asking(transfer, rule, name);
        if all {
            self.recorder.rule(batch, rule);
            let waiting = match self.batches.get_mut(&batch) {
                Some(batch) => {
                    batch.rule = rule;
                    std::mem::take(&mut batch.asking)
                }
                None => return,
            };
            self.unset_aside(batch);
            for transfer in waiting {
                self.settle_asking(transfer, rule, None);
            }
        }
        self.ask_next(batch);
    }

    /// Applies the rule to a transfer that waited for it.
    fn settle_asking(&mut self, id: TransferId, rule: Existing, name: Option<Name>) {
        let Some(record) = self.records.get_mut(&id) else { return };
        if !matches!(record.state, State::Asking) {
            return;
        }
        record.state = State::Waiting;
        self.show(id, Shown::Queued);
        self.apply(id, rule, name);
    }

    /// Asks about the next transfer of the batch that waits, unless a question of it is open: one at a time.
    pub(super) fn ask_next(&mut self, batch_id: BatchId) {
        self.bring_in(batch_id);
        let Some(batch) = self.batches.get_mut(&batch_id) else { return };
        if batch.question.is_some() {
            return;
        }
        while let Some(transfer) = batch.asking.pop_front() {
            let Some(record) = self.records.get(&transfer).filter(|record| matches!(record.state, State::Asking)) else { continue };
            let file = &record.file;
            let there = file.existing.as_ref();
            let source = Side { path: file.source.clone(), size: file.size, modified: file.modified };
            let size = there.and_then(Entry::file_size);
            let target = Side { path: file.target.clone(), size, modified: there.and_then(|entry| entry.modified) };
            let can_resume = matches!((file.size, size), (Some(source), Some(target)) if target > 0 && target < source);
            let id = self.next_question.advance();
            batch.question = Some(id);
            self.asked.insert(id, Asked::Existing(batch_id, transfer));
            let free = self.other_name(transfer, None).and_then(|path| path.name());
            let kind = QuestionKind::Existing { transfer, batch: batch_id, source, target, can_resume, free };
            self.outbox.emit(Event::Asked(Question { id, kind }));
            return;
        }
    }

    /// Takes back a question that needs no answer any more.
    pub(super) fn withdraw(&mut self, id: QuestionId) {
        if self.asked.remove(&id).is_some() {
            self.outbox.emit(Event::Withdrawn(id));
        }
    }

    pub(super) fn withdraw_all(&mut self) {
        while let Some((id, asked)) = self.asked.pop_first() {
            match asked {
                Asked::Password(account) => self.logins.settle(&account, None),
                Asked::Certificate(account) => self.trusts.settle(&account, false),
                Asked::Existing(..) => {}
            }
            self.outbox.emit(Event::Withdrawn(id));
        }
    }
}
