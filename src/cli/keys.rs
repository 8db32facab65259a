//! The stores of passwords, with the terminal to ask for the vault's passphrase on.
//!
//! Guarantee: what stands in the way of a store is said and is no end of the work: the password is asked for instead.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::Paths;
use crate::config::secrets::{SecretError, Stores, Terminal};
use crate::model::{PasswordFrom, Secret, Site};

use super::prompt::{self, NoAnswer};
use super::stop::{INTERRUPTED, SOME_FAILED, Stop, eprintln_quietly};

/// How often a passphrase may be mistyped.
const TRIES: usize = 3;

/// The stores; what is opened of them stays open for the run.
#[derive(Debug, Clone)]
pub struct Keys(Arc<Mutex<Stores>>);

/// Why there is no answer.
enum Refusal {
    /// The store says so.
    Store(SecretError),
    /// The vault is closed, and there is no terminal.
    NoTerminal,
    /// The person broke off.
    Interrupted,
}

impl From<SecretError> for Refusal {
    fn from(error: SecretError) -> Self {
        Self::Store(error)
    }
}

impl From<NoAnswer> for Refusal {
    fn from(none: NoAnswer) -> Self {
        match none {
            NoAnswer::NoTerminal => Self::NoTerminal,
            NoAnswer::Interrupted => Self::Interrupted,
        }
    }
}

impl Refusal {
    fn stop(self) -> Stop {
        match self {
            Self::Store(error) => Stop::new(SOME_FAILED, error.to_string()),
            Self::NoTerminal => Stop::new(SOME_FAILED, "the vault needs its passphrase, and there is no terminal to ask on"),
            Self::Interrupted => Stop::silent(INTERRUPTED),
        }
    }
}

impl Keys {
    /// This person's.
    pub fn new(paths: &Paths) -> Self {
        Self(Arc::new(Mutex::new(Stores::new(paths, Terminal::Shared))))
    }

    /// The password that is kept for a site's login; none where a person has to be asked. Looks at `stop` while a passphrase is typed.
    ///
    /// # Errors
    /// Exit 130 where the person broke off.
    pub fn find(&self, site: &Site, stop: &AtomicBool) -> Result<Option<Secret>, Stop> {
        match self.opened(stop, |stores| stores.find(site)) {
            Ok(found) => Ok(found),
            Err(Refusal::Interrupted) => Err(Stop::silent(INTERRUPTED)),
            Err(other) => {
                let message = other.stop().message.unwrap_or_default();
                eprintln_quietly(&format!("ftpane: {message}"));
                Ok(None)
            }
        }
    }

    /// Keeps a password, and lets the saved site say where.
    ///
    /// # Errors
    /// Exit 1 where the store does not take it, 130 where the person broke off.
    pub fn keep(&self, site: &Site, store: PasswordFrom, secret: &Secret) -> Result<(), Stop> {
        self.opened(&AtomicBool::new(false), |stores| stores.keep(site, store, secret)).map_err(Refusal::stop)
    }

    /// Forgets a password, and lets the saved site ask; tells whether there was one.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn forget(&self, site: &Site) -> Result<bool, Stop> {
        self.opened(&AtomicBool::new(false), |stores| stores.forget(site)).map_err(Refusal::stop)
    }

    /// Gives the vault another passphrase, after the one that it has; both are asked for.
    ///
    /// # Errors
    /// Exit 1 where there is no vault or it does not open, and where the new one cannot be written; 130 where the person broke off.
    pub fn change_passphrase(&self) -> Result<(), Stop> {
        let stop = AtomicBool::new(false);
        if !self.stores().has_vault() {
            return Err(Stop::new(SOME_FAILED, "there is no vault; the first password that is kept in it makes one"));
        }
        self.opened(&stop, Stores::check_vault).map_err(Refusal::stop)?;
        let new = new_passphrase("A new passphrase for the vault, to be remembered: ", &stop).map_err(|none| Refusal::from(none).stop())?;
        self.stores().change_passphrase(&new).map_err(|error| Refusal::Store(error).stop())
    }

    fn stores(&self) -> MutexGuard<'_, Stores> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a password is best kept here.
    pub fn usual(&self) -> PasswordFrom {
        self.stores().usual()
    }

    /// Does the work, and where the vault stands closed in its way, asks for the passphrase first.
    fn opened<T>(&self, stop: &AtomicBool, work: impl Fn(&Stores) -> Result<T, SecretError>) -> Result<T, Refusal> {
        let mut stores = self.stores();
        for tried in 1.. {
            let passphrase = match work(&stores) {
                Err(SecretError::Locked) => prompt::ask("Passphrase of the vault: ", stop)?,
                Err(SecretError::NoVault) => new_passphrase("There is no vault yet. A passphrase for it, to be remembered: ", stop)?,
                outcome => return Ok(outcome?),
            };
            match stores.unlock(&passphrase) {
                Err(SecretError::WrongPassphrase) if tried < TRIES => eprintln_quietly("ftpane: that is not the vault's passphrase"),
                outcome => outcome?,
            }
        }
        Err(Refusal::Interrupted)
    }
}

/// A passphrase for a vault, typed twice.
fn new_passphrase(question: &str, stop: &AtomicBool) -> Result<Secret, NoAnswer> {
    loop {
        let first = prompt::ask(question, stop)?;
        if first.is_empty() {
            eprintln_quietly("ftpane: an empty passphrase keeps nothing secret");
        } else if prompt::ask("The same again: ", stop)? == first {
            return Ok(first);
        } else {
            eprintln_quietly("ftpane: the two are not the same");
        }
    }
}
