//! `ftpane doctor`: what works with a server, step by step, and why the rest does not.

use std::ffi::OsString;
use std::io::Write as _;

use clap::{Args, ValueHint};
use serde::Serialize;

use crate::config::targets::RemotePlace;
use crate::engine::Options;
use crate::model::checkup::{Extent, Finding, Verdict};
use crate::model::site::VolumeSpec;
use crate::model::url::path_from;
use crate::model::{During, Failure, FailureKind, StartDir, VPath};
use crate::volume::Connector;

use super::driver::Driver;
use super::options::Context;
use super::run::{self};
use super::show::{escaped, json_line};
use super::stop::{DONE, SOME_FAILED, Stop};
use super::why;

/// Columns of a step's word.
const WORD: usize = 11;

/// `ftpane doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Open up to N connections at once, to see how many the server allows; 1 opens no more than one.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=32))]
    pub connections: u16,
    /// Try writing, going on with a file and setting its time, with a file .ftpane-doctor in DIR on the server (below the directory after login, unless it begins with /), which is deleted again.
    #[arg(long, value_name = "DIR")]
    pub write: Option<String>,
    /// The server: a URL, a saved site, or [user@]host[:port][/path]; the path is listed.
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub url: OsString,
}

/// Runs the command.
///
/// # Errors
/// Whatever ends it.
pub fn run<C: Connector>(doctor: &Doctor, context: &Context, connector: C) -> Result<u8, Stop> {
    let place = context.remote(doctor.url.as_encoded_bytes(), "doctor examines a server: give a URL, a saved site or host/path")?;
    let secret = context.passwords.of(&place)?;
    let log = context.wire_log()?;
    let extent = Extent { connections: doctor.connections, write: directory(doctor)? };
    let options = Options { retries: 0, ..Options::default() };
    run::block_on(async move |signals| {
        let mut driver = Driver::start(connector, options, log, signals).keeping(context);
        driver.give(secret.clone().map(|secret| (place.site.clone(), secret)), context.passwords.keys());
        let mut printer = Printer { json: context.common.json, quiet: context.common.quiet, ..Printer::default() };
        let spec = VolumeSpec::Ftp(Box::new(place.site.clone()), secret.clone());
        let ended = driver.examine(spec, extent, |finding| printer.print(finding)).await;
        driver.close().await;
        let outcome = ended?;
        printer.finish()?;
        verdict(&outcome, &place)
    })
}

/// The directory to write into: below the one after login, or absolute.
fn directory(doctor: &Doctor) -> Result<Option<StartDir>, Stop> {
    let parse = |typed: &String| {
        let start = match VPath::parse(typed.as_bytes()) {
            Ok(path) => StartDir::Absolute(path),
            Err(_) => StartDir::Relative(typed.clone().into_bytes()),
        };
        let read = path_from(&start, &VPath::root());
        read.map(|_| start).map_err(|bad| Stop::usage(format!("--write {}: {bad}", escaped(typed.as_bytes()))))
    };
    doctor.write.as_ref().map(parse).transpose()
}

/// What the run says with its exit code.
fn verdict(outcome: &Result<(), Failure>, place: &RemotePlace) -> Result<u8, Stop> {
    let Err(failure) = outcome else { return Ok(DONE) };
    let is_before = matches!(failure.during, During::Lookup | During::Connect | During::Login | During::Proxy);
    let is_refused =
        matches!(failure.kind, FailureKind::Certificate | FailureKind::Tls | FailureKind::LoginRefused | FailureKind::Cancelled);
    if is_before || is_refused {
        return Err(Stop::not_opened(failure, &place.site));
    }
    Err(Stop::new(SOME_FAILED, why::sentence(failure, &place.site)))
}

/// Prints steps on standard output as they end.
#[derive(Default)]
struct Printer {
    json: bool,
    quiet: bool,
    works: u32,
    fails: u32,
    untried: u32,
    error: Option<std::io::Error>,
}

/// A step as JSON.
#[derive(Serialize)]
struct JsonStep {
    r#type: &'static str,
    step: &'static str,
    verdict: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<&'static str>,
    ms: f64,
}

/// The sum as JSON.
#[derive(Serialize)]
struct JsonSum {
    r#type: &'static str,
    works: u32,
    fails: u32,
    untried: u32,
}

impl Printer {
    fn print(&mut self, finding: &Finding) {
        let (mark, count) = match finding.verdict {
            Verdict::Works(_) => ("ok", &mut self.works),
            Verdict::Fails(_) => ("no", &mut self.fails),
            Verdict::Untried(_) => ("--", &mut self.untried),
        };
        *count += 1;
        // Who wants to read nothing but what does not work.
        if self.quiet && !finding.is_failure() && !self.json {
            return;
        }
        let mut text =
            if self.json { json_line(&json_of(finding)) } else { format!("{mark}  {:<WORD$}  {}", finding.rung.word(), finding.text()) };
        if let (Some(why), false) = (&finding.why, self.json) {
            text.push_str(&format!("\n{:indent$}{}", "", why::words(why), indent = WORD + 6));
        }
        self.line(&text);
    }

    fn line(&mut self, text: &str) {
        if let Err(error) = writeln!(std::io::stdout().lock(), "{text}") {
            self.error.get_or_insert(error);
        }
    }

    fn finish(&mut self) -> Result<(), Stop> {
        if self.json {
            let sum = JsonSum { r#type: "summary", works: self.works, fails: self.fails, untried: self.untried };
            self.line(&json_line(&sum));
        }
        self.error.take().map_or(Ok(()), run::forgive_closed)
    }
}

fn json_of(finding: &Finding) -> JsonStep {
    let (verdict, failure) = match &finding.verdict {
        Verdict::Works(_) => ("works", None),
        Verdict::Fails(failure) => ("fails", Some(failure)),
        Verdict::Untried(_) => ("untried", None),
    };
    let reply = failure.and_then(|failure| failure.reply.as_ref());
    let fix = finding.why.and_then(|why| why.fix);
    JsonStep {
        r#type: "step",
        step: finding.rung.word(),
        verdict,
        text: finding.text(),
        code: reply.map(|reply| reply.code),
        reply: reply.map(|reply| String::from_utf8_lossy(&reply.text).into_owned()),
        why: finding.why.map(|why| why.cause),
        fix: fix.map(|fix| fix.words()),
        option: fix.and_then(|fix| fix.option()),
        ms: (finding.took.as_secs_f64() * 10_000.0).round() / 10.0,
    }
}
