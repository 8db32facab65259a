//! The places that passwords are kept in, on a thread of their own: a keyring may ask a person, and the vault's key takes its time.

use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::secrets::{SecretNews, SecretOrder, VaultState};
use crate::config::Paths;
use crate::config::secrets::{SecretError, Stores, Terminal};
use crate::model::text::printable_str;

use super::effects::load_sites;

/// How long what was begun may take at the end of the program: a keyring that waits for a person does not hold it.
const FAREWELL: Duration = Duration::from_secs(3);

/// The thread.
#[derive(Debug)]
pub struct Keeper {
    orders: Option<std_mpsc::Sender<SecretOrder>>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Gives it something to do.
    pub fn order(&self, order: SecretOrder) {
        if let Some(orders) = &self.orders {
            // The thread ends only with this sender.
            let _ = orders.send(order);
        }
    }

    /// Lets it finish what was begun: a password that was to be kept with the last key is kept.
    pub fn finish(&mut self) {
        self.orders = None;
        let begun = Instant::now();
        while !self.thread.is_finished() && begun.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Starts the thread.
///
/// # Errors
/// Where no thread can be had.
pub fn start(replies: mpsc::UnboundedSender<Msg>, paths: Paths) -> std::io::Result<Keeper> {
    let (send, orders) = std_mpsc::channel();
    let thread = std::thread::Builder::new().name("ftpane-secrets".to_owned()).spawn(move || {
        let mut stores = Stores::new(&paths, Terminal::Ours);
        for order in orders {
            for msg in carry_out(&mut stores, &paths, order) {
                // Where the loop has ended nobody waits.
                let _ = replies.send(msg);
            }
        }
    })?;
    Ok(Keeper { orders: Some(send), thread })
}

fn carry_out(stores: &mut Stores, paths: &Paths, order: SecretOrder) -> Vec<Msg> {
    match order {
        SecretOrder::Find { question, ref site } => match stores.find(site) {
            Ok(secret) => vec![Msg::Secrets(SecretNews::Found { question, secret, note: None })],
            Err(SecretError::Locked) => locked(order, VaultState::Closed),
            Err(error) => vec![Msg::Secrets(SecretNews::Found { question, secret: None, note: Some(said(&error)) })],
        },
        SecretOrder::Keep { ref site, store, ref secret } => match stores.keep(site, store, secret) {
            Ok(()) => {
                let account = printable_str(&site.account()).into_owned();
                vec![Msg::Sites(load_sites(paths)), Msg::Secrets(SecretNews::Kept { account, store })]
            }
            Err(SecretError::Locked) => locked(order, VaultState::Closed),
            Err(SecretError::NoVault) => locked(order, VaultState::New),
            Err(error) => vec![Msg::Trouble(format!("the password is not kept: {}", said(&error)))],
        },
        SecretOrder::Unlock { passphrase, then } => match stores.unlock(&passphrase) {
            Ok(()) => carry_out(stores, paths, *then),
            Err(SecretError::WrongPassphrase) => locked(*then, VaultState::Wrong),
            Err(error) => refused(*then, &error),
        },
    }
}

fn locked(then: SecretOrder, vault: VaultState) -> Vec<Msg> {
    vec![Msg::Secrets(SecretNews::Locked { then: Box::new(then), vault })]
}

/// The vault cannot be opened at all.
fn refused(order: SecretOrder, error: &SecretError) -> Vec<Msg> {
    match order {
        SecretOrder::Find { question, .. } => {
            vec![Msg::Secrets(SecretNews::Found { question, secret: None, note: Some(said(error)) })]
        }
        SecretOrder::Keep { .. } | SecretOrder::Unlock { .. } => {
            vec![Msg::Trouble(format!("the password is not kept: {}", said(error)))]
        }
    }
}

fn said(error: &SecretError) -> String {
    printable_str(&error.to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SiteStore;
    use crate::model::{PasswordFrom, QuestionId, Secret, Site};

    #[test]
    fn a_password_is_kept_behind_a_new_passphrase_and_found_again_by_another_run() {
        let base = tempfile::tempdir().unwrap();
        let paths = Paths::under(base.path());
        let site = Box::new(Site { name: "work".into(), user: Some("alice".into()), ..Site::of_host("no-such-host.example") });
        SiteStore::new(&paths).add(&site).unwrap();
        let mut stores = Stores::new(&paths, Terminal::Ours);
        let keep = SecretOrder::Keep { site: site.clone(), store: PasswordFrom::Vault, secret: Secret::new("hunter2") };
        let msgs = carry_out(&mut stores, &paths, keep.clone());
        assert!(matches!(&msgs[..], [Msg::Secrets(SecretNews::Locked { vault: VaultState::New, .. })]), "{msgs:?}");
        let open = |passphrase: &str, then: &SecretOrder| SecretOrder::Unlock {
            passphrase: Secret::new(passphrase),
            then: Box::new(then.clone()),
        };
        let msgs = carry_out(&mut stores, &paths, open("sesame", &keep));
        assert!(matches!(&msgs[..], [Msg::Sites(_), Msg::Secrets(SecretNews::Kept { store: PasswordFrom::Vault, .. })]), "{msgs:?}");

        let mut later = Stores::new(&paths, Terminal::Ours);
        let question = QuestionId(3);
        let find = SecretOrder::Find { question, site };
        let msgs = carry_out(&mut later, &paths, find.clone());
        assert!(matches!(&msgs[..], [Msg::Secrets(SecretNews::Locked { vault: VaultState::Closed, .. })]), "{msgs:?}");
        let msgs = carry_out(&mut later, &paths, open("wrong", &find));
        assert!(matches!(&msgs[..], [Msg::Secrets(SecretNews::Locked { vault: VaultState::Wrong, .. })]), "{msgs:?}");
        let msgs = carry_out(&mut later, &paths, open("sesame", &find));
        let [Msg::Secrets(SecretNews::Found { secret: Some(secret), .. })] = &msgs[..] else { panic!("{msgs:?}") };
        assert_eq!(secret.expose(), "hunter2");
        assert!(!format!("{msgs:?}").contains("hunter2"));

        // Another run changes the passphrase: this one asks for the new one, and does not take the old one any more.
        stores.change_passphrase(&Secret::new("shut")).unwrap();
        for (passphrase, found) in [("sesame", false), ("shut", true)] {
            let msgs = carry_out(&mut later, &paths, find.clone());
            assert!(matches!(&msgs[..], [Msg::Secrets(SecretNews::Locked { vault: VaultState::Closed, .. })]), "{msgs:?}");
            let msgs = carry_out(&mut later, &paths, open(passphrase, &find));
            assert_eq!(matches!(&msgs[..], [Msg::Secrets(SecretNews::Found { secret: Some(_), .. })]), found, "{msgs:?}");
        }
    }
}
