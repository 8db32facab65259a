//! An examination of a server, each step told as it ends.

use crate::bus::{Command, Event};
use crate::cli::stop::Stop;
use crate::model::Failure;
use crate::model::checkup::{Extent, Finding};
use crate::model::site::VolumeSpec;

use super::{Driver, GRACE};

impl Driver {
    /// Finds out what a server can, and how it ended: with what made the server unusable, where something did. A signal ends it once all its
    /// connections are closed.
    ///
    /// # Errors
    /// Exit 130 after a signal.
    pub async fn examine(&mut self, spec: VolumeSpec, extent: Extent, mut tell: impl FnMut(&Finding)) -> Result<Result<(), Failure>, Stop> {
        let request = self.requests.advance();
        self.send(Command::Examine { request, spec, extent });
        loop {
            match self.event().await {
                Ok(Event::Found { request: at, finding }) if at == request => tell(&finding),
                Ok(Event::Examined { request: at, outcome }) if at == request => return Ok(outcome),
                Ok(_) => {}
                Err(stop) => {
                    self.send(Command::CancelExamine(request));
                    // A second signal, or a server that does not let go, need not be waited for.
                    let _ = tokio::time::timeout(GRACE, self.examined()).await;
                    return Err(stop);
                }
            }
        }
    }

    async fn examined(&mut self) {
        while !matches!(self.event().await, Ok(Event::Examined { .. }) | Err(_)) {}
    }
}
