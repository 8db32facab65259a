//! Reading and replacing one file.
//!
//! Guarantee: a reader sees the old content or the new, never a part; two programs that change the same file do so one after the
//! other; a link to a file elsewhere stays a link.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::paths::make_private_dir;

/// The content; empty where there is no such file.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
    };
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default()).into_owned();
        ConfigError::at(path, &text, Some(valid..valid), "the bytes here are not UTF-8")
    })
}

/// Reads the file, lets `change` make a new content of the old one, and puts that in place; all under a lock that other runs of the
/// program respect.
pub fn change(path: &Path, change: impl FnOnce(String) -> Result<String, ConfigError>) -> Result<(), ConfigError> {
    let _lock = lock(path)?;
    let old = read(path)?;
    let new = change(old.clone())?;
    if new != old { replace(path, new.as_bytes()) } else { Ok(()) }
}

/// Holds off other runs of the program that would change the file, until it is dropped. Makes the directory where it is missing.
pub fn lock(path: &Path) -> Result<File, ConfigError> {
    let cannot = |source| ConfigError::Write { path: path.to_owned(), source };
    let dir = path.parent().unwrap_or(Path::new("."));
    make_private_dir(dir)?;
    let lock = lock_file(dir).map_err(cannot)?;
    lock.lock().map_err(cannot)?;
    Ok(lock)
}

/// Puts a new content in place of the old one, whole, readable by its owner only.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), ConfigError> {
    put(path, content).map_err(|source| ConfigError::Write { path: path.to_owned(), source })
}

fn lock_file(dir: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(dir.join(".lock"))
}

fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    // Where a person keeps the file elsewhere and links to it, the file there is replaced.
    let path: PathBuf = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = path.parent().unwrap_or(Path::new("."));
    // Made 0600 by tempfile.
    let mut file = tempfile::Builder::new().prefix(".ftpane-").tempfile_in(dir)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_made_private_in_a_private_directory() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("new/ftpane/x.toml");
        change(&path, |old| Ok(old + "a = 1\n")).unwrap();
        change(&path, |old| Ok(old + "b = 2\n")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a = 1\nb = 2\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "only the file and the lock: {left:?}");
    }

    #[test]
    fn a_link_stays_a_link_to_the_changed_file() {
        let base = tempfile::tempdir().unwrap();
        let real = base.path().join("dotfiles.toml");
        fs::write(&real, "old").unwrap();
        let link = base.path().join("x.toml");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        change(&link, |_| Ok("new".into())).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }

    #[test]
    fn a_change_that_fails_leaves_the_file_alone() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("x.toml");
        fs::write(&path, "old").unwrap();
        change(&path, |_| Err(ConfigError::NoHome)).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_by_line_and_column() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("x.toml");
        fs::write(&path, b"a = 1\nb = \"\xff\"\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("x.toml:2:6: "), "{error}");
    }
}
