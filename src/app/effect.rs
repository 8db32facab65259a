//! What goes out of the machine: work for the edge.

use std::path::PathBuf;

use crate::bus::Command;
use crate::model::secret::Typed;
use crate::model::site::Learnt;
use crate::model::{Fingerprint, RequestId, Site};

use super::secrets::SecretOrder;

/// Work that the loop does after an update. None of it blocks the loop except where the terminal is handed over.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send a command to the engine.
    Engine(Command),
    /// Find out what was typed as a target; answered by [`super::Msg::Resolved`].
    Resolve(RequestId, Typed),
    /// Save a site: in place of the one with this name, or as a new one. Answered by [`super::Msg::Sites`] or `Trouble`.
    SaveSite {
        /// The name it was saved under so far.
        old: Option<String>,
        /// The site.
        site: Box<Site>,
    },
    /// Delete a saved site.
    RemoveSite(String),
    /// Keep a site among the recent ones.
    Remember(Box<Site>),
    /// Keep what was learnt with the saved site, if it is saved.
    Learn(Box<Site>, Learnt),
    /// Trust a certificate of the site's server from now on.
    Trust(Box<Site>, Fingerprint),
    /// Trust these certificates of the site's server and no others from now on. Answered by [`super::Msg::Sites`] or `Trouble`.
    Pin(Box<Site>, Vec<Fingerprint>),
    /// Something for the places that passwords are kept in; answered by [`super::Msg::Secrets`], `Sites` or `Trouble`.
    Secrets(SecretOrder),
    /// Read the sites again.
    LoadSites,
    /// Hand the terminal over to $VISUAL or $EDITOR; answered by [`super::Msg::Edited`].
    Edit(PathBuf),
    /// Hand the terminal over to a shell in this directory.
    Shell(Option<PathBuf>),
    /// Suspend, as Ctrl-Z does.
    Suspend,
    /// Put text into the terminal's clipboard (OSC 52).
    Clipboard(String),
    /// Tell a person who looks elsewhere: safe for the screen.
    Notify(String),
    /// Take or give back the mouse.
    Mouse(bool),
    /// Delete a scratch file.
    Forget(PathBuf),
    /// End the program.
    Quit,
}
