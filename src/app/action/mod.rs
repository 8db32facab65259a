//! The one table of what a person can do: it gives each action its name in the configuration, its default keys, its line in the help,
//! its place in the menu and palette, and its word on the key bar.
//!
//! Guarantee: every [`Action`] is in the table exactly once (a test compares), so a key that works is a key that the help names.

mod page;
mod table;

pub use page::keys_page;
pub use table::ACTIONS;

/// An area of actions, with the list of all of them.
macro_rules! area {
    ($(#[$doc:meta])* $name:ident { $($action:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the table has a help line for each")]
        pub enum $name { $($action,)* }

        impl $name {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$action,)*];
        }
    };
}

/// What a person can ask for, by area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Moves through a directory and the tree.
    Go(Go),
    /// Marks entries.
    Mark(Mark),
    /// Changes how a pane, or what beside the panes, is shown.
    Show(Show),
    /// Does something with files.
    File(File),
    /// Does something with transfers.
    Queue(Queue),
    /// Servers.
    Site(Site),
    /// The program itself.
    Program(Program),
}

area! {
    /// Moves through a directory and the tree.
    Go {
        Up,
        Down,
        PageUp,
        PageDown,
        Top,
        Bottom,
        Open,
        Enter,
        Parent,
        Other,
        Panel,
        Swap,
        Refresh,
        Back,
        Forward,
        Path,
        HereToo,
        ThereToo,
        Search,
    }
}

area! {
    /// Marks entries.
    Mark {
        Toggle,
        Up,
        Down,
        ByMask,
        UnmarkByMask,
        Invert,
    }
}

area! {
    /// Changes how a pane, or what beside the panes, is shown.
    Show {
        Filter,
        ByName,
        BySize,
        ByTime,
        ByExtension,
        Hidden,
        Size,
        Transfers,
        Log,
        Mouse,
    }
}

area! {
    /// Does something with files.
    File {
        View,
        Edit,
        Copy,
        CopyTo,
        Move,
        Rename,
        MakeDir,
        Delete,
        DeleteForGood,
        Mode,
        AskAgain,
    }
}

area! {
    /// Does something with transfers.
    Queue {
        GoOn,
        Forget,
        Limits,
        History,
        Pause,
        PauseAll,
        Retry,
        RetryAll,
        Cancel,
        Enter,
        Details,
        Filter,
        Clear,
        Up,
        Down,
        Top,
        Bottom,
        Sooner,
        Later,
        All,
        Active,
        Queued,
        Failed,
        Done,
        NextTab,
        PrevTab,
    }
}

/// Where the keys of an action are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// In the panes.
    Panes,
    /// In the transfers panel, while it has the keys.
    Transfers,
}

area! {
    /// Servers.
    Site {
        List,
        Connect,
        Disconnect,
        Save,
        Can,
        Fix,
        Charset,
        Text,
    }
}

area! {
    /// The program itself.
    Program {
        Help,
        Menu,
        Palette,
        Command,
        Cancel,
        Shell,
        Suspend,
        Quit,
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct ActionInfo {
    /// What it is.
    pub action: Action,
    /// Its name in the configuration and in docs/keys.md.
    pub name: &'static str,
    /// Its keys in the set "commander", in the notation of [`super::keymap`]; the first is the one that help and palette show.
    pub keys: &'static [&'static str],
    /// The heading it stands under.
    pub group: &'static str,
    /// In menu and palette.
    pub title: &'static str,
    /// A line for the help: what it does, and what it does not do.
    pub help: &'static str,
    /// Its word on the key bar, where it has an F-key.
    pub bar: Option<&'static str>,
    /// Where its keys hold.
    pub layer: Layer,
}

impl ActionInfo {
    const fn new(action: Action, name: &'static str, keys: &'static [&'static str], title: &'static str, help: &'static str) -> Self {
        let group = match action {
            Action::Go(_) => "Moving",
            Action::Mark(_) => "Marking",
            Action::Show(_) => "Showing",
            Action::File(_) => "Files",
            Action::Queue(Queue::GoOn | Queue::Forget) => "Program",
            Action::Queue(_) => "Transfers",
            Action::Site(_) => "Sites",
            Action::Program(_) => "Program",
        };
        Self { action, name, keys, group, title, help, bar: None, layer: Layer::Panes }
    }

    const fn in_transfers(mut self) -> Self {
        self.layer = Layer::Transfers;
        self
    }

    const fn on_bar(mut self, word: &'static str) -> Self {
        self.bar = Some(word);
        self
    }
}

impl Action {
    /// Its row.
    pub fn info(self) -> Option<&'static ActionInfo> {
        ACTIONS.iter().find(|row| row.action == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Every action there is. A new area does not compile until it is here.
    fn all() -> Vec<Action> {
        fn of<T: Copy>(all: &[T], area: fn(T) -> Action) -> impl Iterator<Item = Action> {
            all.iter().map(move |one| area(*one))
        }
        let mut actions = Vec::new();
        let mut next = Some(Action::Go(Go::Up));
        while let Some(area) = next {
            next = match area {
                Action::Go(_) => {
                    actions.extend(of(Go::ALL, Action::Go));
                    Some(Action::Mark(Mark::Toggle))
                }
                Action::Mark(_) => {
                    actions.extend(of(Mark::ALL, Action::Mark));
                    Some(Action::Show(Show::Filter))
                }
                Action::Show(_) => {
                    actions.extend(of(Show::ALL, Action::Show));
                    Some(Action::File(File::View))
                }
                Action::File(_) => {
                    actions.extend(of(File::ALL, Action::File));
                    Some(Action::Queue(Queue::GoOn))
                }
                Action::Queue(_) => {
                    actions.extend(of(Queue::ALL, Action::Queue));
                    Some(Action::Site(Site::List))
                }
                Action::Site(_) => {
                    actions.extend(of(Site::ALL, Action::Site));
                    Some(Action::Program(Program::Help))
                }
                Action::Program(_) => {
                    actions.extend(of(Program::ALL, Action::Program));
                    None
                }
            };
        }
        actions
    }

    #[test]
    fn every_action_and_every_name_is_in_the_table_once() {
        let actions: HashSet<Action> = ACTIONS.iter().map(|row| row.action).collect();
        let names: HashSet<&str> = ACTIONS.iter().map(|row| row.name).collect();
        assert_eq!((actions.len(), names.len()), (ACTIONS.len(), ACTIONS.len()));
        let missing: Vec<Action> = all().into_iter().filter(|action| action.info().is_none()).collect();
        assert!(missing.is_empty(), "no key, help or menu leads to {missing:?}");
    }

    #[test]
    fn every_action_has_a_key_and_a_help_line() {
        for row in ACTIONS {
            assert!(!row.keys.is_empty(), "{}", row.name);
            assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}", row.name);
        }
    }
}
