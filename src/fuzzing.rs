//! The bodies of the fuzz targets in `fuzz/`: what others may write, read as the program reads it.
//!
//! Each body takes any bytes and stops where a promise is broken, so that the same function serves the fuzzer for hours and, with the kept
//! corpora and some thousand mutations of them, every run of the tests. Nothing here is in a build that people use.

use std::path::Path;

use crate::config;
use crate::config::import::{self, Format};
use crate::config::secrets::netrc;
use crate::model::charset::{CHARSETS, Charset, assert_round_trip};
use crate::model::local_name::{self, System};
use crate::model::target::{Known, command_target, is_surely_remote, pane_target};
use crate::model::text::{is_harmful, printable};
use crate::model::url::FtpUrl;
use crate::model::words::Word;
use crate::model::{Name, VPath};
use crate::volume::ftp::fuzzing as ftp;
use crate::volume::ftp::listing::Format as Listing;

/// A target by its name: `fuzz/fuzz_targets/NAME.rs` runs it, `fuzz/corpus/NAME/` has its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("replies", ftp::replies),
    ("values", ftp::values),
    ("list", |data| ftp::listing(Listing::List, data)),
    ("list_unix", |data| ftp::dialect(0, data)),
    ("list_dos", |data| ftp::dialect(1, data)),
    ("list_vms", |data| ftp::dialect(2, data)),
    ("list_mvs", |data| ftp::dialect(3, data)),
    ("list_zvm", |data| ftp::dialect(4, data)),
    ("list_as400", |data| ftp::dialect(5, data)),
    ("list_netware", |data| ftp::dialect(6, data)),
    ("list_os2", |data| ftp::dialect(7, data)),
    ("list_eplf", |data| ftp::dialect(8, data)),
    ("list_nonstop", |data| ftp::dialect(9, data)),
    ("list_other", |data| ftp::dialect(10, data)),
    ("mlsd", |data| ftp::listing(Listing::Mlsd, data)),
    ("mlst", ftp::mlst),
    ("url", url),
    ("target", target),
    ("sites", sites),
    ("netrc", netrc),
    ("import", import),
    ("text", text),
    ("path", path),
    ("charset", charset),
];

/// Runs the target called `name`.
///
/// # Panics
/// Where a promise is broken, and where there is no such target.
pub fn run(name: &str, data: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    assert!(found.is_some(), "no target {name}");
    if let Some((_, body)) = found {
        body(data);
    }
}

/// A name in any charset, and what a disk with the rules of Windows makes of it: the first byte says in which.
fn charset(data: &[u8]) {
    let Some((first, wire)) = data.split_first() else { return };
    let listed = CHARSETS.get(usize::from(*first) % CHARSETS.len()).and_then(|listed| Charset::of_label(listed.label));
    assert!(listed.is_some(), "a charset that is offered is one");
    if let Some(charset) = listed {
        assert_round_trip(charset, wire);
    }
    if let Ok(name) = Name::new(wire) {
        let there = local_name::mapped(&name, System::Windows);
        assert_eq!(local_name::check(&there, System::Windows), Ok(()), "{there:?}");
        assert_eq!(local_name::unmapped(&there, System::Windows), name, "{there:?}");
    }
}

fn url(data: &[u8]) {
    match FtpUrl::parse(data) {
        Ok(url) => {
            let shown = url.to_string();
            let again = FtpUrl::parse(shown.as_bytes());
            assert_eq!(again, Ok(FtpUrl { password: None, ..url }), "{shown}");
            assert!(is_safe(&shown), "{shown:?}");
        }
        Err(error) => assert!(is_safe(&error.to_string()), "{error:?}"),
    }
}

fn target(data: &[u8]) {
    let known = Known { is_site: &|name| name.len() % 3 == 1, is_dir: &|path| path.len() % 5 == 1 };
    for read in [pane_target(data, &known), command_target(data, &known)] {
        assert!(read.err().is_none_or(|error| is_safe(&error.to_string())));
    }
    let _ = is_surely_remote(data, &known);
}

/// A file of sites that somebody else wrote: names, hosts and paths go into commands and onto the screen.
fn sites(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match config::read_sites(text) {
        Ok(sites) => {
            for site in sites {
                let is_line = |text: &str| !text.contains(['\r', '\n', '\0']);
                assert!(is_line(site.login_user()) && is_line(&site.host) && !site.host.is_empty() && is_line(&site.name));
                assert!(!site.name.is_empty() && site.port != Some(0));
            }
        }
        Err(error) => assert!(error.to_string().contains("sites.toml")),
    }
}

/// The logins that other programs share.
fn netrc(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match netrc::parse(text) {
        Ok(entries) => assert!(entries.len() <= text.len() / "default".len(), "more entries than keywords"),
        Err((line, _)) => assert!((1..=text.matches('\n').count() + 1).contains(&line), "line {line}"),
    }
}

/// The sites of other programs: the first byte says of which.
fn import(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let (Ok(text), formats) = (std::str::from_utf8(rest), <Format as Word>::ALL) else { return };
    let Some((_, format)) = formats.get(usize::from(*first) % formats.len()) else { return };
    if let Ok(import) = import::parse(Path::new("sites"), *format, text) {
        for found in import.sites {
            let url = FtpUrl::of_site(&found.site).to_string();
            assert!(is_safe(&url) && FtpUrl::parse(url.as_bytes()).is_ok_and(|again| again.host == found.site.host), "{url}");
        }
    }
}

fn is_safe(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || is_harmful(c))
}

fn text(data: &[u8]) {
    let shown = printable(data);
    assert!(is_safe(&shown), "{shown:?}");
    assert_eq!(printable(shown.as_bytes()), shown, "what is safe stays as it is");
}

/// What a server calls a file, as a path on a disk.
fn path(data: &[u8]) {
    let root = VPath::root();
    let base = root.resolve(b"base/dir").unwrap_or_else(|_| root.clone());
    for name in data.split(|&byte| byte == b'/') {
        let Ok(name) = Name::new(name) else { continue };
        let joined = base.join(&name);
        assert_eq!((joined.parent(), joined.name()), (Some(base.clone()), Some(name.clone())), "a name stays where it was put");
        if local_name::check(&name, System::Windows).is_ok() {
            local_name::assert_plain_on_windows(name.as_bytes());
        }
    }
    if let Ok(path) = base.resolve(data) {
        assert!(path.as_bytes().starts_with(b"/") && path.parts().all(|part| Name::new(part).is_ok()));
        assert_eq!(VPath::parse(path.as_bytes()), Ok(path.clone()), "a path is read again as it was");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// Mutations of each corpus; `FTPANE_FUZZ_RUNS` is for more.
    const RUNS: usize = 2_000;

    fn dir(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
    }

    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let mut files: Vec<_> =
            fs::read_dir(dir("corpus").join(target)).unwrap_or_else(|error| panic!("corpus of {target}: {error}")).collect();
        files.sort_by_key(|file| file.as_ref().unwrap().file_name());
        files.into_iter().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// xorshift64*: the same numbers on every machine.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
        }
    }

    /// What tears readers apart oftener than any byte.
    const TOKENS: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xff\xff",
        b"\x1b[",
        b"\xe2\x80\xae",
        b"\xcc\x81",
        b"..",
        b"/",
        b"//",
        b" ",
        b"; ",
        b";",
        b"=",
        b"-",
        b"220-",
        b"220 ",
        b"|||",
        b"|||65535|",
        b"(",
        b")",
        b",",
        b"\"",
        b"\"\"",
        b"%",
        b"%2F",
        b"@",
        b":",
        b"[",
        b"]",
        b"://",
        b"0",
        b"99999999999999999999",
        b"18446744073709551615",
        b"-1",
        b" -> ",
        b"\t",
        b"<DIR>",
        b"type=dir;",
        b"total 1",
        b"Jan 01 00:00",
        b"CON",
        b"\xc2\x9b",
        b"\\",
    ];

    fn mutate(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[dice.below(corpus.len())].clone();
        for _ in 0..=dice.below(6) {
            let (at, to) = (dice.below(bytes.len() + 1), dice.below(bytes.len() + 1));
            let (from, to) = (at.min(to), at.max(to));
            match dice.below(7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
                1 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
                2 => drop(bytes.drain(from..to)),
                3 if to - from < 2_000 => {
                    let piece = bytes[from..to].repeat(1 + dice.below(4));
                    bytes.splice(at..at, piece);
                }
                4 => {
                    let other = &corpus[dice.below(corpus.len())];
                    let (start, end) = (dice.below(other.len() + 1), dice.below(other.len() + 1));
                    bytes.splice(from..to, other[start.min(end)..start.max(end)].iter().copied());
                }
                _ => {
                    let token = TOKENS[dice.below(TOKENS.len())];
                    bytes.splice(at..at, token.iter().copied());
                }
            }
        }
        bytes.truncate(64 * 1024);
        bytes
    }

    #[test]
    fn every_target_has_a_program_and_a_corpus() {
        let manifest = fs::read_to_string(dir("Cargo.toml")).unwrap();
        for (name, _) in TARGETS {
            let program = fs::read_to_string(dir("fuzz_targets").join(format!("{name}.rs"))).unwrap();
            assert!(program.contains(&format!("run(\"{name}\", data)")), "{name}");
            assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is not in fuzz/Cargo.toml");
            assert!(corpus(name).len() >= 3, "{name}");
        }
        assert_eq!(fs::read_dir(dir("corpus")).unwrap().count(), TARGETS.len(), "a corpus without a target");
    }

    /// Each target by itself, so that a failure names it and they run side by side.
    fn smoke(name: &str) {
        let corpus = corpus(name);
        corpus.iter().for_each(|data| run(name, data));
        let runs = std::env::var("FTPANE_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
        let seed = name.bytes().fold(0x9e37_79b9_7f4a_7c15, |seed: u64, byte| seed.rotate_left(5) ^ u64::from(byte));
        let mut dice = Dice(seed);
        for turn in 0..runs {
            let data = mutate(&mut dice, &corpus);
            let held = std::panic::catch_unwind(|| run(name, &data));
            assert!(held.is_ok(), "turn {turn} of {name} broke a promise with b\"{}\"", data.escape_ascii());
        }
    }

    macro_rules! smoke {
        ($($name:ident)*) => {
            $(#[test]
            fn $name() {
                smoke(stringify!($name));
            })*

            #[test]
            fn no_target_is_left_out_here() {
                assert_eq!([$(stringify!($name)),*].as_slice(), TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
            }
        };
    }

    smoke! {
        replies values list list_unix list_dos list_vms list_mvs list_zvm list_as400 list_netware list_os2 list_eplf list_nonstop list_other mlsd mlst url target sites netrc import text path charset
    }

    #[test]
    fn every_dialect_has_its_target_by_its_place() {
        use crate::volume::ftp::listing::ListingReader;
        let targets = TARGETS.iter().filter_map(|(name, _)| name.strip_prefix("list_"));
        assert_eq!(targets.collect::<Vec<_>>(), ListingReader::dialects());
    }
}
