//! The end of a request: its purpose decides what the answer does. One that nobody waits for any more has no purpose and is dropped.

use crate::bus::Outcome;
use crate::model::text::printable;
use crate::model::{During, Failure, FailureKind, Name, Reply, RequestId, VPath};

use super::super::dialog::{Dialog, Scroll};
use super::super::{App, PaneSide, Purpose};
use super::{Effects, complete, delete, edit, form, notice, pane, trouble, viewer, why};

/// A request came to its end.
pub(super) fn ended(app: &mut App, request: RequestId, outcome: Result<Outcome, Failure>, fx: &mut Effects) {
    let Some(purpose) = app.requests.remove(&request) else { return };
    match purpose {
        Purpose::List(side) => pane::listed(app, side, request, outcome, fx),
        Purpose::Change(side, word, aim) => changed(app, (side, request), (word, aim), outcome, fx),
        Purpose::Count(_) => delete::count_ended(app, request, outcome),
        Purpose::Size(side, path) => size_ended(app, side, &path, outcome),
        Purpose::View => viewer::window(app, request, outcome, fx),
        Purpose::Edit => edit::answered(app, request, outcome, fx),
        Purpose::Complete => complete::ended(app, request, outcome),
        Purpose::Raw => replied(app, outcome),
        Purpose::Quiet => drop(outcome.map_err(|failure| trouble(app, failure.to_string()))),
    }
}

/// A change on a volume: said, and the directory listed anew, also after a failure, since part of it may have been done.
fn changed(
    app: &mut App,
    (side, request): (PaneSide, RequestId),
    (word, aim): (&'static str, Option<Name>),
    outcome: Result<Outcome, Failure>,
    fx: &mut Effects,
) {
    match outcome {
        Ok(_) => {
            app.failed = None;
            notice(app, word);
        }
        Err(failure) => {
            let renamed = failure.during == During::Rename;
            let told = why::failed(app, side, failure);
            if form::come_back(app, request, told.clone()) {
                app.toast = None;
                if renamed {
                    // Nothing was changed, and the name that is to be given is this listing's.
                    return;
                }
            }
        }
    }
    let pane = app.pane_mut(side);
    if aim.is_some() && pane.awaited_path().is_none_or(|path| path == pane.path) {
        pane.aim = aim;
    }
    pane::refresh_shown(app, side, fx);
    let (here, there) = (app.pane(side), app.pane(side.other()));
    if here.path == there.path && pane::is_same_volume(here, there) {
        pane::refresh_shown(app, side.other(), fx);
    }
}

fn size_ended(app: &mut App, side: PaneSide, path: &VPath, outcome: Result<Outcome, Failure>) {
    match outcome {
        Ok(Outcome::Counted(count)) => app.pane_mut(side).put_dir_size(path, Some(count.bytes)),
        Ok(_) => {}
        Err(failure) if failure.kind == FailureKind::Cancelled => app.pane_mut(side).put_dir_size(path, None),
        Err(failure) => trouble(app, failure.to_string()),
    }
}

fn replied(app: &mut App, outcome: Result<Outcome, Failure>) {
    match outcome {
        Ok(Outcome::Replied(reply)) => message(app, "The server's reply", reply_lines(&reply)),
        Ok(_) => {}
        Err(failure) => trouble(app, failure.to_string()),
    }
}

fn reply_lines(reply: &Reply) -> Vec<String> {
    reply
        .text
        .split(|&b| b == b'\n')
        .enumerate()
        .map(|(i, line)| if i == 0 { format!("{} {}", reply.code, printable(line)) } else { format!("    {}", printable(line)) })
        .collect()
}

/// A longer text to read.
pub(super) fn message(app: &mut App, title: &str, lines: Vec<String>) {
    app.dialogs.push(Dialog::Message { title: title.to_owned(), lines, scroll: Scroll::default(), about: None });
}
