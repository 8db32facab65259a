//! The settings: `config.toml`, written by a person and only read here.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::model::rate::parse_limit;
use crate::model::words::Word;
use crate::model::{Existing, Limits, Reach, SortKey};

use super::error::ConfigError;
use super::{Paths, file, reach};

/// What may be set. Command-line options come before it, a site's own settings too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether the mouse is ours; `mouse = false` leaves it to the terminal.
    pub mouse: bool,
    /// Whether hidden files show at the start.
    pub hidden: bool,
    /// What the panes sort by at the start.
    pub sort: SortKey,
    /// Whether they sort backwards.
    pub reverse: bool,
    /// What to do about existing targets of downloads.
    pub existing_download: Existing,
    /// What to do about existing targets of uploads.
    pub existing_upload: Existing,
    /// How many connections transfers may use at once; `None` lets the engine find out.
    pub lanes: Option<u16>,
    /// Over how many connections one big download is spread; `None` as many as make it faster.
    pub segments: Option<u16>,
    /// How fast transfers may be.
    pub limit: Limits,
    /// Whether checksums of both sides are compared, where the server offers them.
    pub verify: bool,
    /// Whether copies get the permission bits of their sources.
    pub permissions: bool,
    /// How the end of a long copy is told to a person who looks elsewhere.
    pub notify: Notify,
    /// From how many seconds on a copy is a long one.
    pub notify_after: u32,
    /// Seconds without an answer after which a server counts as dead.
    pub timeout: Option<u32>,
    /// Bytes a second below which a transfer is given up; 0 never is.
    pub low_speed: Option<u64>,
    /// Seconds of idleness after which a server is sent something harmless; 0 never does.
    pub keep_alive: Option<u32>,
    /// How servers are reached whose site says nothing of it.
    pub reach: Reach,
    /// The editor's command; before $VISUAL and $EDITOR.
    pub editor: Option<String>,
}

/// How the end of a long copy is told to a person who looks elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Notify {
    /// A bell, and the notice that the terminal is known to show.
    #[default]
    Auto,
    /// A notice by OSC 9.
    Osc9,
    /// A notice by OSC 777.
    Osc777,
    /// A bell.
    Bell,
    /// Not at all.
    Off,
}

impl Word for Notify {
    const ALL: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("osc9", Self::Osc9), ("osc777", Self::Osc777), ("bell", Self::Bell), ("off", Self::Off)];
}

/// Seconds after which a copy is a long one, where nothing is set.
const LONG: u32 = 10;

impl Word for SortKey {
    const ALL: &'static [(&'static str, Self)] =
        &[("name", Self::Name), ("size", Self::Size), ("time", Self::Time), ("extension", Self::Extension)];
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mouse: true,
            hidden: false,
            sort: SortKey::Name,
            reverse: false,
            existing_download: Existing::Ask,
            existing_upload: Existing::Ask,
            lanes: None,
            segments: None,
            limit: Limits::default(),
            verify: false,
            permissions: false,
            notify: Notify::Auto,
            notify_after: LONG,
            timeout: None,
            low_speed: None,
            keep_alive: None,
            reach: Reach::default(),
            editor: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SettingsFile {
    mouse: Option<bool>,
    hidden: Option<bool>,
    sort: Option<Spanned<String>>,
    reverse: Option<bool>,
    existing: ExistingTable,
    lanes: Option<Spanned<u16>>,
    segments: Option<Spanned<u16>>,
    limit: LimitTable,
    verify: Option<bool>,
    permissions: Option<bool>,
    notify: Option<Spanned<String>>,
    notify_after: Option<u32>,
    timeout: Option<Spanned<u32>>,
    low_speed: Option<u64>,
    keep_alive: Option<u32>,
    proxy: Option<Spanned<String>>,
    bind: Option<Spanned<String>>,
    address_family: Option<Spanned<String>>,
    active_ports: Option<Spanned<String>>,
    active_address: Option<Spanned<String>>,
    editor: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitTable {
    total: Option<Spanned<String>>,
    download: Option<Spanned<String>>,
    upload: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ExistingTable {
    download: Option<Spanned<String>>,
    upload: Option<Spanned<String>>,
}

impl Settings {
    /// Reads them; the defaults where there is no file.
    ///
    /// # Errors
    /// [`ConfigError::Content`] names the place that cannot be read.
    pub fn load(paths: &Paths) -> Result<Self, ConfigError> {
        let path = paths.settings();
        parse(&path, &file::read(&path)?)
    }
}

fn parse(path: &Path, text: &str) -> Result<Settings, ConfigError> {
    let file: SettingsFile = toml::from_str(text).map_err(|error| ConfigError::of_toml(path, text, &error))?;
    let unset = Settings::default();
    let at = Place { path, text };
    let ways = reach::Keys {
        proxy: file.proxy.as_ref(),
        bind: file.bind.as_ref(),
        family: file.address_family.as_ref(),
        ports: file.active_ports.as_ref(),
        address: file.active_address.as_ref(),
    };
    let reach = ways.read(path, text)?;
    Ok(Settings {
        mouse: file.mouse.unwrap_or(unset.mouse),
        hidden: file.hidden.unwrap_or(unset.hidden),
        sort: at.word(file.sort.as_ref(), unset.sort)?,
        reverse: file.reverse.unwrap_or(unset.reverse),
        existing_download: at.word(file.existing.download.as_ref(), unset.existing_download)?,
        existing_upload: at.word(file.existing.upload.as_ref(), unset.existing_upload)?,
        lanes: at.positive(file.lanes)?,
        segments: at.positive(file.segments)?,
        limit: Limits {
            total: at.speed(file.limit.total.as_ref())?,
            down: at.speed(file.limit.download.as_ref())?,
            up: at.speed(file.limit.upload.as_ref())?,
        },
        verify: file.verify.unwrap_or(unset.verify),
        permissions: file.permissions.unwrap_or(unset.permissions),
        notify: at.word(file.notify.as_ref(), unset.notify)?,
        notify_after: file.notify_after.unwrap_or(unset.notify_after),
        timeout: at.positive(file.timeout)?,
        low_speed: file.low_speed,
        keep_alive: file.keep_alive,
        reach,
        editor: file.editor,
    })
}

struct Place<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Place<'_> {
    fn word<W: Word>(&self, value: Option<&Spanned<String>>, unset: W) -> Result<W, ConfigError> {
        let Some(value) = value else { return Ok(unset) };
        W::of_word(value.get_ref())
            .ok_or_else(|| ConfigError::at(self.path, self.text, Some(value.span()), format!("this is none of {}", W::words())))
    }

    fn speed(&self, value: Option<&Spanned<String>>) -> Result<Option<u64>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        parse_limit(value.get_ref()).map_err(|why| ConfigError::at(self.path, self.text, Some(value.span()), why))
    }

    fn positive<N: Default + PartialEq>(&self, value: Option<Spanned<N>>) -> Result<Option<N>, ConfigError> {
        match value {
            Some(value) if *value.get_ref() == N::default() => {
                Err(ConfigError::at(self.path, self.text, Some(value.span()), "this must be at least 1"))
            }
            value => Ok(value.map(Spanned::into_inner)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Family, PortRange, Through};

    #[test]
    fn every_key_is_read_and_a_missing_file_is_the_defaults() {
        let base = tempfile::tempdir().unwrap();
        let paths = Paths::under(base.path());
        assert_eq!(Settings::load(&paths).unwrap(), Settings::default());
        let text = "mouse = false\nhidden = true\nsort = \"time\"\nreverse = true\nlanes = 4\nsegments = 8\nverify = true\npermissions = true\nnotify = \"osc777\"\nnotify_after = 60\ntimeout = 9\nlow_speed = 0\nkeep_alive = 45\nproxy = \"socks5://p\"\nbind = \"127.0.0.2\"\naddress_family = \"ipv4\"\nactive_ports = \"4000-4001\"\nactive_address = \"192.0.2.1\"\neditor = \"vi\"\n[limit]\ntotal = \"2M\"\ndownload = \"500K\"\nupload = \"0\"\n[existing]\ndownload = \"newer\"\nupload = \"skip\"\n";
        std::fs::write(paths.settings(), text).unwrap();
        let all = Settings {
            mouse: false,
            hidden: true,
            sort: SortKey::Time,
            reverse: true,
            existing_download: Existing::Newer,
            existing_upload: Existing::Skip,
            lanes: Some(4),
            segments: Some(8),
            limit: Limits { total: Some(2 << 20), down: Some(512_000), up: None },
            verify: true,
            permissions: true,
            notify: Notify::Osc777,
            notify_after: 60,
            timeout: Some(9),
            low_speed: Some(0),
            keep_alive: Some(45),
            reach: Reach {
                proxy: Through::parse("socks5://p").unwrap(),
                bind: Some("127.0.0.2".parse().unwrap()),
                family: Family::V4,
                active_ports: PortRange::parse("4000-4001"),
                active_address: Some("192.0.2.1".parse().unwrap()),
            },
            editor: Some("vi".into()),
        };
        assert_eq!(Settings::load(&paths).unwrap(), all);
    }

    #[test]
    fn a_mistake_is_named_by_its_place() {
        for (text, said) in [
            ("mice = true\n", ":1:1: unknown key `mice`"),
            ("sort = \"colour\"\n", ":1:8: this is none of name, size, time, extension"),
            ("[existing]\nupload = \"no\"\n", ":2:10: this is none of ask, overwrite"),
            ("lanes = 0\n", ":1:9: this must be at least 1"),
            ("segments = 0\n", ":1:12: this must be at least 1"),
            ("notify = \"loud\"\n", ":1:10: this is none of auto, osc9, osc777, bell, off"),
            ("[limit]\ntotal = \"fast\"\n", ":2:9: fast is no speed"),
            ("mouse = 1\n", ":1:9: "),
            ("proxy = \"socks5://u:p@h\"\n", ":1:9: the proxy holds a password"),
            ("proxy = \"socks4://h\"\n", ":1:9: socks4:// is no kind of proxy"),
            ("bind = \"here\"\n", ":1:8: bind is no IP address"),
            ("active_ports = \"9-3\"\n", ":1:16: active_ports is no range"),
        ] {
            let error = parse(Path::new("config.toml"), text).unwrap_err().to_string();
            assert!(error.contains(&format!("config.toml{said}")), "{error}");
        }
    }
}
