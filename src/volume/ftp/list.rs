//! Listing a directory: MLSD where it works, else LIST -a, else LIST.
//!
//! Guarantee: names with blanks, globs or a leading dash are literal, since the directory is entered first and listed without an argument.
//! Rows are handed on while more arrive. A listing whose completion reply is missing or bad, or that ends within a row, is an error, never a
//! short directory.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::listing::{Format, ListingReader, Rows};
use super::session::Session;
use super::transfer::{self, failure_of};
use super::{directory, limits};
use crate::model::listing::ListingPart;
use crate::model::{During, Entry, Failure, FailureKind, VPath};
use crate::volume::{Result, Source};

/// Takes rows as they arrive.
pub type Taker<'a> = &'a mut (dyn FnMut(ListingPart) + Send);

/// Bytes of an owner's or a group's name that do not count: as long as that systems make them.
const PERSON: usize = 32;

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
    let stood_there = directory::stands_at(session, path);
    let mut real = directory::enter(session, path, During::List).await?;
    let mut count = list_here(session, path, rows).await?;
    if count == 0 && stood_there {
        // Somebody may have taken the directory away under us: an empty one must be where it is said to be.
        session.standing = None;
        real = directory::enter(session, path, During::List).await?;
        count = list_here(session, path, rows).await?;
    }
    session.log.step(format!("listed {count} entries"));
    Ok(real)
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
    if session.features.offers("MLSD") || session.features.offers("MLST") {
        if !session.learnt.no_mlsd {
            let denied = match run(session, Form::Mlsd, path, rows).await {
                Ok(outcome) if outcome.is_plausible() => return Ok(outcome.entries),
                Err(failure) if !may_try_another(session, &failure) => return Err(failure),
                Err(failure) if failure.kind == FailureKind::Denied => Some(failure),
                Ok(_) | Err(_) => None,
            };
            let outcome = list_plain(session, path, rows).await;
            // Asked for a directory that may not be read, ProFTPD 1.3.8 refuses MLSD, and answers LIST as if it were empty.
            if let (Some(denied), Ok(0)) = (denied, &outcome) {
                return Err(denied);
            }
            session.learnt.no_mlsd = outcome.is_ok();
            return outcome;
        }
    } else {
        session.learnt.no_mlsd = true;
    }
    list_plain(session, path, rows).await
}

async fn list_plain(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<usize> {
    if !session.features.is_refused(LIST_ALL) {
        match run(session, Form::ListAll, path, rows).await {
            // Rows for `.` and `..`, which are left out, show that `-a` was understood.
            Ok(outcome) if outcome.bytes > 0 => return Ok(outcome.entries),
            Err(failure) if !may_try_another(session, &failure) => return Err(failure),
            // Nothing, or refused: perhaps there is no file named `-a`.
            Ok(_) | Err(_) => {}
        }
    }
    match run(session, Form::List, path, rows).await {
        Ok(outcome) => {
            if outcome.entries > 0 {
                session.features.refuse(LIST_ALL);
            }
            Ok(outcome.entries)
        }
        Err(failure) if says_empty(&failure) && !session.is_lost() => Ok(0),
        Err(failure) => Err(failure),
    }
}

/// Whether a refusal leaves room for another form: nothing was listed, and the session is well.
fn may_try_another(session: &Session, failure: &Failure) -> bool {
    let is_refusal = failure.reply.as_ref().is_some_and(|reply| matches!(reply.code, 450 | 500..=599));
    is_refusal && !session.is_lost() && !session.stop.is_cancelled()
}

/// Some servers refuse to list an empty directory: `450 No files found`, `550 No such file or directory`. It exists, for it was entered.
fn says_empty(failure: &Failure) -> bool {
    failure.reply.as_ref().is_some_and(|reply| {
        let text = reply.text.to_ascii_lowercase();
        let says = |words: &str| text.windows(words.len()).any(|window| window == words.as_bytes());
        matches!(reply.code, 450 | 550) && ["no file", "no such file", "not found", "empty"].into_iter().any(says)
    })
}

/// What one listing came to.
struct Outcome {
    entries: usize,
    unparsed: usize,
    bytes: u64,
}

impl Outcome {
    /// Rows of which none can be read are no MLSD listing.
    fn is_plausible(&self) -> bool {
        self.entries > 0 || self.unparsed == 0
    }
}

async fn run(session: &mut Session, form: Form, path: &VPath, rows: Taker<'_>) -> Result<Outcome> {
    let stop = session.stop.clone();
    let mut source = transfer::listing(session, path, form.line()).await?;
    let mut intake = Intake::new(form, rows);
    let pumped = pump(&mut source, &mut intake, &stop, path).await;
    if let Err(failure) = pumped {
        source.abandon().await;
        return Err(failure);
    }
    let cut = intake.end();
    match source.finish().await {
        // Whoever cut the data connection, the server did not notice.
        Ok(()) if cut => {
            let detail = "the listing ends in the middle of a row";
            Err(Failure::new(FailureKind::Incomplete, During::List, detail).about(path.as_bytes()))
        }
        Ok(()) => Ok(intake.close(form)),
        // A refusal after rows were shown is no reason to try another form.
        Err(failure) if intake.given > 0 => Err(Failure { kind: FailureKind::Incomplete, ..failure }),
        Err(failure) => Err(failure),
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

/// Bytes of the texts that an entry holds. Owners and groups are shared as long as they are the same; one that differs from row to row is not.
fn text_of(entry: &Entry) -> usize {
    let people = [&entry.owner, &entry.group].into_iter().flatten().map(|name| name.len().saturating_sub(PERSON)).sum::<usize>();
    entry.name.as_bytes().len() + entry.target.as_ref().map_or(0, |target| target.len()) + people
}

/// Parses what arrives and hands it on in chunks.
struct Intake<'a> {
    reader: ListingReader,
    rows: Taker<'a>,
    pending: Rows,
    given: usize,
    /// Bytes of the texts that the entries hold.
    text: usize,
    unparsed: usize,
    bytes: u64,
    handed_on: Instant,
}

impl<'a> Intake<'a> {
    fn new(form: Form, rows: Taker<'a>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        Self {
            reader: ListingReader::new(form.format(), now),
            rows,
            pending: Rows::default(),
            given: 0,
            text: 0,
            unparsed: 0,
            bytes: 0,
            handed_on: Instant::now(),
        }
    }

    fn feed(&mut self, block: &[u8]) {
        self.bytes += block.len() as u64;
        self.reader.feed(block, &mut self.pending);
        // What is noise must not pile up.
        self.pending.unparsed.truncate(limits::UNPARSED);
        let wanted = if self.given == 0 { limits::FIRST_CHUNK } else { limits::CHUNK };
        let count = self.pending.entries.len();
        if count >= wanted || (count > 0 && self.handed_on.elapsed() >= limits::CHUNK_WAIT) {
            self.hand_on();
        }
    }

    /// Whether so much came that is no entry that no more is worth waiting for.
    fn is_noise(&self) -> bool {
        let entries = (self.given + self.pending.entries.len()) as u64;
        self.bytes > limits::LIST_NOISE + entries * limits::ROW_BYTES
    }

    /// Why no more of it can be held.
    fn is_too_much(&self) -> Option<String> {
        if self.given > limits::ROWS {
            return Some(format!("the directory has more than {} entries", limits::ROWS));
        }
        (self.text > limits::LIST_TEXT).then(|| format!("the names in the directory have more than {} bytes", limits::LIST_TEXT))
    }

    /// Whether it was cut off.
    fn end(&mut self) -> bool {
        let cut = self.reader.end(&mut self.pending);
        self.hand_on();
        cut
    }

    fn hand_on(&mut self) {
        self.handed_on = Instant::now();
        let mut entries = std::mem::take(&mut self.pending.entries);
        self.given += entries.len();
        self.text += entries.iter().map(text_of).sum::<usize>();
        while !entries.is_empty() {
            let rest = entries.split_off(entries.len().min(limits::CHUNK));
            (self.rows)(ListingPart::Rows(entries));
            entries = rest;
        }
    }

    /// Hands on what could not be read, unless nothing could.
    fn close(mut self, form: Form) -> Outcome {
        let unparsed = std::mem::take(&mut self.pending.unparsed);
        self.unparsed = unparsed.len();
        let outcome = Outcome { entries: self.given, unparsed: self.unparsed, bytes: self.bytes };
        if !unparsed.is_empty() && (outcome.is_plausible() || form == Form::List) {
            (self.rows)(ListingPart::Unparsed(unparsed));
        }
        outcome
    }
}
