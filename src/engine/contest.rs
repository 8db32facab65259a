//! Names of one directory that would meet in one file while they are copied.
//!
//! A file arrives under its partial's name. Where another one is called just that, two lanes would write one file, and the rename at the
//! end would put the wrong bytes under the right name. A server can choose its names so; guarantee: no two files of a batch share a partial,
//! and none is another's.

use std::collections::HashSet;

use crate::model::Name;

use super::copy::{is_long, is_partial_name, partial_name};

/// What is said of such a name.
pub(super) const DETAIL: &str = "its name is that of another's partial file; copy it by itself";

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
    fn long_names_that_begin_alike_do_not_meet() {
        let stem = vec![b'n'; 245];
        let all = names(&[&[&stem[..], b"1"].concat(), &[&stem[..], b"2"].concat()]);
        assert!(contested(all.iter()).is_empty());
        let partials: HashSet<_> = all.iter().map(|name| partial_name(name).unwrap()).collect();
        assert_eq!(partials.len(), 2);
        assert!(partials.iter().all(|name| name.as_bytes().len() <= 255));
    }
}
