//! Facts and names (RFC 3659 §7): `type=file;size=3;modify=20260102030405; a name`.
//!
//! Facts come in any order and case, may be missing, and may be unknown. Everything behind the blank is the name, blanks included.

use crate::model::perms::Perms;
use crate::model::{Entry, Kind, Name, Timestamp};

use super::dialect::{Dialect, People, Row, Shared, entry_row};
use super::scan::{number, octal, small, split_digits};
use super::time::{Calendar, Clock, Day, within};

/// MLSD has no dialects to speak of, and nothing to learn from a row.
pub(super) struct Mlsd;

impl Dialect for Mlsd {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        let Some((facts, name)) = split(row) else { return Row::Unknown };
        let facts = Facts::read(facts);
        match facts.place() {
            // The directory itself and the one above, whatever the name says (RFC 3659 §7.5.1).
            Place::Here | Place::Above => Row::Nothing,
            Place::Entry(kind) => entry_row(name, kind, |entry| facts.fill(entry, shared)),
        }
    }
}

/// Reads the line of an MLST reply (RFC 3659 §7.2), the blank before it being optional. The server says which path was asked for in its
/// own way; the entry has the last part of it for a name, so a caller who asked for a path should put the name there.
pub fn parse_mlst_facts(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (facts, path) = split(line.strip_prefix(b" ").unwrap_or(line))?;
    let facts = Facts::read(facts);
    let kind = match facts.place() {
        Place::Here | Place::Above => Kind::Dir,
        Place::Entry(kind) => kind,
    };
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let last = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    // A root has no name, nor has the directory one is in.
    let name = Name::new(last).or_else(|_| Name::new(&b"-"[..])).ok()?;
    let mut entry = Entry::new(name, kind);
    // MLST dates have their year: no clock is needed.
    facts.fill(&mut entry, &mut Shared::new(0));
    Some(entry)
}

/// The facts and the name. Facts end with a semicolon, which some servers forget behind the last.
fn split(row: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(name) = row.strip_prefix(b" ") {
        return Some((b"", name));
    }
    let at = row.windows(2).position(|pair| pair == b"; ").map(|at| at + 1).or_else(|| row.iter().position(|&byte| byte == b' '))?;
    let (facts, name) = row.split_at_checked(at)?;
    if facts.contains(&b'=') { Some((facts, name.strip_prefix(b" ")?)) } else { None }
}

/// What a row is about.
enum Place {
    Here,
    Above,
    Entry(Kind),
}

/// The facts that are of use, as the server wrote them.
#[derive(Default)]
struct Facts<'a> {
    kind: Option<&'a [u8]>,
    size: Option<&'a [u8]>,
    modify: Option<&'a [u8]>,
    mode: Option<&'a [u8]>,
    owner: Option<&'a [u8]>,
    owner_name: Option<&'a [u8]>,
    group: Option<&'a [u8]>,
    group_name: Option<&'a [u8]>,
    perm: Option<&'a [u8]>,
    is_sized_dir: bool,
}

impl<'a> Facts<'a> {
    fn read(text: &'a [u8]) -> Self {
        let mut facts = Self::default();
        for fact in text.split(|&byte| byte == b';') {
            let Some(equals) = fact.iter().position(|&byte| byte == b'=') else { continue };
            let (key, value) = fact.split_at(equals);
            facts.take(key, value.get(1..).unwrap_or_default());
        }
        facts
    }

    /// Of a fact that is told twice the last counts.
    fn take(&mut self, key: &[u8], value: &'a [u8]) {
        let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
        let place = if is(b"type") {
            &mut self.kind
        } else if is(b"size") {
            &mut self.size
        } else if is(b"modify") {
            &mut self.modify
        } else if is(b"sizd") {
            // Pure-FTPd's size of a directory.
            self.is_sized_dir = true;
            &mut self.size
        } else if is(b"unix.mode") {
            &mut self.mode
        } else if is(b"unix.owner") || is(b"unix.uid") {
            &mut self.owner
        } else if is(b"unix.group") || is(b"unix.gid") {
            &mut self.group
        } else if is(b"unix.ownername") {
            // ProFTPD's names beside the numbers.
            &mut self.owner_name
        } else if is(b"unix.groupname") {
            &mut self.group_name
        } else if is(b"perm") {
            &mut self.perm
        } else {
            return;
        };
        *place = Some(value);
    }

    fn place(&self) -> Place {
        let Some(kind) = self.kind else {
            return Place::Entry(if self.is_sized_dir { Kind::Dir } else { Kind::File });
        };
        let is = |name: &[u8]| kind.eq_ignore_ascii_case(name);
        if is(b"file") {
            Place::Entry(Kind::File)
        } else if is(b"dir") {
            Place::Entry(Kind::Dir)
        } else if is(b"cdir") {
            Place::Here
        } else if is(b"pdir") {
            Place::Above
        } else if is(b"link") || is(b"symlink") || self.link().is_some() {
            Place::Entry(Kind::Link)
        } else {
            Place::Entry(Kind::Other)
        }
    }

    /// Where a link points: empty where the server does not say. `OS.unix=slink:target` is the customary form (RFC 3659 §7.5.1.5 leaves
    /// it to the system); ProFTPD says `symlink` and tells the target by `unique` only.
    fn link(&self) -> Option<&'a [u8]> {
        let rest = strip_prefix_blind(self.kind?, b"os.unix")?;
        let rest = rest.strip_prefix(b"=").or_else(|| rest.strip_prefix(b"-"))?;
        let rest = [&b"slink"[..], b"symlink", b"link"].iter().find_map(|word| strip_prefix_blind(rest, word))?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b":") }
    }

    fn fill(&self, entry: &mut Entry, shared: &mut Shared) {
        entry.size = self.size.and_then(number);
        entry.modified = self.modify.and_then(|text| modified(text, &shared.calendar));
        entry.mode = self.mode.and_then(octal);
        entry.perms = self.perm.map(Perms::parse);
        entry.owner = person(self.owner_name, self.owner, &mut shared.people);
        entry.group = person(self.group_name, self.group, &mut shared.people);
        entry.target = self.link().filter(|target| !target.is_empty()).map(Into::into);
    }
}

fn person(name: Option<&[u8]>, number: Option<&[u8]>, people: &mut People) -> Option<std::sync::Arc<str>> {
    name.filter(|name| !name.is_empty()).or(number).and_then(|bytes| people.share(bytes))
}

fn strip_prefix_blind<'a>(bytes: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = bytes.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `YYYYMMDDHHMMSS` with a fraction that is left out (RFC 3659 §2.3).
fn modified(text: &[u8], calendar: &Calendar) -> Option<Timestamp> {
    let (digits, rest) = split_digits(text);
    if !(rest.is_empty() || rest.strip_prefix(b".").is_some_and(|fraction| fraction.iter().all(u8::is_ascii_digit))) || digits.len() != 14 {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).and_then(small);
    let two = |from: usize, least, most| part(from, from + 2).and_then(|value| within(value, least, most));
    let day = Day { year: Some(part(0, 4)?), month: two(4, 1, 12)?, day: two(6, 1, 31)? };
    // A leap second has no place of its own in Unix time.
    let clock = Clock { hour: two(8, 0, 23)?, minute: two(10, 0, 59)?, second: Some(two(12, 0, 60)?.min(59)) };
    calendar.timestamp(day, Some(clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &[u8]) -> Row {
        Mlsd.read(line, &mut Shared::new(0))
    }

    fn entry(line: &[u8]) -> Entry {
        match row(line) {
            Row::Entry(entry) => entry,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn facts_are_read_in_any_order_and_case() {
        let entry = entry(
            b"uNiX.MoDe=04755;GROUP=x;Modify=20260102030405.678;UNIX.owner=0;UNIX.ownername=root;Unix.group=5;SIZE=12;tYpe=FILE; a;b c",
        );
        assert_eq!(entry.name.as_bytes(), b"a;b c");
        assert_eq!((entry.kind, entry.size, entry.mode), (Kind::File, Some(12), Some(0o4755)));
        assert_eq!((entry.owner.as_deref(), entry.group.as_deref()), (Some("root"), Some("5")));
        assert_eq!(entry.modified, Some(Timestamp::exact(1_767_323_045)));
    }

    #[test]
    fn every_blank_behind_the_first_belongs_to_the_name() {
        assert_eq!(entry(b"type=file;   a  b ").name.as_bytes(), b"  a  b ");
        assert_eq!(entry(b"type=file; ; x").name.as_bytes(), b"; x");
        assert_eq!(entry(b" no facts").name.as_bytes(), b"no facts");
        assert_eq!(entry(b"type=file;size=3 forgotten semicolon").name.as_bytes(), b"forgotten semicolon");
    }

    #[test]
    fn links_are_known_in_every_spelling() {
        for (line, target) in [
            (&b"type=OS.unix=slink:/a b; l"[..], Some(&b"/a b"[..])),
            (b"type=OS.UNIX=SYMLINK:x; l", Some(b"x")),
            (b"type=OS.unix=slink:; l", None),
            (b"type=OS.unix=symlink; l", None),
            (b"type=os.unix-slink:t; l", Some(b"t")),
            (b"type=link; l", None),
        ] {
            let entry = entry(line);
            assert_eq!((entry.kind, entry.target.as_deref()), (Kind::Link, target));
        }
        assert_eq!(entry(b"type=OS.unix=chr-13/29; null").kind, Kind::Other);
    }

    #[test]
    fn what_may_be_done_is_kept_where_it_is_said() {
        assert_eq!(entry(b"type=file;Perm=rADf; x").perms.unwrap().letters(), "adfr");
        assert_eq!(entry(b"type=file;perm=; x").perms.unwrap().letters(), "");
        assert_eq!(entry(b"type=file; x").perms, None);
    }

    #[test]
    fn what_is_wrong_with_a_fact_leaves_the_fact_out() {
        let entry = entry(b"type=file;size=99999999999999999999999;modify=20260230000000;UNIX.mode=89;UNIX.owner=; x");
        assert_eq!((entry.size, entry.modified, entry.mode, entry.owner), (None, None, None, None));
        for time in ["2026010203040", "202601020304051", "20260102030405x", "20260102250405", "", "20260102030405.5x"] {
            assert_eq!(modified(time.as_bytes(), &Calendar::new(0)), None, "{time}");
        }
    }

    #[test]
    fn the_directory_itself_and_names_that_lead_elsewhere_are_no_entries() {
        for line in [&b"type=cdir; /pub"[..], b"type=pdir; ..", b"Type=CDIR; x", b"type=dir; .", b"type=dir; ..", b"type=dir; ./"] {
            assert_eq!(row(line), Row::Nothing);
        }
        for line in [&b"type=file; ../x"[..], b"type=file; /etc/passwd", b"type=file; ", b"type=file; a\0b", b"type=file; a\rb"] {
            assert_eq!(row(line), Row::Refused);
        }
        for line in [&b"type=file;size=3;"[..], b"garbage", b"some garbage", b"-rw-r--r-- 1 a b 3 Jan 1 2020 x"] {
            assert_eq!(row(line), Row::Unknown);
        }
    }

    #[test]
    fn an_mlst_line_names_the_last_part_of_its_path() {
        for line in [
            &b" type=dir;modify=20260102030405; /a/b"[..],
            b"type=dir;modify=20260102030405; b\r\n",
            b"type=cdir;modify=20260102030405; /a/b/",
        ] {
            let entry = parse_mlst_facts(line).unwrap();
            assert_eq!((entry.name.as_bytes(), entry.kind), (&b"b"[..], Kind::Dir));
            assert_eq!(entry.modified, Some(Timestamp::exact(1_767_323_045)));
        }
        assert_eq!(parse_mlst_facts(b" type=cdir; /").unwrap().kind, Kind::Dir);
        assert_eq!(parse_mlst_facts(b"250 End"), None);
    }
}
