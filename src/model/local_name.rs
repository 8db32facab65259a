//! Which names may become files of a local disk: the one place that judges a server's name before it is one.
//!
//! That a [`Name`] is one component, neither `.` nor `..`, and holds no `/` and no NUL, its type says already: on Unix nothing else can lead
//! elsewhere, and every other byte is a letter. Windows reads far more into a name: drives, streams, devices, blanks and dots that vanish. What
//! it would read in another way than as that name is refused by [`check`]; a copy gives it another name before that, which shows what it was
//! and from which that is found again: [`mapped`] and [`unmapped`].

use std::fmt;

use super::path::Name;

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Every byte is a letter.
    Unix,
    /// Names are Unicode, and some are more than names.
    Windows,
}

impl System {
    /// The one that this program was built for.
    pub const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// Why a name cannot be a file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoFile {
    /// Holds `\` or `:`: a path, a drive, or a stream of another file.
    Path,
    /// Holds a control character or one of `< > " | ? *`.
    Character,
    /// Names a device, with or without an extension.
    Device,
    /// Ends in a dot or a blank, which Windows takes off: it would be another file.
    Ending,
    /// Is not UTF-8.
    NotText,
}

impl fmt::Display for NoFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "a name with \\ or : in it is more than a name on Windows",
            Self::Character => "the name holds a character that no file on Windows may have",
            Self::Device => "the name is that of a device on Windows",
            Self::Ending => "the name ends in a dot or a blank, which Windows would take off",
            Self::NotText => "the name is not UTF-8, which names on Windows are made of",
        })
    }
}

/// Whether `name` can be the name of a file or directory.
///
/// # Errors
/// [`NoFile`] where the system would read something else into it.
pub fn check(name: &Name, system: System) -> Result<(), NoFile> {
    match system {
        System::Unix => Ok(()),
        System::Windows => check_windows(name.as_bytes()),
    }
}

fn check_windows(name: &[u8]) -> Result<(), NoFile> {
    let text = std::str::from_utf8(name).map_err(|_| NoFile::NotText)?;
    if text.contains(['\\', ':', '/']) {
        return Err(NoFile::Path);
    }
    if text.chars().any(|c| c < ' ' || matches!(c, '<' | '>' | '"' | '|' | '?' | '*')) {
        return Err(NoFile::Character);
    }
    if text.ends_with(['.', ' ']) {
        return Err(NoFile::Ending);
    }
    // The device is what stands before the first dot, blanks behind it left out: `nul .txt` is one, too.
    let stem = text.split('.').next().unwrap_or_default().trim_end_matches(' ');
    if is_device(stem) { Err(NoFile::Device) } else { Ok(()) }
}

/// The names that Windows has kept for devices since DOS. The raised digits count as digits there.
fn is_device(stem: &str) -> bool {
    const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
    if DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem)) {
        return true;
    }
    let Some((port, digit)) = stem.split_at_checked(3) else { return false };
    (port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT"))
        && matches!(digit, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
}

/// A name as `system` can have it: what it cannot have stands as `%XX`, byte by byte, and so does a `%` that would read as one of these. Names
/// that it can have stay as they are, and no two names come to the same.
pub fn mapped(name: &Name, system: System) -> Name {
    match system {
        System::Unix => name.clone(),
        System::Windows => Name::new(for_windows(name.as_bytes())).unwrap_or_else(|_| name.clone()),
    }
}

/// The name that [`mapped`] made this one of; any other is itself.
pub fn unmapped(name: &Name, system: System) -> Name {
    let was = match system {
        System::Unix => None,
        System::Windows => was_before(name.as_bytes()).and_then(|bytes| Name::new(bytes).ok()),
    };
    was.unwrap_or_else(|| name.clone())
}

/// A name of a system with these rules, as one with those can have it.
pub fn translated(name: &Name, (from, to): (System, System)) -> Name {
    if from == to { name.clone() } else { mapped(&unmapped(name, from), to) }
}

fn for_windows(name: &[u8]) -> Vec<u8> {
    let is_plain = check_windows(name).is_ok() && was_before(name).is_none();
    if is_plain { name.to_vec() } else { with_escapes(name) }
}

/// What was mapped to these bytes, if they are what comes of it.
fn was_before(name: &[u8]) -> Option<Vec<u8>> {
    let mut was = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&first, behind)) = rest.split_first() {
        match escape(rest) {
            Some(byte) => {
                was.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                was.push(first);
                rest = behind;
            }
        }
    }
    (was.len() < name.len() && for_windows(&was) == name).then_some(was)
}

/// The byte that `%XX` at the beginning stands for.
fn escape(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let digit = |digit: &u8| char::from(*digit).to_digit(16).filter(|_| !digit.is_ascii_lowercase());
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn with_escapes(name: &[u8]) -> Vec<u8> {
    let stem = name.split(|&byte| byte == b'.').next().unwrap_or_default().trim_ascii_end();
    let is_device = std::str::from_utf8(stem).is_ok_and(is_device);
    let mut out = Vec::with_capacity(name.len() + 8);
    let mut at = 0;
    for chunk in name.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            let is_last = at + 1 == name.len();
            let is_bad = byte < b' ' || b"\\:<>\"|?*".contains(&byte) || (is_last && matches!(byte, b'.' | b' ')) || (at == 0 && is_device);
            let reads_as_escape = name.get(at..).and_then(escape).is_some();
            if is_bad || reads_as_escape {
                push_escape(&mut out, byte)
            } else {
                out.push(byte)
            }
            at += 1;
        }
        for &byte in chunk.invalid() {
            push_escape(&mut out, byte);
            at += 1;
        }
    }
    out
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    out.extend(format!("%{byte:02X}").bytes());
}

/// What [`check`] promises of a name that it lets pass on Windows, said in another way.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn assert_plain_on_windows(name: &[u8]) {
    let folded = String::from_utf8_lossy(name).to_uppercase();
    let stem = folded.split('.').next().unwrap_or_default().trim_end().to_owned();
    assert!(!["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()), "{folded}");
    assert!(!name.iter().any(|byte| b"\\/:*?\"<>|".contains(byte) || *byte < 0x20), "{folded}");
    assert!(!matches!(name.last(), Some(b'.' | b' ') | None), "{folded}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(name: &str) -> Result<(), NoFile> {
        check(&Name::new(name.as_bytes()).unwrap(), System::Windows)
    }

    #[test]
    fn what_windows_reads_more_into_is_refused_there() {
        for (names, why) in [
            (&["..\\..\\x", "C:\\x", "C:", "C:x", "\\\\host\\share", "a:stream", "x::$DATA"][..], NoFile::Path),
            (&["a*", "a?", "a|b", "<a>", "a\"", "a\tb", "\u{1b}[2J"], NoFile::Character),
            (&["CON", "nul", "Nul.txt", "aux.tar.gz", "com1", "LPT9.x", "COM¹", "nul .txt", "CONIN$", "conout$", "com0"], NoFile::Device),
            (&["a.", "a ", "...", "x. .", " "], NoFile::Ending),
        ] {
            for name in names {
                assert_eq!(windows(name), Err(why), "{name}");
            }
        }
        assert_eq!(check(&Name::new(&b"caf\xe9"[..]).unwrap(), System::Windows), Err(NoFile::NotText));
    }

    #[test]
    fn plain_names_pass_there_too() {
        for name in
            [" lead", "a..b", "..x", ".rc", "console", "nully.txt", "com10", "COMB", "naïve.txt", "日本語", "-rf", "$(x)", "a.con", "lpt"]
        {
            assert_eq!(windows(name), Ok(()), "{name}");
        }
    }

    fn there_and_back(name: &[u8]) -> String {
        let name = Name::new(name).unwrap();
        let there = mapped(&name, System::Windows);
        assert_eq!(check(&there, System::Windows), Ok(()), "{there:?}");
        assert_eq!(unmapped(&there, System::Windows), name, "{there:?}");
        String::from_utf8(there.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_name_that_windows_cannot_have_gets_one_that_shows_it_and_comes_back() {
        for (name, there) in [
            (&b"a:b?.txt"[..], "a%3Ab%3F.txt"),
            (b"..\\..\\x", "..%5C..%5Cx"),
            (b"nul.txt", "%6Eul.txt"),
            (b"end. ", "end.%20"),
            (b"...", "..%2E"),
            (b"caf\xe9", "caf%E9"),
            // What is legal stays, a percent sign too; only what would read as an escape is told apart.
            (b"100%20done", "100%20done"),
            (b"100%", "100%"),
            (b"a%3Ab", "a%253Ab"),
            (b"50%:", "50%%3A"),
        ] {
            assert_eq!(there_and_back(name), there);
        }
        let plain = Name::new(&b"100%20"[..]).unwrap();
        assert_eq!(translated(&plain, (System::Unix, System::Unix)), plain);
    }

    #[test]
    fn on_unix_every_name_is_a_name() {
        for name in [&b"CON"[..], b"C:\\x", b"a.", b"\xff", b"a\tb"] {
            assert_eq!(check(&Name::new(name).unwrap(), System::Unix), Ok(()));
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_plain(name in "[a-zA-Z0-9 .:\\\\*?<>|\"$¹\t]{1,10}") {
            if let Ok(name) = Name::new(name.as_bytes())
                && check(&name, System::Windows).is_ok()
            {
                assert_plain_on_windows(name.as_bytes());
            }
        }

        #[test]
        fn every_name_can_be_had_and_comes_back(name in "[a-zA-Z0-9%25AE :.*\\\\\\x01é]{1,10}", other in proptest::collection::vec(any::<u8>(), 1..8)) {
            for name in [name.as_bytes(), &other] {
                if Name::new(name).is_ok() {
                    assert_plain_on_windows(there_and_back(name).as_bytes());
                }
            }
        }

        #[test]
        fn no_name_leaves_the_directory_that_it_is_joined_to(
            base in proptest::collection::vec("[a-z.]{1,4}", 0..4),
            names in proptest::collection::vec(proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'.'), Just(b'/'), Just(b'\\')], 0..6), 0..6),
        ) {
            let base = crate::model::VPath::parse(base.join("/").as_bytes()).unwrap();
            let mut path = base.clone();
            for name in names.into_iter().filter_map(|name| Name::new(name).ok()) {
                path = path.join(&name);
                // As the system reads it: `..` climbs, whoever wrote it.
                prop_assert!(crate::model::VPath::parse(path.as_bytes()).unwrap().is_within(&base));
                prop_assert_eq!(crate::model::VPath::parse(path.as_bytes()).unwrap(), path.clone());
            }
        }
    }
}
