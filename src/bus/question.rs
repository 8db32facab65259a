//! What the engine must ask a person, and the answers.

use crate::model::{BatchId, Certificate, Existing, Name, QuestionId, Reply, Secret, Side, Site, TransferId};

/// A question, open until it is answered or withdrawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its number.
    pub id: QuestionId,
    /// What is asked.
    pub kind: QuestionKind,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionKind {
    /// The password for a login.
    Password {
        /// The site as a person calls it.
        site: String,
        /// The user.
        user: String,
        /// The server, for whoever keeps passwords.
        server: Box<Site>,
        /// How the server refused the one before, where one was tried.
        refused: Option<Reply>,
    },
    /// The account that a server asks for besides the password (ACCT, RFC 959 §4.1.1); answered as a password is.
    Account {
        /// The site as a person calls it.
        site: String,
        /// The user.
        user: String,
        /// How the server refused the one before, where one was tried.
        refused: Option<Reply>,
    },
    /// Whether a server's certificate is to be trusted that neither the system nor a person vouches for yet. One that has changed is not asked
    /// about: it is refused.
    Certificate {
        /// The site as it was given.
        site: Box<Site>,
        /// The certificate, with what stands against it.
        certificate: Box<Certificate>,
    },
    /// What to do about an existing target.
    Existing {
        /// Which transfer.
        transfer: TransferId,
        /// Its batch.
        batch: BatchId,
        /// What would be copied.
        source: Side,
        /// What is there.
        target: Side,
        /// Whether going on where it ends is possible: the target is shorter and both sides can.
        can_resume: bool,
        /// A name like the target's that is free beside it, where one is known.
        free: Option<Name>,
    },
}

/// What the person said.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The password.
    Password(Secret),
    /// The certificate is trusted, until the program ends; for longer it is kept by whoever keeps things.
    Trust,
    /// What to do about the target; never [`Existing::Ask`].
    Existing {
        /// The rule.
        rule: Existing,
        /// For this one, or for all of the batch that are still to come.
        all: bool,
        /// With [`Existing::Rename`]: the new name; `None` lets a free one be found.
        name: Option<Name>,
    },
    /// Rather not: the login, the transfer, is given up; with `all` the whole batch.
    Cancel {
        /// The whole batch.
        all: bool,
    },
}
