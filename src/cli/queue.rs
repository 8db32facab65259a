//! `ftpane queue`: what earlier runs have not finished, and what was done before, from the journal.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::bus::Command;
use crate::config::SiteStore;
use crate::engine::Options;
use crate::model::figures;
use crate::model::journal::{Past, Unfinished};
use crate::model::transfer::Verb;
use crate::model::url::FtpUrl;
use crate::model::{Direction, During, Failure, FailureKind, Site};
use crate::volume::Connector;

use super::args::{Common, Queue};
use super::driver::Driver;
use super::options::Context;
use super::report::Reporter;
use super::run::{self};
use super::show::{escaped, json_line};
use super::stop::{CERTIFICATE, DONE, NO_LOGIN, SOME_FAILED, Stop, eprintln_quietly};

/// What is said where a password was given, and nobody knows to whom it belongs.
const NOT_USED: &str = "these are several logins, and the password that was given may be for any of them: it is not used. Go on with one copy \
                        at a time, by its number";
/// Rows of the history that are printed where nobody says what is looked for.
const ROWS: usize = 1000;

/// Runs the command.
///
/// # Errors
/// Exit 1 where the journal cannot be read, 2 for a number that is not in it; whatever ends a copy.
pub fn run<C: Connector>(queue: &Queue, context: &Context, connector: C) -> Result<u8, Stop> {
    let numbers = numbers(queue, context)?;
    let log = context.wire_log()?;
    run::block_on(async move |signals| {
        let mut driver = Driver::start(connector, options(queue, context), log, signals).keeping(context);
        driver.about_journal();
        let result = carry_out(&mut driver, queue, context, &numbers).await;
        driver.close().await;
        result
    })
}

fn options(queue: &Queue, context: &Context) -> Options {
    let unset = Options::default();
    Options {
        lanes: queue.jobs.or(context.settings.lanes).map_or(unset.lanes, usize::from),
        at_once: queue.jobs.is_some(),
        limits: run::limits(queue.limit, &context.settings),
        retries: context.common.retries.unwrap_or(unset.retries),
        away: context.common.away(),
        journal: Some(context.paths.state().to_owned()),
        ..unset
    }
}

/// The numbers that were given, where numbers are meant.
fn numbers(queue: &Queue, context: &Context) -> Result<Vec<i64>, Stop> {
    refuse_what_is_kept(queue, &context.common)?;
    if queue.history {
        return Ok(Vec::new());
    }
    if !queue.words.is_empty() && !queue.resume && !queue.discard {
        return Err(Stop::usage("say what to do with them: --resume or --discard; --history takes words to look for"));
    }
    if queue.discard && queue.words.is_empty() != queue.all {
        return Err(Stop::usage("--discard needs the numbers of what is to be given up, or --all"));
    }
    let number = |word: &String| {
        word.parse().map_err(|_| Stop::usage(format!("{} is no number; ftpane queue lists them", escaped(word.as_bytes()))))
    };
    queue.words.iter().map(number).collect()
}

/// How a server is talked to stays as it was said then; the way to it may be said anew, as this machine may be elsewhere by now.
fn refuse_what_is_kept(queue: &Queue, common: &Common) -> Result<(), Stop> {
    let given = [
        ("--tls", common.tls.is_some()),
        ("--mode", common.mode.is_some()),
        ("--charset", common.charset.is_some()),
        ("--timeout", common.timeout.is_some()),
        ("--low-speed", common.low_speed.is_some()),
        ("--ascii", common.reach.ascii.is_some()),
    ];
    match given.iter().find(|(_, given)| *given && queue.resume) {
        Some((option, _)) => {
            Err(Stop::usage(format!("{option} is kept from before with what is unfinished; leave it out, or copy anew with it")))
        }
        None => Ok(()),
    }
}

async fn carry_out(driver: &mut Driver, queue: &Queue, context: &Context, numbers: &[i64]) -> Result<u8, Stop> {
    let json = context.common.json;
    if queue.history {
        let limit = if queue.words.is_empty() { ROWS } else { usize::MAX };
        let mut rows = driver.history(queue.words.join(" "), limit.saturating_add(1)).await?;
        if rows.len() > limit {
            rows.truncate(limit);
            eprintln_quietly(&format!("ftpane: these are the newest {limit}; say words to look for further back"));
        }
        print(rows.iter().map(|row| past_line(row, json))).or_else(run::forgive_closed)?;
        return Ok(DONE);
    }
    let all = driver.unfinished().await?;
    let is_quiet = context.common.quiet || json;
    if !is_quiet {
        driver.elsewhere().iter().for_each(|other| eprintln_quietly(&busy(other)));
    }
    let (numbers, taken): (Vec<i64>, Vec<i64>) =
        numbers.iter().partition(|number| driver.elsewhere().iter().all(|other| other.id != **number));
    if is_quiet {
        // Of what was named, else not.
        let named = driver.elsewhere().iter().filter(|other| taken.contains(&other.id));
        named.for_each(|other| eprintln_quietly(&busy(other)));
    }
    // What was named and is another's is not done by this.
    let done = if taken.is_empty() { DONE } else { SOME_FAILED };
    if !taken.is_empty() && numbers.is_empty() {
        return Ok(done);
    }
    let chosen = choose(all, &numbers)?;
    if chosen.is_empty() && !is_quiet {
        let else_ = if driver.elsewhere().is_empty() { "" } else { " else" };
        eprintln_quietly(&format!("ftpane: nothing{else_} is unfinished"));
    }
    if queue.discard {
        for batch in &chosen {
            driver.discard(batch.id).await?;
        }
        if !chosen.is_empty() && !context.common.quiet && !json {
            let copies = figures::count(chosen.len() as u64, "copy", "copies");
            eprintln_quietly(&format!("ftpane: gave up {copies}; files that are there in part stay"));
        }
        return Ok(done);
    }
    if queue.resume && !chosen.is_empty() {
        let code = resume(driver, context, &chosen).await?;
        return Ok(if code == DONE { done } else { code });
    }
    if !queue.resume {
        print(chosen.iter().map(|batch| line(batch, json))).or_else(run::forgive_closed)?;
    }
    Ok(done)
}

/// What another ftpane is at: it is none of what could be gone on with.
fn busy(other: &Unfinished) -> String {
    let (from, to) = (escaped(other.from.as_bytes()), escaped(other.to.as_bytes()));
    format!("ftpane: another ftpane is at {} {}: {from}{} -> {to} ({} done)", verb(other.verb), other.id, things(other), other.done)
}

/// Behind a place where a batch began with more than that.
fn things(batch: &Unfinished) -> String {
    if batch.items == 1 { String::new() } else { format!(" ({})", figures::count(batch.items, "thing", "things")) }
}

/// The batches with these numbers; all of them where there are none.
fn choose(all: Vec<Unfinished>, numbers: &[i64]) -> Result<Vec<Unfinished>, Stop> {
    if let Some(unknown) = numbers.iter().find(|number| all.iter().all(|batch| batch.id != **number)) {
        return Err(Stop::usage(format!("nothing unfinished has the number {unknown}; ftpane queue lists them")));
    }
    Ok(all.into_iter().filter(|batch| numbers.is_empty() || numbers.contains(&batch.id)).collect())
}

async fn resume(driver: &mut Driver, context: &Context, batches: &[Unfinished]) -> Result<u8, Stop> {
    let logins = logins(batches);
    let given = match logins.as_slice() {
        [only] => context.passwords.given()?.map(|secret| (only.clone(), secret)),
        _ => None,
    };
    driver.give(given, context.passwords.keys());
    if logins.len() > 1 {
        driver.is_for_several_logins();
        if context.passwords.is_given() {
            eprintln_quietly(&format!("ftpane: {NOT_USED}"));
        }
    }
    let mut report = Reporter::new(context.common.quiet, context.common.json);
    driver.send(Command::Saved(SiteStore::new(&context.paths).load()?));
    let commands = batches.iter().map(|batch| Command::Restore { journal: batch.id, batch: driver.new_batch() }).collect();
    let total = driver.carry_out(commands, &mut report).await?;
    report.finish()?;
    if total.failed + total.cancelled == 0 {
        return Ok(DONE);
    }
    let nothing_started = total.done + total.skipped + total.bytes == 0;
    let never = driver.gave_up_code().or_else(|| total.first_failure.as_ref().and_then(never_opened));
    Ok(never.filter(|_| nothing_started).unwrap_or(SOME_FAILED))
}

/// The exit code where a failure kept a server from being opened at all.
fn never_opened(failure: &Failure) -> Option<u8> {
    match (failure.kind, failure.during) {
        (FailureKind::Certificate, _) => Some(CERTIFICATE),
        (FailureKind::Unreachable | FailureKind::LoginRefused | FailureKind::TooMany | FailureKind::Tls, _)
        | (_, During::Lookup | During::Connect | During::Login | During::Proxy | During::Account) => Some(NO_LOGIN),
        _ => None,
    }
}

/// The accounts that want a password: what was given goes to the only one, as it is not said which it is for.
fn logins(batches: &[Unfinished]) -> Vec<Site> {
    let mut logins: Vec<Site> = Vec::new();
    for end in batches.iter().flat_map(|batch| [&batch.from, &batch.to]) {
        let Ok(url) = FtpUrl::parse(end.as_bytes()) else { continue };
        let site = url.to_site();
        if !site.is_anonymous() && !logins.iter().any(|other| other.is_same_account(&site)) {
            logins.push(site);
        }
    }
    logins
}

fn print(lines: impl Iterator<Item = String>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// A time as RFC 3339 has it, in UTC.
fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Down => "down",
        Direction::Up => "up",
        Direction::Local => "local",
        Direction::Across => "across",
    }
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Copy => "copy",
        Verb::Move => "move",
    }
}

#[derive(Serialize)]
struct JsonUnfinished<'a> {
    r#type: &'static str,
    id: i64,
    asked: String,
    verb: &'static str,
    direction: &'static str,
    from: &'a str,
    to: &'a str,
    items: u64,
    done: u64,
    failed: u64,
}

fn line(batch: &Unfinished, json: bool) -> String {
    if json {
        return json_line(&JsonUnfinished {
            r#type: "unfinished",
            id: batch.id,
            asked: time(batch.asked),
            verb: verb(batch.verb),
            direction: direction(batch.direction),
            from: &batch.from,
            to: &batch.to,
            items: batch.items,
            done: batch.done,
            failed: batch.failed,
        });
    }
    let things = things(batch);
    let failed = if batch.failed == 0 { String::new() } else { format!(", {} failed", batch.failed) };
    let (from, to) = (escaped(batch.from.as_bytes()), escaped(batch.to.as_bytes()));
    format!("{}\t{}\t{} {from}{things} -> {to}\t{} done{failed}", batch.id, time(batch.asked), verb(batch.verb), batch.done)
}

#[derive(Serialize)]
struct JsonPast<'a> {
    r#type: &'static str,
    ended: String,
    direction: &'static str,
    state: &'static str,
    source: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

fn past_line(past: &Past, json: bool) -> String {
    let verified = past.outcome.as_ref().ok().map(|verified| super::lines::verified_word(*verified));
    let message = past.outcome.as_ref().err().map(ToString::to_string);
    if json {
        return json_line(&JsonPast {
            r#type: "past",
            ended: time(past.ended),
            direction: direction(past.direction),
            state: if message.is_none() { "done" } else { "failed" },
            source: &past.source,
            target: &past.target,
            size: past.size,
            verified: verified.map(|word| word.to_string()),
            message,
        });
    }
    let (source, target) = (escaped(past.source.as_bytes()), escaped(past.target.as_bytes()));
    let size = past.size.map_or_else(|| "?".to_owned(), figures::size_in_words);
    let outcome = message.map_or_else(|| "done".to_owned(), |message| format!("failed: {message}"));
    format!("{}\t{source} -> {target}\t{size}\t{outcome}", time(past.ended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::journal::Begun;

    fn unfinished(id: i64) -> Unfinished {
        let (from, to) = ("ftp://u@h//a\tb".to_owned(), "/t".to_owned());
        Unfinished {
            id,
            asked: 0,
            verb: Verb::Copy,
            direction: Direction::Down,
            from,
            to,
            items: 2,
            done: 3,
            failed: 1,
            begun: Begun::default(),
        }
    }

    #[test]
    fn a_batch_is_one_line_that_can_be_cut_at_its_tabs() {
        let line = line(&unfinished(7), false);
        assert_eq!(line, "7\t1970-01-01T00:00:00Z\tcopy ftp://u@h//a\\tb (2 things) -> /t\t3 done, 1 failed");
    }

    #[test]
    fn a_row_of_the_history_has_its_columns_also_where_a_size_is_not_known() {
        let outcome = Err(Failure::new(FailureKind::NotFound, During::Read, "it is gone"));
        let past = Past { ended: 0, direction: Direction::Down, source: "ftp://h//a".into(), target: "/a".into(), size: None, outcome };
        assert_eq!(past_line(&past, false), "1970-01-01T00:00:00Z\tftp://h//a -> /a\t?\tfailed: cannot read: it is gone");
    }

    #[test]
    fn a_number_that_is_not_there_is_wrong_usage() {
        assert_eq!(choose(vec![unfinished(1), unfinished(2)], &[]).unwrap().len(), 2);
        assert_eq!(choose(vec![unfinished(1), unfinished(2)], &[2]).unwrap().len(), 1);
        assert_eq!(choose(vec![unfinished(1)], &[3]).unwrap_err().code, super::super::stop::USAGE);
    }
}
