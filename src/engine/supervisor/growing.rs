//! How many lanes run for each pair of accounts: measures what they bring, and lets the queue open more or close some.
//!
//! The decision itself is [`Growth`]'s. Guarantee: what was measured of one pair says nothing of another.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::account::{Account, Pair};
use crate::engine::growth::{Growth, Sample};
use crate::model::BatchId;
use crate::volume::Connector;

use super::Supervisor;

/// A server whose round trip takes less is near.
const NEAR: Duration = Duration::from_millis(2);
/// Less time than this between two samples says nothing.
const LEAST: f64 = 0.05;

/// What the lanes of a pair bring.
pub(super) struct Pace {
    growth: Growth,
    /// Connections for the parts of big files, and what they brought.
    pub(super) parts: Parts,
    /// Bytes of transfers that have ended, and things that were dealt with.
    ended: (u64, u64),
    /// Both, with the bytes of what still moves, when they were sampled last.
    told: (u64, u64),
    last: Instant,
}

/// What connections bring that share big files.
pub(super) struct Parts {
    pub(super) growth: Growth,
    /// Bytes that had gone through when they were sampled last, and when that was.
    pub(super) told: Option<(u64, Instant)>,
    /// When others joined last.
    pub(super) joined: Option<Instant>,
}

impl Pace {
    fn new(most: usize, at_once: bool) -> Self {
        let parts = Parts { growth: Growth::of_parts(most), told: None, joined: None };
        Self { growth: Growth::new(most, at_once), parts, ended: (0, 0), told: (0, 0), last: Instant::now() }
    }

    /// Bytes of transfers that have ended.
    pub(super) fn ended_bytes(&self) -> u64 {
        self.ended.0
    }

    /// Lanes that may run.
    pub(super) fn lanes(&self) -> usize {
        self.growth.lanes().max(self.parts.growth.lanes())
    }
}

impl<C: Connector> Supervisor<C> {
    /// So many lanes are wanted for a pair now, whatever they bring.
    pub(super) fn want_lanes(&mut self, pair: &Pair, lanes: usize) {
        let pace = self.pace(pair);
        pace.growth.at_least(lanes);
        let lanes = pace.lanes();
        self.queue.allow(pair, lanes);
    }

    /// What is known of a pair.
    pub(super) fn pace(&mut self, pair: &Pair) -> &mut Pace {
        let (most, at_once) = (self.options.lanes, self.options.at_once);
        let is_near = |account: &Account| account.is_local() || self.round_trips.get(account).is_some_and(|time| *time < NEAR);
        let near = is_near(&pair.from) && is_near(&pair.to);
        self.paces.entry(pair.clone()).or_insert_with(|| {
            let pace = Pace::new(most, at_once);
            if near { Pace { growth: pace.growth.near(), ..pace } } else { pace }
        })
    }

    /// Something of a batch came to an end, after so many bytes.
    pub(super) fn dealt_with(&mut self, batch: BatchId, bytes: u64) {
        if let Some(pace) = self.batches.get(&batch).and_then(|batch| self.paces.get_mut(&batch.pair)) {
            pace.ended = (pace.ended.0.saturating_add(bytes), pace.ended.1 + 1);
        }
    }

    /// Something of a batch waits again, after so many bytes.
    pub(super) fn stopped_after(&mut self, batch: BatchId, bytes: u64) {
        self.moved = self.moved.saturating_add(bytes);
        if let Some(pace) = self.batches.get(&batch).and_then(|batch| self.paces.get_mut(&batch.pair)) {
            pace.ended.0 = pace.ended.0.saturating_add(bytes);
        }
    }

    /// Measures, and lets lanes be opened and closed. Called on the meter's tick.
    pub(super) fn grow(&mut self) {
        let moving = self.moving();
        for (pair, moved) in &moving {
            let (connected, wanting) = (self.connecting.is_empty(), self.queue.waits(pair));
            let pace = self.pace(pair);
            let seconds = pace.last.elapsed().as_secs_f64();
            if seconds < LEAST {
                continue;
            }
            let now = (pace.ended.0.saturating_add(*moved), pace.ended.1);
            let sample =
                Sample { seconds, bytes: now.0.saturating_sub(pace.told.0), files: now.1.saturating_sub(pace.told.1), connected, wanting };
            (pace.told, pace.last) = (now, Instant::now());
            let before = pace.lanes();
            pace.growth.feed(sample);
            let lanes = pace.lanes();
            if lanes != before {
                self.queue.allow(pair, lanes);
            }
            if lanes > before {
                self.queue.lift(&pair.from);
                self.queue.lift(&pair.to);
            }
        }
        // A pair that rests is measured from when it begins again.
        for (_, pace) in self.paces.iter_mut().filter(|(pair, _)| !moving.contains_key(pair)) {
            (pace.told, pace.last) = (pace.ended, Instant::now());
        }
    }

    /// The account gives no further connection: the lanes that are there must do.
    pub(super) fn refused_to_grow(&mut self, account: &Account) {
        for (pair, pace) in self.paces.iter_mut().filter(|(pair, _)| pair.connections_to(account) > 0) {
            let held = self.queue.lanes_of(pair);
            pace.growth.refused(held);
            pace.parts.growth.refused(held);
            self.queue.allow(pair, pace.lanes());
        }
    }

    /// The pairs that work goes on for, with the bytes that their transfers have moved.
    pub(super) fn moving(&self) -> HashMap<Pair, u64> {
        let mut moving = HashMap::new();
        for running in self.running.values() {
            let records = || running.files().filter_map(|id| self.records.get(id));
            let batch = running.plan.or_else(|| records().next().map(|record| record.batch));
            let Some(batch) = batch.and_then(|id| self.batches.get(&id)) else { continue };
            let moved: u64 = records().map(|record| record.uncounted()).sum();
            *moving.entry(batch.pair.clone()).or_default() += moved;
        }
        moving
    }
}
