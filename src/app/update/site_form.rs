//! The form of a site: saving this one, editing, renaming.

use tui_input::Input;

use crate::model::site::StartDir;
use crate::model::words::Word;
use crate::model::{DataMode, PasswordFrom, Site, TlsPolicy, VPath};

use super::super::effect::Effect;
use super::super::form::{Field, FieldKind, Form, FormPurpose};
use super::super::sites::SiteRow;
use super::super::{App, Dialog};
use super::{Effects, form, site, target, trouble};

const MODES: [&str; 3] = ["auto", "passive", "active"];
const PASSWORD: [PasswordFrom; 5] =
    [PasswordFrom::Ask, PasswordFrom::Keyring, PasswordFrom::Vault, PasswordFrom::Netrc, PasswordFrom::Command];
const TLS: [&str; 4] = ["auto", "required", "implicit", "off"];

/// B: this server with its settings and both directories.
pub(super) fn save_this(app: &mut App) {
    let side = if app.pane(app.focus).opened.site.is_some() { app.focus } else { app.focus.other() };
    let (pane, other) = (app.pane(side), app.pane(side.other()));
    let Some(shown) = pane.opened.site.clone() else { return trouble(app, "no server is open that could be saved: press o to open one") };
    let old = app.sites.saved.iter().position(|site| !shown.name.is_empty() && site.name == shown.name);
    let local = if other.is_local() && other.is_directory() { Some(other.path.clone()) } else { shown.local.clone() };
    let name = if shown.name.is_empty() { shown.host.clone() } else { shown.name.clone() };
    let proposal = Site { name, start: StartDir::Absolute(pane.path.clone()), local, ..shown };
    open(app, "Save this site", old, &proposal);
}

/// A new site.
pub(super) fn new(app: &mut App) {
    open(app, "New site", None, &Site::default());
}

/// A saved one.
pub(super) fn edit(app: &mut App, place: usize) {
    if let Some(site) = app.sites.saved.get(place).cloned() {
        open(app, "Edit site", Some(place), &site);
    }
}

/// A recent one, to be saved.
pub(super) fn save_recent(app: &mut App, row: &SiteRow) {
    if let Some(mut site) = site::site_of(app, row) {
        site.name.clone_from(&site.host);
        open(app, "Save this site", None, &site);
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

fn open(app: &mut App, title: &str, place: Option<usize>, site: &Site) {
    if let Err(why) = site::can_write(app) {
        return trouble(app, why);
    }
    let text = |label: &str, value: String| Field { label: label.to_owned(), input: Input::new(value), kind: FieldKind::Text };
    let choice = |label: &str, words: &[&str], chosen: usize| Field {
        label: label.to_owned(),
        input: Input::default(),
        kind: FieldKind::Choice { words: words.iter().map(|&word| word.to_owned()).collect(), chosen },
    };
    let start = match &site.start {
        StartDir::Login => String::new(),
        StartDir::Relative(bytes) => target::text_of(bytes),
        StartDir::Absolute(path) => target::typed(path, false),
    };
    let local = site.local.as_ref().map(|path| target::typed(path, false)).unwrap_or_default();
    let mode = match site.mode {
        DataMode::Auto => 0,
        DataMode::Passive => 1,
        DataMode::Active => 2,
    };
    let tls = match site.tls {
        TlsPolicy::Auto => 0,
        TlsPolicy::Required => 1,
        TlsPolicy::Implicit => 2,
        TlsPolicy::Off => 3,
    };
    let fields = vec![
        text("Name", site.name.clone()),
        text("Folder", site.folder.clone()),
        text("Host", site.host.clone()),
        text("Port", site.port.map(|port| port.to_string()).unwrap_or_default()),
        text("User", site.user.clone().unwrap_or_default()),
        text("Remote directory", start),
        text("Local directory", local),
        choice("Data connections", &MODES, mode),
        text("Charset of names", site.charset.clone().unwrap_or_default()),
        choice("TLS", &TLS, tls),
        choice("Compare checksums", &["no", "yes"], usize::from(site.verify)),
        choice("Password", &PASSWORD.map(Word::word), PASSWORD.iter().position(|from| *from == site.password).unwrap_or(0)),
        text("Password command", site.password_command.clone().unwrap_or_default()),
    ];
    let base = form::one_field(FormPurpose::Site(place), title, "", String::new(), "Save");
    app.dialogs.push(Dialog::Form(Form { fields, ..base }));
}

fn field(form: &Form, index: usize) -> String {
    form.fields.get(index).map(|field| field.input.value().trim().to_owned()).unwrap_or_default()
}

fn chosen(form: &Form, index: usize) -> usize {
    match form.fields.get(index).map(|field| &field.kind) {
        Some(FieldKind::Choice { chosen, .. }) => *chosen,
        Some(FieldKind::Text | FieldKind::Secret) | None => 0,
    }
}

/// Reads the form into a site; what the form does not show stays as it was.
fn read(form: &Form, old: Site) -> Result<Site, String> {
    let (name, host, port) = (field(form, 0), field(form, 2), field(form, 3));
    if name.is_empty() {
        return Err("the site needs a name".to_owned());
    }
    if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c.is_control() || c == '/') {
        return Err("the site needs the name or address of a host".to_owned());
    }
    let port = match port.as_str() {
        "" => None,
        port => Some(port.parse().ok().filter(|&port: &u16| port > 0).ok_or("the port is a number from 1 to 65535")?),
    };
    let bytes = target::bytes(&field(form, 5));
    let start = match bytes.first() {
        None => StartDir::Login,
        Some(b'/') => StartDir::Absolute(VPath::parse(&bytes).map_err(|why| why.to_string())?),
        Some(_) => StartDir::Relative(bytes),
    };
    let local = match target::bytes(&field(form, 6)) {
        bytes if bytes.is_empty() => None,
        bytes if bytes.first() == Some(&b'/') => Some(VPath::parse(&bytes).map_err(|why| why.to_string())?),
        _ => return Err("the local directory is a full path, beginning with a slash".to_owned()),
    };
    let mode = [DataMode::Auto, DataMode::Passive, DataMode::Active].get(chosen(form, 7)).copied().unwrap_or_default();
    let tls = [TlsPolicy::Auto, TlsPolicy::Required, TlsPolicy::Implicit, TlsPolicy::Off].get(chosen(form, 9)).copied().unwrap_or_default();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let password = PASSWORD.get(chosen(form, 11)).copied().unwrap_or_default();
    let password_command = some(field(form, 12));
    if password == PasswordFrom::Command && password_command.is_none() {
        return Err("say which command prints the password".to_owned());
    }
    Ok(Site {
        name,
        folder: field(form, 1),
        host,
        port,
        user: some(field(form, 4)),
        start,
        local,
        mode,
        tls,
        charset: some(field(form, 8)),
        verify: chosen(form, 10) == 1,
        password,
        password_command,
        ..old
    })
}

/// Saves what the form says.
pub(super) fn save(app: &mut App, form: &Form, place: Option<usize>, fx: &mut Effects) -> Result<(), String> {
    site::can_write(app)?;
    let old = place.and_then(|place| app.sites.saved.get(place)).cloned();
    let site = read(form, old.clone().unwrap_or_default())?;
    not_taken(app, &site.name, old.as_ref())?;
    keep(app, old, site, fx);
    Ok(())
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
