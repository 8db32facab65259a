//! What a server says may be done with an entry: the `perm` fact of MLSD and MLST (RFC 3659 §7.5.5).

/// The letters of the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Perms(u16);

/// The letters in the order of the RFC.
const LETTERS: &[u8; 10] = b"acdeflmprw";

/// What a letter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// `a`: bytes may be put behind the file's.
    Append,
    /// `d`: it may be deleted.
    Delete,
    /// `e`: the directory may be entered.
    Enter,
    /// `f`: it may be renamed.
    Rename,
    /// `l`: the directory may be listed.
    List,
    /// `r`: the file may be read.
    Read,
    /// `w`: the file may be written.
    Write,
}

impl Deed {
    fn letter(self) -> u8 {
        match self {
            Self::Append => b'a',
            Self::Delete => b'd',
            Self::Enter => b'e',
            Self::Rename => b'f',
            Self::List => b'l',
            Self::Read => b'r',
            Self::Write => b'w',
        }
    }
}

impl Perms {
    /// Reads the fact, in any case; letters of a server's own say nothing.
    pub fn parse(fact: &[u8]) -> Self {
        Self(fact.iter().map(|letter| bit(letter.to_ascii_lowercase())).fold(0, |all, one| all | one))
    }

    /// Whether the server lets it be done.
    pub fn may(self, deed: Deed) -> bool {
        self.0 & bit(deed.letter()) != 0
    }

    /// The letters, in the order of the RFC.
    pub fn letters(self) -> String {
        LETTERS.iter().filter(|letter| self.0 & bit(**letter) != 0).map(|letter| char::from(*letter)).collect()
    }
}

fn bit(letter: u8) -> u16 {
    LETTERS.iter().position(|known| *known == letter).map_or(0, |at| 1 << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_say_what_may_be_done_and_others_say_nothing() {
        let perms = Perms::parse(b"RadMT");
        assert!(perms.may(Deed::Read) && perms.may(Deed::Append) && perms.may(Deed::Delete));
        assert!(!perms.may(Deed::Rename) && !perms.may(Deed::Write) && !perms.may(Deed::Enter) && !perms.may(Deed::List));
        // `M` is pyftpdlib's own and reads as the RFC's `m`.
        assert_eq!((perms.letters().as_str(), Perms::parse(b"").letters().as_str()), ("admr", ""));
    }
}
