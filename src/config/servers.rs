//! What is known of servers whoever logs in there: which certificates a person trusts, what TLS they spoke and what their clocks show:
//! `servers.toml`.
//!
//! A person may remove a server from it, to have a new certificate looked at as if it were the first. Guarantee: what is trusted is added by
//! [`KnownServers::trust`] and [`KnownServers::pin`] alone, which are called where a person has said so.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use toml::Spanned;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::model::site::Learnt;
use crate::model::{ClockOffset, Fingerprint, Site};

use super::error::ConfigError;
use super::row::{Origin, clock};
use super::{Paths, file};

/// The file of known servers. Cheap to clone; what is read once serves until it is changed here.
#[derive(Debug, Clone)]
pub struct KnownServers {
    path: PathBuf,
    read: Arc<Mutex<Vec<Server>>>,
}

/// What is known of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Server {
    /// `host:port`, the host in lower case.
    address: String,
    pins: Vec<Fingerprint>,
    tls: bool,
    tls12: bool,
    plain_told: bool,
    clock: Option<ClockOffset>,
    clock_at: Option<i64>,
    facts: Option<Facts>,
}

/// What was found out about how it is talked to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Facts {
    print: Option<u32>,
    lacks: Vec<String>,
    hosts: bool,
    no_epsv: bool,
    prefers_active: bool,
    no_mlsd: bool,
}

impl Facts {
    fn of(learnt: &Learnt) -> Self {
        let Learnt { print, lacks, hosts, no_epsv, prefers_active, no_mlsd, .. } = learnt.clone();
        Self { print, lacks, hosts, no_epsv, prefers_active, no_mlsd }
    }

    fn put_on(&self, learnt: &mut Learnt) {
        let Self { print, lacks, hosts, no_epsv, prefers_active, no_mlsd } = self.clone();
        *learnt = Learnt { print, lacks, hosts, no_epsv, prefers_active, no_mlsd, ..learnt.clone() };
    }

    fn value(&self) -> Value {
        let mut table = InlineTable::new();
        if let Some(print) = self.print {
            table.insert("print", i64::from(print).into());
        }
        if !self.lacks.is_empty() {
            table.insert("lacks", Value::Array(self.lacks.iter().map(String::as_str).collect()));
        }
        let said = [("hosts", self.hosts), ("no_epsv", self.no_epsv), ("prefers_active", self.prefers_active), ("no_mlsd", self.no_mlsd)];
        for (key, _) in said.into_iter().filter(|(_, said)| *said) {
            table.insert(key, true.into());
        }
        Value::InlineTable(table)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServersFile {
    #[serde(default)]
    server: Vec<ServerRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerRow {
    address: String,
    #[serde(default)]
    trusted: Vec<Spanned<String>>,
    #[serde(default)]
    tls: bool,
    #[serde(default)]
    tls12: bool,
    #[serde(default)]
    plain_told: bool,
    clock_offset: Option<Spanned<String>>,
    clock_at: Option<Spanned<String>>,
    facts: Option<Facts>,
}

impl KnownServers {
    /// Reads the file of this person, or of a given directory.
    ///
    /// # Errors
    /// [`ConfigError::Content`] names the place that cannot be read: what is trusted is not guessed.
    pub fn load(paths: &Paths) -> Result<Self, ConfigError> {
        let path = paths.servers();
        let all = parse(&path, &file::read(&path)?)?;
        Ok(Self { path, read: Arc::new(Mutex::new(all)) })
    }

    fn read(&self) -> MutexGuard<'_, Vec<Server>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts what is known of its server on a site.
    pub fn put_on(&self, site: &mut Site) {
        let address = site.address();
        if let Some(server) = self.read().iter().find(|server| server.address == address) {
            site.secured.pins.extend(server.pins.iter().filter(|pin| !site.secured.pins.contains(pin)).copied().collect::<Vec<_>>());
            site.learnt.tls |= server.tls;
            site.learnt.tls12 |= server.tls12;
            site.learnt.plain_told |= server.plain_told;
            if server.clock.is_some() {
                (site.learnt.clock, site.learnt.clock_at) = (server.clock, server.clock_at);
            }
            if let Some(facts) = &server.facts {
                facts.put_on(&mut site.learnt);
            }
        }
    }

    /// Trusts a certificate of the site's server from now on.
    ///
    /// # Errors
    /// [`ConfigError::Content`] where the file is broken, which is then left as it is; [`ConfigError::Write`].
    pub fn trust(&self, site: &Site, fingerprint: Fingerprint) -> Result<(), ConfigError> {
        self.change(site, |server| {
            if !server.pins.contains(&fingerprint) {
                server.pins.push(fingerprint);
            }
        })
    }

    /// All certificates that are trusted, by the address of their server.
    pub fn trusted(&self) -> BTreeMap<String, Vec<Fingerprint>> {
        self.read().iter().filter(|server| !server.pins.is_empty()).map(|server| (server.address.clone(), server.pins.clone())).collect()
    }

    /// Trusts these certificates of the site's server and no others from now on; none leaves it to the authorities that the system trusts.
    ///
    /// # Errors
    /// As [`KnownServers::trust`].
    pub fn pin(&self, site: &Site, pins: &[Fingerprint]) -> Result<(), ConfigError> {
        self.change(site, |server| server.pins = pins.to_vec())
    }

    /// Keeps what TLS the site's server spoke, and how it is talked to.
    ///
    /// # Errors
    /// As [`KnownServers::trust`].
    pub fn learn(&self, site: &Site, learnt: &Learnt) -> Result<(), ConfigError> {
        let address = site.address();
        type Known = ([bool; 3], (Option<ClockOffset>, Option<i64>), Facts);
        let of = |server: &Server| -> Known {
            ([server.tls, server.tls12, server.plain_told], (server.clock, server.clock_at), server.facts.clone().unwrap_or_default())
        };
        let (known, clock, before) = self.read().iter().find(|server| server.address == address).map(of).unwrap_or_default();
        let told = [learnt.tls, learnt.tls12, learnt.plain_told];
        let is_same_clock = learnt.clock.is_none() || (learnt.clock, learnt.clock_at) == clock;
        let facts = Facts::of(learnt);
        if facts == before && told.iter().zip(known).all(|(told, known)| !told || known) && is_same_clock {
            return Ok(());
        }
        self.change(site, |server| {
            server.tls |= learnt.tls;
            server.tls12 |= learnt.tls12;
            server.plain_told |= learnt.plain_told;
            if learnt.clock.is_some() {
                (server.clock, server.clock_at) = (learnt.clock, learnt.clock_at);
            }
            server.facts = (facts != Facts::default() || server.facts.is_some()).then_some(facts);
        })
    }

    /// Forgets how the site's server is talked to and what its clock shows. What is trusted stays, and that it spoke TLS: nobody who comes
    /// between is to gain by it. Answers whether anything was known.
    ///
    /// # Errors
    /// As [`KnownServers::trust`].
    pub fn forget(&self, site: &Site) -> Result<bool, ConfigError> {
        let address = site.address();
        let knows = |server: &Server| server.tls12 || server.clock.is_some() || server.facts.is_some();
        if !self.read().iter().any(|server| server.address == address && knows(server)) {
            return Ok(false);
        }
        self.change(site, |server| {
            (server.tls12, server.clock, server.clock_at, server.facts) = (false, None, None, None);
        })?;
        Ok(true)
    }

    fn change(&self, site: &Site, change: impl FnOnce(&mut Server)) -> Result<(), ConfigError> {
        let address = site.address();
        let mut now = Vec::new();
        file::change(&self.path, |text| {
            let mut all = parse(&self.path, &text)?;
            if !all.iter().any(|server| server.address == address) {
                all.push(Server { address: address.clone(), ..Server::default() });
            }
            if let Some(server) = all.iter_mut().find(|server| server.address == address) {
                change(server);
            }
            let new = write(&text, &all, &self.path)?;
            now = all;
            Ok(new)
        })?;
        *self.read() = now;
        Ok(())
    }
}

fn parse(path: &std::path::Path, text: &str) -> Result<Vec<Server>, ConfigError> {
    let file: ServersFile = toml::from_str(text).map_err(|error| ConfigError::of_toml(path, text, &error))?;
    let origin = Origin { path, text };
    let pin = |text: &Spanned<String>| {
        Fingerprint::parse(text.get_ref()).ok_or_else(|| origin.error(text, "this is no SHA-256 fingerprint: 64 hexadecimal digits"))
    };
    file.server
        .into_iter()
        .map(|row| {
            let pins = row.trusted.iter().map(pin).collect::<Result<_, _>>()?;
            let clock = row.clock_offset.as_ref().map(|said| clock(origin, said)).transpose()?;
            let clock_at = row.clock_at.as_ref().map(|said| moment(origin, said)).transpose()?;
            let address = row.address.to_ascii_lowercase();
            Ok(Server { address, pins, tls: row.tls, tls12: row.tls12, plain_told: row.plain_told, clock, clock_at, facts: row.facts })
        })
        .collect()
}

fn moment(origin: Origin<'_>, said: &Spanned<String>) -> Result<i64, ConfigError> {
    let read = said.get_ref().parse::<jiff::Timestamp>();
    read.map(jiff::Timestamp::as_second).map_err(|_| origin.error(said, "clock_at is no time, such as 2026-03-29T12:00:00Z"))
}

/// The file with these servers; comments above and between them stay where the server does.
fn write(text: &str, all: &[Server], path: &std::path::Path) -> Result<String, ConfigError> {
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| ConfigError::at(path, text, error.span(), error.message()))?;
    let item = document.remove("server").unwrap_or_else(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let mut tables = item.into_array_of_tables().unwrap_or_default();
    for (index, server) in all.iter().enumerate() {
        if tables.get(index).is_none() {
            tables.push(Table::new());
        }
        let Some(table) = tables.get_mut(index) else { continue };
        table.insert("address", value(server.address.as_str()));
        if server.pins.is_empty() {
            table.remove("trusted");
        } else {
            table.insert("trusted", value(server.pins.iter().map(ToString::to_string).collect::<Array>()));
        }
        match &server.facts {
            Some(facts) => drop(table.insert("facts", value(facts.value()))),
            None => drop(table.remove("facts")),
        }
        for (key, said) in [("tls", server.tls), ("tls12", server.tls12), ("plain_told", server.plain_told)] {
            if said {
                table.insert(key, value(true));
            } else {
                table.remove(key);
            }
        }
        let at = server.clock_at.and_then(|at| jiff::Timestamp::from_second(at).ok());
        for (key, said) in [("clock_offset", server.clock.map(|clock| clock.to_string())), ("clock_at", at.map(|at| at.to_string()))] {
            match said {
                Some(said) => drop(table.insert(key, value(said))),
                None => drop(table.remove(key)),
            }
        }
    }
    document.insert("server", Item::ArrayOfTables(tables));
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> (tempfile::TempDir, Paths) {
        let base = tempfile::tempdir().unwrap();
        let paths = Paths::under(base.path());
        (base, paths)
    }

    #[test]
    fn what_is_trusted_and_learnt_of_a_server_holds_for_every_site_on_it_and_for_no_other() {
        let (_base, paths) = paths();
        let servers = KnownServers::load(&paths).unwrap();
        let site = Site::of_host("Example.org");
        let pin = Fingerprint([7; 32]);
        servers.trust(&site, pin).unwrap();
        servers.trust(&site, pin).unwrap();
        let facts = Learnt { lacks: vec!["SIZE".into()], print: Some(7), no_epsv: true, ..Learnt::default() };
        servers.learn(&site, &Learnt { tls: true, ..facts.clone() }).unwrap();
        for servers in [servers, KnownServers::load(&paths).unwrap()] {
            let mut same = Site { user: Some("u".into()), ..Site::of_host("example.ORG") };
            servers.put_on(&mut same);
            servers.put_on(&mut same);
            assert_eq!((same.secured.pins.as_slice(), same.learnt.tls, same.learnt.tls12), (&[pin][..], true, false));
            assert_eq!(same.learnt, Learnt { tls: true, ..facts.clone() });
            let mut other = Site { port: Some(2121), ..Site::of_host("example.org") };
            servers.put_on(&mut other);
            assert_eq!(other, Site { port: Some(2121), ..Site::of_host("example.org") });
        }
    }

    #[test]
    fn the_clock_of_a_server_is_kept_until_another_is_learnt() {
        let (_base, paths) = paths();
        let (servers, site) = (KnownServers::load(&paths).unwrap(), Site::of_host("a"));
        for text in ["+02:00", "-03:30"] {
            let clock = ClockOffset::parse(text);
            servers.learn(&site, &Learnt { clock, clock_at: Some(1_774_785_600), ..Learnt::default() }).unwrap();
            servers.learn(&site, &Learnt { tls: true, ..Learnt::default() }).unwrap();
            let mut same = Site::of_host("a");
            KnownServers::load(&paths).unwrap().put_on(&mut same);
            assert_eq!((same.learnt.clock, same.learnt.clock_at, same.learnt.tls), (clock, Some(1_774_785_600), true));
        }
        std::fs::write(paths.servers(), "[[server]]\naddress = \"a:21\"\nclock_offset = \"99\"\n").unwrap();
        let error = KnownServers::load(&paths).unwrap_err().to_string();
        assert!(error.contains("servers.toml:3:16: "), "{error}");
    }

    #[test]
    fn what_was_learnt_is_forgotten_on_request_and_what_is_trusted_is_not() {
        let (_base, paths) = paths();
        let (servers, site) = (KnownServers::load(&paths).unwrap(), Site::of_host("a"));
        assert!(!servers.forget(&site).unwrap());
        let pin = Fingerprint([7; 32]);
        servers.trust(&site, pin).unwrap();
        let clock = ClockOffset::parse("+02:00");
        servers.learn(&site, &Learnt { tls: true, tls12: true, clock, clock_at: Some(0), no_epsv: true, ..Learnt::default() }).unwrap();
        assert!(servers.forget(&site).unwrap() && !servers.forget(&site).unwrap());
        let mut same = Site::of_host("a");
        KnownServers::load(&paths).unwrap().put_on(&mut same);
        assert_eq!((same.learnt, same.secured.pins), (Learnt { tls: true, ..Learnt::default() }, vec![pin]));
        let text = std::fs::read_to_string(paths.servers()).unwrap();
        assert!(!text.contains("clock") && !text.contains("facts") && !text.contains("tls12"), "{text}");
    }

    #[test]
    fn what_proved_wrong_is_forgotten_for_every_site_on_the_server() {
        let (_base, paths) = paths();
        let servers = KnownServers::load(&paths).unwrap();
        let site = Site::of_host("a");
        servers.learn(&site, &Learnt { lacks: vec!["SIZE".into(), "FEAT".into()], no_epsv: true, ..Learnt::default() }).unwrap();
        servers.learn(&site, &Learnt { lacks: vec!["FEAT".into()], ..Learnt::default() }).unwrap();
        let mut stale = Site { learnt: Learnt { no_epsv: true, connections: Some(2), ..Learnt::default() }, ..Site::of_host("a") };
        KnownServers::load(&paths).unwrap().put_on(&mut stale);
        assert_eq!(stale.learnt, Learnt { lacks: vec!["FEAT".into()], connections: Some(2), ..Learnt::default() });
    }

    #[test]
    fn the_file_is_private_and_keeps_a_persons_comments() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_base, paths) = paths();
        std::fs::write(paths.servers(), "# mine\n[[server]]\naddress = \"a:21\" # the old box\n").unwrap();
        let servers = KnownServers::load(&paths).unwrap();
        servers.learn(&Site::of_host("b"), &Learnt { tls: true, tls12: true, ..Learnt::default() }).unwrap();
        let text = std::fs::read_to_string(paths.servers()).unwrap();
        assert!(text.starts_with("# mine\n[[server]]\naddress = \"a:21\""), "{text}");
        assert!(text.contains("address = \"b:21\"\ntls = true\ntls12 = true\n"), "{text}");
        assert_eq!(std::fs::metadata(paths.servers()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_fingerprint_that_is_none_is_named_by_its_place() {
        let (_base, paths) = paths();
        std::fs::write(paths.servers(), "[[server]]\naddress = \"a:21\"\ntrusted = [\"abc\"]\n").unwrap();
        let error = KnownServers::load(&paths).unwrap_err().to_string();
        assert!(error.contains("servers.toml:3:12: this is no SHA-256 fingerprint"), "{error}");
    }
}
