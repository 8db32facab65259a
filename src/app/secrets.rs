//! What the machine asks of the places that passwords are kept in, and what they say. The places are at the edge.

use std::collections::VecDeque;

use crate::bus::Question;
use crate::model::{PasswordFrom, QuestionId, Secret, Site};

/// Something to be done with the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrder {
    /// Look for the password of a login. Answered by [`SecretNews::Found`].
    Find {
        /// The engine's question that it would answer.
        question: QuestionId,
        /// The server.
        site: Box<Site>,
    },
    /// Keep a password that a server has taken, and let the saved site say where. Answered by [`SecretNews::Kept`].
    Keep {
        /// The server.
        site: Box<Site>,
        /// Where.
        store: PasswordFrom,
        /// The password.
        secret: Secret,
    },
    /// Open the vault, then go on.
    Unlock {
        /// Its passphrase.
        passphrase: Secret,
        /// With what.
        then: Box<SecretOrder>,
    },
}

/// What the places say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretNews {
    /// The search for the password of a login has ended.
    Found {
        /// The question that it answers.
        question: QuestionId,
        /// The password; `None` asks a person.
        secret: Option<Secret>,
        /// What stood in the way, safe for the screen.
        note: Option<String>,
    },
    /// The vault has to be opened first.
    Locked {
        /// What waits for that.
        then: Box<SecretOrder>,
        /// How the vault is.
        vault: VaultState,
    },
    /// A password is kept.
    Kept {
        /// Whose, safe for the screen.
        account: String,
        /// Where.
        store: PasswordFrom,
    },
}

/// How the vault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultState {
    /// There is none yet: the passphrase will be its own.
    New,
    /// It is closed.
    Closed,
    /// It is closed, and what was typed was not its passphrase.
    Wrong,
}

/// What is under way with the places.
#[derive(Debug, Default)]
pub struct Secrets {
    /// Questions whose password is being looked for.
    pub finding: Vec<Question>,
    /// Orders that wait for the vault's passphrase, which is asked for when nothing is in its way.
    pub locked: VecDeque<(SecretOrder, VaultState)>,
    /// What stood in the way of a password that a person is asked for now.
    pub notes: Vec<(QuestionId, String)>,
    /// What is to be kept once a server has taken it, by the question that it answered.
    pub keeping: Vec<(QuestionId, SecretOrder)>,
}

/// The places that the question for a password offers, in the order of its choice.
pub const PLACES: [(&str, PasswordFrom); 3] =
    [("no", PasswordFrom::Ask), ("in the keyring", PasswordFrom::Keyring), ("in the vault", PasswordFrom::Vault)];
