//! `ftpane sites password`: keeps the password of a saved site, moves it to another place, or forgets it.

use std::sync::atomic::AtomicBool;

use crate::config::SiteStore;
use crate::model::text::printable_str;
use crate::model::{PasswordFrom, Site};

use super::args::SitePassword;
use super::options::Context;
use super::prompt::{self, NoAnswer};
use super::stop::{INTERRUPTED, Stop, eprintln_quietly};

/// Runs the command.
///
/// # Errors
/// Exit 1 where the store refuses, 2 where there is no such site or no password can be had, 130 where the person broke off.
pub fn run(command: &SitePassword, store: &SiteStore, context: &Context) -> Result<(), Stop> {
    let site = store.get(&command.name)?;
    if command.forget {
        return forget(&site, context);
    }
    if site.is_anonymous() {
        return Err(Stop::usage(format!("{} has no user, and an anonymous login has no password to keep", printable_str(&site.name))));
    }
    let own = Some(site.password).filter(|own| matches!(own, PasswordFrom::Keyring | PasswordFrom::Vault));
    let place = command.store.or(own).unwrap_or_else(|| context.passwords.keys().usual());
    let secret = match context.passwords.given()? {
        Some(secret) => secret,
        None => {
            let question = format!("Password for {} at {}: ", printable_str(site.login_user()), printable_str(&site.name));
            prompt::ask(&question, &AtomicBool::new(false)).map_err(|none| match none {
                NoAnswer::Interrupted => Stop::silent(INTERRUPTED),
                NoAnswer::NoTerminal => {
                    Stop::usage("there is no terminal to ask for the password on; give it by FTPANE_PASSWORD or --password-command")
                }
            })?
        }
    };
    context.passwords.keys().keep(&site, place, &secret)?;
    say(context, &format!("the password of {} is kept in {}", printable_str(&site.account()), words(place)));
    Ok(())
}

fn forget(site: &Site, context: &Context) -> Result<(), Stop> {
    let had = context.passwords.keys().forget(site)?;
    let account = site.account();
    let account = printable_str(&account);
    say(context, &if had { format!("the password of {account} is forgotten") } else { format!("no password of {account} was kept") });
    Ok(())
}

/// A site is removed: its password goes with it, unless another site has the same account.
pub fn forget_with(site: &Site, others: &[Site], context: &Context) {
    let kept = matches!(site.password, PasswordFrom::Keyring | PasswordFrom::Vault);
    let shared = others.iter().any(|other| other.name != site.name && other.is_same_account(site) && other.password == site.password);
    if !kept || shared {
        return;
    }
    if let Err(stop) = context.passwords.keys().forget(site) {
        let why = stop.message.unwrap_or_else(|| "nobody opened it".to_owned());
        eprintln_quietly(&format!("ftpane: the password of {} stays in {}: {why}", printable_str(&site.account()), words(site.password)));
    }
}

/// How a person calls a place.
pub fn words(place: PasswordFrom) -> &'static str {
    match place {
        PasswordFrom::Keyring => "the keyring",
        PasswordFrom::Vault => "the vault",
        PasswordFrom::Netrc => "~/.netrc",
        PasswordFrom::Command => "what its command prints",
        PasswordFrom::Ask => "nobody's hands but yours",
    }
}

fn say(context: &Context, text: &str) {
    if !context.common.quiet {
        eprintln_quietly(&format!("ftpane: {text}"));
    }
}
