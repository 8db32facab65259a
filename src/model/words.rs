//! The words that settings are written in, in files and on the command line: one table each.

use super::conflict::Existing;
use super::site::{DataMode, ListingStyle, PasswordFrom, TlsPolicy, TlsVersion};

/// A setting that is one of a few words.
pub trait Word: Copy + PartialEq + 'static {
    /// Every word with its value, in the order to show them.
    const ALL: &'static [(&'static str, Self)];

    /// The word for this value.
    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }

    /// The value of a word.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    /// All words, for a message.
    fn words() -> String {
        Self::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
    }
}

impl Word for DataMode {
    const ALL: &'static [(&'static str, Self)] = &[("auto", Self::Auto), ("passive", Self::Passive), ("active", Self::Active)];
}

impl Word for TlsPolicy {
    const ALL: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("required", Self::Required), ("implicit", Self::Implicit), ("off", Self::Off)];
}

impl Word for PasswordFrom {
    const ALL: &'static [(&'static str, Self)] =
        &[("ask", Self::Ask), ("keyring", Self::Keyring), ("vault", Self::Vault), ("netrc", Self::Netrc), ("command", Self::Command)];
}

impl Word for TlsVersion {
    const ALL: &'static [(&'static str, Self)] = &[("1.2", Self::V12), ("1.3", Self::V13)];
}

impl Word for ListingStyle {
    const ALL: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("mlsd", Self::Mlsd),
        ("list", Self::List),
        ("unix", Self::Unix),
        ("dos", Self::Dos),
        ("vms", Self::Vms),
        ("mvs", Self::Mvs),
        ("zvm", Self::Zvm),
        ("as400", Self::As400),
        ("netware", Self::Netware),
        ("os2", Self::Os2),
        ("eplf", Self::Eplf),
        ("nonstop", Self::NonStop),
        ("other", Self::Other),
    ];
}

impl Word for Existing {
    const ALL: &'static [(&'static str, Self)] = &[
        ("ask", Self::Ask),
        ("overwrite", Self::Overwrite),
        ("newer", Self::Newer),
        ("size", Self::Size),
        ("differs", Self::Differs),
        ("resume", Self::Resume),
        ("rename", Self::Rename),
        ("skip", Self::Skip),
        ("fail", Self::Fail),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_word_that_leads_back_to_it() {
        assert!(Existing::ALL.iter().all(|(word, value)| value.word() == *word && Existing::of_word(word) == Some(*value)));
        assert_eq!(DataMode::default().word(), "auto");
        assert_eq!(TlsPolicy::of_word("none"), None);
    }
}
