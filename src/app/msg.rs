//! What comes into the machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::bus::{Event, Meters};
use crate::model::site::VolumeSpec;
use crate::model::{Fingerprint, RequestId, Site, VPath};

use super::Screen;
use super::hit::Hit;
use super::key::Key;
use super::secrets::SecretNews;

/// Something that happened. `Time` comes before whatever happened at that time.
#[derive(Debug)]
pub enum Msg {
    /// Milliseconds since the program began.
    Time(u64),
    /// A key.
    Key(Key),
    /// Pasted text.
    Paste(String),
    /// The mouse.
    Mouse(Mouse),
    /// The screen or the layout has another size.
    Resized(Screen),
    /// The terminal got or lost the person's attention.
    Focus(bool),
    /// The engine told something.
    Engine(Event),
    /// The newest figures.
    Meters(Meters),
    /// The sites were loaded or saved.
    Sites(SitesLoaded),
    /// What was typed as a target is this; by the number that [`super::Effect::Resolve`] had.
    Resolved(RequestId, Result<Resolved, String>),
    /// The places that passwords are kept in say something.
    Secrets(SecretNews),
    /// The editor came back.
    Edited {
        /// The file.
        file: PathBuf,
        /// Whether its bytes changed; or why the editor could not be run.
        changed: Result<bool, String>,
    },
    /// Something at the edge went wrong: a file that could not be written. Safe for the screen.
    Trouble(String),
}

/// The outcome of reading the sites' files.
#[derive(Debug, Default)]
pub struct SitesLoaded {
    /// Saved ones.
    pub saved: Vec<Site>,
    /// Recent ones.
    pub recent: Vec<Site>,
    /// The certificates that are trusted for good, by the address of their server.
    pub trusted: BTreeMap<String, Vec<Fingerprint>>,
    /// What is wrong with the file, with line and column.
    pub broken: Option<String>,
}

/// A target, resolved at the edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// What to open.
    pub spec: VolumeSpec,
    /// Where to begin; `None` is where the volume says.
    pub path: Option<VPath>,
}

/// A mouse event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What was done.
    pub kind: MouseKind,
    /// What the pointer is on.
    pub hit: Hit,
    /// The cell: column, row.
    pub at: (u16, u16),
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Shift was held.
    pub shift: bool,
}

/// What was done with the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The right button went down.
    RightPress,
    /// Moved with the left button down.
    Drag,
    /// The left button came up.
    Release,
    /// The wheel, up.
    WheelUp,
    /// The wheel, down.
    WheelDown,
}
