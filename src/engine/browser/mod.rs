//! One task for each pane's connection: opens it, does what the pane asks, keeps it alive, opens it anew after a loss.
//!
//! Guarantee: a lost connection never becomes another file system under the person's cursor. What only looks is repeated once on a
//! connection opened anew to the same site; what changes something is never repeated, and only begun while the listing that the person
//! saw is the newest that this very task made of that directory. Knows nothing of panes: it gets requests and answers them.

mod count;
mod edit;
mod lend;
mod look;
mod remove;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::bus::event::Encrypted;
use crate::bus::{BrowseOp, ConnectionEvent, Event, Guard, Outcome};
use crate::model::site::VolumeSpec;
use crate::model::{ConnectionId, During, Failure, FailureKind, Generation, RequestId, Site, VPath};
use crate::volume::{Connector, Volume};

use super::account::Account;
use super::again::Patience;
use super::dial::{Dialer, Held, Steps};
use super::lane::Farewell;
use super::note::Note;
use super::queue::Runner;
use super::work::Work;

pub(super) use lend::Post;

/// Directories whose newest listing is remembered for guards.
const REMEMBERED: usize = 64;

/// What a browser is asked.
pub(super) enum Ask {
    /// By its pane.
    Op { request: RequestId, op: Box<BrowseOp>, stop: CancellationToken },
    /// By the queue, where the server allows no further connection.
    Work { work: Box<Work>, from: VolumeSpec, to: VolumeSpec },
    /// By the supervisor, where nobody has anything more to ask: to be a lane.
    Serve(Box<Post>),
    /// By the supervisor, where a person has changed how the server is met: by this site, from now on.
    Otherwise(Box<Site>),
}

/// What a browser begins with.
pub(super) struct Browser<C: Connector> {
    id: ConnectionId,
    spec: VolumeSpec,
    dialer: Dialer<C>,
    stop: CancellationToken,
    keep_alive: Duration,
    patience: Patience,
    held: Option<Held<C::Volume>>,
    /// A loss that the pane was not told of yet.
    loss: Option<Failure>,
    listed: Vec<(VPath, Generation)>,
    /// How the connection is encrypted, as the pane was told.
    encrypted: Option<Encrypted>,
}

impl<C: Connector> Browser<C> {
    /// A browser that is not connected yet; how long it may idle, and how patient it is.
    pub(super) fn new(
        id: ConnectionId,
        spec: VolumeSpec,
        dialer: Dialer<C>,
        stop: CancellationToken,
        (keep_alive, patience): (Duration, Patience),
    ) -> Self {
        let keep_alive = match &spec {
            VolumeSpec::Ftp(site, _) => site.keep_alive.map_or(keep_alive, |seconds| Duration::from_secs(u64::from(seconds))),
            VolumeSpec::Local => keep_alive,
        };
        Self { id, spec, dialer, stop, keep_alive, patience, held: None, loss: None, listed: Vec::new(), encrypted: None }
    }

    /// Opens the connection and serves until it is closed.
    pub(super) async fn run(mut self, mut asks: mpsc::UnboundedReceiver<Ask>, farewell: Farewell) {
        let ended = match self.open().await {
            Ok(()) => {
                self.serve(&mut asks).await;
                ConnectionEvent::Closed
            }
            Err(_) if self.stop.is_cancelled() => ConnectionEvent::Closed,
            Err(failure) => ConnectionEvent::Refused(failure),
        };
        if let Some(held) = self.held.take() {
            held.close().await;
        }
        self.turn_away(&mut asks, &ended);
        self.dialer.outbox.connection(self.id, ended);
        drop(farewell);
    }

    async fn open(&mut self) -> Result<(), Failure> {
        let (outbox, id) = (self.dialer.outbox.clone(), self.id);
        let steps: Steps = Arc::new(move |phrase| outbox.connection(id, ConnectionEvent::Connecting(phrase)));
        let stop = self.stop.clone();
        let held = self.dialer.dial(&self.spec, self.id, &stop, steps).await?;
        let opened = held.volume.opened().clone();
        self.held = Some(held);
        self.encrypted = opened.encrypted;
        self.tell(Note::BrowserOpen(self.id));
        self.dialer.outbox.connection(self.id, ConnectionEvent::Opened(Box::new(opened)));
        Ok(())
    }

    async fn serve(&mut self, asks: &mut mpsc::UnboundedReceiver<Ask>) {
        let stop = self.stop.clone();
        loop {
            // A local volume, and one that is lost, need no keeping alive: then nothing wakes this task but a request.
            let kept = matches!(self.spec, VolumeSpec::Ftp(..)) && self.held.is_some() && !self.keep_alive.is_zero();
            let ask = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                ask = asks.recv() => ask,
                () = tokio::time::sleep(self.keep_alive), if kept => {
                    self.keep().await;
                    continue;
                }
            };
            match ask {
                None => return,
                Some(Ask::Op { request, op, stop }) => self.answer(request, &op, &stop).await,
                // What was taken back meanwhile is somebody else's.
                Some(Ask::Work { work, .. }) if matches!(&*work, Work::File(job) if !job.progress.begin()) => {}
                Some(Ask::Work { work, from, to }) => self.stand_in(work, from, to).await,
                Some(Ask::Serve(post)) => self.be_a_lane(*post).await,
                Some(Ask::Otherwise(site)) => self.be_met_otherwise(*site).await,
            }
        }
    }

    async fn keep(&mut self) {
        let Some(held) = &mut self.held else { return };
        let kept = held.volume.keep_alive().await;
        held.tell_learnt();
        if let Err(failure) = kept
            && (held.volume.is_lost() || failure.is_connection_lost())
        {
            self.held = None;
            self.loss = Some(failure);
        }
    }

    async fn answer(&mut self, request: RequestId, op: &BrowseOp, stop: &CancellationToken) {
        let outcome = self.perform(request, op, stop).await;
        if let Some(held) = &mut self.held {
            held.tell_learnt();
            let encrypted = held.volume.opened().encrypted;
            if encrypted != self.encrypted {
                self.encrypted = encrypted;
                if let Some(encrypted) = encrypted {
                    self.dialer.outbox.connection(self.id, ConnectionEvent::Encrypted(encrypted));
                }
            }
            if let (VolumeSpec::Ftp(site, _), Some(learnt)) = (&mut self.spec, held.learnt()) {
                site.learnt = learnt.clone();
            }
        }
        self.reply(request, outcome);
    }

    fn reply(&self, request: RequestId, outcome: Result<Outcome, Failure>) {
        // Before the answer is told: who has it may ask for a copy at once, and this connection is a lane for that only if nothing is asked of it.
        self.tell(Note::Answered(self.id, request));
        self.dialer.outbox.emit(Event::Answered { connection: self.id, request, outcome });
    }

    fn tell(&self, note: Note) {
        // Nobody listens only when the engine has ended.
        let _ = self.dialer.notes.send(note);
    }

    async fn perform(&mut self, request: RequestId, op: &BrowseOp, stop: &CancellationToken) -> Result<Outcome, Failure> {
        let cancelled = || Failure::cancelled(During::Command);
        if stop.is_cancelled() {
            return Err(cancelled());
        }
        if let Some(guard) = guard_of(op) {
            self.check(guard)?;
        }
        let mut shown = false;
        let first = self.once(request, op, stop, &mut shown).await;
        match first {
            // Rows that went out cannot be taken back, so a listing is only begun again where none did.
            Err(failure)
                if self.held.is_none() && only_looks(op) && !shown && !stop.is_cancelled() && failure.kind != FailureKind::LoginRefused =>
            {
                self.once(request, op, stop, &mut shown).await
            }
            first => first,
        }
        .map_err(|failure| if stop.is_cancelled() { cancelled() } else { failure })
    }

    /// Refuses what would act on something else than what the person saw.
    fn check(&self, guard: &Guard) -> Result<(), Failure> {
        let newest = self.listed.iter().find(|(path, _)| *path == guard.directory);
        if newest.is_some_and(|(_, generation)| *generation == guard.generation) {
            return Ok(());
        }
        Err(Failure::new(FailureKind::Invalid, During::Command, "the directory was listed anew since")
            .about(guard.directory.as_bytes())
            .hint("look at it again and repeat the command"))
    }

    fn remember(&mut self, path: &VPath, generation: Generation) {
        // 0 is a listing that no pane shows.
        if generation == Generation(0) {
            return;
        }
        self.listed.retain(|(known, _)| known != path);
        if self.listed.len() == REMEMBERED {
            self.listed.remove(0);
        }
        self.listed.push((path.clone(), generation));
    }

    /// Does `op` once, on a connection opened anew where the last one was lost.
    async fn once(&mut self, request: RequestId, op: &BrowseOp, stop: &CancellationToken, shown: &mut bool) -> Result<Outcome, Failure> {
        self.reopen(stop).await?;
        let outcome = self.dispatch(request, op, stop, shown).await;
        let lost = self.held.as_ref().is_none_or(|held| held.volume.is_lost());
        if lost || outcome.as_ref().err().is_some_and(Failure::is_connection_lost) {
            let failure = outcome.as_ref().err().cloned();
            let failure = failure.unwrap_or_else(|| Failure::new(FailureKind::Disconnected, During::Command, "the connection was lost"));
            self.held = None;
            self.dialer.outbox.connection(self.id, ConnectionEvent::Lost(failure));
            self.loss = None;
        }
        if let (Ok(Outcome::Listed { path: called, .. }), BrowseOp::List { path, generation }) = (&outcome, op) {
            self.remember(path, *generation);
            // A link that was entered is shown, and guarded, under the name the volume has for it.
            self.remember(called, *generation);
        }
        outcome
    }

    /// Opens the connection anew, to the same site, where it was lost.
    async fn reopen(&mut self, stop: &CancellationToken) -> Result<(), Failure> {
        if self.held.as_ref().is_some_and(|held| held.volume.is_lost()) {
            self.held = None;
            self.loss = Some(Failure::new(FailureKind::Disconnected, During::Command, "the connection was lost"));
        }
        if self.held.is_some() {
            return Ok(());
        }
        if let Some(failure) = self.loss.take() {
            self.dialer.outbox.connection(self.id, ConnectionEvent::Lost(failure));
        }
        let held = self.dialer.dial(&self.spec, self.id, stop, Arc::new(|_| {})).await?;
        self.held = Some(held);
        self.dialer.outbox.connection(self.id, ConnectionEvent::Reopened);
        Ok(())
    }

    async fn dispatch(
        &mut self,
        request: RequestId,
        op: &BrowseOp,
        stop: &CancellationToken,
        shown: &mut bool,
    ) -> Result<Outcome, Failure> {
        let Some(held) = &mut self.held else { return Err(Failure::cancelled(During::Connect)) };
        let volume = &mut held.volume;
        let outbox = &self.dialer.outbox;
        match op {
            BrowseOp::List { path, generation } => {
                look::list(volume, outbox, look::Listing { connection: self.id, request, path, generation: *generation }, stop, shown).await
            }
            BrowseOp::Stat { path } => volume.stat(path).await.map(Outcome::Stat),
            BrowseOp::MakeDir { path } => look::make_dirs(volume, path).await.map(|()| Outcome::Done),
            BrowseOp::Rename { from, to, .. } => volume.rename(from, to, false).await.map(|()| Outcome::Done),
            BrowseOp::Remove { guard, entries, how } => {
                remove::remove(volume, &guard.directory, entries, *how, stop).await.map(|()| Outcome::Done)
            }
            BrowseOp::Count { directory, entries } => {
                count::count(volume, outbox, request, (directory, entries), stop).await.map(Outcome::Counted)
            }
            BrowseOp::SetMode { path, mode } => volume.set_mode(path, *mode).await.map(|()| Outcome::Done),
            BrowseOp::Read { path, offset, length } => look::window(volume, path, *offset, *length, stop).await,
            BrowseOp::Fetch { path, to } => {
                let mut local = self.dialer.dial(&VolumeSpec::Local, self.id, stop, Arc::new(|_| {})).await?;
                edit::fetch(volume, &mut local.volume, path, to, stop).await.map(Outcome::Fetched)
            }
            BrowseOp::Store { from, path } => {
                let mut local = self.dialer.dial(&VolumeSpec::Local, self.id, stop, Arc::new(|_| {})).await?;
                edit::store(&mut local.volume, volume, from, path, stop).await.map(Outcome::Stored)
            }
            BrowseOp::Raw { line } => volume.raw(line).await.map(Outcome::Replied),
        }
    }

    /// Answers what can no longer be done.
    fn turn_away(&self, asks: &mut mpsc::UnboundedReceiver<Ask>, ended: &ConnectionEvent) {
        asks.close();
        let failure = match ended {
            ConnectionEvent::Refused(failure) => failure.clone(),
            _ => Failure::cancelled(During::Command),
        };
        while let Ok(ask) = asks.try_recv() {
            match ask {
                Ask::Op { request, .. } => self.reply(request, Err(failure.clone())),
                Ask::Work { work, .. } => {
                    let account = Account::of(&self.spec);
                    let busy = Failure { kind: FailureKind::TooMany, ..failure.clone() };
                    self.tell(Note::LaneRefused(Runner::Browser(self.id), account, Some(work), busy));
                }
                // That the lane has ended is told as it goes.
                Ask::Serve(_) | Ask::Otherwise(_) => {}
            }
        }
    }
}

fn guard_of(op: &BrowseOp) -> Option<&Guard> {
    match op {
        BrowseOp::Rename { guard, .. } | BrowseOp::Remove { guard, .. } => Some(guard),
        BrowseOp::List { .. }
        | BrowseOp::Stat { .. }
        | BrowseOp::MakeDir { .. }
        | BrowseOp::Count { .. }
        | BrowseOp::SetMode { .. }
        | BrowseOp::Read { .. }
        | BrowseOp::Fetch { .. }
        | BrowseOp::Store { .. }
        | BrowseOp::Raw { .. } => None,
    }
}

/// Whether doing it twice is the same as doing it once.
fn only_looks(op: &BrowseOp) -> bool {
    matches!(op, BrowseOp::List { .. } | BrowseOp::Stat { .. } | BrowseOp::Read { .. } | BrowseOp::Count { .. } | BrowseOp::Fetch { .. })
}
