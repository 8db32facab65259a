//! Examinations of servers: each in a task of its own, like everything that connects.

use crate::engine::doctor::{CONNECTIONS, Doctor};
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
        self.spawner.spawn("ftpane-doctor", doctor.run());
        self.examinations.insert(request, stop);
    }

    /// One that has ended does not mind.
    pub(super) fn cancel_examination(&mut self, request: RequestId) {
        if let Some(stop) = self.examinations.remove(&request) {
            stop.cancel();
        }
    }
}
