//! Commands that go out together, questions whose answers are read later, and the way back in step.
//!
//! Guarantee: replies are taken in the order of the commands. A question that nobody waits for ([`Behind`]) is answered before anything that is
//! sent after it, and its answer never passes for another's.

use std::collections::VecDeque;
use std::future::Future as _;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::super::{limits, reply};
use super::{Session, as_text, check_line, raw_of};
use crate::model::{During, Failure, FailureKind, Reply};
use crate::volume::Result;

/// A question that is sent behind another command, and whose answer is read when there is something else to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// EPSV or PASV for the next transfer.
    Port,
    /// NOOP, to see whether it is answered after the transfer before it.
    Noop,
    /// MDTM of a file of the listing before it, which tells what the server's clock shows.
    Time,
    /// What was set in a login, and is as it is where the server does not take it.
    Wish,
}

impl Behind {
    /// Whether a reply is one that only this question has.
    pub fn is_answered_by(self, reply: &Reply) -> bool {
        match self {
            Self::Noop => reply.code == 200,
            Self::Port => matches!(reply.code, 227 | 229),
            Self::Time => reply.code == 213,
            Self::Wish => false,
        }
    }
}

impl Session {
    /// Sends commands in one write. Each of their replies is to be read by [`Session::next_reply`], in order, after [`Session::absorb`].
    ///
    /// # Errors
    /// `Invalid` for a line that is none, before anything is sent; a connection that is lost.
    pub fn send_all(&mut self, during: During, lines: &[&[u8]]) -> Result<()> {
        lines.iter().try_for_each(|line| check_line(during, line))?;
        self.check_alive(during)?;
        if self.asked.is_empty() {
            self.pass_over_strays();
            self.check_alive(during)?;
        }
        self.beat();
        for (index, line) in lines.iter().enumerate() {
            self.cork.set(index + 1 < lines.len());
            self.owed += 1;
            self.post(&as_text(line));
        }
        Ok(())
    }

    /// Sends a question behind a transfer that is under way; [`Session::completion`] is told of it.
    pub fn send_behind(&mut self, line: &[u8]) {
        self.owed += 1;
        self.post(&as_text(line));
    }

    /// The command that asks for a port.
    pub fn port_question(&self) -> &'static [u8] {
        if self.learnt.no_epsv { b"PASV" } else { b"EPSV" }
    }

    /// The command that a question is, where it is one word.
    pub fn line_of(&self, what: Behind) -> Option<&'static [u8]> {
        match what {
            Behind::Noop => Some(b"NOOP"),
            Behind::Port => Some(self.port_question()),
            Behind::Time | Behind::Wish => None,
        }
    }

    /// A question that was sent with [`Session::send_all`] is from now on the next that is owed, and nobody waits for it.
    pub fn leave_behind(&mut self, what: Behind) {
        self.asked.push_back(what);
    }

    /// Reads the answers of the questions that were sent before and that nobody waited for.
    ///
    /// # Errors
    /// What befell the connection.
    pub async fn absorb(&mut self, during: During) -> Result<()> {
        while let Some(what) = self.asked.front().copied() {
            let answer = self.next_reply(during, self.limits.reply).await?;
            if reply::is_preliminary(&answer) {
                continue;
            }
            self.asked.pop_front();
            self.answered(what, &answer);
        }
        Ok(())
    }

    /// Notes the answer to a question that nobody waited for.
    pub fn answered(&mut self, what: Behind, answer: &Reply) {
        match what {
            Behind::Noop => self.pace.answered_in_order(),
            Behind::Wish => {}
            Behind::Time => self.told_time = Some(answer.clone()),
            Behind::Port => {
                self.keep_port(answer);
                if self.port.is_none() {
                    self.pace.mixed_up();
                }
            }
        }
    }

    /// After the data connection was dropped before its end: asks the server to stop, and reads until both sides agree. What does not
    /// come in time loses the session. suppaftp's `abort` leaves a reply behind where the 226 had already been sent.
    pub async fn get_in_step(&mut self) {
        if self.owed == 0 || self.lost {
            return;
        }
        if self.owed > 1 {
            // pure-ftpd takes a question behind a transfer for a bad ABOR: there is no telling which reply would be whose.
            self.lost = true;
            self.log.step("stopped with a question behind the transfer; this connection is given up");
            return;
        }
        self.stop = CancellationToken::new();
        let agreed = timeout(limits::ABANDON, self.read_up_to_noop()).await;
        if agreed == Ok(Some(())) {
            self.owed = 0;
            self.asked.clear();
        } else {
            self.lost = true;
            self.log.trouble("the server did not stop in time; this connection is given up");
        }
    }

    /// Sends ABOR, and after the first final reply NOOP, whose 200 says that all before it is answered; three replies at most, since some
    /// answer ABOR and the transfer with one. A NOOP sent together with the ABOR is swallowed by pure-ftpd in the middle of a transfer.
    async fn read_up_to_noop(&mut self) -> Option<()> {
        self.post("ABOR");
        let mut count = 0;
        while count < 3 {
            let outcome = match self.early.pop_front() {
                Some(early) => early,
                None => self.control.read_response_in(&[]).await,
            };
            let reply = raw_of(outcome).and_then(|raw| reply::parse(&raw))?;
            match reply.code {
                421 => return None,
                200 if count == 1 && self.pace.mixes() => return self.straggler().await,
                200 if count > 0 => return Some(()),
                // More of the same announcement owes nothing of its own.
                100..=199 => continue,
                _ => count += 1,
            }
            if count == 1 {
                self.post("NOOP");
            }
        }
        Some(())
    }

    /// The reply to what was stopped, where the server answered ABOR and NOOP before it (libunftp 0.24); some answer only ABOR.
    async fn straggler(&mut self) -> Option<()> {
        match timeout(limits::STRAGGLER, self.control.read_response_in(&[])).await {
            Ok(outcome) => raw_of(outcome).map(drop),
            Err(_) => Some(()),
        }
    }

    /// Keeps a timer in the runtime that is due before those of the limits. Tokio 1.54 wakes itself through the kernel for each timer that is
    /// due before all others: a write and a wait more for each data connection and each reply.
    fn beat(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while self.pulse.as_mut().poll(&mut context).is_ready() {
            self.pulse.as_mut().reset(Instant::now() + limits::PULSE);
        }
    }

    /// Sends a line without waiting for its reply. Polling the future once writes the line; a reply that had come already is kept.
    fn post(&mut self, line: &str) {
        let mut command = std::pin::pin!(self.control.custom_command(line, &[]));
        if let Poll::Ready(outcome) = command.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            self.early.push_back(outcome);
        }
    }

    /// Takes replies that nobody asked for, such as `421 Timeout` before the server closed, so that they do not answer the next command.
    fn pass_over_strays(&mut self) {
        self.early = VecDeque::new();
        for _ in 0..limits::STRAY_LINES {
            let mut reading = std::pin::pin!(self.control.read_response_in(&[]));
            let mut context = Context::from_waker(Waker::noop());
            let Poll::Ready(outcome) = reading.as_mut().poll(&mut context) else { return };
            match raw_of(outcome).and_then(|raw| reply::parse(&raw)) {
                Some(reply) if reply.code != 421 => self.log.trouble(format!("passed over a reply that nobody asked for: {}", reply.code)),
                _ => {
                    self.lost = true;
                    return;
                }
            }
        }
        self.lost = true;
    }

    /// Reads the reply that ends a transfer, past announcements. `behind` are questions that were sent behind the transfer's command: a server
    /// that answers one of them first works at two commands at once, and is asked nothing ahead any more.
    ///
    /// # Errors
    /// What befell the connection.
    pub async fn completion(&mut self, during: During, limit: Duration, behind: &[Behind]) -> Result<Reply> {
        let first = self.final_reply(during, limit).await?;
        let is_answer = |reply: &Reply| behind.iter().any(|what| what.is_answered_by(reply));
        let is_refused = reply::is_unknown_command(&first) || first.code == 503;
        if behind.is_empty() || (!is_answer(&first) && !is_refused) {
            behind.iter().for_each(|what| self.leave_behind(*what));
            return Ok(first);
        }
        self.pace.mixed_up();
        self.log.step("the server answers out of order; it is asked nothing ahead any more");
        let mut replies = vec![first];
        for _ in behind {
            replies.push(self.final_reply(during, limit).await?);
        }
        // A refusal may be the transfer's own, with the answer behind it.
        let done = replies.iter().position(|reply| matches!(reply.code, 226 | 250));
        let place = done.or_else(|| replies.iter().position(|reply| !is_answer(reply))).unwrap_or(behind.len());
        Ok(replies.swap_remove(place))
    }

    async fn final_reply(&mut self, during: During, limit: Duration) -> Result<Reply> {
        for _ in 0..limits::STRAY_LINES {
            let reply = self.next_reply(during, limit).await?;
            if !reply::is_preliminary(&reply) {
                return Ok(reply);
            }
        }
        self.lose();
        Err(Failure::new(FailureKind::Protocol, during, "the server announces and announces"))
    }
}
