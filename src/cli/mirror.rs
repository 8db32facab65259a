//! `ftpane mirror`: makes a directory like another, one of them on a server.
//!
//! Guarantee: nothing is begun before both are known to be directories, or the target to be missing; what differs, and what may be
//! deleted when, is the engine's to say.

use std::ffi::OsString;
use std::path::Path;

use crate::config::targets::{Place, RemotePlace};
use crate::model::site::VolumeSpec;
use crate::model::transfer::{Extras, Item, Mirror, Verb};
use crate::model::url::path_from;
use crate::model::{BatchSpec, ConnectionId, During, Existing, Failure, FailureKind, Kind, Manner, Secret, StartDir, VPath};
use crate::volume::Connector;

use super::args;
use super::driver::{Driver, Trouble};
use super::get::kind_behind;
use super::local::{LocalTarget, show, source_of};
use super::options::Context;
use super::report::Reporter;
use super::run::{self, Counted};
use super::stop::{SOME_FAILED, Stop};

const ONE_SIDE: &str = "mirror works between a server and this machine: one of SRC and DST is a URL, a saved site, SITE:path, or host/path";

/// Both sides, checked as far as they can be without a server.
struct Plan {
    remote: RemotePlace,
    secret: Option<Secret>,
    local: VPath,
    up: bool,
}

/// Runs the command.
///
/// # Errors
/// Whatever ends it before all was tried.
pub fn run<C: Connector>(mirror: &args::Mirror, context: &Context, connector: C) -> Result<u8, Stop> {
    let plan = plan(mirror, context)?;
    let log = context.wire_log()?;
    let common = &context.common;
    let manner = run::manner(&mirror.moving, &context.settings);
    let verify = manner.verify || plan.remote.site.verify;
    run::block_on(async move |signals| {
        let mut driver = Driver::start(connector, run::options(&mirror.moving, context), log, signals).keeping(context);
        let mut report = Reporter::of_mirror(common.quiet, common.json, mirror.dry_run).verifying(verify).with(&plan.remote.site);
        let result = carry_out(&mut driver, &mut report, &plan, (mirror, manner)).await;
        driver.close().await;
        let failed = result?;
        report.finish()?;
        Ok(if failed { SOME_FAILED } else { 0 })
    })
}

fn plan(mirror: &args::Mirror, context: &Context) -> Result<Plan, Stop> {
    let (remote, here, up) = sides(mirror, context)?;
    if up {
        run::only_down(&mirror.moving)?;
    }
    let local = if up { source(&here)? } else { target(&here)? };
    let secret = context.passwords.of(&remote)?;
    Ok(Plan { remote, secret, local, up })
}

/// Which side is on a server, what the other is called, and whether the mirror goes up. A bare name that could be a host is one only
/// where the other side is none.
fn sides<'a>(mirror: &'a args::Mirror, context: &Context) -> Result<(RemotePlace, std::path::PathBuf, bool), Stop> {
    let surely = |typed: &'a OsString| context.resolver.is_surely_remote(typed.as_encoded_bytes());
    let (from, to) = (surely(&mirror.source)?, surely(&mirror.target)?);
    let up = match (from, to) {
        (true, true) => return Err(Stop::usage(ONE_SIDE)),
        (true, false) => false,
        (false, true) => true,
        (false, false) => match context.resolver.command(mirror.source.as_encoded_bytes())? {
            Place::Remote(_) => false,
            Place::Local(_) | Place::Stdio => true,
        },
    };
    let (there, here) = if up { (&mirror.target, &mirror.source) } else { (&mirror.source, &mirror.target) };
    let remote = context.other_end(there.as_encoded_bytes(), ONE_SIDE)?;
    let here = match (here.as_encoded_bytes().first(), here.as_encoded_bytes()) {
        (None, _) => return Err(Stop::usage("the local directory is empty; write . for the current directory")),
        (_, b"-") => return Err(Stop::usage("- cannot stand here; mirror needs directories")),
        (Some(b'~'), typed) => match context.resolver.command(typed)? {
            Place::Local(path) => path,
            Place::Remote(_) | Place::Stdio => here.into(),
        },
        (Some(_), _) => here.into(),
    };
    Ok((remote, here, up))
}

fn source(typed: &Path) -> Result<VPath, Stop> {
    match source_of(typed)? {
        Some((path, facts)) if facts.is_dir() => Ok(path),
        Some(_) => Err(Stop::usage(format!("{} is no directory; to copy a file use put", show(typed)))),
        None => Err(Stop::new(SOME_FAILED, format!("{}: there is no such directory here", show(typed)))),
    }
}

fn target(typed: &Path) -> Result<VPath, Stop> {
    let target = LocalTarget::of(typed)?;
    match target.kind {
        None | Some(Kind::Dir) => Ok(target.path),
        Some(_) => Err(Stop::usage(format!("{} is there and no directory", show(typed)))),
    }
}

async fn carry_out(
    driver: &mut Driver,
    report: &mut Reporter,
    plan: &Plan,
    (mirror, manner): (&args::Mirror, Manner),
) -> Result<bool, Stop> {
    let local = run::open_local(driver).await?;
    let spec = VolumeSpec::Ftp(Box::new(run::site(&plan.remote.site, &mirror.moving)), plan.secret.clone());
    let (connection, opened) = match driver.open(spec).await {
        Ok(opened) => opened,
        Err(Trouble::Failed(failure)) => return Err(Stop::not_opened(&failure, &plan.remote.site)),
        Err(Trouble::Stop(stop)) => return Err(stop),
    };
    let home = opened.home.or(opened.start).unwrap_or_else(VPath::root);
    let path = path_from(&plan.remote.site.start, &home).map_err(|bad| Stop::usage(bad.to_string()))?;
    let mut counted = Counted::default();
    match check(driver, connection, &path, plan).await {
        Ok(()) => {}
        Err(Trouble::Stop(stop)) => return Err(stop),
        Err(Trouble::Failed(failure)) => {
            counted.failed(report, &path, &failure);
            return counted.finish(driver, report, Vec::new()).await;
        }
    }
    let (from, to) = if plan.up { (local, connection) } else { (connection, local) };
    let (source, target) = if plan.up { (plan.local.clone(), path) } else { (path, plan.local.clone()) };
    let item = Item { source, target, kind: Kind::Dir, size: None, modified: None, mode: None };
    let extras = if mirror.delete { Extras::Delete } else { Extras::Keep };
    let manner = Manner { mirror: Some(Mirror { extras, dry_run: mirror.dry_run }), ..manner };
    let (id, existing, follow) = (driver.new_batch(), Existing::Differs, mirror.follow);
    let batch = BatchSpec { id, verb: Verb::Copy, from, to, items: vec![item], existing, follow, manner };
    counted.finish(driver, report, vec![batch]).await
}

/// The server's side must be a directory, or a target that can be made.
async fn check(driver: &mut Driver, connection: ConnectionId, path: &VPath, plan: &Plan) -> Result<(), Trouble> {
    if path.is_root() || plan.remote.site.start == StartDir::Login {
        return Ok(());
    }
    match driver.stat(connection, path).await?.as_ref().map(kind_behind) {
        Some(Kind::Dir) => Ok(()),
        None if plan.up => Ok(()),
        None => {
            Err(Trouble::Failed(Failure::new(FailureKind::NotFound, During::Read, "there is no such directory").about(path.as_bytes())))
        }
        Some(_) => {
            let shown = crate::model::text::printable(path.as_bytes());
            Err(Trouble::Stop(Stop::usage(format!("{shown} on the server is no directory"))))
        }
    }
}
