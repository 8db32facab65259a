//! HP NonStop (Guardian): `\SYS.$VOL.SUBVOL`, as `/\SYS/$VOL/SUBVOL`; the system may be left out.

use super::{Syntax, at_dots, is_made_of};

pub(super) struct NonStop;

impl Syntax for NonStop {
    fn read(&self, words: &[u8]) -> Option<Vec<Vec<u8>>> {
        let parts = at_dots(words);
        let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        is_place(&slices).then_some(parts)
    }

    fn write(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        // Files are in subvolumes: on a system or a volume there is nowhere to stand.
        let is_whole = parts.iter().rev().nth(1).is_some_and(|part| part.starts_with(b"$"));
        (is_whole && is_place(parts)).then(|| parts.join(&b'.'))
    }

    fn is_name(&self, name: &[u8], _directory: bool) -> bool {
        is_made_of(name, b"")
    }

    fn within(&self, directory: &[u8], file: &[u8]) -> Option<Vec<u8>> {
        Some([directory, b".", file].concat())
    }

    fn rule(&self) -> &'static str {
        "up to eight letters and digits"
    }
}

/// A system, a volume and a subvolume, as many as there are, in this order.
fn is_place(parts: &[&[u8]]) -> bool {
    let rest = match parts.split_first() {
        Some((system, rest)) if system.starts_with(b"\\") && is_made_of(system.get(1..).unwrap_or_default(), b"") => rest,
        _ => parts,
    };
    match rest {
        [] => !parts.is_empty(),
        [volume, below @ ..] => {
            let is_volume = volume.strip_prefix(b"$").is_some_and(|name| is_made_of(name, b""));
            is_volume && below.len() <= 1 && below.iter().all(|part| is_made_of(part, b""))
        }
    }
}
