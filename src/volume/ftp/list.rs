//! Listing a directory: MLSD where it works, else LIST -a, else LIST, else what [`super::bare`] gives.
//!
//! Guarantee: names with blanks, globs or a leading dash are literal, since the directory is entered first and listed without an argument.
//! Rows are handed on while more arrive. A listing whose completion reply is missing or bad, or that ends within a row, is an error, never a
//! short directory.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;

use super::intake::{Intake, Outcome};
use super::links::Links;
use super::listing::{Format, ListingReader, Told};
use super::session::{Session, with_path};
use super::transfer::{self, failure_of};
use super::{bare, clock, directory, limits, reply};
use crate::model::figures;
use crate::model::listing::ListingPart;
use crate::model::paths::NoWords;
use crate::model::{During, Entry, Failure, FailureKind, Kind, ListingStyle, Name, Paths, Timestamp, VPath};
use crate::volume::{Result, Source};

/// Takes rows as they arrive.
pub type Taker<'a> = &'a mut (dyn FnMut(ListingPart) + Send);

/// The ways to ask for a listing, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Mlsd,
    /// With hidden files, on servers that hand `-a` to ls.
    ListAll,
    List,
}

/// The name under which [`super::features`] remembers that `-a` is taken for a name.
const LIST_ALL: &str = "LIST -a";

impl Form {
    fn line(self) -> &'static [u8] {
        match self {
            Self::Mlsd => b"MLSD",
            Self::ListAll => b"LIST -a",
            Self::List => b"LIST",
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Mlsd => Format::Mlsd,
            Self::ListAll | Self::List => Format::List,
        }
    }
}

/// Lists `path` and answers with what the server calls it.
pub async fn list(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<VPath> {
    if session.paths.directory(path) == Err(NoWords::TooHigh)
        && let Some(known) = known_below(session, path)
    {
        rows(ListingPart::Rows(vec![known]));
        return Ok(path.clone());
    }
    let stood_there = directory::stands_at(session, path);
    let mut real = stand(session, path).await?;
    let mut unread = 0;
    let paths = session.paths;
    let mut noting = |part| {
        let part = usable(paths, path, part, rows);
        if let ListingPart::Unparsed(raw) = &part {
            unread += raw.len();
        }
        rows(part);
    };
    let mut count = list_here(session, path, &mut noting).await?;
    if count == 0 && unread == 0 && stood_there {
        // Somebody may have taken the directory away under us: an empty one must be where it is said to be.
        session.standing = None;
        real = stand(session, path).await?;
        count = list_here(session, path, &mut |part| {
            let part = usable(paths, path, part, rows);
            rows(part);
        })
        .await?;
    }
    session.log.step(format!("listed {count} {}", figures::noun(count as u64, "entry", "entries")));
    Ok(real)
}

/// What is known of a place above all that the server has words for: the way to the directory after login.
fn known_below(session: &Session, path: &VPath) -> Option<Entry> {
    let home = session.home.as_ref().filter(|home| home.is_within(path))?;
    let name = home.parts().nth(path.parts().count())?;
    Some(Entry::new(Name::new(name).ok()?, Kind::Dir))
}

/// What is left of a part without the rows whose names would be more than names in the server's words; those are shown, and nothing else. Where
/// paths are taken as they are, every name is a name.
fn usable(paths: Paths, path: &VPath, part: ListingPart, rows: Taker<'_>) -> ListingPart {
    let ListingPart::Rows(entries) = part else { return part };
    if paths.takes_path(path) {
        return ListingPart::Rows(entries);
    }
    let entries = entries.into_iter().filter(|entry| !paths.is_itself(path, &entry.name, entry.kind == Kind::Dir));
    let (entries, others): (Vec<Entry>, Vec<Entry>) = entries.partition(|entry| paths.is_name(&entry.name, entry.kind == Kind::Dir));
    if !others.is_empty() {
        rows(ListingPart::Unparsed(others.into_iter().map(|entry| entry.name.as_bytes().into()).collect()));
    }
    ListingPart::Rows(entries)
}

/// Enters the directory, where the server knows how to; it is listed by its path otherwise.
async fn stand(session: &mut Session, path: &VPath) -> Result<VPath> {
    if session.features.is_refused("CWD") {
        return Ok(path.clone());
    }
    match directory::enter(session, path, During::List).await {
        Err(failure) if failure.reply.as_ref().is_some_and(reply::is_unknown_command) && !session.is_lost() => {
            session.refuse("CWD");
            Ok(path.clone())
        }
        entered => entered,
    }
}

/// All entries of `path`, for a look at one of them.
pub async fn all(session: &mut Session, path: &VPath) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut keep = |part| {
        if let ListingPart::Rows(rows) = part {
            entries.extend(rows);
        }
    };
    list(session, path, &mut keep).await?;
    Ok(entries)
}

/// Lists the working directory, by the first form that works, and answers with the number of entries.
async fn list_here(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<usize> {
    match session.listing {
        ListingStyle::Auto => {}
        ListingStyle::Mlsd => {
            let outcome = by_mlsd(session, path, rows).await?;
            // Nobody is to take the directory for an empty one: there is no other form to try.
            return if outcome.is_plausible() { Ok(outcome.entries) } else { Err(no_mlsd(path)) };
        }
        // Whoever has set what LIST is read as wants it.
        _ => return list_plain(session, path, rows).await,
    }
    if (session.features.offers("MLSD") || session.features.offers("MLST")) && !session.features.is_refused("CWD") {
        if !session.learnt.no_mlsd {
            let refusal = match by_mlsd(session, path, rows).await {
                Ok(outcome) if outcome.is_plausible() => return Ok(outcome.entries),
                Err(failure) if !may_try_another(session, &failure) => return Err(failure),
                Err(failure) if !is_unknown(&failure) && !says_empty(session, &failure) => Some(failure),
                Ok(_) | Err(_) => None,
            };
            let outcome = list_plain(session, path, rows).await;
            // Asked for a directory that may not be read, ProFTPD 1.3.8 refuses MLSD, and answers LIST as if it were empty.
            if let (Some(refusal), Ok(0)) = (refusal, &outcome) {
                return Err(refusal);
            }
            session.learnt.no_mlsd = outcome.is_ok();
            return outcome;
        }
    } else {
        session.learnt.no_mlsd = true;
    }
    list_plain(session, path, rows).await
}

/// What was to be an MLSD listing has no row of one.
fn no_mlsd(path: &VPath) -> Failure {
    let detail = "the server answers MLSD with what is no MLSD listing; another way of listing may work there";
    Failure::new(FailureKind::Protocol, During::List, detail).about(path.as_bytes())
}

/// Lists by MLSD. Where that hides links, a LIST before it tells which entries are some, unless the server has no LIST.
async fn by_mlsd(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<Outcome> {
    if !session.features.hides_links() || session.lacks_links {
        return run(session, Form::Mlsd, path, rows).await;
    }
    let mut links = Links::default();
    match run(session, Form::List, path, &mut |part| links.note(part)).await {
        Ok(_) => {}
        // One that broke off has told of some links and not of others, and one for which there was no data connection would tell at the next try:
        // without them, links would be taken for what they lead to.
        Err(failure) if !may_try_another(session, &failure) => return Err(failure),
        // Beyond these codes, one directory is refused for reasons of its own, and the next one perhaps not.
        Err(failure) => session.lacks_links = failure.reply.is_some_and(|reply| matches!(reply.code, 500..=549)),
    }
    if links.is_too_many() {
        session.log.step("too many links to hold them beside MLSD: listing by LIST alone");
        return run(session, Form::List, path, rows).await;
    }
    let mut mended = |part| rows(links.mend(part));
    let mut outcome = run(session, Form::Mlsd, path, &mut mended).await?;
    if outcome.is_plausible() {
        let broken = links.broken();
        outcome.entries += broken.len();
        if !broken.is_empty() {
            rows(ListingPart::Rows(broken));
        }
    }
    Ok(outcome)
}

async fn list_plain(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<usize> {
    // What hands `-a` to ls is Unix, or does as if it were.
    let is_unlike = !session.paths.is_unix()
        || !matches!(session.features.system(), None | Some(ListingStyle::Unix | ListingStyle::Dos | ListingStyle::Other));
    let is_lost = |verb| session.features.is_refused(verb);
    if !is_unlike && !is_lost(LIST_ALL) && !is_lost("LIST") && !is_lost("CWD") {
        match run(session, Form::ListAll, path, rows).await {
            // Rows for `.` and `..`, which are left out, show that `-a` was understood; what cannot be read may say that it was not.
            Ok(outcome) if outcome.bytes > 0 && outcome.is_plausible() => return Ok(outcome.entries),
            Err(failure) if !may_try_another(session, &failure) => return Err(failure),
            // Nothing, or refused: perhaps there is no file named `-a`.
            Ok(_) | Err(_) => {}
        }
    }
    let skipped = session.features.is_refused("LIST");
    if skipped {
        let listed = Box::pin(without_list(session, path, rows, None)).await;
        if listed.is_err() && !session.is_lost() && !session.stop.is_cancelled() {
            // Perhaps it knows it by now: the next listing begins with it.
            ["LIST", "NLST", "STAT"].into_iter().for_each(|verb| session.allow(verb));
        }
        return listed;
    }
    match run(session, Form::List, path, rows).await {
        Ok(outcome) => {
            if outcome.entries > 0 {
                session.refuse(LIST_ALL);
            }
            Ok(outcome.entries)
        }
        Err(failure) if says_empty(session, &failure) => Ok(0),
        Err(failure) if failure.kind == FailureKind::Unsupported && failure.reply.is_some() && may_try_another(session, &failure) => {
            let listed = Box::pin(without_list(session, path, rows, Some(failure))).await;
            if listed.is_ok() {
                session.refuse("LIST");
            }
            listed
        }
        Err(failure) => Err(failure),
    }
}

/// NLST, and STAT where that is not known either. The first failure tells more than theirs.
async fn without_list(session: &mut Session, path: &VPath, rows: Taker<'_>, first: Option<Failure>) -> Result<usize> {
    let mut first = first;
    if !session.features.is_refused("NLST") {
        match bare::by_names(session, path, rows).await {
            Ok(count) => return Ok(count),
            Err(failure) if says_empty(session, &failure) => return Ok(0),
            Err(failure) if !may_try_another(session, &failure) => return Err(failure),
            Err(failure) => {
                if failure.kind == FailureKind::Unsupported {
                    session.refuse("NLST");
                }
                first.get_or_insert(failure);
            }
        }
    }
    match bare::by_status(session, path, rows).await {
        Err(failure) if !session.is_lost() => Err(first.unwrap_or(failure)),
        outcome => outcome,
    }
}

/// Whether a refusal leaves room for another form: nothing was listed, and the session is well.
fn may_try_another(session: &Session, failure: &Failure) -> bool {
    let is_refusal = failure.reply.as_ref().is_some_and(|reply| matches!(reply.code, 450 | 500..=599));
    is_refusal && failure.kind != FailureKind::Incomplete && !session.is_lost() && !session.stop.is_cancelled()
}

fn is_unknown(failure: &Failure) -> bool {
    failure.reply.as_ref().is_some_and(reply::is_unknown_command)
}

/// Some servers refuse to list an empty directory: `450 No files found`, `550 No such file or directory`. The second says so only of a directory
/// that was entered, and so exists, and only where it names nothing: `/bin/ls: No such file or directory` is about something else. Whoever mirrors
/// an empty directory deletes: what is in doubt is no empty one.
fn says_empty(session: &Session, failure: &Failure) -> bool {
    let Some(reply) = failure.reply.as_ref().filter(|reply| matches!(reply.code, 450 | 550)) else { return false };
    if failure.kind == FailureKind::Incomplete || session.is_lost() {
        return false;
    }
    let text = reply.text.to_ascii_lowercase();
    let says = |words: &str| text.windows(words.len()).any(|window| window == words.as_bytes());
    let names_something = text.iter().any(|byte| matches!(byte, b'/' | b':' | b'\\'));
    let was_entered = !session.features.is_refused("CWD");
    says("no files") || says("empty") || (was_entered && !names_something && (says("no such file") || says("not found")))
}

async fn run(session: &mut Session, form: Form, path: &VPath, rows: Taker<'_>) -> Result<Outcome> {
    let stop = session.stop.clone();
    let format = form.format();
    let told = told(session);
    let (now, before) = (told.now, told.clock_offset);
    let learns = format == Format::List && clock::may_learn(session, now);
    let takes_path = session.paths.takes_path(path) && !directory::goes_by_steps(session);
    let line = if session.features.is_refused("CWD") { with_path("LIST", path) } else { form.line().to_vec() };
    let mut source = transfer::listing(session, path, &line).await?;
    let mut intake = Intake::new(ListingReader::told(format, told), rows, learns);
    let pumped = pump(&mut source, &mut intake, &stop, path).await;
    if let Err(failure) = pumped {
        source.abandon().await;
        return Err(failure);
    }
    let cut = intake.end();
    let dated = intake.dated();
    if let Some(line) = dated.as_ref().filter(|_| takes_path).map(|(name, _)| with_path("MDTM", &path.join(name))) {
        source.ask_for_time(&line);
    }
    match source.finish().await {
        // Whoever cut the data connection, the server did not notice.
        Ok(()) if cut => {
            let detail = "the listing ends in the middle of a row";
            Err(Failure::new(FailureKind::Incomplete, During::List, detail).about(path.as_bytes()))
        }
        Ok(()) => {
            if let Some((name, time)) = dated {
                // As the server wrote it, whatever its clock was thought to show.
                let listed = Timestamp { seconds: time.seconds.saturating_add(before), ..time };
                clock::learn(session, &path.join(&name), listed, now).await;
                intake.shift(session.learnt.clock.unwrap_or_default().seconds().saturating_sub(before));
            }
            Ok(intake.close(form != Form::ListAll && format == Format::List))
        }
        // A refusal after rows were shown is no reason to try another form.
        Err(failure) if intake.has_given() => Err(Failure { kind: FailureKind::Incomplete, ..failure }),
        Err(failure) => Err(failure),
    }
}

/// What is known of the server that its listing is read by.
pub fn told(session: &Session) -> Told {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Told {
        now: i64::try_from(now).unwrap_or(i64::MAX),
        style: session.listing,
        system: session.features.system(),
        clock_offset: session.clock.or(session.learnt.clock).unwrap_or_default().seconds(),
    }
}

async fn pump(source: &mut impl Source, intake: &mut Intake<'_>, stop: &CancellationToken, path: &VPath) -> Result<()> {
    let mut block = vec![0; limits::LIST_BLOCK];
    loop {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(During::List));
        }
        let count = source.read(&mut block).await.map_err(|error| failure_of(error, During::List, path))?;
        if count == 0 {
            return Ok(());
        }
        intake.feed(block.get(..count).unwrap_or_default());
        if intake.is_noise() {
            let detail = "the server sends without end what is no listing";
            return Err(Failure::new(FailureKind::Protocol, During::List, detail).about(path.as_bytes()));
        }
        if let Some(detail) = intake.is_too_much() {
            return Err(Failure::new(FailureKind::Protocol, During::List, detail).about(path.as_bytes()));
        }
    }
}
