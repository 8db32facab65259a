//! `ftpane put`: copies from here to a server, like `cp -r`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::path::Path;

use crate::config::targets::RemotePlace;
use crate::model::journal::place_text;
use crate::model::site::VolumeSpec;
use crate::model::transfer::Item;
use crate::model::url::path_from;
use crate::model::{ConnectionId, During, Existing, Failure, FailureKind, Kind, Manner, Name, Secret, StartDir, Timestamp, VPath};
use crate::volume::Connector;

use super::again::{Begun, os as os_of};
use super::args::{Copying, Put};
use super::driver::{Driver, Trouble};
use super::get::{batch, kind_behind, needs_recursive};
use super::local::{is_nameless, show, source_of};
use super::options::Context;
use super::report::Reporter;
use super::run::{self, Counted};
use super::stop::{SOME_FAILED, Stop};

const SAY_WHERE: &str = "put copies to a server: the last argument is a URL, a saved site, SITE:path, or host/path";

/// Everything that was asked for, checked as far as it can be without a server.
struct Plan {
    place: RemotePlace,
    secret: Option<Secret>,
    sources: Vec<Source>,
    several: bool,
    /// Sources that are not there.
    missing: Vec<VPath>,
}

struct Source {
    path: VPath,
    metadata: Metadata,
    nameless: bool,
}

/// Runs the command.
///
/// # Errors
/// Whatever ends it before all was tried.
pub fn run<C: Connector>(put: &Put, context: &Context, connector: C) -> Result<u8, Stop> {
    let plan = plan(put, context)?;
    let common = &context.common;
    let manner = run::manner(&put.copying.moving, &context.settings);
    let mut report = Reporter::new(common.quiet, common.json).verifying(manner.verify || plan.place.site.verify).with(&plan.place.site);
    let mut counted = Counted::default();
    for path in &plan.missing {
        counted.failed(&mut report, path, &missing(path));
    }
    if plan.sources.is_empty() {
        counted.end(&mut report);
        report.finish()?;
        return Ok(SOME_FAILED);
    }
    let log = context.wire_log()?;
    run::block_on(async move |signals| {
        let mut driver = Driver::start(connector, run::options(&put.copying.moving, context), log, signals).keeping(context);
        let result = copy(&mut driver, &mut report, (&plan, counted), (&put.copying, manner)).await;
        driver.close().await;
        let failed = result?;
        report.finish()?;
        Ok(if failed { SOME_FAILED } else { 0 })
    })
}

fn missing(path: &VPath) -> Failure {
    Failure::new(FailureKind::NotFound, During::Read, "there is no such file or directory here").about(path.as_bytes())
}

fn plan(put: &Put, context: &Context) -> Result<Plan, Stop> {
    let Some((last, locals)) = put.paths.split_last().filter(|(_, locals)| !locals.is_empty()) else {
        return Err(Stop::usage(format!("two arguments at least are needed: {SAY_WHERE}")));
    };
    run::only_down(&put.copying.moving)?;
    let place = context.other_end(last.as_encoded_bytes(), SAY_WHERE)?;
    let mut sources = Vec::with_capacity(locals.len());
    let mut missing = Vec::new();
    for local in locals {
        match source(local, put.copying.recursive)? {
            Some(source) => sources.push(source),
            None => missing.push(absolute(Path::new(local))?),
        }
    }
    let secret = if sources.is_empty() { None } else { context.passwords.of(&place)? };
    Ok(Plan { place, secret, sources, several: locals.len() > 1, missing })
}

fn absolute(local: &Path) -> Result<VPath, Stop> {
    let unusable = |why: String| Stop::usage(format!("{} cannot be used: {why}", show(local)));
    let path = std::path::absolute(local).map_err(|error| unusable(error.to_string()))?;
    VPath::parse(path.as_os_str().as_encoded_bytes()).map_err(|bad| unusable(bad.to_string()))
}

fn source(local: &OsString, recursive: bool) -> Result<Option<Source>, Stop> {
    let typed = Path::new(local);
    if local.as_encoded_bytes().windows(3).any(|window| window == b"://") && !typed.exists() {
        return Err(Stop::usage("put takes local files first and then one URL; to copy from a server use get"));
    }
    let Some((path, metadata)) = source_of(typed)? else { return Ok(None) };
    if metadata.is_dir() && !recursive {
        return Err(needs_recursive(&show(typed)));
    }
    let nameless = is_nameless(typed) || path.is_root();
    Ok(Some(Source { path, metadata, nameless }))
}

async fn copy(
    driver: &mut Driver,
    report: &mut Reporter,
    (plan, mut counted): (&Plan, Counted),
    (copying, manner): (&Copying, Manner),
) -> Result<bool, Stop> {
    let local = run::open_local(driver).await?;
    let spec = VolumeSpec::Ftp(Box::new(run::site(&plan.place.site, &copying.moving)), plan.secret.clone());
    let (connection, opened) = match driver.open(spec).await {
        Ok(opened) => opened,
        Err(Trouble::Failed(failure)) => return Err(Stop::not_opened(&failure, &plan.place.site)),
        Err(Trouble::Stop(stop)) => return Err(stop),
    };
    let home = opened.home.or(opened.start).unwrap_or_else(VPath::root);
    let path = path_from(&plan.place.site.start, &home).map_err(|bad| Stop::usage(bad.to_string()))?;
    let is_surely_dir = path.is_root() || plan.place.site.start == StartDir::Login;
    let there = if is_surely_dir {
        Some(Kind::Dir)
    } else {
        match driver.stat(connection, &path).await {
            Ok(entry) => entry.as_ref().map(kind_behind),
            Err(Trouble::Failed(failure)) => {
                counted.failed(report, &path, &failure);
                return counted.finish(driver, report, Vec::new()).await;
            }
            Err(Trouble::Stop(stop)) => return Err(stop),
        }
    };
    let mut begun = Begun::of(driver).await?;
    let mut taken = HashMap::new();
    let mut items = Vec::new();
    for source in &plan.sources {
        let mut item = item(source, &path, there, plan)?;
        let seen = run::existing(copying) == Existing::Resume && looks_begun(driver, connection, &path, &item).await?;
        go_on((&mut begun, seen), report, &mut item, (&path, plan));
        match taken.insert(item.target.clone(), item.source.clone()) {
            None => items.push(item),
            Some(other) if other == item.source => report.named_twice(&item.source),
            Some(_) => counted.failed(report, &source.path, &super::get::doubled(&item.target)),
        }
    }
    let batches = vec![batch(driver.new_batch(), (local, connection), items, (copying, manner))];
    let failed = counted.finish(driver, report, batches).await?;
    if !failed {
        begun.settle(driver).await;
    }
    Ok(failed)
}

/// What an earlier run has begun of the same goes on where that began it.
fn go_on((begun, seen): (&mut Begun, bool), report: &mut Reporter, item: &mut Item, (path, plan): (&VPath, &Plan)) {
    let site = Some(&plan.place.site);
    let (from, own, below) = (place_text(None, &item.source), place_text(site, path), place_text(site, &item.target));
    if item.kind == Kind::Dir && !plan.several && item.target != *path && (seen || begun.meant_itself(&from, &own, &below)) {
        item.target = path.clone();
        report.goes_on_in(&item.target);
    }
    begun.take_over(&from, &place_text(site, &item.target));
}

/// Whether a directory on the server was begun by a copy of this one that went to it itself: it bears that name, there is something in
/// it, and nothing but what is in the source. For a resume that the journal knows nothing of: an upload leaves no partial to tell it by.
async fn looks_begun(driver: &mut Driver, connection: ConnectionId, path: &VPath, item: &Item) -> Result<bool, Stop> {
    let Some(name) = item.source.name().filter(|name| item.kind == Kind::Dir && path.name().as_ref() == Some(name)) else {
        return Ok(false);
    };
    if item.target != path.join(&name) {
        return Ok(false);
    }
    let source = Path::new(os_of(item.source.as_bytes()));
    let is_of_source = |there: &Name| *there != name && source.join(os_of(there.as_bytes())).symlink_metadata().is_ok();
    let there = driver.names(connection, path).await?;
    Ok(there.is_some_and(|names| !names.is_empty() && names.iter().all(is_of_source)))
}

/// What becomes of one source.
fn item(source: &Source, path: &VPath, there: Option<Kind>, plan: &Plan) -> Result<Item, Stop> {
    let kind = kind_of(&source.metadata);
    if plan.several && there != Some(Kind::Dir) {
        return Err(Stop::usage("several sources need an existing directory to go into"));
    }
    let target = match (there, source.path.name()) {
        (Some(Kind::Dir), Some(name)) if !source.nameless => path.join(&name),
        (Some(Kind::File | Kind::Link | Kind::Other), _) if kind == Kind::Dir => {
            return Err(Stop::usage("a directory cannot be copied onto a file"));
        }
        (Some(Kind::File | Kind::Link | Kind::Other), _) if plan.place.directory => {
            return Err(Stop::usage("the target is a file, not a directory; leave the / at its end out"));
        }
        (None, _) if plan.place.directory && kind != Kind::Dir => {
            return Err(Stop::usage("the target directory does not exist on the server; make it first"));
        }
        _ => path.clone(),
    };
    Ok(Item {
        source: source.path.clone(),
        target,
        kind,
        size: (kind == Kind::File).then_some(source.metadata.len()),
        // The time of a pipe is that of its last byte: it says nothing of what comes.
        modified: (kind != Kind::Other).then(|| modified(&source.metadata)).flatten(),
        mode: mode(&source.metadata),
    })
}

fn kind_of(metadata: &Metadata) -> Kind {
    if metadata.is_dir() {
        Kind::Dir
    } else if metadata.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    let time = jiff::Timestamp::try_from(metadata.modified().ok()?).ok()?;
    Some(Timestamp::exact(time.as_second()))
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> Option<u16> {
    u16::try_from(std::os::unix::fs::MetadataExt::mode(metadata) & 0o7777).ok()
}

#[cfg(not(unix))]
fn mode(_metadata: &Metadata) -> Option<u16> {
    None
}
