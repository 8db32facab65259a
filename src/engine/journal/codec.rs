//! Values as columns, and back again.
//!
//! Guarantee: what is read back is as well formed as what a person could have asked for, whoever wrote the file; everything else is
//! `None`. Passwords have no column.

use std::path::PathBuf;

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::model::site::{Learnt, VolumeSpec};
use crate::model::transfer::{Extras, Item, Mirror, Priority, Verb, Verified};
use crate::model::words::Word;
use crate::model::{
    Algorithm, During, Failure, FailureKind, Fingerprint, Identity, Kind, Manner, Precision, Reply, Secured, Site, Timestamp, TlsVersion,
    VPath,
};

use super::ways::Ways;

/// Bytes of a path at most; no system takes as many.
const LONGEST: usize = 64 * 1024;

/// A value and its word.
type Words<T> = &'static [(&'static str, T)];

fn word_of<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

fn of_word<T: Copy>(words: Words<T>, word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

const VERBS: Words<Verb> = &[("copy", Verb::Copy), ("move", Verb::Move)];
const KINDS: Words<Kind> = &[("file", Kind::File), ("dir", Kind::Dir), ("link", Kind::Link), ("other", Kind::Other)];
const PRECISIONS: Words<Precision> = &[("second", Precision::Second), ("minute", Precision::Minute), ("day", Precision::Day)];
const PRIORITIES: Words<Priority> = &[("low", Priority::Low), ("normal", Priority::Normal), ("high", Priority::High)];
const EXTRAS: Words<Extras> = &[("keep", Extras::Keep), ("delete", Extras::Delete)];
const VERIFIED: Words<Verified> = &[("size", Verified::Size), ("reply", Verified::Reply), ("size-after-loss", Verified::SizeAfterLoss)];
const FAILURES: Words<FailureKind> = &[
    ("unreachable", FailureKind::Unreachable),
    ("disconnected", FailureKind::Disconnected),
    ("timed-out", FailureKind::TimedOut),
    ("login-refused", FailureKind::LoginRefused),
    ("too-many", FailureKind::TooMany),
    ("refused", FailureKind::Refused),
    ("transient", FailureKind::Transient),
    ("not-found", FailureKind::NotFound),
    ("already-exists", FailureKind::AlreadyExists),
    ("denied", FailureKind::Denied),
    ("full", FailureKind::Full),
    ("unsupported", FailureKind::Unsupported),
    ("protocol", FailureKind::Protocol),
    ("incomplete", FailureKind::Incomplete),
    ("invalid", FailureKind::Invalid),
    ("local", FailureKind::Local),
    ("tls", FailureKind::Tls),
    ("certificate", FailureKind::Certificate),
    ("cancelled", FailureKind::Cancelled),
];
const DURINGS: Words<During> = &[
    ("lookup", During::Lookup),
    ("connect", During::Connect),
    ("login", During::Login),
    ("command", During::Command),
    ("list", During::List),
    ("stat", During::Stat),
    ("read", During::Read),
    ("write", During::Write),
    ("make-dir", During::MakeDir),
    ("rename", During::Rename),
    ("proxy", During::Proxy),
    ("account", During::Account),
    ("remove", During::Remove),
    ("set-time", During::SetTime),
    ("set-mode", During::SetMode),
    ("verify", During::Verify),
    ("plan", During::Plan),
    ("edit", During::Edit),
];

/// A column of a row, where it has the right type.
pub(super) fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, name: &str) -> Option<T> {
    row.get(name).ok()
}

/// Reads a path that was written by us: absolute, without `.` and `..`.
pub(super) fn path(row: &Row<'_>, name: &str) -> Option<VPath> {
    let bytes: Vec<u8> = column(row, name)?;
    let path = VPath::parse(&bytes).ok()?;
    (bytes.len() <= LONGEST && path.as_bytes() == bytes).then_some(path)
}

/// A size as a column has it.
pub(super) fn size_column(size: Option<u64>) -> Option<i64> {
    size.and_then(|size| i64::try_from(size).ok())
}

/// A size, or `None` where there is none; the outer `None` where it makes no sense.
pub(super) fn size(row: &Row<'_>, name: &str) -> Option<Option<u64>> {
    let size: Option<i64> = column(row, name)?;
    size.map(|size| u64::try_from(size).ok()).map_or(Some(None), |size| size.map(Some))
}

/// A time as two columns have it.
pub(super) fn time_columns(time: Option<Timestamp>) -> (Option<i64>, Option<&'static str>) {
    (time.map(|time| time.seconds), time.map(|time| word_of(PRECISIONS, &time.precision)))
}

/// A time, from the columns `time` and `precision`.
pub(super) fn time(row: &Row<'_>) -> Option<Option<Timestamp>> {
    let (seconds, precision): (Option<i64>, Option<String>) = (column(row, "time")?, column(row, "precision")?);
    match (seconds, precision) {
        (Some(seconds), Some(precision)) => Some(Some(Timestamp { seconds, precision: of_word(PRECISIONS, &precision)? })),
        (None, None) => Some(None),
        _ => None,
    }
}

pub(super) fn verb_word(verb: Verb) -> &'static str {
    word_of(VERBS, &verb)
}

pub(super) fn verb(row: &Row<'_>) -> Option<Verb> {
    of_word(VERBS, &column::<String>(row, "verb")?)
}

pub(super) fn setting<W: Word>(row: &Row<'_>, name: &str) -> Option<W> {
    W::of_word(&column::<String>(row, name)?)
}

pub(super) fn kind_word(kind: Kind) -> &'static str {
    word_of(KINDS, &kind)
}

/// Reads a row of the table `items`.
pub(super) fn item(row: &Row<'_>) -> Option<Item> {
    let mode: Option<i64> = column(row, "mode")?;
    let mode = match mode {
        Some(mode) => Some(u16::try_from(mode).ok().filter(|mode| *mode <= 0o7777)?),
        None => None,
    };
    Some(Item {
        source: path(row, "source")?,
        target: path(row, "target")?,
        kind: of_word(KINDS, &column::<String>(row, "kind")?)?,
        size: size(row, "size")?,
        modified: time(row)?,
        mode,
    })
}

/// A server as it is kept. Has no password.
#[derive(Serialize, Deserialize)]
struct End {
    host: String,
    port: Option<u16>,
    user: Option<String>,
    name: String,
    mode: String,
    tls: String,
    charset: Option<String>,
    timeout: Option<u32>,
    #[serde(default)]
    secured: SecuredEnd,
    #[serde(default)]
    low_speed: Option<u64>,
    #[serde(default)]
    ways: Ways,
}

/// How TLS is to be: a batch that goes on later does so as carefully as it began. That nothing is to be checked is not kept.
#[derive(Default, Serialize, Deserialize)]
struct SecuredEnd {
    pins: Vec<String>,
    minimum: String,
    identity: Option<(PathBuf, PathBuf)>,
    roots: Option<PathBuf>,
    clear: bool,
    learnt: (bool, bool),
}

impl SecuredEnd {
    fn of(site: &Site) -> Self {
        let Secured { pins, minimum, identity, roots, clear_control, .. } = &site.secured;
        Self {
            pins: pins.iter().map(ToString::to_string).collect(),
            minimum: minimum.word().to_owned(),
            identity: identity.clone().map(|identity| (identity.certificate, identity.key)),
            roots: roots.clone(),
            clear: *clear_control,
            learnt: (site.learnt.tls, site.learnt.tls12),
        }
    }

    fn secured(self) -> Option<Secured> {
        Some(Secured {
            pins: self.pins.iter().map(|pin| Fingerprint::parse(pin)).collect::<Option<_>>()?,
            minimum: if self.minimum.is_empty() { TlsVersion::default() } else { Word::of_word(&self.minimum)? },
            identity: self.identity.map(|(certificate, key)| Identity { certificate, key }),
            roots: self.roots,
            unchecked: false,
            clear_control: self.clear,
        })
    }
}

/// What a volume is, as text; empty for the local disk.
pub(super) fn end_text(spec: &VolumeSpec) -> String {
    let VolumeSpec::Ftp(site, _) = spec else { return String::new() };
    let end = End {
        host: site.host.clone(),
        port: site.port,
        user: site.user.clone(),
        name: site.name.clone(),
        mode: site.mode.word().to_owned(),
        tls: site.tls.word().to_owned(),
        charset: site.charset.clone(),
        timeout: site.timeout,
        secured: SecuredEnd::of(site),
        low_speed: site.low_speed,
        ways: Ways::of(site),
    };
    // Texts and numbers always serialise.
    serde_json::to_string(&end).unwrap_or_default()
}

/// Reads what [`end_text`] wrote.
pub(super) fn end(text: &str) -> Option<VolumeSpec> {
    if text.is_empty() {
        return Some(VolumeSpec::Local);
    }
    let end: End = serde_json::from_str(text).ok()?;
    let texts = [Some(&end.host), end.user.as_ref(), Some(&end.name), end.charset.as_ref()];
    let sound = texts.into_iter().flatten().all(|text| text.len() <= 1024 && !text.contains(char::is_control));
    if end.host.is_empty() || !sound || end.port == Some(0) {
        return None;
    }
    let site = Site {
        name: end.name,
        host: end.host,
        port: end.port,
        user: end.user,
        mode: Word::of_word(&end.mode)?,
        tls: Word::of_word(&end.tls)?,
        charset: end.charset,
        timeout: end.timeout,
        learnt: Learnt { tls: end.secured.learnt.0, tls12: end.secured.learnt.1, ..Learnt::default() },
        secured: end.secured.secured()?,
        low_speed: end.low_speed,
        reach: end.ways.reach()?,
        ascii: end.ways.ascii(),
        listing: end.ways.listing(),
        clock: end.ways.clock(),
        ..Site::default()
    };
    Some(VolumeSpec::Ftp(Box::new(site), None))
}

/// How a batch is carried out, as it is kept.
#[derive(Serialize, Deserialize)]
struct Carried {
    priority: String,
    segments: Option<u16>,
    verify: bool,
    modes: bool,
    extras: Option<String>,
}

/// How a batch is carried out, as text.
pub(super) fn manner_text(manner: &Manner) -> String {
    let carried = Carried {
        priority: word_of(PRIORITIES, &manner.priority).to_owned(),
        segments: manner.segments,
        verify: manner.verify,
        modes: manner.modes,
        extras: manner.mirror.map(|mirror| word_of(EXTRAS, &mirror.extras).to_owned()),
    };
    // Texts and numbers always serialise.
    serde_json::to_string(&carried).unwrap_or_default()
}

/// Reads what [`manner_text`] wrote. A dry run is never kept.
pub(super) fn manner(row: &Row<'_>) -> Option<Manner> {
    let carried: Carried = serde_json::from_str(&column::<String>(row, "manner")?).ok()?;
    let mirror = match carried.extras {
        Some(extras) => Some(Mirror { extras: of_word(EXTRAS, &extras)?, dry_run: false }),
        None => None,
    };
    Some(Manner {
        priority: of_word(PRIORITIES, &carried.priority)?,
        segments: carried.segments,
        verify: carried.verify,
        modes: carried.modes,
        mirror,
    })
}

/// How a copy was verified, as a word.
pub(super) fn verified_word(verified: Verified) -> &'static str {
    match verified {
        Verified::Checksum(algorithm) => algorithm.name(),
        other => word_of(VERIFIED, &other),
    }
}

/// Reads what [`verified_word`] wrote.
pub(super) fn verified(word: &str) -> Option<Verified> {
    of_word(VERIFIED, word).or_else(|| Algorithm::by_name(word.as_bytes()).map(Verified::Checksum))
}

/// A failure as it is kept.
#[derive(Serialize, Deserialize)]
struct Failed {
    kind: String,
    during: String,
    subject: Option<Vec<u8>>,
    detail: String,
    reply: Option<(u16, Vec<u8>)>,
    hint: Option<String>,
}

/// A failure, as text.
pub(super) fn failure_text(failure: &Failure) -> String {
    let failed = Failed {
        kind: word_of(FAILURES, &failure.kind).to_owned(),
        during: word_of(DURINGS, &failure.during).to_owned(),
        subject: failure.subject.as_deref().map(<[u8]>::to_vec),
        detail: failure.detail.clone(),
        reply: failure.reply.as_ref().map(|reply| (reply.code, reply.text.to_vec())),
        hint: failure.hint.clone(),
    };
    // Texts and numbers always serialise.
    serde_json::to_string(&failed).unwrap_or_default()
}

/// Reads what [`failure_text`] wrote.
pub(super) fn failure(text: &str) -> Option<Failure> {
    let failed: Failed = serde_json::from_str(text).ok()?;
    let reply = match failed.reply {
        Some((code @ 100..=599, text)) => Some(Reply { code, text: text.into() }),
        Some(_) => return None,
        None => None,
    };
    Some(Failure {
        kind: of_word(FAILURES, &failed.kind)?,
        during: of_word(DURINGS, &failed.during)?,
        subject: failed.subject.map(Into::into),
        detail: failed.detail,
        reply,
        hint: failed.hint,
        certificate: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DataMode, Secret, TlsPolicy};

    #[test]
    fn a_server_comes_back_as_it_was_and_without_its_password() {
        let site = Site {
            name: "work".into(),
            port: Some(2121),
            user: Some("alice".into()),
            mode: DataMode::Active,
            tls: TlsPolicy::Required,
            charset: Some("windows-1251".into()),
            timeout: Some(9),
            secured: Secured {
                pins: vec![Fingerprint([3; 32])],
                minimum: TlsVersion::V13,
                identity: Some(Identity { certificate: "/c.pem".into(), key: "/k.pem".into() }),
                roots: Some("/r.pem".into()),
                unchecked: false,
                clear_control: true,
            },
            learnt: Learnt { tls: true, ..Learnt::default() },
            low_speed: Some(100),
            reach: crate::model::Reach {
                proxy: crate::model::Through::parse("socks5://me@proxy:99").unwrap(),
                bind: Some("127.0.0.2".parse().unwrap()),
                family: crate::model::Family::V4,
                active_ports: crate::model::PortRange::parse("4000-4001"),
                active_address: Some("192.0.2.7".parse().unwrap()),
            },
            ascii: crate::model::Ascii::of_extensions(["txt"]),
            listing: crate::model::ListingStyle::Vms,
            clock: crate::model::ClockOffset::parse("-03:30"),
            ..Site::of_host("example.org")
        };
        let text = end_text(&VolumeSpec::Ftp(Box::new(site.clone()), Some(Secret::new("hunter2"))));
        assert!(!text.contains("hunter2"));
        assert_eq!(end(&text), Some(VolumeSpec::Ftp(Box::new(site), None)));
        assert_eq!(end(&end_text(&VolumeSpec::Local)), Some(VolumeSpec::Local));
    }

    #[test]
    fn a_server_that_would_drive_the_connection_is_refused() {
        let good = end_text(&VolumeSpec::Ftp(Box::new(Site { user: Some("u".into()), ..Site::of_host("h") }), None));
        assert!(end(&good).is_some());
        for (from, to) in [
            ("\"h\"", "\"\""),
            ("\"h\"", "\"h\\r\\nDELE x\""),
            ("\"u\"", "\"u\\nPASS\""),
            ("\"auto\"", "\"never\""),
            ("null", "0"),
            ("{", "["),
        ] {
            assert_eq!(end(&good.replacen(from, to, 1)), None, "{from} {to}");
        }
    }

    #[test]
    fn a_failure_comes_back_as_it_was() {
        let reply = Reply { code: 550, text: b"no \xff".to_vec().into() };
        let failure_of = |kind, during| Failure::new(kind, during, "detail").about(&b"/\xfe"[..]).with_reply(reply.clone()).hint("hint");
        for (_, kind) in FAILURES {
            let kept = failure_of(*kind, During::Read);
            assert_eq!(failure(&failure_text(&kept)), Some(kept));
        }
        for (_, during) in DURINGS {
            let kept = failure_of(FailureKind::Local, *during);
            assert_eq!(failure(&failure_text(&kept)), Some(kept));
        }
        assert_eq!(failure("{}"), None);
    }

    #[test]
    fn how_a_copy_was_verified_comes_back_as_it_was() {
        let all = [Verified::Size, Verified::Reply, Verified::SizeAfterLoss];
        for kept in all.into_iter().chain(Algorithm::ALL.map(Verified::Checksum)) {
            assert_eq!(verified(verified_word(kept)), Some(kept));
        }
    }
}
