//! `ftpane get`: copies from servers to here, like `cp -r`.
//!
//! What can be known without a connection is checked before one is made; what needs the server (is this a directory?) before
//! anything is copied.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use crate::config::targets::{Place, RemotePlace};
use crate::model::journal::place_text;
use crate::model::site::VolumeSpec;
use crate::model::transfer::{Item, Verb};
use crate::model::url::{FtpUrl, path_from};
use crate::model::{BatchSpec, ConnectionId, During, Entry, Existing, Failure, FailureKind, Kind, Manner, Secret, Site, VPath};
use crate::volume::Connector;

use super::again::{Begun, looks_unfinished};
use super::args::{Copying, Get};
use super::driver::{Driver, Trouble};
use super::local::LocalTarget;
use super::options::{Context, at_login};
use super::output::{self, Output};
use super::report::Reporter;
use super::run::{self, Counted};
use super::stop::{NO_LOGIN, SOME_FAILED, Stop};

const SAY_WHERE: &str = "get copies from a server: give a URL, a saved site, SITE:path, or host/path first";

/// Everything that was asked for, checked as far as it can be without a server.
struct Plan {
    servers: Vec<Server>,
    target: LocalTarget,
    output: Option<Output>,
    several: bool,
}

/// Sources of one account.
struct Server {
    site: Site,
    secret: Option<Secret>,
    sources: Vec<RemotePlace>,
}

/// Runs the command.
///
/// # Errors
/// Whatever ends it before all was tried.
pub fn run<C: Connector>(get: &Get, context: &Context, connector: C) -> Result<u8, Stop> {
    let plan = plan(get, context)?;
    let log = context.wire_log()?;
    let common = &context.common;
    let manner = run::manner(&get.copying.moving, &context.settings);
    let verify = manner.verify || plan.servers.iter().any(|server| server.site.verify);
    let mut options = run::options(&get.copying.moving, context);
    if plan.output.is_some() {
        // What went down a pipe cannot be gone on with.
        options.journal = None;
    }
    run::block_on(async move |signals| {
        let mut driver = Driver::start(connector, options, log, signals).keeping(context);
        let mut report = Reporter::new(common.quiet, common.json).verifying(verify);
        if let [server] = plan.servers.as_slice() {
            report = report.with(&server.site);
        }
        let result = copy(&mut driver, &mut report, &plan, (&get.copying, manner)).await;
        driver.close().await;
        if let Some(output) = plan.output {
            // A reader that has gone, as `| head` does, wants no message.
            output.finish().or_else(run::forgive_closed)?;
        }
        let failed = result?;
        report.finish()?;
        Ok(if failed { SOME_FAILED } else { 0 })
    })
}

fn plan(get: &Get, context: &Context) -> Result<Plan, Stop> {
    let (sources, local) = split(&get.paths, context)?;
    let mut places = Vec::with_capacity(sources.len());
    for source in sources {
        let place = context.remote(source.as_encoded_bytes(), SAY_WHERE)?;
        if place.directory && !get.copying.recursive {
            // Not as it was typed: there may be a password in it.
            return Err(needs_recursive(&FtpUrl::of_site(&place.site).to_string()));
        }
        places.push(place);
    }
    let several = places.len() > 1;
    let output = output::is_stdout(Path::new(&local)).then(Output::open).transpose()?;
    let target = match &output {
        Some(output) => LocalTarget { path: output.path.clone(), kind: Some(Kind::Other), slash: false },
        None => target(&local, context)?,
    };
    if several && target.kind != Some(Kind::Dir) {
        return Err(Stop::usage("several sources need an existing directory to go into"));
    }
    if output.is_some() && context.common.json {
        return Err(Stop::usage("--json and - both want standard output; choose one"));
    }
    Ok(Plan { servers: group(places, context)?, target, output, several })
}

/// The sources, and where to copy to: the current directory where all arguments are sources.
fn split<'a>(paths: &'a [OsString], context: &Context) -> Result<(&'a [OsString], OsString), Stop> {
    match paths.split_last() {
        Some((last, sources)) if !sources.is_empty() && !context.resolver.is_surely_remote(last.as_encoded_bytes())? => {
            Ok((sources, last.clone()))
        }
        _ => Ok((paths, ".".into())),
    }
}

/// A local name is taken as it is: `name`, `c:name` and `dir/name` alike.
fn target(local: &OsString, context: &Context) -> Result<LocalTarget, Stop> {
    let typed = local.as_encoded_bytes();
    match typed.first() {
        None => Err(Stop::usage("the target is empty; write . for the current directory")),
        Some(b'~') => match context.resolver.command(typed)? {
            Place::Local(path) => LocalTarget::of(&path),
            _ => LocalTarget::of(Path::new(local)),
        },
        Some(_) => LocalTarget::of(Path::new(local)),
    }
}

fn group(places: Vec<RemotePlace>, context: &Context) -> Result<Vec<Server>, Stop> {
    let mut servers: Vec<Server> = Vec::new();
    for place in places {
        let secret = context.passwords.of(&place)?;
        let is_same =
            |server: &Server| server.site.is_same_tree(&place.site) && server.secret == secret && server.site.ascii == place.site.ascii;
        match servers.iter_mut().find(|server| is_same(server)) {
            Some(server) => server.sources.push(place),
            None => servers.push(Server { site: at_login(&place.site), secret, sources: vec![place] }),
        }
    }
    Ok(servers)
}

/// Opens, looks, copies; tells whether some of it failed.
async fn copy(driver: &mut Driver, report: &mut Reporter, plan: &Plan, (copying, manner): (&Copying, Manner)) -> Result<bool, Stop> {
    let local = run::open_local(driver).await?;
    let mut begun = Begun::of(driver).await?;
    let mut counted = Counted::default();
    let mut batches = Vec::new();
    let mut taken: HashMap<VPath, (usize, VPath)> = HashMap::new();
    for (n, server) in plan.servers.iter().enumerate() {
        let spec = VolumeSpec::Ftp(Box::new(run::site(&server.site, &copying.moving)), server.secret.clone());
        let (connection, opened) = match driver.open(spec).await {
            Ok(opened) => opened,
            // Where there is another server, its files are copied all the same.
            Err(Trouble::Failed(failure)) if plan.servers.len() > 1 && failure.kind != FailureKind::Cancelled => {
                counted.unreachable(report, Stop::not_opened(&failure, &server.site), server.sources.len());
                continue;
            }
            // A login that was given up, for a wrong password or for want of one, says nothing of the other servers either.
            Err(Trouble::Stop(stop)) if plan.servers.len() > 1 && stop.code == NO_LOGIN => {
                counted.unreachable(report, stop, server.sources.len());
                continue;
            }
            Err(Trouble::Failed(failure)) => return Err(Stop::not_opened(&failure, &server.site)),
            Err(Trouble::Stop(stop)) => return Err(stop),
        };
        let home = opened.home.or(opened.start).unwrap_or_else(VPath::root);
        let mut items = Vec::new();
        for place in &server.sources {
            let path = path_from(&place.site.start, &home).map_err(|bad| Stop::usage(bad.to_string()))?;
            match item(driver, connection, (&path, place), plan, copying).await {
                Ok(mut item) => match taken.insert(item.target.clone(), (n, item.source.clone())) {
                    None => {
                        go_on(&mut begun, report, (&server.site, &mut item), (plan, copying));
                        items.push(item);
                    }
                    Some(other) if other == (n, item.source) => report.named_twice(&path),
                    Some(_) => counted.failed(report, &path, &doubled(&item.target)),
                },
                Err(Trouble::Failed(failure)) => counted.failed(report, &path, &failure),
                Err(Trouble::Stop(stop)) => return Err(stop),
            }
        }
        if !items.is_empty() {
            batches.push(batch(driver.new_batch(), (connection, local), items, (copying, manner)));
        }
    }
    let failed = counted.finish(driver, report, batches).await?;
    if !failed {
        begun.settle(driver).await;
    }
    Ok(failed)
}

/// What an earlier run has begun of the same goes on where that began it.
fn go_on(begun: &mut Begun, report: &mut Reporter, (site, item): (&Site, &mut Item), (plan, copying): (&Plan, &Copying)) {
    let from = place_text(Some(site), &item.source);
    let (own, below) = (place_text(None, &plan.target.path), place_text(None, &item.target));
    let name = item.source.name();
    let known = begun.meant_itself(&from, &own, &below);
    let seen =
        || run::existing(copying) == Existing::Resume && name.is_some_and(|name| looks_unfinished(&plan.target.path, name.as_bytes()));
    if item.kind == Kind::Dir && !plan.several && item.target != plan.target.path && (known || seen()) {
        item.target = plan.target.path.clone();
        report.goes_on_in(&item.target);
    }
    begun.take_over(&from, &place_text(None, &item.target));
}

/// What becomes of one source.
async fn item(
    driver: &mut Driver,
    connection: ConnectionId,
    (path, place): (&VPath, &RemotePlace),
    plan: &Plan,
    copying: &Copying,
) -> Result<Item, Trouble> {
    // Nameless: the root, or the login directory where the URL has no path.
    let nameless = path.is_root() || place.site.start == crate::model::StartDir::Login;
    let entry = if nameless { None } else { look(driver, connection, (path, place), copying).await? };
    let kind = entry.as_ref().map_or(if nameless { Kind::Dir } else { Kind::File }, kind_behind);
    if kind == Kind::Dir && !copying.recursive {
        return Err(Trouble::Stop(needs_recursive(&crate::model::text::printable(path.as_bytes()))));
    }
    if kind != Kind::Dir && place.directory {
        return Err(Trouble::Failed(
            Failure::new(FailureKind::Invalid, During::Read, "it is no directory")
                .about(path.as_bytes())
                .hint("leave the / at the end out"),
        ));
    }
    let target = match (plan.target.kind, path.name()) {
        (Some(Kind::Dir), Some(name)) if !nameless => plan.target.path.join(&name),
        (Some(Kind::File | Kind::Other | Kind::Link), _) if kind == Kind::Dir => {
            return Err(Trouble::Stop(Stop::usage("a directory cannot be copied onto a file")));
        }
        (None, _) if plan.target.slash && kind != Kind::Dir => {
            return Err(Trouble::Stop(Stop::usage("the target directory does not exist; make it first")));
        }
        _ => plan.target.path.clone(),
    };
    debug_assert!(!plan.several || plan.target.kind == Some(Kind::Dir));
    let entry = entry.as_ref();
    Ok(Item {
        source: path.clone(),
        target,
        kind,
        size: entry.filter(|entry| entry.kind != Kind::Link).and_then(Entry::file_size),
        modified: entry.and_then(|entry| entry.modified),
        mode: entry.and_then(|entry| entry.mode),
    })
}

/// What is at the source. Where nothing is, a plain copy may still ask the server for it (`None`), so that the server itself says why not;
/// a rule that would leave the source alone must not make a success of it.
async fn look(
    driver: &mut Driver,
    connection: ConnectionId,
    (path, place): (&VPath, &RemotePlace),
    copying: &Copying,
) -> Result<Option<Entry>, Trouble> {
    match driver.stat(connection, path).await? {
        None if place.directory || run::existing(copying) != Existing::Overwrite => Err(Trouble::Failed(
            Failure::new(FailureKind::NotFound, During::Read, "there is no such file or directory").about(path.as_bytes()),
        )),
        found => Ok(found),
    }
}

/// What an entry is, a link taken for what it leads to.
pub fn kind_behind(entry: &Entry) -> Kind {
    match (entry.kind, entry.leads_to) {
        (Kind::Link, Some(kind)) if kind != Kind::Link => kind,
        (Kind::Link, _) => Kind::File,
        (kind, _) => kind,
    }
}

/// The failure for two sources that would become the same file.
pub fn doubled(target: &VPath) -> Failure {
    Failure::new(FailureKind::Invalid, During::Write, "another source of this command has the same name").about(target.as_bytes())
}

/// The sentence for a directory that was not asked for as one.
pub fn needs_recursive(what: &str) -> Stop {
    Stop::usage(format!("{what} is a directory; add -r to copy it with all that is in it"))
}

/// One batch of copies.
pub fn batch(
    id: crate::model::BatchId,
    (from, to): (ConnectionId, ConnectionId),
    items: Vec<Item>,
    (copying, manner): (&Copying, Manner),
) -> BatchSpec {
    BatchSpec { id, verb: Verb::Copy, from, to, items, existing: run::existing(copying), follow: copying.follow, manner }
}
