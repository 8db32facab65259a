//! What is known of a server, and what an examination has found out: the capability panel.

use crate::model::checkup::Finding;
use crate::model::{Failure, RequestId, Secret, Site};

use super::PaneSide;
use super::transfers::RowId;

/// The server that the panel is about.
#[derive(Debug)]
pub struct Checkup {
    /// The pane that shows it.
    pub side: PaneSide,
    /// The server.
    pub site: Box<Site>,
    /// The password that it was opened with.
    pub secret: Option<Secret>,
    /// What the session knows, safe for the screen: a word and what there is to read.
    pub known: Vec<(&'static str, String)>,
    /// The steps that have ended.
    pub findings: Vec<Finding>,
    /// The examination that is under way.
    pub request: Option<RequestId>,
    /// How it ended.
    pub outcome: Option<Result<(), Failure>>,
}

/// A server that could not be opened.
#[derive(Debug)]
pub struct Refused {
    /// In which pane.
    pub side: PaneSide,
    /// With which password.
    pub secret: Option<Secret>,
    /// Why.
    pub failure: Failure,
    /// Which.
    pub site: Box<Site>,
}

/// Where something failed: what a fix is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In a pane.
    Pane(PaneSide),
    /// In a row of the transfers panel.
    Row(RowId),
    /// In an examination, of the server of a pane.
    Checkup(PaneSide),
}
