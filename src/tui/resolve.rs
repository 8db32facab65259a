//! What was typed as a target, found out: a URL, a local directory, a saved site's name, a host.
//!
//! Asks the disk, which can hang on a network mount: the loop calls it on another thread only.

use std::path::Path;

use crate::app::msg::Resolved;
use crate::config::targets::{Place, Resolver};
use crate::model::site::VolumeSpec;
use crate::model::text::printable;
use crate::model::{Site, VPath};

/// Finds out what `typed` means. What was given on the command line for every server (mode, timeout …) is put on by `dress`.
///
/// # Errors
/// A sentence for a person, safe for the screen.
pub fn resolve(typed: &str, resolver: &Resolver, dress: &dyn Fn(&mut Site)) -> Result<Resolved, String> {
    match resolver.pane(typed.trim().as_bytes()).map_err(|error| error.to_string())? {
        Place::Local(path) => local(&path),
        Place::Remote(place) => {
            let mut site = place.site;
            dress(&mut site);
            Ok(Resolved { spec: VolumeSpec::Ftp(Box::new(site), place.password), path: None })
        }
        Place::Stdio => Err("- is no place for a pane; give a URL, a directory, a site's name or a host".to_owned()),
    }
}

/// A local directory, absolute, its links followed. A file gives the directory that it is in.
///
/// # Errors
/// A sentence for a person, safe for the screen, where there is no such directory.
pub fn local(path: &Path) -> Result<Resolved, String> {
    let cannot = |why: String| format!("cannot open {}: {why}", printable(path.as_os_str().as_encoded_bytes()));
    let real = std::fs::canonicalize(path).map_err(|error| cannot(error.to_string()))?;
    let directory = if real.is_dir() { &real } else { real.parent().unwrap_or(&real) };
    let path = VPath::parse(directory.as_os_str().as_encoded_bytes()).map_err(|bad| cannot(bad.to_string()))?;
    Ok(Resolved { spec: VolumeSpec::Local, path: Some(path) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Paths, SiteStore};

    fn resolver(dir: &Path) -> Resolver {
        Resolver::new(SiteStore::new(&Paths::under(dir)))
    }

    #[test]
    fn a_directory_is_local_and_a_file_means_the_directory_it_is_in() {
        let dir = tempfile::tempdir().unwrap();
        let real = std::fs::canonicalize(dir.path()).unwrap();
        let file = real.join("a.txt");
        std::fs::write(&file, "x").unwrap();
        let here = VPath::parse(real.as_os_str().as_encoded_bytes()).unwrap();
        for typed in [&real, &file] {
            let resolved = resolve(typed.to_str().unwrap(), &resolver(&real), &|_| {}).unwrap();
            assert_eq!(resolved, Resolved { spec: VolumeSpec::Local, path: Some(here.clone()) });
        }
        assert!(resolve("/no/such/place", &resolver(&real), &|_| {}).unwrap_err().contains("/no/such/place"));
    }

    #[test]
    fn what_holds_for_every_server_is_put_on_a_typed_one() {
        let dir = tempfile::tempdir().unwrap();
        let dress = |site: &mut Site| site.timeout = Some(7);
        let resolved = resolve("ftp://bob:pw@example.org/pub", &resolver(dir.path()), &dress).unwrap();
        let VolumeSpec::Ftp(site, password) = resolved.spec else { panic!("{resolved:?}") };
        assert_eq!((site.host.as_str(), site.user.as_deref(), site.timeout), ("example.org", Some("bob"), Some(7)));
        assert_eq!(password.unwrap().expose(), "pw");
    }
}
