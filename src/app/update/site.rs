//! The sites: loading, the list in a pane and in a dialog, opening one.

use tui_input::Input;

use crate::model::Site;
use crate::model::secret::Typed;
use crate::model::site::VolumeSpec;

use super::super::dialog::{Button, Confirm, Then};
use super::super::effect::Effect;
use super::super::msg::{Resolved, SitesLoaded};
use super::super::pane::{Content, Pane};
use super::super::sites::{SiteList, SiteRow, Sites};
use super::super::{App, Dialog, PaneSide};
use super::{Effects, connection, notice, trouble};

/// The sites were read or written.
pub(in super::super) fn loaded(app: &mut App, loaded: SitesLoaded) {
    let saving = app.sites.saving.take();
    let new = Sites { saved: loaded.saved, recent: loaded.recent, trusted: loaded.trusted, broken: loaded.broken, saving: None };
    let old = std::mem::replace(&mut app.sites, new);
    let chosen: Vec<_> = lists(app).into_iter().map(|list| list.selected.map(|row| (row, called(&old, list.rows.get(row))))).collect();
    rebuild(app);
    stay(app, chosen);
    match saving {
        Some(name) if app.sites.saved.iter().any(|site| site.name == name) => {
            notice(app, format!("saved {}", crate::model::text::printable_str(&name)));
            choose(app, &name);
        }
        // Another job's answer, or the trouble that comes before this one's.
        saving => app.sites.saving = saving,
    }
}

/// Whether a site is saved, and its name or title.
type Called = (bool, String);

/// What a row is called, whatever its place is.
fn called(sites: &Sites, row: Option<&SiteRow>) -> Option<Called> {
    match row? {
        SiteRow::Heading(_) => None,
        SiteRow::Saved(i) => Some((true, sites.saved.get(*i)?.name.clone())),
        SiteRow::Recent(i) => Some((false, sites.recent.get(*i)?.title())),
    }
}

/// The cursor of every list stays on its site, or where that has gone on the one in its place.
fn stay(app: &mut App, chosen: Vec<Option<(usize, Option<Called>)>>) {
    let sites = std::mem::take(&mut app.sites);
    for (list, chosen) in lists(app).into_iter().zip(chosen) {
        list.selected = chosen.and_then(|(row, name)| {
            let is_site = |row: &usize| called(&sites, list.rows.get(*row)).is_some();
            let same = (0..list.rows.len()).find(|row| name.is_some() && called(&sites, list.rows.get(*row)) == name);
            same.or_else(|| (row..list.rows.len()).find(is_site)).or_else(|| (0..row.min(list.rows.len())).rev().find(is_site))
        });
    }
    app.sites = sites;
}

/// Puts the cursor of the list with the keys on a saved site, which shows then whatever is typed.
fn choose(app: &mut App, name: &str) {
    let place = app.sites.saved.iter().position(|site| site.name == name);
    let of = |list: &SiteList| list.rows.iter().position(|row| matches!(row, SiteRow::Saved(i) if Some(*i) == place));
    let Some(list) = active(app) else { return };
    if of(list).is_none() {
        list.input.reset();
        rebuild(app);
    }
    if let Some(list) = active(app) {
        list.selected = of(list);
    }
}

/// Something at the edge went wrong: it may be the saving of a site, of which no success is told then.
pub(super) fn not_saved(app: &mut App, why: String) {
    app.sites.saving = None;
    trouble(app, why);
}

/// Every list of sites that is shown.
fn lists(app: &mut App) -> Vec<&mut SiteList> {
    let panes = [&mut app.left.content, &mut app.right.content].into_iter().filter_map(|content| match content {
        Content::Sites(list) => Some(list),
        Content::Opening(_) | Content::Directory => None,
    });
    let dialogs = app.dialogs.iter_mut().filter_map(|dialog| if let Dialog::Sites(list) = dialog { Some(list) } else { None });
    panes.chain(dialogs).collect()
}

/// Makes the rows of every list anew, from the sites and what is typed in it.
pub(super) fn rebuild(app: &mut App) {
    let sites = std::mem::take(&mut app.sites);
    for list in lists(app) {
        list.rows = rows(&sites, list.input.value());
        list.selected = list.selected.filter(|&row| matches!(list.rows.get(row), Some(SiteRow::Saved(_) | SiteRow::Recent(_))));
    }
    app.sites = sites;
}

fn rows(sites: &Sites, typed: &str) -> Vec<SiteRow> {
    let wanted = typed.trim().to_lowercase();
    let matches =
        |site: &Site| wanted.is_empty() || format!("{}/{} {}", site.folder, site.title(), site.host).to_lowercase().contains(&wanted);
    let mut saved: Vec<usize> = (0..sites.saved.len()).filter(|&i| sites.saved.get(i).is_some_and(matches)).collect();
    // By folders, those without one first; within a folder in the order of the file.
    saved.sort_by_key(|&i| sites.saved.get(i).map(|site| site.folder.clone()));
    let mut out = Vec::new();
    let mut folder = String::new();
    for i in saved {
        let Some(site) = sites.saved.get(i) else { continue };
        if site.folder != folder {
            folder = site.folder.clone();
            out.push(SiteRow::Heading(folder.clone()));
        }
        out.push(SiteRow::Saved(i));
    }
    // One that is saved stands above already.
    let is_saved = |site: &Site| sites.saved.iter().any(|saved| saved.is_same_account(site));
    let shows = |site: &Site| matches(site) && !is_saved(site);
    let recent: Vec<usize> = (0..sites.recent.len()).filter(|&i| sites.recent.get(i).is_some_and(shows)).collect();
    if !recent.is_empty() {
        out.push(SiteRow::Heading("Recent".to_owned()));
    }
    out.extend(recent.into_iter().map(SiteRow::Recent));
    out
}

/// Shows the sites in a pane, with this in the line to type in and this message below it.
pub(in super::super) fn show_list(app: &mut App, side: PaneSide, typed: String, message: Option<String>) {
    let old = app.pane(side);
    let list = SiteList { input: Input::new(typed), message, ..SiteList::default() };
    *app.pane_mut(side) = Pane { content: Content::Sites(list), sort: old.sort, show_hidden: old.show_hidden, ..Pane::default() };
    // What was typed and failed is there to be mended, not to hide the sites.
    rebuild(app);
    let sites = std::mem::take(&mut app.sites);
    if let Content::Sites(list) = &mut app.pane_mut(side).content
        && list.rows.is_empty()
    {
        list.rows = rows(&sites, "");
    }
    app.sites = sites;
}

/// F2.
pub(super) fn open_dialog(app: &mut App) {
    app.dialogs.push(Dialog::Sites(SiteList::default()));
    rebuild(app);
}

/// The list that has the keys: the dialog's, else that of the focused pane.
pub(super) fn active(app: &mut App) -> Option<&mut SiteList> {
    if !app.dialogs.is_empty() {
        return match app.dialogs.last_mut() {
            Some(Dialog::Sites(list)) => Some(list),
            _ => None,
        };
    }
    match &mut app.pane_mut(app.focus).content {
        Content::Sites(list) => Some(list),
        Content::Opening(_) | Content::Directory => None,
    }
}

/// The site of a row.
pub(super) fn site_of(app: &App, row: &SiteRow) -> Option<Site> {
    match row {
        SiteRow::Heading(_) => None,
        SiteRow::Saved(i) => app.sites.saved.get(*i).cloned(),
        SiteRow::Recent(i) => app.sites.recent.get(*i).cloned(),
    }
}

/// Enter: the chosen site, or what is typed.
pub(super) fn enter(app: &mut App, fx: &mut Effects) {
    let Some(list) = active(app) else { return };
    let typed = list.input.value().trim().to_owned();
    let row = list.selected.and_then(|row| list.rows.get(row)).cloned();
    let row = row.or_else(|| meant(app, &typed));
    match row.and_then(|row| site_of(app, &row)) {
        Some(site) => open(app, site, fx),
        None if typed.is_empty() => {}
        None => {
            close_dialog(app);
            resolve_typed(app, app.focus, typed, fx);
        }
    }
}

/// What a text in the line means among the rows: a name as it is, or a part of one where it does not look like an address.
fn meant(app: &mut App, typed: &str) -> Option<SiteRow> {
    if typed.is_empty() {
        return None;
    }
    if let Some(i) = app.sites.saved.iter().position(|site| site.name == typed) {
        return Some(SiteRow::Saved(i));
    }
    if typed.contains(['/', ':', '.', '@', '~']) {
        return None;
    }
    active(app)?.rows.iter().find(|row| matches!(row, SiteRow::Saved(_) | SiteRow::Recent(_))).cloned()
}

/// Opens a site in the focused pane.
pub(super) fn open(app: &mut App, site: Site, fx: &mut Effects) {
    close_dialog(app);
    if site.user.is_none() && !site.name.is_empty() {
        // Who it is opened as may stand in ~/.netrc, which is read at the edge.
        return resolve_typed(app, app.focus, site.name, fx);
    }
    let typed = app.pane(app.focus).typed.clone();
    connection::open(app, app.focus, Resolved { spec: VolumeSpec::Ftp(Box::new(site), None), path: None }, typed, fx);
}

fn close_dialog(app: &mut App) {
    if matches!(app.dialogs.last(), Some(Dialog::Sites(_))) {
        app.dialogs.pop();
    }
}

/// Finds out what was typed, at the edge; kept until the answer comes.
pub(super) fn resolve_typed(app: &mut App, side: PaneSide, typed: String, fx: &mut Effects) {
    let request = app.ids.request.advance();
    let pane = app.pane_mut(side);
    let typed = Typed::new(typed);
    pane.typed = typed.clone();
    pane.resolving = Some(request);
    fx.push(Effect::Resolve(request, typed));
}

/// Del: asks whether to delete a saved site.
pub(super) fn ask_remove(app: &mut App, place: usize) {
    let Some(site) = app.sites.saved.get(place) else { return };
    let line = format!("Delete the saved site {}? Nothing on the server changes.", crate::model::text::printable_str(&site.name));
    let buttons = vec![
        Button { label: "Delete".to_owned(), then: Then::RemoveSite(site.name.clone()) },
        Button { label: "Cancel".to_owned(), then: Then::Nothing },
    ];
    app.dialogs.push(Dialog::Confirm(Confirm::new("Delete a site", vec![line], buttons, 1)));
}

/// Deletes a saved site; by its name, since the list may have been read anew meanwhile.
pub(super) fn remove(app: &mut App, name: String, fx: &mut Effects) {
    if can_write(app).is_err() {
        return trouble(app, "the sites file cannot be read, so it is not written");
    }
    fx.push(Effect::RemoveSite(name));
}

/// A file that could not be read is not written.
pub(super) fn can_write(app: &App) -> Result<(), String> {
    match &app.sites.broken {
        Some(why) => Err(format!("the sites are not written until their file is mended: {why}")),
        None => Ok(()),
    }
}
