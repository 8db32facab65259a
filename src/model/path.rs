//! Names and paths as bytes, the same on both sides.
//!
//! A server's names are bytes in no known charset, and so are Unix file names: neither is ever decoded to be used, only to be shown
//! (see [`super::text`]). Guarantee: a [`Name`] is one path component that can be joined to a directory without leaving it, and
//! carries no byte that would end a command line; a [`VPath`] is absolute, `/`-separated, without empty, `.` or `..` parts.

use std::fmt;

/// Why some bytes cannot be a [`Name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadName {
    /// No bytes at all.
    Empty,
    /// `.` or `..`: a place in the tree rather than an entry.
    Dots,
    /// Holds `/`: would name something elsewhere.
    Slash,
    /// Holds NUL, CR or LF: cannot be sent in a command (RFC 959 §5.3), would cut it in two.
    ControlByte,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the name is empty",
            Self::Dots => "the name is . or ..",
            Self::Slash => "the name holds a slash",
            Self::ControlByte => "the name holds a NUL or a line break",
        })
    }
}

/// One component of a path: the name of an entry, as the bytes the volume knows it by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<[u8]>);

impl Name {
    /// Takes `bytes` as they are.
    ///
    /// # Errors
    /// [`BadName`] where they could not be one component of a path or one argument of a command.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Result<Self, BadName> {
        let bytes = bytes.into();
        check_name(&bytes)?;
        Ok(Self(bytes))
    }

    /// The bytes, as the volume has them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes behind the last dot, if there is one that is not the first byte.
    pub fn extension(&self) -> Option<&[u8]> {
        let dot = self.0.iter().rposition(|&b| b == b'.')?;
        (dot > 0).then(|| self.0.get(dot + 1..)).flatten()
    }

    /// Whether the name begins with a dot, which hides it by Unix custom.
    pub fn is_hidden(&self) -> bool {
        self.0.first() == Some(&b'.')
    }
}

/// The bytes as UTF-8 with a placeholder for each bad sequence; for tests and logs, not for the screen.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

fn check_name(bytes: &[u8]) -> Result<(), BadName> {
    match bytes {
        b"" => return Err(BadName::Empty),
        b"." | b".." => return Err(BadName::Dots),
        _ => {}
    }
    for byte in bytes {
        match byte {
            b'/' => return Err(BadName::Slash),
            0 | b'\r' | b'\n' => return Err(BadName::ControlByte),
            _ => {}
        }
    }
    Ok(())
}

/// An absolute path on some volume.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VPath(Vec<u8>);

impl VPath {
    /// The root, `/`.
    pub fn root() -> Self {
        Self(b"/".to_vec())
    }

    /// Reads `bytes` as an absolute path: a missing leading slash is added, empty and `.` parts vanish, `..` climbs (never past the root).
    ///
    /// # Errors
    /// [`BadName::ControlByte`] where a part could not be sent in a command.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadName> {
        Self::root().resolve(bytes)
    }

    /// Reads `bytes` as a person types a path while standing in `self`: absolute with a leading slash, else relative; `..` climbs.
    ///
    /// # Errors
    /// [`BadName::ControlByte`] where a part could not be sent in a command.
    pub fn resolve(&self, bytes: &[u8]) -> Result<Self, BadName> {
        let mut path = if bytes.first() == Some(&b'/') { Self::root() } else { self.clone() };
        // In place: a server may answer with a path of thousands of parts.
        for part in bytes.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => path.climb(),
                name => {
                    check_name(name)?;
                    path.descend(name);
                }
            }
        }
        Ok(path)
    }

    /// The entry `name` of this directory.
    #[must_use]
    pub fn join(&self, name: &Name) -> Self {
        // With no room to spare: many thousands of paths may wait.
        let mut bytes = Vec::with_capacity(self.0.len() + 1 + name.as_bytes().len());
        bytes.extend_from_slice(&self.0);
        let mut path = Self(bytes);
        path.descend(name.as_bytes());
        path
    }

    fn descend(&mut self, name: &[u8]) {
        if !self.is_root() {
            self.0.push(b'/');
        }
        self.0.extend_from_slice(name);
    }

    fn climb(&mut self) {
        let slash = self.0.iter().rposition(|&b| b == b'/').unwrap_or(0);
        self.0.truncate(slash.max(1));
    }

    /// The directory above; none above the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let slash = self.0.iter().rposition(|&b| b == b'/')?;
        Some(Self(self.0.get(..slash.max(1))?.to_vec()))
    }

    /// The last component; none for the root.
    pub fn name(&self) -> Option<Name> {
        let slash = self.0.iter().rposition(|&b| b == b'/')?;
        Name::new(self.0.get(slash + 1..)?).ok()
    }

    /// The components from the root down.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/').filter(|part| !part.is_empty())
    }

    /// Whether this is `/`.
    pub fn is_root(&self) -> bool {
        self.0 == b"/"
    }

    /// Whether this is `ancestor` or lies below it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        ancestor.is_root() || self.0.strip_prefix(ancestor.0.as_slice()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }

    /// The bytes, beginning with `/`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for VPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> VPath {
        VPath::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_name_never_leaves_its_directory_or_ends_a_command() {
        for (bytes, why) in [
            (&b""[..], BadName::Empty),
            (b".", BadName::Dots),
            (b"..", BadName::Dots),
            (b"../x", BadName::Slash),
            (b"/abs", BadName::Slash),
            (b"a\0b", BadName::ControlByte),
            (b"a\rDELE b", BadName::ControlByte),
            (b"a\nb", BadName::ControlByte),
        ] {
            assert_eq!(Name::new(bytes).unwrap_err(), why);
        }
        for bytes in [&b"..x"[..], b"a\\b", b"-rf", b" lead", b"\xff\xfe", b"C:"] {
            assert_eq!(Name::new(bytes).unwrap().as_bytes(), bytes);
        }
    }

    #[test]
    fn a_path_is_absolute_and_normal() {
        assert_eq!(path("a//b/./c/../d"), path("/a/b/d"));
        assert_eq!(path("../../.."), VPath::root());
        assert_eq!(path("/a").resolve(b"../b/c").unwrap(), path("/b/c"));
        assert_eq!(path("/a").resolve(b"/x").unwrap(), path("/x"));
    }

    #[test]
    fn parent_and_join_are_inverse() {
        let dir = path("/a/b");
        let name = Name::new(&b"c d"[..]).unwrap();
        assert_eq!(dir.join(&name).parent(), Some(dir.clone()));
        assert_eq!(dir.join(&name).name(), Some(name));
        assert_eq!(path("/a").parent(), Some(VPath::root()));
        assert_eq!(VPath::root().parent(), None);
        assert_eq!(VPath::root().name(), None);
    }

    #[test]
    fn within_compares_whole_components() {
        assert!(path("/a/b").is_within(&path("/a")));
        assert!(path("/a").is_within(&path("/a")));
        assert!(path("/a").is_within(&VPath::root()));
        assert!(!path("/ab").is_within(&path("/a")));
    }
}
