//! Sites of other programs: FileZilla, WinSCP, lftp, netrc, and what `ftpane sites export` wrote.
//!
//! Guarantee: a file is input like any other: its size, depth and number of sites have limits, none of it is expanded or run, and what
//! cannot be understood is an error with its line or is named as left. A site that comes out can be saved: its host, user, name and
//! paths hold nothing that a URL or a command could not.

mod filezilla;
mod lftp;
mod merge;
mod netrc;
mod winscp;

pub use merge::{Merged, State, merge};

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::model::text::printable_str;
use crate::model::url::FtpUrl;
use crate::model::words::Word;
use crate::model::{Secret, Site, TlsPolicy, VPath};

use super::ConfigError;

/// Larger files are no lists of sites.
const MOST_BYTES: u64 = 16 << 20;
/// More sites than this are no person's.
const MOST_SITES: usize = 10_000;

/// Which program's file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `sitemanager.xml`.
    Filezilla,
    /// `WinSCP.ini`.
    Winscp,
    /// lftp's `bookmarks`.
    Lftp,
    /// `.netrc`.
    Netrc,
    /// `sites.toml`, as `ftpane sites export` prints it.
    Ftpane,
}

impl Word for Format {
    const ALL: &'static [(&'static str, Self)] =
        &[("filezilla", Self::Filezilla), ("winscp", Self::Winscp), ("lftp", Self::Lftp), ("netrc", Self::Netrc), ("ftpane", Self::Ftpane)];
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Import {
    /// Sites that can come over.
    pub sites: Vec<Found>,
    /// What cannot.
    pub left: Vec<Left>,
}

/// A site that can come over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The site, under the name that it has there.
    pub site: Site,
    /// Its password, where it has one that can be read.
    pub secret: Option<Secret>,
    /// What of it did not come over.
    pub notes: Vec<String>,
}

/// Something that does not come over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its name there.
    pub name: String,
    /// Why.
    pub why: String,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The system says so.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its content says so.
    #[error("{}:{line}: {why}", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// It is no file of a kind that is known.
    #[error("{} is no file of sites that is known here ({}); --from says which it is", .0.display(), Format::words())]
    Unknown(PathBuf),
    /// It is a file of our own and wrong.
    #[error(transparent)]
    Own(#[from] ConfigError),
}

/// What is wrong with a text, and in which line, from 1.
type Bad = (usize, String);

impl Import {
    fn found(&mut self, found: Found) -> Result<(), Bad> {
        let name = found.site.name.clone();
        match sound(&found.site) {
            Ok(()) => self.sites.push(found),
            Err(why) => self.left(name, why),
        }
        if self.sites.len() > MOST_SITES { Err((1, format!("it holds more than {MOST_SITES} sites"))) } else { Ok(()) }
    }

    fn left(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.left.push(Left { name: name.into(), why: why.into() });
    }
}

/// Reads a file; what kind it is shows in its name and content, where nobody says.
///
/// # Errors
/// [`ImportError`].
pub fn read(path: &Path, said: Option<Format>) -> Result<(Format, Import), ImportError> {
    let text = zeroize::Zeroizing::new(text_of(path)?);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let format = match said {
        Some(format) => format,
        None => format_of(path, text).ok_or_else(|| ImportError::Unknown(path.to_owned()))?,
    };
    Ok((format, parse(path, format, text)?))
}

/// Reads a text that is of this kind; `path` is for errors.
///
/// # Errors
/// [`ImportError::Content`], [`ImportError::Own`].
pub fn parse(path: &Path, format: Format, text: &str) -> Result<Import, ImportError> {
    let at = |(line, why): Bad| ImportError::Content { path: path.to_owned(), line, why };
    Ok(match format {
        Format::Filezilla => filezilla::parse(text).map_err(at)?,
        Format::Winscp => winscp::parse(text).map_err(at)?,
        Format::Lftp => lftp::parse(text).map_err(at)?,
        Format::Netrc => netrc::parse(text).map_err(at)?,
        Format::Ftpane => {
            let found = |site| Found { site, secret: None, notes: Vec::new() };
            Import { sites: super::sites::parse(path, text)?.into_iter().map(found).collect(), left: Vec::new() }
        }
    })
}

fn text_of(path: &Path) -> Result<String, ImportError> {
    let cannot = |source| ImportError::Read { path: path.to_owned(), source };
    let bad = |line, why: &str| ImportError::Content { path: path.to_owned(), line, why: why.to_owned() };
    let file = File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.is_dir() {
        return Err(cannot(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(bad(1, "the file is larger than 16 MiB: that is no list of sites"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        bad(valid.iter().filter(|b| **b == b'\n').count() + 1, "the bytes here are not UTF-8; convert the file and try again")
    })
}

fn format_of(path: &Path, text: &str) -> Option<Format> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().next().unwrap_or_default();
    let is_bookmark = |line: &str| line.split_once(char::is_whitespace).is_some_and(|(_, url)| url.contains("://"));
    if first.starts_with('<') {
        Some(Format::Filezilla)
    } else if lines.clone().any(|line| line.starts_with("[[site]]")) {
        Some(Format::Ftpane)
    } else if lines.clone().any(|line| line.starts_with("[Sessions\\")) {
        Some(Format::Winscp)
    } else if matches!(name.as_str(), ".netrc" | "_netrc" | "netrc")
        || matches!(first.split_whitespace().next(), Some("machine" | "default" | "macdef"))
    {
        Some(Format::Netrc)
    } else if name == "bookmarks" || (!first.is_empty() && lines.all(is_bookmark)) {
        Some(Format::Lftp)
    } else {
        None
    }
}

/// Whether a site can be saved and opened: what it consists of can stand in a URL.
fn sound(site: &Site) -> Result<(), String> {
    let url = FtpUrl::of_site(site);
    let again = FtpUrl::parse(url.to_string().as_bytes()).map_err(|error| error.to_string())?;
    if again.host == site.host && again.user == site.user {
        Ok(())
    } else {
        Err("its host or user holds what cannot stand there".to_owned())
    }
}

/// A text with nothing in it that drives a terminal, for a name or a folder.
fn tame(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { '_' } else { c }).collect()
}

/// A folder of levels, where a slash within one would be one more.
fn folder<'a>(levels: impl Iterator<Item = &'a str>) -> String {
    levels.map(|level| tame(level).replace('/', "-")).filter(|level| !level.is_empty()).collect::<Vec<_>>().join("/")
}

/// A host, as it stands there: an address may have brackets.
fn host(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text).to_owned()
}

/// A local directory that can be used on this system; a note where it cannot.
fn local(text: &str, notes: &mut Vec<String>) -> Option<VPath> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let path = text.starts_with('/').then(|| VPath::parse(text.as_bytes()).ok()).flatten();
    if path.is_none() {
        notes.push(format!("its local directory {} is none here", printable_str(text)));
    }
    path
}

/// A port, where it is not the usual one.
fn port(text: &str, tls: TlsPolicy) -> Result<Option<u16>, String> {
    let usual = if tls == TlsPolicy::Implicit { crate::model::site::FTPS_PORT } else { crate::model::site::FTP_PORT };
    match text.trim() {
        "" | "0" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(port) => Ok(Some(port).filter(|port| *port != usual)),
            Err(_) => Err(format!("its port {} is none", printable_str(text))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(name: &str, text: &str) -> Option<Format> {
        format_of(Path::new(name), text)
    }

    #[test]
    fn the_kind_of_file_shows_in_its_content_or_its_name() {
        for (name, text, kind) in [
            ("x", "<?xml version=\"1.0\"?><FileZilla3/>", Some(Format::Filezilla)),
            ("x.ini", "[Configuration]\na=1\n[Sessions\\a]\n", Some(Format::Winscp)),
            ("bookmarks", "", Some(Format::Lftp)),
            ("x", "a\tftp://h\nb ftp://k/\n", Some(Format::Lftp)),
            (".netrc", "", Some(Format::Netrc)),
            ("x", "\nmachine h login a password b\n", Some(Format::Netrc)),
            ("x.toml", "# exported\n[[site]]\nname = \"a\"\n", Some(Format::Ftpane)),
            ("x", "hello\n", None),
            ("x", "", None),
        ] {
            assert_eq!(format(name, text), kind, "{name} {text}");
        }
    }

    #[test]
    fn a_file_that_is_huge_or_no_text_is_an_error_with_its_line() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("sites");
        std::fs::write(&path, b"machine h\nlogin \xff\n").unwrap();
        assert!(read(&path, None).unwrap_err().to_string().contains("sites:2: the bytes here are not UTF-8"));
        File::create(&path).unwrap().set_len(1 << 34).unwrap();
        assert!(read(&path, None).unwrap_err().to_string().contains("larger than 16 MiB"));
        assert!(read(base.path(), None).unwrap_err().to_string().contains("cannot read"));
        std::fs::write(&path, "x").unwrap();
        assert!(read(&path, None).unwrap_err().to_string().contains("filezilla, winscp, lftp, netrc, ftpane"));
    }
}
