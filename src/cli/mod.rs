//! The program without a screen: `ls`, `get`, `put`, `mirror`, `queue`, `sites`, on the same engine as the panes; and the command line for both.
//!
//! Guarantee: standard output holds results only; whatever fails is named on standard error; the exit code says how it ended (see
//! [`stop`]). Must not know the panes: [`parse`] says that they are wanted, and who called opens them.

mod again;
mod args;
mod asker;
mod bars;
mod course;
mod doctor;
mod driver;
mod get;
mod help;
mod import;
mod keys;
pub mod launch;
mod lines;
mod local;
mod ls;
mod mirror;
mod options;
mod output;
pub mod panes;
mod password;
mod prompt;
mod put;
mod queue;
mod reach;
mod report;
mod row;
mod run;
mod show;
mod signals;
mod site_password;
mod sites;
mod slips;
pub mod stop;
mod tls;
pub mod values;
mod vault;
mod why;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::config::Paths;
use crate::model::Site;
use crate::volume::Connector;

use args::{Cli, Command};
use launch::Launch;
use options::Context;
use panes::Panes;
use stop::{DONE, Stop, eprintln_quietly};

/// What the command line asks for.
#[derive(Debug)]
pub enum Order {
    /// Open the panes.
    Panes(Box<Panes>),
    /// Open the panes against the sample server.
    #[cfg(feature = "demo")]
    Demo(Box<panes::Wishes>),
    /// Something without a screen; give it to [`run`].
    Headless(Box<Headless>),
}

/// Something to do without a screen.
#[derive(Debug)]
pub struct Headless {
    command: Command,
    context: Context,
}

impl Headless {
    /// What is put on every site that is dialled: what is known of its server; for what an earlier run began the options about certificates,
    /// which are not kept with it, and those about how a server is reached, which may have changed since then.
    pub fn dress(&self) -> impl Fn(&mut Site) + Send + Sync + 'static + use<> {
        let servers = self.context.servers.clone();
        let options = matches!(self.command, Command::Queue(_))
            .then(|| (tls::TlsOptions::of(&self.context.common), self.context.ways.given().clone()));
        move |site| {
            servers.put_on(site);
            if let Some((options, reach)) = &options {
                site.reach = reach.clone().or(&site.reach);
                // What contradicts what was asked for then does not hold.
                let _ = options.put_on(site);
            }
        }
    }
}

/// Reads the command line. What ends at once (help, version, wrong usage) has been said already when this returns an exit code.
///
/// # Errors
/// The exit code.
pub fn parse(launch: Launch) -> Result<Order, ExitCode> {
    if let Some(note) = &launch.note {
        eprintln_quietly(&format!("ftpane: {note}"));
    }
    let cli = Cli::try_parse_from(&launch.args).map_err(|error| {
        // The message repeats what is wrong: it is made anew of what may be shown.
        let error = Cli::try_parse_from(launch.shown()).err().unwrap_or(error);
        // Where nobody reads help or error there is nothing to be done.
        let _ = error.print();
        if let Some(meant) = slips::in_arguments(&launch.shown()).filter(|_| error.use_stderr()) {
            eprintln_quietly(&format!("ftpane: {meant}"));
        }
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(stop::USAGE))
    })?;
    order(cli, launch).map_err(Stop::exit)
}

fn order(cli: Cli, launch: Launch) -> Result<Order, Stop> {
    match cli.command {
        Some(Command::Man) => print(|out| clap_mangen::Man::new(Cli::command()).render(out)),
        Some(Command::Completions { shell }) => print(|out| {
            clap_complete::generate(shell, &mut Cli::command(), "ftpane", out);
            Ok(())
        }),
        #[cfg(feature = "demo")]
        Some(Command::Demo) => Ok(Order::Demo(Box::new(panes::Wishes::of(&cli.common, reach::Ways::of(&cli.common.reach))))),
        Some(command) => {
            let context = Context::new(cli.common, launch, Paths::of_person()?)?;
            Ok(Order::Headless(Box::new(Headless { command, context })))
        }
        None => {
            let context = Context::new(cli.common, launch, Paths::of_person()?)?;
            Ok(Order::Panes(Box::new(Panes::new(&cli.targets, context)?)))
        }
    }
}

/// Does something without a screen.
pub fn run<C: Connector>(headless: &Headless, connector: C) -> ExitCode {
    let Headless { command, context } = headless;
    let result = match command {
        Command::Ls(ls) => ls::run(ls, context, connector),
        Command::Get(get) => get::run(get, context, connector),
        Command::Put(put) => put::run(put, context, connector),
        Command::Queue(queue) => queue::run(queue, context, connector),
        Command::Mirror(mirror) => mirror::run(mirror, context, connector),
        Command::Doctor(doctor) => doctor::run(doctor, context, connector),
        Command::Sites(sites) => sites::run(&sites.command, context),
        Command::Vault(vault) => vault::run(vault, context),
        // Answered while the command line was read.
        #[cfg(feature = "demo")]
        Command::Demo => Ok(DONE),
        Command::Man | Command::Completions { .. } => Ok(DONE),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(stop) => stop.exit(),
    }
}

/// Prints a whole text and ends.
fn print(make: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<Order, Stop> {
    let mut text = Vec::new();
    let made = make(&mut text).and_then(|()| io::stdout().write_all(&text));
    match made {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Stop::new(stop::SOME_FAILED, error.to_string())),
        _ => Err(Stop::silent(DONE)),
    }
}
