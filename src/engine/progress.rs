//! How far one copy is, as those who copy tell those who ask, without waiting for one another.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};

/// It waits with its lane.
const WAITS: u8 = 0;
/// Its lane has begun with it.
const BEGUN: u8 = 1;
/// It was taken back before it was begun.
const TAKEN_BACK: u8 = 2;

/// How far a copy is; written by who copies, sampled by the meter. It also settles who has a file that a lane was given ahead: the lane
/// that begins it, or the supervisor that takes it back, never both.
#[derive(Debug, Default)]
pub(super) struct Progress {
    done: AtomicU64,
    moved: AtomicU64,
    /// Connections that bring it now, and the most there were at once; 0 where nobody counted.
    connections: (AtomicU16, AtomicU16),
    claim: AtomicU8,
}

impl Progress {
    /// Of a file with so many bytes in place.
    pub(super) fn at(done: u64) -> Self {
        Self { done: AtomicU64::new(done), ..Self::default() }
    }

    fn claim(&self, by: u8) -> bool {
        self.claim.compare_exchange(WAITS, by, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The lane begins with it; false where it was taken back.
    pub(super) fn begin(&self) -> bool {
        self.claim(BEGUN)
    }

    /// The supervisor takes it back; false where the lane has begun with it.
    pub(super) fn take_back(&self) -> bool {
        self.claim(TAKEN_BACK)
    }

    /// Whether it still waits with its lane.
    pub(super) fn waits(&self) -> bool {
        self.claim.load(Ordering::Acquire) == WAITS
    }

    /// The bytes in place.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// The bytes that went through, what was sent twice counted twice.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    /// So many connections bring it from now on.
    pub(super) fn comes_over(&self, connections: usize) {
        let count = u16::try_from(connections).unwrap_or(u16::MAX);
        self.connections.0.store(count, Ordering::Relaxed);
        self.connections.1.fetch_max(count, Ordering::Relaxed);
    }

    /// Connections that bring it now.
    pub(super) fn connections(&self) -> u16 {
        self.connections.0.load(Ordering::Relaxed).max(1)
    }

    /// The most connections that brought it at once.
    pub(super) fn most_connections(&self) -> u16 {
        self.connections.1.load(Ordering::Relaxed).max(1)
    }

    /// Sets the bytes in place, at the begin of an attempt.
    pub(super) fn start_at(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    /// Counts a block.
    pub(super) fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }
}
