//! One site as a table of a TOML file: reading it with errors at their place, writing it into the table that a person may have edited.
//!
//! Paths are bytes and TOML is text: a remote path is part of the URL and percent-encoded there; a local path that is not UTF-8 is
//! written as a percent-encoded `file://` URL.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml_edit::{InlineTable, Item, Table, Value};

use crate::model::percent::{decode, encode};
use crate::model::site::Learnt;
use crate::model::url::{FtpUrl, start_of};
use crate::model::words::Word;
use crate::model::{ClockOffset, DataMode, Identity, ListingStyle, PasswordFrom, Secured, Site, TlsPolicy, TlsVersion, VPath};

use super::error::ConfigError;
use super::reach::{self, AsciiKey};

const LOCAL_SCHEME: &str = "file://";
const ADDRESS_KEYS: [&str; 6] = ["url", "host", "port", "user", "remote", "tls"];

/// The keys of a site, as a person may write them: either `url`, or `host` with `port`, `user` and `remote`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    name: Option<Spanned<String>>,
    folder: Option<String>,
    url: Option<Spanned<String>>,
    host: Option<Spanned<String>>,
    port: Option<Spanned<u16>>,
    user: Option<Spanned<String>>,
    remote: Option<Spanned<String>>,
    local: Option<Spanned<String>>,
    mode: Option<Spanned<String>>,
    tls: Option<Spanned<String>>,
    min_tls: Option<Spanned<String>>,
    client_cert: Option<PathBuf>,
    client_key: Option<PathBuf>,
    cacert: Option<PathBuf>,
    ccc: Option<bool>,
    charset: Option<String>,
    timeout: Option<u32>,
    password: Option<Spanned<String>>,
    password_command: Option<Spanned<String>>,
    low_speed: Option<u64>,
    verify: Option<bool>,
    proxy: Option<Spanned<String>>,
    bind: Option<Spanned<String>>,
    address_family: Option<Spanned<String>>,
    active_ports: Option<Spanned<String>>,
    active_address: Option<Spanned<String>>,
    ascii: Option<AsciiKey>,
    keep_alive: Option<u32>,
    account: Option<Spanned<String>>,
    listing: Option<Spanned<String>>,
    clock_offset: Option<Spanned<String>>,
    learnt: Option<LearntRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LearntRow {
    no_epsv: bool,
    prefers_active: bool,
    no_mlsd: bool,
    clock_offset: Option<Spanned<String>>,
    connections: Option<u16>,
}

/// A file, to place errors in it.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Origin<'_> {
    /// An error at a value.
    pub fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> ConfigError {
        ConfigError::at(self.path, self.text, Some(at.span()), message)
    }

    fn word<W: Word>(&self, value: Option<&Spanned<String>>, key: &str, unset: W) -> Result<W, ConfigError> {
        let Some(value) = value else { return Ok(unset) };
        W::of_word(value.get_ref()).ok_or_else(|| self.error(value, format!("{key} is none of {}", W::words())))
    }
}

impl Row {
    /// The name, with its place.
    pub fn name(&self) -> Option<&Spanned<String>> {
        self.name.as_ref()
    }

    /// The site; `at` is where the row stands, for what is missing in it.
    pub fn to_site(&self, origin: Origin<'_>, at: &Spanned<()>) -> Result<Site, ConfigError> {
        let mut site = self.address(origin, at)?;
        site.name = self.name.as_ref().map(|name| name.get_ref().clone()).unwrap_or_default();
        site.folder = self.folder.clone().unwrap_or_default();
        site.local = self.local.as_ref().map(|local| local_path(origin, local)).transpose()?;
        site.mode = origin.word::<DataMode>(self.mode.as_ref(), "mode", DataMode::Auto)?;
        site.tls = origin.word::<TlsPolicy>(self.tls.as_ref(), "tls", site.tls)?;
        site.secured = self.secured(origin)?;
        site.charset = self.charset.clone();
        site.timeout = self.timeout;
        self.password(origin, &mut site)?;
        site.low_speed = self.low_speed;
        site.verify = self.verify.unwrap_or(false);
        self.ways(origin, &mut site)?;
        site.listing = origin.word::<ListingStyle>(self.listing.as_ref(), "listing", ListingStyle::Auto)?;
        site.clock = self.clock_offset.as_ref().map(|said| clock(origin, said)).transpose()?;
        if let Some(learnt) = &self.learnt {
            let LearntRow { no_epsv, prefers_active, no_mlsd, connections, .. } = *learnt;
            let clock = learnt.clock_offset.as_ref().map(|said| clock(origin, said)).transpose()?;
            site.learnt = Learnt { no_epsv, prefers_active, no_mlsd, clock, connections, ..Learnt::default() };
        }
        Ok(site)
    }

    fn ways(&self, origin: Origin<'_>, site: &mut Site) -> Result<(), ConfigError> {
        let keys = reach::Keys {
            proxy: self.proxy.as_ref(),
            bind: self.bind.as_ref(),
            family: self.address_family.as_ref(),
            ports: self.active_ports.as_ref(),
            address: self.active_address.as_ref(),
        };
        site.reach = keys.read(origin.path, origin.text)?;
        site.ascii = self.ascii.as_ref().map(AsciiKey::read).unwrap_or_default();
        site.keep_alive = self.keep_alive;
        if let Some(account) = self.account.as_ref().filter(|account| account.get_ref().contains(['\r', '\n', '\0'])) {
            return Err(origin.error(account, "the account holds a line break or a NUL"));
        }
        site.account = self.account.as_ref().map(|account| account.get_ref().clone());
        Ok(())
    }

    fn secured(&self, origin: Origin<'_>) -> Result<Secured, ConfigError> {
        // One file may hold both.
        let key = self.client_key.as_ref().or(self.client_cert.as_ref());
        let identity =
            self.client_cert.as_ref().zip(key).map(|(certificate, key)| Identity { certificate: certificate.clone(), key: key.clone() });
        Ok(Secured {
            minimum: origin.word::<TlsVersion>(self.min_tls.as_ref(), "min_tls", TlsVersion::default())?,
            identity,
            roots: self.cacert.clone(),
            clear_control: self.ccc.unwrap_or(false),
            ..Secured::default()
        })
    }

    fn password(&self, origin: Origin<'_>, site: &mut Site) -> Result<(), ConfigError> {
        let unset = if self.password_command.is_some() { PasswordFrom::Command } else { PasswordFrom::Ask };
        site.password = match &self.password {
            None => unset,
            Some(said) => PasswordFrom::of_word(said.get_ref()).ok_or_else(|| {
                // Whoever writes something else here may have written the password itself: it is not repeated.
                let words = PasswordFrom::words();
                origin.error(
                    said,
                    format!("password says where the password is, one of {words}; the password itself is not kept in this file"),
                )
            })?,
        };
        site.password_command = self.password_command.as_ref().map(|command| command.get_ref().clone());
        match (&self.password, &self.password_command) {
            (Some(said), None) if site.password == PasswordFrom::Command => {
                Err(origin.error(said, "password = \"command\" needs password_command, which prints it"))
            }
            (_, Some(command)) if command.get_ref().trim().is_empty() => Err(origin.error(command, "password_command is empty")),
            _ => Ok(()),
        }
    }

    fn address(&self, origin: Origin<'_>, at: &Spanned<()>) -> Result<Site, ConfigError> {
        match (&self.url, &self.host) {
            (Some(url), None) => {
                if let Some(extra) =
                    self.port.as_ref().map(Spanned::span).or(self.user.as_ref().or(self.remote.as_ref()).map(Spanned::span))
                {
                    return Err(ConfigError::at(
                        origin.path,
                        origin.text,
                        Some(extra),
                        "port, user and remote are part of the url; write them there",
                    ));
                }
                let parsed = FtpUrl::parse(url.get_ref().as_bytes()).map_err(|error| origin.error(url, error.to_string()))?;
                if parsed.password.is_some() {
                    return Err(origin.error(url, "the url holds a password, and passwords are not kept in this file; remove it"));
                }
                Ok(parsed.to_site())
            }
            (None, Some(host)) => self.address_by_host(origin, host),
            (Some(_), Some(host)) => Err(origin.error(host, "a site has either url or host, not both")),
            (None, None) => Err(origin.error(at, "this site has no url and no host")),
        }
    }

    fn address_by_host(&self, origin: Origin<'_>, host: &Spanned<String>) -> Result<Site, ConfigError> {
        // A host is what a URL takes for one; an IPv6 address may stand without brackets here.
        let text = host.get_ref();
        let bracketed = if text.contains(':') && !text.starts_with('[') { format!("[{text}]") } else { text.clone() };
        let url = FtpUrl::parse(format!("ftp://{bracketed}").as_bytes()).map_err(|error| origin.error(host, error.to_string()))?;
        let is_plain = FtpUrl { host: url.host.clone(), ..FtpUrl::of_site(&Site::default()) } == url;
        if !is_plain {
            return Err(origin.error(host, "the host is more than a host; write port, user and remote as keys of their own, or use url"));
        }
        let mut site = Site::of_host(url.host);
        site.port = self.port.as_ref().map(|port| *port.get_ref());
        if let Some(port) = self.port.as_ref().filter(|port| *port.get_ref() == 0) {
            return Err(origin.error(port, "the port is not a number from 1 to 65535"));
        }
        site.user = self.user.as_ref().map(|user| user.get_ref().clone()).filter(|user| !user.is_empty());
        if let Some(user) = self.user.as_ref().filter(|user| user.get_ref().contains(['\r', '\n', '\0'])) {
            return Err(origin.error(user, "the user holds a line break or a NUL"));
        }
        if let Some(remote) = &self.remote {
            site.start = start_of(remote.get_ref().as_bytes()).map_err(|error| origin.error(remote, error.to_string()))?.0;
        }
        Ok(site)
    }
}

/// How far a clock is from UTC.
pub fn clock(origin: Origin<'_>, said: &Spanned<String>) -> Result<ClockOffset, ConfigError> {
    ClockOffset::parse(said.get_ref()).ok_or_else(|| origin.error(said, "clock_offset is no offset from UTC, such as +02:00 or -03:30"))
}

fn local_path(origin: Origin<'_>, local: &Spanned<String>) -> Result<VPath, ConfigError> {
    let text = local.get_ref();
    let bytes = match text.strip_prefix(LOCAL_SCHEME) {
        Some(encoded) => {
            decode(encoded.as_bytes()).ok_or_else(|| origin.error(local, "local has a % without two hexadecimal digits behind it"))?
        }
        None => text.as_bytes().to_vec(),
    };
    if bytes.first() != Some(&b'/') {
        return Err(origin.error(local, "local is not absolute; begin it with /"));
    }
    VPath::parse(&bytes).map_err(|bad| origin.error(local, format!("local cannot be used: {bad}")))
}

/// Makes `table` say what `site` is, where it said `old` before. Keys whose meaning did not change stay as they were written.
pub fn write(table: &mut Table, old: Option<&Site>, site: &Site) {
    let blank = Site::default();
    let old_or = old.unwrap_or(&blank);
    if old.is_none_or(|old| !old.name.eq(&site.name)) && !site.name.is_empty() {
        set(table, "name", Some(site.name.as_str().into()));
    }
    if old_or.folder != site.folder {
        set(table, "folder", text(&site.folder));
    }
    if old.is_none_or(|old| !has_same_address(old, site)) {
        for key in ADDRESS_KEYS.into_iter().filter(|key| *key != "url") {
            table.remove(key);
        }
        set(table, "url", Some(FtpUrl::of_site(site).to_string().into()));
        set(table, "tls", (site.tls == TlsPolicy::Off).then(|| TlsPolicy::Off.word().into()));
    }
    write_secured(table, &old_or.secured, &site.secured);
    for (key, value) in changes(old_or, site).into_iter().chain(reach::changes(&old_or.reach, &site.reach)) {
        set(table, key, value);
    }
}

/// The keys of their own that changed, with what they say now; `None` is the default, which is not written.
fn changes(old: &Site, new: &Site) -> Vec<(&'static str, Option<Value>)> {
    let number = |bytes: u64| Value::from(i64::try_from(bytes).unwrap_or(i64::MAX));
    let all = [
        (old.local != new.local, "local", new.local.as_ref().map(local_value)),
        (old.mode != new.mode, "mode", (new.mode != DataMode::Auto).then(|| new.mode.word().into())),
        (old.charset != new.charset, "charset", new.charset.as_deref().map(Value::from)),
        (old.timeout != new.timeout, "timeout", new.timeout.map(|seconds| number(seconds.into()))),
        (old.password != new.password, "password", (new.password != PasswordFrom::Ask).then(|| new.password.word().into())),
        (old.password_command != new.password_command, "password_command", new.password_command.as_deref().map(Value::from)),
        (old.low_speed != new.low_speed, "low_speed", new.low_speed.map(number)),
        (old.verify != new.verify, "verify", new.verify.then(|| true.into())),
        (old.ascii != new.ascii, "ascii", reach::ascii_value(&new.ascii)),
        (old.keep_alive != new.keep_alive, "keep_alive", new.keep_alive.map(|seconds| number(seconds.into()))),
        (old.account != new.account, "account", new.account.as_deref().map(Value::from)),
        (old.listing != new.listing, "listing", (new.listing != ListingStyle::Auto).then(|| new.listing.word().into())),
        (old.clock != new.clock, "clock_offset", new.clock.map(|clock| clock.to_string().into())),
        (old.learnt != new.learnt, "learnt", learnt_value(&new.learnt)),
    ];
    all.into_iter().filter(|(differs, ..)| *differs).map(|(_, key, value)| (key, value)).collect()
}

fn write_secured(table: &mut Table, old: &Secured, new: &Secured) {
    let path = |path: &PathBuf| Value::from(path.to_string_lossy().into_owned());
    if old.minimum != new.minimum {
        set(table, "min_tls", (new.minimum != TlsVersion::default()).then(|| new.minimum.word().into()));
    }
    if old.identity != new.identity {
        set(table, "client_cert", new.identity.as_ref().map(|identity| path(&identity.certificate)));
        set(
            table,
            "client_key",
            new.identity.as_ref().filter(|identity| identity.key != identity.certificate).map(|identity| path(&identity.key)),
        );
    }
    if old.roots != new.roots {
        set(table, "cacert", new.roots.as_ref().map(path));
    }
    if old.clear_control != new.clear_control {
        set(table, "ccc", new.clear_control.then(|| true.into()));
    }
}

fn has_same_address(a: &Site, b: &Site) -> bool {
    (&a.host, a.port, &a.user, &a.start, a.tls) == (&b.host, b.port, &b.user, &b.start, b.tls)
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| text.into())
}

fn local_value(path: &VPath) -> Value {
    match std::str::from_utf8(path.as_bytes()) {
        Ok(text) => text.into(),
        Err(_) => format!("{LOCAL_SCHEME}{}", encode(path.as_bytes(), b"/")).into(),
    }
}

fn learnt_value(learnt: &Learnt) -> Option<Value> {
    let mut table = InlineTable::new();
    for (key, said) in [("no_epsv", learnt.no_epsv), ("prefers_active", learnt.prefers_active), ("no_mlsd", learnt.no_mlsd)] {
        if said {
            table.insert(key, true.into());
        }
    }
    if let Some(clock) = learnt.clock {
        table.insert("clock_offset", clock.to_string().into());
    }
    if let Some(connections) = learnt.connections {
        table.insert("connections", i64::from(connections).into());
    }
    (!table.is_empty()).then(|| Value::InlineTable(table))
}

/// Sets or removes a key; a comment behind an old value stays.
fn set(table: &mut Table, key: &str, value: Option<Value>) {
    let Some(mut value) = value else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}
