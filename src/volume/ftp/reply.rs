//! Replies: three digits and a text (RFC 959 §4.2), and what they hold: a path, a port, a size, a time.
//!
//! Guarantee: every parser here takes any bytes and says `None` where they are not what they should be; no number wraps.

use crate::model::Reply;

/// Whether a reply to a command lets go on with the one that belongs to it.
pub fn is_going_on(reply: &Reply) -> bool {
    matches!(reply.code, 200..=399)
}

/// Whether it announces another reply.
pub fn is_preliminary(reply: &Reply) -> bool {
    reply.code < 200
}

/// Whether it says that the command was carried out.
pub fn is_ok(reply: &Reply) -> bool {
    (200..300).contains(&reply.code)
}

/// Whether it says that the server does not know the command (RFC 959 §4.2: 500, 502, 504).
pub fn is_unknown_command(reply: &Reply) -> bool {
    matches!(reply.code, 500 | 502 | 504)
}

/// Reads a whole raw reply: the code of its first line, and all its lines without the code.
pub fn parse(raw: &[u8]) -> Option<Reply> {
    let (digits, _) = raw.split_first_chunk::<3>()?;
    let code = std::str::from_utf8(digits).ok()?.parse().ok().filter(|code| (100..600).contains(code))?;
    let mut text = Vec::with_capacity(raw.len());
    for (index, line) in raw.split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let bare = line.strip_prefix(digits).filter(|rest| matches!(rest.first(), Some(b' ' | b'-')));
        if index > 0 {
            text.push(b'\n');
        }
        text.extend_from_slice(bare.and_then(|rest| rest.get(1..)).unwrap_or(line));
    }
    while text.last() == Some(&b'\n') {
        text.pop();
    }
    Some(Reply { code, text: text.into() })
}

/// The path of a 257 (RFC 959 appendix II): quoted, with a quote inside doubled. A server that forgets the quotes is understood if the
/// text begins with a slash.
pub fn quoted_path(text: &[u8]) -> Option<Vec<u8>> {
    let Some(start) = text.iter().position(|&byte| byte == b'"') else {
        let word = text.split(|&byte| byte == b' ').next()?;
        // `DISK:[DIR]`, `C:\dir`, `'ALICE.'`
        let is_place = word.starts_with(b"/") || word.starts_with(b"'") && word.len() > 1 || word.ends_with(b"]") || word.contains(&b'\\');
        return is_place.then(|| word.to_vec());
    };
    let mut path = Vec::new();
    let mut rest = text.get(start + 1..)?.iter().peekable();
    while let Some(&byte) = rest.next() {
        if byte == b'"' && rest.next_if_eq(&&b'"').is_none() {
            return Some(path);
        }
        path.push(byte);
    }
    None
}

/// The port of a 227 (RFC 959 §4.1.2): six numbers, in parentheses or not. The address in it is not to be trusted and is left out.
pub fn pasv_port(text: &[u8]) -> Option<u16> {
    let numbers =
        text.split(|byte| !(byte.is_ascii_digit() || *byte == b',')).find(|run| run.iter().filter(|&&byte| byte == b',').count() >= 5)?;
    let mut parts = numbers.split(|&byte| byte == b',').map(octet);
    let mut octets = [0; 6];
    for slot in &mut octets {
        *slot = parts.next()??;
    }
    if parts.next().is_some() {
        return None;
    }
    let [_, _, _, _, high, low] = octets;
    Some(u16::from_be_bytes([high, low])).filter(|&port| port != 0)
}

fn octet(digits: &[u8]) -> Option<u8> {
    if digits.is_empty() || digits.len() > 3 {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The port of a 229 (RFC 2428 §3): `(|||port|)` with any delimiter, with or without the parentheses.
pub fn epsv_port(text: &[u8]) -> Option<u16> {
    let start = match text.iter().position(|&byte| byte == b'(') {
        Some(paren) => paren + 1,
        None => text.iter().position(|&byte| byte == b'|')?,
    };
    let body = text.get(start..)?;
    let delimiter = *body.first().filter(|byte| byte.is_ascii_graphic() && !byte.is_ascii_alphanumeric())?;
    let mut fields = body.split(|&byte| byte == delimiter).skip(3);
    let port = fields.next()?;
    // The delimiter behind the port must be there: a cut reply is not half right.
    fields.next()?;
    if port.is_empty() || !port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(port).ok()?.parse().ok().filter(|&port| port != 0)
}

/// The size of a 213 to SIZE (RFC 3659 §4.1); `None` for a number that is none.
pub fn size(text: &[u8]) -> Option<u64> {
    let digits = text.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The size that many servers tell in the 150: `… (12345 bytes)`. The last one counts, since a name before it may look alike.
pub fn announced_size(text: &[u8]) -> Option<u64> {
    let line = text.split(|&byte| byte == b'\n').next_back()?;
    let open = line.iter().rposition(|&byte| byte == b'(')?;
    let body = line.get(open + 1..)?;
    let end = body.iter().position(|&byte| byte == b' ')?;
    let (digits, unit) = body.split_at(end);
    if !unit.to_ascii_lowercase().starts_with(b" bytes") {
        return None;
    }
    size(digits)
}

/// The time of a 213 to MDTM (RFC 3659 §2.3): `YYYYMMDDHHMMSS[.fraction]`, in UTC, as seconds since 1970.
pub fn time(text: &[u8]) -> Option<i64> {
    let digits = text.trim_ascii();
    let digits = digits.split(|&byte| byte == b'.').next()?;
    if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i16> { std::str::from_utf8(digits.get(from..to)?).ok()?.parse().ok() };
    let small = |from: usize, to: usize| -> Option<i8> { i8::try_from(number(from, to)?).ok() };
    let civil =
        jiff::civil::DateTime::new(number(0, 4)?, small(4, 6)?, small(6, 8)?, small(8, 10)?, small(10, 12)?, small(12, 14)?.min(59), 0)
            .ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// `seconds` since 1970 as MFMT and MDTM write it; `None` outside the years that fit.
pub fn time_text(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    if !(0..=9999).contains(&time.year()) {
        return None;
    }
    Some(format!("{:04}{:02}{:02}{:02}{:02}{:02}", time.year(), time.month(), time.day(), time.hour(), time.minute(), time.second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multi_line_reply_is_one_text_without_its_codes() {
        let reply = parse(b"220-hello\r\n220-there\r\n indented 220\r\n220 end\r\n").unwrap();
        assert_eq!((reply.code, &*reply.text), (220, &b"hello\nthere\n indented 220\nend"[..]));
        assert_eq!(parse(b"226 done\r\n").unwrap().text.as_ref(), b"done");
        assert!(parse(b"999 x\r\n").is_none());
        assert!(parse(b"2").is_none());
    }

    #[test]
    fn the_path_of_pwd_has_its_quotes_undoubled() {
        assert_eq!(quoted_path(b"\"/a \"\"b\"\" c\" is the current directory").unwrap(), b"/a \"b\" c");
        assert_eq!(quoted_path(b"\"/\"").unwrap(), b"/");
        assert_eq!(quoted_path(b"\"/x\xff\" ok").unwrap(), b"/x\xff");
        assert_eq!(quoted_path(b"/plain is it").unwrap(), b"/plain");
        assert_eq!(quoted_path(b"\"/open"), None);
        assert_eq!(quoted_path(b"nothing"), None);
    }

    #[test]
    fn a_passive_reply_gives_its_port_with_or_without_parentheses() {
        assert_eq!(pasv_port(b"Entering Passive Mode (127,0,0,1,4,1)."), Some(1025));
        assert_eq!(pasv_port(b"Entering Passive Mode 10,0,0,1,255,255"), Some(65535));
        assert_eq!(pasv_port(b"=10,0,0,1,0,21"), Some(21));
    }

    #[test]
    fn a_malformed_passive_reply_gives_none() {
        for text in [
            &b"Entering Passive Mode"[..],
            b"(127,0,0,1,0,0)",
            b"(127,0,0,1,256,1)",
            b"(127,0,0,1,999,999)",
            b"(127,0,0,1,4)",
            b"(127,0,0,1,4,1,7)",
            b"(1,2,3,4,5,)",
            b"(127,0,0,1,-4,1)",
            b"(127,0,0,1,4,00000001)",
        ] {
            assert_eq!(pasv_port(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn an_extended_passive_reply_gives_its_port_with_any_delimiter() {
        assert_eq!(epsv_port(b"Entering Extended Passive Mode (|||6446|)"), Some(6446));
        assert_eq!(epsv_port(b"ok (!!!6446!)"), Some(6446));
        assert_eq!(epsv_port(b"ok |||6446|"), Some(6446));
        assert_eq!(epsv_port(b"ok (|2|::1|6446|)"), Some(6446));
        for text in [&b"ok"[..], b"(|||0|)", b"(|||65536|)", b"(|||x|)", b"(||6446|)", b"(|||)", b"(|||6446", b"(111644611)", b"(|||-1|)"] {
            assert_eq!(epsv_port(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn sizes_and_times_that_are_none_are_not_guessed() {
        assert_eq!(size(b" 123 "), Some(123));
        assert_eq!(size(b"99999999999999999999999"), None);
        assert_eq!(size(b"-1"), None);
        assert_eq!(announced_size(b"Opening BINARY mode data connection for a (5 bytes) (1234 bytes)."), Some(1234));
        assert_eq!(announced_size(b"About to open"), None);
        assert_eq!(time(b"20200102030405"), Some(1_577_934_245));
        assert_eq!(time(b"20200102030405.123"), Some(1_577_934_245));
        assert_eq!(time(b"20201302030405"), None);
        assert_eq!(time(b"2020"), None);
        assert_eq!(time_text(1_577_934_245).unwrap(), "20200102030405");
    }
}
