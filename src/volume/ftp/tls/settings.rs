//! From a site's settings to a TLS configuration: versions, our own certificate, whom to trust.
//!
//! Guarantee: files are read once for an opening, before anything is sent; what is wrong with them is a failure that names them.

use std::path::Path;
use std::sync::Arc;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};

use super::tickets::Tickets;
use super::verify::{Trust, Verifier};
use super::{Security, Shared};
use crate::model::{During, Failure, FailureKind, Fingerprint, Identity, Site, TlsPolicy, TlsVersion};
use crate::volume::Result;

/// What TLS is to be like for a site.
#[derive(Debug)]
pub struct Settings {
    provider: Arc<CryptoProvider>,
    name: ServerName<'static>,
    minimum: TlsVersion,
    implicit: bool,
    /// Nothing newer than 1.2.
    older: bool,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    pins: Vec<Fingerprint>,
    roots: Vec<CertificateDer<'static>>,
    unchecked: bool,
}

impl Settings {
    /// Reads what the site names. `older`: nothing newer than TLS 1.2 is wanted, unless the site forbids that.
    ///
    /// # Errors
    /// `Tls` where a file cannot be used, or the host's name cannot be checked.
    pub fn of(site: &Site, older: bool) -> Result<Self> {
        // An address may carry the interface it is reached by (RFC 4007 §11).
        let host = site.host.split('%').next().unwrap_or_default().trim_end_matches('.');
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| trouble(format!("{} is no name that a certificate could be for", site.host)))?;
        let secured = &site.secured;
        Ok(Self {
            provider: Arc::new(ring::default_provider()),
            name,
            minimum: secured.minimum,
            implicit: site.tls == TlsPolicy::Implicit,
            older: older && secured.minimum == TlsVersion::V12,
            identity: secured.identity.as_ref().map(read_identity).transpose()?,
            pins: secured.pins.clone(),
            roots: secured.roots.as_deref().map(read_certificates).transpose()?.unwrap_or_default(),
            unchecked: secured.unchecked,
        })
    }

    /// What one control connection takes, with a store of its own.
    ///
    /// # Errors
    /// `Tls` where the key does not fit its certificate.
    pub fn security(&self) -> Result<Security> {
        let trust = Trust { pins: self.pins.clone(), roots: self.roots.clone(), unchecked: self.unchecked };
        let verifier = Arc::new(Verifier::new(Arc::clone(&self.provider), trust));
        let tickets = Arc::new(Tickets::default());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(self.versions())
            .map_err(|error| trouble(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as _);
        let mut config = match &self.identity {
            Some((chain, key)) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| trouble(format!("the client certificate cannot be used: {error}")))?,
            None => builder.with_no_client_auth(),
        };
        config.resumption = Resumption::store(Arc::clone(&tickets) as _).tls12_resumption(Tls12Resumption::SessionIdOrTickets);
        let may_be_older = !self.older && self.minimum == TlsVersion::V12;
        Ok(Security(Arc::new(Shared {
            config: Arc::new(config),
            name: self.name.clone(),
            tickets,
            verifier,
            may_be_older,
            implicit: self.implicit,
            is_13: false.into(),
            offered: false.into(),
            resumed: false.into(),
            wants_older: false.into(),
            count: 0.into(),
        })))
    }

    fn versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        static NEWER: [&SupportedProtocolVersion; 1] = [&TLS13];
        static OLDER: [&SupportedProtocolVersion; 1] = [&TLS12];
        static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
        match (self.minimum, self.older) {
            (TlsVersion::V13, _) => &NEWER,
            (TlsVersion::V12, true) => &OLDER,
            (TlsVersion::V12, false) => &BOTH,
        }
    }
}

fn trouble(detail: String) -> Failure {
    Failure::new(FailureKind::Tls, During::Connect, detail)
}

fn read_identity(identity: &Identity) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = read_certificates(&identity.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&identity.key)
        .map_err(|error| trouble(format!("the private key in {} cannot be read: {error}", identity.key.display())))?;
    Ok((chain, key))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let cannot = |error: String| trouble(format!("the certificates in {} cannot be read: {error}", path.display()));
    let read = CertificateDer::pem_file_iter(path).map_err(|error| cannot(error.to_string()))?;
    let all = read.collect::<std::result::Result<Vec<_>, _>>().map_err(|error| cannot(error.to_string()))?;
    if all.is_empty() { Err(cannot("there is none in it".into())) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secured;

    #[test]
    fn who_wants_1_3_at_least_is_never_offered_less_whatever_was_learnt() {
        let versions = |minimum, older| {
            let site = Site { secured: Secured { minimum, ..Secured::default() }, ..Site::of_host("127.0.0.1") };
            let settings = Settings::of(&site, older).unwrap();
            settings.versions().iter().map(|version| version.version).collect::<Vec<_>>()
        };
        use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};
        assert_eq!(versions(TlsVersion::V13, true), [TLSv1_3]);
        assert_eq!(versions(TlsVersion::V13, false), [TLSv1_3]);
        assert_eq!(versions(TlsVersion::V12, false), [TLSv1_3, TLSv1_2]);
        assert_eq!(versions(TlsVersion::V12, true), [TLSv1_2]);
    }
}
