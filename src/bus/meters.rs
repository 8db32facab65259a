//! Progress figures: the newest overwrites the one before.

use crate::model::{BatchId, TransferId};

/// How far one active transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Meter {
    /// Which transfer.
    pub id: TransferId,
    /// Its batch.
    pub batch: BatchId,
    /// Bytes of the file that are in place, the ones before a resume included.
    pub done: u64,
    /// Bytes of the file, where known.
    pub size: Option<u64>,
    /// Bytes a second, smoothed over about three seconds.
    pub rate: f64,
    /// Connections that bring it at the moment: more than one where it is a download in parts.
    pub connections: u16,
}

/// How far everything is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meters {
    /// The active transfers, in the order they began.
    pub active: Vec<Meter>,
    /// Transfers that wait.
    pub queued: u64,
    /// Bytes that are still to move, active and queued, as far as sizes are known.
    pub bytes_left: u64,
    /// Bytes a second of all together, smoothed.
    pub rate: f64,
    /// Bytes that went through since the program began.
    pub moved: u64,
    /// Connections that transfers have open.
    pub lanes: usize,
}

impl Meters {
    /// Seconds until all is moved at the present rate.
    pub fn seconds_left(&self) -> Option<u64> {
        eta(self.bytes_left, self.rate)
    }
}

impl Meter {
    /// Seconds until this one is moved at its present rate.
    pub fn seconds_left(&self) -> Option<u64> {
        eta(self.size?.saturating_sub(self.done), self.rate)
    }

    /// Done of size, 0 to 1.
    pub fn ratio(&self) -> Option<f64> {
        let size = self.size?;
        Some(if size == 0 { 1.0 } else { (self.done as f64 / size as f64).min(1.0) })
    }
}

fn eta(left: u64, rate: f64) -> Option<u64> {
    (rate >= 1.0).then(|| (left as f64 / rate).ceil() as u64)
}
