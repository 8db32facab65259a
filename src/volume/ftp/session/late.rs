//! Replies that come late or after what they announce.

use std::time::Duration;

use tokio::time::sleep;

use super::{Session, patiently};
use crate::model::{During, Reply};
use crate::volume::Result;

impl Session {
    /// Reads the reply that is still to come, where it may not come at all before something else is done: `None` where it has not come by then.
    ///
    /// # Errors
    /// What befell the connection.
    pub async fn next_reply_within(&mut self, during: During, patience: Duration) -> Result<Option<Reply>> {
        if !self.early.is_empty() {
            return self.next_reply(during, patience).await.map(Some);
        }
        // A reply that has not begun loses nothing with the future that waits for it.
        let outcome = tokio::select! {
            biased;
            outcome = patiently(self.limits.reply, &self.stop, self.control.read_response_in(&[])) => outcome,
            () = sleep(patience) => return Ok(None),
        };
        self.took(during, outcome).map(Some)
    }
}
