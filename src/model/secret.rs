//! A password in memory.
//!
//! Guarantee: it shows in no `Debug`, has no `Display` and no `Serialize`, and its memory is wiped when it goes.
//! `tests/architecture.rs` holds who may call [`Secret::expose`].

use std::fmt;

use zeroize::Zeroize as _;

/// Text that must not be shown. Only what sends or stores it asks for [`Secret::expose`].
///
/// ```compile_fail
/// fn is_shown<T: std::fmt::Display>() {}
/// is_shown::<ftpane::model::Secret>();
/// ```
///
/// ```compile_fail
/// fn is_written<T: serde::Serialize>() {}
/// is_written::<ftpane::model::Secret>();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes the password. Who hands over a `String` hands over its memory as well: nothing of it stays behind.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        // Shrinking a string may move it, and what it leaves would not be wiped.
        let exact: Box<str> = Box::from(text.as_str());
        text.zeroize();
        Self(exact)
    }

    /// Takes bytes that must be text; wipes them where they are none.
    pub fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(Self::new(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                None
            }
        }
    }

    /// The password itself, to be sent and not to be kept.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is the empty password.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it could be sent: a line break or NUL in it would cut the command in two.
    pub fn is_sendable(&self) -> bool {
        !self.0.contains(['\r', '\n', '\0'])
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

/// What a person typed to open something. A URL in it may hold a password, which its `Debug` leaves out.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Typed(String);

impl Typed {
    /// Takes what was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the password that may stand in it: to be shown again.
    pub fn shown(&self) -> String {
        without_password(self.0.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| self.0.clone())
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown(), f)
    }
}

impl PartialEq<str> for Typed {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

/// What was typed as a target, or given as an argument, without the password of a URL or of `user:password@host`; `None` where it has
/// none.
pub fn without_password(typed: &[u8]) -> Option<Vec<u8>> {
    if let Some(proxy) = typed.strip_prefix(b"--proxy=") {
        return without_password(proxy).map(|shown| [b"--proxy=", shown.as_slice()].concat());
    }
    if matches!(typed.first(), None | Some(b'/' | b'.' | b'~' | b'-')) {
        return None;
    }
    let begin = typed.windows(3).position(|window| window == b"://").map_or(0, |at| at + 3);
    let rest = typed.get(begin..)?;
    let end = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let at = authority.iter().rposition(|b| *b == b'@')?;
    let colon = authority.get(..at)?.iter().position(|b| *b == b':')?;
    Some([typed.get(..begin + colon)?, typed.get(begin + at..)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        assert!(!format!("{:?} {:#?}", Some(Secret::new("hunter2")), [Secret::new("hunter2")]).contains("hunter2"));
    }

    #[test]
    fn bytes_that_are_no_text_and_line_breaks_make_no_password() {
        assert_eq!(Secret::of_bytes(b"p\xc3\xa4ss".to_vec()), Some(Secret::new("päss")));
        assert_eq!(Secret::of_bytes(b"\xff".to_vec()), None);
        assert!(Secret::new("a b").is_sendable() && !Secret::new("a\nQUIT").is_sendable() && !Secret::new("a\0").is_sendable());
    }

    #[test]
    fn only_the_password_goes_from_what_was_typed() {
        for (typed, hidden) in [
            ("ftp://u:p@h/x", Some("ftp://u@h/x")),
            ("ftp://u:p:q@r@h", Some("ftp://u@h")),
            ("ftp://:p@h/a:b@c", Some("ftp://@h/a:b@c")),
            ("u:p@h", Some("u@h")),
            ("ftp://u@h:21/a:b@c", None),
            ("ftp://h:21/", None),
            ("/a:b@c", None),
            ("--password-command=a:b@c", None),
            ("--proxy=socks5://u:p@h:1080", Some("--proxy=socks5://u@h:1080")),
            ("--proxy=socks5://u@h:1080", None),
            ("", None),
        ] {
            assert_eq!(without_password(typed.as_bytes()), hidden.map(|text| text.as_bytes().to_vec()), "{typed}");
            assert_eq!(format!("{:?}", Typed::new(typed)), format!("{:?}", hidden.unwrap_or(typed)));
        }
    }
}
