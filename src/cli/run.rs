//! What `get` and `put` have in common: the runtime, the rules, the count of what failed.

use std::io;

use crate::bus::BatchSummary;
use crate::config::Settings;
use crate::engine::Options;
use crate::engine::retry::may_pass;
use crate::model::site::VolumeSpec;
use crate::model::{BatchSpec, ConnectionId, Existing, Failure, FailureKind, Limits, Manner, Site, VPath};

use super::args::{Copying, Moving, Rate};
use super::driver::{Driver, Trouble};
use super::options::{Context, at_login};
use super::report::Reporter;
use super::signals::Signals;
use super::stop::{SOME_FAILED, Stop};

/// Whether a server may be opened later. Who cannot be reached at all is told so at once: nothing has begun that would be lost.
pub fn may_open_later(failure: &Failure) -> bool {
    may_pass(failure) && failure.kind != FailureKind::Unreachable
}

/// Runs the work on a runtime of this thread. The first signal ends the work in good order; see [`Signals`].
///
/// # Errors
/// What the work ended with; exit 1 where the system gives no runtime.
pub fn block_on<T>(work: impl AsyncFnOnce(Signals) -> Result<T, Stop>) -> Result<T, Stop> {
    let cannot = |error: io::Error| Stop::new(SOME_FAILED, format!("cannot start: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    runtime.block_on(async { work(Signals::new().map_err(cannot)?).await })
}

/// How the engine is to work.
pub fn options(moving: &Moving, context: &Context) -> Options {
    let unset = Options::default();
    Options {
        lanes: moving.jobs.or(context.settings.lanes).map_or(unset.lanes, usize::from),
        at_once: moving.jobs.is_some(),
        hand_over: true,
        limits: limits(moving.limit, &context.settings),
        retries: context.common.retries.unwrap_or(unset.retries),
        away: context.common.away(),
        journal: Some(context.paths.state().to_owned()),
        ..unset
    }
}

/// How fast it may be: what was said, else what is set.
pub fn limits(said: Option<Rate>, settings: &Settings) -> Limits {
    said.map_or(settings.limit, |Rate(total)| Limits { total, ..Limits::default() })
}

/// Refuses to spread what goes up. FTP gives no way to write one file over several connections that all servers share: some take STOR behind
/// REST as an order to cut the file there, and some keep but one upload of a file.
///
/// # Errors
/// Wrong usage.
pub fn only_down(moving: &Moving) -> Result<(), Stop> {
    match moving.segments {
        Some(2..) => Err(Stop::usage("--segments is for downloads: FTP has no safe way to send one file over several connections")),
        Some(_) | None => Ok(()),
    }
}

/// How a batch is carried out: what was said, else what is set.
pub fn manner(moving: &Moving, settings: &Settings) -> Manner {
    Manner {
        segments: moving.segments.or(settings.segments),
        verify: moving.verify || settings.verify,
        modes: moving.preserve || settings.permissions,
        ..Manner::default()
    }
}

/// A site as these options want it: `-j` goes over the limit that was kept of it.
pub fn site(site: &Site, moving: &Moving) -> Site {
    let mut site = at_login(site);
    if moving.jobs.is_some() {
        site.learnt.connections = None;
    }
    site
}

/// The rule for existing targets.
pub fn existing(copying: &Copying) -> Existing {
    if copying.resume { Existing::Resume } else { copying.existing }
}

/// Opens the local disk.
///
/// # Errors
/// Where even that fails.
pub async fn open_local(driver: &mut Driver) -> Result<ConnectionId, Stop> {
    match driver.open(VolumeSpec::Local).await {
        Ok((connection, _)) => Ok(connection),
        Err(Trouble::Failed(failure)) => Err(Stop::new(SOME_FAILED, failure.to_string())),
        Err(Trouble::Stop(stop)) => Err(stop),
    }
}

/// What failed before it became part of a batch.
#[derive(Debug, Default)]
pub struct Counted {
    failed: u64,
    unreachable: Option<Stop>,
}

impl Counted {
    /// One source failed.
    pub fn failed(&mut self, report: &mut Reporter, path: &VPath, failure: &Failure) {
        self.failed += 1;
        report.failed(path, failure);
    }

    /// The server of so many sources could not be opened.
    pub fn unreachable(&mut self, report: &mut Reporter, stop: Stop, sources: usize) {
        self.failed += u64::try_from(sources).unwrap_or(u64::MAX);
        report.trouble(&stop);
        self.unreachable = Some(Stop::silent(stop.code));
    }

    /// Tells the sum where nothing is left to be copied.
    pub fn end(&self, report: &mut Reporter) {
        report.ended(&BatchSummary { failed: self.failed, ..BatchSummary::default() }, false);
    }

    /// Copies what is left; tells whether something failed.
    ///
    /// # Errors
    /// Exit 3 where no server could be opened, 130 after a signal.
    pub async fn finish(self, driver: &mut Driver, report: &mut Reporter, batches: Vec<BatchSpec>) -> Result<bool, Stop> {
        if batches.is_empty() {
            return match self.unreachable {
                Some(stop) => Err(stop),
                None => {
                    self.end(report);
                    Ok(self.failed > 0)
                }
            };
        }
        report.failed_before(self.failed);
        let total = driver.copy(batches, report).await?;
        Ok(self.failed + total.failed + total.cancelled > 0)
    }
}

/// Writing to a pipe whose reader has gone is an end, not a failure to speak of.
///
/// # Errors
/// Exit 1 for anything else: results that were not written, as on a full disk, are no success.
pub fn forgive_closed(error: io::Error) -> Result<(), Stop> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Ok(())
    } else {
        Err(Stop::new(SOME_FAILED, format!("cannot write to standard output: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_what_is_set_and_what_is_set_holds_where_nothing_is_said() {
        let unsaid = Moving { jobs: None, segments: None, limit: None, verify: false, preserve: false };
        let said = Moving { segments: Some(1), limit: Some(Rate(None)), ..unsaid.clone() };
        let limit = Limits { total: Some(5), down: Some(3), up: None };
        let set = Settings { segments: Some(4), verify: true, permissions: true, limit, ..Settings::default() };
        let of = |moving: &Moving| manner(moving, &set);
        assert_eq!(of(&unsaid), Manner { segments: Some(4), verify: true, modes: true, ..Manner::default() });
        assert_eq!(of(&said).segments, Some(1));
        assert_eq!((limits(unsaid.limit, &set), limits(said.limit, &set)), (limit, Limits::default()));
        assert_eq!(manner(&unsaid, &Settings::default()), Manner::default());
    }

    #[test]
    fn who_cannot_be_reached_is_not_waited_for() {
        let of = |kind| may_open_later(&Failure::new(kind, crate::model::During::Connect, ""));
        assert!(of(FailureKind::TooMany) && of(FailureKind::Disconnected));
        assert!(!of(FailureKind::Unreachable) && !of(FailureKind::LoginRefused));
    }
}
