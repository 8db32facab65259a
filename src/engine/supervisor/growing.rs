//! How many lanes run for each pair of accounts: measures what they bring, and lets the queue open more or close some.
//!
//! The decision itself is [`Growth`]'s. Guarantee: what was measured of one pair says nothing of another.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::engine::account::{Account, Pair};
use crate::engine::growth::{Growth, Sample};
use crate::model::BatchId;
use crate::volume::Connector;

use super::Supervisor;

/// Less time than this between two samples says nothing.
const LEAST: f64 = 0.05;

/// What the lanes of a pair bring.
pub(super) struct Pace {
    growth: Growth,
    /// Bytes of transfers that have ended, and things that were dealt with.
    ended: (u64, u64),
    /// Both, with the bytes of what still moves, when they were sampled last.
    told: (u64, u64),
    last: Instant,
}

impl Pace {
    fn new(growth: Growth) -> Self {
        Self { growth, ended: (0, 0), told: (0, 0), last: Instant::now() }
    }
}

impl<C: Connector> Supervisor<C> {
    /// So many lanes are wanted for a pair now, whatever they bring.
    pub(super) fn want_lanes(&mut self, pair: &Pair, lanes: usize) {
        let (most, at_once) = (self.options.lanes, self.options.at_once);
        let pace = self.paces.entry(pair.clone()).or_insert_with(|| Pace::new(Growth::new(most, at_once)));
        pace.growth.at_least(lanes);
        self.queue.allow(pair, pace.growth.lanes());
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
            let (most, at_once) = (self.options.lanes, self.options.at_once);
            let pace = self.paces.entry(pair.clone()).or_insert_with(|| Pace::new(Growth::new(most, at_once)));
            let seconds = pace.last.elapsed().as_secs_f64();
            if seconds < LEAST {
                continue;
            }
            let now = (pace.ended.0.saturating_add(*moved), pace.ended.1);
            let sample = Sample {
                seconds,
                bytes: now.0.saturating_sub(pace.told.0),
                files: now.1.saturating_sub(pace.told.1),
                connected: self.connecting.is_empty(),
                wanting: self.queue.waits(pair),
            };
            (pace.told, pace.last) = (now, Instant::now());
            let before = pace.growth.lanes();
            let lanes = pace.growth.feed(sample);
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
            pace.growth.refused(self.queue.lanes_of(pair));
            self.queue.allow(pair, pace.growth.lanes());
        }
    }

    /// The pairs that work goes on for, with the bytes that their transfers have moved.
    fn moving(&self) -> HashMap<Pair, u64> {
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
