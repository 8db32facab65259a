//! FTP URLs (RFC 1738 §3.2) on bytes: reading, showing, turning into a [`Site`] and back.
//!
//! Guarantee: what was parsed holds no CR, LF or NUL in any part, showing it never shows the password, and parsing what was shown
//! gives the same URL without the password. A literal `?` or `#` belongs to the path: FTP knows neither queries nor fragments.

// The value alone: nothing here opens a socket.
use core::net::Ipv6Addr;
use std::fmt;

use super::ascii::Ascii;
use super::path::{BadName, VPath};
use super::percent::{decode, encode};
use super::secret::Secret;
use super::site::{Site, StartDir, TlsPolicy};
use super::text::printable;

pub use super::url_error::{Part, UrlError};

/// What stands before `://`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scheme {
    /// `ftp`: TLS where the server offers it.
    #[default]
    Ftp,
    /// `ftpes`: explicit TLS or no login.
    Ftpes,
    /// `ftps`: TLS from the first byte.
    Ftps,
}

impl Scheme {
    /// What it asks of TLS.
    pub fn tls(self) -> TlsPolicy {
        match self {
            Self::Ftp => TlsPolicy::Auto,
            Self::Ftpes => TlsPolicy::Required,
            Self::Ftps => TlsPolicy::Implicit,
        }
    }

    /// The scheme that asks for this; for [`TlsPolicy::Off`], which a URL cannot say, `ftp`.
    pub fn of_tls(tls: TlsPolicy) -> Self {
        match tls {
            TlsPolicy::Auto | TlsPolicy::Off => Self::Ftp,
            TlsPolicy::Required => Self::Ftpes,
            TlsPolicy::Implicit => Self::Ftps,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ftp => "ftp",
            Self::Ftpes => "ftpes",
            Self::Ftps => "ftps",
        }
    }
}

/// An FTP URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FtpUrl {
    /// What stands before `://`.
    pub scheme: Scheme,
    /// The user; none where the URL has none or an empty one.
    pub user: Option<String>,
    /// The password; never shown.
    pub password: Option<Secret>,
    /// Host name or address, without brackets.
    pub host: String,
    /// The port, where given.
    pub port: Option<u16>,
    /// The path: relative to the login directory, or absolute.
    pub start: StartDir,
    /// Whether the path says by itself that it is a directory: no path, a trailing `/`, `;type=d`.
    pub directory: bool,
    /// Whether it asks for a text by `;type=a` (RFC 1738 §3.2.2).
    pub text: bool,
}

impl FtpUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`UrlError`] names the part that is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, UrlError> {
        let (scheme, rest) = split_once(text, b"://").ok_or(UrlError::NoScheme)?;
        let scheme = parse_scheme(scheme)?;
        let (authority, path) = match rest.iter().position(|&b| b == b'/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, &b""[..]),
        };
        let (login, place) = match authority.iter().rposition(|&b| b == b'@') {
            Some(at) => (authority.get(..at).unwrap_or_default(), authority.get(at + 1..).unwrap_or_default()),
            None => (&b""[..], authority),
        };
        let (user, password) = match split_once(login, b":") {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        let user = text_of(user, Part::User)?;
        let password = password.map(|bytes| text_of(bytes, Part::Password)).transpose()?;
        let (host, port) = parse_place(place)?;
        let (start, directory, text) = parse_path(path)?;
        Ok(Self {
            scheme,
            user: Some(user).filter(|user| !user.is_empty()),
            password: password.map(Secret::new),
            host,
            port,
            start,
            directory,
            text,
        })
    }

    /// The URL of a site, without what a URL cannot say.
    pub fn of_site(site: &Site) -> Self {
        Self {
            scheme: Scheme::of_tls(site.tls),
            user: site.user.clone(),
            password: None,
            host: site.host.clone(),
            port: site.port,
            start: site.start.clone(),
            directory: true,
            text: false,
        }
    }

    /// The site that this URL names, for one run; the password goes its own way.
    pub fn to_site(&self) -> Site {
        Site {
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            start: self.start.clone(),
            tls: self.scheme.tls(),
            ascii: if self.text { Ascii::Always } else { Ascii::Never },
            ..Site::default()
        }
    }

    /// The absolute path, where `home` is the directory after login.
    ///
    /// # Errors
    /// [`BadName`] where a part of the path could not be sent in a command; never for a URL that was parsed.
    pub fn path_from(&self, home: &VPath) -> Result<VPath, BadName> {
        path_from(&self.start, home)
    }
}

/// The absolute path of `start`, where `home` is the directory after login.
///
/// # Errors
/// [`BadName`] where a part of the path could not be sent in a command.
pub fn path_from(start: &StartDir, home: &VPath) -> Result<VPath, BadName> {
    match start {
        StartDir::Login => Ok(home.clone()),
        StartDir::Relative(parts) => home.resolve(parts),
        StartDir::Absolute(path) => Ok(path.clone()),
    }
}

/// What a path given by a person or a file means: absolute with a leading `/`, else relative to the login directory. Tells too whether
/// it names a directory by itself.
///
/// # Errors
/// [`UrlError::ControlByte`] where it could not be sent in a command.
pub fn start_of(path: &[u8]) -> Result<(StartDir, bool), UrlError> {
    if path.iter().any(|b| is_refused(*b)) {
        return Err(UrlError::ControlByte(Part::Path));
    }
    let parts: Vec<&[u8]> = path.split(|&b| b == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    let last = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let mut directory = matches!(last, b"" | b"." | b"..");
    let start = if path.first() == Some(&b'/') {
        let path = VPath::parse(path).map_err(|_| UrlError::ControlByte(Part::Path))?;
        directory |= path.is_root();
        StartDir::Absolute(path)
    } else if parts.is_empty() {
        StartDir::Login
    } else {
        StartDir::Relative(parts.join(&b'/'))
    };
    Ok((start, directory))
}

/// The URL without the password.
impl fmt::Display for FtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const IN_USER: &[u8] = b"!$&'()*+,=";
        // Not `;`, which could begin `;type=`.
        const IN_PATH: &[u8] = b"/!$&'()*+,=:@";
        write!(f, "{}://", self.scheme.as_str())?;
        if let Some(user) = &self.user {
            write!(f, "{}@", encode(user.as_bytes(), IN_USER))?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host.replace('%', "%25"))?;
        } else {
            f.write_str(&self.host)?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        let ends = match &self.start {
            StartDir::Login => true,
            StartDir::Relative(parts) => write!(f, "/{}", encode(parts, IN_PATH)).map(|()| false)?,
            StartDir::Absolute(path) if path.is_root() => f.write_str("//").map(|()| true)?,
            StartDir::Absolute(path) => write!(f, "/{}", encode(path.as_bytes(), IN_PATH)).map(|()| false)?,
        };
        if self.directory && !ends {
            f.write_str("/")?;
        }
        match (self.text, &self.start) {
            (true, StartDir::Login) => f.write_str("/;type=a"),
            (true, _) => f.write_str(";type=a"),
            (false, _) => Ok(()),
        }
    }
}

fn is_refused(byte: u8) -> bool {
    matches!(byte, 0 | b'\r' | b'\n')
}

fn split_once<'a>(text: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(by.len()).position(|window| window == by)?;
    Some((text.get(..at)?, text.get(at + by.len()..)?))
}

fn parse_scheme(scheme: &[u8]) -> Result<Scheme, UrlError> {
    match scheme.to_ascii_lowercase().as_slice() {
        b"ftp" => Ok(Scheme::Ftp),
        b"ftpes" => Ok(Scheme::Ftpes),
        b"ftps" => Ok(Scheme::Ftps),
        _ if is_scheme(scheme) => Err(UrlError::UnknownScheme(printable(scheme).into_owned())),
        _ => Err(UrlError::NoScheme),
    }
}

/// Whether it has the form of a scheme (RFC 3986 §3.1): what has not may be a user with half a password, and is shown to nobody.
pub(super) fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic) && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
}

/// The decoded text of a user or password.
fn text_of(raw: &[u8], part: Part) -> Result<String, UrlError> {
    let bytes = decode(raw).ok_or(UrlError::Escape(part))?;
    if bytes.iter().any(|b| is_refused(*b)) {
        return Err(UrlError::ControlByte(part));
    }
    String::from_utf8(bytes).map_err(|_| UrlError::NotText(part))
}

fn parse_place(place: &[u8]) -> Result<(String, Option<u16>), UrlError> {
    if place.iter().any(|b| is_refused(*b)) {
        return Err(UrlError::ControlByte(Part::Host));
    }
    let place = std::str::from_utf8(place).map_err(|_| UrlError::NotText(Part::Host))?;
    if let Some(inner) = place.strip_prefix('[') {
        let (address, port) = inner.split_once(']').ok_or(UrlError::BadHost)?;
        let port = match port.strip_prefix(':') {
            Some(port) => Some(parse_port(port)?),
            None if port.is_empty() => None,
            None => return Err(UrlError::BadHost),
        };
        return Ok((parse_ipv6(address)?, port));
    }
    if place.matches(':').count() > 1 {
        return Err(UrlError::BareIpv6);
    }
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (place, None),
    };
    if host.is_empty() {
        return Err(UrlError::NoHost);
    }
    if !host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        return Err(UrlError::BadHost);
    }
    Ok((host.to_owned(), port.map(parse_port).transpose()?))
}

/// An address with or without a zone, which a URL writes behind `%25` (RFC 6874) and people behind `%`.
fn parse_ipv6(text: &str) -> Result<String, UrlError> {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone))),
        None => (text, None),
    };
    address.parse::<Ipv6Addr>().map_err(|_| UrlError::BadHost)?;
    match zone {
        None => Ok(address.to_owned()),
        Some(zone) if !zone.is_empty() && zone.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) => {
            Ok(format!("{address}%{zone}"))
        }
        Some(_) => Err(UrlError::BadHost),
    }
}

fn parse_port(text: &str) -> Result<u16, UrlError> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(UrlError::BadPort);
    }
    text.parse().ok().filter(|port| *port != 0).ok_or(UrlError::BadPort)
}

/// Reads what stands behind the host and port: nothing, or `/` and the path.
fn parse_path(path: &[u8]) -> Result<(StartDir, bool, bool), UrlError> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let (path, kind) = strip_type(path)?;
    let path = decode(path).ok_or(UrlError::Escape(Part::Path))?;
    let (start, directory) = start_of(&path)?;
    Ok((start, directory || kind == Some(b'd'), kind == Some(b'a')))
}

/// Takes `;type=X` off the end (RFC 1738 §3.2.2); tells which of `a`, `i` and `d` it said.
fn strip_type(path: &[u8]) -> Result<(&[u8], Option<u8>), UrlError> {
    let Some((before, suffix)) = path.iter().rposition(|&b| b == b';').and_then(|at| path.split_at_checked(at)) else {
        return Ok((path, None));
    };
    let suffix = suffix.to_ascii_lowercase();
    match suffix.strip_prefix(b";type=") {
        Some(&[kind @ (b'a' | b'i' | b'd')]) => Ok((before, Some(kind))),
        Some(kind) if !kind.contains(&b'/') => Err(UrlError::UnknownType),
        _ => Ok((path, None)),
    }
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
