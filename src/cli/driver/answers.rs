//! What the engine asks, answered without a screen: passwords from where they were given or are kept, else from the terminal; the rest is no.

use crate::bus::{Answer, Command, Question, QuestionKind};
use crate::cli::asker::{self, Login, Wants};
use crate::cli::report::Reporter;
use crate::cli::stop::{INTERRUPTED, NO_LOGIN, Stop};
use crate::model::{Existing, Proxy};

use super::Driver;

impl Driver {
    /// Answers a question while a copy goes on; tells whether the person broke off.
    pub(super) async fn answer_meanwhile(&mut self, question: Question, report: &mut Reporter) -> bool {
        let Err(stop) = self.answer(question, Some(report)).await else { return false };
        report.trouble(&stop);
        let broke_off = stop.code == INTERRUPTED;
        if broke_off {
            self.send(Command::Shutdown);
        } else {
            self.gave_up = Some(stop);
        }
        broke_off
    }

    /// Answers a question while something is opened or looked at; a login that is given up is told of by the engine.
    pub(super) async fn answer_or_give_up(&mut self, question: Question) -> Result<(), Stop> {
        match self.answer(question, None).await {
            Err(stop) if stop.code == NO_LOGIN => {
                // The engine now tells that the login was given up; why, is known here.
                self.gave_up = Some(stop);
                Ok(())
            }
            other => other,
        }
    }

    async fn answer(&mut self, question: Question, report: Option<&mut Reporter>) -> Result<(), Stop> {
        let (answer, result) = match &question.kind {
            QuestionKind::Password { site, user, server, refused } => {
                let wants = if Proxy::is_login(server) { Wants::ProxyPassword } else { Wants::Password };
                let login = Login { wants, site, user, refused: refused.as_ref(), kept: asker::is_kept(server) };
                if let Some(report) = report {
                    report.make_room();
                }
                // Whatever gave it for the first login gives it for the later ones.
                if let (None, Some((account, secret))) = (refused, &self.given)
                    && account.is_same_account(server)
                {
                    self.send(Command::Answer { question: question.id, answer: Answer::Password(secret.clone()) });
                    return Ok(());
                }
                let keys = if wants == Wants::ProxyPassword { &self.proxy_keys } else { &self.keys };
                if let (None, Some(keys)) = (refused, keys)
                    && let Some(secret) = asker::find(keys, server, &mut self.signals).await?
                {
                    self.send(Command::Answer { question: question.id, answer: Answer::Password(secret) });
                    return Ok(());
                }
                match self.asker.ask(login, &mut self.signals).await {
                    Ok(secret) => (Answer::Password(secret), Ok(())),
                    Err(stop) => (Answer::Cancel { all: true }, Err(stop)),
                }
            }
            QuestionKind::Account { site, user, refused } => {
                if let Some(report) = report {
                    report.make_room();
                }
                let login = Login { wants: Wants::Account, site, user, refused: refused.as_ref(), kept: false };
                match self.asker.ask(login, &mut self.signals).await {
                    Ok(secret) => (Answer::Password(secret), Ok(())),
                    Err(stop) => (Answer::Cancel { all: true }, Err(stop)),
                }
            }
            // Nobody is asked: it is told with the failure, and how to trust it.
            QuestionKind::Certificate { .. } => (Answer::Cancel { all: true }, Ok(())),
            // The rule of a batch is never to ask; should the engine do so, nothing is overwritten.
            QuestionKind::Existing { .. } => (Answer::Existing { rule: Existing::Skip, all: false, name: None }, Ok(())),
        };
        self.send(Command::Answer { question: question.id, answer });
        result
    }
}
