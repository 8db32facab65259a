//! Under which name a source goes to its target directory, where another spelling may be there already.
//!
//! `é` can be one letter or two (NFC, NFD; macOS wrote the latter), and there are systems that do not tell `A` from `a`. Guarantee: what is
//! there under the other spelling is the target, so that nothing comes to be twice and nothing is replaced unasked; and of two sources that
//! would be one at the target the second is refused, never written over the first. Whether a system tells letters apart is found out by looking
//! at what is there, and only where two names would meet.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use crate::model::fold::{caseless, composed, other_case};
use crate::model::local_name::{System, translated};
use crate::model::{During, Failure, FailureKind, Name, VPath};
use crate::volume::{Connector, Volume};

use super::plan::hopeless;
use super::rows::{Row, rows};
use super::targets::Targets;
use super::work::BatchFacts;
use super::worker::Worker;

/// How names of one target directory are spelled.
pub(super) struct Spelling {
    /// By whose rules names are made, at the source and at the target.
    rules: (System, System),
    /// The target takes names that differ in the size of letters for the same.
    is_blind: bool,
    /// What is there, by how it would be found: where the target is blind all names, else those that are not in their composed form.
    there: HashMap<Vec<u8>, Name>,
    /// The sources so far that have a target name which another source could come to, by how it would be found.
    claimed: HashMap<Vec<u8>, Name>,
}

impl Spelling {
    /// For sources of these names in a directory, and what is known of the one that they go to.
    pub(super) async fn begin<'a, C: Connector>(
        worker: &mut Worker<C>,
        facts: &BatchFacts,
        (source, directory, targets): (&VPath, &VPath, &Targets),
        sources: impl Iterator<Item = &'a Name> + Clone + Send,
    ) -> Result<Self, Failure> {
        // On one volume a target that is the source in other letters is the source itself: that is for who renames it.
        if facts.same {
            return Ok(Self { rules: (System::Unix, System::Unix), is_blind: false, there: HashMap::new(), claimed: HashMap::new() });
        }
        let may_meet = may_meet(sources, targets);
        let from = worker.source().await?.rules(source).await;
        let volume = worker.target().await?;
        let rules = (from, volume.rules(directory).await);
        let is_blind = may_meet && is_blind(volume, facts, directory, targets).await?;
        let there = targets.rows().iter().map(|row| &row.name);
        let there = match is_blind {
            true => there.map(|name| (caseless(name.as_bytes()), name.clone())).collect(),
            false => there.filter_map(|name| Some((decomposed(name)?, name.clone()))).collect(),
        };
        Ok(Self { rules, is_blind, there, claimed: HashMap::new() })
    }

    /// Where a source goes that would go to `target`.
    ///
    /// # Errors
    /// It would be another source there.
    pub(super) fn target(&mut self, (source, target): (&VPath, &VPath), targets: &Targets) -> Result<VPath, Failure> {
        let (Some(parent), Some(name)) = (target.parent(), target.name()) else { return Ok(target.clone()) };
        // A name that a person gave is meant as it is.
        let is_given = source.name().as_ref() != Some(&name);
        let name = if is_given { name } else { translated(&name, self.rules) };
        self.claim(&name, targets).map(|name| parent.join(&name)).map_err(|first| {
            let failure = Failure::new(FailureKind::AlreadyExists, During::Plan, self.why_not(&first)).about(source.as_bytes());
            failure.hint("copy it by itself under another name")
        })
    }

    /// The name that a source gets, or the source before it that has got the same.
    fn claim(&mut self, source: &Name, targets: &Targets) -> Result<Name, Name> {
        if !self.is_blind && source.as_bytes().is_ascii() {
            return Ok(source.clone());
        }
        let name = self.spelled(source, targets);
        let key = if self.is_blind { caseless(source.as_bytes()) } else { name.as_bytes().to_vec() };
        match self.claimed.insert(key, source.clone()) {
            Some(first) if first != *source => Err(first),
            _ => Ok(name),
        }
    }

    /// As it is there, else as the source has it.
    fn spelled(&self, source: &Name, targets: &Targets) -> Name {
        if targets.kind(source).is_some() {
            return source.clone();
        }
        let bytes = source.as_bytes();
        let key = if self.is_blind { caseless(bytes) } else { composed(bytes).into_owned() };
        if let Some(there) = self.there.get(&key) {
            return there.clone();
        }
        let composed = Name::new(key).ok().filter(|name| !self.is_blind && targets.kind(name).is_some());
        composed.unwrap_or_else(|| source.clone())
    }

    /// Why a source cannot go where another one went.
    fn why_not(&self, first: &Name) -> String {
        let first = crate::model::text::printable(first.as_bytes());
        match self.is_blind {
            true => format!("it would be {first} at the target, which does not tell large letters from small ones"),
            false => format!("it is spelled like {first} in another Unicode form, and would be the same file at the target"),
        }
    }
}

/// The composed form of a name that is not in it.
fn decomposed(name: &Name) -> Option<Vec<u8>> {
    match composed(name.as_bytes()) {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(bytes) => Some(bytes),
    }
}

/// Whether two names would meet where large and small letters are the same. Four bytes a name: of one directory there may be millions.
fn may_meet<'a>(sources: impl Iterator<Item = &'a Name> + Clone, targets: &Targets) -> bool {
    let keys = RandomState::new();
    // Two that share a key by chance cost a look at the target.
    let key = |name: &Name| (keys.hash_one(caseless(name.as_bytes())) & 0xffff_ffff) as u32;
    let mut wanted: Vec<u32> = sources.clone().map(key).collect();
    wanted.sort_unstable();
    if wanted.windows(2).any(|pair| pair.first() == pair.last()) {
        return true;
    }
    // A target that stands for its own source meets no other one.
    let near: Vec<&Row> = targets.rows().iter().filter(|row| wanted.binary_search(&key(&row.name)).is_ok()).collect();
    if near.is_empty() {
        return false;
    }
    let exact: HashSet<&Name> = sources.collect();
    near.into_iter().any(|row| !exact.contains(&row.name))
}

/// How many directories above are looked at.
const ABOVE: usize = 8;

/// Whether the volume takes names for the same that differ in the size of letters: something that is there is looked for in other letters.
async fn is_blind<V: Volume>(volume: &mut V, facts: &BatchFacts, directory: &VPath, targets: &Targets) -> Result<bool, Failure> {
    let inside = targets.rows().iter().find_map(|row| unlisted(&row.name, targets));
    if let Some(other) = inside {
        return is_there(volume, &directory.join(&other)).await;
    }
    // The directory is empty or new: a local disk shows it on a file that is gone at once, a server on the directories above.
    if let Some(is_blind) = volume.is_case_blind(directory).await {
        return Ok(is_blind);
    }
    let mut child = directory.clone();
    for _ in 0..ABOVE {
        let (Some(parent), Some(name)) = (child.parent(), child.name()) else { break };
        if let Some(other) = other_case(&name) {
            if !is_there(volume, &parent.join(&other)).await? {
                return Ok(false);
            }
            // There may be two of them.
            return match rows(volume, &parent, &facts.stop).await {
                Ok(listed) => Ok(listed.entries.iter().all(|row| row.name != other)),
                Err(failure) if hopeless(&failure) => Err(failure),
                Err(_) => Ok(false),
            };
        }
        child = parent;
    }
    Ok(false)
}

/// A name in other letters, where nothing is listed by that.
fn unlisted(name: &Name, targets: &Targets) -> Option<Name> {
    other_case(name).filter(|other| targets.kind(other).is_none())
}

async fn is_there<V: Volume>(volume: &mut V, path: &VPath) -> Result<bool, Failure> {
    match volume.stat(path).await {
        Ok(entry) => Ok(entry.is_some()),
        Err(failure) if hopeless(&failure) || volume.is_lost() || failure.kind == FailureKind::Cancelled => Err(failure),
        Err(_) => Ok(false),
    }
}
