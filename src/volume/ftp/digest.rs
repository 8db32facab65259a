//! Digests that a server computes: HASH (draft-bryan-ftpext-hash-02) and the older XSHA512, XSHA256, XSHA1, XMD5 and XCRC, by what FEAT offers.
//!
//! Guarantee: only a reply that holds one value of the right length for the algorithm is believed; a part of a file is no digest of it.

use super::directory;
use super::reply;
use super::session::Session;
use crate::model::digest::{Algorithm, Digest};
use crate::model::{During, VPath};
use crate::volume::Result;

/// How many times longer than another reply this one may take: the server reads the whole file for it.
const PATIENCE: u32 = 15;

/// A command that gives digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Hash,
    Old(&'static str),
}

/// The digest of a file by `algorithm`, else by the best that the server has; `None` where it has none.
pub async fn digest(session: &mut Session, path: &VPath, algorithm: Option<Algorithm>) -> Result<Option<Digest>> {
    for (way, algorithm) in ways(session, algorithm) {
        let verb = match way {
            Way::Hash if !choose(session, algorithm).await? => continue,
            Way::Hash => "HASH",
            Way::Old(verb) => verb,
        };
        let line = directory::address(session, verb, path, During::Verify).await?;
        session.send_all(During::Verify, &[&line])?;
        session.absorb(During::Verify).await?;
        let answer = session.next_reply(During::Verify, session.limits.reply * PATIENCE).await?;
        if reply::is_unknown_command(&answer) {
            session.refuse(verb);
            continue;
        }
        if !reply::is_ok(&answer) {
            return Err(session.refused(During::Verify, path.as_bytes(), answer));
        }
        if let Some(digest) = read(&answer.text, path, algorithm) {
            return Ok(Some(digest));
        }
        session.log.trouble(format!("the reply to {verb} holds no {algorithm} digest"));
    }
    Ok(None)
}

/// What may be asked for, the best first.
fn ways(session: &Session, wanted: Option<Algorithm>) -> Vec<(Way, Algorithm)> {
    let by_hash: Vec<Algorithm> = match session.features.line("HASH").filter(|_| session.features.offers("HASH")) {
        Some(line) => line.split(|byte| matches!(byte, b';' | b' ' | b',')).filter_map(Algorithm::by_name).collect(),
        None => Vec::new(),
    };
    let mut ways = Vec::new();
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| wanted.is_none_or(|wanted| wanted == *algorithm)) {
        if by_hash.contains(&algorithm) {
            ways.push((Way::Hash, algorithm));
        }
        ways.extend(old_verbs(algorithm).iter().filter(|verb| session.features.offers(verb)).map(|verb| (Way::Old(verb), algorithm)));
    }
    ways
}

/// Serv-U, Gene6, GlobalSCAPE, ProFTPD's mod_digest and others; XSHA is XSHA1.
fn old_verbs(algorithm: Algorithm) -> &'static [&'static str] {
    match algorithm {
        Algorithm::Sha512 => &["XSHA512"],
        Algorithm::Sha256 => &["XSHA256"],
        Algorithm::Sha1 => &["XSHA1", "XSHA"],
        Algorithm::Md5 => &["XMD5"],
        Algorithm::Crc32 => &["XCRC"],
    }
}

/// Has HASH use the algorithm. FEAT marks the one in use with an asterisk, which may have changed since: it is said each time.
async fn choose(session: &mut Session, algorithm: Algorithm) -> Result<bool> {
    let answer = session.command(During::Verify, format!("OPTS HASH {algorithm}").as_bytes()).await?;
    Ok(reply::is_ok(&answer))
}

/// Finds the digest among the words of a reply: `SHA-256 0-49 6ae1… name`, `6AE1…`, `"/name" 6ae1…`. The path may be echoed, and may look like
/// a digest itself, so it is taken out first.
pub(super) fn read(text: &[u8], path: &VPath, algorithm: Algorithm) -> Option<Digest> {
    let name = path.name();
    let name = name.as_ref().map(|name| name.as_bytes()).unwrap_or_default();
    let text = without(&without(text, path.as_bytes()), name);
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b';' | b':' | b'=' | b'(' | b')');
    let words: Vec<&[u8]> =
        text.split(is_edge).map(|word| word.strip_suffix(b".").unwrap_or(word)).filter(|word| !word.is_empty()).collect();
    // HASH tells another algorithm, or only a part of the file.
    if words.iter().any(|word| Algorithm::by_name(word).is_some_and(|named| named != algorithm)) || words.iter().any(|word| is_part(word)) {
        return None;
    }
    let whole: Vec<Digest> =
        words.iter().filter(|word| word.len() == algorithm.length() * 2).filter_map(|word| Digest::from_hex(algorithm, word)).collect();
    match (whole.as_slice(), words.as_slice()) {
        ([digest], _) => Some(digest.clone()),
        // A CRC without its leading zeros is told from a word only where it is alone.
        ([], [word]) => Digest::from_hex(algorithm, word),
        _ => None,
    }
}

/// Whether a word is a range of bytes that begins behind the first.
fn is_part(word: &[u8]) -> bool {
    let Some(dash) = word.iter().position(|&byte| byte == b'-') else { return false };
    let (from, to) = word.split_at(dash);
    let is_number = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number(from) && is_number(to.get(1..).unwrap_or_default()) && from.iter().any(|&digit| digit != b'0')
}

/// `text` with the first occurrence of `part` taken out.
fn without(text: &[u8], part: &[u8]) -> Vec<u8> {
    if part.is_empty() {
        return text.to_vec();
    }
    match text.windows(part.len()).position(|window| window == part) {
        Some(at) => [text.get(..at).unwrap_or_default(), b" ", text.get(at + part.len()..).unwrap_or_default()].concat(),
        None => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";

    fn found(text: &str, path: &str, algorithm: Algorithm) -> Option<String> {
        read(text.as_bytes(), &VPath::parse(path.as_bytes()).unwrap(), algorithm).map(|digest| digest.to_string())
    }

    #[test]
    fn a_digest_is_found_in_what_servers_write_around_it() {
        for text in [
            MD5.to_owned(),
            MD5.to_uppercase(),
            format!("MD5 0-2 {MD5} a.bin"),
            format!("\"/dir/a.bin\" {MD5}"),
            format!("Computing MD5 digest\n {MD5}\nDone."),
            format!("MD5 digest: {MD5}."),
        ] {
            assert_eq!(found(&text, "/dir/a.bin", Algorithm::Md5).as_deref(), Some(MD5), "{text}");
        }
        assert_eq!(found("1A2B", "/a", Algorithm::Crc32).as_deref(), Some("00001a2b"));
        assert_eq!(found("CRC32 352441C2", "/a", Algorithm::Crc32).as_deref(), Some("352441c2"));
    }

    #[test]
    fn what_is_no_digest_of_the_whole_file_is_not_taken_for_one() {
        for text in
            ["done", "", "MD5 0-2", &format!("{MD5} {}", MD5.replace('9', "8")), &format!("MD5 5-9 {MD5} a"), &format!("SHA-1 {MD5}")]
        {
            assert_eq!(found(text, "/a", Algorithm::Md5), None, "{text}");
        }
        assert_eq!(found("File is bad", "/a", Algorithm::Crc32), None, "a word is no CRC");
        let other = MD5.replace('9', "8");
        assert_eq!(found(&format!("{other} {MD5}"), &format!("/{other}"), Algorithm::Md5).as_deref(), Some(MD5), "the name is no digest");
    }
}
