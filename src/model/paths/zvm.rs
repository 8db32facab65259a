//! z/VM: minidisks, `ALICE.191` as `/ALICE.191`, and the directories of the shared file system, `POOL:ALICE.SUB` as `/POOL:/ALICE/SUB`.

use super::{Syntax, at_dots, is_made_of};

pub(super) struct Zvm;

impl Syntax for Zvm {
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>> {
        if let Some(colon) = words.iter().position(|&byte| byte == b':') {
            let (pool, rest) = words.split_at_checked(colon + 1)?;
            let parts: Vec<Vec<u8>> = std::iter::once(pool.to_vec()).chain(at_dots(rest)).collect();
            let is_plain = is_made_of(pool.strip_suffix(b":")?, b"@#$_-");
            return (is_plain && parts.iter().skip(1).all(|part| self.is_name(part, true))).then_some(parts);
        }
        // Some tell the user and the address of the disk apart by a blank.
        let disk: Vec<u8> = words.iter().map(|&byte| if byte == b' ' { b'.' } else { byte }).collect();
        is_disk(&disk).then(|| vec![disk])
    }

    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        match parts {
            [disk] if is_disk(disk) => Some(disk.to_vec()),
            [pool, user, below @ ..] if pool.ends_with(b":") && self.is_name(user, true) => {
                let is_plain = below.iter().all(|part| self.is_name(part, true));
                let tail: &[u8] = if below.is_empty() { b"." } else { b"" };
                let names: Vec<&[u8]> = std::iter::once(*user).chain(below.iter().copied()).collect();
                is_plain.then(|| [*pool, names.join(&b'.').as_slice(), tail].concat())
            }
            _ => None,
        }
    }

    fn is_name(&self, name: &[u8], directory: bool) -> bool {
        is_made_of(name, if directory { b"@#$+-_" } else { b"@#$+-_.:" }) && !name.contains(&b':') && !name.starts_with(b".")
    }

    fn rule(&self) -> &'static str {
        "a name and a type of up to eight letters and digits each, with a dot between them"
    }
}

/// A user's name, a dot and an address.
fn is_disk(words: &[u8]) -> bool {
    let dots = words.iter().filter(|&&byte| byte == b'.').count();
    dots == 1 && is_made_of(words, b"@#$_-.") && !words.starts_with(b".") && !words.ends_with(b".")
}
