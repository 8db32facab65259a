//! What z/OS and MVS answer for data sets: `WYOSPT 3390   2003/05/21  1  200  FB      80  8053  PS  USER.DATA`.
//!
//! A partitioned data set (PO) is entered as a directory; its members are in `mvs_members`, the jobs of the spool in `jes`. The headings
//! say which of the three comes, and a library's members may be names alone: those count only under their heading or where the server has
//! said that it is MVS. A size is told in tracks used, if at all, which are no bytes.

use crate::model::{Entry, Kind, ListingStyle, Timestamp};

use super::dialect::{Dialect, Row, Shared, entry_row};
use super::fields::Fields;
use super::scan::is_digits;
use super::time::{Calendar, Day, any_year, day_of_month, month_number};
use super::{jes, mvs_members};

/// Which heading was read last.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Heading {
    #[default]
    None,
    DataSets,
    Members,
    Jobs,
}

/// Rows of data sets, members and jobs.
#[derive(Default)]
pub(super) struct Mvs {
    heading: Heading,
}

impl Dialect for Mvs {
    fn read(&mut self, row: &[u8], shared: &mut Shared) -> Row {
        let fields = Fields::of(row);
        if let Some(heading) = heading(fields.all()) {
            self.heading = heading;
            return Row::Nothing;
        }
        let read = match self.heading {
            Heading::Jobs => jes::read(&fields),
            Heading::Members => mvs_members::read(&fields, &shared.calendar).or_else(|| mvs_members::bare(&fields)),
            Heading::DataSets | Heading::None => data_set(&fields, &shared.calendar),
        };
        let any =
            || data_set(&fields, &shared.calendar).or_else(|| mvs_members::read(&fields, &shared.calendar)).or_else(|| jes::read(&fields));
        let is_said = shared.system == Some(ListingStyle::Mvs) && self.heading == Heading::None;
        read.or_else(any).or_else(|| is_said.then(|| mvs_members::bare(&fields)).flatten()).unwrap_or(Row::Unknown)
    }

    fn again(&mut self) {
        self.heading = Heading::None;
    }
}

fn heading(fields: &[&[u8]]) -> Option<Heading> {
    match fields {
        [b"Volume", .., b"Dsname"] => Some(Heading::DataSets),
        [b"Name", b"VV.MM" | b"Size", ..] => Some(Heading::Members),
        [b"JOBNAME", b"JOBID", ..] => Some(Heading::Jobs),
        _ => None,
    }
}

/// One data set.
fn data_set(fields: &Fields<'_>, calendar: &Calendar) -> Option<Row> {
    let all = fields.all();
    let &name = all.last()?;
    // One blank that ends the fields ends the row.
    if fields.end(all.len() - 1)? != fields.row().trim_ascii_end().len() || !is_name(name) {
        return None;
    }
    match all {
        [b"Migrated" | b"MIGRATED", _] | [_, b"Tape", _] | [_, _, b"VSAM" | b"VS", _] => Some(row_of(name, Kind::File, None)),
        [b"Pseudo", b"Directory", _] => Some(row_of(name, Kind::Dir, None)),
        [_, b"Not", b"Direct", b"Access", b"Device", _] | [b"Not", b"Direct", b"Access", b"Device", _] => {
            Some(row_of(name, Kind::File, None))
        }
        [_, b"Not", b"Mounted", _] | [_, b"Error", b"determining", b"attributes", _] | [b"Error", b"determining", b"attributes", _] => {
            Some(row_of(name, Kind::File, None))
        }
        [b"Path" | b"PATH" | b"GDG" | b"User", _] => None,
        _ => on_volume(all, name, calendar),
    }
}

/// Volume, mostly a unit, a date, what it takes up, its organisation and its name.
fn on_volume(all: &[&[u8]], name: &[u8], calendar: &Calendar) -> Option<Row> {
    let (volume, organisation) = (all.first()?, all.get(all.len().checked_sub(2)?)?);
    let is_volume = (1..=6).contains(&volume.len()) && volume.iter().all(|byte| byte.is_ascii_alphanumeric() || b"$#@-".contains(byte));
    let at = (1..=2).find(|&at| all.get(at).is_some_and(|field| *field == b"**NONE**" || referred(field).is_some()))?;
    let is_unit = at == 1 || all.get(1).is_some_and(|unit| unit.len() <= 8 && unit.iter().all(u8::is_ascii_alphanumeric));
    let between = (all.len() - 2).checked_sub(at + 1)?;
    if !is_volume || !is_unit || !(3..=7).contains(&between) {
        return None;
    }
    let kind = match *organisation {
        b"PO" | b"PO-E" | b"POU" | b"PDSE" => Kind::Dir,
        b"PS" | b"PSU" | b"PS-E" | b"PS-L" | b"DA" | b"DAU" | b"IS" | b"ISU" | b"VS" | b"VSAM" | b"U" | b"**" | b"??" => Kind::File,
        _ => return None,
    };
    let time = all.get(at).and_then(|field| referred(field)).and_then(|day| calendar.timestamp(day, None));
    Some(row_of(name, kind, time))
}

/// `2003/05/21`, in old versions `07/16/97`.
fn referred(field: &[u8]) -> Option<Day> {
    let mut parts = field.split(|&byte| byte == b'/');
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, a, b) };
    Some(Day { year: Some(any_year(year)?), month: month_number(month)?, day: day_of_month(day)? })
}

/// Whether it may be the name of a data set, in quotes or without.
fn is_name(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"'").and_then(|name| name.strip_suffix(b"'")).unwrap_or(name);
    !name.is_empty()
        && !is_digits(name)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"$#@-.{}_".contains(byte) || !byte.is_ascii())
}

fn row_of(name: &[u8], kind: Kind, time: Option<Timestamp>) -> Row {
    entry_row(name, kind, |entry: &mut Entry| entry.modified = time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    fn read(lines: &[&str]) -> Vec<(String, Kind)> {
        let mut mvs = Mvs::default();
        let mut shared = Shared::new(0);
        lines
            .iter()
            .filter_map(|line| match mvs.read(line.as_bytes(), &mut shared) {
                Row::Entry(entry) => Some((text(&entry).to_owned(), entry.kind)),
                Row::Nothing => None,
                other => panic!("{line}: {other:?}"),
            })
            .collect()
    }

    #[test]
    fn data_sets_are_files_and_partitioned_ones_are_directories() {
        let rows = read(&[
            "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname",
            "WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  A.FILE",
            "APCSPL 3380D  07/16/97  1  1  FB  80  8800  PO  A.PDS",
            "CPDLB4 2008/10/31  1  1  VB  256 6233  PS  NO.UNIT",
            "NRP004 3390   **NONE**    1   15  NONE     0     0  PO  A.NEW",
            "YNSABH 3390   2022/02/18  1+++++  VBS  32767 27966  PS  A.HUGE",
            "TSO005 3390   2005/06/06 213000 U 0 27998 PO A.LOADLIB",
            "TSO004 3390   VSAM A.VSAM",
            "Migrated                                                A.OLD",
            "ARCIVE Not Direct Access Device                         A.TAPED",
            "Pseudo Directory                                        A.PREFIX",
            "WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  'OTHER.USERS'",
        ]);
        let names: Vec<_> = rows.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        let expected = [
            ("A.FILE", Kind::File),
            ("A.PDS", Kind::Dir),
            ("NO.UNIT", Kind::File),
            ("A.NEW", Kind::Dir),
            ("A.HUGE", Kind::File),
            ("A.LOADLIB", Kind::Dir),
            ("A.VSAM", Kind::File),
            ("A.OLD", Kind::File),
            ("A.TAPED", Kind::File),
            ("A.PREFIX", Kind::Dir),
            ("'OTHER.USERS'", Kind::File),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_name_alone_counts_under_its_heading_or_on_a_server_that_says_what_it_is() {
        assert_eq!(
            read(&["Name     VV.MM   Created       Changed      Size  Init   Mod   Id", "ALONE"]),
            [("ALONE".to_owned(), Kind::File)]
        );
        let mut shared = Shared::new(0);
        assert_eq!(Mvs::default().read(b"ALONE", &mut shared), Row::Unknown);
        shared.system = Some(ListingStyle::Mvs);
        assert!(matches!(Mvs::default().read(b"ALONE", &mut shared), Row::Entry(_)));
        assert_eq!(Mvs::default().read(b"not a member", &mut shared), Row::Unknown);
    }

    #[test]
    fn what_is_no_row_is_none() {
        for line in [
            "WYOSPT 3420   2003/13/21  1  200  FB      80  8053  PS  A.FILE",
            "WYOSPT 3420   2003/05/21  1  200  FB      80  8053  XX  A.FILE",
            "WYOSPT 3420   2003/05/21  PS  A.FILE",
            "Welcome to our server",
            "aaa",
            "",
        ] {
            assert_eq!(Mvs::default().read(line.as_bytes(), &mut Shared::new(0)), Row::Unknown, "{line}");
        }
    }
}
