//! Digests of whole files, by which two copies are compared.
//!
//! Guarantee: a [`Digest`] that exists has as many bytes as its algorithm gives.

use std::fmt;

/// How a digest is made. In order of worth, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-1 (FIPS 180-4).
    Sha1,
    /// MD5 (RFC 1321).
    Md5,
    /// CRC-32 as ZIP and Ethernet have it: finds accidents, proves nothing against intent.
    Crc32,
}

impl Algorithm {
    /// All of them, the best first.
    pub const ALL: [Self; 5] = [Self::Sha512, Self::Sha256, Self::Sha1, Self::Md5, Self::Crc32];

    /// The name by which people and HASH know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha512 => "SHA-512",
            Self::Sha256 => "SHA-256",
            Self::Sha1 => "SHA-1",
            Self::Md5 => "MD5",
            Self::Crc32 => "CRC32",
        }
    }

    /// Bytes of a digest.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha512 => 64,
            Self::Sha256 => 32,
            Self::Sha1 => 20,
            Self::Md5 => 16,
            Self::Crc32 => 4,
        }
    }

    /// The algorithm of that name, however it is written: `SHA-256`, `sha256`, `CRC-32`.
    pub fn by_name(name: &[u8]) -> Option<Self> {
        let bare =
            |name: &[u8]| -> Vec<u8> { name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect() };
        let wanted = bare(name);
        Self::ALL.into_iter().find(|algorithm| bare(algorithm.name().as_bytes()) == wanted)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A file's digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    value: Box<[u8]>,
}

impl Digest {
    /// A digest by `algorithm`; `None` for a value of another length.
    pub fn new(algorithm: Algorithm, value: &[u8]) -> Option<Self> {
        (value.len() == algorithm.length()).then(|| Self { algorithm, value: value.into() })
    }

    /// A digest in hexadecimal digits, of either case. A CRC may lack its leading zeros, as Serv-U and others print it.
    pub fn from_hex(algorithm: Algorithm, digits: &[u8]) -> Option<Self> {
        let whole = algorithm.length() * 2;
        let lacks_zeros = algorithm == Algorithm::Crc32 && (1..whole).contains(&digits.len());
        if digits.len() != whole && !lacks_zeros {
            return None;
        }
        let padded: Vec<u8> = std::iter::repeat_n(b'0', whole - digits.len()).chain(digits.iter().copied()).collect();
        let value: Option<Vec<u8>> =
            padded.chunks_exact(2).map(|pair| Some(nibble(*pair.first()?)? << 4 | nibble(*pair.last()?)?)).collect();
        Self::new(algorithm, &value?)
    }

    /// How it was made.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its bytes.
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Lower-case hexadecimal digits, as the usual tools print them.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_is_known_however_its_name_is_written() {
        for (name, expected) in
            [("SHA-256", Algorithm::Sha256), ("sha1", Algorithm::Sha1), ("CRC-32", Algorithm::Crc32), ("Md5", Algorithm::Md5)]
        {
            assert_eq!(Algorithm::by_name(name.as_bytes()), Some(expected));
        }
        assert_eq!(Algorithm::by_name(b"SHA-3"), None);
    }

    #[test]
    fn hexadecimal_digits_make_a_digest_of_the_right_length_only() {
        let digest = Digest::from_hex(Algorithm::Md5, b"D41D8CD98F00B204E9800998ECF8427E").unwrap();
        assert_eq!(digest.to_string(), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Digest::from_hex(Algorithm::Crc32, b"1a2b").unwrap().value(), [0, 0, 0x1a, 0x2b]);
        assert_eq!(Digest::from_hex(Algorithm::Md5, b"d41d"), None);
        assert_eq!(Digest::from_hex(Algorithm::Crc32, b""), None);
        assert_eq!(Digest::from_hex(Algorithm::Crc32, b"1a2g"), None);
    }
}
