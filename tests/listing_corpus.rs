//! Rows that other clients' tests hold, from many servers: each must come out of the reader as those tests expect.
//!
//! `tests/data/list_corpus.json` says in its `meta` what the fields mean and where sources may differ. The formats that are read, and those
//! that are not yet, are counted here, so that a case can neither vanish nor pass unread.
#![cfg(feature = "engine")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use ftpane::model::{Entry, Kind, Precision};
use ftpane::volume::ftp::listing::{Format, ListingReader, Rows};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The formats that are read, with their cases.
const READ: &[(&str, usize)] = &[("unix", 76), ("dos", 36), ("mlsd", 38)];

/// The formats that are not read yet, with their cases.
const NOT_READ: &[(&str, usize)] =
    &[("vms", 19), ("mvs", 9), ("netware", 7), ("os2", 7), ("as400", 6), ("zvm", 3), ("misc", 2), ("hp_nonstop", 2), ("eplf", 1)];

/// The clock of cases that have none: 2025-06-15T12:00:00Z.
const NOW: i64 = 1_749_988_800;
const DAY: i64 = 86_400;

fn cases() -> Vec<Value> {
    let corpus: Value = serde_json::from_str(include_str!("data/list_corpus.json")).unwrap();
    corpus["cases"].as_array().unwrap().clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn every_row_of_the_formats_that_are_read_comes_out_as_expected() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (format, count) in READ {
        let of_format: Vec<_> = cases.iter().filter(|case| text(case, "format") == *format).collect();
        assert_eq!(of_format.len(), *count, "cases of {format}");
        let failed: Vec<_> = of_format.iter().filter_map(|case| check(case).err().map(|why| explain(case, &why))).collect();
        println!("{format}: {} of {count} pass", count - failed.len());
        wrong.extend(failed);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_case_is_of_a_format_that_nobody_counted() {
    let counted: usize = READ.iter().chain(NOT_READ).map(|(_, count)| count).sum();
    assert_eq!(cases().len(), counted);
    for (format, count) in NOT_READ {
        assert_eq!(cases().iter().filter(|case| text(case, "format") == *format).count(), *count, "cases of {format}");
    }
}

#[test]
fn no_row_of_any_format_gives_a_wrong_name() {
    // A dialect that is not read must come out as unparsed rather than as something else.
    for case in cases().iter().filter(|case| NOT_READ.iter().any(|(format, _)| text(case, "format") == *format)) {
        let expected = text(&case["expect"], "name");
        for entry in read(case).entries {
            let name = String::from_utf8_lossy(entry.name.as_bytes()).into_owned();
            assert_eq!(name, expected, "{}", explain(case, "wrong name"));
        }
    }
}

fn explain(case: &Value, why: &str) -> String {
    format!("{}: {why}\n    {:?}", text(case, "id"), text(case, "input"))
}

fn now(case: &Value) -> i64 {
    case["now"].as_str().map_or(NOW, |now| seconds(&now.parse().unwrap()))
}

fn read(case: &Value) -> Rows {
    let mut input = Vec::new();
    let lines = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    for line in lines("header").iter().chain([&case["input"]]).chain(&lines("trailer")) {
        input.extend_from_slice(line.as_str().unwrap_or_else(|| panic!("{}: no text", text(case, "id"))).as_bytes());
        input.extend_from_slice(b"\r\n");
    }
    let format = if text(case, "format") == "mlsd" { Format::Mlsd } else { Format::List };
    let mut rows = Rows::default();
    let mut reader = ListingReader::new(format, now(case));
    reader.feed(&input, &mut rows);
    reader.end(&mut rows);
    rows
}

fn check(case: &Value) -> Result<(), String> {
    let rows = read(case);
    let expect = &case["expect"];
    let policy = text(case, "policy");
    if expect["skip"] == true || expect["reject"] == true {
        return match rows.entries.as_slice() {
            [] => Ok(()),
            [entry] if policy == "strict" => check_lenient(entry, text(case, "input")),
            entries => Err(format!("entries where none should be: {entries:?}")),
        };
    }
    let [entry, others @ ..] = rows.entries.as_slice() else { return Err(format!("no entry, unparsed: {}", rows.unparsed.len())) };
    if text(case, "input").lines().count() == 1 && (!others.is_empty() || !rows.unparsed.is_empty()) {
        return Err(format!("more than one entry: {rows:?}"));
    }
    check_name(entry, text(expect, "name"), policy)?;
    check_kind(entry, expect)?;
    check_target(entry, expect, policy)?;
    check_time(entry, expect, policy, now(case))
}

/// A row with a bad field may give an entry without the field; the name must be the end of the row.
fn check_lenient(entry: &Entry, input: &str) -> Result<(), String> {
    let is_named = input.as_bytes().ends_with(entry.name.as_bytes());
    let lacks = entry.size.is_none() || entry.modified.is_none() || entry.mode.is_none();
    if is_named && lacks { Ok(()) } else { Err(format!("not told that something is wrong: {entry:?}")) }
}

fn check_name(entry: &Entry, expected: &str, policy: &str) -> Result<(), String> {
    let name = entry.name.as_bytes();
    let is_same = match policy {
        "leading-space" => name.trim_ascii_start() == expected.trim_ascii_start().as_bytes(),
        _ => name == expected.as_bytes(),
    };
    if is_same { Ok(()) } else { Err(format!("name {:?}, not {expected:?}", entry.name)) }
}

fn check_kind(entry: &Entry, expect: &Value) -> Result<(), String> {
    let kind = match text(expect, "type") {
        "file" => Kind::File,
        "dir" => Kind::Dir,
        "link" => Kind::Link,
        "other" => Kind::Other,
        unknown => return Err(format!("the corpus has a type {unknown:?}")),
    };
    if entry.kind != kind {
        return Err(format!("{:?}, not {kind:?}", entry.kind));
    }
    match expect["size"].as_u64() {
        Some(size) if kind == Kind::File && entry.size != Some(size) => Err(format!("size {:?}, not {size}", entry.size)),
        _ => Ok(()),
    }
}

fn check_target(entry: &Entry, expect: &Value, policy: &str) -> Result<(), String> {
    let Some(expected) = expect["link_target"].as_str() else { return Ok(()) };
    match entry.target.as_deref() {
        None if policy == "mlsd-symlink-unique" => Ok(()),
        Some(target) if target == expected.as_bytes() => Ok(()),
        other => Err(format!("target {:?}, not {expected:?}", other.map(String::from_utf8_lossy))),
    }
}

fn check_time(entry: &Entry, expect: &Value, policy: &str, now: i64) -> Result<(), String> {
    let Some(expected) = expect["mtime"].as_str() else { return Ok(()) };
    let Some(time) = entry.modified else { return Err(format!("no time, not {expected}")) };
    let (precision, step) = match text(expect, "mtime_prec") {
        "second" => (Precision::Second, 1),
        "minute" => (Precision::Minute, 60),
        "day" => (Precision::Day, DAY),
        unknown => return Err(format!("the corpus has a precision {unknown:?}")),
    };
    let accepted = accepted_times(expected, policy, now);
    if !accepted.iter().any(|&accepted| time.seconds.div_euclid(step) == accepted.div_euclid(step)) {
        return Err(format!("{}, not {expected}", Timestamp::from_second(time.seconds).unwrap()));
    }
    if time.precision == precision { Ok(()) } else { Err(format!("known to the {:?}, not {precision:?}", time.precision)) }
}

/// The times that are right: more than one where sources differ.
fn accepted_times(expected: &str, policy: &str, now: i64) -> Vec<i64> {
    let with_year = |year: &str| format!("{year}{}", &expected[4..]);
    let at = |text: &str| {
        let full = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00") };
        full.parse::<DateTime>().ok().map(|time| seconds(&time))
    };
    if expected.starts_with("YYYY") {
        let years = (1970..2100).rev().map(|year: i32| with_year(&year.to_string()));
        return years.filter_map(|text| at(&text)).find(|&time| time <= now + DAY).into_iter().collect();
    }
    let year: i32 = expected[..4].parse().unwrap();
    let years = match policy {
        "year-rule" => vec![year, year - 1],
        "two-digit-year" => vec![1979, 2079],
        _ => vec![year],
    };
    years.iter().filter_map(|year| at(&with_year(&year.to_string()))).collect()
}

fn seconds(time: &DateTime) -> i64 {
    time.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second()
}
