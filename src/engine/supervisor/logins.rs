//! Passwords: each is asked for once, however many tasks need it, and kept in memory for the connections to come.

use std::collections::HashMap;

use tokio::sync::oneshot;

use crate::bus::{Event, Question, QuestionKind};
use crate::engine::account::Account;
use crate::engine::note::{Login, LoginAnswer};
use crate::model::{PasswordFrom, QuestionId, Secret};
use crate::volume::Connector;

use super::Supervisor;
use super::questions::Asked;

/// What is known of logins.
#[derive(Default)]
pub(super) struct Logins {
    known: HashMap<Account, Password>,
    live: HashMap<Account, usize>,
    pending: HashMap<Account, Pending>,
}

struct Password {
    secret: Option<Secret>,
    /// A server has taken it.
    proven: bool,
    /// The question that it answered.
    answered: Option<QuestionId>,
}

struct Pending {
    question: QuestionId,
    waiting: Vec<oneshot::Sender<LoginAnswer>>,
}

impl Logins {
    /// A connection to the account has gone.
    pub(super) fn gone(&mut self, account: &Account) {
        if let Some(live) = self.live.get_mut(account) {
            *live = live.saturating_sub(1);
        }
    }

    /// How many connections to the account live.
    pub(super) fn count_live(&self, account: &Account) -> usize {
        self.live.get(account).copied().unwrap_or(0)
    }

    /// What can be said to a login without asking anybody.
    fn answer(&mut self, login: &Login) -> Option<LoginAnswer> {
        let known = self.known.get(&login.account);
        let Some(refused) = &login.refused else {
            return match known {
                None if is_kept(login) => None,
                known => Some(LoginAnswer::Use(known.and_then(|known| known.secret.clone()))),
            };
        };
        match known {
            Some(known) if known.secret != refused.tried => return Some(LoginAnswer::Use(known.secret.clone())),
            Some(known) if known.proven && self.live.get(&login.account).is_some_and(|live| *live > 0) => {
                return Some(LoginAnswer::TooMany);
            }
            Some(_) => drop(self.known.remove(&login.account)),
            None => {}
        }
        // An anonymous login has no password that a person could know.
        login.site.is_anonymous().then_some(LoginAnswer::GiveUp)
    }

    /// Gives everyone who waits for the account's password the answer.
    pub(super) fn settle(&mut self, account: &Account, secret: Option<Secret>) {
        let Some(pending) = self.pending.remove(account) else { return };
        let answer = if secret.is_some() { LoginAnswer::Use(secret.clone()) } else { LoginAnswer::GiveUp };
        if secret.is_some() {
            self.known.insert(account.clone(), Password { secret, proven: false, answered: Some(pending.question) });
        }
        for waiting in pending.waiting {
            // Who has gone meanwhile needs no answer.
            let _ = waiting.send(answer.clone());
        }
    }
}

/// Whether the site says where its password is: then it is asked for before anything is sent, and the server is dialled once.
fn is_kept(login: &Login) -> bool {
    login.site.password != PasswordFrom::Ask && !login.given && !login.site.is_anonymous()
}

impl<C: Connector> Supervisor<C> {
    pub(super) fn login(&mut self, login: Login, reply: oneshot::Sender<LoginAnswer>) {
        if let Some(pending) = self.logins.pending.get_mut(&login.account) {
            pending.waiting.push(reply);
            return;
        }
        let answer = if self.stop.is_cancelled() { Some(LoginAnswer::GiveUp) } else { self.logins.answer(&login) };
        if let Some(answer) = answer {
            // Who has gone meanwhile needs no answer.
            let _ = reply.send(answer);
            return;
        }
        let id = self.next_question.advance();
        let refused = login.refused.filter(|refused| refused.tried.is_some()).and_then(|refused| refused.reply);
        self.logins.pending.insert(login.account.clone(), Pending { question: id, waiting: vec![reply] });
        self.asked.insert(id, Asked::Password(login.account));
        let kind = if login.is_account {
            QuestionKind::Account { site: login.site.title(), user: login.site.login_user().to_owned(), refused }
        } else {
            QuestionKind::Password { site: login.site.title(), user: login.site.login_user().to_owned(), server: login.site, refused }
        };
        self.outbox.emit(Event::Asked(Question { id, kind }));
    }

    pub(super) fn login_unwanted(&mut self, account: &Account) {
        let Some(pending) = self.logins.pending.get_mut(account) else { return };
        pending.waiting.retain(|waiting| !waiting.is_closed());
        if pending.waiting.is_empty() {
            let question = pending.question;
            self.logins.pending.remove(account);
            self.withdraw(question);
        }
    }

    pub(super) fn live(&mut self, account: Account, secret: Option<Secret>) {
        *self.logins.live.entry(account.clone()).or_default() += 1;
        self.refusals.remove(&account);
        self.check_limit(&account);
        let before = self.logins.known.insert(account, Password { secret: secret.clone(), proven: true, answered: None });
        if let Some(question) = before.filter(|before| before.secret == secret).and_then(|before| before.answered) {
            self.outbox.emit(Event::PasswordTaken(question));
        }
    }
}
