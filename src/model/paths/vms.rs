//! OpenVMS: `DISK$USER:[ALICE.WWW]`, as `/DISK$USER:/ALICE/WWW`. The top of a disk is `[000000]`.
//!
//! A file goes by its name from within its directory: `README.TXT`, which is its newest version. A name without a dot might be a logical name,
//! which leads anywhere, so that it gets one: `README.`. What is deleted needs a version: `;0` is the newest one. A second dot begins a version
//! as `;` does (`app.log.1` is the first one of `app.log`), so that names with several are refused unless the others are held by a circumflex.
//! The top of a disk holds itself, as `000000.DIR`: that is no name below it.

use super::Syntax;

pub(super) struct Vms;

/// The directory that holds the top of a disk.
const TOP: &[u8] = b"000000";

impl Syntax for Vms {
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>> {
        let open = words.iter().position(|&byte| matches!(byte, b'[' | b'<'))?;
        let (device, directory) = words.split_at_checked(open)?;
        let inner = directory.strip_suffix(b"]").or_else(|| directory.strip_suffix(b">"))?.get(1..)?;
        // What is between a hidden root and the directory below it.
        let inner = replaced(inner, b".][", b".");
        let mut parts = Vec::new();
        if !device.is_empty() {
            if !device.ends_with(b":") || device.contains(&b'/') {
                return None;
            }
            parts.push(device.to_vec());
        }
        let names = at_free_dots(&inner).into_iter().filter(|part| !part.is_empty());
        parts.extend(names.enumerate().filter(|(index, name)| *index > 0 || name != TOP).map(|(_, name)| name));
        let (_, below) = parts.split_at_checked(usize::from(!device.is_empty()))?;
        (!parts.is_empty() && below.iter().all(|name| self.is_name(name, true))).then_some(parts)
    }

    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        let (device, names) = match parts.split_first() {
            Some((first, rest)) if first.ends_with(b":") => (*first, rest),
            _ => (&b""[..], parts),
        };
        let is_plain = device.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'_' | b'-' | b':'));
        let inner = if names.is_empty() { TOP.to_vec() } else { names.join(&b'.') };
        (is_plain && names.iter().all(|name| self.is_name(name, true))).then(|| [device, b"[", &inner, b"]"].concat())
    }

    fn is_name(&self, name: &[u8], directory: bool) -> bool {
        let free = free_bytes(name);
        let has = |bytes: &[u8]| free.iter().any(|byte| bytes.contains(byte));
        if name.is_empty() || has(b"[]<>()':/,*%?\"\\ \t@") || is_top(name, directory) {
            return false;
        }
        if directory {
            // A dash is the directory above, and dots are all below.
            return !has(b".;") && !name.iter().all(|&byte| byte == b'-');
        }
        let version = name.iter().rposition(|&byte| byte == b';').and_then(|at| name.get(at + 1..));
        let at_most_one = |byte: u8| free.iter().filter(|&&free| free == byte).count() <= 1;
        at_most_one(b'.')
            && at_most_one(b';')
            && version.is_none_or(|version| !version.is_empty() && version.iter().all(u8::is_ascii_digit))
            && !name.starts_with(b"-")
    }

    fn file(&self, name: &[u8]) -> Vec<u8> {
        if free_bytes(name).iter().any(|byte| matches!(byte, b'.' | b';')) { name.to_vec() } else { [name, b"."].concat() }
    }

    fn doomed(&self, name: &[u8]) -> Vec<u8> {
        let file = self.file(name);
        if free_bytes(&file).contains(&b';') { file } else { [&file[..], b";0"].concat() }
    }

    fn within(&self, directory: &[u8], file: &[u8]) -> Option<Vec<u8>> {
        Some([directory, file].concat())
    }

    fn rule(&self) -> &'static str {
        "letters, digits and $ - _ with one dot, and perhaps ; and a version"
    }
}

/// Whether it names the top of a disk, within which it is listed: what is walked there, or deleted, would be the whole disk.
pub(super) fn is_top(name: &[u8], directory: bool) -> bool {
    let stem = name.iter().rposition(|&byte| byte == b';').and_then(|at| name.get(..at)).unwrap_or(name);
    stem == TOP && directory || stem.eq_ignore_ascii_case(b"000000.DIR")
}

/// The bytes that are not written behind a circumflex, which takes their meaning from them (ODS-5).
fn free_bytes(name: &[u8]) -> Vec<u8> {
    let mut is_held = false;
    name.iter()
        .copied()
        .filter(|&byte| {
            let is_free = !is_held;
            is_held = is_free && byte == b'^';
            is_free
        })
        .collect()
}

fn at_free_dots(words: &[u8]) -> Vec<Vec<u8>> {
    let (mut parts, mut is_held) = (vec![Vec::new()], false);
    for &byte in words {
        if byte == b'.' && !is_held {
            parts.push(Vec::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(byte);
        }
        is_held = byte == b'^' && !is_held;
    }
    parts
}

fn replaced(text: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    match text.windows(what.len()).position(|window| window == what).and_then(|at| text.split_at_checked(at)) {
        Some((before, rest)) => [before, by, rest.get(what.len()..).unwrap_or_default()].concat(),
        None => text.to_vec(),
    }
}
