//! Certificates that a person trusts in this run: each is asked about once, however many tasks came upon it.
//!
//! Guarantee: nothing is trusted that was not answered with [`Answer::Trust`](crate::bus::Answer::Trust); a question that nobody waits for any more
//! is taken back.

use std::collections::HashMap;

use tokio::sync::oneshot;

use crate::bus::{Event, Question, QuestionKind};
use crate::engine::account::Account;
use crate::engine::note::Trusting;
use crate::model::site::VolumeSpec;
use crate::model::{Fingerprint, QuestionId, Site};
use crate::volume::Connector;

use super::Supervisor;
use super::questions::Asked;

/// What is trusted and what is asked.
#[derive(Default)]
pub(super) struct Trusts {
    trusted: HashMap<Account, Vec<Fingerprint>>,
    pending: HashMap<Account, Pending>,
}

struct Pending {
    question: QuestionId,
    fingerprint: Fingerprint,
    waiting: Vec<oneshot::Sender<Vec<Fingerprint>>>,
}

impl Trusts {
    fn of(&self, account: &Account) -> Vec<Fingerprint> {
        self.trusted.get(account).cloned().unwrap_or_default()
    }

    /// A person says anew what is trusted of a server, for whoever logs in there.
    pub(super) fn pin(&mut self, site: &Site, pins: &[Fingerprint]) {
        let end = format!("@{}", site.address());
        let of_server = |account: &Account| matches!(account, Account::Server(name) if name.ends_with(&end));
        self.trusted.iter_mut().filter(|(account, _)| of_server(account)).for_each(|(_, trusted)| trusted.clear());
        self.trusted.entry(Account::of(&VolumeSpec::Ftp(Box::new(site.clone()), None))).or_default().extend(pins);
    }

    /// Gives everyone who waits the answer.
    pub(super) fn settle(&mut self, account: &Account, is_trusted: bool) {
        let Some(pending) = self.pending.remove(account) else { return };
        if is_trusted {
            self.trusted.entry(account.clone()).or_default().push(pending.fingerprint);
        }
        let answer = self.of(account);
        for waiting in pending.waiting {
            // Who has gone meanwhile needs no answer.
            let _ = waiting.send(answer.clone());
        }
    }
}

impl<C: Connector> Supervisor<C> {
    pub(super) fn trusting(&mut self, trusting: Trusting, reply: oneshot::Sender<Vec<Fingerprint>>) {
        let Trusting { account, site, refused } = trusting;
        let trusted = self.trusts.of(&account);
        let Some(certificate) = refused.filter(|refused| !trusted.contains(&refused.fingerprint) && !self.stop.is_cancelled()) else {
            // Who has gone meanwhile needs no answer.
            let _ = reply.send(trusted);
            return;
        };
        if let Some(pending) = self.trusts.pending.get_mut(&account) {
            if pending.fingerprint == certificate.fingerprint {
                pending.waiting.push(reply);
            } else {
                // Two certificates at one time: the second is not asked about behind the first one's back.
                let _ = reply.send(trusted);
            }
            return;
        }
        let id = self.next_question.advance();
        let pending = Pending { question: id, fingerprint: certificate.fingerprint, waiting: vec![reply] };
        self.trusts.pending.insert(account.clone(), pending);
        self.asked.insert(id, Asked::Certificate(account));
        self.outbox.emit(Event::Asked(Question { id, kind: QuestionKind::Certificate { site, certificate } }));
    }

    pub(super) fn trust_unwanted(&mut self, account: &Account) {
        let Some(pending) = self.trusts.pending.get_mut(account) else { return };
        pending.waiting.retain(|waiting| !waiting.is_closed());
        if pending.waiting.is_empty() {
            let question = pending.question;
            self.trusts.pending.remove(account);
            self.withdraw(question);
        }
    }
}
