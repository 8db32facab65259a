//! Where a password comes from: the URL, `--password-command`, the environment; else a question on the terminal.
//!
//! Guarantee: what was given for the server on the command line goes to no other, and what a command or the environment gave never
//! to an anonymous login.

use std::cell::OnceCell;
use std::io::BufRead as _;
use std::process::{Command, Stdio};

use crate::config::targets::RemotePlace;
use crate::model::Secret;

use super::launch;
use super::stop::{NO_LOGIN, Stop};

/// The passwords that were given for the servers named on the command line.
#[derive(Debug, Default)]
pub struct Passwords {
    command: Option<String>,
    environment: Option<Secret>,
    printed: OnceCell<Secret>,
}

impl Passwords {
    /// From `--password-command` and the environment.
    pub fn new(command: Option<String>, environment: Option<Secret>) -> Self {
        Self { command, environment, printed: OnceCell::new() }
    }

    /// The password for a place named on the command line; `None` where it has to be asked for, or none is needed.
    ///
    /// # Errors
    /// [`NO_LOGIN`] where the command failed.
    pub fn of(&self, place: &RemotePlace) -> Result<Option<Secret>, Stop> {
        if place.password.is_some() {
            return Ok(place.password.clone());
        }
        if place.site.is_anonymous() {
            return Ok(None);
        }
        match &self.command {
            Some(command) => self.printed(command).map(Some),
            None => Ok(self.environment.clone()),
        }
    }

    /// Runs the command once.
    fn printed(&self, command: &str) -> Result<Secret, Stop> {
        if let Some(secret) = self.printed.get() {
            return Ok(secret.clone());
        }
        let secret = first_line_of(command)?;
        Ok(self.printed.get_or_init(|| secret).clone())
    }
}

fn first_line_of(command: &str) -> Result<Secret, Stop> {
    let failed = |why: &str| Stop::new(NO_LOGIN, format!("--password-command {why}; run it by itself to see what it prints"));
    let output = Command::new("sh")
        .args(["-c", command])
        .env_remove(launch::PASSWORD)
        .stderr(Stdio::inherit())
        .stdin(Stdio::inherit())
        .output()
        .map_err(|error| failed(&format!("could not be run: {error}")))?;
    if !output.status.success() {
        return Err(failed(&format!("failed ({})", output.status)));
    }
    match output.stdout.lines().next() {
        Some(Ok(line)) => Ok(Secret::new(line)),
        Some(Err(_)) => Err(failed("printed a line that is not UTF-8")),
        None => Err(failed("printed nothing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Site;

    fn place(user: Option<&str>, password: Option<&str>) -> RemotePlace {
        let site = Site { user: user.map(Into::into), ..Site::of_host("h") };
        RemotePlace { site, password: password.map(Secret::new), directory: false }
    }

    fn given(passwords: &Passwords, user: Option<&str>, password: Option<&str>) -> Option<String> {
        passwords.of(&place(user, password)).unwrap().map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn the_url_comes_first_then_the_command_then_the_environment() {
        let environment = Some(Secret::new("env"));
        let all = Passwords::new(Some("printf 'cmd\\r\\nsecond\\n'".into()), environment.clone());
        assert_eq!(given(&all, Some("u"), Some("url")).as_deref(), Some("url"));
        assert_eq!(given(&all, Some("u"), None).as_deref(), Some("cmd"));
        let environment_only = Passwords::new(None, environment);
        assert_eq!(given(&environment_only, Some("u"), None).as_deref(), Some("env"));
        assert_eq!(given(&Passwords::default(), Some("u"), None), None);
    }

    #[test]
    fn an_anonymous_login_gets_no_password_but_the_urls() {
        let all = Passwords::new(Some("echo cmd".into()), Some(Secret::new("env")));
        assert_eq!(given(&all, None, None), None);
        assert_eq!(given(&all, Some("ftp"), None), None);
        assert_eq!(given(&all, None, Some("url")).as_deref(), Some("url"));
    }

    #[test]
    fn a_command_that_fails_or_prints_nothing_is_no_login() {
        for command in ["exit 7", "true", "printf '\\377\\n'"] {
            let stop = Passwords::new(Some(command.into()), None).of(&place(Some("u"), None)).unwrap_err();
            assert_eq!(stop.code, NO_LOGIN, "{command}");
            assert!(stop.message.unwrap().contains("--password-command"), "{command}");
        }
    }
}
