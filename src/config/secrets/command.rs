//! The password that a command prints: `sh -c`, the first line of its standard output.
//!
//! Guarantee: it ends, whatever the command does; the command sees none of our passwords; what it printed is wiped.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::model::Secret;
use crate::model::text::printable;

use super::SecretError;

/// The variable that a password may be given in: for ftpane, and for no program that it starts.
pub const VARIABLE: &str = "FTPANE_PASSWORD";
/// How long a person may take to open what the command asks, such as an agent with a passphrase of its own.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// A longer line is no password.
const MOST: u64 = 64 * 1024;
/// How often it is looked whether the command has ended.
const LOOK: Duration = Duration::from_millis(10);

/// Whose the terminal is while a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// The command's: it may ask a person, and what it says on standard error is seen.
    Shared,
    /// The panes': the command gets none, and what it says on standard error comes back with the error.
    Ours,
}

/// Runs the command and gives the first line that it prints. `name` is what a message calls it.
///
/// # Errors
/// [`SecretError::Command`] with how it failed: its exit code, its silence, its slowness.
pub fn run(name: &str, command: &str, terminal: Terminal, patience: Duration) -> Result<Secret, SecretError> {
    let failed = |why: String| SecretError::Command(format!("{name} {why}"));
    let mut child = spawn(command, terminal).map_err(|error| failed(format!("could not be run: {error}")))?;
    let line = first_line(&mut child);
    let said = complaint(&mut child);
    let Some(status) = wait(&mut child, patience).map_err(|error| failed(format!("was lost: {error}")))? else {
        return Err(failed(format!(
            "did not end within {} and was stopped",
            crate::model::figures::count(patience.as_secs(), "second", "seconds")
        )));
    };
    if !status.success() {
        let said = said.and_then(|said| said.recv_timeout(Duration::from_secs(1)).ok()).filter(|said| !said.is_empty());
        return Err(failed(format!("{}{}", how(status), said.map(|said| format!(": {said}")).unwrap_or_default())));
    }
    // It has ended; a child of its own that holds the pipe open has this long to say something.
    let line = line.recv_timeout(Duration::from_secs(5)).map_err(|_| failed("printed nothing".to_owned()))?;
    let Some(mut line) = line else { return Err(failed("printed nothing".to_owned())) };
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    let secret = Secret::of_bytes(std::mem::take(&mut *line)).ok_or_else(|| failed("printed a line that is not UTF-8".to_owned()))?;
    match secret.is_sendable() {
        true if secret.is_empty() => Err(failed("printed an empty line".to_owned())),
        true => Ok(secret),
        false => Err(failed("printed a line with a NUL or a carriage return in it".to_owned())),
    }
}

fn spawn(command: &str, terminal: Terminal) -> std::io::Result<Child> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env_remove(VARIABLE).stdout(Stdio::piped());
    match terminal {
        Terminal::Shared => shell.stdin(Stdio::inherit()).stderr(Stdio::inherit()),
        Terminal::Ours => {
            // In a group of its own it cannot read the terminal, and goes as a whole where it takes too long.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut shell, 0);
            shell.stdin(Stdio::null()).stderr(Stdio::piped())
        }
    };
    shell.spawn()
}

/// Reads on a thread: a pipe gives no time limit.
fn first_line(child: &mut Child) -> mpsc::Receiver<Option<Zeroizing<Vec<u8>>>> {
    let (send, receive) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut line = Zeroizing::new(Vec::with_capacity(4096));
            let read = BufReader::with_capacity(1, out.take(MOST)).read_until(b'\n', &mut line);
            // Who asked may have given up.
            let _ = send.send(read.is_ok_and(|count| count > 0).then_some(line));
        });
    }
    receive
}

/// The first line of standard error, safe for the screen.
fn complaint(child: &mut Child) -> Option<mpsc::Receiver<String>> {
    let err = child.stderr.take()?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = err.take(MOST).read_to_end(&mut said);
        let line = said.split(|b| *b == b'\n').next().unwrap_or_default();
        let _ = send.send(printable(line.get(..200).unwrap_or(line)).into_owned());
    });
    Some(receive)
}

/// Waits so long; `None` where it had to be stopped.
fn wait(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() > patience {
            stop(child);
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

fn stop(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Without a group of its own there is none of this number.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn how(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => format!("was ended ({status})"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn run_with(command: &str, patience: Duration) -> Result<Secret, String> {
        run("the command", command, Terminal::Ours, patience).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_line_is_the_password_without_its_line_end() {
        for command in ["echo hunter2", "printf 'hunter2\\r\\nsecond'", "printf hunter2", "echo hunter2; echo more >&2"] {
            assert_eq!(run_with(command, PATIENCE).unwrap().expose(), "hunter2", "{command}");
        }
        assert_eq!(run_with("echo ' a b '", PATIENCE).unwrap().expose(), " a b ");
    }

    #[test]
    fn how_it_failed_is_said_with_its_words_and_its_exit_code() {
        for (command, said) in [
            ("echo locked >&2; exit 7", "the command ended with exit code 7: locked"),
            ("true", "printed nothing"),
            ("echo", "printed an empty line"),
            ("printf '\\377\\n'", "not UTF-8"),
            ("kill -9 $$", "was ended (signal: 9"),
            ("printf 'a\\rb\\n'", "carriage return"),
        ] {
            let error = run_with(command, PATIENCE).unwrap_err();
            assert!(error.contains(said), "{command}: {error}");
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped_with_its_children() {
        let base = tempfile::tempdir().unwrap();
        let pid = base.path().join("pid");
        let command = format!("sleep 600 & echo $! > {}; wait", pid.display());
        let begun = Instant::now();
        let error = run_with(&command, Duration::from_millis(500)).unwrap_err();
        assert!(error.contains("did not end within"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(60));
        let sleeper: i32 = std::fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
        let sleeper = rustix::process::Pid::from_raw(sleeper).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        let gone = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", sleeper.as_raw_nonzero())).unwrap_or_default();
            rustix::process::test_kill_process(sleeper).is_err() || stat.contains(") Z ")
        };
        while !gone() {
            assert!(Instant::now() < deadline, "the command's child lives on");
            std::thread::sleep(LOOK);
        }
    }
}
