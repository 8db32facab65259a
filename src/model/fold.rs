//! When two names are one: the same letters in another Unicode form, or in another size.
//!
//! Of bytes that are no UTF-8 only what they are counts.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::path::Name;

/// A name with every letter and its marks as one character where there is one (NFC); borrowed where it is so already.
pub fn composed(name: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(name) else { return Cow::Borrowed(name) };
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(name);
    }
    let composed: String = text.nfc().collect();
    if composed == text { Cow::Borrowed(name) } else { Cow::Owned(composed.into_bytes()) }
}

/// A name as systems see it that do not tell large letters from small ones: composed, in small letters.
pub fn caseless(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) if text.is_ascii() => name.to_ascii_lowercase(),
        // By way of the large ones, as NTFS and APFS compare: ς and σ are both Σ.
        Ok(text) => text.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect::<String>().into_bytes(),
        Err(_) => name.to_ascii_lowercase(),
    }
}

/// A name with the size of its letters of ASCII turned round; none where there are none.
pub fn other_case(name: &Name) -> Option<Name> {
    let turned: Vec<u8> = name
        .as_bytes()
        .iter()
        .map(|byte| if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() })
        .collect();
    Name::new(turned).ok().filter(|turned| turned != name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_with_its_mark_beside_it_is_the_letter() {
        assert_eq!(&*composed("cafe\u{301}".as_bytes()), "café".as_bytes());
        assert!(matches!(composed("café".as_bytes()), Cow::Borrowed(_)));
        assert!(matches!(composed(b"caf\xe9"), Cow::Borrowed(_)));
        // Hangul, as macOS takes it apart.
        assert_eq!(&*composed("\u{1112}\u{1161}\u{11ab}".as_bytes()), "한".as_bytes());
    }

    #[test]
    fn names_that_case_blind_systems_take_for_one_have_one_key() {
        for (a, b) in [("README", "readme"), ("ÜBER", "u\u{308}ber"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("a.TXT", "A.txt")] {
            assert_eq!(caseless(a.as_bytes()), caseless(b.as_bytes()), "{a} {b}");
        }
        assert_ne!(caseless(b"a"), caseless(b"b"));
        assert_eq!(caseless(b"A\xe9"), b"a\xe9");
    }

    #[test]
    fn a_name_without_letters_has_no_other_case() {
        let name = |text: &str| Name::new(text.as_bytes()).unwrap();
        assert_eq!(other_case(&name("2024-1")), None);
        assert_eq!(other_case(&name("Ab1")), Some(name("aB1")));
    }
}
