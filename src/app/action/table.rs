//! The table: a row for each action, by groups.

use super::{Action, ActionInfo, ActionInfo as A, File, Go, Mark, Program, Queue, Show, Site};

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
    A::new(
        Action::File(File::AskAgain),
        "ask-again",
        &["Ctrl-X a"],
        "Ask about existing targets",
        "Ask again what to do where a target exists, after an answer for every copy that way",
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
    A::new(
        Action::Go(Go::Panel),
        "to-panel",
        &["Shift-Tab"],
        "To the panel",
        "Give the keys to the open panel, or to that of the transfers, also from a list of sites; and back to the pane",
    ),
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
    A::new(
        Action::Show(Show::Transfers),
        "transfers",
        &["w"],
        "Transfers",
        "Open or close the list of what moves, waits, failed and is done",
    ),
    A::new(Action::Show(Show::Log), "log", &["L"], "Log", "Open or close the dialogue with the servers"),
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
    A::new(
        Action::Site(Site::Charset),
        "charset",
        &["Alt-e"],
        "Charset of names …",
        "Read this server's names in another charset, with a look at how they would read; kept for a saved site on request",
    ),
    A::new(
        Action::Site(Site::Can),
        "what-the-server-can",
        &["Ctrl-X i"],
        "What the server can …",
        "All that is known of this pane's server; r there tries the rest: data connections, resuming, clock, limits, rate",
    ),
    A::new(
        Action::Site(Site::Fix),
        "why",
        &["Ctrl-X f"],
        "Why it failed, and fix it …",
        "Why what is in front failed, in one sentence, and the one thing that fixes it, remembered for the site",
    ),
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
        "Stop what is in front: a dialog, a listing, the transfers; where nothing is, ask to quit, and again quits",
    ),
    A::new(Action::Program(Program::Shell), "shell", &["Ctrl-O"], "Shell", "A shell in the local directory; its end comes back here"),
    A::new(Action::Program(Program::Suspend), "suspend", &["Ctrl-Z"], "Suspend", "Leave the program asleep; fg wakes it"),
    A::new(
        Action::Queue(Queue::GoOn),
        "go-on",
        &["C"],
        "Go on with transfers",
        "Go on with transfers that are held or paused, or that an earlier run has not finished",
    ),
    A::new(
        Action::Queue(Queue::Forget),
        "forget-unfinished",
        &["D"],
        "Forget unfinished transfers …",
        "Give up what an earlier run has not finished, after a question; partial files stay",
    ),
    A::new(Action::Program(Program::Quit), "quit", &["F10", "q"], "Quit", "End the program; asks only while transfers run").on_bar("Quit"),
    A::new(Action::Queue(Queue::Pause), "pause", &["Space", "p"], "Pause or go on", "Hold the transfer under the cursor, or let it go on")
        .in_transfers(),
    A::new(Action::Queue(Queue::PauseAll), "pause-all", &["P"], "Pause or go on with all", "Hold every transfer, or let all go on")
        .in_transfers(),
    A::new(
        Action::Queue(Queue::Retry),
        "retry",
        &["r"],
        "Retry",
        "Try what failed or was cancelled again, from where it is; an unfinished copy of an earlier run goes on",
    )
    .in_transfers(),
    A::new(
        Action::Queue(Queue::RetryAll),
        "retry-all",
        &["R"],
        "Retry all",
        "Try all again that failed or was cancelled; with a filter what it leaves: failed and cancelled are words for it",
    )
    .in_transfers(),
    A::new(
        Action::Queue(Queue::Cancel),
        "cancel-transfer",
        &["Delete", "F8"],
        "Cancel transfer",
        "Stop the transfer under the cursor; what has arrived is kept for a retry",
    )
    .in_transfers(),
    A::new(
        Action::Queue(Queue::Enter),
        "enter-transfer",
        &["Enter"],
        "Details, or go on",
        "Details; what an earlier run has not finished goes on",
    )
    .in_transfers(),
    A::new(
        Action::Queue(Queue::Details),
        "details",
        &["i"],
        "Details",
        "All that is known: both ends, how far, tries, the server's words, what to do, how it was checked",
    )
    .in_transfers(),
    A::new(Action::Queue(Queue::Up), "queue-up", &["K", "Shift-Up"], "Sooner by one", "Before the one above it in the queue")
        .in_transfers(),
    A::new(Action::Queue(Queue::Down), "queue-down", &["J", "Shift-Down"], "Later by one", "Behind the one below it in the queue")
        .in_transfers(),
    A::new(Action::Queue(Queue::Top), "queue-top", &["T", "Shift-Home"], "To the top", "Before all that wait").in_transfers(),
    A::new(Action::Queue(Queue::Bottom), "queue-bottom", &["B", "Shift-End"], "To the bottom", "Behind all that wait").in_transfers(),
    A::new(Action::Queue(Queue::Sooner), "priority-up", &["+"], "Higher priority", "Low, normal, high: high goes before everything else")
        .in_transfers(),
    A::new(Action::Queue(Queue::Later), "priority-down", &["-"], "Lower priority", "High, normal, low: low goes after everything else")
        .in_transfers(),
    A::new(
        Action::Queue(Queue::Clear),
        "clear",
        &["c"],
        "Clear",
        "Take what is done from the list; failed ones only after a question, where nothing else is left or among the failed",
    )
    .in_transfers(),
    A::new(
        Action::Queue(Queue::Filter),
        "filter-transfers",
        &["f", "/"],
        "Filter transfers …",
        "Show only rows that hold these words, in names or state",
    )
    .in_transfers(),
    A::new(
        Action::Queue(Queue::Limits),
        "speed-limits",
        &["l"],
        "Speed limits …",
        "How fast transfers may be: 500K, 2M, 1.5MiB/s; nothing for no limit",
    )
    .in_transfers(),
    A::new(Action::Queue(Queue::History), "transfer-history", &["H"], "History …", "What was copied before, searched as you type")
        .in_transfers(),
    A::new(Action::Queue(Queue::All), "tab-all", &["1"], "All transfers", "Show all transfers").in_transfers(),
    A::new(Action::Queue(Queue::Active), "tab-active", &["2"], "Active transfers", "Show only what moves or asks").in_transfers(),
    A::new(Action::Queue(Queue::Queued), "tab-queued", &["3"], "Queued transfers", "Show only what waits").in_transfers(),
    A::new(Action::Queue(Queue::Failed), "tab-failed", &["4"], "Failed transfers", "Show only what failed or was cancelled").in_transfers(),
    A::new(Action::Queue(Queue::Done), "tab-done", &["5"], "Done transfers", "Show only what is done or was passed over").in_transfers(),
    A::new(Action::Queue(Queue::NextTab), "next-tab", &["Right", "]"], "Next tab", "The tab to the right").in_transfers(),
    A::new(Action::Queue(Queue::PrevTab), "previous-tab", &["Left", "["], "Previous tab", "The tab to the left").in_transfers(),
];
