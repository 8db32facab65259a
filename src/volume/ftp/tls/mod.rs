//! TLS on control and data connections (RFC 4217), by rustls.
//!
//! Guarantee: what a control connection has shown of its certificate, all its data connections show as well, or they fail. One
//! configuration with its own tickets serves one control connection and its data connections, which is how servers that want the data
//! connection to resume the control connection's session know that both come from one client (vsftpd's `require_ssl_reuse`, ProFTPD,
//! FileZilla Server). Only this module names rustls.

mod certificate;
mod settings;
mod stream;
mod tickets;
mod verify;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, HandshakeKind, InvalidMessage, PeerIncompatible, ProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub use self::settings::Settings;
pub use self::stream::Stream;
use self::tickets::Tickets;
use self::verify::Verifier;
use crate::model::opened::{Encrypted, Trusted};
use crate::model::{During, Failure, FailureKind, TlsVersion};
use crate::volume::Result;

/// So many data connections for small files show that there will be more.
const MANY: u32 = 24;
/// How much an upload may have encrypted and not yet sent.
const SEND_BUFFER: usize = 512 * 1024;

/// What a control connection and its data connections have in common; cheap to clone.
#[derive(Debug, Clone)]
pub struct Security(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    tickets: Arc<Tickets>,
    verifier: Arc<Verifier>,
    /// Whether TLS 1.2 would be spoken, too.
    may_be_older: bool,
    /// Whether TLS was there from the first byte.
    implicit: bool,
    /// Whether the control connection speaks TLS 1.3.
    is_13: AtomicBool,
    /// Whether the last data connection had a ticket to show.
    offered: AtomicBool,
    /// Whether the last data connection resumed the session.
    resumed: AtomicBool,
    /// Whether the session is to be begun anew with TLS 1.2.
    wants_older: AtomicBool,
    /// How many data connections there were.
    count: AtomicU32,
}

impl Security {
    /// Does the handshake on a control connection.
    ///
    /// # Errors
    /// `Certificate` with the one that is not to be trusted; `Tls` for all else.
    pub async fn control(&self, tcp: TcpStream) -> Result<Stream> {
        let connector = TlsConnector::from(Arc::clone(&self.0.config));
        match connector.connect(self.0.name.clone(), tcp).await {
            Ok(stream) => {
                let is_13 = stream.get_ref().1.protocol_version() == Some(ProtocolVersion::TLSv1_3);
                self.0.is_13.store(is_13, Ordering::Relaxed);
                Ok(Stream::secure(stream))
            }
            Err(error) => Err(self.refusal(&error)),
        }
    }

    /// Does the handshake on a data connection.
    ///
    /// # Errors
    /// What befell the connection; a certificate that is not the control connection's.
    pub async fn data(self, tcp: TcpStream) -> io::Result<Stream> {
        let Shared { config, name, tickets, offered, resumed, .. } = &*self.0;
        offered.store(tickets.has_one(), Ordering::Relaxed);
        self.0.count.fetch_add(1, Ordering::Relaxed);
        let connector = TlsConnector::from(Arc::clone(config));
        let stream = connector.connect_with(name.clone(), tcp, |session| session.set_buffer_limit(Some(SEND_BUFFER))).await;
        let stream = stream.map_err(|error| io::Error::new(error.kind(), format!("TLS: {}", words_of(&error))))?;
        resumed.store(stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed), Ordering::Relaxed);
        Ok(Stream::secure(stream))
    }

    /// How the connection is protected, for a person.
    pub fn state(&self) -> Encrypted {
        Encrypted {
            version: if self.0.is_13.load(Ordering::Relaxed) { TlsVersion::V13 } else { TlsVersion::V12 },
            trusted: self.0.verifier.trusted().unwrap_or(Trusted::Unchecked),
            resumed: self.0.resumed.load(Ordering::Relaxed),
        }
    }

    /// Whether TLS was there from the first byte.
    pub fn is_implicit(&self) -> bool {
        self.0.implicit
    }

    /// Whether the server's refusal of a data connection may have to do with TLS 1.3, whose tickets are used up or not counted as the same
    /// session. `says_so`: its words leave no doubt.
    pub fn blames_version(&self, says_so: bool) -> bool {
        let may_help = self.0.may_be_older && self.0.is_13.load(Ordering::Relaxed);
        may_help && (says_so || !self.0.offered.load(Ordering::Relaxed))
    }

    /// Whether the next data connection would have nothing to resume the session by, although the server gives tickets.
    pub fn ran_out(&self) -> bool {
        self.blames_version(true) && self.0.tickets.ran_out()
    }

    /// Whether there were so many data connections that the next ones had better be TLS 1.2's, could they.
    pub fn is_worn(&self) -> bool {
        self.blames_version(true) && self.0.count.load(Ordering::Relaxed) >= MANY
    }

    /// Has the session begun anew with TLS 1.2.
    pub fn want_older(&self) {
        self.0.wants_older.store(true, Ordering::Relaxed);
    }

    /// Whether it is to be.
    pub fn wants_older(&self) -> bool {
        self.0.wants_older.load(Ordering::Relaxed)
    }

    fn refusal(&self, error: &io::Error) -> Failure {
        if let Some(certificate) = self.0.verifier.refused() {
            return Failure::untrusted(certificate);
        }
        let kind = if rustls_error(error).is_some() { FailureKind::Tls } else { FailureKind::Disconnected };
        Failure::new(kind, During::Connect, format!("TLS could not be begun: {}", words_of(error)))
    }
}

fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// What went wrong with a handshake, for a person.
fn words_of(error: &io::Error) -> String {
    use rustls::Error as E;
    match rustls_error(error) {
        Some(E::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion)) => {
            "the server does not speak TLS here".into()
        }
        Some(
            E::AlertReceived(AlertDescription::ProtocolVersion)
            | E::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig),
        ) => "the server offers no version of TLS that is wanted here".into(),
        Some(E::AlertReceived(AlertDescription::HandshakeFailure)) => "the server refuses all that was offered".into(),
        Some(E::AlertReceived(AlertDescription::CertificateRequired)) => "the server wants a certificate of ours".into(),
        Some(E::AlertReceived(alert)) => format!("the server refuses it ({alert:?})"),
        Some(other) => other.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "the server closed the connection".into(),
        None => error.to_string(),
    }
}
