//! Deleting: always after a question that names what, where, how many, and whether it can be had back.

use crate::bus::{BrowseOp, Command, Guard, Outcome, RemoveHow};
use crate::model::listing::Count;
use crate::model::{Entry, Failure, Kind, Name, RequestId};

use super::super::dialog::{Button, Confirm, Then};
use super::super::effect::Effect;
use super::super::{App, Dialog, Purpose};
use super::{Effects, browse, text, trouble};

/// How many names the question lists.
const NAMED: usize = 5;

/// Asks whether to delete what is chosen.
pub(super) fn ask(app: &mut App, for_good: bool, fx: &mut Effects) {
    let pane = app.pane(app.focus);
    let entries = pane.chosen().into_iter().cloned().collect();
    ask_for(app, entries, for_good, fx);
}

/// Asks whether to delete these entries of the focused pane.
pub(super) fn ask_for(app: &mut App, entries: Vec<Entry>, for_good: bool, fx: &mut Effects) {
    let side = app.focus;
    let pane = app.pane(side);
    let Some(connection) = pane.connection.filter(|_| pane.is_directory()) else { return };
    if entries.is_empty() {
        return trouble(app, "nothing is marked or under the cursor that could be deleted");
    }
    let how = if pane.opened.can.trash && !for_good { RemoveHow::Trash } else { RemoveHow::ForGood };
    let guard = Guard { directory: pane.path.clone(), generation: pane.generation };
    let mut lines = vec![format!("{} in {}", text::entries(&entries), text::path(&pane.path)), format!("on {}", text::volume(pane))];
    if entries.len() > 1 {
        lines.extend(entries.iter().take(NAMED).map(|entry| format!("  {}", text::name(entry))));
        lines.extend((entries.len() > NAMED).then(|| format!("  and {} more", entries.len() - NAMED)));
    }
    let (word, line) = match how {
        RemoveHow::Trash => ("Trash", "It goes into the trash."),
        RemoveHow::ForGood => ("Delete", "It is deleted for good."),
    };
    lines.push(line.to_owned());
    let names: Vec<(Name, Kind)> = entries.iter().map(|entry| (entry.name.clone(), entry.kind)).collect();
    let count = start_count(app, connection, &entries, &names, fx);
    let request = app.ids.request.advance();
    app.requests.insert(request, Purpose::Change(side, if how == RemoveHow::Trash { "moved to the trash" } else { "deleted" }, None));
    let op = BrowseOp::Remove { guard, entries: names, how };
    let buttons = vec![
        Button { label: word.to_owned(), then: Then::Send(vec![Command::Browse { connection, request, op }]) },
        Button { label: "Cancel".to_owned(), then: Then::Nothing },
    ];
    // What cannot be had back is not what Enter takes.
    let focus = usize::from(how == RemoveHow::ForGood);
    app.dialogs.push(Dialog::Confirm(Confirm { count: Some(count), ..Confirm::new("Delete", lines, buttons, focus) }));
}

/// What is in it all: known for files, asked of the volume for directories, and shown while it is being added up.
fn start_count(
    app: &mut App,
    connection: crate::model::ConnectionId,
    entries: &[Entry],
    names: &[(Name, Kind)],
    fx: &mut Effects,
) -> (RequestId, Count, bool) {
    let dirs = entries.iter().filter(|entry| entry.kind == Kind::Dir).count() as u64;
    let files = entries.len() as u64 - dirs;
    let bytes = entries.iter().filter_map(Entry::file_size).fold(0, u64::saturating_add);
    let known = Count { files, dirs, bytes };
    if dirs == 0 {
        return (app.ids.request.advance(), known, true);
    }
    let directory = app.pane(app.focus).path.clone();
    let op = BrowseOp::Count { directory, entries: names.to_vec() };
    (browse(app, connection, Purpose::Count(app.focus), op, fx), known, false)
}

/// A count went on: in the question, or beside a directory's name.
pub(super) fn counted(app: &mut App, request: RequestId, count: Count, complete: bool) {
    if let Some(Purpose::Size(side, path)) = app.requests.get(&request).cloned() {
        app.pane_mut(side).put_dir_size(&path, Some(count.bytes));
    }
    for dialog in &mut app.dialogs {
        if let Dialog::Confirm(Confirm { count: Some((of, shown, done)), .. }) = dialog
            && *of == request
        {
            (*shown, *done) = (count, complete);
        }
    }
}

/// A count came to its end; one that failed leaves what was known.
pub(super) fn count_ended(app: &mut App, request: RequestId, outcome: Result<Outcome, Failure>) {
    if let Ok(Outcome::Counted(count)) = outcome {
        counted(app, request, count, true);
    }
}

/// A question was closed or answered: its count is of no more use, and must not keep the connection from what was decided.
pub(super) fn stop_count(app: &mut App, confirm: &Confirm, fx: &mut Effects) {
    let Some((request, _, _)) = confirm.count else { return };
    if app.requests.remove(&request).is_none() {
        return;
    }
    let sent = confirm.buttons.iter().find_map(|button| match &button.then {
        Then::Send(commands) => {
            commands.iter().find_map(|command| if let Command::Browse { connection, .. } = command { Some(*connection) } else { None })
        }
        _ => None,
    });
    if let Some(connection) = sent {
        fx.push(Effect::Engine(Command::CancelRequest { connection, request }));
    }
}

/// A question was closed: what it would have asked for is awaited no longer.
pub(super) fn drop_requests(app: &mut App, confirm: &Confirm) {
    for button in &confirm.buttons {
        if let Then::Send(commands) = &button.then {
            for command in commands {
                if let Command::Browse { request, .. } = command {
                    app.requests.remove(request);
                }
            }
        }
    }
}
