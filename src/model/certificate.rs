//! A server's certificate as a person judges it, and its fingerprint.
//!
//! Every text in it was written by whoever made the certificate: it is shown through [`super::text`] only.

use std::fmt;

use super::text::printable_str;

/// The SHA-256 of a certificate in DER, which names it beyond doubt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Reads 64 hexadecimal digits, in any case, with or without colons or blanks between them and `SHA256:` before them; `None` for
    /// anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let prefix = ["sha256:", "sha-256:", "sha256=", "sha256/"]
            .into_iter()
            .find(|prefix| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
        let digits = text.get(prefix.map_or(0, str::len)..)?;
        let mut nibbles = digits.chars().filter(|c| !matches!(c, ':' | ' '));
        let mut bytes = [0; 32];
        for byte in &mut bytes {
            let (high, low) = (nibbles.next()?.to_digit(16)?, nibbles.next()?.to_digit(16)?);
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        nibbles.next().is_none().then_some(Self(bytes))
    }
}

/// As `openssl x509 -fingerprint` writes it: pairs of upper-case digits with colons.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// What stands against a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Nobody whom this system trusts has signed it.
    UnknownIssuer,
    /// It has signed itself.
    SelfSigned,
    /// It was made for other names than this one.
    OtherName(String),
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// Others were trusted for this server.
    Changed,
    /// Something else, in the words of whoever checked it.
    Other(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str("nobody whom this system trusts has signed it"),
            Self::SelfSigned => f.write_str("it has signed itself"),
            Self::OtherName(name) => write!(f, "it is not for the name {}", printable_str(name)),
            Self::Expired => f.write_str("it has expired"),
            Self::NotYetValid => f.write_str("it is not valid yet"),
            Self::Changed => f.write_str("it is not the one that is trusted for this server"),
            Self::Other(words) => f.write_str(&printable_str(words)),
        }
    }
}

/// A certificate that was refused, or is to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it names, as `CN=…,O=…`; empty where it cannot be read.
    pub subject: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// From when it is valid, in seconds since 1970.
    pub not_before: Option<i64>,
    /// Until when.
    pub not_after: Option<i64>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What stands against it; the first is the gravest.
    pub flaws: Vec<Flaw>,
    /// The fingerprints that are trusted for this server instead.
    pub pinned: Vec<Fingerprint>,
}

impl Certificate {
    /// Whether another one was trusted before: then it is not up to a quick answer.
    pub fn is_changed(&self) -> bool {
        !self.pinned.is_empty()
    }

    /// What stands against it, in one phrase.
    pub fn trouble(&self) -> String {
        self.flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// What a person looks at, as pairs of a word and a text, safe for the screen.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        let mut add = |word, text: String| {
            if !text.is_empty() {
                rows.push((word, text));
            }
        };
        add("subject", printable_str(&self.subject).into_owned());
        add("names", printable_str(&self.names.join(", ")).into_owned());
        add("issuer", printable_str(&self.issuer).into_owned());
        if let (Some(from), Some(to)) = (self.not_before, self.not_after) {
            add("valid", format!("{} to {}", day(from), day(to)));
        }
        add("SHA-256", self.fingerprint.to_string());
        for pinned in &self.pinned {
            add("trusted", pinned.to_string());
        }
        rows
    }
}

fn day(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        Err(_) => "?".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_each_of_the_usual_spellings_and_nothing_else() {
        let bytes: [u8; 32] = std::array::from_fn(|index| index as u8 * 7);
        let shown = Fingerprint(bytes).to_string();
        assert!(shown.starts_with("00:07:0E:"), "{shown}");
        for text in [shown.clone(), shown.replace(':', ""), shown.to_lowercase(), format!("SHA256:{shown}"), format!(" sha256={shown} ")] {
            assert_eq!(Fingerprint::parse(&text), Some(Fingerprint(bytes)), "{text}");
        }
        for text in ["", "00", "SHA256:", &shown[1..], &format!("{shown}:00"), &shown.replace('0', "g"), "ß"] {
            assert_eq!(Fingerprint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_certificate_says_of_itself_is_made_safe() {
        let certificate = Certificate {
            subject: "CN=\u{1b}[2Jevil".into(),
            names: vec!["a".into(), "b\u{202e}".into()],
            issuer: String::new(),
            not_before: Some(0),
            not_after: Some(86_400),
            fingerprint: Fingerprint([1; 32]),
            flaws: vec![Flaw::SelfSigned, Flaw::OtherName("h\n".into())],
            pinned: vec![Fingerprint([2; 32])],
        };
        assert!(certificate.is_changed());
        let all = format!("{:?} {}", certificate.rows(), certificate.trouble());
        assert!(all.contains("1970-01-01 to 1970-01-02") && !all.contains("issuer"), "{all}");
        let text: String = certificate.rows().into_iter().map(|(_, text)| text).chain([certificate.trouble()]).collect();
        assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
    }
}
