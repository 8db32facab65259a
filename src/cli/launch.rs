//! The start of the process: takes passwords out of what other processes and children can see of it.
//!
//! A command line can be read by every user of the machine, and an environment is handed on to every child. Where either holds a
//! password the program executes itself anew, in the same process, without it: the true command line and the password go over an
//! anonymous pipe. Guarantee: afterwards neither `ps` nor a child's environment shows them, except for what the proxy variables hold: they are the
//! children's as much as ours, and are handed on as they are. Where it cannot be done (no such system
//! call, no permission) the program goes on and says so. See docs/decisions/006-password-leaves-the-command-line.md.

use std::ffi::OsString;

use crate::model::Secret;

/// The variable that a password may be given in.
pub use crate::config::secrets::command::VARIABLE as PASSWORD;
/// Tells the program that was executed anew where its command line is: `PID:FD`. Of no use to a child, whose PID is another.
#[cfg(unix)]
const HANDOVER: &str = "FTPANE_HANDOVER";

/// What the program was started with.
#[derive(Debug, Default)]
pub struct Launch {
    /// The command line, the program's name first.
    pub args: Vec<OsString>,
    /// What [`PASSWORD`] held; an empty one counts as none.
    pub password: Option<Secret>,
    /// A sentence where a password could not be hidden.
    pub note: Option<String>,
}

impl Launch {
    fn of_process() -> Self {
        let password = std::env::var(PASSWORD).ok().filter(|password| !password.is_empty()).map(Secret::new);
        Self { args: std::env::args_os().collect(), password, note: None }
    }

    /// The command line without passwords, as it may be repeated in a message.
    pub fn shown(&self) -> Vec<OsString> {
        #[cfg(unix)]
        return self.args.iter().map(|arg| unix::shown(arg)).collect();
        #[cfg(not(unix))]
        self.args.clone()
    }
}

/// Reads what the program was started with; where that holds a password, first executes the program anew without it.
#[cfg(not(unix))]
pub fn take() -> Launch {
    Launch::of_process()
}

#[cfg(unix)]
pub use unix::take;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read as _, Write as _};
    use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    use std::os::unix::fs::FileTypeExt as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::{self, Command};

    use zeroize::Zeroizing;

    use super::{HANDOVER, Launch, PASSWORD};
    use crate::model::Secret;
    use crate::model::secret::without_password;

    use std::ffi::{OsStr, OsString};

    /// What a pipe holds on every system without a reader. What is larger stays where it is.
    const PIPE_HOLDS: usize = 16 * 1024;
    const WITH_PASSWORD: &[u8] = b"ftpane-password";
    const WITHOUT: &[u8] = b"ftpane";

    /// Reads what the program was started with; where that holds a password, first executes the program anew without it.
    pub fn take() -> Launch {
        if let Some(launch) = receive() {
            return launch;
        }
        let mut launch = Launch::of_process();
        let hidden = launch.shown();
        if (hidden == launch.args && launch.password.is_none()) || hidden.is_empty() {
            return launch;
        }
        // Comes back only where it failed.
        let error = hand_over(&launch, &hidden);
        launch.note = Some(format!("the password could not be taken out of the process list: {error}"));
        launch
    }

    pub(super) fn shown(arg: &OsStr) -> OsString {
        without_password(arg.as_bytes()).map_or_else(|| arg.to_owned(), OsString::from_vec)
    }

    fn receive() -> Option<Launch> {
        let place = std::env::var(HANDOVER).ok()?;
        let (pid, fd) = place.split_once(':')?;
        if pid.parse() != Ok(process::id()) || !fd.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(PIPE_HOLDS));
        File::from(inherited(fd.parse().ok()?)?).read_to_end(&mut bytes).ok()?;
        decode(&bytes)
    }

    /// The pipe that the first execution left open for this one. It could not be closed on exec there; it is closed here, once it is read, so
    /// that no child of this program inherits it.
    fn inherited(fd: RawFd) -> Option<OwnedFd> {
        if fd <= 2 || !std::fs::metadata(format!("/dev/fd/{fd}")).is_ok_and(|meta| meta.file_type().is_fifo()) {
            return None;
        }
        #[expect(unsafe_code, reason = "the one way to own a descriptor that was inherited by its number")]
        // SAFETY: it is open (its metadata could be read), and nothing in this process owns it: this runs before anything else was opened,
        // and what the standard library opens for itself is 0, 1 and 2.
        Some(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    fn hand_over(launch: &Launch, hidden: &[OsString]) -> io::Error {
        let bytes = Zeroizing::new(encode(launch));
        if bytes.len() > PIPE_HOLDS {
            return io::Error::other("the command line is too long");
        }
        let (read, write) = match rustix::pipe::pipe() {
            Ok(ends) => ends,
            Err(error) => return error.into(),
        };
        if let Err(error) = File::from(write).write_all(&bytes) {
            return error;
        }
        let place = format!("{}:{}", process::id(), read.as_raw_fd());
        let (Some((name, rest)), Ok(exe)) = (hidden.split_first(), std::env::current_exe()) else {
            return io::Error::other("the program's own file is not known");
        };
        Command::new(exe).arg0(name).args(rest).env_remove(PASSWORD).env(HANDOVER, place).exec()
    }

    /// A magic word, the password where there is one, the arguments; each ended by a NUL, which none of them can hold.
    fn encode(launch: &Launch) -> Vec<u8> {
        let head = match &launch.password {
            Some(password) => vec![WITH_PASSWORD, password.expose().as_bytes()],
            None => vec![WITHOUT],
        };
        let args = launch.args.iter().map(|arg| arg.as_bytes());
        head.into_iter().chain(args).flat_map(|part| part.iter().copied().chain([0])).collect()
    }

    fn decode(bytes: &[u8]) -> Option<Launch> {
        let mut parts = bytes.strip_suffix(&[0])?.split(|b| *b == 0);
        let password = match parts.next()? {
            WITH_PASSWORD => Some(Secret::new(std::str::from_utf8(parts.next()?).ok()?)),
            WITHOUT => None,
            _ => return None,
        };
        let args = parts.map(|arg| OsStr::from_bytes(arg).to_owned()).collect();
        Some(Launch { args, password, note: None })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_is_handed_over_arrives_the_same() {
            let args = vec![OsString::from("ftpane"), OsString::new(), OsString::from_vec(b"\xff".to_vec())];
            for password in [None, Some(Secret::new("p w"))] {
                let launch = Launch { args: args.clone(), password: password.clone(), note: None };
                let again = decode(&encode(&launch)).unwrap();
                assert_eq!((again.args, again.password), (args.clone(), password));
            }
            for foreign in [&b""[..], b"x\0", b"ftpane", b"\0\0"] {
                assert!(decode(foreign).is_none());
            }
        }
    }
}
