//! The members of a partitioned data set on z/OS: with ISPF's statistics, `SAVE03  01.03 2002/09/12 2002/10/11 09:37  11  11  0 KIL001`,
//! in a library of load modules `EAGKCPT   000058   000009   00 FO   RN RU   31   ANY`, or a name alone.

use crate::model::{Entry, Kind};

use super::dialect::{Row, entry_row};
use super::fields::Fields;
use super::scan::is_digits;
use super::time::{Calendar, Clock, Day, day_of_month, full_year, month_number};

/// A member with something beside its name.
pub(super) fn read(fields: &Fields<'_>, calendar: &Calendar) -> Option<Row> {
    let &name = fields.all().first()?;
    if !is_member(name) {
        return None;
    }
    with_statistics(name, fields.all(), calendar).or_else(|| load_module(name, fields.all()))
}

/// A member of which nothing is told, as one that no editor of ISPF has saved.
pub(super) fn bare(fields: &Fields<'_>) -> Option<Row> {
    let &[name] = fields.all() else { return None };
    is_member(name).then(|| entry_row(name, Kind::File, |_| {}))
}

/// No more than eight letters on the system itself, and no lower case; leniently more.
fn is_member(name: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"$#@-{".contains(byte);
    name.len() <= 20 && name.iter().all(is_letter) && name.iter().any(|byte| byte.is_ascii_uppercase() || b"$#@".contains(byte))
}

/// Version, created, changed, and sizes in records, which are no bytes.
fn with_statistics(name: &[u8], fields: &[&[u8]], calendar: &Calendar) -> Option<Row> {
    let [_, version, created, changed, clock, ..] = fields else { return None };
    let (version, modification) = version.split_at_checked(version.iter().position(|&byte| byte == b'.')?)?;
    if !is_digits(version) || !is_digits(modification.get(1..)?) {
        return None;
    }
    date(created)?;
    let modified = calendar.timestamp(date(changed)?, Some(Clock::parse(clock)?))?;
    Some(entry_row(name, Kind::File, |entry: &mut Entry| entry.modified = Some(modified)))
}

fn date(field: &[u8]) -> Option<Day> {
    let mut parts = field.split(|&byte| byte == b'/');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Day { year: Some(full_year(year)?), month: month_number(month)?, day: day_of_month(day)? })
}

/// Size and place in hexadecimal, perhaps what it is an alias of, the authorisation code and attributes.
fn load_module(name: &[u8], fields: &[&[u8]]) -> Option<Row> {
    let [_, size, place, rest @ ..] = fields else { return None };
    let is_hex = |field: &[u8]| field.len() == 6 && field.iter().all(u8::is_ascii_hexdigit);
    let code = rest.iter().take(2).position(|field| field.len() == 2 && is_digits(field))?;
    if !is_hex(size) || !is_hex(place) || (code == 1 && !rest.first().is_some_and(|alias| is_member(alias))) {
        return None;
    }
    let bytes = std::str::from_utf8(size).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
    Some(entry_row(name, Kind::File, |entry: &mut Entry| {
        // Of the module in memory; what is sent has its records around it.
        entry.size = bytes;
        entry.rounded = true;
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(line: &str) -> Option<Entry> {
        match read(&Fields::of(line.as_bytes()), &Calendar::new(0))? {
            Row::Entry(entry) => Some(entry),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_are_read_with_statistics_and_as_load_modules() {
        let entry = member(" SAVE03    01.03 2002/09/12 2002/10/11 09:37    11    11     0 KIL001").unwrap();
        assert_eq!((entry.name.as_bytes(), entry.size, entry.modified.unwrap().seconds), (&b"SAVE03"[..], None, 1_034_329_020));
        let entry = member("EAGKCPT   000058   000009          00 FO             RN RU            31    ANY").unwrap();
        assert_eq!((entry.name.as_bytes(), entry.size, entry.rounded), (&b"EAGKCPT"[..], Some(0x58), true));
        assert_eq!(member("ALIAS1   00B308   000411 MAIN01   00 FO   RN RU   31   ANY").unwrap().size, Some(0xb308));
    }

    #[test]
    fn what_is_no_member_is_none() {
        for line in [
            "save03 01.03 2002/09/12 2002/10/11 09:37 11",
            "SAVE03 0103 2002/09/12 2002/10/11 09:37 11",
            "SAVE03 01.03 2002/09/12 2002/13/11 09:37 11",
            "A 00005G 000009 00 FO",
            "A 000058 000009 FO FO FO",
            "A B C",
            "",
        ] {
            assert!(member(line).is_none(), "{line}");
        }
    }
}
