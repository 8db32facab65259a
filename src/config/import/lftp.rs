//! lftp's bookmarks: a name and a URL on each line.

use crate::model::Site;
use crate::model::url::{FtpUrl, UrlError};

use super::{Bad, Found, Import, tame};

/// Reads the file.
pub(super) fn parse(text: &str) -> Result<Import, Bad> {
    let mut import = Import::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, url) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let url = url.trim();
        let with_scheme = if url.contains("://") { url.to_owned() } else { format!("ftp://{url}") };
        // What is left is told without the URL, which may hold a password.
        match FtpUrl::parse(with_scheme.as_bytes()) {
            Ok(url) => {
                let site = Site { name: tame(name), ..url.to_site() };
                import.found(Found { site, secret: url.password, notes: Vec::new() })?;
            }
            Err(UrlError::UnknownScheme(scheme)) => import.left(tame(name), format!("{scheme}:// is not spoken here")),
            Err(error) => import.left(tame(name), error.to_string()),
        }
    }
    Ok(import)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::site::StartDir;
    use crate::model::{Secret, TlsPolicy, VPath};

    #[test]
    fn bookmarks_come_over_with_what_their_urls_hold() {
        let import = parse(
            "work\tftp://al%40ice:hun%3Ater2@ftp.example.org:2121/%2Fwww/a%20b/\nbare ftp.example.org\n\nsecure\tftps://h/pub\nssh\tsftp://u:hunter3@h/\nbad ftp://h:0/\nnone\n",
        )
        .unwrap();
        let work = &import.sites[0];
        assert_eq!((work.site.name.as_str(), work.site.user.as_deref(), work.site.port), ("work", Some("al@ice"), Some(2121)));
        assert_eq!(work.site.start, StartDir::Absolute(VPath::parse(b"/www/a b").unwrap()));
        assert_eq!(work.secret, Some(Secret::new("hun:ter2")));
        assert_eq!((import.sites[1].site.host.as_str(), &import.sites[1].site.user), ("ftp.example.org", &None));
        assert_eq!(import.sites[2].site.tls, TlsPolicy::Implicit);
        let left: Vec<_> = import.left.iter().map(|left| left.name.as_str()).collect();
        assert_eq!(left, ["ssh", "bad", "none"]);
        assert!(!format!("{import:?}").contains("hunter3"));
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "(\\PC|\\s|ftp://|:|@|%){0,40}") {
            let _ = parse(&text);
        }
    }
}
