//! The reader as a whole: dialects chosen, rows refused, blocks cut anywhere.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

/// 2026-07-01.
const NOW: i64 = 1_782_864_000;

fn read_blocks<'a>(format: Format, blocks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Entry>, Vec<Box<[u8]>>) {
    let mut rows = Rows::default();
    let mut reader = ListingReader::new(format, NOW);
    for block in blocks {
        reader.feed(block, &mut rows);
    }
    reader.end(&mut rows);
    (rows.entries, rows.unparsed)
}

fn read_all(format: Format, text: &[u8]) -> (Vec<String>, Vec<String>) {
    let (entries, unparsed) = read_blocks(format, [text]);
    let names = entries.iter().map(|entry| String::from_utf8_lossy(entry.name.as_bytes()).into_owned()).collect();
    (names, unparsed.iter().map(|row| String::from_utf8_lossy(row).into_owned()).collect())
}

#[test]
fn what_most_of_the_first_rows_speak_is_read_and_the_rest_comes_out_raw() {
    let unix = "-rw-r--r-- 1 a b 5 Jan 29 03:26 x";
    let dos = "10-23-95  03:25PM       <DIR>          y";
    let (names, unparsed) = read_all(Format::List, format!("Hello\n{dos}\n{unix}\n{dos}\n").as_bytes());
    assert_eq!((names, unparsed), (vec!["y".into(), "y".into()], vec!["Hello".into(), unix.into()]));
    let (names, unparsed) = read_all(Format::List, format!("total 3\r\n{unix}\r\n{dos}\r\n{unix}").as_bytes());
    assert_eq!((names, unparsed), (vec!["x".into(), "x".into()], vec![dos.into()]));
}

#[test]
fn the_dialect_is_kept_once_it_is_chosen() {
    let dos = "10-23-95  03:25PM       <DIR>          y\n";
    let text = "-rw-r--r-- 1 a b 5 Jan 29 03:26 x\n".repeat(limits::SAMPLE_ROWS) + &dos.repeat(100);
    let (names, unparsed) = read_all(Format::List, text.as_bytes());
    assert_eq!((names.len(), unparsed.len()), (limits::SAMPLE_ROWS, 100));
}

#[test]
fn a_long_preface_does_not_spoil_the_choice() {
    let text = "Welcome to our server\n".repeat(3 * limits::SAMPLE_ROWS + 1) + "-rw-r--r-- 1 a b 5 Jan 29 03:26 x\n";
    let (names, unparsed) = read_all(Format::List, text.as_bytes());
    assert_eq!((names.len(), unparsed.len()), (1, 3 * limits::SAMPLE_ROWS + 1));
}

#[test]
fn what_later_rows_teach_holds_for_the_first_rows_too() {
    let (entries, _) = read_blocks(Format::List, [&b"03-04-20  10:00AM  1 x\n25-06-20  10:00AM  1 y\n"[..]]);
    // 2020-04-03T10:00:00Z
    assert_eq!(entries[0].modified.unwrap().seconds, 1_585_908_000);
}

#[test]
fn names_that_must_not_be_touched_come_out_raw_and_nothing_is_lost() {
    let bad = ["../x", "../../x", "/abs/x", "a\0b", "a\rb"];
    let unix: String = bad.iter().map(|name| format!("-rw-r--r-- 1 a b 5 Jan 29 03:26 {name}\r\n")).collect();
    let dos: String = bad.iter().map(|name| format!("10-23-95  03:25PM    1 {name}\r\n")).collect();
    let mlsd: String = bad.iter().map(|name| format!("type=file;size=1; {name}\r\n")).collect();
    for (format, text) in [(Format::List, unix), (Format::List, dos), (Format::Mlsd, mlsd)] {
        let (names, unparsed) = read_all(format, text.as_bytes());
        assert_eq!(names, Vec::<String>::new());
        assert_eq!(unparsed, text.split_terminator("\r\n").collect::<Vec<_>>());
    }
}

#[test]
fn names_that_look_like_paths_elsewhere_or_like_commands_are_only_names() {
    let odd = ["..\\..\\x", "C:\\x", "-rf", "~root", "$(id)", "`id`", "*", "?", "|id"];
    let text: String = odd.iter().map(|name| format!("type=file; {name}\r\n")).collect();
    assert_eq!(read_all(Format::Mlsd, text.as_bytes()).0, odd);
}

#[test]
fn bytes_that_are_not_utf8_stay_as_they_are() {
    let (entries, _) = read_blocks(Format::List, [&b"-rw-r--r-- 1 a b 5 Jan 29 03:26 caf\xe9\xff\n"[..]]);
    assert_eq!(entries[0].name.as_bytes(), b"caf\xe9\xff");
}

#[test]
fn an_overlong_row_comes_out_cut_and_the_next_is_read() {
    let text = [&b"type=file; "[..], &vec![b'x'; 3 * limits::ROW], b"\r\ntype=file; y\r\n"].concat();
    let (entries, unparsed) = read_blocks(Format::Mlsd, text.chunks(1000));
    assert_eq!((entries.len(), unparsed.len(), unparsed[0].len()), (1, 1, limits::ROW));
}

#[test]
fn owners_are_shared_between_rows() {
    let (entries, _) = read_blocks(Format::List, [&b"-rw-r--r-- 1 ann ops 5 Jan 29 03:26 x\n-rw-r--r-- 1 ann ops 5 Jan 29 03:26 y\n"[..]]);
    let owner = |at: usize| entries[at].owner.clone().unwrap();
    assert!(Arc::ptr_eq(&owner(0), &owner(1)));
}

#[test]
fn a_listing_that_ends_within_a_row_says_so() {
    let ends_within = |format, text: &str| {
        let mut reader = ListingReader::new(format, NOW);
        let mut rows = Rows::default();
        reader.feed(text.as_bytes(), &mut rows);
        reader.end(&mut rows)
    };
    let unix = "-rw-r--r-- 1 a b 5 Jan 29 03:26 x";
    assert!(ends_within(Format::List, "-rw-r--r-- 1 a "));
    assert!(ends_within(Format::List, &format!("{unix}\r\n-rw-r--r-- 1 a ")));
    assert!(ends_within(Format::Mlsd, "type=file; x\r\ntype=file;size"));
    assert!(ends_within(Format::Mlsd, "type=file; x\r\ntype=file; long na"));
    // Some servers leave the last line break out of a LIST.
    for whole in ["", unix, &format!("{unix}\r\n{unix}"), &format!("{unix}\r\nnoise\r\n")] {
        assert!(!ends_within(Format::List, whole), "{whole}");
    }
    assert!(!ends_within(Format::Mlsd, "") && !ends_within(Format::Mlsd, "type=file; x\r\n"));
}

#[test]
fn an_empty_listing_is_no_rows() {
    for text in [&b""[..], b"\r\n", b"total 0\r\n", b"\n\n"] {
        assert_eq!(read_all(Format::List, b"drwxr-xr-x 1 a b 0 Jan 29 03:26 .\n"), (vec![], vec![]));
        let (names, _) = read_all(Format::List, text);
        assert_eq!(names, Vec::<String>::new());
    }
}

/// Bytes that come near to rows: pieces of rows and what may stand between them.
fn near_rows() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"-rw-r--r--",
        b"drwxr-xr-x+",
        b"lrwxrwxrwx",
        b"crw-------",
        b" ",
        b"  ",
        b"\t",
        b"1",
        b"root",
        b"5, 0",
        b"18446744073709551616",
        b"33.5k",
        b"-1",
        b" Jan 29 03:26 ",
        b" Feb 29 2023 ",
        b" Feb 29 00:00 ",
        b" 2005-04-08 11:22:33.5 +0200 ",
        b" 26. Juli, 20:10 ",
        b"x",
        b"..",
        b"/",
        b" -> ",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xeb\x85\x84",
        b"total 3",
        b"10-23-95  03:25PM",
        b"25.06.2007  13:00",
        b"       <DIR>          ",
        b"<JUNCTION>",
        b" [C:\\x]",
        b"1,234",
        b"type=",
        b"file",
        b"cdir",
        b"OS.unix=slink:",
        b";",
        b"; ",
        b"modify=",
        b"20260102030405",
        b".123",
        b"UNIX.mode=0644",
        b"=",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..60).prop_map(|pieces| pieces.concat())
}

fn any_listing() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![near_rows(), proptest::collection::vec(any::<u8>(), 0..400)]
}

fn any_format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Mlsd), Just(Format::List)]
}

proptest! {
    #[test]
    fn any_bytes_give_the_same_rows_wherever_they_are_cut(
        format in any_format(),
        text in any_listing(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let whole = read_blocks(format, [text.as_slice()]);
        prop_assert_eq!(&whole, &read_blocks(format, text.chunks(1)));
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        ends.push(text.len());
        ends.sort_unstable();
        let blocks = ends.iter().scan(0, |from, &to| Some(&text[std::mem::replace(from, to)..to]));
        prop_assert_eq!(&whole, &read_blocks(format, blocks));
    }

    #[test]
    fn any_name_that_may_be_used_comes_out_of_mlsd_as_it_is(name in proptest::collection::vec(any::<u8>(), 1..40)) {
        prop_assume!(crate::model::Name::new(name.clone()).is_ok());
        let (entries, _) = read_blocks(Format::Mlsd, [&[b"type=file; ", name.as_slice(), b"\r\n"].concat()[..]]);
        prop_assert_eq!(entries[0].name.as_bytes(), name.as_slice());
    }

    #[test]
    fn any_name_that_may_be_used_comes_out_of_a_unix_row_as_it_is(name in proptest::collection::vec(any::<u8>(), 1..40)) {
        prop_assume!(crate::model::Name::new(name.clone()).is_ok());
        // Such a name is the row of the directory itself, padded.
        prop_assume!(!matches!(name.trim_ascii_start(), b"." | b".."));
        let (entries, _) = read_blocks(Format::List, [&[b"-rw-r--r-- 1 a b 5 Jan 29 03:26 ", name.as_slice(), b"\r\n"].concat()[..]]);
        prop_assert_eq!(entries[0].name.as_bytes(), name.as_slice());
    }

    #[test]
    fn any_bytes_may_be_an_mlst_line(line in any_listing()) {
        let _ = parse_mlst_facts(&line);
    }
}
