//! `ftpane sites import` and `export`.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::config::import::{self, Format, Found, ImportError, Left, Merged, State};
use crate::config::secrets::Netrc;
use crate::config::{SiteStore, sites};
use crate::model::text::printable_str;
use crate::model::url::FtpUrl;
use crate::model::{PasswordFrom, Site};

use super::args::ImportSites;
use super::options::Context;
use super::run::{self};
use super::show::{escaped, json_line};
use super::site_password::words;
use super::stop::{DONE, SOME_FAILED, Stop, eprintln_quietly};

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::usage(error.to_string())
    }
}

/// What became of one site.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    /// added, already, left.
    state: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The name it had, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a str>,
    /// Where its password is, or that it did not come over.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

/// Runs `sites import`.
///
/// # Errors
/// Exit 2 where the file cannot be read, 1 where a password could not be kept.
pub fn run(command: &ImportSites, store: &SiteStore, context: &Context) -> Result<u8, Stop> {
    let (format, read) = import::read(&command.file, command.from)?;
    let mut found = read.sites;
    if format == Format::Netrc && Netrc::of_person().is(&command.file) {
        found.iter_mut().for_each(stays_in_netrc);
    }
    if let Some(folder) = command.folder.as_deref().filter(|folder| !folder.is_empty()) {
        found.iter_mut().for_each(|found| put_below(folder, &mut found.site));
    }
    let merged = import::merge(&store.load()?, found);
    let new: Vec<_> =
        merged.iter().filter(|merged| !matches!(merged.state, State::Already(_))).map(|merged| merged.found.site.clone()).collect();
    if !command.dry_run {
        store.add_all(&new)?;
    }
    let mut keeping = Keeping { store: command.store, failed: None, kept: 0, left: 0 };
    let mut lines = Vec::with_capacity(merged.len() + read.left.len());
    for merged in &merged {
        let password = keeping.password(merged, command.dry_run, store, context);
        lines.push(line(merged, password, context.common.json));
    }
    lines.extend(read.left.iter().map(|left| left_line(left, context.common.json)));
    print(&lines).or_else(run::forgive_closed)?;
    if !context.common.quiet {
        let already = |merged: &&Merged| matches!(merged.state, State::Already(_));
        let names = Names {
            added: new.iter().map(|site| site.name.as_str()).collect(),
            already: merged.iter().filter(already).map(|merged| merged.found.site.name.as_str()).collect(),
            left: read.left.iter().map(|left| left.name.as_str()).collect(),
        };
        eprintln_quietly(&summary(&names, &keeping, command.dry_run));
    }
    match keeping.failed {
        Some(stop) => Err(stop),
        None => Ok(DONE),
    }
}

/// The password of a login that stands in this person's own netrc is read from there each time.
fn stays_in_netrc(found: &mut Found) {
    found.site.password = PasswordFrom::Netrc;
    found.secret = None;
}

fn put_below(folder: &str, site: &mut Site) {
    site.folder = if site.folder.is_empty() { folder.to_owned() } else { format!("{folder}/{}", site.folder) };
}

/// What is done about passwords.
struct Keeping {
    store: Option<PasswordFrom>,
    /// Why no more of them are kept.
    failed: Option<Stop>,
    kept: usize,
    left: usize,
}

impl Keeping {
    /// Keeps the password of a site, where that was asked for; tells where it is.
    fn password(&mut self, merged: &Merged, dry_run: bool, sites: &SiteStore, context: &Context) -> Option<&'static str> {
        let Merged { found, state } = merged;
        let Some(secret) = &found.secret else {
            return Some(found.site.password).filter(|from| *from != PasswordFrom::Ask).map(words);
        };
        // A password that the person keeps already is not replaced by one of another program.
        let has_one = matches!(state, State::Already(name) if sites.get(name).is_ok_and(|saved| saved.password != PasswordFrom::Ask));
        if has_one {
            return Some("what was kept before");
        }
        let Some(store) = self.store.filter(|_| self.failed.is_none()) else {
            self.left += 1;
            return Some("did not come over");
        };
        if !dry_run && let Err(stop) = context.passwords.keys().keep(&found.site, store, secret) {
            self.failed = Some(Stop { code: SOME_FAILED, ..stop });
            self.left += 1;
            return Some("did not come over");
        }
        self.kept += 1;
        Some(words(store))
    }
}

fn line(merged: &Merged, password: Option<&'static str>, json: bool) -> String {
    let Found { site, notes, .. } = &merged.found;
    let (state, was) = match &merged.state {
        State::New => ("added", None),
        State::Renamed(was) => ("added", Some(was.as_str())),
        State::Already(_) => ("already", None),
    };
    let url = FtpUrl::of_site(site).to_string();
    if json {
        return json_line(&Line { r#type: "site", state, name: &site.name, url: Some(url), was, password, notes });
    }
    let was = was.map(|was| format!("its name {} could not stay", printable_str(was)));
    let password = password.map(|place| match place {
        "did not come over" => "its password did not come over".to_owned(),
        place => format!("its password: {place}"),
    });
    let notes: Vec<_> = was.into_iter().chain(password).chain(notes.iter().map(|note| printable_str(note).into_owned())).collect();
    let notes = if notes.is_empty() { String::new() } else { format!("\t{}", notes.join("; ")) };
    format!("{state}\t{}\t{url}{notes}", escaped(site.name.as_bytes()))
}

fn left_line(left: &Left, json: bool) -> String {
    if json {
        let notes = std::slice::from_ref(&left.why);
        return json_line(&Line { r#type: "site", state: "left", name: &left.name, url: None, was: None, password: None, notes });
    }
    format!("left\t{}\t\t{}", escaped(left.name.as_bytes()), printable_str(&left.why))
}

/// What became of the sites, by their names.
struct Names<'a> {
    added: Vec<&'a str>,
    already: Vec<&'a str>,
    left: Vec<&'a str>,
}

/// Names of a kind that the summary tells; the lines above it tell all.
const NAMED: usize = 8;

/// ` (web, mail and 3 more)`, or nothing where there are none.
fn named(names: &[&str]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = names.iter().take(NAMED).map(|name| printable_str(name)).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(" ({}{more})", shown.join(", "))
}

fn summary(names: &Names<'_>, keeping: &Keeping, dry_run: bool) -> String {
    let would = if dry_run { " would be" } else { "" };
    let of = |names: &[&str], what: &str| format!("{} {what}{}", names.len(), named(names));
    let added = of(&names.added, if dry_run { "would be added" } else { "added" });
    let mut text = format!("ftpane: {added}, {}", of(&names.already, "there already"));
    text.push_str(&format!(", {}", of(&names.left, "left out")));
    if keeping.kept > 0 {
        text.push_str(&format!("; passwords{would} kept: {}", keeping.kept));
    }
    if keeping.left > 0 {
        text.push_str(&format!("; passwords that did not come over: {}", keeping.left));
        if keeping.store.is_none() {
            text.push_str(" (--store keyring or --store vault keeps them)");
        }
    }
    text
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// Runs `sites export`.
///
/// # Errors
/// Exit 2 where the sites cannot be read.
pub fn export(store: &SiteStore) -> Result<u8, Stop> {
    let saved = store.load()?;
    let (text, without) = sites::export(&saved);
    io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()).or_else(run::forgive_closed)?;
    for name in without {
        eprintln_quietly(&format!("ftpane: the password command of {} is not exported: it could tell a password", printable_str(&name)));
    }
    Ok(DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_came_over_and_what_was_left_out() {
        let keeping = Keeping { store: None, failed: None, kept: 0, left: 1 };
        let names = Names { added: vec!["web", "mail"], already: Vec::new(), left: vec!["shell box"] };
        assert_eq!(
            summary(&names, &keeping, false),
            "ftpane: 2 added (web, mail), 0 there already, 1 left out (shell box); passwords that did not come over: 1 (--store keyring or \
             --store vault keeps them)"
        );
        let many: Vec<&str> = (0..10).map(|_| "x\u{1b}").collect();
        let told = named(&many);
        assert!(told.ends_with(" and 2 more)") && !told.contains('\u{1b}'), "{told}");
    }
}
