//! What the panes are run with: chosen by `main`, so that nothing here names a connector or a command line.

use std::sync::Arc;

use crate::app::{Preferences, Start};
use crate::config::{KnownServers, Notify, Paths};
use crate::engine::Handle;
use crate::logging::WireLog;
use crate::model::reach::Ambience;

use super::effects::Dress;

/// Starts an engine, on the runtime that calls it.
pub type StartEngine = Box<dyn FnOnce() -> anyhow::Result<Handle>>;

/// What the panes are run with.
pub struct Setup {
    /// What the left pane begins with.
    pub left: Start,
    /// What the right pane begins with.
    pub right: Start,
    /// Where settings and sites are.
    pub paths: Paths,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// The editor's command from the settings, before $VISUAL and $EDITOR.
    pub editor: Option<String>,
    /// How the end of a long copy is told to a person who looks elsewhere.
    pub notify: Notify,
    /// What the person prefers.
    pub preferences: Preferences,
    /// `dark` or `light`; `None` asks the environment.
    pub theme: Option<String>,
    /// Put on every site that is opened: options of the command line.
    pub dress: Dress,
    /// What of that is not a site's own, and is saved with none.
    pub ambience: Ambience,
    /// What is known and trusted of servers, where that is read already.
    pub servers: Option<KnownServers>,
    /// Where every line of the wire is written besides.
    pub log: Option<WireLog>,
    /// Starts the engine; called after the first frame.
    pub engine: StartEngine,
}

impl Setup {
    /// Both panes as given, and everything else as it is by default.
    pub fn new(left: Start, right: Start, paths: Paths, engine: StartEngine) -> Self {
        Self {
            left,
            right,
            paths,
            mouse: true,
            editor: None,
            notify: Notify::default(),
            preferences: Preferences::default(),
            theme: None,
            dress: Arc::new(|_| {}),
            ambience: Ambience::default(),
            servers: None,
            log: None,
            engine,
        }
    }
}
