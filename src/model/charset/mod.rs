//! The charsets that a server's names may be in, and the one place that turns such a name into Unicode and back.
//!
//! Inside the program a name is UTF-8 wherever it can be, so that sorting, searching, a local file and the journal all see what a person sees.
//! Guarantee: whatever [`Charset::decode`] makes of some bytes, [`Charset::encode`] makes those very bytes of it again. What has no meaning in
//! the charset stays as the byte that it is, which no UTF-8 holds; where such bytes would read as UTF-8 by accident, every byte beyond ASCII
//! stands as a lone surrogate instead (three bytes that are no UTF-8 either). ASCII is itself in every charset here: no `/`, NUL or line break
//! comes of a byte that was none, nor goes away.

mod dos;
mod list;

use std::borrow::Cow;
use std::fmt;

use encoding_rs::Encoding;
use unicode_normalization::UnicodeNormalization as _;

use self::dos::Dos;
pub use self::list::{CHARSETS, Listed};
use super::path::{Name, VPath};

/// A charset that names may be in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(Table);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    /// Nothing is changed.
    Utf8,
    /// What browsers know.
    Known(&'static Encoding),
    /// A code page of DOS that they do not.
    Dos(&'static Dos),
}

/// A character that a charset has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace {
    /// The first one in the name.
    pub character: char,
    /// What it was to be written in.
    pub charset: Charset,
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.character.to_string();
        let shown = super::text::printable_str(&shown);
        write!(
            f,
            "{shown} (U+{:04X}) does not exist in {}, the charset of this server's names",
            u32::from(self.character),
            self.charset.label()
        )
    }
}

/// UTF-8: what a name is in where nothing else is said.
impl Default for Charset {
    fn default() -> Self {
        Self::UTF8
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl Charset {
    /// UTF-8. What is none stays as it is.
    pub const UTF8: Self = Self(Table::Utf8);

    /// The one that goes by this label, in any case: those of the WHATWG, and the code pages of DOS as `cp437`, `IBM437` or `437`. None for
    /// what names cannot be in: UTF-16, and ISO-2022-JP, where a `/` may be half a letter.
    pub fn of_label(label: &str) -> Option<Self> {
        let label = label.trim();
        if let Some(dos) = dos::of_label(label) {
            return Some(Self(Table::Dos(dos)));
        }
        let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
        match encoding {
            _ if encoding == encoding_rs::UTF_8 => Some(Self::UTF8),
            _ if !encoding.is_ascii_compatible() || encoding == encoding_rs::X_USER_DEFINED => None,
            _ => Some(Self(Table::Known(encoding))),
        }
    }

    /// The charset of a site: what is said of it, else UTF-8.
    ///
    /// # Errors
    /// The label, where no charset goes by it.
    pub fn of_site(label: Option<&str>) -> Result<Self, String> {
        match label.map(str::trim).filter(|label| !label.is_empty()) {
            None => Ok(Self::UTF8),
            Some(label) => Self::of_label(label).ok_or_else(|| format!("no charset of names is called {label}")),
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self.0 {
            Table::Utf8 => "UTF-8",
            Table::Known(encoding) => encoding.name(),
            Table::Dos(dos) => dos.label,
        }
    }

    /// A name of the server's as the program has it.
    pub fn decode(self, wire: &[u8]) -> Cow<'_, [u8]> {
        if self.0 == Table::Utf8 || wire.is_ascii() {
            return Cow::Borrowed(wire);
        }
        let is_exact = |name: &[u8]| self.encode_exact(name).is_ok_and(|bytes| *bytes == *wire);
        if let Some(text) = self.text_of(wire).map(String::from).filter(|text| is_exact(text.as_bytes())) {
            return Cow::Owned(text.into_bytes());
        }
        let pieces = self.in_pieces(wire);
        Cow::Owned(if is_exact(&pieces) { pieces } else { escaped(wire) })
    }

    /// A name of the program's as the server has it. Where letter and mark have no place side by side, the letter that is both is taken.
    ///
    /// # Errors
    /// The first character that the charset lacks.
    pub fn encode(self, name: &[u8]) -> Result<Cow<'_, [u8]>, NoPlace> {
        let why = match self.encode_exact(name) {
            Err(why) => why,
            encoded => return encoded,
        };
        let composed: String = std::str::from_utf8(name).map_err(|_| why)?.nfc().collect();
        self.encode_exact(composed.as_bytes()).map(|bytes| Cow::Owned(bytes.into_owned()))
    }

    fn encode_exact(self, name: &[u8]) -> Result<Cow<'_, [u8]>, NoPlace> {
        if self.0 == Table::Utf8 || name.is_ascii() {
            return Ok(Cow::Borrowed(name));
        }
        let mut out = Vec::with_capacity(name.len());
        let mut rest = name;
        while let Some(at) = rest.windows(3).position(is_escape) {
            let (before, behind) = rest.split_at(at);
            self.push_plain(before, &mut out)?;
            let (escape, behind) = behind.split_at(3);
            out.extend(byte_of(escape));
            rest = behind;
        }
        self.push_plain(rest, &mut out)?;
        Ok(Cow::Owned(out))
    }

    /// Text in the charset, and bytes that are no text as they are.
    fn push_plain(self, name: &[u8], out: &mut Vec<u8>) -> Result<(), NoPlace> {
        for chunk in name.utf8_chunks() {
            out.extend(self.bytes_of(chunk.valid()).ok_or_else(|| self.culprit(chunk.valid()))?.iter());
            out.extend(chunk.invalid());
        }
        Ok(())
    }

    fn culprit(self, text: &str) -> NoPlace {
        let beyond = || text.chars().filter(|c| !c.is_ascii());
        let lacks = |c: &char| self.bytes_of(c.encode_utf8(&mut [0; 4])).is_none();
        NoPlace { character: beyond().find(lacks).or_else(|| beyond().next()).unwrap_or('\u{fffd}'), charset: self }
    }

    /// Text in the charset, where that reads as this text again: Shift_JIS would take a yen sign for a backslash.
    fn bytes_of(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match self.0 {
            _ if text.is_ascii() => Some(Cow::Owned(text.as_bytes().to_vec())),
            Table::Utf8 => Some(Cow::Owned(text.as_bytes().to_vec())),
            Table::Known(encoding) => {
                let (bytes, _, is_replaced) = encoding.encode(text);
                let bytes = bytes.into_owned();
                (!is_replaced && self.text_of(&bytes).is_some_and(|back| back == text)).then_some(Cow::Owned(bytes))
            }
            Table::Dos(dos) => text.chars().map(|c| dos.byte_of(c)).collect::<Option<Vec<u8>>>().map(Cow::Owned),
        }
    }

    /// The text that some bytes are as a whole.
    fn text_of(self, wire: &[u8]) -> Option<Cow<'_, str>> {
        let text = match self.0 {
            Table::Utf8 => std::str::from_utf8(wire).ok()?.to_owned(),
            Table::Known(encoding) => encoding.decode_without_bom_handling_and_without_replacement(wire)?.into_owned(),
            Table::Dos(dos) => wire.iter().map(|&byte| dos.char_of(byte)).collect::<Option<String>>()?,
        };
        Some(Cow::Owned(text))
    }

    /// Letter by letter, and a byte that is none as it is.
    fn in_pieces(self, wire: &[u8]) -> Vec<u8> {
        /// The most bytes that a letter has: gb18030.
        const LONGEST: usize = 4;
        let mut out = Vec::with_capacity(wire.len() * 2);
        let mut rest = wire;
        while let Some((&first, behind)) = rest.split_first() {
            let letter = (1..=LONGEST.min(rest.len())).find_map(|length| {
                let (bytes, behind) = rest.split_at(length);
                let text = self.text_of(bytes)?;
                self.bytes_of(&text).is_some_and(|back| *back == *bytes).then(|| (text.into_owned(), behind))
            });
            match letter {
                Some((text, behind)) => {
                    out.extend(text.as_bytes());
                    rest = behind;
                }
                None => {
                    out.push(first);
                    rest = behind;
                }
            }
        }
        out
    }

    /// A name of the server's as the program has it.
    pub fn decode_name(self, wire: &Name) -> Name {
        match self.decode(wire.as_bytes()) {
            Cow::Borrowed(_) => wire.clone(),
            // What is ASCII stays what it is, so that a name stays one.
            Cow::Owned(bytes) => Name::new(bytes).unwrap_or_else(|_| wire.clone()),
        }
    }

    /// A path of the server's as the program has it: part by part, so that half a letter at the end of one takes nothing of the next.
    pub fn decode_path(self, wire: &VPath) -> VPath {
        if self.0 == Table::Utf8 || wire.as_bytes().is_ascii() {
            return wire.clone();
        }
        let parts = wire.parts().map(|part| self.decode(part)).collect::<Vec<_>>();
        VPath::parse(&parts.join(&b'/')).unwrap_or_else(|_| wire.clone())
    }

    /// A path of the program's as the server has it.
    ///
    /// # Errors
    /// The first character that the charset lacks.
    pub fn encode_path(self, path: &VPath) -> Result<VPath, NoPlace> {
        if self.0 == Table::Utf8 || path.as_bytes().is_ascii() {
            return Ok(path.clone());
        }
        let parts = path.parts().map(|part| self.encode(part)).collect::<Result<Vec<_>, _>>()?;
        Ok(VPath::parse(&parts.join(&b'/')).unwrap_or_else(|_| path.clone()))
    }

    /// What a name in this charset is in another: the same bytes on the server, read in another way.
    pub fn reread(self, name: &[u8], other: Self) -> Vec<u8> {
        match self.encode(name) {
            Ok(wire) => other.decode(&wire).into_owned(),
            Err(_) => name.to_vec(),
        }
    }

    /// The same of a path.
    #[must_use]
    pub fn reread_path(self, path: &VPath, other: Self) -> VPath {
        self.encode_path(path).map_or_else(|_| path.clone(), |wire| other.decode_path(&wire))
    }
}

/// The three bytes that a lone surrogate from U+DC80 to U+DCFF would have: no UTF-8 (RFC 3629 §3).
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [0xed, 0xb2 | 0xb3, 0x80..=0xbf])
}

fn byte_of(escape: &[u8]) -> Option<u8> {
    match escape {
        [_, 0xb2, last] => Some(*last),
        [_, _, last] => Some(last | 0x40),
        _ => None,
    }
}

/// Every byte beyond ASCII for itself, in a form that nothing else has.
fn escaped(wire: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(wire.len() * 3);
    for &byte in wire {
        match byte {
            0..=0x7f => out.push(byte),
            0x80..=0xbf => out.extend([0xed, 0xb2, byte]),
            0xc0..=0xff => out.extend([0xed, 0xb3, byte & 0xbf]),
        }
    }
    out
}

/// What a fuzz target and the property tests hold: bytes come back as they were, and no byte of ASCII comes or goes beside a letter.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn assert_round_trip(charset: Charset, wire: &[u8]) {
    let name = charset.decode(wire);
    let back = charset.encode(&name).map(Cow::into_owned);
    assert_eq!(back.as_deref(), Ok(wire), "{charset:?}: {wire:?} became {name:?}");
    if let Ok(wire) = Name::new(wire) {
        let name = charset.decode_name(&wire);
        assert_eq!(charset.encode(name.as_bytes()).map(Cow::into_owned).as_deref(), Ok(wire.as_bytes()));
        assert!(Name::new(name.as_bytes()).is_ok());
    }
    if let Ok(text) = std::str::from_utf8(wire)
        && let Ok(bytes) = charset.encode(text.as_bytes())
    {
        let again = charset.decode(&bytes).into_owned();
        let composed: String = text.nfc().collect();
        assert!(again == text.as_bytes() || again == composed.as_bytes(), "{charset:?}: {text:?} is read as {again:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn charset(label: &str) -> Charset {
        Charset::of_label(label).unwrap()
    }

    #[test]
    fn names_of_old_servers_are_read_and_written_back_byte_by_byte() {
        for (label, wire, text) in [
            ("latin1", &b"caf\xe9 \xdcber"[..], "café Über"),
            ("windows-1252", b"5 \x80", "5 €"),
            ("shift_jis", b"\x93\xfa\x96{\x8c\xea.txt", "日本語.txt"),
            ("shift_jis", b"\x83\x5c\x83\x74\x83\x67", "ソフト"),
            ("gbk", b"\xd6\xd0\xce\xc4", "中文"),
            ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
            ("cp437", b"caf\x82 \x9a\xe1", "café Üß"),
            ("IBM850", b"\x9dre", "Øre"),
            ("cp866", b"\x8f\xe0\xa8", "При"),
            ("big5", b"\xa4\xa4\xa4\xe5", "中文"),
            ("euc-kr", b"\xc7\xd1\xb1\xdb", "한글"),
            ("euc-jp", b"\xc6\xfc\xcb\xdc", "日本"),
        ] {
            assert_eq!(String::from_utf8_lossy(&charset(label).decode(wire)), text, "{label}");
            assert_eq!(&*charset(label).encode(text.as_bytes()).unwrap(), wire, "{label}");
        }
    }

    #[test]
    fn a_byte_without_a_meaning_stays_and_what_is_around_it_is_read() {
        let sjis = charset("shift_jis");
        assert_eq!(&*sjis.decode(b"\x93\xfa\xff!"), [b"\xe6\x97\xa5".as_slice(), b"\xff!"].concat().as_slice());
        assert_eq!(super::super::text::printable(&sjis.decode(b"\x93\xfa\xff!")), "日\\xff!");
        assert_round_trip(sjis, b"\x93\xfa\xff!");
        // Half a letter at the end of a directory does not swallow the slash.
        let path = VPath::parse(b"/a\x93/\x93\xfa").unwrap();
        assert_eq!(sjis.encode_path(&sjis.decode_path(&path)).unwrap(), path);
    }

    #[test]
    fn bytes_that_would_pass_for_another_letter_do_not() {
        // No letters of EUC-JP, and together an é in UTF-8.
        let euc = charset("euc-jp");
        let name = euc.decode(b"\xc3\x80\xc3").into_owned();
        assert!(std::str::from_utf8(&name).is_err());
        assert_round_trip(euc, b"\xc3\x80\xc3");
    }

    #[test]
    fn what_has_no_place_is_named() {
        let why = charset("koi8-r").encode("naïve ☃".as_bytes()).unwrap_err();
        assert_eq!(why.to_string(), "ï (U+00EF) does not exist in KOI8-R, the charset of this server's names");
        // A yen sign would come back as a backslash.
        assert_eq!(charset("shift_jis").encode("¥".as_bytes()).unwrap_err().character, '¥');
    }

    #[test]
    fn a_letter_with_its_mark_beside_it_is_written_as_one_where_it_must() {
        assert_eq!(&*charset("latin1").encode("cafe\u{301}".as_bytes()).unwrap(), b"caf\xe9");
    }

    #[test]
    fn charsets_that_names_cannot_be_in_have_no_label() {
        for label in ["utf-16", "utf-16le", "iso-2022-jp", "x-user-defined", "replacement", "hz-gb-2312", "", "klingon"] {
            assert_eq!(Charset::of_label(label), None, "{label}");
        }
        assert_eq!(Charset::of_label(" UTF8 "), Some(Charset::UTF8));
        assert_eq!(Charset::of_site(None), Ok(Charset::UTF8));
        assert!(Charset::of_site(Some("klingon")).is_err());
    }

    #[test]
    fn every_charset_that_is_offered_exists_once_under_its_own_name() {
        for (index, listed) in CHARSETS.iter().enumerate() {
            let found = charset(listed.label);
            assert_eq!(found.label(), listed.label);
            assert!(!CHARSETS[..index].iter().any(|other| other.label == listed.label));
        }
    }

    fn any_charset() -> impl Strategy<Value = Charset> {
        (0..CHARSETS.len()).prop_map(|index| charset(CHARSETS[index].label))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_bytes_come_back(charset in any_charset(), wire in proptest::collection::vec(any::<u8>(), 0..12)) {
            assert_round_trip(charset, &wire);
        }

        #[test]
        fn high_bytes_come_back(charset in any_charset(), wire in proptest::collection::vec(0x80..=0xffu8, 1..8)) {
            assert_round_trip(charset, &wire);
        }

        #[test]
        fn any_text_is_refused_or_comes_back(charset in any_charset(), text in "\\PC{0,6}") {
            assert_round_trip(charset, text.as_bytes());
        }

        #[test]
        fn paths_come_back_part_by_part(charset in any_charset(), wire in proptest::collection::vec(prop_oneof![0x80..=0xffu8, Just(b'/'), Just(b'a')], 1..12)) {
            let path = VPath::parse(&wire).unwrap();
            prop_assert_eq!(charset.encode_path(&charset.decode_path(&path)).unwrap(), path);
        }
    }
}
