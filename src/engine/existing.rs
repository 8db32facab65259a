//! What is done where the target exists: the rule applied to the two sides. Pure.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::model::{During, Entry, Existing, Failure, FailureKind, Kind, Name, Timestamp};

use super::work::How;

/// What the rule comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// Ask the person.
    Ask,
    /// Copy, in this way.
    Go(How),
    /// Copy, under another name.
    Rename,
    /// Do not copy; says why.
    Skip(&'static str),
    /// It is an error.
    Fail(Failure),
}

/// Applies `rule` to a source of `size` and `modified` whose target is `target`, or is only there as an earlier run's `partial`.
pub(super) fn decide(
    rule: Existing,
    size: Option<u64>,
    modified: Option<Timestamp>,
    target: Option<&Entry>,
    partial: Option<u64>,
) -> Verdict {
    let Some(target) = target else {
        return match (rule, partial) {
            // One that is longer may be a partial in parts; who goes on with it looks.
            (Existing::Resume, Some(length)) if length > 0 => Verdict::Go(How::Partial(length)),
            _ => Verdict::Go(How::New),
        };
    };
    if target.kind == Kind::Dir {
        return Verdict::Fail(exists("a directory of that name is there"));
    }
    if target.kind == Kind::Other {
        return Verdict::Go(How::Replace);
    }
    match rule {
        Existing::Ask => Verdict::Ask,
        Existing::Overwrite => Verdict::Go(How::Replace),
        Existing::Newer => newer(modified, target.modified),
        Existing::Size => match (size, target.size) {
            (Some(source), Some(target)) if source == target => Verdict::Skip("the sizes are the same"),
            _ => Verdict::Go(How::Replace),
        },
        Existing::Differs => differs(size, modified, target),
        Existing::Resume => resume(size, target),
        Existing::Rename => Verdict::Rename,
        Existing::Skip => Verdict::Skip("it exists already"),
        Existing::Fail => Verdict::Fail(exists("it exists already")),
    }
}

fn newer(source: Option<Timestamp>, target: Option<Timestamp>) -> Verdict {
    match (source, target) {
        (Some(source), Some(target)) if source.compare(target) == Ordering::Greater => Verdict::Go(How::Replace),
        (Some(_), Some(_)) => Verdict::Skip("the target is as new"),
        _ => Verdict::Skip("the times are not known"),
    }
}

fn differs(size: Option<u64>, modified: Option<Timestamp>, target: &Entry) -> Verdict {
    let resized = matches!((size, target.size), (Some(source), Some(target)) if source != target);
    let newer = matches!((modified, target.modified), (Some(source), Some(target)) if source.compare(target) == Ordering::Greater);
    // Where neither size nor time can be compared, nothing says that they are the same.
    let unknown = size.or(target.size).is_none() || (size.is_none() != target.size.is_none());
    if resized || newer || unknown { Verdict::Go(How::Replace) } else { Verdict::Skip("it is the same") }
}

fn resume(size: Option<u64>, target: &Entry) -> Verdict {
    match (size, target.file_size()) {
        (Some(size), Some(there)) if there == size => Verdict::Skip("it is complete already"),
        (Some(size), Some(there)) if there > size => {
            Verdict::Fail(exists("it is longer than the source").hint("overwrite it, or keep both"))
        }
        (_, Some(there)) if there > 0 => Verdict::Go(How::Append(there)),
        _ => Verdict::Go(How::Replace),
    }
}

fn exists(detail: &str) -> Failure {
    Failure::new(FailureKind::AlreadyExists, During::Write, detail)
}

/// A name like `name` that is not in `taken` and passes `free`: `name (1).ext`, `name (2).ext` …
pub(super) fn free_name(name: &Name, taken: &HashSet<Name>, free: impl Fn(&Name) -> bool) -> Option<Name> {
    let bytes = name.as_bytes();
    let extension = name.extension().map_or(0, |extension| extension.len() + 1);
    let (stem, extension) = bytes.split_at_checked(bytes.len() - extension)?;
    (1..10_000u32).find_map(|n| {
        let candidate = Name::new([stem, format!(" ({n})").as_bytes(), extension].concat()).ok()?;
        (!taken.contains(&candidate) && free(&candidate)).then_some(candidate)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(size: u64, modified: i64) -> Entry {
        Entry { size: Some(size), modified: Some(Timestamp::exact(modified)), ..Entry::new(Name::new(&b"t"[..]).unwrap(), Kind::File) }
    }

    fn rule(rule: Existing, size: u64, modified: i64) -> Verdict {
        decide(rule, Some(size), Some(Timestamp::exact(modified)), Some(&target(100, 1000)), None)
    }

    #[test]
    fn each_rule_does_what_its_name_says() {
        assert_eq!(rule(Existing::Ask, 1, 1), Verdict::Ask);
        assert_eq!(rule(Existing::Overwrite, 1, 1), Verdict::Go(How::Replace));
        assert_eq!(rule(Existing::Newer, 1, 2000), Verdict::Go(How::Replace));
        assert!(matches!(rule(Existing::Newer, 1, 1000), Verdict::Skip(_)));
        assert_eq!(rule(Existing::Size, 99, 1), Verdict::Go(How::Replace));
        assert!(matches!(rule(Existing::Size, 100, 1), Verdict::Skip(_)));
        assert_eq!(rule(Existing::Resume, 150, 1), Verdict::Go(How::Append(100)));
        assert!(matches!(rule(Existing::Resume, 100, 1), Verdict::Skip(_)));
        assert!(matches!(rule(Existing::Resume, 50, 1), Verdict::Fail(_)));
        assert!(matches!(rule(Existing::Skip, 1, 1), Verdict::Skip(_)));
        assert!(matches!(rule(Existing::Fail, 1, 1), Verdict::Fail(_)));
        assert_eq!(rule(Existing::Rename, 1, 1), Verdict::Rename);
    }

    #[test]
    fn a_directory_in_the_way_is_never_replaced_by_a_file() {
        let directory = Entry::new(Name::new(&b"t"[..]).unwrap(), Kind::Dir);
        assert!(matches!(decide(Existing::Overwrite, Some(1), None, Some(&directory), None), Verdict::Fail(_)));
    }

    #[test]
    fn a_partial_of_an_earlier_run_is_only_gone_on_with_where_resume_was_asked() {
        assert_eq!(decide(Existing::Resume, Some(10), None, None, Some(4)), Verdict::Go(How::Partial(4)));
        assert_eq!(decide(Existing::Ask, Some(10), None, None, Some(4)), Verdict::Go(How::New));
        assert_eq!(decide(Existing::Resume, Some(10), None, None, Some(11)), Verdict::Go(How::Partial(11)));
        assert_eq!(decide(Existing::Resume, Some(10), None, None, Some(0)), Verdict::Go(How::New));
    }

    #[test]
    fn a_free_name_keeps_the_extension_and_counts_up() {
        let name = |text: &str| Name::new(text.as_bytes()).unwrap();
        let taken = HashSet::from([name("a.txt"), name("a (1).txt")]);
        assert_eq!(free_name(&name("a.txt"), &taken, |_| true), Some(name("a (2).txt")));
        assert_eq!(free_name(&name(".rc"), &taken, |_| true), Some(name(".rc (1)")));
        assert_eq!(free_name(&name("a.txt"), &taken, |n| *n != name("a (2).txt")), Some(name("a (3).txt")));
    }
}
