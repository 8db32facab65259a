//! The server dials: PORT for IPv4 (RFC 959 §4.1.2), EPRT for IPv6 (RFC 2428 §2) and where PORT is refused.
//!
//! Guarantee: a connection from any other address than the control connection's peer is closed unread, and we keep waiting for the right
//! one until the limit.

use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::super::features::Features;
use super::super::limits;
use super::super::log::Log;
use super::super::reply;
use super::super::session::Session;
use super::{Hindrance, Tried};
use crate::model::{During, Failure, FailureKind};

/// Opens a port of ours and tells the server.
pub async fn listen(session: &mut Session, during: During) -> Tried<TcpListener> {
    let own = |error: std::io::Error| Failure::new(FailureKind::Local, during, format!("cannot open a port: {error}"));
    let listener = session.route.listen(session.local.ip(), during).await.map_err(Hindrance::NoConnection)?;
    let ours = listener.local_addr().map_err(own).map_err(Hindrance::NoConnection)?;
    session.log.step(format!("data connection: active, we listen on {ours}"));
    let address = session.route.announced().map_or(ours, |announced| SocketAddr::new(announced, ours.port()));
    if address != ours {
        session.log.step(format!("the server is told {address}, as was set"));
    }
    let mut refusal = None;
    for line in announcements(address, &session.features) {
        let answer = session.command(during, line.as_bytes()).await?;
        if reply::is_ok(&answer) {
            return Ok(listener);
        }
        if reply::is_unknown_command(&answer) {
            session.refuse(if line.starts_with("PORT") { "PORT" } else { "EPRT" });
        }
        refusal.get_or_insert(answer);
    }
    // Neither is known: next time both are tried again.
    session.allow("PORT");
    session.allow("EPRT");
    let refusal = refusal.map(|answer| session.refused(during, b"", answer));
    Err(Hindrance::NoConnection(refusal.unwrap_or_else(|| Failure::new(FailureKind::Unsupported, during, "no active mode"))))
}

/// The commands that tell a port, in the order to try them: what is known not to be known comes last.
fn announcements(address: SocketAddr, features: &Features) -> Vec<String> {
    let port = address.port();
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            let [high, low] = port.to_be_bytes();
            let mut lines = vec![format!("PORT {a},{b},{c},{d},{high},{low}"), format!("EPRT |1|{ip}|{port}|")];
            if features.is_refused("PORT") {
                lines.reverse();
            }
            lines
        }
        IpAddr::V6(ip) => vec![format!("EPRT |2|{ip}|{port}|")],
    }
}

/// Waits for the server to dial, past strangers. The session may be used meanwhile.
pub fn accept(
    session: &Session,
    listener: TcpListener,
    during: During,
) -> impl Future<Output = Result<(TcpStream, SocketAddr), Failure>> + use<> {
    let door = Door { listener, wanted: session.peer.ip().to_canonical(), log: session.log.clone() };
    let (limit, stop) = (session.limits.idle, session.stop.clone());
    async move {
        let accepted = tokio::select! {
            accepted = timeout(limit, door.wait()) => accepted,
            () = stop.cancelled() => return Err(Failure::cancelled(during)),
        };
        match accepted {
            Ok(Ok(tcp)) => Ok(tcp),
            Ok(Err(error)) => Err(Failure::new(FailureKind::Transient, during, error.to_string())),
            Err(_) => {
                let detail = format!("the server did not dial within {} s", limit.as_secs());
                Err(Failure::new(FailureKind::TimedOut, during, detail).hint("passive mode may work"))
            }
        }
    }
}

/// A port of ours, and who may come in.
struct Door {
    listener: TcpListener,
    wanted: IpAddr,
    log: Log,
}

impl Door {
    async fn wait(&self) -> std::io::Result<(TcpStream, SocketAddr)> {
        let Self { listener, wanted, log } = self;
        for _ in 0..limits::STRANGERS {
            let (tcp, from) = listener.accept().await?;
            if from.ip().to_canonical() == *wanted {
                return Ok((tcp, from));
            }
            log.trouble(format!("refused a data connection from {from}, who is not the server"));
        }
        Err(std::io::Error::other("strangers keep knocking at the data port"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_in_the_words_of_its_family() {
        assert_eq!(
            announcements("127.0.0.1:1025".parse().unwrap(), &Features::default()),
            ["PORT 127,0,0,1,4,1", "EPRT |1|127.0.0.1|1025|"]
        );
        assert_eq!(announcements("[::1]:1025".parse().unwrap(), &Features::default()), ["EPRT |2|::1|1025|"]);
        assert_eq!(announcements("[::ffff:127.0.0.1]:1025".parse().unwrap(), &Features::default()).first().unwrap(), "PORT 127,0,0,1,4,1");
    }
}
