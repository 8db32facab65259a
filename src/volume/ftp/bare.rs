//! Listings of servers that know no LIST: NLST, which gives names alone, and STAT of a directory, which comes over the control connection.
//!
//! Guarantee: what kind of entry a name is was asked for, never guessed by the name; where there are too many names for that, those that
//! were not asked about are told as what cannot be known.

use super::intake::Intake;
use super::list::{Taker, told};
use super::listing::{Format, ListingReader};
use super::session::{Session, with_path};
use super::transfer::{self, failure_of};
use super::{directory, limits, stat};
use crate::model::listing::ListingPart;
use crate::model::{During, Entry, Failure, FailureKind, Kind, Name, VPath};
use crate::volume::{Result, Source as _};

/// So many names are asked about: each costs a round trip or two.
const ASKED: usize = 300;

/// Lists the names of the working directory, or of `path` where the server cannot be told to stand there.
pub async fn by_names(session: &mut Session, path: &VPath, rows: Taker<'_>) -> Result<usize> {
    let line = if session.features.is_refused("CWD") { with_path("NLST", path) } else { b"NLST".to_vec() };
    let stop = session.stop.clone();
    let mut source = transfer::listing(session, path, &line).await?;
    let (mut text, mut block) = (Vec::new(), vec![0; limits::LIST_BLOCK]);
    let failure = loop {
        match source.read(&mut block).await {
            Ok(0) => break None,
            Ok(count) => text.extend_from_slice(block.get(..count).unwrap_or_default()),
            Err(error) => break Some(failure_of(error, During::List, path)),
        }
        if text.len() as u64 > limits::LIST_NOISE {
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
    let mut entries = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(During::List));
        }
        entries.push(if index < ASKED { look_at(session, path, name).await? } else { Entry::new(name, Kind::Other) });
    }
    let count = entries.len();
    rows(ListingPart::Rows(entries));
    if !unparsed.is_empty() {
        rows(ListingPart::Unparsed(unparsed));
    }
    Ok(count)
}

/// The names in an answer to NLST, of which some put a directory before them, and the lines that are none.
fn names_in(text: &[u8]) -> (Vec<Name>, Vec<Box<[u8]>>) {
    let (mut names, mut unparsed) = (Vec::new(), Vec::new());
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let last = line.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        if matches!(last, b"" | b"." | b"..") {
            continue;
        }
        match Name::new(last) {
            Ok(name) if last.len() <= limits::NAME => names.push(name),
            Ok(_) | Err(_) => unparsed.push(line.into()),
        }
    }
    unparsed.truncate(limits::UNPARSED);
    (names, unparsed)
}

/// What a name is: a directory can be entered, else a file may have a size.
async fn look_at(session: &mut Session, path: &VPath, name: Name) -> Result<Entry> {
    let child = path.join(&name);
    let entered = directory::enter(session, &child, During::List).await;
    match entered {
        Ok(_) => {
            directory::enter(session, path, During::List).await?;
            Ok(Entry::new(name, Kind::Dir))
        }
        Err(failure) if session.is_lost() => Err(failure),
        Err(_) => {
            let size = stat::size(session, &child, During::List).await?;
            Ok(Entry { size, ..Entry::new(name, Kind::File) })
        }
    }
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
    let mut intake = Intake::new(ListingReader::told(Format::List, told(session)), rows, false);
    for line in inner {
        intake.feed(&[line.strip_prefix(b" ").unwrap_or(line), b"\r\n"].concat());
    }
    intake.end();
    let outcome = intake.close(Format::List);
    if outcome.is_plausible() {
        return Ok(outcome.entries);
    }
    // It told of itself, and knows no STAT of a directory.
    Err(Failure::new(FailureKind::Unsupported, During::List, "the reply to STAT is no listing").about(path.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_with_and_without_their_directory() {
        let (names, unparsed) = names_in(b"a b\r\n/dir/c\r\n.\r\n..\n\r\n./d\na\0b\r\n");
        let names: Vec<&[u8]> = names.iter().map(Name::as_bytes).collect();
        assert_eq!(names, [&b"a b"[..], b"c", b"d"]);
        assert_eq!(unparsed.len(), 1);
    }
}
