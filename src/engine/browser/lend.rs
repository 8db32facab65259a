//! A browser's connection at work for the queue, and what becomes of it when its server is met in another way.
//!
//! Guarantee: what is lent is protected as the work asks for; where it is not, the work gets a connection of its own.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::engine::account::{Account, Way};
use crate::engine::again::Patience;
use crate::engine::connected::NoConnection;
use crate::engine::dial::Held;
use crate::engine::lane::{self, Farewell, Lane};
use crate::engine::note::Note;
use crate::engine::queue::Runner;
use crate::engine::work::{End, Given, Work};
use crate::engine::worker::{Slot, Worker};
use crate::model::site::VolumeSpec;
use crate::model::{ConnectionId, Site};
use crate::volume::{Connector, Volume as _};

use super::Browser;

/// What makes a browser a lane.
pub(in crate::engine) struct Post {
    pub(in crate::engine) runner: Runner,
    /// What the lane is between; the browser's connection is one end of it.
    pub(in crate::engine) ends: (VolumeSpec, VolumeSpec),
    /// The number in the log of the other end.
    pub(in crate::engine) other: ConnectionId,
    pub(in crate::engine) work: mpsc::UnboundedReceiver<Given>,
    pub(in crate::engine) ended: Farewell,
    /// Without work for so long it is a lane no more.
    pub(in crate::engine) idle: Duration,
    pub(in crate::engine) stop: CancellationToken,
}

impl<C: Connector> Browser<C> {
    /// Runs one piece of work on the pane's own connection, between requests.
    pub(super) async fn stand_in(&mut self, work: Box<Work>, from: VolumeSpec, to: VolumeSpec) {
        let at_source = Account::of(&from) == Account::of(&self.spec);
        let lent = self.lend(if at_source { &from } else { &to }).await;
        let is_lent = lent.is_some();
        let mut from = Slot::new(from, self.id);
        let mut to = Slot::new(to, self.id);
        if at_source {
            from.held = lent;
        } else {
            to.held = lent;
        }
        // The pane waits as long.
        let patience = Patience { away: Duration::ZERO, ..self.patience };
        let mut worker = Worker::new(self.dialer.clone(), from, to, patience, work.facts().stop.clone());
        let ran = worker.run(&work).await;
        if is_lent {
            self.held = if at_source { worker.from.held.take() } else { worker.to.held.take() };
        }
        if let (Some(held), VolumeSpec::Ftp(site, _)) = (&mut self.held, &self.spec) {
            // The type was the batch's.
            held.volume.move_as(&site.ascii);
        }
        worker.close().await;
        let runner = Runner::Browser(self.id);
        self.tell(match (ran, &*work) {
            (Ok(end), _) => Note::WorkEnded(runner, work, end),
            (Err(why @ NoConnection::Outdated), _) => why.note(runner, Some(work)),
            (Err(NoConnection::Refused(_, failure)), Work::File(_)) => Note::WorkEnded(runner, work, End::File(Err(failure))),
            (Err(NoConnection::Refused(_, failure)), _) => Note::WorkEnded(runner, work, End::Planned(Err(failure))),
        });
    }

    /// The connection, for work that is to be done on one to `spec`. Where that is met in another way it is closed: a server may allow one in
    /// all, and nothing goes over one that is not protected as the work asks for. The pane opens another one when it needs it.
    async fn lend(&mut self, spec: &VolumeSpec) -> Option<Held<C::Volume>> {
        let held = self.held.take()?;
        if Way::of(spec) == Way::of(&self.spec) {
            return Some(held);
        }
        held.close().await;
        None
    }

    /// The server is met in another way from now on; what was opened in the old one serves nothing more.
    pub(super) async fn be_met_otherwise(&mut self, site: Site) {
        let VolumeSpec::Ftp(own, _) = &mut self.spec else { return };
        **own = Site { learnt: own.learnt.clone(), ..site };
        if let Some(held) = self.held.take() {
            held.close().await;
        }
    }

    /// Is a lane, with the connection that it has. Afterwards it has none, and would open one for whoever asks something all the same.
    pub(super) async fn be_a_lane(&mut self, post: Post) {
        let Post { runner, ends: (from, to), other, work, ended, idle, stop } = post;
        let at_source = Account::of(&from) == Account::of(&self.spec);
        let (first, second) = if at_source { (self.id, other) } else { (other, self.id) };
        let (mut from, mut to) = (Slot::new(from, first), Slot::new(to, second));
        let own = if at_source { &mut from } else { &mut to };
        own.held = self.lend(&own.spec).await;
        let worker = Worker::new(self.dialer.clone(), from, to, self.patience, stop.clone());
        lane::run(Lane { runner, worker, work, ended, idle, stop }).await;
    }
}
