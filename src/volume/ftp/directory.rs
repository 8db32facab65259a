//! The working directory: where the server stands, and what it calls that place.

use super::reply;
use super::session::{Session, Standing, with_path};
use crate::model::paths::NoWords;
use crate::model::{During, Failure, FailureKind, Paths, Reply, VPath};
use crate::volume::Result;

/// Whether the server stands at `path` already, by the name asked for or its own.
pub fn stands_at(session: &Session, path: &VPath) -> bool {
    session.standing.as_ref().is_some_and(|standing| standing.asked == *path || standing.real == *path)
}

/// Notes that the server stands at `path`, by its own word.
pub fn stand(session: &mut Session, path: &VPath) {
    session.standing = Some(Standing { asked: path.clone(), real: path.clone() });
}

/// Makes `path` the working directory, unless it is, and answers with what the server calls it.
///
/// # Errors
/// The refusal, or what befell the connection.
pub async fn enter(session: &mut Session, path: &VPath, during: During) -> Result<VPath> {
    if let Some(standing) = session.standing.as_ref().filter(|_| stands_at(session, path)) {
        return Ok(standing.real.clone());
    }
    if !session.paths.is_unix() {
        return Box::pin(by_words(session, path, during)).await;
    }
    if goes_by_steps(session) {
        return Box::pin(step_by_step(session, path, during)).await;
    }
    match at_once(session, path, during).await {
        Err(failure) if may_step(session, path, &failure) => match Box::pin(step_by_step(session, path, during)).await {
            Ok(real) => {
                session.refuse(STEPS);
                Ok(real)
            }
            Err(lost) if session.is_lost() => Err(lost),
            Err(_) => Err(failure),
        },
        entered => entered,
    }
}

/// By the server's own words, whatever it then calls the place.
async fn by_words(session: &mut Session, path: &VPath, during: During) -> Result<VPath> {
    let words = session.paths.directory(path).map_err(|why| no_words(why, during, path))?;
    session.standing = None;
    session.must(during, path.as_bytes(), &[b"CWD ", words.as_slice()].concat()).await?;
    // Where a name of several parts is the same place in another spelling, it keeps the one that leads back up.
    let real = where_we_are(session, during).await?.filter(|real| !session.paths.is_same(real, path));
    let real = real.unwrap_or_else(|| path.clone());
    session.standing = Some(Standing { asked: path.clone(), real: real.clone() });
    Ok(real)
}

/// The failure where a place cannot be said to the server.
pub fn no_words(why: NoWords, during: During, path: &VPath) -> Failure {
    let failure = Failure::new(FailureKind::Invalid, during, why.to_string()).about(path.as_bytes());
    match why {
        NoWords::NoName(_) => failure.hint("give it another name"),
        NoWords::TooHigh => failure.hint("go to a place by the server's own words for it"),
    }
}

/// The name under which [`super::features`] remembers that CWD takes no more than a name.
const STEPS: &str = "CWD path";

/// Whether CWD takes no more than a name.
pub fn goes_by_steps(session: &Session) -> bool {
    session.features.is_refused(STEPS)
}

/// Whether a refusal may mean that CWD takes no path: of a server of the simplest kind alone, which has not yet taken any.
fn may_step(session: &Session, path: &VPath, failure: &Failure) -> bool {
    let is_doubtful = failure.reply.as_ref().is_some_and(|reply| matches!(reply.code, 501 | 504 | 550 | 553));
    is_doubtful && !session.is_lost() && !session.takes_paths && session.features.is_refused("FEAT") && path.parts().count() > 1
}

/// From the root down, one name after the other.
async fn step_by_step(session: &mut Session, path: &VPath, during: During) -> Result<VPath> {
    session.standing = None;
    session.must(during, b"/", b"CWD /").await?;
    for part in path.parts() {
        session.must(during, path.as_bytes(), &[b"CWD ", part].concat()).await?;
    }
    let real = where_we_are(session, during).await?.unwrap_or_else(|| path.clone());
    session.standing = Some(Standing { asked: path.clone(), real: real.clone() });
    Ok(real)
}

/// A command for the file at `path`: with its path, or with its name from where it is, for servers that take no paths.
pub async fn address(session: &mut Session, verb: &str, path: &VPath, during: During) -> Result<Vec<u8>> {
    if !session.paths.takes_path(path) {
        let (Some(parent), Some(name)) = (path.parent(), path.name()) else { return Err(no_words(NoWords::TooHigh, during, path)) };
        let words = if verb == "DELE" { session.paths.doomed(&name) } else { session.paths.file(&name) };
        let words = words.map_err(|why| no_words(why, during, path))?;
        Box::pin(enter(session, &parent, during)).await?;
        return Ok([verb.as_bytes(), b" ", &words].concat());
    }
    if goes_by_steps(session)
        && let (Some(parent), Some(name)) = (path.parent(), path.name())
    {
        Box::pin(enter(session, &parent, during)).await?;
        return Ok([verb.as_bytes(), b" ", name.as_bytes()].concat());
    }
    Ok(with_path(verb, path))
}

/// A command for the directory at `path`, by its path.
pub fn directory(session: &Session, verb: &str, path: &VPath, during: During) -> Result<Vec<u8>> {
    let words = session.paths.directory(path).map_err(|why| no_words(why, during, path))?;
    Ok([verb.as_bytes(), b" ", &words].concat())
}

async fn at_once(session: &mut Session, path: &VPath, during: During) -> Result<VPath> {
    let question = question(session, path);
    let lines: Vec<&[u8]> = question.iter().map(Vec::as_slice).collect();
    session.send_all(during, &lines)?;
    session.absorb(during).await?;
    entered(session, path, during, lines.len() > 1).await
}

/// What is sent to enter `path`: CWD, and PWD behind it where both may go out together and it is not known that CWD is answered with the place.
pub fn question(session: &Session, path: &VPath) -> Vec<Vec<u8>> {
    let mut lines = vec![with_path("CWD", path)];
    if session.pace.may_chain() && !session.names_directories {
        lines.push(b"PWD".to_vec());
    }
    lines
}

/// What SIZE and MDTM are answered with, and CWD never is.
const FACT: u16 = 213;

/// Reads the answers to [`question`], the second where `asks_both`.
///
/// # Errors
/// The refusal, or what befell the connection; where the answers are mixed up, no more commands go out together.
pub async fn entered(session: &mut Session, path: &VPath, during: During, asks_both: bool) -> Result<VPath> {
    let mut answer = session.next_reply(during, session.limits.reply).await?;
    let mut told = if asks_both { Some(session.next_reply(during, session.limits.reply).await?) } else { None };
    if let Some(told) = told.as_mut().filter(|told| answer.code == 257 && told.code != 257) {
        // libunftp 0.24 works at both at once, and is done with PWD first.
        session.pace.no_chains();
        std::mem::swap(&mut answer, told);
    }
    if answer.code == FACT {
        // It also works at what was asked along with them: this answers that, and what CWD came to is not known.
        session.pace.no_chains();
    }
    if !reply::is_ok(&answer) || answer.code == FACT {
        return Err(session.refused(during, path.as_bytes(), answer));
    }
    // pyftpdlib, pure-ftpd.
    let is_named = reply::quoted_path(&answer.text).is_some_and(|named| named == path.as_bytes())
        || answer.text.strip_suffix(path.as_bytes()).is_some_and(|before| before.ends_with(b" "));
    session.names_directories = is_named;
    let real = match told {
        _ if is_named => None,
        Some(told) if path_in(&told, session.paths).as_ref() == Some(path) => None,
        // Another name, or the answer of a server that works at two commands at once.
        Some(_) | None => where_we_are(session, during).await?,
    };
    let real = real.unwrap_or_else(|| path.clone());
    session.standing = Some(Standing { asked: path.clone(), real: real.clone() });
    session.takes_paths |= path.parts().count() > 1;
    Ok(real)
}

/// Asks PWD; `None` where the answer names no place that can be gone to.
///
/// # Errors
/// What befell the connection.
pub async fn where_we_are(session: &mut Session, during: During) -> Result<Option<VPath>> {
    let answer = session.command(during, b"PWD").await?;
    Ok(told_place(session, &answer))
}

/// The place that a reply to PWD names, if it names one.
pub fn told_place(session: &mut Session, answer: &Reply) -> Option<VPath> {
    learn_words(session, answer);
    path_in(answer, session.paths)
}

/// Takes from a reply to PWD how the server writes places, unless that is known.
pub fn learn_words(session: &mut Session, answer: &Reply) {
    let Some(words) = reply::is_ok(answer).then(|| reply::quoted_path(&answer.text)).flatten() else { return };
    if !session.paths.is_unix() || words.starts_with(b"/") {
        return;
    }
    session.paths = Paths::of(session.features.system(), &words);
    if !session.paths.is_unix() {
        // Files go by their names from where they are: the next command waits for the one before.
        session.pace.be_careful();
    }
}

/// The path that a reply to PWD names.
pub fn path_in(answer: &Reply, paths: Paths) -> Option<VPath> {
    let words = reply::is_ok(answer).then(|| reply::quoted_path(&answer.text)).flatten()?;
    paths.read(&words)
}
