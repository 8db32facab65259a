//! The one table of what a person can do: it gives each action its name in the configuration, its default keys, its line in the help,
//! its place in the menu and palette, and its word on the key bar.
//!
//! Guarantee: every [`Action`] is in the table exactly once (a test counts), so a key that works is a key that the help names.

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
    /// Servers.
    Site(Site),
    /// The program itself.
    Program(Program),
}

/// Moves through a directory and the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table has a help line for each")]
pub enum Go {
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
    Swap,
    Refresh,
    Back,
    Forward,
    Path,
    HereToo,
    ThereToo,
    Search,
}

/// Marks entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table has a help line for each")]
pub enum Mark {
    Toggle,
    Up,
    Down,
    ByMask,
    UnmarkByMask,
    Invert,
}

/// Changes how a pane, or what beside the panes, is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table has a help line for each")]
pub enum Show {
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

/// Does something with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table has a help line for each")]
pub enum File {
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
}

/// Servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table has a help line for each")]
pub enum Site {
    List,
    Connect,
    Disconnect,
    Save,
}

/// The program itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table has a help line for each")]
pub enum Program {
    Help,
    Menu,
    Palette,
    Command,
    Cancel,
    Shell,
    Suspend,
    Quit,
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
}

impl ActionInfo {
    const fn new(action: Action, name: &'static str, keys: &'static [&'static str], title: &'static str, help: &'static str) -> Self {
        let group = match action {
            Action::Go(_) => "Moving",
            Action::Mark(_) => "Marking",
            Action::Show(_) => "Showing",
            Action::File(_) => "Files",
            Action::Site(_) => "Sites",
            Action::Program(_) => "Program",
        };
        Self { action, name, keys, group, title, help, bar: None }
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

use ActionInfo as A;

/// The table, by groups.
pub static ACTIONS: &[ActionInfo] = &[
    A::new(Action::File(File::View), "view", &["F3"], "View", "View the file, text or hex, by windows: a big one is never read whole")
        .on_bar("View"),
    A::new(
        Action::File(File::Edit),
        "edit",
        &["F4"],
        "Edit",
        "Edit the file in $VISUAL or $EDITOR; a server's goes back when it was changed",
    )
    .on_bar("Edit"),
    A::new(
        Action::File(File::Copy),
        "copy",
        &["F5"],
        "Copy",
        "Copy the marked entries, or the one under the cursor, to the other pane, at once",
    )
    .on_bar("Copy"),
    A::new(Action::File(File::CopyTo), "copy-to", &["Shift-F5"], "Copy to …", "Copy to a target that can be edited first"),
    A::new(
        Action::File(File::Move),
        "move",
        &["F6"],
        "Move …",
        "Move to a target that can be edited first; the source goes after the copy is verified",
    )
    .on_bar("Move"),
    A::new(Action::File(File::Rename), "rename", &["Shift-F6", "r"], "Rename …", "Rename the entry under the cursor in its directory"),
    A::new(
        Action::File(File::MakeDir),
        "make-directory",
        &["F7"],
        "Make directory …",
        "Make a directory, with those above it that are missing",
    )
    .on_bar("Mkdir"),
    A::new(
        Action::File(File::Delete),
        "delete",
        &["F8", "Delete"],
        "Delete …",
        "Delete, after a question; on the local disk into the trash",
    )
    .on_bar("Delete"),
    A::new(
        Action::File(File::DeleteForGood),
        "delete-for-good",
        &["Shift-F8", "Shift-Delete"],
        "Delete for good …",
        "Delete without the trash, after a question",
    ),
    A::new(
        Action::File(File::Mode),
        "mode",
        &["Ctrl-X c"],
        "Permissions …",
        "Set the permission bits of the marked entries or the one under the cursor",
    ),
    A::new(Action::Go(Go::Up), "up", &["Up", "k"], "Up", "One row up"),
    A::new(Action::Go(Go::Down), "down", &["Down", "j"], "Down", "One row down"),
    A::new(Action::Go(Go::PageUp), "page-up", &["PageUp"], "Page up", "One page up"),
    A::new(Action::Go(Go::PageDown), "page-down", &["PageDown"], "Page down", "One page down"),
    A::new(Action::Go(Go::Top), "top", &["Home", "g"], "First row", "To the first row"),
    A::new(Action::Go(Go::Bottom), "bottom", &["End", "G"], "Last row", "To the last row"),
    A::new(Action::Go(Go::Open), "open", &["Enter"], "Open", "Enter the directory, view the file"),
    A::new(Action::Go(Go::Enter), "enter", &["Right", "l"], "Enter directory", "Enter the directory; does nothing on a file"),
    A::new(
        Action::Go(Go::Parent),
        "parent",
        &["Backspace", "Left", "h"],
        "Parent directory",
        "To the directory above, with the cursor on the one that was left",
    ),
    A::new(Action::Go(Go::Other), "other-pane", &["Tab"], "Other pane", "To the other pane"),
    A::new(Action::Go(Go::Swap), "swap", &["Ctrl-U"], "Swap panes", "Exchange left and right"),
    A::new(Action::Go(Go::Refresh), "refresh", &["Ctrl-R"], "Refresh", "List the directory again; cursor and marks stay"),
    A::new(Action::Go(Go::Back), "back", &["Alt-Left"], "Back", "To the directory shown before"),
    A::new(Action::Go(Go::Forward), "forward", &["Alt-Right"], "Forward", "To the directory that Back left"),
    A::new(Action::Go(Go::Path), "go-to", &["Alt-c"], "Go to path …", "Type a directory to go to; Tab completes"),
    A::new(Action::Go(Go::HereToo), "here-too", &["Alt-i"], "Same place in the other pane", "Show this directory in the other pane too"),
    A::new(
        Action::Go(Go::ThereToo),
        "entry-there",
        &["Alt-o"],
        "Entry in the other pane",
        "Show the directory under the cursor in the other pane",
    ),
    A::new(
        Action::Go(Go::Search),
        "search",
        &["Ctrl-S", "/"],
        "Search as you type",
        "Jump to the name being typed; Enter stays there, Esc goes back",
    ),
    A::new(Action::Mark(Mark::Toggle), "mark", &["Insert", "Space", "Ctrl-T"], "Mark", "Mark or unmark, and go one row down"),
    A::new(Action::Mark(Mark::Up), "mark-up", &["Shift-Up"], "Mark upwards", "Mark or unmark, and go one row up"),
    A::new(Action::Mark(Mark::Down), "mark-down", &["Shift-Down"], "Mark downwards", "Mark or unmark, and go one row down"),
    A::new(Action::Mark(Mark::ByMask), "mark-by-mask", &["+"], "Mark by mask …", "Mark what matches a mask such as *.html, case-blind"),
    A::new(Action::Mark(Mark::UnmarkByMask), "unmark-by-mask", &["-"], "Unmark by mask …", "Unmark what matches a mask, case-blind"),
    A::new(Action::Mark(Mark::Invert), "invert-marks", &["*"], "Invert marks", "Mark what is not marked, and the other way round"),
    A::new(Action::Show(Show::Filter), "filter", &["f"], "Filter …", "Show only what matches a mask or holds a text; Esc shows all again"),
    A::new(Action::Show(Show::ByName), "sort-name", &["s n"], "Sort by name", "Natural order, case-blind; again reverses"),
    A::new(Action::Show(Show::BySize), "sort-size", &["s s"], "Sort by size", "Largest first; again reverses"),
    A::new(Action::Show(Show::ByTime), "sort-time", &["s t"], "Sort by time", "Newest first; again reverses"),
    A::new(
        Action::Show(Show::ByExtension),
        "sort-extension",
        &["s e"],
        "Sort by extension",
        "By what is behind the last dot; again reverses",
    ),
    A::new(Action::Show(Show::Hidden), "hidden", &["Alt-."], "Hidden files", "Show or hide names that begin with a dot"),
    A::new(
        Action::Show(Show::Size),
        "directory-size",
        &["Ctrl-Space"],
        "Size of directory",
        "Add up the directory under the cursor, or the marked ones",
    ),
    A::new(Action::Show(Show::Transfers), "transfers", &["w"], "Transfers", "What moves, waits, failed and is done"),
    A::new(Action::Show(Show::Log), "log", &["L"], "Log", "The dialogue with the servers"),
    A::new(
        Action::Show(Show::Mouse),
        "mouse",
        &["Alt-m"],
        "Mouse on or off",
        "Give the mouse to the terminal, to select text, or take it back",
    ),
    A::new(Action::Site(Site::List), "sites", &["F2", "b", "Ctrl-\\"], "Sites", "Saved and recent sites: open, edit, rename, delete")
        .on_bar("Sites"),
    A::new(
        Action::Site(Site::Connect),
        "connect",
        &["o"],
        "Connect …",
        "Type a URL, a host, a site's name or a local directory to open in this pane",
    ),
    A::new(Action::Site(Site::Disconnect), "disconnect", &["X"], "Disconnect", "Close this pane's connection; transfers go on"),
    A::new(Action::Site(Site::Save), "save-site", &["B"], "Save this site …", "Keep this server with its settings and both directories"),
    A::new(Action::Program(Program::Help), "help", &["F1", "?"], "Help", "Every key").on_bar("Help"),
    A::new(Action::Program(Program::Menu), "menu", &["F9"], "Menu", "Every action, by groups").on_bar("Menu"),
    A::new(Action::Program(Program::Palette), "palette", &["Ctrl-P"], "Palette", "Every action, searched as you type"),
    A::new(
        Action::Program(Program::Command),
        "command-line",
        &[":"],
        "Command line …",
        "Type a command of ftp(1): :get, :put, :cd, :quote …",
    ),
    A::new(
        Action::Program(Program::Cancel),
        "cancel",
        &["Ctrl-C"],
        "Cancel",
        "Stop what is in front: a dialog, a listing, the transfers; again asks to quit",
    ),
    A::new(Action::Program(Program::Shell), "shell", &["Ctrl-O"], "Shell", "A shell in the local directory; its end comes back here"),
    A::new(Action::Program(Program::Suspend), "suspend", &["Ctrl-Z"], "Suspend", "Leave the program asleep; fg wakes it"),
    A::new(Action::Program(Program::Quit), "quit", &["F10", "q"], "Quit", "End the program; asks only while transfers run").on_bar("Quit"),
];

/// The table as the page docs/keys.md.
pub fn keys_page() -> String {
    let mut page = String::from(
        "# Keys\n\nThe default set, \"commander\". This page is made from the action table in `src/app/action.rs`; a test compares them and\nwrites the page anew where `UPDATE_DOCS=1` is set.\n",
    );
    let mut group = "";
    for row in ACTIONS {
        if row.group != group {
            group = row.group;
            page.push_str(&format!("\n## {group}\n\n| key | action | name | what it does |\n|---|---|---|---|\n"));
        }
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
        page.push_str(&format!("| {} | {} | {} | {} |\n", keys.join(" "), row.title, row.name, row.help));
    }
    page.push_str(FIXED);
    page
}

/// What is no action of the table: keys of dialogs and inputs.
const FIXED: &str = "
## Everywhere

- Esc only ever closes or clears, at once. In the panes a digit within half a second after it is an F-key, and so is Alt with a digit.
- In a line of text: Ctrl-U kills the line, Ctrl-W the word before, Ctrl-A and Ctrl-E go to its ends, Tab completes or goes on.
- Dialogs: Tab and the arrows choose, Enter takes, Esc or Ctrl-C cancels. A button's first letter takes it; one that destroys wants the capital.
- An existing target: `o` overwrite, `n` if newer, `s` if the size differs, `e` resume, `r` rename, `k` skip, `a` for all that follow.
- Viewer: arrows, PgUp, PgDn, Home, End, Space; `F4` or `h` hex, `F2` or `w` wrap, `/` or `F7` find, `n` next, `F5` or `:` go to offset, `q`, `F3` or Esc close.
- Transfers and log, where they have the keys: arrows, PgUp, PgDn, Home, End move; in the transfers Enter tells more of the row, Del, F8 or Ctrl-C cancels it. Tab goes to the panes, Esc closes; letters for the panes do nothing, but for `w`, `L`, `:` and `?`.
- Sites: type to filter or a URL, Enter opens; on a row `e` or F4 edits, `r` renames, Del or F8 deletes, `n` or F7 makes a new one.
";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_and_every_name_is_in_the_table_once() {
        let actions: HashSet<Action> = ACTIONS.iter().map(|row| row.action).collect();
        let names: HashSet<&str> = ACTIONS.iter().map(|row| row.name).collect();
        assert_eq!(actions.len(), ACTIONS.len());
        assert_eq!(names.len(), ACTIONS.len());
        assert_eq!(actions.len(), 56, "an action was added or removed without its row");
    }

    #[test]
    fn every_action_has_a_key_and_a_help_line() {
        for row in ACTIONS {
            assert!(!row.keys.is_empty(), "{}", row.name);
            assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}", row.name);
        }
    }
}
