//! What can go wrong at a host in memory, and what is counted there.

use std::time::Duration;

use crate::model::{Certificate, During, Failure, FailureKind, Fingerprint, Flaw, Secret, VPath};

use super::Host;

/// What goes wrong.
#[derive(Debug, Default)]
pub struct Faults {
    /// Every connection is refused with this.
    pub refuse: Option<Failure>,
    /// The certificate that is shown, which nobody vouches for: trusted where it is pinned.
    pub certificate: Option<Fingerprint>,
    /// The login needs this password.
    pub password: Option<String>,
    /// More connections than this are refused as too many.
    pub max_connections: Option<usize>,
    /// Connections beyond so many are not answered.
    pub shut_above: Option<usize>,
    /// How long each command takes.
    pub delay: Duration,
    /// How long each block of a file takes.
    pub block_delay: Duration,
    /// The next command finds its connection gone; once.
    pub drop_next: bool,
    /// The next file that moves loses its connection after so many bytes; once.
    pub lose_after: Option<u64>,
    /// Every file that moves loses its connection after so many bytes of one go.
    pub lose_every: Option<u64>,
    /// Files are read from their first byte, whatever was asked for.
    pub ignores_offset: bool,
    /// Files read end after so many bytes, and all is reported well.
    pub truncate: Option<u64>,
    /// The next file that is read ends after so many bytes of one go, and all is reported well; once.
    pub ends_after: Option<usize>,
    /// The connection goes when the completion of a written or read file is asked for; once.
    pub lose_reply: bool,
    /// A file whose completion reply is lost is thrown away, as servers do with an upload that they take for cut off.
    pub discards: bool,
    /// The next rename is done, and the connection gone before its reply; once.
    pub lose_rename: bool,
    /// The next file that is deleted is gone, and the connection with it; once.
    pub lose_removal: bool,
    /// Deleting what is not there is refused with the words for what may not be deleted, as vsftpd does.
    pub vague_removal: bool,
    /// This file may not be deleted.
    pub no_removal: Option<String>,
    /// What an entry is cannot be told by a listing.
    pub names_alone: bool,
    /// Times cannot be set.
    pub no_set_time: bool,
    /// A rename over an existing target is refused.
    pub no_replace: bool,
    /// Deleting a directory deletes what is in it, as some servers do.
    pub deep_remove_dir: bool,
    /// So many bytes can still be written: the disk is full then.
    pub room: Option<usize>,
    /// No checksums are offered.
    pub no_digest: bool,
    /// The next file that is written changes a byte on its way; once.
    pub corrupt: bool,
    /// Permission bits cannot be set.
    pub no_set_mode: bool,
    /// This directory cannot be listed.
    pub no_list: Option<String>,
    /// Renames are not possible at all.
    pub no_rename: bool,
}

/// What was asked of a host.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were asked for, let in or not.
    pub dialled: usize,
    /// Connections that were let in.
    pub connections: usize,
    /// Connections that are open.
    pub connected: usize,
    /// The most that were open at once.
    pub most_connected: usize,
    /// Connections that were refused as too many.
    pub refused: usize,
    /// Commands.
    pub commands: usize,
    /// Listings among them.
    pub listings: usize,
}

impl Host {
    pub(super) fn remove_file(&mut self, path: &VPath) -> Result<(), Failure> {
        if self.faults.no_removal.as_ref().is_some_and(|kept| kept.as_bytes() == path.as_bytes()) {
            return Err(Failure::new(FailureKind::Denied, During::Remove, "it may not be deleted").about(path.as_bytes()));
        }
        let removed = self.tree.remove_file(path);
        match removed {
            Err(failure) if self.faults.vague_removal => Err(Failure { kind: FailureKind::Refused, ..failure }),
            removed => removed,
        }
    }

    pub(super) fn admit(&mut self, secret: Option<&Secret>, pins: &[Fingerprint]) -> Result<(), Failure> {
        self.counters.dialled += 1;
        if let Some(failure) = &self.faults.refuse {
            return Err(failure.clone());
        }
        if let Some(shown) = self.faults.certificate.filter(|shown| !pins.contains(shown)) {
            return Err(Failure::untrusted(unknown(shown, pins)));
        }
        if self.faults.shut_above.is_some_and(|most| self.counters.connected >= most) {
            return Err(Failure::new(FailureKind::Disconnected, During::Connect, "the server closed the connection"));
        }
        if self.faults.max_connections.is_some_and(|most| self.counters.connected >= most) {
            self.counters.refused += 1;
            return Err(Failure::new(FailureKind::TooMany, During::Login, "too many connections"));
        }
        if self.faults.password.as_deref().is_some_and(|password| secret.is_none_or(|secret| secret.expose() != password)) {
            return Err(Failure::new(FailureKind::LoginRefused, During::Login, "wrong password"));
        }
        self.counters.connections += 1;
        self.counters.connected += 1;
        self.counters.most_connected = self.counters.most_connected.max(self.counters.connected);
        Ok(())
    }
}

fn unknown(fingerprint: Fingerprint, pins: &[Fingerprint]) -> Certificate {
    Certificate {
        subject: "CN=memory".into(),
        names: Vec::new(),
        issuer: "CN=memory".into(),
        not_before: None,
        not_after: None,
        fingerprint,
        flaws: vec![if pins.is_empty() { Flaw::SelfSigned } else { Flaw::Changed }],
        pinned: pins.to_vec(),
    }
}
