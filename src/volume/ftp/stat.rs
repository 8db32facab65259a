//! Looking at one path: MLST where it is offered, else SIZE and MDTM for a file, CWD for a directory, and the parent's listing where the
//! server's words do not say whether it is there at all.
//!
//! Guarantee: `None` only where the server's words or a complete listing say that nothing is there; a doubt is an error.

use super::data::make_binary;
use super::listing::parse_mlst_facts;
use super::session::{Session, with_path};
use super::{directory, list, reply};
use crate::model::{During, Entry, Failure, FailureKind, Kind, Name, Timestamp, VPath};
use crate::volume::Result;

/// What is at `path`, links followed.
pub async fn stat(session: &mut Session, path: &VPath) -> Result<Option<Entry>> {
    if path.is_root() {
        return Ok(Some(entry_of(path, Kind::Dir)));
    }
    if !session.paths.takes_path(path) {
        return by_words(session, path).await;
    }
    if session.features.offers("MLST") && !session.features.is_refused("MLST") {
        match by_mlst(session, path).await? {
            Look::Found(entry) if entry.kind == Kind::File && entry.mode == Some(LINKS_MODE) => {
                return behind_link(session, path, entry).await.map(Some);
            }
            Look::Found(entry) if entry.kind != Kind::Link => return Ok(Some(entry)),
            Look::Absent => return Ok(None),
            Look::Found(_) | Look::Unknown => {}
        }
    }
    match probe(session, path).await? {
        Some(entry) => Ok(Some(entry)),
        None => by_parent(session, path).await,
    }
}

/// Looks into the listing of its directory, where it may be spelled in other letters; what is above all listings can be entered or not.
async fn by_words(session: &mut Session, path: &VPath) -> Result<Option<Entry>> {
    if directory::stands_at(session, path) {
        return Ok(Some(entry_of(path, Kind::Dir)));
    }
    let (Some(parent), Some(name)) = (path.parent(), path.name()) else { return Ok(None) };
    if session.paths.directory(&parent).is_ok() {
        let entries = match list::all(session, &parent).await {
            Ok(entries) => entries,
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let paths = session.paths;
        return Ok(entries.into_iter().find(|entry| paths.is_same_name(&entry.name, &name)).map(|entry| Entry { name, ..entry }));
    }
    match directory::enter(session, path, During::Stat).await {
        Ok(_) => Ok(Some(entry_of(path, Kind::Dir))),
        Err(failure) if session.is_lost() => Err(failure),
        Err(_) => Ok(None),
    }
}

/// The mode that Linux gives every symbolic link.
const LINKS_MODE: u16 = 0o777;

/// ProFTPD 1.3.8: MLST of a link to a file says "file" with the size, time and mode of the link itself. SIZE and MDTM follow it.
async fn behind_link(session: &mut Session, path: &VPath, mut entry: Entry) -> Result<Entry> {
    if let Some(size) = size(session, path, During::Stat).await? {
        entry.size = Some(size);
    }
    if let Some(time) = time(session, path, During::Stat).await? {
        entry.modified = Some(Timestamp::exact(time));
    }
    Ok(entry)
}

/// What one question brought to light.
enum Look {
    Found(Entry),
    Absent,
    Unknown,
}

async fn by_mlst(session: &mut Session, path: &VPath) -> Result<Look> {
    let line = directory::address(session, "MLST", path, During::Stat).await?;
    let outcome = session.command(During::Stat, &line).await;
    if matches!(&outcome, Err(failure) if failure.kind == FailureKind::TimedOut) && !session.knows_mlst {
        // uftpd 2.13 offers it and says nothing to it: the next session asks otherwise.
        session.refuse("MLST");
    }
    let answer = outcome?;
    session.knows_mlst = true;
    if reply::is_unknown_command(&answer) {
        session.refuse("MLST");
        return Ok(Look::Unknown);
    }
    if !reply::is_ok(&answer) {
        let failure = session.refused(During::Stat, path.as_bytes(), answer);
        return Ok(if failure.kind == FailureKind::NotFound { Look::Absent } else { Look::Unknown });
    }
    let Some(mut entry) = facts_of(&answer.text).and_then(|facts| parse_mlst_facts(&facts)) else {
        return Ok(Look::Unknown);
    };
    entry.name = name_of(path);
    Ok(Look::Found(entry))
}

/// The facts of an MLST reply: its line that begins with a blank (RFC 3659 §7.2). The path behind them is left out for a plain word, since
/// it may be spelled in any way.
pub fn facts_of(text: &[u8]) -> Option<Vec<u8>> {
    let line = text.split(|&byte| byte == b'\n').find(|line| line.starts_with(b" "))?.trim_ascii_start();
    let facts = line.split(|&byte| byte == b' ').next()?;
    facts.ends_with(b";").then(|| [facts, b" it"].concat())
}

/// Asks as one would use it: a directory can be entered, a file has a size.
async fn probe(session: &mut Session, path: &VPath) -> Result<Option<Entry>> {
    if session.is_text {
        make_binary(session, During::Stat).await?;
    }
    // libunftp 0.24 answers nothing any more where it is asked all this at once, and out of order where it is less. It offers MLST, as do
    // others that rarely come here; vsftpd does not.
    if session.pace.may_chain()
        && !session.features.offers("MLST")
        && !directory::stands_at(session, path)
        && let Some(found) = probe_at_once(session, path).await?
    {
        return Ok(found);
    }
    if let Some(size) = size(session, path, During::Stat).await? {
        // libunftp 0.24 tells the SIZE of a directory too: only entering it is certain.
        match directory::enter(session, path, During::Stat).await {
            Ok(_) => return Ok(Some(entry_of(path, Kind::Dir))),
            Err(failure) if session.is_lost() => return Err(failure),
            Err(_) => {}
        }
        let time = time(session, path, During::Stat).await?;
        return Ok(Some(file_of(path, size, time)));
    }
    match directory::enter(session, path, During::Stat).await {
        Ok(_) => Ok(Some(entry_of(path, Kind::Dir))),
        Err(failure) if session.is_lost() => Err(failure),
        Err(_) => Ok(None),
    }
}

/// The same with one round trip for all. `None` where it has to be asked step by step, since the answers are not what was asked.
async fn probe_at_once(session: &mut Session, path: &VPath) -> Result<Option<Option<Entry>>> {
    let facts: Vec<&'static str> = ["SIZE", "MDTM"].into_iter().filter(|verb| session.features.may(verb)).collect();
    let entering = directory::question(session, path);
    let lines: Vec<Vec<u8>> = facts.iter().map(|verb| with_path(verb, path)).chain(entering.iter().cloned()).collect();
    let texts: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    session.send_all(During::Stat, &texts)?;
    session.absorb(During::Stat).await?;
    let (mut size, mut time, mut is_plain) = (None, None, true);
    for verb in facts {
        let answer = session.next_reply(During::Stat, session.limits.reply).await?;
        if reply::is_unknown_command(&answer) {
            session.refuse(verb);
        }
        let is_told = answer.code == 213;
        is_plain &= if verb == "SIZE" {
            size = reply::size(&answer.text).filter(|_| is_told);
            // A server that answers as it likes may have told the time.
            is_told == size.is_some() && !(is_told && reply::time(&answer.text).is_some())
        } else {
            time = reply::time(&answer.text).filter(|_| is_told);
            is_told == time.is_some()
        } && (is_told || answer.code >= 400);
    }
    let entered = directory::entered(session, path, During::Stat, entering.len() > 1).await;
    if !is_plain || !session.pace.may_chain() {
        session.pace.no_chains();
        // Whether it went there is not known.
        session.standing = None;
        session.log.step("the answers to several commands at once are not what was asked; one by one from now on");
        return if session.is_lost() { entered.map(|_| None) } else { Ok(None) };
    }
    Ok(Some(match entered {
        Ok(_) => Some(entry_of(path, Kind::Dir)),
        Err(failure) if session.is_lost() => return Err(failure),
        Err(_) => size.map(|size| file_of(path, size, time)),
    }))
}

/// Looks for the name in the listing of its parent, or of the first directory above that can be listed.
async fn by_parent(session: &mut Session, path: &VPath) -> Result<Option<Entry>> {
    let mut child = path.clone();
    while let Some(parent) = child.parent() {
        match list::all(session, &parent).await {
            Ok(entries) => {
                let found = entries.into_iter().find(|entry| Some(&entry.name) == child.name().as_ref());
                return match found {
                    None => Ok(None),
                    Some(entry) if child == *path => Ok(Some(resolved(entry))),
                    // There is something above it that cannot be entered: no telling what is inside.
                    Some(_) => {
                        Err(Failure::new(FailureKind::Denied, During::Stat, "its directory cannot be listed").about(path.as_bytes()))
                    }
                };
            }
            Err(failure) if session.is_lost() || failure.kind == FailureKind::Cancelled => return Err(failure),
            Err(failure) if parent.is_root() => return Err(failure),
            Err(_) => child = parent,
        }
    }
    Ok(None)
}

/// A link that could neither be read nor entered leads nowhere.
fn resolved(mut entry: Entry) -> Entry {
    if entry.kind == Kind::Link && entry.leads_to.is_none() {
        entry.leads_to = Some(Kind::Link);
    }
    entry
}

/// The size of a file (RFC 3659 §4); `None` where it is no file or the server cannot say.
pub async fn size(session: &mut Session, path: &VPath, during: During) -> Result<Option<u64>> {
    if !session.features.may("SIZE") {
        return Ok(None);
    }
    if session.is_text {
        make_binary(session, during).await?;
    }
    let line = directory::address(session, "SIZE", path, during).await?;
    let answer = session.command(during, &line).await?;
    if reply::is_unknown_command(&answer) {
        session.refuse("SIZE");
    }
    Ok(if answer.code == 213 { reply::size(&answer.text) } else { None })
}

/// The modification time (RFC 3659 §3), in seconds since 1970; `None` where the server cannot say.
pub async fn time(session: &mut Session, path: &VPath, during: During) -> Result<Option<i64>> {
    if !session.features.may("MDTM") {
        return Ok(None);
    }
    let line = directory::address(session, "MDTM", path, during).await?;
    let answer = session.command(during, &line).await?;
    if reply::is_unknown_command(&answer) {
        session.refuse("MDTM");
    }
    Ok(if answer.code == 213 { reply::time(&answer.text) } else { None })
}

fn entry_of(path: &VPath, kind: Kind) -> Entry {
    Entry::new(name_of(path), kind)
}

fn file_of(path: &VPath, size: u64, time: Option<i64>) -> Entry {
    Entry { size: Some(size), modified: time.map(Timestamp::exact), ..entry_of(path, Kind::File) }
}

/// The last part of the path; the root, which has none, goes by a word.
#[expect(clippy::expect_used, reason = "a constant that is a well-formed name")]
fn name_of(path: &VPath) -> Name {
    path.name().unwrap_or_else(|| Name::new(&b"root"[..]).expect("a plain word"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_a_look_are_told_from_the_words_around_them() {
        let text = b"Listing /a=b;c d\n Type=file;Size=3; /a=b;c d\nEnd";
        assert_eq!(facts_of(text).unwrap(), b"Type=file;Size=3; it");
        assert_eq!(facts_of(b"one line"), None);
    }

    #[test]
    fn a_directory_looked_at_by_itself_is_a_plain_directory() {
        let kind = |line: &[u8]| parse_mlst_facts(&facts_of(line).unwrap()).unwrap().kind;
        assert_eq!(kind(b"Listing\n Type=cdir;Modify=1; /a\nEnd"), Kind::Dir);
        assert_eq!(kind(b"Listing\n type=file;size=1; cdir\nEnd"), Kind::File);
    }
}
