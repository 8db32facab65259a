//! What a certificate says of itself, for a person. Nothing is decided here: what cannot be read is left out.

use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::model::{Certificate, Fingerprint, Flaw};

/// The most names of one certificate that are shown.
const NAMES: usize = 32;

/// The fingerprint.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> Fingerprint {
    Fingerprint(Sha256::digest(certificate.as_ref()).into())
}

/// What it says, with nothing against it yet.
pub fn describe(der: &CertificateDer<'_>) -> Certificate {
    let mut certificate = Certificate {
        subject: String::new(),
        names: Vec::new(),
        issuer: String::new(),
        not_before: None,
        not_after: None,
        fingerprint: fingerprint(der),
        flaws: Vec::new(),
        pinned: Vec::new(),
    };
    let Ok(parsed) = CertificateInner::<Raw>::from_der(der.as_ref()) else { return certificate };
    let content = parsed.tbs_certificate();
    certificate.subject = content.subject().to_string();
    certificate.issuer = content.issuer().to_string();
    let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    certificate.not_before = seconds(content.validity().not_before);
    certificate.not_after = seconds(content.validity().not_after);
    if let Ok(Some((_, names))) = content.get_extension::<SubjectAltName>() {
        certificate.names = names.0.iter().filter_map(name).take(NAMES).collect();
    }
    certificate
}

/// Whether it names itself as its issuer.
pub fn is_self_signed(certificate: &Certificate) -> bool {
    !certificate.subject.is_empty() && certificate.subject == certificate.issuer
}

/// What is wrong with its time, if anything is; `now` in seconds since 1970.
pub fn out_of_time(certificate: &Certificate, now: i64) -> Option<Flaw> {
    if certificate.not_after.is_some_and(|end| now > end) {
        return Some(Flaw::Expired);
    }
    certificate.not_before.is_some_and(|begin| now < begin).then_some(Flaw::NotYetValid)
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string())
}
