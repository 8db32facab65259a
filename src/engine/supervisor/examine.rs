//! Examinations of servers: each in a task of its own, like everything that connects.

use crate::engine::doctor::{CONNECTIONS, Doctor};
use crate::engine::note::Note;
use crate::model::RequestId;
use crate::model::checkup::Extent;
use crate::model::site::VolumeSpec;
use crate::volume::Connector;

use super::Supervisor;

impl<C: Connector> Supervisor<C> {
    pub(super) fn examine(&mut self, request: RequestId, spec: VolumeSpec, extent: Extent) {
        let stop = self.stop.child_token();
        let first = self.next_lane_connection;
        self.next_lane_connection.0 += CONNECTIONS;
        let doctor = Doctor::new(self.dialer.clone(), (request, first), spec, extent, stop.clone());
        let notes = self.dialer.notes.clone();
        self.spawner.spawn("ftpane-doctor", async move {
            doctor.run().await;
            // Nobody listens only when the engine has ended.
            let _ = notes.send(Note::Examined(request));
        });
        self.examinations.insert(request, stop);
    }

    /// One that has ended does not mind.
    pub(super) fn cancel_examination(&mut self, request: RequestId) {
        if let Some(stop) = self.examinations.remove(&request) {
            stop.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, watch};

    use super::*;
    use crate::bus::Meters;
    use crate::engine::outbox::outbox;
    use crate::engine::{Options, Spawner};
    use crate::model::Site;
    use crate::volume::memory::World;

    #[tokio::test(start_paused = true)]
    async fn an_examination_that_has_ended_by_itself_is_not_kept() {
        let (events, _seen) = mpsc::channel(16);
        let (outbox, _carrier) = outbox(events, watch::channel(false).1);
        let figures = watch::channel(Meters::default()).0;
        let mut supervisor = Supervisor::new(World::default(), Options::default(), Spawner::Runtime, outbox, figures);
        let spec = VolumeSpec::Ftp(Box::new(Site::of_host("server")), None);
        supervisor.examine(RequestId(7), spec, Extent { connections: 1, write: None });
        assert_eq!(supervisor.examinations.len(), 1);
        while !supervisor.examinations.is_empty() {
            let note = supervisor.notes.recv().await.expect("the supervisor holds a sender itself");
            supervisor.note(note);
        }
    }
}
