//! Rows that other clients' tests hold, from many servers: each must come out of the reader as those tests expect.
//!
//! `tests/data/list_corpus.json` says in its `meta` what the fields mean and where sources may differ; `tests/data/list_more.json` has further
//! rows of the same form, from what servers' manuals and sources show. The cases of each format are counted here, so that none can vanish.
#![cfg(feature = "engine")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use ftpane::model::{Entry, Kind, Precision};
use ftpane::volume::ftp::listing::{Format, ListingReader, Rows, Told, said};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The formats, with their cases in the corpus.
const FORMATS: &[(&str, usize)] = &[
    ("unix", 76),
    ("dos", 36),
    ("mlsd", 38),
    ("vms", 19),
    ("mvs", 9),
    ("netware", 7),
    ("os2", 7),
    ("as400", 6),
    ("zvm", 3),
    ("misc", 2),
    ("hp_nonstop", 2),
    ("eplf", 1),
];

/// The clock of cases that have none: 2025-06-15T12:00:00Z.
const NOW: i64 = 1_749_988_800;
const DAY: i64 = 86_400;

fn cases(of: &str) -> Vec<Value> {
    let corpus: Value = serde_json::from_str(of).unwrap();
    corpus["cases"].as_array().unwrap().clone()
}

const CORPUS: &str = include_str!("data/list_corpus.json");
const MORE: &str = include_str!("data/list_more.json");

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn every_row_of_every_format_comes_out_as_expected() {
    let cases = cases(CORPUS);
    assert_eq!(cases.len(), FORMATS.iter().map(|(_, count)| count).sum::<usize>(), "a case of a format that nobody counted");
    let mut wrong = Vec::new();
    for (format, count) in FORMATS {
        let of_format: Vec<_> = cases.iter().filter(|case| text(case, "format") == *format).collect();
        assert_eq!(of_format.len(), *count, "cases of {format}");
        let failed: Vec<_> = of_format.iter().filter_map(|case| check(case).err().map(|why| explain(case, &why))).collect();
        println!("{format}: {} of {count} pass", count - failed.len());
        wrong.extend(failed);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_further_row_comes_out_as_expected() {
    let cases = cases(MORE);
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let wrong: Vec<_> = cases.iter().filter_map(|case| check(case).err().map(|why| explain(case, &why))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.iter().all(|case| !text(case, "source").is_empty() && !text(case, "server").is_empty()), "a case without a source");
}

#[test]
fn no_line_is_lost_between_entries_and_rows_that_are_shown_raw() {
    for case in cases(CORPUS).iter().chain(&cases(MORE)) {
        let rows = read(case);
        let is_whole = case["expect"]["skip"] != true && case["expect"]["reject"] != true;
        assert!(!is_whole || !rows.entries.is_empty(), "{}", explain(case, "no entry"));
        if case["expect"]["reject"] == true {
            assert_eq!(rows.entries.len() + rows.unparsed.len(), 1, "{}", explain(case, "neither read nor shown"));
        }
    }
}

fn explain(case: &Value, why: &str) -> String {
    format!("{}: {why}\n    {:?}", text(case, "id"), case["input"].as_str().unwrap_or_else(|| text(case, "input_hex")))
}

fn now(case: &Value) -> i64 {
    case["now"].as_str().map_or(NOW, |now| seconds(&now.parse().unwrap()))
}

fn read(case: &Value) -> Rows {
    let mut input = Vec::new();
    let lines = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    for line in lines("header").iter().chain([&case["input"]]).chain(&lines("trailer")) {
        match line.as_str() {
            Some(line) => input.extend_from_slice(line.as_bytes()),
            None => input.extend(bytes_of(text(case, "input_hex"))),
        }
        input.extend_from_slice(b"\r\n");
    }
    let format = if text(case, "format") == "mlsd" { Format::Mlsd } else { Format::List };
    let mut rows = Rows::default();
    let system = said(text(case, "syst").as_bytes());
    let mut reader = ListingReader::told(format, Told { now: now(case), system, ..Told::default() });
    reader.feed(&input, &mut rows);
    reader.end(&mut rows);
    rows
}

fn bytes_of(hex: &str) -> Vec<u8> {
    assert!(!hex.is_empty(), "a case without a row");
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
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
    if policy == "abs-path" && rows.entries.is_empty() && !rows.unparsed.is_empty() {
        return Ok(());
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
        "vms-name" => name.eq_ignore_ascii_case(expected.split(';').next().unwrap().as_bytes()),
        "abs-path" => expected.rsplit('/').next().is_some_and(|last| last.as_bytes() == name),
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
    // A source that compares to the minute may have a row that tells seconds, and one that has no time of day compares with midnight.
    let is_midnight = expected.contains("T00:00") && time.precision == Precision::Day;
    if time.precision <= precision || is_midnight { Ok(()) } else { Err(format!("known to the {:?}, not {precision:?}", time.precision)) }
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
