//! What the server is told about TLS once it is spoken (RFC 4217): that data connections have it, and, where a person asks for it, that the
//! control connection does without it after the login.
//!
//! Guarantee: where the control connection has TLS, a server that refuses it on data connections is not used: nothing is moved in the clear.

use super::reply;
use super::session::Session;
use crate::model::{During, Failure, FailureKind, Reply};
use crate::volume::Result;

/// No buffer: TLS does not need one, and the command has to come before PROT (RFC 4217 §8).
const BUFFER: &[u8] = b"PBSZ 0";
/// Data connections are private (RFC 4217 §9).
const PRIVATE: &[u8] = b"PROT P";

/// What to send.
pub fn lines(session: &Session) -> Vec<Vec<u8>> {
    if session.security.is_some() { vec![BUFFER.to_vec(), PRIVATE.to_vec()] } else { Vec::new() }
}

/// Judges the answer to a line, where it is one of [`lines`].
///
/// # Errors
/// `Tls` where data connections would be in the clear.
pub fn check(session: &Session, line: &[u8], answer: &Reply) -> Result<()> {
    let Some(security) = &session.security else { return Ok(()) };
    // What has TLS from the first byte may know no PROT, and has it on data connections without being told.
    let is_implied = security.is_implicit() && reply::is_unknown_command(answer);
    if line != PRIVATE || reply::is_ok(answer) || is_implied {
        return Ok(());
    }
    let detail = "the server refuses TLS for data connections, and files and listings would go in the clear";
    Err(Failure::new(FailureKind::Tls, During::Login, detail).with_reply(session.without_secret(answer.clone())))
}

/// Goes on without TLS on the control connection, where the server agrees; a server that does not keeps it.
pub async fn clear_control(session: &mut Session) -> Result<()> {
    let answer = session.command(During::Login, b"CCC").await?;
    if reply::is_ok(&answer) {
        session.go_clear();
        session.log.step("the control connection goes on without TLS, as was asked for");
    } else {
        session.log.trouble("the server keeps TLS on the control connection");
    }
    Ok(())
}
