//! Data connections with TLS: the handshake runs while the reply to the command is awaited.
//!
//! Some servers do the handshake before they say 150 (ProFTPD), some after it (vsftpd, pure-ftpd): whoever waited for one before the other would
//! wait for ever with half of them. Guarantee: a handshake that fails after the 150 leaves the session in step, with the server's words about it.

use std::pin::pin;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::session::Session;
use super::super::tls::Security;
use super::super::{limits, reply};
use super::channel::Channel;
use super::pipe::Line;
use super::{Hindrance, Order, Tried, judge, set_offset};
use crate::model::{During, Failure, FailureKind, Reply};

/// Does the handshake on a connection that was made.
pub async fn shake(security: Security, tcp: TcpStream, during: During) -> Result<Line, Failure> {
    let shaken = security.data(tcp).await;
    shaken
        .map(|stream| Line::Secure(Channel::new(stream)))
        .map_err(|error| Failure::new(FailureKind::Transient, during, format!("data connection: {error}")))
}

/// Gives the command, and makes the data connection meanwhile.
pub async fn begin<T>(session: &mut Session, order: &Order<'_>, making: impl Future<Output = Result<T, Failure>>) -> Tried<(T, Reply)> {
    set_offset(session, order).await?;
    session.send_all(order.during, &[order.line])?;
    session.absorb(order.during).await?;
    let limit = session.limits.reply;
    let stop = session.stop.clone();
    let most = session.limits.connect + limit;
    let bounded = async {
        tokio::select! {
            biased;
            made = making => made,
            () = stop.cancelled() => Err(Failure::cancelled(order.during)),
            () = tokio::time::sleep(most) => Err(too_long(order.during, most)),
        }
    };
    let mut making = pin!(bounded);
    let mut made = None;
    let first = loop {
        tokio::select! {
            biased;
            outcome = &mut making, if made.is_none() => match outcome {
                Ok(line) => made = Some(line),
                Err(failure) => return Err(not_made(session, order, failure).await),
            },
            reply = session.next_reply(order.during, limit) => break reply?,
        }
    };
    let first = judge(session, order, first)?;
    let line = match made {
        Some(line) => line,
        None => match making.await {
            Ok(line) => line,
            Err(failure) if reply::is_preliminary(&first) => return Err(not_made(session, order, failure).await),
            Err(failure) => return Err(Hindrance::NoConnection(failure)),
        },
    };
    Ok((line, first))
}

fn too_long(during: During, limit: std::time::Duration) -> Failure {
    Failure::new(FailureKind::TimedOut, during, format!("no data connection with TLS within {} s", limit.as_secs()))
}

/// The data connection was not made and the command is under way: waits for the server's words about it, or stops it.
pub async fn not_made(session: &mut Session, order: &Order<'_>, failure: Failure) -> Hindrance {
    if session.stop.is_cancelled() {
        session.get_in_step().await;
        return Hindrance::Final(Failure::cancelled(order.during));
    }
    session.log.trouble(format!("no TLS on the data connection: {failure}"));
    let limit = limits::LAST_WORDS.min(session.limits.reply);
    // The shorter limit is the one that leaves the session as it is.
    match timeout(limit, last_words(session, order.during, limit * 2)).await {
        Ok(Some(answer)) if answer.code >= 400 => {
            let refused = session.refused(order.during, order.path.as_bytes(), answer);
            if refused.reply.as_ref().is_some_and(|reply| matches!(reply.code, 425 | 426 | 522)) {
                return Hindrance::NoConnection(Failure { detail: failure.detail, ..refused });
            }
            Hindrance::Final(refused)
        }
        // It believes that it has sent or received something.
        Ok(_) => Hindrance::NoConnection(failure),
        Err(_) => {
            session.get_in_step().await;
            Hindrance::NoConnection(failure)
        }
    }
}

/// The reply that ends the command; `None` where the connection is lost.
async fn last_words(session: &mut Session, during: During, limit: std::time::Duration) -> Option<Reply> {
    loop {
        let answer = session.next_reply(during, limit).await.ok()?;
        if !reply::is_preliminary(&answer) {
            return Some(answer);
        }
    }
}
