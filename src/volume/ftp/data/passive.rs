//! We dial: EPSV (RFC 2428), PASV where that is refused or leads nowhere.
//!
//! Guarantee: only the peer of the control connection is dialled, on the port that it named; the address in a 227 is not even read, since a
//! server could send us to somebody else with it.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::session::Session;
use super::super::{refusal, reply};
use super::{Hindrance, Tried};
use crate::model::{During, Failure, FailureKind, Reply};

/// Asks for a port and dials it.
pub async fn dial(session: &mut Session, during: During) -> Tried<TcpStream> {
    if session.learnt.no_epsv {
        return pasv(session, during).await;
    }
    let answer = session.command(during, b"EPSV").await?;
    let is_refused = answer.code >= 500;
    let failure = match reply::epsv_port(&answer.text).filter(|_| answer.code == 229) {
        Some(port) => match connect(session, port, during).await {
            Ok(tcp) => return Ok(tcp),
            Err(failure) => failure,
        },
        None => no_port(session, answer, during),
    };
    if !is_refused {
        session.log.trouble(format!("EPSV led nowhere: {failure}"));
    }
    match pasv(session, during).await {
        Ok(tcp) => {
            session.learnt.no_epsv = true;
            Ok(tcp)
        }
        // The first failure tells more where PASV is not even known.
        Err(Hindrance::NoConnection(second)) if second.kind == FailureKind::Unsupported => Err(Hindrance::NoConnection(failure)),
        other => other,
    }
}

async fn pasv(session: &mut Session, during: During) -> Tried<TcpStream> {
    let answer = session.command(during, b"PASV").await?;
    let Some(port) = reply::pasv_port(&answer.text).filter(|_| answer.code == 227) else {
        return Err(Hindrance::NoConnection(no_port(session, answer, during)));
    };
    connect(session, port, during).await.map_err(Hindrance::NoConnection)
}

/// The failure for a reply without a port that can be dialled.
fn no_port(session: &Session, answer: Reply, during: During) -> Failure {
    if reply::is_ok(&answer) {
        let detail = "the reply names no port that can be dialled";
        return Failure::new(FailureKind::Protocol, during, detail).with_reply(session.without_secret(answer));
    }
    let kind = refusal::kind(&answer);
    let mut failure = session.refused(during, b"", answer);
    failure.kind = kind;
    failure
}

async fn connect(session: &Session, port: u16, during: During) -> Result<TcpStream, Failure> {
    let address = SocketAddr::new(session.peer.ip(), port);
    let limit = session.limits.connect;
    let dialled = async {
        tokio::select! {
            dialled = timeout(limit, TcpStream::connect(address)) => dialled,
            () = session.stop.cancelled() => Ok(Err(std::io::Error::other("cancelled"))),
        }
    };
    match dialled.await {
        Ok(Ok(tcp)) => Ok(tcp),
        Ok(Err(error)) => Err(Failure::new(FailureKind::Transient, during, format!("data connection to {address}: {error}"))),
        Err(_) => {
            let detail = format!("data connection to {address}: no answer within {} s", limit.as_secs());
            Err(Failure::new(FailureKind::TimedOut, during, detail))
        }
    }
}
