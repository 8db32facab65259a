//! Why some bytes are no FTP URL, in words for who typed them.

use std::fmt;

/// A part of a URL, to name in an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Before the password.
    User,
    /// Before the `@`.
    Password,
    /// Host name or address.
    Host,
    /// All behind the host and port.
    Path,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "the user",
            Self::Password => "the password",
            Self::Host => "the host",
            Self::Path => "the path",
        })
    }
}

/// Why some bytes are no FTP URL. Never carries what might be part of a password.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UrlError {
    /// There is no `://`, or no scheme before it.
    NoScheme,
    /// Another scheme than FTP's, made safe to show.
    UnknownScheme(String),
    /// A `%` without two hexadecimal digits behind it.
    Escape(Part),
    /// A CR, LF or NUL, as it is or percent-encoded: it would cut an FTP command in two.
    ControlByte(Part),
    /// Bytes that are not UTF-8 where only text can be used.
    NotText(Part),
    /// Nothing stands where the host belongs.
    NoHost,
    /// What stands where the host belongs can be none.
    BadHost,
    /// An IPv6 address without brackets.
    BareIpv6,
    /// The port is not 1 to 65535.
    BadPort,
    /// `;type=` with something else than a, d or i.
    UnknownType,
}

impl UrlError {
    /// What is wrong, without what to write instead.
    pub fn what(&self) -> String {
        let whole = self.to_string();
        whole.split(';').next().unwrap_or_default().to_owned()
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str("this is no URL: no scheme and :// stand before it; write ftp://host/path"),
            Self::UnknownScheme(scheme) => write!(f, "{scheme}:// is not spoken here; use ftp://, ftpes:// or ftps://"),
            Self::Escape(part) => write!(f, "{part} has a % without two hexadecimal digits behind it; write a % itself as %25"),
            Self::ControlByte(part) => write!(f, "{part} holds a line break or a NUL, which FTP cannot carry; remove it"),
            Self::NotText(part) => write!(f, "{part} is not UTF-8; write it as UTF-8, percent-encoded"),
            Self::NoHost => f.write_str("the host is missing; write ftp://host/path"),
            Self::BadHost => f.write_str(
                "the host is neither a name nor an address; write ftp://host/path, and a / @ : in a user or password as %2F %40 %3A",
            ),
            Self::BareIpv6 => f.write_str("the host looks like an IPv6 address; put it in brackets: ftp://[::1]/path"),
            Self::BadPort => f.write_str(
                "the port is not a number from 1 to 65535; write ftp://host:2121/path, and a / @ : in a user or password as %2F %40 %3A",
            ),
            Self::UnknownType => f.write_str(
                "the path ends in an unknown ;type=; use ;type=a for a text, ;type=i for bytes, ;type=d for a directory, or leave it out",
            ),
        }
    }
}

impl std::error::Error for UrlError {}
