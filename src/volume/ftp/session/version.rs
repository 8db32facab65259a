//! When TLS 1.3 is to blame for a data connection that came to nothing.
//!
//! Servers that want data connections to resume the control connection's session know a session again by TLS 1.2 for certain; with 1.3, whose
//! tickets serve once, ProFTPD 1.3.8 runs out of them on uploads. Guarantee: the version is blamed only where the connection had nothing to resume
//! the session by, was refused twice, or where the server says so (522, RFC 4217 §9), and only once: with 1.2 there is nothing left to blame.

use super::Session;
use crate::model::{During, Failure, FailureKind, Reply};

impl Session {
    /// The failure for a refusal of a transfer: one that another version of TLS may mend is a lost connection, to be made again.
    pub fn refused_transfer(&mut self, during: During, subject: &[u8], reply: Reply) -> Failure {
        let mut failure = self.refused(during, subject, reply);
        if self.blame_version(&failure, false) {
            failure.kind = FailureKind::Disconnected;
        }
        failure
    }

    /// Whether the failure of a data connection may be the version's at all.
    pub fn may_blame_version(&self, failure: &Failure) -> bool {
        let code = failure.reply.as_ref().map(|reply| reply.code);
        matches!(code, Some(425 | 426 | 522)) && self.security.as_ref().is_some_and(|security| security.blames_version(true))
    }

    /// Whether the failure of a data connection is the version's; `is_again`: so was the one before. The session is then lost, and wants to be
    /// begun anew with TLS 1.2.
    pub fn blame_version(&mut self, failure: &Failure, is_again: bool) -> bool {
        let says_so = is_again || failure.reply.as_ref().is_some_and(|reply| reply.code == 522);
        let Some(security) = self.security.as_ref().filter(|security| security.blames_version(says_so)) else { return false };
        if !self.may_blame_version(failure) {
            return false;
        }
        security.want_older();
        self.lose();
        true
    }
}
