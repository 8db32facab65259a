//! A connection of the scripted server, as it is or under TLS.

use super::play::waits;
use crate::support::certs::Cert;
use rustls::crypto::ring;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a client may take for a handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// How TLS is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Manner {
    pub cert: Cert,
    /// Only 1.2, or only 1.3.
    pub version: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    V12,
    V13,
}

pub enum Line {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Line {
    pub fn socket(&self) -> &TcpStream {
        match self {
            Line::Plain(tcp) => tcp,
            Line::Tls(stream) => &stream.sock,
        }
    }

    /// Does the handshake; tells how it went.
    pub fn secure(self, manner: Manner) -> Result<(Line, String), String> {
        let Line::Plain(mut tcp) = self else { return Err("TLS is there already".to_owned()) };
        let mut session = ServerConnection::new(config(manner)).map_err(|error| error.to_string())?;
        let end = Instant::now() + PATIENCE;
        while session.is_handshaking() || session.wants_write() {
            match session.complete_io(&mut tcp) {
                Err(error) if waits(&error) && Instant::now() < end => {}
                Err(error) => return Err(format!("no TLS handshake: {error}")),
                Ok(_) => {}
            }
        }
        let version = if session.protocol_version() == Some(ProtocolVersion::TLSv1_3) { "1.3" } else { "1.2" };
        let kind = if session.handshake_kind() == Some(HandshakeKind::Resumed) { "resumed" } else { "full" };
        Ok((Line::Tls(Box::new(StreamOwned::new(session, tcp))), format!("TLS {version}, {kind}")))
    }

    /// Says that this is all.
    pub fn say_end(&mut self) {
        if let Line::Tls(stream) = self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

impl Read for Line {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        match self {
            Line::Plain(tcp) => tcp.read(block),
            Line::Tls(stream) => stream.read(block),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Line::Plain(tcp) => tcp.write(bytes),
            Line::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Line::Plain(tcp) => tcp.flush(),
            Line::Tls(stream) => stream.flush(),
        }
    }
}

/// One configuration for each manner, so that sessions can be resumed.
fn config(manner: Manner) -> Arc<ServerConfig> {
    static MADE: Mutex<Option<HashMap<Manner, Arc<ServerConfig>>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.get_or_insert_default();
    Arc::clone(made.entry(manner).or_insert_with(|| Arc::new(make(manner))))
}

fn make(manner: Manner) -> ServerConfig {
    let versions: &[&SupportedProtocolVersion] = match manner.version {
        Some(Version::V12) => &[&TLS12],
        Some(Version::V13) => &[&TLS13],
        None => &[&TLS13, &TLS12],
    };
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![manner.cert.der()], manner.cert.key_der())
        .unwrap()
}
