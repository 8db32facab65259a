//! What the end of a data connection means: a failure in words, and a completion that is none.

use std::io;

use super::limits;
use crate::model::{During, Failure, FailureKind, Reply, VPath};

/// The failure that a broken data connection is.
pub fn failure_of(error: io::Error, during: During, path: &VPath) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) if failure.subject.is_some() || failure.kind == FailureKind::Cancelled => failure,
        Ok(failure) => failure.about(path.as_bytes()),
        Err(error) => Failure::new(FailureKind::Disconnected, during, format!("the data connection broke: {error}")).about(path.as_bytes()),
    }
}

/// Whether a reply that calls a listing complete says that there was none, which would pass for an empty directory:
/// `226 Transfer done (but failed to open directory).` (vsftpd 3.0.3), `226-Sorry, we were unable to read [.]` (pure-ftpd 1.0.50).
pub fn says_not_opened(reply: &Reply) -> bool {
    let text = reply.text.get(..limits::WORDS).unwrap_or(&reply.text).to_ascii_lowercase();
    let says = |words: &str| text.windows(words.len()).any(|window| window == words.as_bytes());
    says("failed to open") || says("unable to read")
}
