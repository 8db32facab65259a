//! What a part's connection gave of the bytes before it, to be compared once those are there.
//!
//! Guarantee: it is kept with what is there, so that a junction which nobody could compare yet is compared by whoever goes on, however the
//! run before ended. Pure.

use sha2::{Digest as _, Sha256};

/// Bytes of a digest that are kept: nobody's choice but the source's decides what they are of.
pub(super) const DIGEST: usize = 16;

/// Bytes before a part, as its own connection gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// From this byte of the file on.
    pub(super) at: u64,
    /// So many bytes.
    pub(super) length: u32,
    /// The beginning of their SHA-256.
    pub(super) digest: [u8; DIGEST],
}

impl Head {
    /// Of these bytes.
    pub(super) fn of(at: u64, bytes: &[u8]) -> Self {
        // No part is begun by more than a few KiB early.
        Self { at, length: u32::try_from(bytes.len()).unwrap_or(u32::MAX), digest: digest(bytes) }
    }

    /// Whether these are the bytes.
    pub(super) fn is_of(&self, bytes: &[u8]) -> bool {
        u32::try_from(bytes.len()) == Ok(self.length) && self.digest == digest(bytes)
    }

    /// The part's first byte.
    pub(super) fn end(&self) -> u64 {
        self.at.saturating_add(u64::from(self.length))
    }
}

fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    let mut short = [0; DIGEST];
    short.iter_mut().zip(Sha256::digest(bytes)).for_each(|(to, from)| *to = from);
    short
}
