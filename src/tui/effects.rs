//! Runs what the machine asks for. What needs the terminal is handed back to the loop; files are read and written on a thread of
//! their own, one after the other, so that the screen never waits for a disk and a save never overtakes the one before.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use crate::app::msg::SitesLoaded;
use crate::app::{Effect, Msg};
use crate::bus::{BrowseOp, Command};
use crate::config::recent::RecentStore;
use crate::config::targets::Resolver;
use crate::config::{ConfigError, KnownServers, Paths, SiteStore};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::text::printable_str;
use crate::model::{Fingerprint, Site};

use super::resolve::resolve;
use super::secrets::{self, Keeper};

/// What is put on every site that is opened: options of the command line.
pub type Dress = Arc<dyn Fn(&mut Site) + Send + Sync>;

/// What an effect asks of the terminal, and so of the loop.
#[derive(Debug)]
pub enum ForLoop {
    /// Hand the terminal to an editor for this file.
    Edit(PathBuf),
    /// Hand the terminal to a shell in this directory.
    Shell(Option<PathBuf>),
    /// Sleep until woken.
    Suspend,
    /// Put this into the clipboard.
    Clipboard(String),
    /// Tell a person who looks elsewhere.
    Notify(String),
    /// Take or give back the mouse.
    Mouse(bool),
    /// End.
    Quit,
}

/// Runs effects.
pub struct Effects {
    commands: mpsc::UnboundedSender<Command>,
    replies: mpsc::UnboundedSender<Msg>,
    jobs: Option<std_mpsc::Sender<Job>>,
    secrets: Keeper,
    thread: Option<JoinHandle<()>>,
    resolver: Resolver,
    dress: Dress,
}

/// Work on the files of sites and on scratch files.
enum Job {
    Save { old: Option<String>, site: Box<Site> },
    Remove(String),
    Remember(Box<Site>),
    Learn(Box<Site>, Learnt),
    Trust(Box<Site>, Fingerprint),
    Pin(Box<Site>, Vec<Fingerprint>),
    Load,
    Forget(PathBuf),
}

impl Effects {
    /// Commands go to `commands`, answers of effects to `replies`.
    ///
    /// # Errors
    /// Where no thread can be had.
    pub fn new(
        commands: mpsc::UnboundedSender<Command>,
        replies: mpsc::UnboundedSender<Msg>,
        paths: Paths,
        (dress, servers): (Dress, Option<KnownServers>),
    ) -> std::io::Result<Self> {
        let (jobs, todo) = std_mpsc::channel();
        let (answers, here) = (replies.clone(), Files { paths: paths.clone(), servers });
        let thread = std::thread::Builder::new().name("ftpane-files".to_owned()).spawn(move || work(&todo, &answers, &here))?;
        let resolver = Resolver::new(SiteStore::new(&paths));
        let secrets = secrets::start(replies.clone(), paths)?;
        Ok(Self { commands, replies, secrets, jobs: Some(jobs), thread: Some(thread), resolver, dress })
    }

    /// Runs one effect; what the loop must do comes back.
    pub fn run(&self, effect: Effect) -> Option<ForLoop> {
        match effect {
            Effect::Engine(command) => self.send(command),
            Effect::Resolve(request, typed) => {
                let (resolver, dress, replies) = (self.resolver.clone(), Arc::clone(&self.dress), self.replies.clone());
                tokio::task::spawn_blocking(move || {
                    drop(replies.send(Msg::Resolved(request, resolve(typed.as_str(), &resolver, &*dress))))
                });
            }
            Effect::SaveSite { old, site } => self.job(Job::Save { old, site }),
            Effect::RemoveSite(name) => self.job(Job::Remove(name)),
            Effect::Remember(site) => self.job(Job::Remember(site)),
            Effect::Learn(site, learnt) => self.job(Job::Learn(site, learnt)),
            Effect::Trust(site, fingerprint) => self.job(Job::Trust(site, fingerprint)),
            Effect::Pin(site, pins) => self.job(Job::Pin(site, pins)),
            Effect::Secrets(order) => self.secrets.order(order),
            Effect::LoadSites => self.job(Job::Load),
            Effect::Forget(file) => self.job(Job::Forget(file)),
            Effect::Edit(file) => return Some(ForLoop::Edit(file)),
            Effect::Shell(dir) => return Some(ForLoop::Shell(dir)),
            Effect::Suspend => return Some(ForLoop::Suspend),
            Effect::Clipboard(text) => return Some(ForLoop::Clipboard(text)),
            Effect::Notify(text) => return Some(ForLoop::Notify(text)),
            Effect::Mouse(on) => return Some(ForLoop::Mouse(on)),
            Effect::Quit => return Some(ForLoop::Quit),
        }
        None
    }

    fn send(&self, mut command: Command) {
        if let Command::Open { spec: VolumeSpec::Ftp(site, _), .. } = &mut command {
            (self.dress)(site);
        }
        if let Command::Browse { op: BrowseOp::Fetch { to, .. }, .. } = &command
            && let Err(error) = make_private_parent(to)
        {
            drop(self.replies.send(Msg::Trouble(format!("cannot make a directory for {}: {error}", to.display()))));
        }
        // An engine that has ended takes no more commands; the loop notices by its events.
        drop(self.commands.send(command));
    }

    fn job(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The thread ends only with this sender.
            drop(jobs.send(job));
        }
    }

    /// Finishes what was begun: a site that was saved with the last key is saved.
    pub fn finish(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was logged by the hook.
            drop(thread.join());
        }
        self.secrets.finish();
    }
}

/// The directory of a copy that is to be edited: nobody else's to read.
fn make_private_parent(file: &Path) -> std::io::Result<()> {
    let Some(parent) = file.parent() else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(parent)
}

/// The files that are kept.
struct Files {
    paths: Paths,
    servers: Option<KnownServers>,
}

impl Files {
    /// What is known of servers; read where that was not done yet.
    fn servers(&self) -> Result<KnownServers, ConfigError> {
        self.servers.clone().map_or_else(|| KnownServers::load(&self.paths), Ok)
    }
}

fn work(jobs: &std_mpsc::Receiver<Job>, replies: &mpsc::UnboundedSender<Msg>, files: &Files) {
    let paths = &files.paths;
    for job in jobs {
        let shows_sites = matches!(job, Job::Save { .. } | Job::Remove(_) | Job::Remember(_) | Job::Trust(..) | Job::Pin(..) | Job::Load);
        if let Err(error) = run_job(job, files) {
            drop(replies.send(Msg::Trouble(printable_str(&error).into_owned())));
        }
        if shows_sites {
            drop(replies.send(Msg::Sites(load_sites(paths))));
        }
    }
}

fn run_job(job: Job, files: &Files) -> Result<(), String> {
    let paths = &files.paths;
    let store = SiteStore::new(paths);
    let said = |error: ConfigError| error.to_string();
    match job {
        Job::Save { old: Some(old), site } => store.replace(&old, &site).map_err(said),
        Job::Save { old: None, site } => store.add(&site).map_err(said),
        Job::Remove(name) => store.remove(&name).map_err(said),
        Job::Remember(site) => RecentStore::new(paths).remember(&site).map_err(said),
        Job::Learn(site, learnt) => {
            let learn = |servers: KnownServers| servers.learn(&site, &learnt);
            let known = files.servers().and_then(learn);
            match if site.name.is_empty() { Ok(()) } else { store.learn(&site.name, &learnt) } {
                // Renamed or removed meanwhile: nothing to keep it with.
                Err(ConfigError::NoSuchSite(_)) => Ok(()),
                outcome => outcome,
            }
            .and(known)
            .map_err(said)
        }
        Job::Trust(site, fingerprint) => files.servers().and_then(|servers| servers.trust(&site, fingerprint)).map_err(said),
        Job::Pin(site, pins) => files.servers().and_then(|servers| servers.pin(&site, &pins)).map_err(said),
        Job::Load => Ok(()),
        Job::Forget(file) => match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("cannot remove {}: {error}", file.display())),
            _ => {
                // Its directory was made for it alone; one that holds more, such as an editor's backup, goes with the scratch directory.
                let _ = file.parent().map(std::fs::remove_dir);
                Ok(())
            }
        },
    }
}

/// Reads the files of sites. What is wrong with one of them is said and does not hide the other.
pub fn load_sites(paths: &Paths) -> SitesLoaded {
    let mut broken = Vec::new();
    let mut read = |outcome: Result<Vec<Site>, ConfigError>| {
        outcome.unwrap_or_else(|error| {
            broken.push(printable_str(&error.to_string()).into_owned());
            Vec::new()
        })
    };
    let saved = read(SiteStore::new(paths).load());
    let recent = read(RecentStore::new(paths).load());
    // A file of servers that cannot be read is told of where it is used.
    let trusted = KnownServers::load(paths).map(|servers| servers.trusted()).unwrap_or_default();
    SitesLoaded { saved, recent, trusted, broken: (!broken.is_empty()).then(|| broken.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(paths: &Paths) -> (Effects, mpsc::UnboundedReceiver<Msg>) {
        let (commands, _) = mpsc::unbounded_channel();
        let (replies, answers) = mpsc::unbounded_channel();
        (Effects::new(commands, replies, paths.clone(), (Arc::new(|_| {}), None)).unwrap(), answers)
    }

    #[test]
    fn a_site_saved_last_is_saved_before_the_program_ends_and_the_list_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path().join("config"));
        let (mut effects, mut answers) = effects(&paths);
        let site = Site { name: "work".to_owned(), ..Site::of_host("example.org") };
        assert!(effects.run(Effect::SaveSite { old: None, site: Box::new(site) }).is_none());
        effects.finish();
        assert_eq!(load_sites(&paths).saved.len(), 1);
        let Some(Msg::Sites(loaded)) = answers.blocking_recv() else { panic!("the sites were not read again") };
        assert_eq!(loaded.saved.first().map(|site| site.name.as_str()), Some("work"));
    }

    #[test]
    fn a_site_chosen_from_the_list_gets_the_options_of_the_command_line_too() {
        let dir = tempfile::tempdir().unwrap();
        let (commands, mut sent) = mpsc::unbounded_channel();
        let (replies, _answers) = mpsc::unbounded_channel();
        let dress: Dress = Arc::new(|site| site.timeout = Some(7));
        let effects = Effects::new(commands, replies, Paths::under(dir.path()), (dress, None)).unwrap();
        let spec = VolumeSpec::Ftp(Box::new(Site::of_host("example.org")), None);
        effects.run(Effect::Engine(Command::Open { connection: crate::model::ConnectionId(1), spec }));
        let Ok(Command::Open { spec: VolumeSpec::Ftp(site, _), .. }) = sent.try_recv() else { panic!("nothing was opened") };
        assert_eq!(site.timeout, Some(7));
    }

    #[test]
    fn a_broken_file_is_named_and_never_written() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        std::fs::write(paths.sites(), "this is = = no toml").unwrap();
        let (mut effects, mut answers) = effects(&paths);
        effects.run(Effect::SaveSite { old: None, site: Box::new(Site { name: "x".into(), ..Site::of_host("h") }) });
        effects.finish();
        let Some(Msg::Trouble(text)) = answers.blocking_recv() else { panic!("no trouble was told") };
        assert!(text.contains("sites.toml:1"), "{text}");
        assert_eq!(std::fs::read_to_string(paths.sites()).unwrap(), "this is = = no toml");
        assert!(load_sites(&paths).broken.is_some());
    }
}
