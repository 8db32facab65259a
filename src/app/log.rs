//! The protocol log as the panel shows it.

use std::collections::VecDeque;

use crate::model::WireLine;

/// How many lines are kept.
pub const KEPT: usize = 10_000;

/// The log.
#[derive(Debug, Default)]
pub struct Log {
    /// The lines, oldest first.
    pub lines: VecDeque<WireLine>,
    /// How many lines up from the newest the panel is scrolled; 0 follows.
    pub up: usize,
}
