//! We dial: EPSV (RFC 2428), PASV where that is refused or leads nowhere.
//!
//! Guarantee: only the peer of the control connection is dialled, on the port that it named; the address in a 227 is not even read, since a
//! server could send us to somebody else with it.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::super::route::Route;
use super::super::session::{Port, Session};
use super::super::{refusal, reply};
use super::{Hindrance, Order, Tried, brisk};
use crate::model::{During, Failure, FailureKind, Reply};

/// Dials a port: the one that was asked for ahead, else the one that it asks for.
pub async fn dial(session: &mut Session, during: During) -> Tried<(TcpStream, SocketAddr)> {
    if session.learnt.no_epsv {
        // It may have been learnt over IPv4 of a server that has both: 227 names no other addresses (RFC 2428 §1).
        let is_v6 = session.peer.ip().to_canonical().is_ipv6();
        let tried = pasv(session, during).await;
        session.learnt.no_epsv = !is_v6 || tried.is_ok();
        return match tried {
            // Or of another version of the server.
            Err(Hindrance::NoConnection(failure)) if (is_v6 || failure.kind == FailureKind::Unsupported) && !session.is_lost() => {
                session.learnt.no_epsv = false;
                Box::pin(by_epsv(session, during)).await
            }
            outcome => outcome,
        };
    }
    by_epsv(session, during).await
}

async fn by_epsv(session: &mut Session, during: During) -> Tried<(TcpStream, SocketAddr)> {
    let asked = match session.take_port() {
        Some(port) => Ok(port),
        None => {
            let answer = session.command(during, b"EPSV").await?;
            reply::epsv_port(&answer.text).filter(|_| answer.code == 229).map(Port::now).ok_or(answer)
        }
    };
    let is_refused = asked.as_ref().is_err_and(|answer| answer.code >= 500);
    let failure = match asked {
        Ok(port) => match connect(session, port, during).await {
            Ok(tcp) => return Ok(tcp),
            Err(failure) => failure,
        },
        Err(answer) => no_port(session, answer, during),
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

/// PRET, for servers that choose by it which of their machines the data comes from (drftpd, glftpd): what the port is for, before it is
/// asked for.
pub async fn announce(session: &mut Session, order: &Order<'_>) -> Tried<()> {
    let answer = session.command(order.during, &[b"PRET ", order.line].concat()).await?;
    if reply::is_unknown_command(&answer) {
        session.refuse("PRET");
        return Ok(());
    }
    if answer.code >= 400 { Err(Hindrance::Final(session.refused(order.during, order.path.as_bytes(), answer))) } else { Ok(()) }
}

async fn pasv(session: &mut Session, during: During) -> Tried<(TcpStream, SocketAddr)> {
    // Only where PASV is what is asked ahead can there be such a port.
    let port = match session.take_port() {
        Some(port) => port,
        None => {
            let answer = session.command(during, b"PASV").await?;
            let told = reply::pasv_port(&answer.text).filter(|_| answer.code == 227).map(Port::now);
            told.ok_or_else(|| Hindrance::NoConnection(no_port(session, answer, during)))?
        }
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

async fn connect(session: &Session, port: Port, during: During) -> Result<(TcpStream, SocketAddr), Failure> {
    Call::of(session, port, during).dial(&session.stop).await
}

/// Where to dial, without the session, which may have replies to read meanwhile.
#[derive(Debug)]
pub struct Call {
    route: Route,
    address: SocketAddr,
    /// The connection, where it was begun.
    early: Option<std::net::TcpStream>,
    limit: Duration,
    during: During,
}

impl Call {
    /// The control connection's peer, on a port that it named.
    pub fn of(session: &Session, port: Port, during: During) -> Self {
        let limit = match session.route.tunnel() {
            // The proxy dials for us, and then has to say so.
            Some(_) => session.limits.connect + session.limits.reply,
            None => session.limits.connect,
        };
        let address = SocketAddr::new(session.peer.ip(), port.number);
        Self { route: session.route.clone(), address, early: port.early, limit, during }
    }

    /// With as much time again as a reply may take: some servers do the TLS handshake when they have opened the file.
    pub fn with_handshake(self, session: &Session) -> Self {
        Self { limit: self.limit + session.limits.reply, ..self }
    }

    /// Where to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Dials.
    ///
    /// # Errors
    /// What befell the connection; `stop` ends the attempt.
    pub async fn dial(mut self, stop: &CancellationToken) -> Result<(TcpStream, SocketAddr), Failure> {
        let making = self.make();
        self.within(making, (stop, Duration::ZERO)).await
    }

    /// The connection, without a limit: the one that was begun, else a new one.
    pub fn make(&mut self) -> impl Future<Output = std::io::Result<TcpStream>> + use<> {
        let (route, address, early) = (self.route.clone(), self.address, self.early.take());
        async move {
            if let Some(tcp) = early {
                return brisk::connected(tcp).await;
            }
            if route.is_straight() { TcpStream::connect(address).await } else { Box::pin(route.data(address.ip(), address.port())).await }
        }
    }

    /// Waits for a connection that is being made, so much longer where it is stopped meanwhile.
    ///
    /// # Errors
    /// As [`Call::dial`].
    pub async fn within<T>(
        self,
        making: impl Future<Output = std::io::Result<T>>,
        (stop, longer): (&CancellationToken, Duration),
    ) -> Result<(T, SocketAddr), Failure> {
        let Self { route, address, limit, during, .. } = self;
        let mut making = pin!(making);
        let dialled = async {
            tokio::select! {
                biased;
                dialled = timeout(limit, &mut making) => return dialled,
                () = stop.cancelled() => {}
            }
            timeout(longer, making).await.or_else(|_| Ok(Err(std::io::Error::other("cancelled"))))
        };
        // Through a proxy the address is its own, with the server's port: the server is where the connection goes.
        let to = route.tunnel().map_or_else(|| address.to_string(), |_| route.server(address.port()));
        match dialled.await {
            Ok(Ok(tcp)) => Ok((tcp, address)),
            Ok(Err(error)) => Err(Failure::new(FailureKind::Transient, during, format!("data connection to {to}: {error}"))),
            Err(_) => {
                let detail = format!("data connection to {to}: no answer within {} s", limit.as_secs());
                Err(Failure::new(FailureKind::TimedOut, during, detail))
            }
        }
    }
}
