//! The working directory: where the server stands, and what it calls that place.

use super::reply;
use super::session::{Session, Standing, with_path};
use crate::model::{During, VPath};
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
    let answer = session.must(during, path.as_bytes(), &with_path("CWD", path)).await?;
    // pyftpdlib, pure-ftpd: the reply names the directory, which saves the question.
    let is_named = reply::quoted_path(&answer.text).is_some_and(|named| named == path.as_bytes())
        || answer.text.strip_suffix(path.as_bytes()).is_some_and(|before| before.ends_with(b" "));
    let real = if is_named { path.clone() } else { where_we_are(session, during).await?.unwrap_or_else(|| path.clone()) };
    session.standing = Some(Standing { asked: path.clone(), real: real.clone() });
    Ok(real)
}

/// Asks PWD; `None` where the answer is no absolute Unix path.
///
/// # Errors
/// What befell the connection.
pub async fn where_we_are(session: &mut Session, during: During) -> Result<Option<VPath>> {
    let answer = session.command(during, b"PWD").await?;
    if !reply::is_ok(&answer) {
        return Ok(None);
    }
    let path = reply::quoted_path(&answer.text).filter(|path| path.starts_with(b"/"));
    Ok(path.and_then(|path| VPath::parse(&path).ok()))
}
