//! What went through the proxy, and what went wrong there.

use super::weather::{Plan, Role};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Faults that are kept for messages.
const MOST_LINES: usize = 2_000;

/// Counted since the last change of the weather.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Control connections that came.
    pub controls: u64,
    /// Data connections that came.
    pub datas: u64,
    /// Bytes that data connections brought to the client …
    pub down: u64,
    /// … and to the server.
    pub up: u64,
    /// The faults that struck, in order.
    pub faults: Vec<String>,
}

impl Tally {
    /// Bytes both ways on data connections.
    pub fn moved(&self) -> u64 {
        self.down + self.up
    }

    /// Connections of both kinds.
    pub fn connections(&self) -> u64 {
        self.controls + self.datas
    }

    /// For the message of a failed test.
    pub fn story(&self) -> String {
        let Tally { controls, datas, down, up, faults } = self;
        format!(
            "{controls} control and {datas} data connections, {down} bytes down, {up} up, {} faults:\n{}",
            faults.len(),
            faults.join("\n")
        )
    }
}

/// The tally while it grows.
#[derive(Debug, Default)]
pub struct Counter(Mutex<Tally>);

impl Counter {
    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn read(&self) -> Tally {
        self.lock().clone()
    }

    /// How much has moved and come, without a copy of the story.
    pub fn figures(&self) -> (u64, u64) {
        let tally = self.lock();
        (tally.moved(), tally.connections())
    }

    pub fn reset(&self) {
        *self.lock() = Tally::default();
    }

    /// A connection came; its number among those of its role, from 0.
    pub fn came(&self, role: Role) -> u64 {
        let mut tally = self.lock();
        let count = match role {
            Role::Control => &mut tally.controls,
            Role::Data => &mut tally.datas,
        };
        *count += 1;
        *count - 1
    }

    pub fn moved(&self, up: bool, bytes: u64) {
        let mut tally = self.lock();
        *if up { &mut tally.up } else { &mut tally.down } += bytes;
    }

    pub fn struck(&self, role: Role, ordinal: u64, plan: &Plan) {
        let mut tally = self.lock();
        if tally.faults.len() < MOST_LINES {
            tally.faults.push(format!("{role:?} {ordinal}: {:?} after {} bytes", plan.fault, plan.at));
        }
    }
}
