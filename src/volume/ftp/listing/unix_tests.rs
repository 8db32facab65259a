//! Rows of `ls -l` in their many forms.

use std::sync::Arc;

use super::*;

/// 2026-07-01.
const NOW: i64 = 1_782_864_000;

fn row(line: &[u8]) -> Row {
    Unix::default().read(line, &mut Shared::new(NOW))
}

fn entry(line: &str) -> Entry {
    match row(line.as_bytes()) {
        Row::Entry(entry) => entry,
        other => panic!("{line}: {other:?}"),
    }
}

fn people(line: &str) -> (Option<String>, Option<String>) {
    let entry = entry(line);
    let text = |name: Option<Arc<str>>| name.map(|name| name.to_string());
    (text(entry.owner), text(entry.group))
}

fn name(line: &str) -> Vec<u8> {
    entry(line).name.as_bytes().to_vec()
}

#[test]
fn owner_and_group_are_found_with_blanks_without_a_group_and_as_numbers() {
    for (line, owner, group) in [
        ("-rw-r--r--   1 root     other        531 Jan 29 03:26 x", "root", "other"),
        ("-rw-r--r--   1 20708    205          531 Jan 29 03:26 x", "20708", "205"),
        ("-rw-r--r--   1 user     531 Jan 29 03:26 x", "user", ""),
        ("-rw-r--r--   1 200      531 Jan 29 03:26 x", "200", ""),
        ("-rw-r--r--   1 531 Jan 29 03:26 x", "", ""),
        ("drwx------ 4 maxm Domain Users 512 Oct 2 10:59 x", "maxm", "Domain Users"),
        ("drwxr-xr-x   2 john smith     group         4096 Mar  2 15:13 x", "john smith", "group"),
        ("drwxr-xr-x   2 john smith     test group         4096 Mar  2 15:13 x", "john smith", "test group"),
        ("-rwxr-xr-x   2 user     my group 500        5000000000 Mar  2 15:13 x", "user", "my group 500"),
        ("-r-xr-xr-x longowner longgroup123456 Feb 12 17:20 x", "longowner", "longgroup"),
        ("drwxr-xr-x               folder        0 Mar  2 15:13 x", "", ""),
        ("-rwxr-xr-x    78440       49231   127671 Jul  2 14:51 x", "", ""),
        ("drwxr-xr-x   4 (?)      (?)          4096 Apr  8  2007 x", "(?)", "(?)"),
        ("crw-rw-rw- 1 root tty 5, 0 Jan 29 03:26 x", "root", "tty"),
    ] {
        let expected = [owner, group].map(|name| (!name.is_empty()).then(|| name.to_owned()));
        assert_eq!(people(line), expected.into(), "{line}");
    }
}

#[test]
fn permissions_are_read_with_the_bits_that_stand_in_place_of_execute() {
    for (letters, mode) in [
        ("-rwsr-Sr-t", 0o7745),
        ("-rwSr-sr-T", 0o7654),
        ("-rw-r-lr--", 0o2644),
        ("-rw-r--r--+", 0o644),
        ("-rw-r--r--@", 0o644),
        ("-rw-r--r--.", 0o644),
        ("----------", 0),
        ("-rwxrwxrwx", 0o777),
    ] {
        assert_eq!(entry(&format!("{letters} 1 a b 5 Jan 29 03:26 x")).mode, Some(mode), "{letters}");
    }
    // Letters that are not those of `ls` tell nothing, and the row is one nevertheless.
    assert_eq!(entry("-C--E-----FTP B BCC3I1       7670  1294495 Jan 13 07:42 x").mode, None);
}

#[test]
fn the_first_letter_tells_the_kind() {
    for (letter, kind) in [
        ('-', Kind::File),
        ('d', Kind::Dir),
        ('l', Kind::Link),
        ('b', Kind::Other),
        ('c', Kind::Other),
        ('p', Kind::Other),
        ('s', Kind::Other),
    ] {
        assert_eq!(entry(&format!("{letter}rw-r--r-- 1 a b 5 Jan 29 03:26 x")).kind, kind);
    }
}

#[test]
fn a_device_has_numbers_in_place_of_a_size() {
    for line in [
        "brw-rw---- 1 root disk 8, 1 Jan 29 03:26 sda1",
        "brw-rw---- 1 root disk    8,   1 Jan 29 03:26 sda1",
        "crw------- 1 root sys 109,767 Jul  2  2004 sda1",
    ] {
        let entry = entry(line);
        assert_eq!((entry.size, entry.name.as_bytes()), (None, &b"sda1"[..]), "{line}");
    }
}

#[test]
fn a_size_that_cannot_be_is_not_known_and_the_name_is() {
    for size in ["18446744073709551616", "-1"] {
        let entry = entry(&format!("-rw-r--r-- 1 a b {size} Jan 29 03:26 x"));
        assert_eq!((entry.size, entry.name.as_bytes()), (None, &b"x"[..]));
    }
    assert_eq!(entry("-rw-r--r-- 1 a b 18446744073709551615 Jan 29 03:26 x").size, Some(u64::MAX));
    assert_eq!(entry("-rw-r--r-- 1 a b 33.5k Jan 29 03:26 x").size, Some(34_304));
}

#[test]
fn blanks_of_a_name_are_kept_exactly() {
    assert_eq!(name("-rw-r--r-- 1 a b 5 Jan 29 03:26   two  inside  "), b"  two  inside  ");
    assert_eq!(name("-rw-r--r-- 1 a b 5 Dec 02  2009  foo bar "), b" foo bar ");
    assert_eq!(name("-rw-r--r-- 1 a b 5 Jan 29 03:26 \ttab"), b"\ttab");
}

#[test]
fn a_year_at_the_left_of_its_column_is_no_blank_of_the_name() {
    assert_eq!(name("-rw-r--r-- 1 a b 5 Feb 18 2005  x"), b"x");
    let mut unix = Unix::default();
    let mut shared = Shared::new(NOW);
    let mut name = |line: &[u8]| match unix.read(line, &mut shared) {
        Row::Entry(entry) => entry.name.as_bytes().to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(name(b"-rw-r--r-- 1 a b 5 Feb 18 2005 bare"), b"bare");
    assert_eq!(name(b"-rw-r--r-- 1 a b 5 Feb 18 2005  x"), b" x");
}

#[test]
fn the_row_of_the_directory_itself_tells_how_names_are_padded() {
    let mut unix = Unix::default();
    let mut shared = Shared::new(NOW);
    assert_eq!(unix.read(b"drwxr-xr-x 1 a b 0 Jan 29 03:26   .", &mut shared), Row::Nothing);
    for (line, name) in [(&b"-rw-r--r-- 1 a b 0 Jan 29 03:26   x"[..], &b"x"[..]), (b"-rw-r--r-- 1 a b 0 Jan 29 03:26    y", b" y")] {
        assert!(matches!(unix.read(line, &mut shared), Row::Entry(entry) if entry.name.as_bytes() == name));
    }
}

#[test]
fn a_link_is_parted_from_its_target_by_the_arrow_that_fits_its_size() {
    for (line, name, target) in [
        ("lrwxrwxrwx 1 a b 3 Jan 29 03:26 x -> y/z", "x", Some("y/z")),
        ("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a -> b -> c", "a -> b", Some("c")),
        ("lrwxrwxrwx 1 a b 6 Jan 29 03:26 a -> b -> c", "a", Some("b -> c")),
        ("lrwxrwxrwx 1 a b 99 Jan 29 03:26 a -> b -> c", "a", Some("b -> c")),
        ("lrwxrwxrwx 1 a b 0 Jan 29 03:26 x -> ", "x", None),
        ("lrwxrwxrwx 1 a b 0 Jan 29 03:26 x", "x", None),
    ] {
        let entry = entry(line);
        assert_eq!((entry.name.as_bytes(), entry.target.as_deref()), (name.as_bytes(), target.map(str::as_bytes)), "{line}");
    }
    assert_eq!(name("-rw-r--r-- 1 a b 5 Jan 29 03:26 no -> link"), b"no -> link");
}

#[test]
fn totals_and_the_directory_itself_are_nothing() {
    for line in [
        "total 12",
        "Total 0",
        "total 12K",
        "insgesamt 4",
        "итого 4",
        "drwxr-xr-x 1 a b 0 Jan 29 03:26 .",
        "drwxr-xr-x 1 a b 0 Jan 29 03:26 ..",
        "drwxr-xr-x 1 a b 0 Jan 29 03:26 ./",
    ] {
        assert_eq!(row(line.as_bytes()), Row::Nothing, "{line}");
    }
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    for name in [&b"../x"[..], b"/etc/passwd", b"a/b", b"a\0b", b"a\rb", b""] {
        assert_eq!(row(&[b"-rw-r--r-- 1 a b 0 Jan 29 03:26 ", name].concat()), Row::Refused);
    }
}

#[test]
fn what_is_no_row_is_none() {
    for line in [
        "garbage",
        "aaa",
        "total",
        "total many",
        "ls: cannot open directory '.': Permission denied",
        "Zrwxrwxrwx   1 root     other          7 Jan 25 00:17 bin",
        "drwxr-xr-x   2 root     root         4096 Jam  4 00:03 zziplib",
        "drwxr-xr-x   2 root     99           4096 Feb 23 30:01 zzplayer",
        "drwxr-sr-x   2 45854    200           512 May  4  abcd chemeng",
        "drwxr-xr-x 3 ftp     4096 May 15 18:11",
        "10-23-95  03:25PM       <DIR>          WindowsXP",
        "type=file; x",
        "CII-MANUAL.TEX;1  213/216  29-JAN-1996 03:33:12  [ANONYMOU,ANONYMOUS]",
        "directory-of-things 1 a b 5 Jan 29 03:26 x",
    ] {
        assert_eq!(row(line.as_bytes()), Row::Unknown, "{line}");
    }
}

#[test]
fn a_date_that_is_on_no_calendar_takes_nothing_from_its_row() {
    for date in ["Jan 01  1601", "Jan  0  1980", "Jan 29 24:00", "Feb 30 12:00"] {
        let entry = entry(&format!("-rw-r--r--   1 user group  1234 {date} a b"));
        assert_eq!((entry.name.as_bytes(), entry.size, entry.modified), (&b"a b"[..], Some(1234), None), "{date}");
    }
}

#[test]
fn a_row_without_a_date_is_read_where_nothing_else_could_be_meant() {
    let entry = entry("drwxr-xr-x 3 slopri devlab 512 dateless");
    assert_eq!((entry.name.as_bytes(), entry.size, entry.modified), (&b"dateless"[..], Some(512), None));
    assert_eq!(row(b"drwxr-xr-x 3 slopri devlab 512 two words"), Row::Unknown);
}
