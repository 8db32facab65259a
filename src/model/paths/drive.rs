//! Disks by a letter or a name: `C:/dir`, `C:\dir`, `ata0:/dir`, as `/C:/dir`; and `\dir`, as `/dir`.

use super::Syntax;

pub(super) struct Drive {
    /// What stands between names.
    pub(super) separator: u8,
}

impl Syntax for Drive {
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>> {
        let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
        let begins = match words.iter().position(|&byte| byte == b':') {
            Some(colon) => words.get(colon + 1).is_none_or(is_separator) && is_device(words.get(..=colon)?),
            None => words.first() == Some(&b'\\'),
        };
        if !begins {
            return None;
        }
        let parts: Vec<Vec<u8>> = words.split(is_separator).filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect();
        let names = parts.iter().skip(usize::from(words.contains(&b':')));
        names.into_iter().all(|name| self.is_name(name, true)).then_some(parts)
    }

    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        let (device, names) = match parts.split_first() {
            Some((first, rest)) if is_device(first) => (*first, rest),
            // Without a disk only where that is how the server writes.
            _ if self.separator == b'\\' => (&b""[..], parts),
            _ => return None,
        };
        let is_plain = names.iter().all(|name| self.is_name(name, true));
        is_plain.then(|| [device, &[self.separator], names.join(&self.separator).as_slice()].concat())
    }

    fn is_name(&self, name: &[u8], _directory: bool) -> bool {
        !name.is_empty() && !name.iter().any(|byte| matches!(byte, b':' | b'\\' | b'/' | b'*' | b'?' | b'"' | b'<' | b'>' | b'|'))
    }

    fn within(&self, directory: &[u8], file: &[u8]) -> Option<Vec<u8>> {
        let between: &[u8] = if directory.ends_with(&[self.separator]) { b"" } else { std::slice::from_ref(&self.separator) };
        Some([directory, between, file].concat())
    }

    fn rule(&self) -> &'static str {
        "without : \\ * ? \" < > |"
    }
}

/// `C:`, `ata0:`, `SYS:`.
fn is_device(name: &[u8]) -> bool {
    name.strip_suffix(b":").is_some_and(|name| super::is_made_of(name, b"_$-") && name.len() <= 16)
}
