//! What was typed as a target, found out: a URL, a local directory, a saved site's name, a host.
//!
//! Asks the disk, which can hang on a network mount: the loop calls it on another thread only.

use std::path::{Path, PathBuf};

use crate::app::msg::Resolved;
use crate::config::{Paths, SiteStore};
use crate::model::site::VolumeSpec;
use crate::model::target::{Known, Target, expand_home, pane_target};
use crate::model::{Site, VPath};

/// Finds out what `typed` means. What is given on the command line for every server (mode, timeout …) is put on by `dress`.
///
/// # Errors
/// A sentence for a person.
pub fn resolve(typed: &str, paths: &Paths, dress: &dyn Fn(&mut Site)) -> Result<Resolved, String> {
    let typed = typed.trim();
    let store = SiteStore::new(paths);
    let saved = store.load();
    let is_site = |name: &str| saved.as_ref().is_ok_and(|sites| sites.iter().any(|site| site.name == name));
    let is_dir = |bytes: &[u8]| path_of(bytes).is_dir();
    let known = Known { is_site: &is_site, is_dir: &is_dir };
    match pane_target(typed.as_bytes(), &known).map_err(|error| error.to_string())? {
        Target::Local(path) => local(&path),
        Target::Url(url) => {
            let mut site = url.to_site();
            dress(&mut site);
            Ok(Resolved { spec: VolumeSpec::Ftp(Box::new(site), url.password.clone()), path: None })
        }
        Target::Site { name, .. } => {
            let mut site = store.get(&name).map_err(|error| error.to_string())?;
            dress(&mut site);
            Ok(Resolved { spec: VolumeSpec::Ftp(Box::new(site), None), path: None })
        }
        Target::Stdio => Err("- is no place for a pane; give a URL, a directory, a site's name or a host".to_owned()),
    }
}

/// A local directory, absolute. A file gives the directory that it is in.
///
/// # Errors
/// A sentence for a person where there is no such directory.
pub fn local(typed: &[u8]) -> Result<Resolved, String> {
    let home = std::env::home_dir().unwrap_or_default();
    let path = path_of(&expand_home(typed, home.as_os_str().as_encoded_bytes()));
    let whole = std::path::absolute(&path).map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    let kind = std::fs::metadata(&whole).map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    let directory: &Path = if kind.is_dir() { &whole } else { whole.parent().unwrap_or(&whole) };
    let path = VPath::parse(directory.as_os_str().as_encoded_bytes()).map_err(|error| error.to_string())?;
    Ok(Resolved { spec: VolumeSpec::Local, path: Some(path) })
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &mut Site) {}

    #[test]
    fn a_directory_is_local_and_a_file_means_the_directory_it_is_in() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.txt");
        std::fs::write(&file, "x").unwrap();
        let here = VPath::parse(dir.path().as_os_str().as_encoded_bytes()).unwrap();
        for typed in [dir.path(), &file] {
            let resolved = resolve(typed.to_str().unwrap(), &Paths::under(dir.path()), &none).unwrap();
            assert_eq!(resolved, Resolved { spec: VolumeSpec::Local, path: Some(here.clone()) });
        }
        assert!(resolve("/no/such/place", &Paths::under(dir.path()), &none).unwrap_err().contains("/no/such/place"));
    }

    #[test]
    fn what_holds_for_every_server_is_put_on_a_typed_one() {
        let dir = tempfile::tempdir().unwrap();
        let dress = |site: &mut Site| site.timeout = Some(7);
        let resolved = resolve("ftp://bob:pw@example.org/pub", &Paths::under(dir.path()), &dress).unwrap();
        let VolumeSpec::Ftp(site, password) = resolved.spec else { panic!("{resolved:?}") };
        assert_eq!((site.host.as_str(), site.user.as_deref(), site.timeout), ("example.org", Some("bob"), Some(7)));
        assert_eq!(password.unwrap().expose(), "pw");
    }
}
