//! Listings of servers that know no LIST: NLST, which gives names alone, and STAT of a directory, which comes over the control connection.
//!
//! Guarantee: what kind of entry a name is was asked for, never guessed by the name. Where a person waits, that is done for a second at most:
//! the names that were not come to are told as links, whose kind is looked at when they are entered or copied, and the next listing goes on
//! with them. Over that, what a name is is remembered for a while; its size never is, so that a file that grew is seen to.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::intake::Intake;
use super::list::{Taker, told};
use super::listing::{Format, ListingReader};
use super::session::{Session, with_path};
use super::transfer::{self, failure_of};
use super::{directory, limits, reply, stat};
use crate::model::listing::ListingPart;
use crate::model::{During, Entry, Failure, FailureKind, Kind, Name, Reply, VPath};
use crate::volume::{Result, Source as _};

/// So many names are asked about at once, where the server was seen to answer in order: that an answer is another name's does not show on it.
const AT_ONCE: usize = 32;
/// So long a person waits for what names are.
const PATIENCE: Duration = Duration::from_secs(1);
/// So long what they are is remembered.
const FRESH: Duration = Duration::from_secs(60);

/// What names of a directory turned out to be.
pub struct Looked {
    directory: VPath,
    since: Instant,
    kinds: HashMap<Name, Kind>,
}

/// Lists the names of the working directory, or of `path` where the server cannot be told to stand there.
pub async fn by_names(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<usize> {
    let line = if session.features.is_refused("CWD") { with_path("NLST", path) } else { b"NLST".to_vec() };
    let stop = session.stop.clone();
    let mut source = transfer::listing(session, path, &line).await?;
    let (mut text, mut block, mut lines) = (Vec::new(), vec![0; limits::LIST_BLOCK], 0);
    let failure = loop {
        match source.read(&mut block).await {
            Ok(0) => break None,
            Ok(count) => {
                let piece = block.get(..count).unwrap_or_default();
                lines += piece.iter().filter(|&&byte| byte == b'\n').count();
                text.extend_from_slice(piece);
            }
            Err(error) => break Some(failure_of(error, During::List, path)),
        }
        if text.len() as u64 > limits::LIST_NOISE || lines > limits::ROWS {
            break Some(Failure::new(FailureKind::Protocol, During::List, "the server sends names without end").about(path.as_bytes()));
        }
        if stop.is_cancelled() {
            break Some(Failure::cancelled(During::List));
        }
    };
    if let Some(failure) = failure {
        source.abandon().await;
        return Err(failure);
    }
    source.finish().await?;
    let (names, unparsed) = names_in(&text);
    let count = names.len();
    Box::pin(look(session, path, names, rows)).await?;
    if !unparsed.is_empty() {
        rows(ListingPart::Unparsed(unparsed));
    }
    Ok(count)
}

/// The names in an answer to NLST, of which some put a directory before them and others a slash behind one, and the lines that are none.
fn names_in(text: &[u8]) -> (Vec<Name>, Vec<Box<[u8]>>) {
    let (mut names, mut unparsed) = (Vec::new(), Vec::new());
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let last = line.strip_suffix(b"/").unwrap_or(line).rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        if matches!(last, b"" | b"." | b"..") {
            continue;
        }
        match Name::new(last) {
            Ok(name) if last.len() <= limits::NAME => names.push(name),
            Ok(_) | Err(_) if unparsed.len() < limits::UNPARSED => unparsed.push(line.into()),
            Ok(_) | Err(_) => {}
        }
    }
    (names, unparsed)
}

/// Hands on what the names are, as it is found out.
async fn look(session: &mut Session, path: &VPath, names: Vec<Name>, rows: Taker<'_>) -> Result<()> {
    let (began, is_awaited, stop) = (Instant::now(), std::mem::take(&mut session.is_awaited), session.stop.clone());
    let known = session.looked.take().filter(|looked| looked.directory == *path && looked.since.elapsed() < FRESH);
    let mut looked = known.unwrap_or_else(|| Looked { directory: path.clone(), since: Instant::now(), kinds: HashMap::new() });
    // First what is not known at all, then what may have changed.
    let (known, unknown): (Vec<Name>, Vec<Name>) = names.into_iter().partition(|name| looked.kinds.contains_key(name));
    let mut rest = unknown.into_iter().chain(known).peekable();
    while rest.peek().is_some() && !(is_awaited && began.elapsed() >= PATIENCE) {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(During::List));
        }
        let many = if session.pace.may_chain() && session.pace.may_ask_ahead() { AT_ONCE } else { 1 };
        let some: Vec<Name> = rest.by_ref().take(many).collect();
        let entries = match at_once(session, path, &some).await? {
            Some(entries) => entries,
            None => one_by_one(session, path, some).await?,
        };
        looked.kinds.extend(entries.iter().map(|entry| (entry.name.clone(), entry.kind)));
        rows(ListingPart::Rows(entries));
    }
    let kind_of = |name: &Name| looked.kinds.get(name).copied().unwrap_or(Kind::Link);
    let left: Vec<Entry> = rest.map(|name| Entry::new(name.clone(), kind_of(&name))).collect();
    let guesses = left.iter().filter(|entry| entry.kind == Kind::Link).count();
    if guesses > 0 {
        session.log.step(format!("what {guesses} of the names are is looked at when they are used"));
    }
    if !left.is_empty() {
        rows(ListingPart::Rows(left));
    }
    session.looked = Some(looked);
    Ok(())
}

async fn one_by_one(session: &mut Session, path: &VPath, names: Vec<Name>) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(names.len());
    for name in names {
        entries.push(look_at(session, path, name).await?);
    }
    Ok(entries)
}

/// What a name is: a directory can be entered, else a file may have a size.
async fn look_at(session: &mut Session, path: &VPath, name: Name) -> Result<Entry> {
    let child = path.join(&name);
    match directory::enter(session, &child, During::List).await {
        Ok(_) => Ok(Entry::new(name, Kind::Dir)),
        Err(failure) if session.is_lost() => Err(failure),
        Err(_) => {
            // What cannot be asked about is shown, and nothing else.
            let is_asked = session.paths.takes_path(&child) || session.paths.is_name(&name, false);
            let size = if is_asked { stat::size(session, &child, During::List).await? } else { None };
            Ok(Entry { size, ..Entry::new(name, Kind::File) })
        }
    }
}

/// The same of many in two round trips. `None` where it has to be asked one by one.
async fn at_once(session: &mut Session, path: &VPath, names: &[Name]) -> Result<Option<Vec<Entry>>> {
    if names.len() < 2 || session.features.is_refused("CWD") {
        return Ok(None);
    }
    let paths: Vec<VPath> = names.iter().map(|name| path.join(name)).collect();
    session.standing = None;
    let Some(entered) = answers(session, "CWD", &paths).await? else { return Ok(None) };
    let kinds = entered.iter().map(|answer| if reply::is_ok(answer) { Kind::Dir } else { Kind::File });
    let mut entries: Vec<Entry> = names.iter().cloned().zip(kinds).map(|(name, kind)| Entry::new(name, kind)).collect();
    if !session.features.may("SIZE") {
        return Ok(Some(entries));
    }
    let files = || paths.iter().zip(&entered).filter(|(_, answer)| !reply::is_ok(answer));
    let asked: Vec<VPath> = files().map(|(path, _)| path.clone()).collect();
    let Some(sizes) = answers(session, "SIZE", &asked).await? else { return Ok(None) };
    let files = entries.iter_mut().filter(|entry| entry.kind == Kind::File);
    for (entry, answer) in files.zip(sizes) {
        entry.size = reply::size(&answer.text).filter(|_| answer.code == 213);
    }
    Ok(Some(entries))
}

/// The answers to one command about many paths; `None` where they are not what was asked.
async fn answers(session: &mut Session, verb: &str, paths: &[VPath]) -> Result<Option<Vec<Reply>>> {
    let lines: Vec<Vec<u8>> = paths.iter().map(|path| with_path(verb, path)).collect();
    let texts: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    session.send_all(During::List, &texts)?;
    session.absorb(During::List).await?;
    let mut answers = Vec::with_capacity(lines.len());
    for _ in &lines {
        answers.push(session.next_reply(During::List, session.limits.reply).await?);
    }
    let is_plain = |answer: &Reply| answer.code >= 400 || (answer.code == 213) == (verb == "SIZE") && reply::is_ok(answer);
    if answers.iter().all(is_plain) {
        return Ok(Some(answers));
    }
    session.pace.no_chains();
    session.log.step("the answers to several commands at once are not what was asked; one by one from now on");
    Ok(None)
}

/// Lists by STAT (RFC 959 §4.1.3), whose reply holds the rows of a LIST between its first line and its last.
pub async fn by_status(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<usize> {
    let line = if session.features.is_refused("CWD") { with_path("STAT", path) } else { b"STAT .".to_vec() };
    let answer = session.command(During::List, &line).await?;
    if !matches!(answer.code, 211..=213) {
        return Err(session.refused(During::List, path.as_bytes(), answer));
    }
    let lines: Vec<&[u8]> = answer.text.split(|&byte| byte == b'\n').collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    if inner.is_empty() && (lines.len() < 2 || answer.code == 211) {
        return Err(no_listing(path));
    }
    let mut intake = Intake::new(ListingReader::told(Format::List, told(session)), rows, false);
    for line in inner {
        intake.feed(&[line.strip_prefix(b" ").unwrap_or(line), b"\r\n"].concat());
    }
    intake.end();
    let outcome = intake.close(false);
    if outcome.is_plausible() { Ok(outcome.entries) } else { Err(no_listing(path)) }
}

/// It told of itself, and knows no STAT of a directory.
fn no_listing(path: &VPath) -> Failure {
    Failure::new(FailureKind::Unsupported, During::List, "the reply to STAT is no listing").about(path.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_with_and_without_their_directory_and_a_mark_of_one() {
        let (names, unparsed) = names_in(b"a b\r\n/dir/c\r\n.\r\n..\n\r\n./d\nsub/\r\n../\n/\na\0b\r\n");
        let names: Vec<&[u8]> = names.iter().map(Name::as_bytes).collect();
        assert_eq!(names, [&b"a b"[..], b"c", b"d", b"sub"]);
        assert_eq!(unparsed.len(), 1);
    }
}
