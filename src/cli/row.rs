//! One entry of a listing as a line: its name, with columns, or as JSON.

use serde::Serialize;

use crate::model::perms::Perms;
use crate::model::{Entry, Kind, Precision, Timestamp};

use super::show::{escaped, json_line, text_and_hex};

/// How `ls` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A name a line.
    Names,
    /// With columns.
    Long,
    /// An object a line.
    Json,
}

/// The line of an entry, without its line end.
pub fn line(entry: &Entry, style: Style) -> String {
    match style {
        Style::Names => escaped(entry.name.as_bytes()),
        Style::Long => long(entry),
        Style::Json => json_line(&JsonRow::of(entry)),
    }
}

/// The line of a row that could not be read, where the style has one.
pub fn unparsed(raw: &[u8], style: Style) -> Option<String> {
    #[derive(Serialize)]
    struct Unparsed {
        r#type: &'static str,
        raw: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        raw_hex: Option<String>,
    }
    let (raw, raw_hex) = text_and_hex(raw);
    (style == Style::Json).then(|| json_line(&Unparsed { r#type: "unparsed", raw, raw_hex }))
}

/// `type` and every other key in the order in which they are printed.
#[derive(Serialize)]
struct JsonRow<'a> {
    r#type: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Only where it is not to the byte.
    #[serde(skip_serializing_if = "is_not")]
    size_rounded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtime: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    perm: Option<String>,
}

impl<'a> JsonRow<'a> {
    fn of(entry: &'a Entry) -> Self {
        let (name, name_hex) = text_and_hex(entry.name.as_bytes());
        let target = entry.target.as_deref().map(text_and_hex);
        Self {
            r#type: word(entry.kind),
            name,
            name_hex,
            size: entry.size,
            size_rounded: entry.rounded && entry.size.is_some(),
            mtime: entry.modified.and_then(rfc3339),
            precision: entry.modified.map(|time| precision(time.precision)),
            target_hex: target.as_ref().and_then(|(_, hex)| hex.clone()),
            target: target.map(|(text, _)| text),
            mode: entry.mode.map(|mode| format!("{mode:04o}")),
            owner: entry.owner.as_deref(),
            group: entry.group.as_deref(),
            perm: entry.perms.map(Perms::letters),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_not(said: &bool) -> bool {
    !said
}

/// The word for a kind.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Dir => "dir",
        Kind::Link => "link",
        Kind::Other => "other",
    }
}

fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Second => "second",
        Precision::Minute => "minute",
        Precision::Day => "day",
    }
}

/// UTC, to the second; none for a time outside of the years 0 to 9999.
pub fn rfc3339(time: Timestamp) -> Option<String> {
    jiff::Timestamp::from_second(time.seconds).ok().map(|time| time.to_string())
}

/// Kind and mode, owner, group, size, time (UTC), name; `?` where the server did not say.
fn long(entry: &Entry) -> String {
    let size = entry.size.map_or_else(|| "?".to_owned(), |size| size.to_string());
    let owner = escaped(entry.owner.as_deref().unwrap_or("?").as_bytes());
    let group = escaped(entry.group.as_deref().unwrap_or("?").as_bytes());
    let time = entry.modified.map_or_else(|| "?".to_owned(), long_time);
    let name = escaped(entry.name.as_bytes());
    let target = entry.target.as_deref().map(|target| format!(" -> {}", escaped(target))).unwrap_or_default();
    format!("{}{} {owner:<8} {group:<8} {size:>12} {time:<19} {name}{target}", letter(entry.kind), mode_text(entry.mode))
}

fn letter(kind: Kind) -> char {
    match kind {
        Kind::File => '-',
        Kind::Dir => 'd',
        Kind::Link => 'l',
        Kind::Other => 'o',
    }
}

/// As far as it is known exactly.
fn long_time(time: Timestamp) -> String {
    let Ok(at) = jiff::Timestamp::from_second(time.seconds) else { return "?".to_owned() };
    let format = match time.precision {
        Precision::Second => "%Y-%m-%d %H:%M:%S",
        Precision::Minute => "%Y-%m-%d %H:%M",
        Precision::Day => "%Y-%m-%d",
    };
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime(format).to_string()
}

/// `rwxr-xr-x` with the set-id and sticky bits as ls(1) shows them.
fn mode_text(mode: Option<u16>) -> String {
    let Some(mode) = mode else { return "?????????".to_owned() };
    let mut out = String::with_capacity(9);
    for (shift, special, with, without) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => with,
            (true, false) => without,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Name;

    fn entry() -> Entry {
        let mut entry = Entry::new(Name::new(&b"a\xff"[..]).unwrap(), Kind::Link);
        entry.size = Some(12);
        entry.modified = Some(Timestamp { seconds: 1_700_000_000 - 1_700_000_000 % 60, precision: Precision::Minute });
        entry.mode = Some(0o4755);
        entry.owner = Some("alice".into());
        entry.target = Some(b"../x".to_vec().into());
        entry
    }

    #[test]
    fn json_has_its_keys_in_order_and_leaves_out_what_was_not_said() {
        assert_eq!(
            line(&entry(), Style::Json),
            "{\"type\":\"link\",\"name\":\"a\u{fffd}\",\"name_hex\":\"61ff\",\"size\":12,\"mtime\":\"2023-11-14T22:13:00Z\",\"precision\":\"minute\",\"target\":\"../x\",\"mode\":\"4755\",\"owner\":\"alice\"}"
        );
        assert_eq!(line(&Entry::new(Name::new(&b"d"[..]).unwrap(), Kind::Dir), Style::Json), r#"{"type":"dir","name":"d"}"#);
        assert_eq!(unparsed(b"x\xfe", Style::Json).unwrap(), "{\"type\":\"unparsed\",\"raw\":\"x\u{fffd}\",\"raw_hex\":\"78fe\"}");
        assert_eq!(unparsed(b"x", Style::Names), None);
    }

    #[test]
    fn columns_show_what_is_known_and_no_more() {
        assert_eq!(line(&entry(), Style::Long), "lrwsr-xr-x alice    ?                  12 2023-11-14 22:13    a\\xff -> ../x");
        assert_eq!(
            line(&Entry::new(Name::new(&b"d"[..]).unwrap(), Kind::Dir), Style::Long),
            "d????????? ?        ?                   ? ?                   d"
        );
        assert_eq!(mode_text(Some(0o1777)), "rwxrwxrwt");
        assert_eq!(mode_text(Some(0o2640)), "rw-r-S---");
    }
}
