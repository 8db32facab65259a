//! Disks that are soon full, or may not be written to.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system in memory, mounted over a directory for as long as this lives.
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts it over a directory; `None` where that is not allowed, which takes root.
    pub fn over(dir: &Path, bytes: u64) -> Option<SmallDisk> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let mounted = mount(&["-t", "tmpfs", "-o", &format!("size={bytes},mode=777"), "ftpane-test"], dir);
        mounted.then(|| SmallDisk { at: dir.to_path_buf() })
    }

    /// Lets nobody write to it any more, root included.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn read_only(&self) {
        assert!(mount(&["-o", "remount,ro"], &self.at), "{} cannot be made read-only", self.at.display());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whoever still looks at it does not keep it in the tree of directories.
        let _ = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}

fn mount(options: &[&str], at: &Path) -> bool {
    let output = Command::new("mount").args(options).arg(at).output();
    output.is_ok_and(|output| output.status.success())
}
