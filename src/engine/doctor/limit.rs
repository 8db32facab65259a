//! How many connections the server allows: one more at a time, each logged in, until it refuses or there are as many as were asked for.

use crate::engine::dial::Held;
use crate::model::checkup::Rung;
use crate::model::{FailureKind, Site};
use crate::volume::Connector;

use super::tape::Tape;
use super::{CONNECTIONS, Doctor};

impl<C: Connector> Doctor<C> {
    /// Opens connections until the server refuses one; says QUIT on every one.
    pub(super) async fn connections(&mut self, site: &Site) {
        if self.stop.is_cancelled() {
            return;
        }
        let most = usize::from(self.extent.connections).min(CONNECTIONS as usize / 2);
        if most < 2 {
            return self.untried(Rung::Connections, "more than one was not asked for");
        }
        self.begin();
        let mut open: Vec<Held<C::Volume>> = Vec::new();
        let mut refusal = None;
        // The one that all other steps use is open besides.
        while open.len() + 1 < most && !self.stop.is_cancelled() {
            match self.dial(site.clone(), &Tape::default()).await {
                Ok(held) => open.push(held),
                Err(failure) => {
                    refusal = Some(failure);
                    break;
                }
            }
        }
        let count = open.len() + 1;
        for held in open {
            held.close().await;
        }
        match refusal {
            None => self.works(Rung::Connections, format!("{count} at once, and more were not tried")),
            // To allow few is no fault.
            Some(failure) if failure.kind == FailureKind::TooMany => {
                let words = failure.reply.as_ref().map(super::line_of).unwrap_or_default();
                self.works(Rung::Connections, format!("{count} at once; then {words}"));
            }
            Some(failure) => self.fails(Rung::Connections, failure),
        }
    }
}
