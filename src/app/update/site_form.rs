//! The form of a site: saving this one, editing, renaming.

use crate::bus::{Amendment, Command};
use crate::model::site::{Secured, StartDir, VolumeSpec};
use crate::model::{Fingerprint, Site};

use super::super::effect::Effect;
use super::super::form::{Field, FieldKind, Form, FormPurpose, SiteDraft};
use super::super::sites::SiteRow;
use super::super::{App, Dialog};
use super::form::Wrong;
use super::site_fields::{Entered, FIELDS, PAGES, SiteField};
use super::{Effects, form, site, trouble};

/// B: this server with its settings and both directories.
pub(super) fn save_this(app: &mut App) {
    let side = if app.pane(app.focus).opened.site.is_some() { app.focus } else { app.focus.other() };
    let (pane, other) = (app.pane(side), app.pane(side.other()));
    let Some(shown) = pane.opened.site.clone() else { return trouble(app, "no server is open that could be saved: press o to open one") };
    // What is saved already keeps its settings: those of the command line are for this run.
    let old = app.sites.saved.iter().find(|site| !shown.name.is_empty() && site.name == shown.name).cloned();
    let saved = old.as_ref().map(|site| site.name.clone());
    let site = old.unwrap_or_else(|| {
        let mut site = Site { name: shown.host.clone(), ..shown };
        app.ambience.take_off(&mut site);
        site
    });
    let local = if other.is_local() && other.is_directory() { Some(other.path.clone()) } else { site.local.clone() };
    let proposal = Site { start: StartDir::Absolute(pane.path.clone()), local, ..site };
    open(app, "Save this site", saved, proposal);
}

/// A new site.
pub(super) fn new(app: &mut App) {
    open(app, "New site", None, Site::default());
}

/// A saved one.
pub(super) fn edit(app: &mut App, place: usize) {
    if let Some(site) = app.sites.saved.get(place).cloned() {
        open(app, "Edit site", Some(site.name.clone()), site);
    }
}

/// A recent one, to be saved.
pub(super) fn save_recent(app: &mut App, row: &SiteRow) {
    if let Some(mut site) = site::site_of(app, row) {
        site.name.clone_from(&site.host);
        open(app, "Save this site", None, site);
    }
}

/// One that is open and not saved, to be saved with what is to be set.
pub(super) fn save_new(app: &mut App, site: Site) {
    let name = site.host.clone();
    open(app, "Save this site", None, Site { name, ..site });
}

/// Gives the keys of an open form to the field with this label.
pub(super) fn go_to(app: &mut App, label: &str) {
    if let Some(Dialog::Form(form)) = app.dialogs.last_mut()
        && let Some(place) = form.fields.iter().position(|field| field.label == label)
    {
        form.focus_on(place);
    }
}

/// A new name for a saved site.
pub(super) fn ask_rename(app: &mut App, place: usize) {
    let Some(site) = app.sites.saved.get(place) else { return };
    let name = if site.folder.is_empty() { site.name.clone() } else { format!("{}/{}", site.folder, site.name) };
    let text = vec!["A folder may stand in front, with a slash behind it.".to_owned()];
    let form = Form { text, ..form::one_field(FormPurpose::RenameSite(place), "Rename site", "Name", name, "Rename") };
    app.dialogs.push(Dialog::Form(form));
}

fn open(app: &mut App, title: &str, old: Option<String>, mut site: Site) {
    if let Err(why) = site::can_write(app) {
        return trouble(app, why);
    }
    // What is trusted for this run alone is not shown: saving would keep it.
    site.secured.pins = trusted(app, &site);
    let fields = FIELDS.iter().map(|field| field.of(&site)).collect();
    let pages = PAGES.map(str::to_owned).to_vec();
    let base = form::one_field(FormPurpose::Site(Box::new(SiteDraft { old, site })), title, "", String::new(), "Save");
    app.dialogs.push(Dialog::Form(Form { fields, pages, ..base }));
}

/// The certificates that are trusted for good for its server.
fn trusted(app: &App, site: &Site) -> Vec<Fingerprint> {
    app.sites.trusted.get(&site.address()).cloned().unwrap_or_default()
}

/// Puts what was changed in the form on a site.
fn read(form: &Form, began: &Site, mut site: Site) -> Result<Site, Wrong> {
    let entered = |index: usize| match form.fields.get(index) {
        Some(Field { kind: FieldKind::Choice { chosen, .. }, .. }) => Entered::Choice(*chosen),
        Some(field) => Entered::Text(field.input.value()),
        None => Entered::Text(""),
    };
    for (index, field) in FIELDS.iter().enumerate() {
        field.put(entered(index), began, &mut site).map_err(|why| wrong(index, &why))?;
    }
    match FIELDS.iter().enumerate().find_map(|(index, field)| Some((index, field.flaw(entered(index), &site)?))) {
        Some((index, why)) => Err(wrong(index, why)),
        None => Ok(site),
    }
}

fn wrong(index: usize, why: &str) -> Wrong {
    let label = FIELDS.get(index).map_or("", SiteField::label);
    Wrong { field: Some(index), why: format!("{label}: {why}") }
}

/// Saves what the form says.
pub(super) fn save(app: &mut App, form: &Form, draft: &SiteDraft, fx: &mut Effects) -> Result<(), Wrong> {
    site::can_write(app)?;
    let old = draft.old.as_ref().and_then(|name| app.sites.saved.iter().find(|site| site.name == *name)).cloned();
    if old.is_none() && draft.old.is_some() {
        return Err("it is not saved under its name any more".to_owned().into());
    }
    // What was saved meanwhile, as what is learnt while the form is open, stays.
    let mut now = old.clone().unwrap_or_else(|| draft.site.clone());
    now.secured.pins.clone_from(&draft.site.secured.pins);
    if old.as_ref().is_some_and(|old| draft.site.start != old.start || draft.site.local != old.local) {
        now.start.clone_from(&draft.site.start);
        now.local.clone_from(&draft.site.local);
    }
    let mut site = read(form, &draft.site, now)?;
    not_taken(app, &site.name, old.as_ref()).map_err(|why| Wrong { field: Some(0), why })?;
    let pins = std::mem::take(&mut site.secured.pins);
    if let Some(old) = old.clone() {
        let trusting = |site: Site, pins: &[Fingerprint]| Site { secured: Secured { pins: pins.to_vec(), ..site.secured }, ..site };
        follow(app, &trusting(old, &draft.site.secured.pins), &trusting(site.clone(), &pins), fx);
    }
    keep(app, old, site.clone(), fx);
    // A certificate is its server's: the site that goes to another server does not take it along.
    if pins != draft.site.secured.pins {
        fx.push(Effect::Pin(Box::new(site.clone()), pins.clone()));
        fx.push(Effect::Engine(Command::Pin { site: Box::new(site), pins }));
    }
    Ok(())
}

/// What is open or waits of the site asks for as much protection as its edit does, and goes by its name.
fn follow(app: &mut App, old: &Site, now: &Site, fx: &mut Effects) {
    if old.way() == now.way() && (&old.name, &old.folder) == (&now.name, &now.folder) {
        return;
    }
    for pane in [&mut app.left, &mut app.right] {
        let spec = if let Some(VolumeSpec::Ftp(spec, _)) = &mut pane.spec { Some(&mut **spec) } else { None };
        for shown in pane.opened.site.as_mut().into_iter().chain(spec).filter(|shown| shown.goes_by(old)) {
            *shown = shown.tightened(now);
        }
    }
    fx.push(Effect::Engine(Command::Amend(Box::new(old.clone()), Amendment::Edited(Box::new(now.clone())))));
}

/// Renames a saved site, and moves it to another folder where one stands in front.
pub(super) fn rename(app: &mut App, typed: &str, place: usize, fx: &mut Effects) -> Result<(), String> {
    site::can_write(app)?;
    let Some(old) = app.sites.saved.get(place).cloned() else { return Ok(()) };
    let (folder, name) = typed.trim().rsplit_once('/').unwrap_or(("", typed.trim()));
    if name.is_empty() {
        return Err("the site needs a name".to_owned());
    }
    not_taken(app, name, Some(&old))?;
    let site = Site { name: name.to_owned(), folder: folder.to_owned(), ..old.clone() };
    follow(app, &old, &site, fx);
    keep(app, Some(old), site, fx);
    Ok(())
}

fn not_taken(app: &App, name: &str, old: Option<&Site>) -> Result<(), String> {
    let taken = app.sites.saved.iter().any(|site| site.name == name && old.is_none_or(|old| old.name != name));
    if taken { Err(format!("there is a site called {name} already")) } else { Ok(()) }
}

/// Writes it, and lets the panes of that server call it by its name.
fn keep(app: &mut App, old: Option<Site>, site: Site, fx: &mut Effects) {
    for pane in [&mut app.left, &mut app.right] {
        if let Some(shown) = pane.opened.site.as_mut().filter(|shown| shown.is_same_account(&site)) {
            shown.name.clone_from(&site.name);
            shown.folder.clone_from(&site.folder);
        }
    }
    app.sites.saving = Some(site.name.clone());
    fx.push(Effect::SaveSite { old: old.map(|old| old.name), site: Box::new(site) });
}
