//! From what a person typed to what can be opened: the rules of [`crate::model::target`] with the saved sites and the disk at hand.
//!
//! Used by the command line and by the panes' own prompt, so that both understand the same. The saved sites are read only where what
//! was typed can be the name of one: a broken file of sites never stands in the way of a URL.

use std::path::{Path, PathBuf};

use crate::model::target::{
    Known, SitePath, Target, TargetError, command_target, expand_home, is_likely_local, is_local_by_form, is_surely_remote, is_url,
    pane_target,
};
use crate::model::{Secret, Site, StartDir};

use super::secrets::{Netrc, SecretError};
use super::{ConfigError, SiteStore};

/// Something that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A path on this machine, `~` expanded, otherwise as it was typed.
    Local(PathBuf),
    /// A place on a server.
    Remote(Box<RemotePlace>),
    /// `-`; only for commands.
    Stdio,
}

/// A place on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemotePlace {
    /// The server; [`Site::start`] is the place itself.
    pub site: Site,
    /// The password that was in the URL.
    pub password: Option<Secret>,
    /// Whether what was typed says by itself that it is a directory.
    pub directory: bool,
}

/// Why something typed cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It means nothing.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The saved sites are needed to understand it and cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `~/.netrc` has the login for it, and cannot be used.
    #[error(transparent)]
    Netrc(#[from] SecretError),
}

/// Reads targets.
#[derive(Debug, Clone)]
pub struct Resolver {
    store: SiteStore,
    netrc: Netrc,
    home: Option<PathBuf>,
}

impl Resolver {
    /// One that looks names up in this store.
    pub fn new(store: SiteStore) -> Self {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        Self { store, netrc: Netrc::of_person(), home }
    }

    /// Reads what was typed for a pane.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn pane(&self, typed: &[u8]) -> Result<Place, PlaceError> {
        self.resolve(typed, pane_target)
    }

    /// Reads what was given to a command.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn command(&self, typed: &[u8]) -> Result<Place, PlaceError> {
        self.resolve(typed, command_target)
    }

    /// Whether the last argument of a download is a place on a server after all.
    ///
    /// # Errors
    /// [`PlaceError::Config`].
    pub fn is_surely_remote(&self, typed: &[u8]) -> Result<bool, PlaceError> {
        // Without a colon it is neither a URL nor SITE:path.
        let sites = if typed.contains(&b':') { self.sites_for(typed)? } else { Vec::new() };
        Ok(is_surely_remote(typed, &Known { is_site: &|name| find(&sites, name).is_some(), is_dir: &is_dir }))
    }

    /// Whether a word that was read as a host is rather meant as a path of this machine; see [`is_likely_local`].
    ///
    /// # Errors
    /// [`PlaceError::Config`].
    pub fn is_likely_local(&self, typed: &[u8], bare: bool) -> Result<bool, PlaceError> {
        let exists = |path: &[u8]| path_of(path).symlink_metadata().is_ok();
        // Who says so is asked last: a saved site's name is no doubt.
        Ok(is_likely_local(typed, &exists, bare) && find(&self.sites_for(typed)?, &String::from_utf8_lossy(typed)).is_none())
    }

    /// Whether a word is the name of a saved site or of a directory here.
    ///
    /// # Errors
    /// [`PlaceError::Config`].
    pub fn is_known(&self, word: &str) -> Result<bool, PlaceError> {
        Ok(is_dir(word.as_bytes()) || find(&self.sites_for(word.as_bytes())?, word).is_some())
    }

    fn resolve(&self, typed: &[u8], read: impl Fn(&[u8], &Known<'_>) -> Result<Target, TargetError>) -> Result<Place, PlaceError> {
        let sites = self.sites_for(typed)?;
        let target = read(typed, &Known { is_site: &|name| find(&sites, name).is_some(), is_dir: &is_dir })?;
        let place = match target {
            Target::Stdio => Place::Stdio,
            Target::Local(path) => Place::Local(self.local(&path)),
            Target::Url(url) => {
                Place::Remote(Box::new(RemotePlace { site: url.to_site(), directory: url.directory, password: url.password }))
            }
            Target::Site { name, path } => {
                let site = find(&sites, &name).cloned().ok_or(ConfigError::NoSuchSite(name))?;
                Place::Remote(Box::new(in_site(site, path)))
            }
        };
        self.with_login(place)
    }

    /// Where no user was named, `~/.netrc` may name one.
    fn with_login(&self, mut place: Place) -> Result<Place, PlaceError> {
        if let Place::Remote(remote) = &mut place
            && remote.site.user.is_none()
            && remote.password.is_none()
            && let Some((user, password)) = self.netrc.login(&remote.site)?
        {
            remote.site.user = Some(user);
            remote.password = password;
        }
        Ok(place)
    }

    fn sites_for(&self, typed: &[u8]) -> Result<Vec<Site>, ConfigError> {
        if is_local_by_form(typed) || is_url(typed) || typed == b"-" { Ok(Vec::new()) } else { self.store.load() }
    }

    fn local(&self, typed: &[u8]) -> PathBuf {
        match &self.home {
            Some(home) => path_of(&expand_home(typed, home.as_os_str().as_encoded_bytes())),
            None => path_of(typed),
        }
    }
}

/// The path of a site, or below it.
fn in_site(mut site: Site, path: Option<SitePath>) -> RemotePlace {
    let Some(SitePath { start, directory }) = path else { return RemotePlace { site, password: None, directory: true } };
    site.start = match (std::mem::take(&mut site.start), start) {
        (own, StartDir::Login) => own,
        (_, StartDir::Absolute(path)) => StartDir::Absolute(path),
        (StartDir::Login, relative) => relative,
        (StartDir::Relative(own), StartDir::Relative(path)) => StartDir::Relative([own.as_slice(), b"/", path.as_slice()].concat()),
        // A path of a target cannot hold what a name must not, so that it always resolves.
        (StartDir::Absolute(own), StartDir::Relative(path)) => StartDir::Absolute(own.resolve(&path).unwrap_or(own)),
    };
    RemotePlace { site, password: None, directory }
}

fn find<'a>(sites: &'a [Site], name: &str) -> Option<&'a Site> {
    sites.iter().find(|site| site.name == name)
}

fn is_dir(path: &[u8]) -> bool {
    path_of(path).is_dir()
}

/// Bytes of the command line as a path.
#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes)).to_owned()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    Path::new(&*String::from_utf8_lossy(bytes)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Paths;
    use crate::model::VPath;
    use crate::model::url::FtpUrl;

    fn resolver(base: &Path, sites: &[(&str, &str)]) -> Resolver {
        let store = SiteStore::new(&Paths::under(base));
        for (name, url) in sites {
            store.add(&Site { name: (*name).into(), ..FtpUrl::parse(url.as_bytes()).unwrap().to_site() }).unwrap();
        }
        Resolver { store, netrc: Netrc::at(base.join("netrc")), home: Some("/home/me".into()) }
    }

    fn start(place: Place) -> (StartDir, bool) {
        match place {
            Place::Remote(remote) => (remote.site.start, remote.directory),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_path_behind_a_site_lies_below_the_sites_own_directory() {
        let base = tempfile::tempdir().unwrap();
        let resolver = resolver(base.path(), &[("abs", "ftp://h//www"), ("rel", "ftp://h/www"), ("login", "ftp://h")]);
        let absolute = |path: &str| StartDir::Absolute(VPath::parse(path.as_bytes()).unwrap());
        for (typed, expected) in [
            ("abs", (absolute("/www"), true)),
            ("abs:", (absolute("/www"), true)),
            ("abs:a/b", (absolute("/www/a/b"), false)),
            ("abs:/etc/", (absolute("/etc"), true)),
            ("rel:a", (StartDir::Relative(b"www/a".to_vec()), false)),
            ("login:a/", (StartDir::Relative(b"a".to_vec()), true)),
        ] {
            assert_eq!(start(resolver.command(typed.as_bytes()).unwrap()), expected, "{typed}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn netrc_names_the_user_where_nobody_else_does() {
        use std::os::unix::fs::PermissionsExt as _;
        let base = tempfile::tempdir().unwrap();
        let resolver = resolver(base.path(), &[("mine", "ftp://bob@h"), ("any", "ftp://h/www")]);
        let netrc = base.path().join("netrc");
        std::fs::write(&netrc, "machine h login alice password p\n").unwrap();
        std::fs::set_permissions(&netrc, std::fs::Permissions::from_mode(0o600)).unwrap();
        let login = |typed: &str| match resolver.command(typed.as_bytes()).unwrap() {
            Place::Remote(remote) => (remote.site.user, remote.password.map(|secret| secret.expose().to_owned())),
            other => panic!("{other:?}"),
        };
        let alice = (Some("alice".to_owned()), Some("p".to_owned()));
        assert_eq!((login("ftp://h/x"), login("any:x")), (alice.clone(), alice));
        assert_eq!(login("mine:x"), (Some("bob".to_owned()), None));
        assert_eq!(login("ftp://anonymous@h/x"), (Some("anonymous".to_owned()), None));
        assert_eq!(login("ftp://elsewhere/x"), (None, None));
        std::fs::set_permissions(&netrc, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(resolver.command(b"ftp://h/x").unwrap_err().to_string().contains("chmod 600"));
        assert!(resolver.command(b"ftp://elsewhere/x").is_ok(), "what is not used does not stand in the way");
    }

    #[test]
    fn a_broken_file_of_sites_stands_in_the_way_of_names_only() {
        let base = tempfile::tempdir().unwrap();
        let resolver = resolver(base.path(), &[]);
        std::fs::write(Paths::under(base.path()).sites(), "broken").unwrap();
        assert!(resolver.command(b"ftp://h/x").is_ok());
        assert_eq!(resolver.command(b"~/x").unwrap(), Place::Local("/home/me/x".into()));
        assert!(matches!(resolver.command(b"work"), Err(PlaceError::Config(_))));
        assert!(!resolver.is_surely_remote(b"name").unwrap());
    }
}
