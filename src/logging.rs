//! The log that `--log FILE` asks for: every step on the wire with its time, a line each.
//!
//! Guarantee: the file is made 0600 and only added to; a line holds no control character; passwords were taken out before (see
//! [`WireLine`]). A line that cannot be written is dropped: the log never stops the work.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::model::text::printable;
use crate::model::{WireKind, WireLine};

/// An open log file.
#[derive(Debug)]
pub struct WireLog {
    file: File,
}

impl WireLog {
    /// Opens the file to add to it; makes it where it is missing.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(path)? })
    }

    /// Writes one line, at once and whole: after a crash the last one is there.
    pub fn write(&mut self, line: &WireLine) {
        let _ = self.file.write_all(text(line).as_bytes());
    }
}

/// `2026-11-21T10:00:00.123456Z #2 > RETR a`, with a line feed.
fn text(line: &WireLine) -> String {
    let at = jiff::Timestamp::from_microsecond(line.at).unwrap_or_default();
    let mark = match line.kind {
        WireKind::Sent => '>',
        WireKind::Received => '<',
        WireKind::Step => '-',
        WireKind::Trouble => '!',
    };
    format!("{at:.6} #{} {mark} {}\n", line.connection, printable(&line.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConnectionId;

    fn line(kind: WireKind, text: &[u8]) -> WireLine {
        WireLine { at: 1_700_000_000_000_500, connection: ConnectionId(2), kind, text: text.into() }
    }

    #[test]
    fn a_line_has_its_time_its_connection_and_its_way() {
        assert_eq!(text(&line(WireKind::Sent, b"PASS ****")), "2023-11-14T22:13:20.000500Z #2 > PASS ****\n");
        assert_eq!(text(&line(WireKind::Received, b"220 \x1b[2J")), "2023-11-14T22:13:20.000500Z #2 < 220 ␛[2J\n");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_and_is_added_to() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wire.log");
        for _ in 0..2 {
            WireLog::open(&path).unwrap().write(&line(WireKind::Step, b"looking up h"));
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
