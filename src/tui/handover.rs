//! Other programs in our terminal: the editor, the shell; and sleep, as Ctrl-Z means it.

use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::{Child, Command};

/// A password given in the environment is meant for ftpane and for no program that it starts.
use crate::config::secrets::command::VARIABLE as PASSWORD;

/// What runs in our terminal, and what is to be told when it ends.
#[derive(Debug)]
pub enum Guest {
    /// An editor.
    Editor {
        /// Its process.
        child: Child,
        /// The file.
        file: PathBuf,
        /// What the file was before.
        before: io::Result<u64>,
        /// The editor's name, for a failure.
        name: String,
    },
    /// A shell.
    Shell(Child),
}

impl Guest {
    /// Starts the editor on a file: what is configured, $VISUAL, $EDITOR, else vi. The words may hold options.
    ///
    /// # Errors
    /// A sentence for a person where it cannot be started.
    pub fn editor(file: &Path, configured: Option<&str>) -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let name =
            configured.map(str::to_owned).or_else(|| variable("VISUAL")).or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".to_owned());
        let before = fingerprint(file);
        // The shell splits the words of the variable; the file is an argument of its own and is never read as shell text.
        let child = Command::new("sh").arg("-c").arg(format!("{name} \"$@\"")).arg("sh").arg(file).env_remove(PASSWORD).spawn();
        let child = child.map_err(|error| format!("cannot start {name}: {error}"))?;
        Ok(Self::Editor { child, file: file.to_owned(), before, name })
    }

    /// Starts the person's shell.
    ///
    /// # Errors
    /// A sentence for a person where it cannot be started.
    pub fn shell(directory: Option<&Path>) -> Result<Self, String> {
        let name = std::env::var_os("SHELL").filter(|value| !value.is_empty()).unwrap_or_else(|| "/bin/sh".into());
        let mut command = Command::new(&name);
        command.env_remove(PASSWORD);
        if let Some(directory) = directory.filter(|directory| directory.is_dir()) {
            command.current_dir(directory);
        }
        let child = command.spawn().map_err(|error| format!("cannot start {}: {error}", name.to_string_lossy()))?;
        Ok(Self::Shell(child))
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> io::Result<std::process::ExitStatus> {
        match self {
            Self::Editor { child, .. } | Self::Shell(child) => child.wait().await,
        }
    }
}

/// Whether an editor changed its file: compared by content, since editors write without changing and some keep the time.
///
/// # Errors
/// A sentence for a person where the editor failed or the file cannot be read.
pub fn changed(file: &Path, before: &io::Result<u64>, name: &str, ended: io::Result<std::process::ExitStatus>) -> Result<bool, String> {
    let status = ended.map_err(|error| format!("cannot wait for {name}: {error}"))?;
    if !status.success() {
        return Err(format!("{name} ended with {status}; nothing was sent back"));
    }
    let after = fingerprint(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(!before.as_ref().is_ok_and(|before| *before == after))
}

fn fingerprint(file: &Path) -> io::Result<u64> {
    let mut source = std::fs::File::open(file)?;
    let mut hash = DefaultHasher::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            return Ok(hash.finish());
        }
        hash.write(block.get(..read).unwrap_or_default());
    }
}

/// Puts the program to sleep, with all of its job, until it is woken. The terminal must have been given back before.
#[cfg(unix)]
pub async fn sleep() {
    use tokio::signal::unix::{SignalKind, signal};
    let woken = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()));
    if rustix::process::kill_current_process_group(rustix::process::Signal::TSTP).is_err() {
        return;
    }
    // The signal may reach another thread first, so this one waits to be woken. Without job control nothing stops (POSIX ignores the
    // signal in an orphaned process group) and nothing wakes: then this goes on after a moment.
    if let Ok(mut woken) = woken {
        let _ = tokio::time::timeout(Duration::from_millis(300), woken.recv()).await;
    }
}

/// Other systems have no such sleep.
#[cfg(not(unix))]
pub async fn sleep() {}

/// The end of the guest; where there is none, this never ends.
pub async fn wait_for(guest: &mut Option<Guest>) -> io::Result<std::process::ExitStatus> {
    match guest {
        Some(guest) => guest.wait().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_told_by_content_and_not_by_time() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, "one").unwrap();
        let before = fingerprint(&file);
        std::fs::write(&file, "one").unwrap();
        assert_eq!(fingerprint(&file).unwrap(), before.unwrap());
        let before = fingerprint(&file);
        std::fs::write(&file, "two").unwrap();
        assert_ne!(fingerprint(&file).unwrap(), before.unwrap());
    }
}
