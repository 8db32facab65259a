//! Places on this machine, as a person names them, as paths for the engine.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::model::{Kind, VPath};

use super::show::escaped;
use super::slips;
use super::stop::Stop;

/// Where a download goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTarget {
    /// The path, absolute.
    pub path: VPath,
    /// What is there; a link counts as what it leads to.
    pub kind: Option<Kind>,
    /// Whether it was written with a slash at its end.
    pub slash: bool,
}

impl LocalTarget {
    /// Looks at a path that was named as a target.
    ///
    /// # Errors
    /// Exit 2 where it cannot be used: no such directory, a name that holds a line break.
    pub fn of(typed: &Path) -> Result<Self, Stop> {
        let slash = ends_in_slash(typed);
        let kind = kind_of(typed);
        // A directory's link is a person's own and is entered. A link to a file keeps its name, so that a download takes its place and leaves
        // the file behind it alone: a server's bytes are not written through a link that somebody put there.
        let path = match kind {
            Some(Kind::Dir) => fs::canonicalize(typed).map_err(|error| unusable(typed, &error))?,
            _ => absolute(typed).map_err(|error| unusable(typed, &error))?,
        };
        if kind.is_none() && !path.parent().is_some_and(Path::is_dir) {
            let server = slips::server(typed.as_os_str().as_encoded_bytes()).unwrap_or_default();
            return Err(Stop::usage(format!("{} is in no directory that exists; make that first{server}", show(typed))));
        }
        Ok(Self { path: vpath(&path)?, kind, slash })
    }
}

/// A file or directory to upload, with what is known of it; `None` where nothing is there.
pub fn source_of(typed: &Path) -> Result<Option<(VPath, fs::Metadata)>, Stop> {
    let Ok(metadata) = fs::metadata(typed) else { return Ok(None) };
    let path = absolute(typed).map_err(|error| unusable(typed, &error))?;
    Ok(Some((vpath(&path)?, metadata)))
}

/// Whether a source has no name to copy it under: the root, `.`, `..`.
pub fn is_nameless(typed: &Path) -> bool {
    let bytes = typed.as_os_str().as_encoded_bytes();
    let last = bytes.rsplit(|b| *b == b'/').find(|part| !part.is_empty()).unwrap_or_default();
    matches!(last, b"" | b"." | b"..")
}

/// What is at a path, links followed.
fn kind_of(path: &Path) -> Option<Kind> {
    let file_type = fs::metadata(path).ok()?.file_type();
    Some(if file_type.is_dir() {
        Kind::Dir
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Other
    })
}

fn ends_in_slash(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().rsplit(|b| *b == b'/').next();
    matches!(last, Some(b"" | b"." | b".."))
}

/// The path from the root. `..` behind a link means the directory above what the link leads to, so that the system resolves it.
fn absolute(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    if !path.components().any(|part| part == Component::ParentDir) {
        return Ok(path);
    }
    match (fs::canonicalize(&path), path.parent(), path.file_name()) {
        (Ok(real), ..) => Ok(real),
        (Err(_), Some(parent), Some(name)) => Ok(fs::canonicalize(parent)?.join(name)),
        (Err(error), ..) => Err(error),
    }
}

fn vpath(path: &Path) -> Result<VPath, Stop> {
    VPath::parse(path.as_os_str().as_encoded_bytes()).map_err(|bad| Stop::usage(format!("{} cannot be used: {bad}", show(path))))
}

/// The path as it can be shown.
pub fn show(path: &Path) -> String {
    escaped(path.as_os_str().as_encoded_bytes())
}

fn unusable(path: &Path, error: &io::Error) -> Stop {
    Stop::usage(format!("{} cannot be used: {error}", show(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_a_name_of_its_own_is_known_by_its_form() {
        for nameless in ["/", "//", ".", "..", "./", "a/..", "a/.", "/."] {
            assert!(is_nameless(Path::new(nameless)), "{nameless}");
        }
        for named in ["a", "a/", "/a", "./a", "..a"] {
            assert!(!is_nameless(Path::new(named)), "{named}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_keeps_its_name_and_so_does_a_device() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        fs::write(real.join("file"), "").unwrap();
        std::os::unix::fs::symlink("file", real.join("link")).unwrap();
        assert_eq!(LocalTarget::of(&real.join("link")).unwrap().path, vpath(&real.join("link")).unwrap());
        let null = LocalTarget::of(Path::new("/dev/null")).unwrap();
        assert_eq!((null.path.as_bytes(), null.kind), (&b"/dev/null"[..], Some(Kind::Other)));
        assert_eq!(LocalTarget::of(&real.join("no/such")).unwrap_err().code, 2);
        let new = LocalTarget::of(&real.join("new/")).unwrap();
        assert_eq!((new.kind, new.slash), (None, true));
    }
}
