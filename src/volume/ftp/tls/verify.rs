//! Whether a server's certificate is to be trusted.
//!
//! Guarantee: a certificate that was pinned is trusted whoever signed it, and then no other one is, not even one that the system trusts. Without
//! a pin it must lead to a root of the system (or of the file that was given), be for the server's name, and be in its time. Data connections
//! show the control connection's certificate. The check itself never asks anybody: what was refused is kept, to be shown and decided on.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier as PlatformVerifier;

use super::certificate::{describe, fingerprint, is_self_signed, out_of_time};
use crate::model::opened::Trusted;
use crate::model::{Certificate, Fingerprint, Flaw};

/// Whom to trust.
#[derive(Debug, Default)]
pub struct Trust {
    /// Certificates that were pinned.
    pub pins: Vec<Fingerprint>,
    /// Trusted besides the system's roots.
    pub roots: Vec<CertificateDer<'static>>,
    /// Everybody.
    pub unchecked: bool,
}

/// The check for one control connection and its data connections.
#[derive(Debug)]
pub struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// What the control connection showed, and why it was believed.
    accepted: Option<(CertificateDer<'static>, Trusted)>,
    refused: Option<Certificate>,
}

impl Verifier {
    /// A check that has seen nothing yet.
    pub fn new(provider: Arc<CryptoProvider>, trust: Trust) -> Self {
        Self { provider, trust, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The certificate that was refused.
    pub fn refused(&self) -> Option<Certificate> {
        self.seen().refused.clone()
    }

    /// Why the certificate was believed.
    pub fn trusted(&self) -> Option<Trusted> {
        self.seen().accepted.as_ref().map(|(_, why)| *why)
    }

    fn judge(&self, shown: &Shown<'_>) -> Result<Trusted, Vec<Flaw>> {
        let Trust { pins, roots, unchecked } = &self.trust;
        if *unchecked {
            return Ok(Trusted::Unchecked);
        }
        if !pins.is_empty() {
            return if pins.contains(&fingerprint(shown.certificate)) { Ok(Trusted::Pinned) } else { Err(vec![Flaw::Changed]) };
        }
        // A root of its own serves as itself: WebPKI takes no certificate of an authority for a server's.
        let chain = match roots.iter().any(|root| root == shown.certificate) {
            true => Ok(()),
            false => self.check_chain(shown),
        };
        let flaws = shown.flaws(chain.err());
        if flaws.is_empty() { Ok(Trusted::Authority) } else { Err(flaws) }
    }

    fn check_chain(&self, shown: &Shown<'_>) -> Result<(), Error> {
        let check =
            |verifier: &PlatformVerifier| verifier.verify_server_cert(shown.certificate, shown.chain, shown.name, &[], shown.now).map(drop);
        let untrusted = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        if self.trust.roots.is_empty() {
            return platform(&self.provider).map_or_else(|| Err(untrusted()), check);
        }
        let with_more = PlatformVerifier::new_with_extra_roots(self.trust.roots.iter().cloned(), Arc::clone(&self.provider));
        with_more.map_or_else(|_| Err(untrusted()), |verifier| check(&verifier))
    }
}

/// The system's roots, read once; `None` where it has none.
fn platform(provider: &Arc<CryptoProvider>) -> Option<&'static PlatformVerifier> {
    static PLATFORM: OnceLock<Option<PlatformVerifier>> = OnceLock::new();
    PLATFORM.get_or_init(|| PlatformVerifier::new(Arc::clone(provider)).ok()).as_ref()
}

/// What a server shows, to whom it was meant to be, and when.
struct Shown<'a> {
    certificate: &'a CertificateDer<'a>,
    chain: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    now: UnixTime,
}

impl Shown<'_> {
    /// All that is wrong, not only what the check came upon first.
    fn flaws(&self, chain: Option<Error>) -> Vec<Flaw> {
        let described = describe(self.certificate);
        let now = i64::try_from(self.now.as_secs()).unwrap_or(i64::MAX);
        let mut flaws: Vec<Flaw> = chain.as_ref().and_then(|error| flaw(error, is_self_signed(&described))).into_iter().collect();
        flaws.extend(out_of_time(&described, now));
        let name = ParsedCertificate::try_from(self.certificate).and_then(|parsed| verify_server_name(&parsed, self.name));
        if let Err(error) = name {
            flaws.push(match error {
                Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
                    Flaw::OtherName(self.name.to_str().into_owned())
                }
                error => Flaw::Other(error.to_string()),
            });
        }
        // Perhaps it is one of those between it and the root whose time is over.
        if let (true, Some(error)) = (flaws.is_empty(), chain) {
            flaws.push(Flaw::Other(error.to_string()));
        }
        flaws
    }
}

/// What an error of the chain says; `None` for what is found out apart.
fn flaw(error: &Error, is_self_signed: bool) -> Option<Flaw> {
    use CertificateError as E;
    match error {
        Error::InvalidCertificate(
            E::Expired
            | E::ExpiredContext { .. }
            | E::NotValidYet
            | E::NotValidYetContext { .. }
            | E::NotValidForName
            | E::NotValidForNameContext { .. },
        ) => None,
        Error::InvalidCertificate(_) if is_self_signed => Some(Flaw::SelfSigned),
        Error::InvalidCertificate(E::UnknownIssuer) => Some(Flaw::UnknownIssuer),
        other => Some(Flaw::Other(other.to_string())),
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some((accepted, _)) = &self.seen().accepted {
            // Whoever answers at a data port has to be the one who answered at the control port.
            let same = accepted.as_ref() == certificate.as_ref();
            let other = || Error::General("the data connection shows another certificate than the control connection".into());
            return if same { Ok(ServerCertVerified::assertion()) } else { Err(other()) };
        }
        match self.judge(&Shown { certificate, chain, name, now }) {
            Ok(why) => {
                self.seen().accepted = Some((certificate.clone().into_owned(), why));
                Ok(ServerCertVerified::assertion())
            }
            Err(flaws) => {
                let pinned = self.trust.pins.clone();
                self.seen().refused = Some(Certificate { flaws, pinned, ..describe(certificate) });
                Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
