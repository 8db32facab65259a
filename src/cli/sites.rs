//! `ftpane sites`: lists, adds and removes saved sites, and what is beside them.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::config::SiteStore;
use crate::model::site::Learnt;
use crate::model::text::printable_str;
use crate::model::url::FtpUrl;
use crate::model::words::Word;
use crate::model::{PasswordFrom, Site, Through, VPath};

use super::args::{AddSite, Common, Rate, SitesCommand};
use super::import;
use super::local::show;
use super::options::Context;
use super::run::{self};
use super::show::{escaped, json_line};
use super::site_password;
use super::stop::{DONE, Stop, eprintln_quietly};
use super::tls::TlsOptions;

#[derive(Serialize)]
struct JsonSite<'a> {
    r#type: &'static str,
    name: &'a str,
    url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    folder: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'static str>,
}

/// Runs the command.
///
/// # Errors
/// Exit 2 with what is wrong with the name, the URL or the file.
pub fn run(command: &SitesCommand, context: &Context) -> Result<u8, Stop> {
    let store = SiteStore::new(&context.paths);
    match command {
        SitesCommand::List => list(&store.load()?, context.common.json).or_else(run::forgive_closed)?,
        SitesCommand::Add(add) => save(&store, add, context)?,
        SitesCommand::Password(password) => site_password::run(password, &store, context)?,
        SitesCommand::Remove { name } => remove(&store, name, context)?,
        SitesCommand::Forget { target } => forget(&store, target, context)?,
        SitesCommand::Import(command) => return import::run(command, &store, context),
        SitesCommand::Export => return import::export(&store),
    }
    Ok(DONE)
}

fn list(sites: &[Site], json: bool) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for site in sites {
        let url = FtpUrl::of_site(site).to_string();
        let line = if json {
            let local = site.local.as_ref().map(|path| String::from_utf8_lossy(path.as_bytes()).into_owned());
            let password = Some(site.password).filter(|from| *from != PasswordFrom::Ask).map(Word::word);
            json_line(&JsonSite { r#type: "site", name: &site.name, url, folder: &site.folder, local, password })
        } else {
            format!("{}\t{url}", escaped(site.name.as_bytes()))
        };
        writeln!(out, "{line}")?;
    }
    out.flush()
}

fn save(store: &SiteStore, add: &AddSite, context: &Context) -> Result<(), Stop> {
    let url = FtpUrl::parse(add.url.as_encoded_bytes()).map_err(|error| Stop::usage(error.to_string()))?;
    let common = &context.common;
    let mut site = Site {
        name: add.name.clone(),
        folder: add.folder.clone(),
        charset: common.charset.clone(),
        timeout: common.timeout,
        ..url.to_site()
    };
    site.verify = add.verify;
    site.listing = add.listing.unwrap_or_default();
    site.clock = add.clock_offset;
    site.low_speed = common.low_speed.map(Rate::bytes);
    site.mode = common.mode.unwrap_or(site.mode);
    TlsOptions::of(common).put_on(&mut site)?;
    context.ways.put_given_on(&mut site);
    let proxy_password = forget_proxy_password(&mut site);
    let trusted = std::mem::take(&mut site.secured.pins);
    set_password(&mut site, add, common)?;
    if let Some(local) = &add.local {
        let absolute = std::path::absolute(local).map_err(|error| Stop::usage(format!("{} cannot be used: {error}", show(local))))?;
        site.local = Some(
            VPath::parse(absolute.as_os_str().as_encoded_bytes())
                .map_err(|bad| Stop::usage(format!("{} cannot be used: {bad}", show(local))))?,
        );
    }
    let keys = context.passwords.keys();
    let kept = url.password.as_ref().filter(|_| matches!(site.password, PasswordFrom::Keyring | PasswordFrom::Vault));
    if let Some(secret) = kept {
        // Where the password cannot be kept nothing is: a site that says where its password is, and has none there, is half a site.
        store.check_new(&site)?;
        keys.keep(&nameless(&site), site.password, secret).map_err(|stop| unsaved(&site, stop))?;
    }
    if let Err(error) = store.add(&site) {
        if kept.is_some() {
            // What is left of it would be found by the next site of this account only.
            let _ = keys.forget(&nameless(&site));
        }
        return Err(error.into());
    }
    if proxy_password {
        eprintln_quietly(&format!("ftpane: {} was saved without the proxy's password, which is asked for", printable_str(&site.name)));
    }
    for fingerprint in trusted {
        context.servers.trust(&site, fingerprint)?;
    }
    if url.password.is_some() && kept.is_none() {
        let name = printable_str(&site.name);
        eprintln_quietly(&format!("ftpane: {name} was saved without the password; ftpane sites password {name} keeps it"));
    }
    Ok(())
}

/// The site's account alone: its password is kept before there is a site that says where.
fn nameless(site: &Site) -> Site {
    Site { name: String::new(), ..site.clone() }
}

/// Says that nothing was saved.
fn unsaved(site: &Site, stop: Stop) -> Stop {
    let what = format!("{} was not saved, because its password cannot be kept", printable_str(&site.name));
    match &stop.message {
        Some(why) => Stop::new(stop.code, format!("{what}: {why}")),
        None => stop,
    }
}

/// Takes the proxy's password off a site that is to be saved; answers whether it had one.
fn forget_proxy_password(site: &mut Site) -> bool {
    if let Through::Proxy(proxy) = &mut site.reach.proxy { proxy.password.take().is_some() } else { false }
}

fn set_password(site: &mut Site, add: &AddSite, common: &Common) -> Result<(), Stop> {
    let unsaid = if common.password_command.is_some() { PasswordFrom::Command } else { PasswordFrom::Ask };
    site.password = add.password.unwrap_or(unsaid);
    site.password_command = common.password_command.clone().filter(|_| site.password == PasswordFrom::Command);
    if site.password == PasswordFrom::Command && site.password_command.is_none() {
        return Err(Stop::usage("--password=command needs --password-command CMD, which is saved with the site"));
    }
    Ok(())
}

/// Forgets what was found out about a server, for every site on it.
fn forget(store: &SiteStore, target: &str, context: &Context) -> Result<(), Stop> {
    let site = match target.contains("://") {
        true => FtpUrl::parse(target.as_bytes()).map_err(|error| Stop::usage(error.to_string()))?.to_site(),
        false => store.get(target)?,
    };
    let mut had = context.servers.forget(&site)?;
    for other in store.load()?.iter().filter(|other| other.address() == site.address() && other.learnt != Learnt::default()) {
        store.learn(&other.name, &Learnt::default())?;
        had = true;
    }
    let address = site.address();
    let address = printable_str(&address);
    if !context.common.quiet {
        eprintln_quietly(&match had {
            true => format!("ftpane: what was found out about {address} is forgotten"),
            false => format!("ftpane: nothing was found out about {address}"),
        });
    }
    Ok(())
}

fn remove(store: &SiteStore, name: &str, context: &Context) -> Result<(), Stop> {
    let site = store.get(name)?;
    site_password::forget_with(&site, &store.load()?, context);
    Ok(store.remove(name)?)
}
