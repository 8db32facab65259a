//! Examinations of servers: each in a task of its own, like everything that connects.

use crate::engine::account::Account;
use crate::engine::doctor::{CONNECTIONS, Doctor};
use crate::engine::queue::Runner;
use crate::model::checkup::Extent;
use crate::model::site::VolumeSpec;
use crate::model::{RequestId, Site};
use crate::volume::Connector;

use super::Running;
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

    /// A person has changed how a server is met. Lanes that wait for work on connections of the old kind end; those that are at work do when
    /// they have nothing more to do.
    pub(super) fn amend(&mut self, site: Site) {
        let account = Account::of(&VolumeSpec::Ftp(Box::new(site.clone()), None));
        self.learnt.insert(account.clone(), site.learnt.clone());
        self.amended.insert(account, site);
        let idle: Vec<Runner> = self.lanes.keys().filter(|runner| self.running.get(runner).is_none_or(Running::is_idle)).copied().collect();
        for runner in idle {
            self.lanes.remove(&runner);
        }
    }

    /// One that has ended does not mind.
    pub(super) fn cancel_examination(&mut self, request: RequestId) {
        if let Some(stop) = self.examinations.remove(&request) {
            stop.cancel();
        }
    }
}
