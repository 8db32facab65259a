//! What the command line says about the panes, as plain values for whoever opens them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::targets::{Place, Resolver};
use crate::config::{KnownServers, Paths, Settings};
use crate::model::site::VolumeSpec;
use crate::model::{DataMode, Secret, Site, VPath};

use super::args::{Common, Rate};
use super::local::show;
use super::options::Context;
use super::reach::Ways;
use super::slips;
use super::stop::Stop;
use super::tls::TlsOptions;

/// How the panes shall behave, from the options.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// `--no-mouse`.
    pub no_mouse: bool,
    /// `--log FILE`.
    pub log: Option<PathBuf>,
    /// `--retries N`.
    pub retries: Option<u32>,
    /// How long a server that went away is waited for.
    pub away: Duration,
    /// `--mode`.
    pub mode: Option<DataMode>,
    /// What the options say of TLS.
    pub tls: TlsOptions,
    /// `--timeout SECS`.
    pub timeout: Option<u32>,
    /// `--low-speed RATE`, in bytes.
    pub low_speed: Option<u64>,
    /// How servers are reached.
    pub ways: Ways,
}

impl Wishes {
    pub(super) fn of(common: &Common, ways: Ways) -> Self {
        let Common { no_mouse, retries, mode, timeout, low_speed, .. } = *common;
        let (log, tls, low_speed) = (common.log.clone(), TlsOptions::of(common), low_speed.map(Rate::bytes));
        Self { no_mouse, log, retries, away: common.away(), mode, tls, timeout, low_speed, ways }
    }

    /// Puts the options on a site that is opened later, by name, by URL or from the list. A demand for TLS stays a demand.
    pub fn put_on(&self, site: &mut Site, settings: &Settings) {
        self.ways.put_on(site, settings);
        site.mode = self.mode.unwrap_or(site.mode);
        // What contradicts them was said before of what was named on the command line; a site that is opened later keeps what it demands.
        let _ = self.tls.put_on(site);
        site.timeout = self.timeout.or(site.timeout).or(settings.timeout);
        site.low_speed = self.low_speed.or(site.low_speed).or(settings.low_speed);
    }
}

/// One pane's first place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// What to open, with the password where one was given; a site's [`start`](crate::model::Site::start) is the place.
    pub spec: VolumeSpec,
    /// The directory, for the local disk.
    pub path: Option<VPath>,
}

/// The panes, as they were asked for.
#[derive(Debug)]
pub struct Panes {
    /// None, one or two places.
    pub places: Vec<First>,
    /// How they shall behave.
    pub wishes: Wishes,
    /// The settings file.
    pub settings: Settings,
    /// Where things are kept.
    pub paths: Paths,
    /// Reads targets that are typed later.
    pub resolver: Resolver,
    /// What is known and trusted of servers.
    pub servers: KnownServers,
}

impl Panes {
    pub(super) fn new(targets: &[OsString], context: Context) -> Result<Self, Stop> {
        // Options between them make clap count anew.
        if targets.len() > 2 {
            return Err(Stop::usage("there are two panes: give two targets at most"));
        }
        let places = targets.iter().map(|target| first(target, &context)).collect::<Result<Vec<_>, _>>();
        // A word that reads as a host and is most likely a command, whatever stands behind it.
        if let Some(word) = targets.first().and_then(|word| word.to_str())
            && let Some(meant) = slips::command(word, targets.len() == 1)
            && !context.resolver.is_known(word)?
        {
            return Err(Stop::usage(slips::no_command(word, &meant)));
        }
        let places = places?;
        Ok(Self {
            places,
            wishes: Wishes::of(&context.common, context.ways),
            settings: context.settings,
            paths: context.paths,
            resolver: context.resolver,
            servers: context.servers,
        })
    }
}

fn first(target: &OsString, context: &Context) -> Result<First, Stop> {
    if target == "-" {
        return Err(Stop::usage("- is standard output, which no pane can show; give a URL, a directory, a saved site or a host"));
    }
    match context.resolver.pane(target.as_encoded_bytes())? {
        Place::Local(path) => {
            let real = std::fs::canonicalize(&path).map_err(|error| Stop::usage(format!("cannot open {}: {error}", show(&path))))?;
            if !real.is_dir() {
                return Err(Stop::usage(format!("{} is no directory", show(&path))));
            }
            let path = VPath::parse(real.as_os_str().as_encoded_bytes())
                .map_err(|bad| Stop::usage(format!("cannot open {}: {bad}", show(&path))))?;
            Ok(First { spec: VolumeSpec::Local, path: Some(path) })
        }
        Place::Remote(place) => {
            let mut place = *place;
            context.apply(&mut place)?;
            let secret: Option<Secret> = context.passwords.of(&place)?;
            Ok(First { spec: VolumeSpec::Ftp(Box::new(place.site), secret), path: None })
        }
        Place::Stdio => Err(Stop::usage("standard output cannot be opened in a pane")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TlsPolicy;

    #[test]
    fn options_hold_for_sites_opened_later_and_a_demand_for_tls_stays() {
        let tls = TlsOptions::off();
        let wishes = Wishes {
            no_mouse: false,
            log: None,
            retries: None,
            away: Duration::ZERO,
            mode: Some(DataMode::Active),
            tls,
            timeout: None,
            low_speed: Some(0),
            ways: Ways::default(),
        };
        let settings = Settings { timeout: Some(9), ..Settings::default() };
        let mut plain = Site::of_host("h");
        wishes.put_on(&mut plain, &settings);
        assert_eq!((plain.mode, plain.tls, plain.timeout), (DataMode::Active, TlsPolicy::Off, Some(9)));
        let mut secured = Site { tls: TlsPolicy::Required, timeout: Some(3), ..Site::of_host("h") };
        wishes.put_on(&mut secured, &settings);
        assert_eq!((secured.tls, secured.timeout), (TlsPolicy::Required, Some(3)));
    }
}
