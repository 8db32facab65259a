//! WinSCP's `WinSCP.ini`: a section for each session, `[Sessions\folder/name]`, names and values percent-encoded.
//!
//! By hand, since what is a comment to the usual readers of such files is part of a value here.
//!
//! A stored password is not encrypted but obfuscated: each byte as two hexadecimal digits of its complement, combined with 0xA3; behind a
//! mark and a length stands so much filling, then user and host, then the password. That user and host are found there proves that it was
//! read right. With a master password it is encrypted, which the second byte tells.

use crate::model::percent::decode;
use crate::model::site::StartDir;
use crate::model::{DataMode, Secret, Site, TlsPolicy};

use super::{Bad, Found, Import, folder, host, local, port, tame};

const SECTION: &str = "[Sessions\\";
/// The session that holds what new ones begin with.
const TEMPLATE: &str = "Default Settings";
/// In front of a name or value that is not ASCII.
const MARK: char = '\u{feff}';

/// Reads the file.
pub(super) fn parse(text: &str) -> Result<Import, Bad> {
    let mut import = Import::default();
    let mut session: Option<Session> = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            if let Some(session) = session.take() {
                session.into_import(&mut import)?;
            }
            session =
                line.strip_prefix(SECTION).and_then(|rest| rest.strip_suffix(']')).map(Session::new).filter(|new| new.name != TEMPLATE);
        } else if let (Some(session), Some((key, value))) = (&mut session, line.split_once('=')) {
            session.values.push((key.trim().to_owned(), unescape(value)));
        }
    }
    if let Some(session) = session {
        session.into_import(&mut import)?;
    }
    Ok(import)
}

/// A text with its escapes resolved; one that is no escape stays.
fn unescape(text: &str) -> String {
    let bytes = decode(text.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok());
    bytes.unwrap_or_else(|| text.to_owned()).trim_start_matches(MARK).to_owned()
}

struct Session {
    folder: String,
    name: String,
    values: Vec<(String, String)>,
}

impl Session {
    fn new(path: &str) -> Self {
        let path = unescape(path);
        let (levels, name) = path.rsplit_once('/').unwrap_or(("", &path));
        Self { folder: folder(levels.split('/')), name: tame(name), values: Vec::new() }
    }

    fn value(&self, key: &str) -> &str {
        self.values.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value)
    }

    fn into_import(self, import: &mut Import) -> Result<(), Bad> {
        match self.site() {
            Ok(found) => import.found(found),
            Err(why) => {
                import.left(self.name, why);
                Ok(())
            }
        }
    }

    fn site(&self) -> Result<Found, String> {
        // The values of WinSCP's enum TFSProtocol; SFTP is what nothing says.
        match self.value("FSProtocol") {
            "5" => {}
            "" | "0" | "1" | "2" => return Err("it is SFTP or SCP, which are not spoken here".to_owned()),
            other => return Err(format!("its protocol ({}) is not FTP", tame(other))),
        }
        let tls = match self.value("Ftps") {
            "" | "0" => TlsPolicy::Auto,
            "1" => TlsPolicy::Implicit,
            _ => TlsPolicy::Required,
        };
        let mut notes = Vec::new();
        let user = Some(self.value("UserName")).filter(|user| !user.is_empty());
        let mut site = Site { name: self.name.clone(), folder: self.folder.clone(), tls, ..Site::of_host(host(self.value("HostName"))) };
        site.user = user.map(Into::into);
        site.port = port(self.value("PortNumber"), tls)?;
        site.mode = if self.value("FtpPasvMode") == "0" { DataMode::Active } else { DataMode::Auto };
        site.timeout = self.value("Timeout").parse().ok().filter(|seconds| (1..=86_400).contains(seconds) && *seconds != 15);
        site.local = local(self.value("LocalDirectory"), &mut notes);
        match crate::model::url::start_of(self.value("RemoteDirectory").as_bytes()) {
            Ok((start, _)) => site.start = start,
            Err(_) => {
                site.start = StartDir::Login;
                notes.push("its remote directory did not come over: it cannot be read".to_owned());
            }
        }
        for (key, what) in [("FtpAccount", "its account (ACCT)"), ("ProxyHost", "its proxy")] {
            let unset = self.value(key).is_empty() || (key == "ProxyHost" && matches!(self.value("ProxyMethod"), "" | "0"));
            if !unset {
                notes.push(format!("{what} did not come over"));
            }
        }
        let secret = self.secret(&mut notes);
        Ok(Found { site, secret, notes })
    }

    fn secret(&self, notes: &mut Vec<String>) -> Option<Secret> {
        let plain = self.value("PasswordPlain");
        let read = match self.value("Password") {
            "" if plain.is_empty() => return None,
            "" => Ok(Secret::new(plain)),
            hidden => reveal(hidden, self.value("UserName"), self.value("HostName")),
        };
        match read.and_then(|secret| if secret.is_sendable() { Ok(secret) } else { Err("it cannot be read") }) {
            Ok(secret) => Some(secret),
            Err(why) => {
                notes.push(format!("its password did not come over: {why}"));
                None
            }
        }
    }
}

/// The password behind WinSCP's obfuscation.
fn reveal(hidden: &str, user: &str, host: &str) -> Result<Secret, &'static str> {
    const NOT_READ: &str = "it cannot be read";
    /// The first byte, where user and host stand before the password.
    const KEYED: u8 = 0xff;
    let mut digits = hidden.bytes().map(|digit| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let mut next = || -> Option<u8> {
        let (high, low) = (digits.next()??, digits.next()??);
        Some(!(((high << 4) | low) ^ 0xa3))
    };
    if next() != Some(KEYED) {
        return Err(NOT_READ);
    }
    match next() {
        Some(0) => {}
        Some(1) => return Err("WinSCP's master password encrypts it"),
        _ => return Err(NOT_READ),
    }
    let (length, filling) = (next().ok_or(NOT_READ)?, next().ok_or(NOT_READ)?);
    for _ in 0..filling {
        next().ok_or(NOT_READ)?;
    }
    let bytes = (0..length).map(|_| next()).collect::<Option<Vec<u8>>>().map(zeroize::Zeroizing::new).ok_or(NOT_READ)?;
    let password = bytes.strip_prefix([user, host].concat().as_bytes()).ok_or(NOT_READ)?;
    Secret::of_bytes(password.to_vec()).ok_or(NOT_READ)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::VPath;

    /// As WinSCP hides it.
    fn hide(password: &str, user: &str, host: &str, kind: u8, filling: u8) -> String {
        let keyed = [user, host, password].concat();
        let head = [0xff, kind, u8::try_from(keyed.len()).unwrap(), filling];
        let bytes = head.into_iter().chain((0..filling).map(|i| i.wrapping_mul(37))).chain(keyed.bytes()).chain([0x5a, 0xa5]);
        bytes.map(|byte| format!("{:02X}", !byte ^ 0xa3)).collect()
    }

    #[test]
    fn ftp_sessions_come_over_and_others_are_named() {
        let hidden = hide("hunter2", "alice", "ftp.example.org", 0, 7);
        let locked = hide("", "", "", 1, 0);
        let text = format!(
            "[Configuration]\nRandomSeedFile=x\n[Sessions\\Default%20Settings]\nFSProtocol=5\n\
             [Sessions\\Clients/My%20Site]\nHostName=ftp.example.org\nPortNumber=2121\nUserName=alice\nPassword={hidden}\nFSProtocol=5\nFtps=3\n\
             FtpPasvMode=0\nRemoteDirectory=/www/a%20b\nLocalDirectory=C:%5Cx\nFtpAccount=x\n\
             [Sessions\\%EF%BB%BFB%C3%BCro]\nHostName=h\nUserName=bob\nFSProtocol=5\nPassword={locked}\n\
             [Sessions\\ssh]\nHostName=h\n[Sessions\\dav]\nHostName=h\nFSProtocol=6\n[Sessions\\bare]\nFSProtocol=5\n"
        );
        let import = parse(&text).unwrap();
        let expected = Site {
            name: "My Site".into(),
            folder: "Clients".into(),
            port: Some(2121),
            user: Some("alice".into()),
            tls: TlsPolicy::Required,
            mode: DataMode::Active,
            start: StartDir::Absolute(VPath::parse(b"/www/a b").unwrap()),
            ..Site::of_host("ftp.example.org")
        };
        assert_eq!((&import.sites[0].site, &import.sites[0].secret), (&expected, &Some(Secret::new("hunter2"))));
        assert_eq!(import.sites[0].notes, ["its local directory C:\\x is none here", "its account (ACCT) did not come over"]);
        assert_eq!((import.sites[1].site.name.as_str(), &import.sites[1].secret), ("Büro", &None));
        assert!(import.sites[1].notes[0].contains("WinSCP's master password"));
        let left: Vec<_> = import.left.iter().map(|left| left.name.as_str()).collect();
        assert_eq!(left, ["ssh", "dav", "bare"]);
        assert_eq!(import.sites.len(), 2);
    }

    #[test]
    fn a_password_that_user_and_host_do_not_prove_is_not_guessed() {
        let hidden = hide("hunter2", "alice", "h", 0, 3);
        assert_eq!(reveal(&hidden, "alice", "h"), Ok(Secret::new("hunter2")));
        assert!(reveal(&hidden, "bob", "h").is_err());
        for bad in ["", "A", "zz", &hidden[..20], &hide("x", "alice", "h", 2, 0)] {
            assert!(reveal(bad, "alice", "h").is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_password_comes_back_and_no_text_stops_the_reader(
            password in "\\PC{0,12}", filling in any::<u8>(), text in "(\\[Sessions\\\\|\\]|FSProtocol=5|Password=|[0-9A-F]{2}|\n|\\PC){0,40}"
        ) {
            prop_assert_eq!(reveal(&hide(&password, "u", "h", 0, filling), "u", "h"), Ok(Secret::new(password)));
            let _ = parse(&text);
        }
    }
}
