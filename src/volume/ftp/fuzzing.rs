//! What a server sends, read as a session reads it: the bodies of the fuzz targets that are about FTP.
//!
//! Each takes any bytes, and stops where a promise of the readers is broken. Nothing here is in a build that people use.

use super::features::Features;
use super::listing::{Format, ListingReader, Rows, parse_mlst_facts};
use super::log::Log;
use super::mend::{Mender, single_iac};
use super::{digest, directory, limits, refusal, reply, stat};
use crate::model::{Algorithm, ConnectionId, During, Reply, VPath};

/// A control connection's bytes, as replies.
pub fn replies(data: &[u8]) {
    let (mut mender, mut out) = (Mender::default(), Vec::new());
    let mut begun = 0;
    for line in data.split(|&byte| byte == b'\n') {
        let mut line = line;
        while let Some(shorter) = line.strip_suffix(b"\r") {
            line = shorter;
        }
        if line.len() > limits::LINE_BYTES || mender.line(line, &mut out).is_err() {
            break;
        }
        begun = well_formed(&out, begun);
        // No more than a reply, and what its lines were given, waits to be read.
        assert!(out.len() - begun <= 2 * limits::REPLY_BYTES, "{} bytes of one reply", out.len() - begun);
    }
    if mender.seems_over() {
        mender.end_it(&mut out);
        assert_eq!(well_formed(&out, begun), out.len(), "a reply that was ended has an end");
    }
}

/// Reads the whole replies in `out` from `from` on, and answers where the next one begins.
fn well_formed(out: &[u8], mut from: usize) -> usize {
    while let Some(length) = end_of(out.get(from..).unwrap_or_default()) {
        let raw = out.get(from..from + length).unwrap_or_default();
        let read = reply::parse(raw);
        assert!(read.is_some(), "no reply: {}", raw.escape_ascii());
        if let Some(read) = read {
            assert!((100..600).contains(&read.code) && read.text.len() <= raw.len());
            words(&read);
        }
        from += length;
    }
    from
}

/// The length of the reply that `out` begins with, as a strict reader finds its end (RFC 959 §4.2); `None` where it has none yet.
fn end_of(out: &[u8]) -> Option<usize> {
    let code = out.first_chunk::<3>()?;
    let mut at = 0;
    for line in out.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        let is_end = line.strip_prefix(code).is_some_and(|rest| rest.starts_with(b" "));
        if is_end && line.ends_with(b"\r\n") {
            return Some(at);
        }
    }
    None
}

/// What is looked for in the words of a reply.
fn words(answer: &Reply) {
    let path = VPath::root();
    let _ = (refusal::kind(answer), refusal::kind_during(During::Read, answer), refusal::login_kind(answer));
    let _ = directory::path_in(answer, crate::model::Paths::Unix);
    let _ = stat::facts_of(&answer.text).and_then(|facts| parse_mlst_facts(&facts));
    for algorithm in [Algorithm::Md5, Algorithm::Crc32] {
        let _ = digest::read(&answer.text, &path, algorithm);
    }
    let mut features = Features::default();
    features.read(answer);
    let _ = (features.offers("MLST"), features.line("HASH"));
    let log = Log::new(None, ConnectionId(1));
    log.hide(b"geheim");
    let kept = log.fit_to_keep(answer);
    assert!(kept.text.len() <= limits::WORDS && !kept.text.windows(6).any(|part| part == b"geheim"));
}

/// What replies hold: ports, paths, sizes, times; and the way back of a command's 0xFF.
pub fn values(data: &[u8]) {
    for port in [reply::pasv_port(data), reply::epsv_port(data)].into_iter().flatten() {
        assert_ne!(port, 0, "no port to dial");
        let told = format!("({port})");
        let [high, low] = port.to_be_bytes();
        assert_eq!(reply::epsv_port(format!("229 ok (|||{port}|) {told}").as_bytes()), Some(port));
        assert_eq!(reply::pasv_port(format!("227 =1,2,3,4,{high},{low}").as_bytes()), Some(port));
    }
    if let Some(path) = reply::quoted_path(data) {
        assert!(path.len() <= data.len());
        let doubled: Vec<u8> = path.iter().flat_map(|&byte| if byte == b'"' { vec![byte; 2] } else { vec![byte] }).collect();
        assert_eq!(reply::quoted_path(&[b"\"", doubled.as_slice(), b"\" is here"].concat()), Some(path), "what is quoted is read again");
    }
    if let Some(size) = reply::size(data).or(reply::announced_size(data)) {
        assert_eq!(reply::size(size.to_string().as_bytes()), Some(size));
    }
    if let Some(seconds) = reply::time(data) {
        assert_eq!(reply::time_text(seconds).and_then(|text| reply::time(text.as_bytes())), Some(seconds));
    }
    let mut out = Vec::new();
    single_iac(data, &mut out);
    assert!(out.len() <= data.len());
}

/// A listing in one of the two formats.
pub fn listing(format: Format, data: &[u8]) {
    same_however_cut(data, || ListingReader::new(format, NOW));
}

/// A listing in one dialect of LIST, whatever another would make of it.
pub fn dialect(index: usize, data: &[u8]) {
    same_however_cut(data, || ListingReader::in_dialect(index, NOW));
}

/// 2026-07-01.
const NOW: i64 = 1_782_864_000;

/// Reads it whole and cut at a place that its first bytes choose: the rows are the same, and no more than lines came in.
fn same_however_cut(data: &[u8], make: impl Fn() -> ListingReader) {
    let cut = data.iter().take(3).fold(0, |at, &byte| at * 256 + usize::from(byte)) % (data.len() + 1);
    let (before, behind) = data.split_at(cut);
    let read = |blocks: &[&[u8]]| {
        let (mut reader, mut rows) = (make(), Rows::default());
        blocks.iter().for_each(|block| reader.feed(block, &mut rows));
        let ended_within = reader.end(&mut rows);
        (rows.entries, rows.unparsed, ended_within)
    };
    let whole = read(&[data]);
    assert_eq!(whole, read(&[before, behind]), "cut at {cut}");
    let lines = data.split(|&byte| byte == b'\n').count();
    let (entries, unparsed, _) = &whole;
    assert!(entries.len() + unparsed.len() <= lines, "more rows than lines");
    let held = entries.iter().map(|entry| entry.name.as_bytes().len()).chain(unparsed.iter().map(|row| row.len())).sum::<usize>();
    assert!(held <= data.len() && unparsed.iter().all(|row| row.len() <= limits::ROW), "{held} bytes of {}", data.len());
    let mut at = 0;
    for entry in entries {
        let name = entry.name.as_bytes();
        assert!(crate::model::Name::new(name).is_ok(), "a name that leads elsewhere: {}", name.escape_ascii());
        // The rows come in the order of the lines, so that each is looked for behind the one before.
        let rest = data.get(at..).unwrap_or_default();
        let found = end_of_name(rest, name).or_else(|| end_of_two_words(rest, name));
        assert!(found.is_some(), "a name that nobody sent: {}", name.escape_ascii());
        at += found.unwrap_or_default();
    }
}

/// Where `name` ends in `data`, if it is there.
fn end_of_name(data: &[u8], name: &[u8]) -> Option<usize> {
    let first = *name.first()?;
    let mut from = 0;
    while let Some(at) = data.get(from..)?.iter().position(|&byte| byte == first) {
        if data.get(from + at..)?.starts_with(name) {
            return Some(from + at + name.len());
        }
        from += at + 1;
    }
    None
}

/// The same for what is two words on z/VM and a name with a dot here.
fn end_of_two_words(data: &[u8], name: &[u8]) -> Option<usize> {
    let dot = name.iter().rposition(|&byte| byte == b'.')?;
    let (first, second) = (name.get(..dot)?, name.get(dot + 1..)?);
    let mut from = 0;
    loop {
        let end = from + end_of_name(data.get(from..)?, first)?;
        let behind = data.get(end..)?;
        let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if blanks > 0 && behind.get(blanks..)?.starts_with(second) {
            return Some(end + blanks + second.len());
        }
        from = end + 1 - first.len();
    }
}

/// The line of an MLST reply.
pub fn mlst(data: &[u8]) {
    let entry = parse_mlst_facts(data);
    let blanked = parse_mlst_facts(&[b" ", data].concat());
    // The blank before the facts is optional, unless there are none: then it says so.
    assert!(entry.is_none() || data.starts_with(b" ") || blanked == entry, "{entry:?} {blanked:?}");
}
