//! Where passwords are kept, and what finds the one for a site.
//!
//! The rule, in one place: a password that was given for a server on the command line (in its URL, by `--password-command`, by
//! `FTPANE_PASSWORD`) comes before all that is here; then comes what the site says: the keyring, the vault, its own command; then a login
//! in `~/.netrc` for this host and user; then a question to a person. Guarantee: what is kept belongs to an account (`user@host:port`), so
//! that a site whose address was changed does not take its password to another server; an anonymous login gets none of it.

pub mod command;
pub mod error;
mod keyring;
pub mod netrc;
mod vault;

pub use command::Terminal;
pub use error::SecretError;
pub use netrc::Netrc;

use crate::model::{PasswordFrom, Secret, Site};

use self::keyring::Keyring;
use self::vault::{Cost, Vault};
use super::{Paths, SiteStore};

/// All places that passwords are kept in. Asks the disk, the keyring and commands: never to be used where nothing may wait.
#[derive(Debug)]
pub struct Stores {
    sites: SiteStore,
    keyring: Keyring,
    vault: Vault,
    netrc: Netrc,
    terminal: Terminal,
}

impl Stores {
    /// This person's, with the vault in the directory of the settings. `terminal` is what commands of sites get.
    pub fn new(paths: &Paths, terminal: Terminal) -> Self {
        Self {
            sites: SiteStore::new(paths),
            keyring: Keyring::of_system(),
            vault: Vault::new(paths.vault(), Cost::USUAL),
            netrc: Netrc::of_person(),
            terminal,
        }
    }

    /// The password for a site's login; none where nothing is kept and a person has to be asked.
    ///
    /// # Errors
    /// [`SecretError::Locked`] where the vault has to be opened first; whatever else stands in the way.
    pub fn find(&self, site: &Site) -> Result<Option<Secret>, SecretError> {
        if site.is_anonymous() {
            return Ok(None);
        }
        let site = self.as_saved(site);
        let kept = match (site.password, &site.password_command) {
            (PasswordFrom::Keyring, _) => self.keyring.get(&site.account())?,
            (PasswordFrom::Vault, _) => self.vault.get(&site.account())?,
            (PasswordFrom::Command, Some(command)) => {
                Some(command::run("password_command of this site", command, self.terminal, command::PATIENCE)?)
            }
            (PasswordFrom::Ask | PasswordFrom::Netrc | PasswordFrom::Command, _) => None,
        };
        let found = match kept {
            Some(kept) => Some(kept),
            None => self.netrc.password(&site)?,
        };
        match found {
            Some(secret) if !secret.is_sendable() => Err(SecretError::Unsendable(site.account())),
            found => Ok(found),
        }
    }

    /// Keeps the password of a site's account in the keyring or the vault, and lets the saved site say so.
    ///
    /// # Errors
    /// [`SecretError::Locked`] and [`SecretError::NoVault`] where a passphrase is needed first; whatever else stands in the way.
    pub fn keep(&self, site: &Site, store: PasswordFrom, secret: &Secret) -> Result<(), SecretError> {
        if !secret.is_sendable() {
            return Err(SecretError::Unsendable(site.account()));
        }
        match store {
            PasswordFrom::Keyring => self.keyring.put(&site.account(), secret)?,
            PasswordFrom::Vault => self.vault.put(&site.account(), secret)?,
            PasswordFrom::Ask | PasswordFrom::Netrc | PasswordFrom::Command => {}
        }
        self.say(site, store)
    }

    /// Takes the password of a site's account out of the place that the site names, and lets the saved site ask from now on. Tells
    /// whether there was one.
    ///
    /// # Errors
    /// [`SecretError::Locked`] where the vault has to be opened first; whatever else stands in the way.
    pub fn forget(&self, site: &Site) -> Result<bool, SecretError> {
        let had = match site.password {
            PasswordFrom::Keyring => self.keyring.remove(&site.account())?,
            PasswordFrom::Vault => self.vault.remove(&site.account())?,
            PasswordFrom::Ask | PasswordFrom::Netrc | PasswordFrom::Command => false,
        };
        self.say(site, PasswordFrom::Ask)?;
        Ok(had)
    }

    /// Opens the vault, or says what the passphrase of a new one is.
    ///
    /// # Errors
    /// [`SecretError::WrongPassphrase`], [`SecretError::BadVault`].
    pub fn unlock(&mut self, passphrase: &Secret) -> Result<(), SecretError> {
        self.vault.unlock(passphrase)
    }

    /// Gives the vault another passphrase. It has to be open.
    ///
    /// # Errors
    /// [`SecretError::Locked`], [`SecretError::NoVault`]; whatever stands in the way of a new file, and then the old one stays.
    pub fn change_passphrase(&mut self, passphrase: &Secret) -> Result<(), SecretError> {
        self.vault.change_passphrase(passphrase)
    }

    /// Whether the vault is open, or there is none.
    ///
    /// # Errors
    /// [`SecretError::Locked`]; [`SecretError::BadVault`].
    pub fn check_vault(&self) -> Result<(), SecretError> {
        self.vault.get("").map(drop)
    }

    /// Where a password is best kept here: in the keyring where one answers, else in the vault.
    pub fn usual(&self) -> PasswordFrom {
        if self.keyring.answers() { PasswordFrom::Keyring } else { PasswordFrom::Vault }
    }

    /// Whether there is a vault.
    pub fn has_vault(&self) -> bool {
        self.vault.exists()
    }

    /// The site as it is saved by now, where that is still the same account: what was opened, or is in the journal, may be older.
    fn as_saved(&self, site: &Site) -> Site {
        let saved = (!site.name.is_empty()).then(|| self.sites.get(&site.name).ok()).flatten();
        saved.filter(|saved| saved.is_same_account(site)).unwrap_or_else(|| site.clone())
    }

    fn say(&self, site: &Site, store: PasswordFrom) -> Result<(), SecretError> {
        if site.name.is_empty() {
            return Ok(());
        }
        let saved = self.sites.get(&site.name)?;
        if saved.is_same_account(site) && saved.password != store {
            self.sites.replace(&site.name, &Site { password: store, ..saved })?;
        }
        Ok(())
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        _base: tempfile::TempDir,
        stores: Stores,
    }

    const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };

    fn fixture(netrc: &str) -> Fixture {
        let base = tempfile::tempdir().unwrap();
        let paths = Paths::under(base.path().join("config"));
        let path = base.path().join("netrc");
        std::fs::write(&path, netrc).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let stores = Stores { vault: Vault::new(paths.vault(), CHEAP), netrc: Netrc::at(path), ..Stores::new(&paths, Terminal::Ours) };
        Fixture { _base: base, stores }
    }

    fn site(password: PasswordFrom) -> Site {
        Site { name: "work".into(), user: Some("alice".into()), password, ..Site::of_host("Example.org") }
    }

    fn found(stores: &Stores, site: &Site) -> Option<String> {
        stores.find(site).unwrap().map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn what_the_site_says_comes_before_netrc_and_netrc_before_a_question() {
        let Fixture { _base, mut stores } = fixture("machine example.org login alice password from-netrc");
        let asking = site(PasswordFrom::Ask);
        assert_eq!(found(&stores, &asking).as_deref(), Some("from-netrc"));
        assert_eq!(found(&stores, &Site { user: Some("bob".into()), ..asking.clone() }), None);
        let printing = Site { password_command: Some("echo printed".into()), ..site(PasswordFrom::Command) };
        assert_eq!(found(&stores, &printing).as_deref(), Some("printed"));
        stores.sites.add(&asking).unwrap();
        assert!(matches!(stores.keep(&asking, PasswordFrom::Vault, &Secret::new("kept")), Err(SecretError::NoVault)));
        stores.unlock(&Secret::new("open")).unwrap();
        stores.keep(&asking, PasswordFrom::Vault, &Secret::new("kept")).unwrap();
        assert_eq!(stores.sites.get("work").unwrap().password, PasswordFrom::Vault);
        // What was opened before the password was kept finds it all the same.
        assert_eq!(found(&stores, &asking).as_deref(), Some("kept"));
        assert!(stores.forget(&stores.sites.get("work").unwrap()).unwrap());
        assert_eq!(found(&stores, &asking).as_deref(), Some("from-netrc"));
    }

    #[test]
    fn a_password_goes_to_the_account_that_it_was_kept_for_and_to_no_other() {
        let Fixture { _base, mut stores } = fixture("");
        stores.unlock(&Secret::new("open")).unwrap();
        let kept = site(PasswordFrom::Vault);
        stores.sites.add(&kept).unwrap();
        stores.keep(&kept, PasswordFrom::Vault, &Secret::new("kept")).unwrap();
        assert_eq!(found(&stores, &kept).as_deref(), Some("kept"));
        for other in [
            Site { host: "evil.example".into(), ..kept.clone() },
            Site { port: Some(2121), ..kept.clone() },
            Site { user: Some("bob".into()), ..kept.clone() },
            Site { user: None, ..kept.clone() },
        ] {
            assert_eq!(found(&stores, &other), None, "{other:?}");
        }
    }

    #[test]
    fn a_password_that_would_cut_a_command_in_two_is_not_used_and_not_kept() {
        let Fixture { _base, stores } = fixture("machine example.org login alice password \"a\rDELE x\"");
        let error = stores.find(&site(PasswordFrom::Ask)).unwrap_err().to_string();
        assert!(error.contains("line break") && !error.contains("DELE"), "{error}");
        assert!(stores.keep(&site(PasswordFrom::Ask), PasswordFrom::Keyring, &Secret::new("a\nb")).is_err());
    }
}
