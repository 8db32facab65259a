//! What the panes begin with.

use std::path::PathBuf;

use crate::model::secret::Typed;
use crate::model::{Existing, Limits, Manner};

use super::msg::{Resolved, SitesLoaded};
use super::pane::Sort;
use super::update;
use super::{App, Content, Effect, PaneSide, Screen};

/// What one pane begins with.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// The saved and recent sites and a line to type in.
    Sites,
    /// A volume.
    Volume(Resolved),
    /// What was typed could not be made sense of: the sites, with it in the line and the reason below.
    Typed(String, String),
}

/// What a person prefers, from the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    /// What the panes are sorted by at the start.
    pub sort: Sort,
    /// Whether dot files are shown at the start.
    pub hidden: bool,
    /// What is done about existing targets on the local disk of what comes from a server.
    pub download: Existing,
    /// What is done about existing targets on a server of what comes from the local disk.
    pub upload: Existing,
    /// How copies are carried out.
    pub manner: Manner,
    /// How fast transfers may be at the start; the engine is told by who starts it.
    pub limits: Limits,
    /// From how many milliseconds on the end of a copy is told to a person who looks elsewhere; `None` never.
    pub notify_after: Option<u64>,
    /// What is kept of this run is thrown away at its end, as that of the demo is: nothing goes on at the next start.
    pub passing: bool,
}

/// By name, nothing hidden shown, and asking before anything is replaced.
impl Default for Preferences {
    fn default() -> Self {
        Self {
            sort: Sort::default(),
            hidden: false,
            download: Existing::Ask,
            upload: Existing::Ask,
            manner: Manner::default(),
            limits: Limits::default(),
            notify_after: Some(10_000),
            passing: false,
        }
    }
}

/// All that the panes begin with; found out by who starts them.
#[derive(Debug)]
pub struct StartUp {
    /// Left.
    pub left: Start,
    /// Right.
    pub right: Start,
    /// A private directory for files being viewed or edited; exists while the program runs.
    pub scratch: PathBuf,
    /// The size of the screen.
    pub screen: Screen,
    /// The sites, as loaded.
    pub sites: SitesLoaded,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What the person prefers.
    pub preferences: Preferences,
}

impl App {
    /// The state to begin with and the first work: opening what the panes show. The keys go to the right pane where it asks for a
    /// site and to the left one otherwise.
    pub fn new(start: StartUp) -> (Self, Vec<Effect>) {
        let preferences = start.preferences;
        let mut app = Self { scratch: start.scratch, screen: start.screen, mouse: start.mouse, preferences, ..Self::default() };
        app.limits = preferences.limits;
        for pane in [&mut app.left, &mut app.right] {
            (pane.sort, pane.show_hidden) = (preferences.sort, preferences.hidden);
        }
        let mut fx = Vec::new();
        update::site::loaded(&mut app, start.sites);
        for (side, start) in [(PaneSide::Left, start.left), (PaneSide::Right, start.right)] {
            match start {
                Start::Sites => update::site::show_list(&mut app, side, String::new(), None),
                Start::Typed(text, why) => update::site::show_list(&mut app, side, text, Some(why)),
                Start::Volume(resolved) => update::connection::open(&mut app, side, resolved, Typed::default(), &mut fx),
            }
        }
        let asks = |pane: &super::Pane| matches!(pane.content, Content::Sites(_));
        if asks(&app.right) && !asks(&app.left) {
            app.focus = PaneSide::Right;
        }
        (app, fx)
    }
}
