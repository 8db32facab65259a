//! What differs between systems, in one place: paths as bytes, errors, modes, space, renames that replace nothing.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{BadName, FailureKind, VPath};

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

/// A local path by its bytes.
pub fn to_path(path: &VPath) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(path.as_bytes()))
}

/// An absolute local path as a volume's path; `.` and `..` in it are resolved by their names.
///
/// # Errors
/// [`BadName`] where a part holds a line break, which no command could carry.
pub fn from_path(path: &Path) -> Result<VPath, BadName> {
    VPath::parse(path.as_os_str().as_bytes())
}

pub(super) fn bytes_of(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

pub(super) fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

/// The program's own output under its usual names.
pub(super) fn is_standard_output(path: &Path) -> bool {
    matches!(path.as_os_str().as_bytes(), b"/dev/stdout" | b"/dev/fd/1" | b"/proc/self/fd/1")
}

/// A second handle on the program's own output: opened anew it would be emptied, or lose its place.
pub(super) fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

pub(super) fn kind_of(error: &io::Error) -> FailureKind {
    match error.kind() {
        io::ErrorKind::NotFound => FailureKind::NotFound,
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => FailureKind::AlreadyExists,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => FailureKind::Denied,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => FailureKind::Full,
        io::ErrorKind::CrossesDevices | io::ErrorKind::Unsupported => FailureKind::Unsupported,
        _ => FailureKind::Local,
    }
}

/// The system's words without Rust's `(os error 2)`.
pub(super) fn words_of(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_owned()
}

/// Whether an open file still is what its path leads to.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Renames only where nothing is at `to`.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Some file systems do not know the flag.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            outcome => return outcome.map_err(io::Error::from),
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    fs::rename(from, to)
}

/// Sets the modification time of what is at `path` itself, a link included. Needs no permission to read it, and opens nothing.
pub(super) fn set_time(path: &Path, seconds: i64) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};
    let times = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: seconds, tv_nsec: 0 },
    };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)
}

pub(super) fn set_mode(path: &Path, mode: u16) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(u32::from(mode & 0o7777)))
}

/// Free bytes for a person who is not root.
pub(super) fn free(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

/// Keeps space for the whole file without changing its size; file systems that cannot are no reason to fail, a full one is.
pub(super) fn preallocate(file: &File, size: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        if let Err(errno @ (rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT)) = fallocate(file, FallocateFlags::KEEP_SIZE, 0, size) {
            return Err(errno.into());
        }
    }
    Ok(())
}

/// Whether a directory takes `A` for `a`: seen on an empty file that is gone at once. `None` where none can be made.
pub(super) fn is_case_blind(directory: &Path) -> Option<bool> {
    let probe = tempfile::Builder::new().prefix(".ftpane-CASE-").tempfile_in(directory).ok()?;
    let name = probe.path().file_name()?.to_str()?.to_ascii_lowercase();
    Some(directory.join(name).symlink_metadata().is_ok())
}

/// Whether a directory lies on a file system of DOS or Windows, whose names have their rules whoever mounts it.
#[cfg(target_os = "linux")]
pub(super) fn is_of_dos(directory: &Path) -> bool {
    /// FAT, exFAT, NTFS and ntfs3, as Linux numbers them (linux/magic.h and the sources of the file systems).
    const MAGICS: [i64; 4] = [0x4d44, 0x2011_bab0, 0x5346_544e, 0x7366_746e];
    rustix::fs::statfs(directory).is_ok_and(|found| MAGICS.contains(&found.f_type))
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_of_dos(_: &Path) -> bool {
    false
}
