//! Names that are not UTF-8, on servers that take every name for UTF-8.
//!
//! pyftpdlib 2.2.0 and libunftp 0.24 put U+FFFD in the place of each byte that makes no sense to them, say 226, and find the file by its old name all
//! the same: two names become one, and the second file replaces the first. Guarantee: nothing is written or made under such a name before
//! the server was asked, by a directory of such a name, what it does with it; where its reply shows the name changed, that is refused. Where it
//! shows nothing, since it makes no such directory or its 257 does not repeat the name, names are taken to be kept. The directory is
//! deleted at once; where the server refuses that, the log tells where it was left, and so does the refusal.

use super::directory;
use super::reply;
use super::session::Session;
use crate::model::text::printable;
use crate::model::{During, Failure, FailureKind, Name, VPath};
use crate::volume::Result;

/// The name under which [`super::features`] remembers that bytes are changed.
const RAW_NAMES: &str = "names that are not UTF-8";
/// What stands in the place of a byte: U+FFFD.
const REPLACED: &[u8] = "\u{fffd}".as_bytes();

/// Whether a name can be given to something: asked of the server once a session, where the name is not UTF-8.
///
/// # Errors
/// That it would be another name, or what befell the connection.
pub async fn check(session: &mut Session, path: &VPath, during: During) -> Result<()> {
    if path.name().is_none_or(|name| std::str::from_utf8(name.as_bytes()).is_ok()) {
        return Ok(());
    }
    if !session.keeps_bytes && !session.features.is_refused(RAW_NAMES) && session.paths.is_unix() {
        let mut left = None;
        session.keeps_bytes = Box::pin(keeps(session, path, during, &mut left)).await?;
        if !session.keeps_bytes {
            session.refuse(RAW_NAMES);
        }
        if let (false, Some(left)) = (session.keeps_bytes, left) {
            let left = printable(left.as_bytes()).into_owned();
            return Err(
                changed(path, during).hint(format!("another name would do; {left} was made to find that out and could not be deleted"))
            );
        }
    }
    if session.keeps_bytes || !session.features.is_refused(RAW_NAMES) {
        return Ok(());
    }
    Err(changed(path, during).hint("another name would do"))
}

fn changed(path: &VPath, during: During) -> Failure {
    let detail = "the server takes names for UTF-8, which this one is not, and would give it another";
    Failure::new(FailureKind::Invalid, during, detail).about(path.as_bytes())
}

/// Makes a directory beside, and deletes it again. Only a reply that shows the name otherwise than it was sent tells that it is changed (RFC 959
/// §5.4 has 257 tell the name): a server that makes no such directory may take such a file all the same. What could not be deleted is `left`.
async fn keeps(session: &mut Session, path: &VPath, during: During, left: &mut Option<VPath>) -> Result<bool> {
    let own = format!(".ftpane-{}-{}-", std::process::id(), session.log.connection());
    let (Ok(name), Some(parent)) = (Name::new([own.as_bytes(), b"\xe9"].concat()), path.parent()) else { return Ok(true) };
    let probe = parent.join(&name);
    let line = directory::address(session, "MKD", &probe, during).await?;
    let made = session.command(during, &line).await?;
    if !reply::is_ok(&made) {
        return Ok(true);
    }
    let line = directory::address(session, "RMD", &probe, during).await?;
    let deleted = session.command(during, &line).await?;
    if !reply::is_ok(&deleted) {
        session.log.trouble([b"made to find out about names, and could not be deleted: ", probe.as_bytes()].concat());
        *left = Some(probe);
    }
    Ok(!made.text.windows(REPLACED.len()).any(|part| part == REPLACED))
}
