//! A command that is given again after it was broken off means the same places as before.
//!
//! Where a directory is copied to a name that is not there yet, the copy is called so; were the same command given once more, that name
//! would be a directory by then, and by the rule of `cp -r` the copy would begin anew one level below. The journal knows what was begun:
//! a copy of the same source to the very target that was named is gone on with there. Guarantee: without such a trace the rule holds.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::VPath;
use crate::model::journal::Unfinished;
use crate::model::transfer::PARTIAL_END;

use super::driver::Driver;
use super::stop::{INTERRUPTED, Stop};

/// Entries that are looked at in search of a partial.
const MOST: usize = 10_000;

/// What earlier runs have begun and not finished.
#[derive(Debug, Default)]
pub struct Begun {
    all: Vec<Unfinished>,
    /// What other running ftpanes are at.
    elsewhere: Vec<Unfinished>,
    /// Numbers in the journal of what this run does in their place.
    taken_over: Vec<i64>,
}

impl Begun {
    /// As the journal tells; nothing where none is kept or it does not tell.
    ///
    /// # Errors
    /// Exit 130 after a signal.
    pub async fn of(driver: &mut Driver) -> Result<Self, Stop> {
        let all = match driver.is_journalled() {
            true => driver.unfinished().await,
            false => Ok(Vec::new()),
        };
        match all {
            Err(stop) if stop.code == INTERRUPTED => Err(stop),
            all => Ok(Self { all: all.unwrap_or_default(), elsewhere: driver.elsewhere().to_vec(), taken_over: Vec::new() }),
        }
    }

    /// Whether the copy that was begun last of `from`, here or by another ftpane that is still at it, went to `own`, and not to `below`, which
    /// lies in it.
    pub fn meant_itself(&self, from: &str, own: &str, below: &str) -> bool {
        let same = |batch: &&Unfinished| batch.items == 1 && batch.from == from && (batch.to == own || batch.to == below);
        let last = self.all.iter().chain(&self.elsewhere).filter(same).max_by_key(|batch| batch.id);
        last.is_some_and(|batch| batch.to == own)
    }

    /// A copy of this run does what was begun of the same source and target, too.
    pub fn take_over(&mut self, from: &str, to: &str) {
        let same = self.all.iter().filter(|batch| batch.items == 1 && batch.from == from && batch.to == to);
        self.taken_over.extend(same.map(|batch| batch.id));
    }

    /// All went well: what was taken over is not offered any more.
    pub async fn settle(self, driver: &mut Driver) {
        for journal in self.taken_over {
            // What cannot be struck out is offered once more, and then found to be done.
            let _ = driver.discard(journal).await;
        }
    }
}

/// Whether a directory was left unfinished by a copy of `name` that went to it itself: it bears that name, nothing of that name is in it,
/// and somewhere in it is a partial. For a resume that the journal knows nothing of.
pub fn looks_unfinished(target: &VPath, name: &[u8]) -> bool {
    let path = PathBuf::from(os(target.as_bytes()));
    target.name().is_some_and(|own| own.as_bytes() == name) && !path.join(os(name)).exists() && holds_partial(&path)
}

/// Bytes as a path of this machine.
pub fn os(bytes: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(bytes)
}

fn holds_partial(root: &Path) -> bool {
    let mut left = VecDeque::from([root.to_owned()]);
    let mut seen = 0;
    while let Some(directory) = left.pop_front() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MOST {
                return false;
            }
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if name.starts_with(b".") && name.ends_with(PARTIAL_END) {
                return true;
            }
            // A link is a person's own: no copy makes one.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                left.push_back(entry.path());
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Direction;
    use crate::model::journal;
    use crate::model::transfer::Verb;

    fn batch(id: i64, items: u64, to: &str) -> Unfinished {
        let (from, to) = ("ftp://h//dir".to_owned(), to.to_owned());
        let begun = journal::Begun::default();
        Unfinished { id, asked: 0, verb: Verb::Copy, direction: Direction::Down, from, to, items, done: 0, failed: 0, begun }
    }

    #[test]
    fn the_target_that_was_named_is_meant_where_the_last_copy_of_the_same_went_there() {
        let begun = |all| Begun { all, ..Begun::default() };
        let meant = |begun: &Begun| begun.meant_itself("ftp://h//dir", "/new", "/new/dir");
        assert!(meant(&begun(vec![batch(1, 1, "/new")])));
        assert!(!meant(&begun(vec![batch(1, 1, "/other")])));
        assert!(!meant(&begun(vec![batch(1, 2, "/new")])), "several go into a directory");
        assert!(!meant(&begun(vec![batch(1, 1, "/new"), batch(2, 1, "/new/dir")])), "the last one counts");
        assert!(!begun(vec![batch(1, 1, "/new")]).meant_itself("ftp://h//other", "/new", "/new/other"));
        let mut begun = begun(vec![batch(1, 1, "/new"), batch(2, 2, "/new"), batch(3, 1, "/new")]);
        begun.take_over("ftp://h//dir", "/new");
        assert_eq!(begun.taken_over, [1, 3]);
    }

    #[test]
    fn a_directory_is_unfinished_only_where_it_bears_the_name_and_holds_a_partial() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("dir");
        fs::create_dir_all(target.join("sub")).unwrap();
        let path = VPath::parse(target.as_os_str().as_encoded_bytes()).unwrap();
        assert!(!looks_unfinished(&path, b"dir"));
        fs::write(target.join("sub/.big.ftpane-part"), "x").unwrap();
        assert!(looks_unfinished(&path, b"dir"));
        assert!(!looks_unfinished(&path, b"other"));
        fs::create_dir(target.join("dir")).unwrap();
        assert!(!looks_unfinished(&path, b"dir"), "there is one below to go on with");
    }
}
