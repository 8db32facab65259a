//! What the options say of TLS, and how a certificate that was refused is told.
//!
//! Guarantee: a demand for TLS, by the URL, the site or an option, stays a demand: two that contradict each other are wrong usage, before
//! anything is sent.

use std::path::{Path, PathBuf};

use crate::model::words::Word as _;
use crate::model::{Certificate, Failure, Fingerprint, Identity, Site, TlsPolicy, TlsVersion};

use super::args::Common;
use super::stop::Stop;

/// The options.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    tls: Option<TlsPolicy>,
    minimum: Option<TlsVersion>,
    roots: Option<PathBuf>,
    trust: Option<Fingerprint>,
    insecure: bool,
    identity: Option<Identity>,
    ccc: bool,
}

impl TlsOptions {
    /// Takes them from the command line.
    pub fn of(common: &Common) -> Self {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let key = common.client_key.as_ref().or(common.client_cert.as_ref());
        Self {
            tls: common.tls,
            minimum: common.tls_min,
            roots: common.cacert.as_ref().map(absolute),
            trust: common.trust,
            insecure: common.insecure,
            identity: common.client_cert.as_ref().zip(key).map(|(cert, key)| Identity { certificate: absolute(cert), key: absolute(key) }),
            ccc: common.ccc,
        }
    }

    /// Those of `--tls=off`.
    #[cfg(test)]
    pub fn off() -> Self {
        Self { tls: Some(TlsPolicy::Off), ..Self::default() }
    }

    /// The option that means nothing without TLS, where there is one.
    fn asking(&self) -> Option<&'static str> {
        let given = [
            (self.roots.is_some(), "--cacert"),
            (self.trust.is_some(), "--trust"),
            (self.insecure, "--insecure"),
            (self.identity.is_some(), "--client-cert"),
            (self.minimum.is_some(), "--tls-min"),
            (self.ccc, "--ccc"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }

    /// What is asked of TLS for a site.
    ///
    /// # Errors
    /// Exit 2 where two demands contradict each other.
    pub fn policy(&self, site: &Site) -> Result<TlsPolicy, Stop> {
        let wanted = match (site.tls, self.tls) {
            (policy, None) => policy,
            (TlsPolicy::Auto | TlsPolicy::Off, Some(option)) => option,
            // Implicit is no less than required.
            (policy, Some(TlsPolicy::Auto | TlsPolicy::Required)) => policy,
            (policy, Some(option)) if policy == option => policy,
            (policy, Some(option)) => {
                let (title, option) = (site.title(), option.word());
                return Err(Stop::usage(format!(
                    "--tls={option} contradicts {title}, for which TLS is {}; leave one of them out",
                    policy.word()
                )));
            }
        };
        match (wanted, self.asking()) {
            (TlsPolicy::Off, Some(option)) => {
                Err(Stop::usage(format!("{option} asks for TLS, which is switched off for {}", site.title())))
            }
            // Who says how the certificate is to be checked does not want the password to go out in the clear.
            (TlsPolicy::Auto, Some(_)) => Ok(TlsPolicy::Required),
            (wanted, _) => Ok(wanted),
        }
    }

    /// Puts the options on a site.
    ///
    /// # Errors
    /// As [`TlsOptions::policy`].
    pub fn put_on(&self, site: &mut Site) -> Result<(), Stop> {
        site.tls = self.policy(site)?;
        let secured = &mut site.secured;
        secured.minimum = self.minimum.unwrap_or(secured.minimum);
        secured.unchecked |= self.insecure;
        secured.clear_control |= self.ccc;
        if let Some(roots) = &self.roots {
            secured.roots = Some(roots.clone());
        }
        if let Some(identity) = &self.identity {
            secured.identity = Some(identity.clone());
        }
        if let Some(trust) = self.trust.filter(|trust| !secured.pins.contains(trust)) {
            secured.pins.push(trust);
        }
        Ok(())
    }

    /// Checks that the files can be read, so that a wrong name is wrong usage rather than a failed connection.
    ///
    /// # Errors
    /// Exit 2.
    pub fn check(&self) -> Result<(), Stop> {
        if let (Some(TlsPolicy::Off), Some(option)) = (self.tls, self.asking()) {
            return Err(Stop::usage(format!("{option} asks for TLS, and --tls=off asks for none; leave one of them out")));
        }
        let identity = self.identity.iter().flat_map(|identity| [&identity.certificate, &identity.key]);
        self.roots.iter().chain(identity).try_for_each(|path| readable(path))
    }
}

fn readable(path: &Path) -> Result<(), Stop> {
    let cannot = |error| Stop::usage(format!("cannot read {}: {error}", path.display()));
    std::fs::File::open(path).map(drop).map_err(cannot)
}

/// What a refused certificate says of itself, a row a line, and the option that would trust it.
pub fn refused(failure: &Failure, certificate: &Certificate) -> String {
    let mut text = failure.to_string();
    for (word, value) in certificate.rows() {
        text.push_str(&format!("\n  {word}: {value}"));
    }
    let fingerprint = certificate.fingerprint;
    let whether = if certificate.is_changed() {
        "it has changed, which is what somebody in between would bring about; ask who runs the server, and only then"
    } else {
        "compare it with what the server's owner gives, and then"
    };
    text.push_str(&format!("\n{whether} trust it by --trust {fingerprint}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(site: TlsPolicy, options: TlsOptions) -> Option<TlsPolicy> {
        options.policy(&Site { tls: site, ..Site::of_host("h") }).ok()
    }

    #[test]
    fn a_demand_for_tls_stays_one_whatever_the_options_say() {
        use TlsPolicy::{Auto, Implicit, Off, Required};
        let of = |tls| TlsOptions { tls: Some(tls), ..TlsOptions::default() };
        for (site, option, expected) in [
            (Auto, Off, Some(Off)),
            (Auto, Required, Some(Required)),
            (Off, Auto, Some(Auto)),
            (Required, Auto, Some(Required)),
            (Required, Off, None),
            (Required, Implicit, None),
            (Implicit, Required, Some(Implicit)),
            (Implicit, Off, None),
        ] {
            assert_eq!(policy(site, of(option)), expected, "{site:?} {option:?}");
        }
    }

    #[test]
    fn an_option_about_certificates_asks_for_tls() {
        let insecure = || TlsOptions { insecure: true, ..TlsOptions::default() };
        assert_eq!(policy(TlsPolicy::Auto, insecure()), Some(TlsPolicy::Required));
        assert_eq!(policy(TlsPolicy::Off, insecure()), None);
        assert!(TlsOptions { tls: Some(TlsPolicy::Off), ..insecure() }.check().is_err());
    }
}
