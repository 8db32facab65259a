//! Answers the question for a password: from the terminal, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::text::{joined, printable_str};
use crate::model::{PasswordFrom, Reply, Secret, Site};

use super::keys::Keys;
use super::launch::PASSWORD;
use super::prompt::{self, NoAnswer};
use super::signals::Signals;
use super::stop::{INTERRUPTED, NO_LOGIN, Stop};

/// What a login wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// The password.
    Password,
    /// An account besides it (ACCT).
    Account,
    /// The proxy's password.
    ProxyPassword,
}

impl Wants {
    fn words(self) -> (&'static str, String) {
        match self {
            Self::Password => ("password", format!("{PASSWORD} or --password-command")),
            Self::Account => ("account", "--account or the site's key account".to_owned()),
            Self::ProxyPassword => ("password", "the proxy's URL".to_owned()),
        }
    }
}

/// A login that wants a password.
pub struct Login<'a> {
    /// What it wants.
    pub wants: Wants,
    /// The site as a person calls it.
    pub site: &'a str,
    /// The user.
    pub user: &'a str,
    /// How the server refused the password before, where one was tried.
    pub refused: Option<&'a Reply>,
    /// Whether its password is kept in the keyring or the vault, where it may be an old one.
    pub kept: bool,
}

/// Whether the password of a site is kept in the keyring or the vault.
pub fn is_kept(site: &Site) -> bool {
    matches!(site.password, PasswordFrom::Keyring | PasswordFrom::Vault)
}

impl Login<'_> {
    /// `user@host`, or the user at a saved site.
    fn name(&self) -> String {
        let (site, user) = (printable_str(self.site), printable_str(self.user));
        if site.starts_with(&format!("{user}@")) { site.into_owned() } else { format!("{user} at {site}") }
    }
}

/// Asks a person; knows whether it has asked before.
#[derive(Debug, Default)]
pub struct Asker {
    asked: bool,
    /// What earlier runs left is gone on with, of several logins: a password that is given for the run is for none of them.
    several: bool,
}

/// What can be done without a terminal where a given password would be for nobody.
const BY_NUMBER: &str = "keeping it (ftpane sites password SITE, or ~/.netrc), or going on with one copy at a time: ftpane queue --resume NUMBER \
                         --password-command COMMAND";

impl Asker {
    /// Says that what is gone on with has several logins.
    pub fn goes_on_with_several(&mut self) {
        self.several = true;
    }

    /// The password that a person typed.
    ///
    /// # Errors
    /// [`NO_LOGIN`] where the password that was given is wrong or there is no terminal; [`INTERRUPTED`].
    pub async fn ask(&mut self, login: Login<'_>, signals: &mut Signals) -> Result<Secret, Stop> {
        if let Some(reply) = login.refused
            && !self.asked
        {
            return Err(refused(&login, reply));
        }
        let again = login.refused.map(|reply| format!("{}\n", reply.said())).unwrap_or_default();
        let (word, by) = match (login.wants, self.several) {
            (Wants::Password, true) => ("password", BY_NUMBER.to_owned()),
            (wants, _) => wants.words(),
        };
        let question = match login.wants {
            Wants::Account => format!("{again}Account for {}: ", login.name()),
            Wants::Password | Wants::ProxyPassword => format!("{again}Password for {}: ", login.name()),
        };
        self.asked = true;
        match ask_apart(question, signals).await {
            Ok(secret) => Ok(secret),
            Err(NoAnswer::Interrupted) => Err(Stop::silent(INTERRUPTED)),
            Err(NoAnswer::NoTerminal) => Err(Stop::new(
                NO_LOGIN,
                format!("{} needs a {word} and there is no terminal to ask on; give it by {by}", login.name())
                    .replace("a account", "an account"),
            )),
        }
    }
}

async fn ask_apart(question: String, signals: &mut Signals) -> Result<Secret, NoAnswer> {
    apart(signals, move |stop| prompt::ask(&question, stop)).await.unwrap_or(Err(NoAnswer::Interrupted))
}

/// The password that is kept for a login, if one is.
///
/// # Errors
/// [`INTERRUPTED`] where the person broke off.
pub async fn find(keys: &Keys, site: &Site, signals: &mut Signals) -> Result<Option<Secret>, Stop> {
    let (keys, site) = (keys.clone(), site.clone());
    apart(signals, move |stop| keys.find(&site, stop)).await.unwrap_or_else(|| Err(Stop::silent(INTERRUPTED)))
}

/// Does something on a thread of its own, so that signals are seen meanwhile; ends it before it returns. `None` after a signal.
async fn apart<T: Send + 'static>(signals: &mut Signals, work: impl FnOnce(&AtomicBool) -> T + Send + 'static) -> Option<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    let mut asking = tokio::task::spawn_blocking(move || work(&seen));
    tokio::select! {
        answer = &mut asking => return answer.ok(),
        () = signals.next() => {}
    }
    stop.store(true, Ordering::Relaxed);
    let _ = asking.await;
    None
}

fn refused(login: &Login<'_>, reply: &Reply) -> Stop {
    let hint = if matches!(login.user, "anonymous" | "ftp") {
        "name a user: ftp://USER@host/".to_owned()
    } else if login.kept {
        format!("check user and password; ftpane sites password {} keeps another one", printable_str(login.site))
    } else {
        "check user and password".to_owned()
    };
    Stop::new(NO_LOGIN, joined(&format!("cannot log in as {}: {}", login.name(), reply.said()), ';', &hint))
}
