//! A file of a server that is being edited here.

use std::path::PathBuf;

use crate::model::{ConnectionId, RequestId, Side, VPath};

/// One file being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Its number; its private directory is called by it.
    pub number: u64,
    /// Of which volume.
    pub connection: ConnectionId,
    /// Which file there.
    pub path: VPath,
    /// The private copy, or on the local disk the file itself.
    pub file: PathBuf,
    /// What the original was when it was fetched; none on the local disk.
    pub fetched: Option<Side>,
    /// What is awaited from the engine.
    pub request: Option<RequestId>,
    /// How far it is.
    pub stage: Stage,
}

/// How far an edit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The copy is on its way here.
    Fetching,
    /// The editor has it.
    Editing,
    /// It was changed; whether the original is still what it was is being asked.
    Checking,
    /// The original changed meanwhile; the person is asked.
    Conflict,
    /// It is on its way back.
    Storing,
}
