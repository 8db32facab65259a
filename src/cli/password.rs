//! Where a password comes from: the URL, `--password-command`, the environment; then the stores; else a question on the terminal.
//!
//! Guarantee: what was given for the server on the command line goes to no other, and what a command or the environment gave never
//! to an anonymous login.

use std::cell::OnceCell;
use std::sync::atomic::AtomicBool;

use crate::config::secrets::{Terminal, command};
use crate::config::targets::RemotePlace;
use crate::model::Secret;

use super::keys::Keys;
use super::stop::{NO_LOGIN, Stop};

/// The passwords that were given for the servers named on the command line, and the stores behind them.
#[derive(Debug)]
pub struct Passwords {
    command: Option<String>,
    environment: Option<Secret>,
    printed: OnceCell<Secret>,
    keys: Keys,
}

impl Passwords {
    /// From `--password-command`, the environment and the stores.
    pub fn new(command: Option<String>, environment: Option<Secret>, keys: Keys) -> Self {
        Self { command, environment, printed: OnceCell::new(), keys }
    }

    /// The password for a place named on the command line; `None` where it has to be asked for, or none is needed.
    ///
    /// # Errors
    /// [`NO_LOGIN`] where the command failed, 130 where a person broke off at the vault's passphrase.
    pub fn of(&self, place: &RemotePlace) -> Result<Option<Secret>, Stop> {
        if place.password.is_some() {
            return Ok(place.password.clone());
        }
        if place.site.is_anonymous() {
            return Ok(None);
        }
        match self.given()? {
            Some(secret) => Ok(Some(secret)),
            None => self.keys.find(&place.site, &AtomicBool::new(false)),
        }
    }

    /// What was given for whatever is named on the command line.
    ///
    /// # Errors
    /// [`NO_LOGIN`] where the command failed.
    pub fn given(&self) -> Result<Option<Secret>, Stop> {
        match &self.command {
            Some(command) => self.printed(command).map(Some),
            None => Ok(self.environment.clone()),
        }
    }

    /// Whether one was given for whatever is named on the command line.
    pub fn is_given(&self) -> bool {
        self.command.is_some() || self.environment.is_some()
    }

    /// The stores.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Runs the command once.
    fn printed(&self, command: &str) -> Result<Secret, Stop> {
        if let Some(secret) = self.printed.get() {
            return Ok(secret.clone());
        }
        let secret = command::run("--password-command", command, Terminal::Shared, command::PATIENCE)
            .map_err(|error| Stop::new(NO_LOGIN, error.to_string()))?;
        Ok(self.printed.get_or_init(|| secret).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Paths;
    use crate::model::Site;

    fn passwords(command: Option<&str>, environment: Option<&str>) -> Passwords {
        let nowhere = Keys::new(&Paths::under("/nonexistent/ftpane"));
        Passwords::new(command.map(Into::into), environment.map(Secret::new), nowhere)
    }

    fn place(user: Option<&str>, password: Option<&str>) -> RemotePlace {
        let site = Site { user: user.map(Into::into), ..Site::of_host("no-such-host.example") };
        RemotePlace { site, password: password.map(Secret::new), directory: false }
    }

    fn given(passwords: &Passwords, user: Option<&str>, password: Option<&str>) -> Option<String> {
        passwords.of(&place(user, password)).unwrap().map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn the_url_comes_first_then_the_command_then_the_environment() {
        let all = passwords(Some("printf 'cmd\\r\\nsecond\\n'"), Some("env"));
        assert_eq!(given(&all, Some("u"), Some("url")).as_deref(), Some("url"));
        assert_eq!(given(&all, Some("u"), None).as_deref(), Some("cmd"));
        let environment_only = passwords(None, Some("env"));
        assert_eq!(given(&environment_only, Some("u"), None).as_deref(), Some("env"));
        assert_eq!(given(&passwords(None, None), Some("u"), None), None);
    }

    #[test]
    fn an_anonymous_login_gets_no_password_but_the_urls() {
        let all = passwords(Some("echo cmd"), Some("env"));
        assert_eq!(given(&all, None, None), None);
        assert_eq!(given(&all, Some("ftp"), None), None);
        assert_eq!(given(&all, None, Some("url")).as_deref(), Some("url"));
    }

    #[test]
    fn a_command_that_fails_or_prints_nothing_is_no_login() {
        for command in ["exit 7", "true", "printf '\\377\\n'"] {
            let stop = passwords(Some(command), None).of(&place(Some("u"), None)).unwrap_err();
            assert_eq!(stop.code, NO_LOGIN, "{command}");
            assert!(stop.message.unwrap().contains("--password-command"), "{command}");
        }
    }
}
