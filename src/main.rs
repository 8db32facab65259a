//! The program: reads the command line and chooses who does the work. The only place that knows all of them.

use std::process::ExitCode;

#[cfg(feature = "cli")]
fn main() -> ExitCode {
    use ftpane::cli::{self, Order};

    let order = match cli::parse(cli::launch::take()) {
        Ok(order) => order,
        Err(code) => return code,
    };
    match order {
        Order::Headless(headless) => {
            let connector = ftpane::volume::any::StandardConnector::dressing(std::sync::Arc::new(headless.dress()));
            cli::run(&headless, connector)
        }
        Order::Panes(panes) => open_panes(*panes),
        #[cfg(feature = "demo")]
        Order::Demo(wishes) => open_demo(&wishes),
    }
}

/// The panes alone take targets and nothing else.
#[cfg(all(feature = "tui", not(feature = "cli")))]
fn main() -> ExitCode {
    use ftpane::config::{Paths, SiteStore, targets::Resolver};

    let paths = match Paths::of_person() {
        Ok(paths) => paths,
        Err(error) => return refuse(&error),
    };
    for note in paths.check() {
        eprintln!("ftpane: {note}");
    }
    let servers = match ftpane::config::KnownServers::load(&paths) {
        Ok(servers) => servers,
        Err(error) => return refuse(&error),
    };
    let resolver = Resolver::new(SiteStore::new(&paths));
    let mut places = Vec::new();
    for target in std::env::args().skip(1) {
        match ftpane::tui::resolve::resolve(&target, &resolver, &|_| {}) {
            Ok(place) => places.push(place),
            Err(error) => return refuse(&error),
        }
    }
    let engine =
        panes::engine((None, ftpane::engine::AWAY), None, (paths.state(), ftpane::model::Limits::default()), Some(servers.clone()));
    panes::open(places, |left, right| ftpane::tui::Setup { servers: Some(servers), ..ftpane::tui::Setup::new(left, right, paths, engine) })
}

#[cfg(not(any(feature = "cli", feature = "tui")))]
fn main() -> ExitCode {
    eprintln!("ftpane: built without the panes (feature tui) and without the commands (feature cli): there is nothing it can do");
    ExitCode::from(2)
}

/// Opens the panes.
#[cfg(all(feature = "cli", feature = "tui"))]
fn open_panes(asked: ftpane::cli::panes::Panes) -> ExitCode {
    let log = match panes::log(asked.wishes.log.as_deref()) {
        Ok(log) => log,
        Err(error) => return refuse(&error),
    };
    let (wishes, settings) = (asked.wishes, asked.settings);
    let places = asked.places.into_iter().map(|place| ftpane::app::msg::Resolved { spec: place.spec, path: place.path }).collect();
    panes::open(places, |left, right| {
        let servers = asked.servers;
        let engine =
            panes::engine((wishes.retries, wishes.away), settings.lanes, (asked.paths.state(), settings.limit), Some(servers.clone()));
        let mut setup = ftpane::tui::Setup::new(left, right, asked.paths, engine);
        setup.mouse = settings.mouse && !wishes.no_mouse;
        setup.editor.clone_from(&settings.editor);
        setup.notify = settings.notify;
        setup.preferences = panes::preferences(&settings);
        setup.log = log;
        setup.servers = Some(servers.clone());
        setup.ambience = wishes.ways.ambience(&settings);
        setup.dress = std::sync::Arc::new(move |site| {
            wishes.put_on(site, &settings);
            servers.put_on(site);
        });
        setup
    })
}

/// Opens the panes.
#[cfg(all(feature = "cli", not(feature = "tui")))]
fn open_panes(_panes: ftpane::cli::panes::Panes) -> ExitCode {
    refuse(&"built without the panes (feature tui); the commands are there: ftpane --help")
}

/// Opens the panes against the sample server, which goes away with its files at the end.
#[cfg(all(feature = "cli", feature = "demo"))]
fn open_demo(wishes: &ftpane::cli::panes::Wishes) -> ExitCode {
    use ftpane::config::{Paths, SiteStore, targets::Resolver};

    let (demo, log) = match (ftpane::demo::start(), panes::log(wishes.log.as_deref())) {
        (Ok(demo), Ok(log)) => (demo, log),
        (Err(error), _) => return refuse(&error),
        (_, Err(error)) => return refuse(&error),
    };
    let paths = Paths::under(demo.config_dir());
    let resolver = Resolver::new(SiteStore::new(&paths));
    let places = [ftpane::tui::resolve::local(&demo.local_dir()), ftpane::tui::resolve::resolve(&demo.url(), &resolver, &|_| {})];
    let places = match places.into_iter().collect() {
        Ok(places) => places,
        Err(error) => return refuse::<String>(&error),
    };
    panes::open(places, |left, right| {
        let engine = panes::engine((wishes.retries, wishes.away), None, (paths.state(), ftpane::model::Limits::default()), None);
        let mut setup = ftpane::tui::Setup::new(left, right, paths, engine);
        setup.mouse = !wishes.no_mouse;
        setup.preferences.passing = true;
        setup.log = log;
        let wishes = wishes.clone();
        setup.dress = std::sync::Arc::new(move |site| wishes.put_on(site, &ftpane::config::Settings::default()));
        setup
    })
}

/// Says why nothing was begun.
#[cfg(any(feature = "cli", feature = "tui"))]
fn refuse<E: std::fmt::Display>(error: &E) -> ExitCode {
    eprintln!("ftpane: {error}");
    ExitCode::from(2)
}

/// What every way of opening the panes has in common.
#[cfg(feature = "tui")]
mod panes {
    use std::path::Path;
    use std::process::ExitCode;
    use std::sync::Arc;
    use std::time::Duration;

    use ftpane::app::Start;
    use ftpane::app::msg::Resolved;
    #[cfg(feature = "cli")]
    use ftpane::app::{Preferences, pane::Sort};
    use ftpane::config::KnownServers;
    #[cfg(feature = "cli")]
    use ftpane::config::{Notify, Settings};
    use ftpane::engine::{self, Options, Spawner};
    #[cfg(feature = "cli")]
    use ftpane::logging::WireLog;
    #[cfg(feature = "cli")]
    use ftpane::model::Manner;
    use ftpane::model::site::VolumeSpec;
    use ftpane::model::{Limits, VPath};
    use ftpane::tui;
    use ftpane::tui::setup::{Setup, StartEngine};
    use ftpane::volume::any::StandardConnector;

    /// Opens the panes on none, one or two places: a single server goes to the right of a local directory, a single directory to the
    /// left of the sites.
    pub fn open(places: Vec<Resolved>, setup: impl FnOnce(Start, Start) -> Setup) -> ExitCode {
        let mut places = places.into_iter();
        let (left, right) = match (places.next(), places.next()) {
            (None, _) => (here(None), Start::Sites),
            (Some(one), None) => match &one.spec {
                VolumeSpec::Local => (Start::Volume(one), Start::Sites),
                VolumeSpec::Ftp(site, _) => (here(site.local.as_ref()), Start::Volume(one)),
            },
            (Some(one), Some(other)) => (Start::Volume(one), Start::Volume(other)),
        };
        match tui::run(setup(left, right)) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("ftpane: {error:#}");
                ExitCode::from(2)
            }
        }
    }

    /// The directory that is kept with a site, else the one that the program was started in.
    fn here(kept: Option<&VPath>) -> Start {
        let kept = kept.map(|path| Resolved { spec: VolumeSpec::Local, path: Some(path.clone()) });
        match kept.map_or_else(|| tui::resolve::local(Path::new(".")), Ok) {
            Ok(place) => Start::Volume(place),
            // The directory was deleted under us: home, or wherever the disk begins.
            Err(_) => Start::Volume(Resolved { spec: VolumeSpec::Local, path: None }),
        }
    }

    /// Starts the engine, each of its connections on a thread of its own, with its journal in the directory `state`, and with what is known of
    /// servers.
    pub fn engine(
        (retries, away): (Option<u32>, Duration),
        lanes: Option<u16>,
        (state, limits): (&Path, Limits),
        servers: Option<KnownServers>,
    ) -> StartEngine {
        let usual = Options::default();
        let options = Options {
            retries: retries.unwrap_or(usual.retries),
            away,
            lanes: lanes.map_or(usual.lanes, usize::from),
            journal: Some(state.to_owned()),
            limits,
            ..usual
        };
        let connector = servers
            .map_or_else(StandardConnector::default, |servers| StandardConnector::dressing(Arc::new(move |site| servers.put_on(site))));
        Box::new(move || Ok(engine::start(connector, options, Spawner::Threads)))
    }

    /// What the settings say of the panes.
    #[cfg(feature = "cli")]
    pub fn preferences(settings: &Settings) -> Preferences {
        Preferences {
            sort: Sort { key: settings.sort, reverse: settings.reverse },
            hidden: settings.hidden,
            download: settings.existing_download,
            upload: settings.existing_upload,
            manner: Manner { segments: settings.segments, verify: settings.verify, modes: settings.permissions, ..Manner::default() },
            limits: settings.limit,
            notify_after: (settings.notify != Notify::Off).then(|| u64::from(settings.notify_after) * 1000),
            passing: false,
        }
    }

    /// Opens the log that was asked for.
    #[cfg(feature = "cli")]
    pub fn log(path: Option<&Path>) -> Result<Option<WireLog>, String> {
        let open = |path: &Path| WireLog::open(path).map_err(|error| format!("cannot write the log {}: {error}", path.display()));
        path.map(open).transpose()
    }
}
