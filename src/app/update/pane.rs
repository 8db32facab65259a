//! Moving through a directory and through the tree.

use crate::bus::{BrowseOp, Command, ListingPart, Outcome};
use crate::model::figures::grouped;
use crate::model::secret::Typed;
use crate::model::site::VolumeSpec;
use crate::model::{Entry, Failure, FailureKind, RequestId, VPath};

use super::super::effect::Effect;
use super::super::listing::Trail;
use super::super::msg::Resolved;
use super::super::pane::{Pane, Row};
use super::super::{App, PaneSide, Purpose};
use super::{Effects, browse, connection, notice, text, trouble, viewer, why};

/// Moves the cursor by rows.
pub(super) fn step(app: &mut App, by: isize) {
    let row = app.pane(app.focus).cursor.saturating_add_signed(by);
    to_row(app, row);
}

/// Moves the cursor by a page.
pub(super) fn page(app: &mut App, down: bool) {
    let by = isize::try_from(app.screen.page.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
    step(app, if down { by } else { -by });
}

/// Puts the cursor on a row, or the last one.
pub(super) fn to_row(app: &mut App, row: usize) {
    let page = app.screen.page;
    app.pane_mut(app.focus).put_cursor(row, page);
}

/// Enter: a directory is entered, a file viewed. A link goes the way of a directory until it is known to be something else.
pub(super) fn open(app: &mut App, fx: &mut Effects) {
    match app.pane(app.focus).row(app.pane(app.focus).cursor) {
        Some(Row::Parent) => parent(app, fx),
        Some(Row::Entry(entry)) if entry.is_enterable() => enter(app, fx),
        Some(Row::Entry(_)) => viewer::open(app, fx),
        Some(Row::Unparsed(_)) => trouble(app, "this row of the listing could not be read: nothing can be done with it"),
        None => {}
    }
}

/// `l`: directories only.
pub(super) fn enter(app: &mut App, fx: &mut Effects) {
    let pane = app.pane(app.focus);
    match pane.row(pane.cursor) {
        Some(Row::Parent) => parent(app, fx),
        Some(Row::Entry(entry)) if entry.is_enterable() => {
            let path = pane.path.join(&entry.name);
            list(app, app.focus, path, Trail::New, fx);
        }
        Some(Row::Entry(_) | Row::Unparsed(_)) | None => {}
    }
}

/// To the directory above, with the cursor on the one that was left.
pub(super) fn parent(app: &mut App, fx: &mut Effects) {
    let side = app.focus;
    let pane = app.pane_mut(side);
    let Some(path) = pane.path.parent().filter(|_| pane.is_directory()) else { return };
    pane.aim = pane.path.name();
    list(app, side, path, Trail::New, fx);
}

/// To the other pane.
pub(super) fn other(app: &mut App) {
    app.panel_focus = false;
    app.focus = app.focus.other();
}

/// Exchanges left and right; what is awaited goes with its pane, and so does the focus.
pub(super) fn swap(app: &mut App) {
    std::mem::swap(&mut app.left, &mut app.right);
    for purpose in app.requests.values_mut() {
        match purpose {
            Purpose::List(side) | Purpose::Change(side, _, _) | Purpose::Count(side) | Purpose::Size(side, _) => *side = side.other(),
            Purpose::View | Purpose::Edit | Purpose::Complete | Purpose::Raw | Purpose::Quiet => {}
        }
    }
    app.focus = app.focus.other();
    app.drag = None;
    app.press = None;
}

/// Lists the directory again.
pub(super) fn refresh(app: &mut App, side: PaneSide, fx: &mut Effects) {
    if !app.pane(side).is_directory() {
        return;
    }
    let path = app.pane(side).path.clone();
    list(app, side, path, Trail::Stay, fx);
}

/// Lists the directory again after a change in it, but not where the pane is on its way to another one.
pub(super) fn refresh_shown(app: &mut App, side: PaneSide, fx: &mut Effects) {
    let pane = app.pane(side);
    if pane.awaited_path().is_none_or(|path| path == pane.path) {
        refresh(app, side, fx);
    }
}

/// To the directory shown before.
pub(super) fn back(app: &mut App, fx: &mut Effects) {
    let pane = app.pane_mut(app.focus);
    // A link that was entered twice left its directory here: going there would be going nowhere.
    while pane.back.last() == Some(&pane.path) {
        pane.back.pop();
    }
    if let Some(path) = app.pane(app.focus).back.last().cloned() {
        list(app, app.focus, path, Trail::Back, fx);
    }
}

/// To the directory that Back left.
pub(super) fn forward(app: &mut App, fx: &mut Effects) {
    let pane = app.pane_mut(app.focus);
    while pane.forward.last() == Some(&pane.path) {
        pane.forward.pop();
    }
    if let Some(path) = app.pane(app.focus).forward.last().cloned() {
        list(app, app.focus, path, Trail::Forward, fx);
    }
}

/// This directory in the other pane too.
pub(super) fn here_too(app: &mut App, fx: &mut Effects) {
    let path = app.pane(app.focus).path.clone();
    show_in_other(app, path, fx);
}

/// The directory under the cursor in the other pane.
pub(super) fn there_too(app: &mut App, fx: &mut Effects) {
    let pane = app.pane(app.focus);
    let path = match pane.row(pane.cursor) {
        Some(Row::Parent) => pane.path.parent(),
        Some(Row::Entry(entry)) if entry.is_enterable() => Some(pane.path.join(&entry.name)),
        Some(Row::Entry(_) | Row::Unparsed(_)) | None => None,
    };
    match path {
        Some(path) => show_in_other(app, path, fx),
        None => trouble(app, "this is no directory that the other pane could show"),
    }
}

/// The other pane shows a directory of this one's volume: in place where it has that volume open, else on a connection of its own.
fn show_in_other(app: &mut App, path: VPath, fx: &mut Effects) {
    let side = app.focus.other();
    let (here, there) = (app.pane(app.focus), app.pane(side));
    if !here.is_directory() {
        return;
    }
    if is_same_volume(here, there) {
        return list(app, side, path, Trail::New, fx);
    }
    let spec = here.spec.clone().unwrap_or(VolumeSpec::Local);
    connection::open(app, side, Resolved { spec, path: Some(path) }, Typed::default(), fx);
}

/// Whether two panes show the same file system.
pub(super) fn is_same_volume(a: &Pane, b: &Pane) -> bool {
    if !a.is_directory() || !b.is_directory() {
        return false;
    }
    match (&a.opened.site, &b.opened.site) {
        (None, None) => true,
        (Some(a), Some(b)) => a.is_same_tree(b),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Asks for a listing; one that is on its way is stopped.
pub(super) fn list(app: &mut App, side: PaneSide, path: VPath, trail: Trail, fx: &mut Effects) {
    let Some(connection) = app.pane(side).connection else { return };
    stop_loading(app, side, fx);
    forget_old_trouble(app, side);
    app.ids.generation.0 += 1;
    let generation = app.ids.generation;
    let request = browse(app, connection, Purpose::List(side), BrowseOp::List { path: path.clone(), generation }, fx);
    let pane = app.pane_mut(side);
    pane.loading = Some(request);
    pane.expect(path, generation, trail);
}

/// Stops a listing that is on its way; tells whether there was one.
pub(super) fn stop_loading(app: &mut App, side: PaneSide, fx: &mut Effects) -> bool {
    let page = app.screen.page;
    let pane = app.pane_mut(side);
    let (Some(request), Some(connection)) = (pane.loading, pane.connection) else { return false };
    pane.miss(None, page);
    app.requests.remove(&request);
    fx.push(Effect::Engine(Command::CancelRequest { connection, request }));
    true
}

/// Rows of a listing: for a pane that waits for them, or for a completion.
pub(super) fn rows(app: &mut App, request: RequestId, part: ListingPart) {
    let page = app.screen.page;
    match app.requests.get(&request) {
        Some(Purpose::List(side)) => {
            let side = *side;
            app.pane_mut(side).arrive(part, page);
        }
        Some(Purpose::Complete) => super::complete::rows(app, request, part),
        Some(_) | None => {}
    }
}

/// A listing came to its end.
pub(super) fn listed(app: &mut App, side: PaneSide, request: RequestId, outcome: Result<Outcome, Failure>, fx: &mut Effects) {
    let page = app.screen.page;
    if app.pane(side).loading != Some(request) {
        return;
    }
    match outcome {
        Ok(Outcome::Listed { free, path }) => {
            let pane = app.pane_mut(side);
            pane.complete(path, free, page);
            if std::mem::take(&mut pane.tell) {
                tell_listed(app, side);
            }
        }
        Ok(_) => app.pane_mut(side).miss(None, page),
        Err(failure) => missed(app, side, failure, fx),
    }
}

/// What a listing brought, where a person asked to be told.
fn tell_listed(app: &mut App, side: PaneSide) {
    let pane = app.pane(side);
    let all = text::many(pane.entries.len() as u64, "entry", "entries");
    let hidden = pane.entries.len() - pane.order.len();
    let shown = if hidden > 0 { format!(", {} shown", grouped(pane.order.len() as u64)) } else { String::new() };
    notice(app, format!("listed again: {all}{shown} in {}", text::path(&app.pane(side).path)));
}

/// The notice of a listing that failed goes when the pane tries another one: what it told is not the last word any more.
fn forget_old_trouble(app: &mut App, side: PaneSide) {
    let pane = app.pane(side);
    let Some(failure) = pane.missed.as_ref().or(pane.trouble.as_ref()) else { return };
    let told = words(pane, failure);
    if app.toast.as_ref().is_some_and(|toast| toast.is_error && toast.text == told) {
        app.toast = None;
    }
}

/// A failure of a listing as it is told.
fn words(pane: &Pane, failure: &Failure) -> String {
    pane.opened.site.as_ref().map_or_else(|| failure.to_string(), |site| why::sentence(failure, site))
}

/// A listing failed: a link that turned out to be a file is viewed, a first directory that is not there gives way to the home.
fn missed(app: &mut App, side: PaneSide, failure: Failure, fx: &mut Effects) {
    let page = app.screen.page;
    let pane = app.pane_mut(side);
    let first = pane.generation.0 == 0;
    let asked = pane.awaited_path();
    if failure.kind == FailureKind::Cancelled {
        return pane.miss(None, page);
    }
    let lost = failure.is_connection_lost();
    pane.miss(Some(failure.clone()), page);
    if lost {
        return;
    }
    let told = words(pane, &failure);
    let link = asked.as_ref().and_then(|path| link_at(pane, path)).cloned();
    if let Some(link) = link {
        (pane.trouble, pane.missed) = (None, None);
        return viewer::open_entry(app, side, &link, fx);
    }
    let home = pane.opened.home.clone().filter(|home| first && asked.as_ref() != Some(home));
    if let Some(home) = home {
        app.pane_mut(side).path = home.clone();
        list(app, side, home, Trail::Stay, fx);
    }
    trouble(app, told);
}

/// The link of this pane's directory that was to be entered.
fn link_at<'a>(pane: &'a Pane, path: &VPath) -> Option<&'a Entry> {
    if path.parent().as_ref() != Some(&pane.path) {
        return None;
    }
    let name = path.name()?;
    pane.entries.iter().find(|entry| entry.name == name && entry.kind == crate::model::Kind::Link)
}
