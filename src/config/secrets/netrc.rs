//! `~/.netrc`: the logins that ftp(1), curl and others share.
//!
//! Guarantee: reading never panics and is linear; an error names a line and none of its words; a password in a file that others can read
//! is not used. Tokens as in netrc(5): `machine`, `default`, `login`, `password`, `account`, `macdef`; a value may stand in double quotes,
//! with a backslash before a quote or backslash; `#` at the place of a keyword begins a comment.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::ConfigError;
use crate::model::{PasswordFrom, Secret, Site};

use super::SecretError;

/// A file of more bytes is no netrc.
const MOST: u64 = 1 << 20;

/// The file, wherever it is; it is read when it is asked.
#[derive(Debug, Clone, Default)]
pub struct Netrc {
    path: Option<PathBuf>,
}

/// One login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The server; `None` is the `default` entry, which stands for all others.
    pub machine: Option<String>,
    /// The user.
    pub login: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

impl Netrc {
    /// This person's: what `$NETRC` names, else `.netrc` in the home directory.
    pub fn of_person() -> Self {
        let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().join(if cfg!(windows) { "_netrc" } else { ".netrc" }));
        Self { path: std::env::var_os("NETRC").filter(|path| !path.is_empty()).map(PathBuf::from).or_else(home) }
    }

    /// The file at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()) }
    }

    /// Whether it is the file at this path.
    pub fn is(&self, path: &Path) -> bool {
        let own = self.path.as_ref().and_then(|own| std::fs::canonicalize(own).ok());
        own.is_some() && own == std::fs::canonicalize(path).ok()
    }

    /// The login for a server for which no user was named; none where the file says nothing of it.
    ///
    /// # Errors
    /// [`SecretError::Netrc`], and [`SecretError::NetrcOpen`] where there is one with a password that others can read.
    pub fn login(&self, site: &Site) -> Result<Option<(String, Option<Secret>)>, SecretError> {
        let Some(entry) = self.entry(site)? else { return Ok(None) };
        Ok(entry.login.map(|login| (login, entry.password)))
    }

    /// The password for a site's user.
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub fn password(&self, site: &Site) -> Result<Option<Secret>, SecretError> {
        Ok(self.entry(site)?.and_then(|entry| entry.password))
    }

    fn entry(&self, site: &Site) -> Result<Option<Entry>, SecretError> {
        let Some(path) = &self.path else { return Ok(None) };
        let Some((text, mode)) = read(path)? else { return Ok(None) };
        let entries = parse(&text).map_err(|(line, why)| SecretError::Netrc { path: path.clone(), line, why })?;
        let Some(found) = choose(entries, site) else { return Ok(None) };
        if found.password.is_some() && mode & 0o077 != 0 {
            return Err(SecretError::NetrcOpen { path: path.clone(), mode });
        }
        Ok(Some(found))
    }
}

/// The entry for a site: the first for its host and user, else the default where that counts. The default is for anonymous logins, and for
/// sites that say so: somebody's password does not go to every server that is looked at.
fn choose(entries: Vec<Entry>, site: &Site) -> Option<Entry> {
    let fits = |entry: &Entry| match (&site.user, &entry.login) {
        (Some(user), Some(login)) => user == login,
        (Some(_), None) => true,
        (None, login) => login.is_some(),
    };
    let default_counts =
        |entry: &Entry| site.password == PasswordFrom::Netrc || matches!(entry.login.as_deref(), Some("anonymous" | "ftp"));
    let mut default = None;
    for entry in entries.into_iter().filter(fits) {
        match &entry.machine {
            Some(machine) if machine.eq_ignore_ascii_case(&site.host) => return Some(entry),
            Some(_) => {}
            None => default = default.or_else(|| Some(entry).filter(default_counts)),
        }
    }
    default
}

/// The text, with the permission bits of the file (0o600 where the system has none); `None` where there is no file.
fn read(path: &Path) -> Result<Option<(Zeroizing<String>, u32)>, SecretError> {
    let cannot = |source| SecretError::Config(ConfigError::Read { path: path.to_owned(), source });
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => {}
        // A directory or a pipe of that name is no netrc, and opening a pipe would wait for its writer.
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error)),
    }
    let file = File::open(path).map_err(cannot)?;
    let meta = file.metadata().map_err(cannot)?;
    let bad = |why| SecretError::Netrc { path: path.to_owned(), line: 1, why };
    if meta.len() > MOST {
        return Err(bad("the file is larger than a megabyte"));
    }
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(meta.len()).unwrap_or_default() + 1));
    match file.take(MOST).read_to_string(&mut text) {
        Ok(_) => Ok(Some((text, mode_of(&meta)))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(bad("the file is not UTF-8")),
        Err(error) => Err(cannot(error)),
    }
}

#[cfg(unix)]
fn mode_of(meta: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777
}

#[cfg(not(unix))]
fn mode_of(_meta: &std::fs::Metadata) -> u32 {
    0o600
}

/// Reads the entries, in their order.
///
/// # Errors
/// The line, from 1, and what is wrong there.
pub fn parse(text: &str) -> Result<Vec<Entry>, (usize, &'static str)> {
    let mut words = Words { rest: text, line: 1 };
    let mut entries: Vec<Entry> = Vec::new();
    while let Some(keyword) = words.keyword() {
        let line = words.line;
        let empty = |machine| Entry { machine, login: None, password: None };
        match keyword {
            "machine" => entries.push(empty(Some(words.value()?.to_string()))),
            "default" => entries.push(empty(None)),
            "macdef" => {
                words.value()?;
                words.skip_macro();
            }
            "login" | "user" | "password" | "passwd" | "account" => {
                let value = words.value()?;
                let entry = entries.last_mut().ok_or((line, "no machine stands before this"))?;
                match keyword {
                    "login" | "user" => entry.login = Some(value.to_string()),
                    "password" | "passwd" => entry.password = Some(Secret::new(value.as_str())),
                    // Servers that ask for an account are not spoken to.
                    _ => {}
                }
            }
            // The word itself may be a part of a password with a blank in it.
            _ => return Err((line, "a word stands here that is none of machine, default, login, password, account, macdef")),
        }
    }
    Ok(entries)
}

/// The words of the file, one after the other.
struct Words<'a> {
    rest: &'a str,
    /// Of what was read last.
    line: usize,
}

impl<'a> Words<'a> {
    /// Goes over blanks and line ends.
    fn skip_blanks(&mut self) {
        let word = self.rest.trim_start();
        let blanks = self.rest.len() - word.len();
        self.line += self.rest.get(..blanks).unwrap_or_default().matches('\n').count();
        self.rest = word;
    }

    /// The next keyword, as it stands.
    fn keyword(&mut self) -> Option<&'a str> {
        loop {
            self.skip_blanks();
            if !self.rest.starts_with('#') {
                break;
            }
            self.rest = self.rest.find('\n').and_then(|end| self.rest.get(end..)).unwrap_or_default();
        }
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// The value behind a keyword, without its quotes.
    fn value(&mut self) -> Result<Zeroizing<String>, (usize, &'static str)> {
        let line = self.line;
        self.skip_blanks();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            return self.quoted(quoted);
        }
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        if word.is_empty() { Err((line, "a value is missing behind the last word")) } else { Ok(Zeroizing::new(word.to_owned())) }
    }

    fn quoted(&mut self, text: &'a str) -> Result<Zeroizing<String>, (usize, &'static str)> {
        // With room for all of it: growing would leave copies behind that nobody wipes.
        let length = text.find('\n').unwrap_or(text.len());
        let mut value = Zeroizing::new(String::with_capacity(length));
        let mut chars = text.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = text.get(at + 1..).unwrap_or_default();
                    return Ok(value);
                }
                '\n' => break,
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                c => value.push(c),
            }
        }
        Err((self.line, "a quote is not closed"))
    }

    /// A macro ends at the first empty line.
    fn skip_macro(&mut self) {
        let end = self.rest.find("\n\n").map_or(self.rest.len(), |at| at + 1);
        let end = self.rest.find("\n\r\n").map_or(end, |at| end.min(at + 1));
        let (skipped, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(machine: Option<&str>, login: Option<&str>, password: Option<&str>) -> Entry {
        Entry { machine: machine.map(Into::into), login: login.map(Into::into), password: password.map(Secret::new) }
    }

    fn site(host: &str, user: Option<&str>) -> Site {
        Site { user: user.map(Into::into), ..Site::of_host(host) }
    }

    #[test]
    fn every_word_of_netrc_is_read_on_one_line_or_on_many() {
        let text = "# mine\nmachine a.example login al password \"p \\\"w\\\\\" account x\n\
                    macdef init\ncd /pub\nmachine trap password no\n\n\
                    machine b.example\n\tlogin bo # a comment\n\tpassword #not-a-comment\r\n default user anonymous passwd me@";
        assert_eq!(
            parse(text).unwrap(),
            [
                entry(Some("a.example"), Some("al"), Some("p \"w\\")),
                entry(Some("b.example"), Some("bo"), Some("#not-a-comment")),
                entry(None, Some("anonymous"), Some("me@")),
            ]
        );
        assert!(parse("").unwrap().is_empty() && parse(" \n# only\n").unwrap().is_empty());
    }

    #[test]
    fn an_error_names_the_line_and_none_of_its_words() {
        for (text, line) in [
            ("machine h\nlogin u\npassword hunter2 hunter3\n", 3),
            ("machine h\n\npassword", 3),
            ("login u", 1),
            ("machine h password \"hunter2\n", 1),
            ("\n\nmachine", 3),
        ] {
            let (at, why) = parse(text).unwrap_err();
            assert_eq!(at, line, "{text}: {why}");
            assert!(!why.contains("hunter"));
        }
    }

    #[test]
    fn the_entry_is_the_first_for_host_and_user_and_the_default_is_not_for_everyone() {
        let all = parse(
            "machine h login al password 1 machine H login bo password 2 machine k password 3 default login al password 4 default login ftp password 5",
        )
        .unwrap();
        let chosen = |site: Site| choose(all.clone(), &site).and_then(|entry| entry.password).map(|secret| secret.expose().to_owned());
        assert_eq!(chosen(site("H", None)).as_deref(), Some("1"));
        assert_eq!(chosen(site("h", Some("bo"))).as_deref(), Some("2"));
        assert_eq!(chosen(site("h", Some("eve"))), None);
        assert_eq!(chosen(site("k", Some("any"))).as_deref(), Some("3"));
        assert_eq!(chosen(site("k", None)).as_deref(), Some("5"), "a password without a login is no login");
        assert_eq!(chosen(site("other", Some("al"))), None, "somebody's password does not go to every server");
        assert_eq!(chosen(Site { password: PasswordFrom::Netrc, ..site("other", Some("al")) }).as_deref(), Some("4"));
        assert_eq!(chosen(site("other", None)).as_deref(), Some("5"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_where_its_password_would_be_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("netrc");
        std::fs::write(&path, "machine h login u password p\n").unwrap();
        let netrc = Netrc::at(&path);
        for (mode, refused) in [(0o644, true), (0o640, true), (0o602, true), (0o600, false), (0o400, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let found = netrc.password(&site("h", Some("u")));
            assert_eq!(matches!(found, Err(SecretError::NetrcOpen { .. })), refused, "{mode:o}: {found:?}");
            assert!(netrc.login(&site("elsewhere", None)).unwrap().is_none(), "nothing of it would be used");
        }
        assert!(Netrc::at(base.path().join("missing")).password(&site("h", None)).unwrap().is_none());
        assert!(Netrc::at(base.path()).password(&site("h", None)).unwrap().is_none(), "a directory");
        std::fs::write(&path, b"machine \xff").unwrap();
        assert!(netrc.password(&site("h", None)).unwrap_err().to_string().contains("not UTF-8"));
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "(machine|default|login|password|account|macdef|#|\"|\\\\|[a-c]|\\s|\\PC){0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn any_password_in_quotes_comes_back(password in "[^\r\n\\x00]{0,20}") {
            let quoted: String = password.chars().flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain([c])).collect();
            let text = format!("machine h login u password \"{quoted}\"");
            prop_assert_eq!(parse(&text).unwrap(), [entry(Some("h"), Some("u"), Some(&password))]);
        }
    }
}
