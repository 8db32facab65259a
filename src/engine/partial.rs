//! Under which name a file arrives, and which names of one directory would meet there.
//!
//! Where a file is called like another's partial, two lanes would write one file, and the rename at the end would put the wrong bytes under
//! the right name. A server can choose its names so; guarantee: no two files of a batch share a partial, and none is another's.

use std::collections::HashSet;

use crate::model::transfer::PARTIAL_END as PARTIAL;
use crate::model::{Name, VPath};

/// Bytes of a name that are kept in its partial's: most file systems take 255.
const KEPT: usize = 240;
/// Bytes that tell cut names apart: `~` and sixteen digits.
const DIGEST: usize = 17;

/// Where a partial of `target` is kept: `.name.ftpane-part` beside it.
pub(super) fn partial_of(target: &VPath) -> Option<VPath> {
    let name = partial_name(&target.name()?)?;
    Some(target.parent()?.join(&name))
}

/// The name of a partial of `name`: two names never share one, however long they are.
pub(super) fn partial_name(name: &Name) -> Option<Name> {
    let bytes = name.as_bytes();
    if bytes.len() <= KEPT {
        return Name::new([b".", bytes, PARTIAL].concat()).ok();
    }
    let cut = bytes.get(..KEPT - DIGEST).unwrap_or(bytes);
    // Half a character at the end would be refused by a disk that takes Unicode only.
    let kept = match std::str::from_utf8(bytes) {
        Ok(_) => cut.utf8_chunks().next().map_or(cut, |chunk| chunk.valid().as_bytes()),
        Err(_) => cut,
    };
    Name::new([b".", kept, format!("~{:016x}", fnv(bytes)).as_bytes(), PARTIAL].concat()).ok()
}

/// Whether a name is too long for its partial's to hold all of it.
fn is_long(name: &Name) -> bool {
    name.as_bytes().len() > KEPT
}

/// Whether a name may be that of another's partial.
pub(super) fn is_partial_name(name: &Name) -> bool {
    name.as_bytes().starts_with(b".") && name.as_bytes().ends_with(PARTIAL)
}

/// Partials that somebody is at, or may go on with.
#[derive(Debug)]
pub(super) enum Partials {
    /// These.
    Known(HashSet<VPath>),
    /// The journal could not say: each may be somebody's.
    Any,
}

impl Partials {
    /// Whether what is at `path` may be one of them.
    pub(super) fn may_hold(&self, path: &VPath) -> bool {
        match self {
            Self::Known(known) => known.contains(path),
            Self::Any => path.name().is_some_and(|name| is_partial_name(&name)),
        }
    }
}

/// FNV-1a, which stays the same from one version to the next, so that a partial is found again.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// What is said of a name that is contested.
pub(super) const CONTESTED: &str = "its name is that of another's partial file; copy it by itself";

/// The names of a directory that cannot be copied beside the others.
pub(super) fn contested<'a>(names: impl Iterator<Item = &'a Name> + Clone) -> HashSet<Name> {
    let like: HashSet<&Name> = names.clone().filter(|name| is_partial_name(name)).collect();
    let mut partials = HashSet::new();
    let contest = |name: &Name| {
        if like.is_empty() && !is_long(name) {
            // So it is in nearly every directory.
            return None;
        }
        let partial = partial_name(name)?;
        if like.contains(&partial) {
            return Some(partial);
        }
        (is_long(name) && !partials.insert(partial)).then(|| name.clone())
    };
    names.filter_map(contest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&[u8]]) -> Vec<Name> {
        of.iter().map(|name| Name::new(*name).unwrap()).collect()
    }

    #[test]
    fn a_name_is_contested_where_it_is_the_partial_of_one_beside_it() {
        let all = names(&[b".a.ftpane-part", b"a", b".b.ftpane-part", b"c"]);
        assert_eq!(contested(all.iter()), HashSet::from([all[0].clone()]));
        let chain = names(&[b"a", b".a.ftpane-part", b"..a.ftpane-part.ftpane-part"]);
        assert_eq!(contested(chain.iter()), HashSet::from([chain[1].clone(), chain[2].clone()]));
    }

    #[test]
    fn long_names_that_begin_alike_are_not_contested() {
        let stem = vec![b'n'; 245];
        let all = names(&[&[&stem[..], b"1"].concat(), &[&stem[..], b"2"].concat()]);
        assert!(contested(all.iter()).is_empty());
    }

    #[test]
    fn names_too_long_for_a_suffix_have_partials_of_their_own() {
        let long = |end: &str| Name::new(format!("{}{end}", "ä".repeat(122)).into_bytes()).unwrap();
        let (one, other) = (partial_name(&long("-part1")).unwrap(), partial_name(&long("-part2")).unwrap());
        assert_ne!(one, other);
        assert!(one.as_bytes().len() <= 255 && std::str::from_utf8(one.as_bytes()).is_ok(), "{one:?}");
        let short = Name::new(&b"a.txt"[..]).unwrap();
        assert_eq!(partial_name(&short).unwrap().as_bytes(), b".a.txt.ftpane-part");
    }
}
