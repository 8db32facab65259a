//! What the engine's tasks tell the supervisor and ask of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::model::site::Learnt;
use crate::model::{Certificate, ConnectionId, Failure, Fingerprint, Reply, RequestId, Secret, Site};

use super::account::Account;
use super::journal::Told;
use super::queue::Runner;
use super::segments::Spread;
use super::work::{BatchFacts, End, Ran, Work};

/// Who is asking for a password.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) account: Account,
    pub(super) site: Box<Site>,
    /// The password stands in what is to be opened.
    pub(super) given: bool,
    /// What was refused just now.
    pub(super) refused: Option<RefusedLogin>,
    /// It is the account besides the password that is wanted (ACCT).
    pub(super) is_account: bool,
}

/// A login that was refused.
#[derive(Debug)]
pub(super) struct RefusedLogin {
    /// The password that was tried.
    pub(super) tried: Option<Secret>,
    /// The server's words.
    pub(super) reply: Option<Reply>,
}

/// Who wants to know which certificates of a server are trusted.
#[derive(Debug)]
pub(super) struct Trusting {
    pub(super) account: Account,
    pub(super) site: Box<Site>,
    /// The one that was refused; a person is asked about it.
    pub(super) refused: Option<Box<Certificate>>,
}

/// What the supervisor says to a login.
#[derive(Debug, Clone)]
pub(super) enum LoginAnswer {
    /// Log in with this password, or with what the site carries.
    Use(Option<Secret>),
    /// The same login lives on another connection: the server means that there are too many.
    TooMany,
    /// Nobody knows the password.
    GiveUp,
}

/// A note to the supervisor.
#[derive(Debug)]
pub(super) enum Note {
    /// Asks for a password.
    Login(Login, oneshot::Sender<LoginAnswer>),
    /// Somebody who asked for the account's password waits no more.
    LoginUnwanted(Account),
    /// Asks which certificates of a server are trusted in this run.
    Trust(Trusting, oneshot::Sender<Vec<Fingerprint>>),
    /// Somebody who asked about a certificate of the account's server waits no more.
    TrustUnwanted(Account),
    /// A connection was opened: its number in the log, to which account, with which password, and how far away that is.
    Live(ConnectionId, Account, Option<Secret>, Option<Duration>),
    /// A connection was closed or lost.
    Gone(Account),
    /// A browser's volume is open.
    BrowserOpen(ConnectionId),
    /// A browse request was answered.
    Answered(ConnectionId, RequestId),
    /// A browser has ended.
    BrowserEnded(ConnectionId),
    /// An examination has ended.
    Examined(RequestId),
    /// A lane has ended.
    LaneEnded(Runner),
    /// A lane could not get a connection to the account; it ends, and all that it was given and has not told the end of is undone. What
    /// was to be planned comes with it.
    LaneRefused(Runner, Account, Option<Box<Work>>, Failure),
    /// What a runner was at is met in another way by now, which it must not open: as with [`Self::LaneRefused`], all is undone, and a lane ends.
    LaneOutdated(Runner, Option<Box<Work>>),
    /// Something was found out about a server, which its next connections need not find out again.
    Learnt(Account, Box<Site>, Box<Learnt>),
    /// A lane has a big file, and others may help it.
    Help(Arc<BatchFacts>, Arc<Spread>),
    /// Lanes to the account may be tried again.
    TryAgain(Account),
    /// A runner is done with something to plan, or a browser with a file.
    WorkEnded(Runner, Box<Work>, End),
    /// The journal says something.
    Journal(Told),
    /// A lane went on with its files.
    Ran(Runner, Vec<Ran>),
}
