//! Where things are kept, and that nobody else can read them there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// The directories with all that is kept between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    dir: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// The platform's configuration directory of this person (on Linux `$XDG_CONFIG_HOME/ftpane`, else `~/.config/ftpane`), and the one for
    /// what comes and goes (`$XDG_STATE_HOME/ftpane`, else `~/.local/state/ftpane`).
    ///
    /// # Errors
    /// [`ConfigError::NoHome`].
    pub fn of_person() -> Result<Self, ConfigError> {
        let dirs = directories::ProjectDirs::from("", "", "ftpane").ok_or(ConfigError::NoHome)?;
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
        Ok(Self { dir: dirs.config_dir().to_owned(), state: state.to_owned() })
    }

    /// A directory of its own, for the demo and for tests.
    pub fn under(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        Self { state: dir.join("state"), dir }
    }

    /// The directory itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory of the journal, which makes it by itself.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The saved sites.
    pub fn sites(&self) -> PathBuf {
        self.dir.join("sites.toml")
    }

    /// The recent sites.
    pub fn recent(&self) -> PathBuf {
        self.dir.join("recent.toml")
    }

    /// What is known and trusted of servers.
    pub fn servers(&self) -> PathBuf {
        self.dir.join("servers.toml")
    }

    /// The settings.
    pub fn settings(&self) -> PathBuf {
        self.dir.join("config.toml")
    }

    /// The vault of passwords.
    pub fn vault(&self) -> PathBuf {
        self.dir.join("vault")
    }

    /// Sees to it that what is there already can be read by its owner only: both directories and every file in them. Nothing is made.
    /// Returns a sentence for each thing that was mended or could not be.
    pub fn check(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for dir in [&self.dir, &self.state] {
            notes.extend(narrow(dir, 0o700));
            // A person may keep a file elsewhere and link to it: what the link leads to is ours to close all the same.
            let mut files: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
            files.sort();
            notes.extend(files.iter().filter(|path| path.is_file()).filter_map(|path| narrow(path, 0o600)));
        }
        notes
    }

    /// Makes the directory, 0700, where it is missing.
    ///
    /// # Errors
    /// [`ConfigError::Write`].
    pub fn make(&self) -> Result<(), ConfigError> {
        make_private_dir(&self.dir)
    }
}

/// Makes a directory and what is missing above it, each 0700.
pub(super) fn make_private_dir(dir: &Path) -> Result<(), ConfigError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| ConfigError::Write { path: dir.to_owned(), source })
}

/// Takes the rights of group and others away; a sentence where there were any.
#[cfg(unix)]
fn narrow(path: &Path, mode: u32) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    if found & 0o077 == 0 {
        return None;
    }
    Some(match fs::set_permissions(path, fs::Permissions::from_mode(mode)) {
        Ok(()) => format!("{} could be reached by others (mode {found:o}); it is {mode:o} now", path.display()),
        Err(error) => hint(path, mode, found, &error),
    })
}

#[cfg(unix)]
fn hint(path: &Path, mode: u32, found: u32, error: &io::Error) -> String {
    format!("{} can be reached by others (mode {found:o}) and cannot be changed: {error}; run chmod {mode:o} on it", path.display())
}

#[cfg(not(unix))]
fn narrow(_path: &Path, _mode: u32) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_others_could_read_is_closed_and_reported_once() {
        let base = tempfile::tempdir().unwrap();
        let paths = Paths::under(base.path().join("ftpane"));
        assert!(paths.check().is_empty(), "nothing is there yet");
        paths.make().unwrap();
        fs::create_dir(paths.state()).unwrap();
        for (path, mode) in [(paths.state().join("journal.db"), 0o640), (paths.vault(), 0o604), (paths.recent(), 0o600)] {
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::set_permissions(paths.state(), fs::Permissions::from_mode(0o750)).unwrap();
        fs::write(paths.sites(), "").unwrap();
        fs::set_permissions(paths.sites(), fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(paths.dir(), fs::Permissions::from_mode(0o755)).unwrap();
        let notes = paths.check();
        assert_eq!(notes.len(), 5, "{notes:?}");
        for (path, mode) in [(paths.state().join("journal.db"), 0o600), (paths.vault(), 0o600), (paths.state().to_owned(), 0o700)] {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
        }
        assert!(notes[1].contains("sites.toml") && notes[1].contains("644"), "{notes:?}");
        assert_eq!(fs::metadata(paths.sites()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(paths.dir()).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(paths.check().is_empty());
    }
}
