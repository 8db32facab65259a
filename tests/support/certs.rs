//! Certificates made for a test: an authority, what it signs, and what it never would.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key, both in PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cert {
    /// For 127.0.0.1, ::1 and localhost, signed by the authority.
    Good,
    /// The same, by nobody but itself.
    Own,
    /// Signed by the authority, for another name.
    Other,
    /// Signed by the authority, in the last century.
    Expired,
    /// A client's, signed by the authority.
    Client,
}

impl Cert {
    const ALL: [Cert; 5] = [Cert::Good, Cert::Own, Cert::Other, Cert::Expired, Cert::Client];

    fn name(self) -> &'static str {
        match self {
            Cert::Good => "good",
            Cert::Own => "own",
            Cert::Other => "other",
            Cert::Expired => "expired",
            Cert::Client => "client",
        }
    }

    /// The one of this name.
    pub fn of(name: &str) -> Option<Cert> {
        Cert::ALL.into_iter().find(|cert| cert.name() == name)
    }

    /// The certificate's file.
    pub fn cert(self) -> PathBuf {
        dir().join(format!("{}.pem", self.name()))
    }

    /// The key's file.
    pub fn key(self) -> PathBuf {
        dir().join(format!("{}.key", self.name()))
    }

    /// Key and certificate in one file, as pure-ftpd and pyftpdlib want them.
    pub fn both(self) -> PathBuf {
        dir().join(format!("{}.both", self.name()))
    }

    /// The certificate in DER.
    pub fn der(self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.cert()).unwrap()
    }

    /// The key in DER.
    pub fn key_der(self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_file(self.key()).unwrap()
    }
}

/// As a person is shown it: the SHA-256 of the DER, by the tool that everybody uses.
pub fn fingerprint(cert: Cert) -> String {
    let shown = Command::new("openssl").args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]).arg(cert.cert()).output().unwrap();
    String::from_utf8(shown.stdout).unwrap().trim().split('=').nth(1).expect("openssl shows a fingerprint").to_owned()
}

/// The authority's certificate.
pub fn authority() -> PathBuf {
    dir().join("authority.pem")
}

/// Where they are, made by whichever test comes first.
fn dir() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("certificates-1");
    if !dir.is_dir() {
        let fresh = tempfile::Builder::new().prefix("certificates-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        make(fresh.path());
        // Servers read them before they give up their rights; nobody else is to.
        fs::set_permissions(fresh.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        // Another test may have been as fast.
        let _ = fs::rename(fresh.path(), &dir);
    }
    dir
}

fn make(dir: &Path) {
    let mut params = named("ftpane test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(dir.join("authority.pem"), authority.pem()).unwrap();
    let here = || [SanType::IpAddress(Ipv4Addr::LOCALHOST.into()), SanType::IpAddress(Ipv6Addr::LOCALHOST.into()), dns("localhost")];
    for cert in Cert::ALL {
        let params = match cert {
            Cert::Good => for_names("ftpane test server", &here()),
            Cert::Own => for_names("ftpane own", &here()),
            Cert::Other => for_names("ftpane other", &[dns("other.example")]),
            Cert::Expired => {
                let mut params = for_names("ftpane expired", &here());
                params.not_before = rcgen::date_time_ymd(1998, 1, 1);
                params.not_after = rcgen::date_time_ymd(1999, 1, 1);
                params
            }
            Cert::Client => {
                let mut params = named("ftpane client");
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                params
            }
        };
        let signer: Option<&Issuer<'_, KeyPair>> = (cert != Cert::Own).then_some(&authority);
        write(dir, cert, &params, signer);
    }
}

fn write(dir: &Path, cert: Cert, params: &CertificateParams, signer: Option<&Issuer<'_, KeyPair>>) {
    let key = KeyPair::generate().unwrap();
    let made = match signer {
        Some(authority) => params.signed_by(&key, authority),
        None => params.self_signed(&key),
    };
    let (pem, key) = (made.unwrap().pem(), key.serialize_pem());
    for (end, text) in [("pem", pem.clone()), ("key", key.clone()), ("both", key + &pem)] {
        let path = dir.join(format!("{}.{end}", cert.name()));
        fs::write(&path, text).unwrap();
        // As servers want keys.
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "ftpane tests");
    params
}

fn for_names(name: &str, names: &[SanType]) -> CertificateParams {
    let mut params = named(name);
    params.subject_alt_names = names.to_vec();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}
