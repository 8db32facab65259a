//! What the options of every command come to, together with the settings file.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::targets::{Place, PlaceError, RemotePlace, Resolver};
use crate::config::{ConfigError, KnownServers, Paths, Settings, SiteStore};
use crate::logging::WireLog;
use crate::model::{Site, Through};

use super::args::{Common, Rate};
use super::keys::Keys;
use super::launch::Launch;
use super::password::Passwords;
use super::reach::Ways;
use super::stop::{Stop, eprintln_quietly};
use super::tls::TlsOptions;

/// What a run knows besides its own arguments.
#[derive(Debug)]
pub struct Context {
    /// The options as they were given.
    pub common: Common,
    /// The settings file.
    pub settings: Settings,
    /// Where things are kept.
    pub paths: Paths,
    /// Reads targets.
    pub resolver: Resolver,
    /// The passwords that were given.
    pub passwords: Passwords,
    /// What is known and trusted of servers.
    pub servers: KnownServers,
    /// How servers are reached, from the options and the environment.
    pub ways: Ways,
}

impl Common {
    /// How long a server that went away is waited for. Who says how often something is tried again means that.
    pub fn away(&self) -> Duration {
        let unsaid = if self.retries.is_some() { Duration::ZERO } else { crate::engine::AWAY };
        self.reach.retry_for.map_or(unsaid, |seconds| Duration::from_secs(u64::from(seconds)))
    }
}

impl Context {
    /// Reads the settings; says what had to be mended about their files.
    ///
    /// # Errors
    /// Exit 2 where there is no place for settings, or they cannot be read.
    pub fn new(common: Common, launch: Launch, paths: Paths) -> Result<Self, Stop> {
        for note in paths.check() {
            eprintln_quietly(&format!("ftpane: {note}"));
        }
        let settings = Settings::load(&paths)?;
        let resolver = Resolver::new(SiteStore::new(&paths));
        let passwords = Passwords::new(common.password_command.clone(), launch.password, Keys::new(&paths));
        TlsOptions::of(&common).check()?;
        let ways = Ways::of(&common.reach);
        let servers = KnownServers::load(&paths)?;
        Ok(Self { common, settings, paths, resolver, passwords, servers, ways })
    }

    /// Opens the log that was asked for.
    ///
    /// # Errors
    /// Exit 2 where it cannot be written.
    pub fn wire_log(&self) -> Result<Option<WireLog>, Stop> {
        let open =
            |path: &PathBuf| WireLog::open(path).map_err(|error| Stop::usage(format!("cannot write the log {}: {error}", path.display())));
        self.common.log.as_ref().map(open).transpose()
    }

    /// Puts the options on a site, and what is known of its server.
    ///
    /// # Errors
    /// Exit 2, before anything is sent.
    pub fn apply(&self, place: &mut RemotePlace) -> Result<(), Stop> {
        TlsOptions::of(&self.common).put_on(&mut place.site)?;
        self.servers.put_on(&mut place.site);
        self.ways.put_on(&mut place.site, &self.settings);
        if let Through::Unusable(why) = &place.site.reach.proxy {
            return Err(Stop::usage(format!("{why}; correct it, or give --proxy")));
        }
        if let Some(charset) = &self.common.charset {
            place.site.charset = Some(charset.clone());
        }
        place.site.spell_start();
        place.site.mode = self.common.mode.unwrap_or(place.site.mode);
        place.site.timeout = self.common.timeout.or(place.site.timeout).or(self.settings.timeout);
        place.site.low_speed = self.common.low_speed.map(Rate::bytes).or(place.site.low_speed).or(self.settings.low_speed);
        Ok(())
    }

    /// Reads an argument that must be a place on a server.
    ///
    /// # Errors
    /// Exit 2.
    pub fn remote(&self, typed: &[u8], or: &str) -> Result<RemotePlace, Stop> {
        self.server(typed, or, false)
    }

    /// The same beside an argument that is a place on this machine, where a single word may as well be meant as one.
    ///
    /// # Errors
    /// Exit 2.
    pub fn other_end(&self, typed: &[u8], or: &str) -> Result<RemotePlace, Stop> {
        self.server(typed, or, true)
    }

    fn server(&self, typed: &[u8], or: &str, beside: bool) -> Result<RemotePlace, Stop> {
        match self.resolver.command(typed)? {
            Place::Remote(_) if self.resolver.is_likely_local(typed, beside)? => {
                let word = crate::model::text::printable(typed);
                let host = word.trim_end_matches('/');
                Err(Stop::usage(format!(
                    "{word} is no saved site; did you mean ./{word} on this machine? For a server of that name write ftp://{host}/; {or}"
                )))
            }
            Place::Remote(place) => {
                let mut place = *place;
                self.apply(&mut place)?;
                Ok(place)
            }
            Place::Local(path) => Err(Stop::usage(format!(
                "{} is a place on this machine; {or}",
                crate::model::text::printable(path.as_os_str().as_encoded_bytes())
            ))),
            Place::Stdio => Err(Stop::usage(format!("- cannot stand here; {or}"))),
        }
    }
}

/// The server of a place, to be opened in its login directory so that this is known.
pub fn at_login(site: &Site) -> Site {
    Site { start: crate::model::StartDir::Login, ..site.clone() }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<PlaceError> for Stop {
    fn from(error: PlaceError) -> Self {
        Self::usage(error.to_string())
    }
}
