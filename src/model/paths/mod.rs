//! How a server writes the places in its tree: [`VPath`]s in the program, words such as `DISK$USER:[ALICE.WWW]` or `'ALICE.DATA'` on the wire.
//!
//! One file a way of writing. Guarantee: words that are made of a path read as that path again, and a name that would be more than a name in
//! the words of the server (a parent, another disk, a member, a pattern) makes no words at all: nothing that is made of it leads elsewhere.

mod as400;
mod drive;
mod mvs;
mod nonstop;
mod vms;
mod zvm;

use super::path::{Name, VPath};
use super::site::ListingStyle;

/// A way of writing places.
trait Syntax: Sync {
    /// The parts of a place, from the top down; `None` where these are no words for one.
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>>;

    /// The words for a directory, of which there is at least one part; `None` where the server has none for it.
    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>>;

    /// Whether this is a name and nothing more, of a directory or of something in one.
    fn is_name(&self, name: &[u8], directory: bool) -> bool;

    /// How a file is named from within its directory.
    fn file(&self, name: &[u8]) -> Vec<u8> {
        name.to_vec()
    }

    /// The same where it is deleted.
    fn doomed(&self, name: &[u8]) -> Vec<u8> {
        self.file(name)
    }

    /// The words for a file by those of its directory and its own; `None` where the server has no such words.
    fn within(&self, _directory: &[u8], _file: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// What names may be, in words for a person.
    fn rule(&self) -> &'static str;
}

/// How the places of one server are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Paths {
    /// `/dir/file`: of Unix, and of nearly every server.
    #[default]
    Unix,
    /// `DISK$USER:[ALICE.WWW]`: OpenVMS.
    Vms,
    /// `'ALICE.DATA'`: data sets of z/OS and what begins their names; `/u/alice` for its Unix files.
    Mvs,
    /// `ALICE.191`, `POOL:ALICE.SUB`: z/VM.
    Zvm,
    /// `QGPL`: libraries of IBM i, where its server knows no other names.
    As400,
    /// `\SYS.$VOL.SUBVOL`: HP NonStop.
    NonStop,
    /// `C:/dir`: OS/2, and servers on DOS, Windows and devices with disks.
    Drive,
    /// `C:\dir`.
    DriveBack,
}

/// The words for a place that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWords {
    /// It is above all that the server can be told to stand in.
    TooHigh,
    /// A name in it would be more than a name; what names may be.
    NoName(&'static str),
}

impl std::fmt::Display for NoWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooHigh => f.write_str("the server has no words for this place"),
            Self::NoName(rule) => write!(f, "the server would read more than a name in it: names here are {rule}"),
        }
    }
}

impl Paths {
    /// How a server writes, by its words for the directory after login and, where these leave it open, by what it says it is.
    pub fn of(system: Option<ListingStyle>, words: &[u8]) -> Self {
        let reads = |paths: Self| paths.syntax().is_some_and(|syntax| syntax.read(words).is_some());
        if words.starts_with(b"/") {
            return Self::Unix;
        }
        let told = match system {
            Some(ListingStyle::Vms) => Some(Self::Vms),
            Some(ListingStyle::Mvs) => Some(Self::Mvs),
            Some(ListingStyle::Zvm) => Some(Self::Zvm),
            Some(ListingStyle::As400) => Some(Self::As400),
            Some(ListingStyle::NonStop) => Some(Self::NonStop),
            _ => None,
        };
        if let Some(told) = told.filter(|told| reads(*told)) {
            return told;
        }
        let by_words = match words.first() {
            Some(b'\'') => Self::Mvs,
            _ if words.ends_with(b"]") => Self::Vms,
            Some(b'\\') if words.windows(2).any(|pair| pair == b".$") => Self::NonStop,
            Some(b'$') => Self::NonStop,
            _ if words.contains(&b'\\') => Self::DriveBack,
            _ => Self::Drive,
        };
        if reads(by_words) { by_words } else { Self::Unix }
    }

    fn syntax(self) -> Option<&'static dyn Syntax> {
        Some(match self {
            Self::Unix => return None,
            Self::Vms => &vms::Vms,
            Self::Mvs => &mvs::Mvs,
            Self::Zvm => &zvm::Zvm,
            Self::As400 => &as400::As400,
            Self::NonStop => &nonstop::NonStop,
            Self::Drive => &drive::Drive { separator: b'/' },
            Self::DriveBack => &drive::Drive { separator: b'\\' },
        })
    }

    /// Whether paths are the server's own words.
    pub fn is_unix(self) -> bool {
        self == Self::Unix
    }

    /// Whether a command takes the path of a file as it is: z/OS has Unix files beside data sets.
    pub fn takes_path(self, path: &VPath) -> bool {
        self.is_unix() || self == Self::Mvs && mvs::is_unix(path.parts().next())
    }

    /// The place that the server's words name.
    pub fn read(self, words: &[u8]) -> Option<VPath> {
        if words.starts_with(b"/") {
            // On a disk it is as absolute as with its letter.
            return VPath::parse(words).ok();
        }
        let parts = self.syntax()?.read(words)?;
        parts.into_iter().try_fold(VPath::root(), |path, part| Some(path.join(&Name::new(part).ok()?)))
    }

    /// The server's words for a directory.
    ///
    /// # Errors
    /// [`NoWords`] where it has none, or reads something else in them.
    pub fn directory(self, path: &VPath) -> Result<Vec<u8>, NoWords> {
        let Some(syntax) = self.syntax().filter(|_| !self.takes_path(path)) else { return Ok(path.as_bytes().to_vec()) };
        let parts: Vec<&[u8]> = path.parts().collect();
        if parts.is_empty() {
            return Err(NoWords::TooHigh);
        }
        let words = syntax.write(&parts);
        let is_read_again = |words: &[u8]| self.read(words).is_some_and(|same| self.is_same(&same, path));
        match words.filter(|words| is_read_again(words)) {
            Some(words) => Ok(words),
            None if parts.iter().all(|part| is_made_of(part, b"\\:@#$._-+")) => Err(NoWords::TooHigh),
            None => Err(NoWords::NoName(syntax.rule())),
        }
    }

    /// The server's words for a file from within its directory.
    ///
    /// # Errors
    /// [`NoWords::NoName`].
    pub fn file(self, name: &Name) -> Result<Vec<u8>, NoWords> {
        self.named(name, |syntax| syntax.file(name.as_bytes()))
    }

    /// The same for a file that is to be deleted: where there are several of a name, the one that the listing shows by it.
    ///
    /// # Errors
    /// [`NoWords::NoName`].
    pub fn doomed(self, name: &Name) -> Result<Vec<u8>, NoWords> {
        self.named(name, |syntax| syntax.doomed(name.as_bytes()))
    }

    /// The words for a file from anywhere; `None` where there are none.
    ///
    /// # Errors
    /// As [`Paths::directory`] and [`Paths::file`].
    pub fn anywhere(self, path: &VPath) -> Result<Option<Vec<u8>>, NoWords> {
        let (Some(syntax), Some(parent), Some(name)) = (self.syntax(), path.parent(), path.name()) else { return Ok(None) };
        Ok(syntax.within(&self.directory(&parent)?, &self.file(&name)?))
    }

    fn named(self, name: &Name, words: impl FnOnce(&dyn Syntax) -> Vec<u8>) -> Result<Vec<u8>, NoWords> {
        match self.syntax() {
            None => Ok(name.as_bytes().to_vec()),
            Some(syntax) if syntax.is_name(name.as_bytes(), false) => Ok(words(syntax)),
            Some(syntax) => Err(NoWords::NoName(syntax.rule())),
        }
    }

    /// Whether a name that the server lists is one that may be used.
    pub fn is_name(self, name: &Name, directory: bool) -> bool {
        self.syntax().is_none_or(|syntax| syntax.is_name(name.as_bytes(), directory))
    }

    /// Whether something in a directory is that directory again, as VMS lists the top of a disk within itself.
    pub fn is_itself(self, directory: &VPath, name: &Name, is_dir: bool) -> bool {
        let is_disk = directory.parts().next().is_some_and(|disk| disk.ends_with(b":")) && directory.parts().count() == 1;
        self == Self::Vms && is_disk && vms::is_top(name.as_bytes(), is_dir)
    }

    /// Whether both are the same place to the server, however far each name reaches: `/ALICE/DATA.SRC` and `/ALICE/DATA/SRC` on z/OS, and
    /// letters of either size.
    pub fn is_same(self, one: &VPath, other: &VPath) -> bool {
        let words = |path: &VPath| {
            let parts: Vec<&[u8]> = path.parts().collect();
            self.syntax().and_then(|syntax| syntax.write(&parts))
        };
        one == other || !self.is_unix() && words(one).zip(words(other)).is_some_and(|(one, other)| one.eq_ignore_ascii_case(&other))
    }

    /// Whether both are the same name to the server.
    pub fn is_same_name(self, one: &Name, other: &Name) -> bool {
        let words = |name: &Name| self.file(name).ok();
        one == other || !self.is_unix() && words(one).zip(words(other)).is_some_and(|(one, other)| one.eq_ignore_ascii_case(&other))
    }

    /// A directory as the server says it, for a person.
    pub fn shown(self, path: &VPath) -> Vec<u8> {
        self.directory(path).unwrap_or_else(|_| path.as_bytes().to_vec())
    }

    /// What a person typed while at `place`: the server's words for a place, or a path.
    ///
    /// # Errors
    /// As [`VPath::resolve`].
    pub fn typed(self, place: &VPath, typed: &[u8]) -> Result<VPath, super::path::BadName> {
        let words = (!self.is_unix() && !typed.starts_with(b"/")).then(|| self.read(typed)).flatten();
        // Words that are no name: on z/VM a user's disk is written as a file is, and holds no directories.
        let is_place = self == Self::Zvm || typed.iter().any(|byte| matches!(byte, b':' | b'\'' | b'\\' | b'[' | b'$'));
        match words.filter(|_| is_place) {
            Some(path) => Ok(path),
            None => place.resolve(typed),
        }
    }
}

/// The parts of words at a dot.
fn at_dots(words: &[u8]) -> Vec<Vec<u8>> {
    words.split(|&byte| byte == b'.').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Letters and digits, and some other characters; not nothing.
fn is_made_of(name: &[u8], others: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || others.contains(byte))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
