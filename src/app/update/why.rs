//! Ctrl-X f: why something failed, and what fixes it, done at once and remembered for the site.
//!
//! What explains a failure names one fix; here others join it that only a person at a screen can choose between: the same once more, or the
//! directory of the login in the place of one that is not there.

use crate::bus::{Amendment, Command};
use crate::model::explain::{Fix, FixKind, Situation, Why, explain};
use crate::model::site::{StartDir, VolumeSpec};
use crate::model::text::{joined, printable_str};
use crate::model::{During, Failure, FailureKind, Site, TransferState, Which};

use super::super::checkup::Where;
use super::super::dialog::{Button, Confirm, Dialog, Then};
use super::super::effect::Effect;
use super::super::msg::Resolved;
use super::super::pane::{Content, Pane};
use super::super::transfers::{RowId, What};
use super::super::{App, PaneSide, Panel};
use super::{Effects, connection, details, notice, site, site_form, trouble, unfinished};

/// What failed, with which server.
struct Ailing {
    failure: Failure,
    site: Site,
    at: Where,
    /// It kept the server from being opened.
    refused: bool,
}

/// Says why what is in front failed, and offers what fixes it.
pub(super) fn show(app: &mut App) {
    let Some(ailing) = find(app) else { return nothing_failed(app) };
    let why = explain(&ailing.failure, &situation(app, &ailing));
    let missing = is_start_missing(&ailing);
    let mut lines = vec![printable_str(&ailing.failure.to_string()).into_owned()];
    if missing {
        lines.push(capital(NO_START));
    } else {
        lines.extend(why.map(|why| capital(why.cause)));
    }
    let mut buttons = Vec::new();
    for fix in offers(app, &ailing, why.and_then(|why| why.fix)) {
        if fix.kind() == FixKind::Elsewhere {
            lines.push(elsewhere(fix).to_owned());
        } else {
            lines.extend(remembered(fix, &ailing.site));
            let then = Then::Fix(fix, Box::new(ailing.site.clone()), ailing.at);
            buttons.push(Button { label: capital_word(fix.words()), then });
        }
    }
    if missing && saved_start(app, &ailing.site).is_none() {
        lines.push("What was typed is still in the line of that pane: the path can be mended there.".to_owned());
    }
    buttons.push(Button { label: "Close".to_owned(), then: Then::Nothing });
    app.dialogs.push(Dialog::Confirm(Confirm::new("Why", lines, buttons, 0)));
}

/// Why a server that was reached is not open.
const NO_START: &str = "the directory to begin in is not there, or the account may not enter it";

/// Without a failure: of a row of the transfers what is known of it, with what to do.
fn nothing_failed(app: &mut App) {
    let of_panel = app.panel_focus && app.panel == Some(Panel::Transfers);
    match app.transfers.current().filter(|_| of_panel).map(|row| row.id) {
        Some(RowId::Unfinished(journal)) => unfinished::ask_to_go_on(app, journal),
        Some(RowId::Transfer(_) | RowId::Note(_)) => details::show(app),
        None => notice(app, "nothing has failed here"),
    }
}

/// What can be done about a failure, the likeliest first.
fn offers(app: &App, ailing: &Ailing, fix: Option<Fix>) -> Vec<Fix> {
    if is_start_missing(ailing) {
        let directory = saved_start(app, &ailing.site).map(|_| Fix::Directory);
        return [Some(Fix::Home), directory, Some(Fix::Again)].into_iter().flatten().collect();
    }
    let mut fixes: Vec<Fix> = fix.into_iter().collect();
    let is_retry = fix.is_some_and(|fix| fix.kind() == FixKind::Retry);
    if ailing.failure.is_passing() && !is_retry {
        // A server that was there a moment ago is most likely there again soon; of one that never was something is written wrongly.
        let was_there = match ailing.at {
            Where::Pane(side) => app.pane(side).is_directory(),
            Where::Row(_) => true,
            Where::Checkup(_) => false,
        };
        let is_away = matches!(ailing.failure.kind, FailureKind::Unreachable | FailureKind::Disconnected);
        fixes.insert(if was_there && is_away { 0 } else { fixes.len() }, Fix::Again);
    }
    fixes
}

/// Whether the login went well, and then the directory that was asked for could not be entered.
fn is_start_missing(ailing: &Ailing) -> bool {
    ailing.refused && ailing.site.start != StartDir::Login && is_of_start(&ailing.failure)
}

fn is_of_start(failure: &Failure) -> bool {
    failure.during == During::List && matches!(failure.kind, FailureKind::NotFound | FailureKind::Denied | FailureKind::Refused)
}

/// The saved site that begins where this one was to begin.
fn saved_start(app: &App, site: &Site) -> Option<usize> {
    let is = |saved: &Site| !site.name.is_empty() && saved.name == site.name && saved.start == site.start && site.start != StartDir::Login;
    app.sites.saved.iter().position(is)
}

/// What an error says of its cause, behind the server's words.
pub(super) fn hint(failure: &Failure, site: &Site, encrypted: Option<bool>) -> Option<Why> {
    let situation = Situation::of(site);
    explain(failure, &encrypted.map_or(situation, |tls| situation.encrypted(tls)))
}

/// An error with its cause and the key.
pub(super) fn sentence(failure: &Failure, site: &Site) -> String {
    match hint(failure, site, None) {
        Some(Why { cause, fix: Some(fix) }) => format!("{}; Ctrl-X f: {}", joined(&failure.to_string(), ':', cause), fix.words()),
        Some(Why { cause, fix: None }) => joined(&failure.to_string(), ':', cause),
        None => failure.to_string(),
    }
}

/// An error that kept a server from being opened, with its cause and the key.
pub(super) fn refusal(failure: &Failure, site: &Site) -> String {
    if is_of_start(failure) && site.start != StartDir::Login {
        return format!("{}; Ctrl-X f: {}", joined(&failure.to_string(), ':', NO_START), Fix::Home.words());
    }
    sentence(failure, site)
}

/// Something on a pane's volume could not be done: told with its cause, and kept for [`show`]. Answers what was told.
pub(super) fn failed(app: &mut App, side: PaneSide, failure: Failure) -> String {
    let pane = app.pane(side);
    let told = pane.opened.site.as_ref().map_or_else(|| failure.to_string(), |site| sentence(&failure, site));
    app.failed = pane.connection.map(|connection| (connection, failure));
    trouble(app, told.clone());
    told
}

/// Whether there is something that [`show`] would tell of.
pub(super) fn is_any(app: &App) -> bool {
    find(app).is_some()
}

/// Does what fixes it.
pub(super) fn fix(app: &mut App, fix: Fix, mut site: Site, at: Where, fx: &mut Effects) {
    match fix.kind() {
        FixKind::Site => {
            fix.put_on(&mut site);
            remember(app, fix, &site, fx);
            fx.push(Effect::Engine(Command::Amend(Box::new(site.clone()), Amendment::Fix(fix))));
            again(app, &site, at, fx);
            notice(app, format!("{}: {}", printable_str(&site.title()), fix.words()));
        }
        FixKind::Form => {
            match app.sites.saved.iter().position(|saved| !site.name.is_empty() && saved.name == site.name) {
                Some(place) => site_form::edit(app, place),
                None => site_form::save_new(app, site),
            }
            site_form::go_to(app, label(fix));
        }
        FixKind::Retry => {
            if fix == Fix::Home {
                site.start = StartDir::Login;
                begin_anywhere(app, at);
            }
            again(app, &site, at, fx);
        }
        FixKind::Elsewhere => {}
    }
}

/// The field of the form that a fix is about.
fn label(fix: Fix) -> &'static str {
    match fix {
        Fix::Directory => "Remote directory",
        Fix::Account => "Account",
        Fix::Charset => "Charset of names",
        _ => "Host",
    }
}

/// Where a pane was to begin does not count any more.
fn begin_anywhere(app: &mut App, at: Where) {
    if let Where::Pane(side) = at {
        app.pane_mut(side).begin = None;
    }
}

/// Keeps a fix: with the saved site what is a setting of it, and what was found out of the server with that.
fn remember(app: &mut App, fix: Fix, site: &Site, fx: &mut Effects) {
    fx.push(Effect::Learn(Box::new(site.clone()), site.learnt.clone()));
    let saved = app.sites.saved.iter().find(|saved| !site.name.is_empty() && saved.name == site.name).cloned();
    if let Some(mut saved) = saved.filter(|_| site::can_write(app).is_ok()) {
        // Only this: options of the command line are for this run.
        saved.learnt = site.learnt.clone();
        fix.put_on(&mut saved);
        fx.push(Effect::SaveSite { old: Some(saved.name.clone()), site: Box::new(saved) });
    }
}

/// The same once more, with the site as it is now.
fn again(app: &mut App, site: &Site, at: Where, fx: &mut Effects) {
    let sides = match at {
        Where::Pane(side) | Where::Checkup(side) => vec![side],
        Where::Row(_) => Vec::new(),
    };
    for side in sides {
        let shown = app.pane(side);
        let path = shown.is_directory().then(|| shown.path.clone()).or_else(|| shown.begin.clone());
        let secret = app.refused.as_ref().filter(|refused| refused.side == side).and_then(|refused| refused.secret.clone());
        let secret = secret.or_else(|| if let Some(VolumeSpec::Ftp(_, secret)) = &shown.spec { secret.clone() } else { None });
        app.refused = None;
        let spec = VolumeSpec::Ftp(Box::new(site.clone()), secret);
        let typed = app.pane(side).typed.clone();
        connection::open(app, side, Resolved { spec, path }, typed, fx);
    }
    if let Where::Row(RowId::Transfer(id)) = at {
        fx.push(Effect::Engine(Command::Retry(Which::Transfer(id))));
    }
}

fn find(app: &App) -> Option<Ailing> {
    if app.panel_focus && app.panel == Some(Panel::Transfers) {
        return of_row(app);
    }
    if let Some(checkup) = &app.checkup
        && let Some(Err(failure)) = &checkup.outcome
    {
        return Some(Ailing { failure: failure.clone(), site: (*checkup.site).clone(), at: Where::Checkup(checkup.side), refused: false });
    }
    [app.focus, app.focus.other()].into_iter().find_map(|side| of_pane(app, side))
}

fn of_row(app: &App) -> Option<Ailing> {
    let row = app.transfers.current()?;
    let (failure, places) = match &row.what {
        What::Transfer(job) => {
            let failure = match &job.transfer.state {
                TransferState::Failed(failure) => Some(failure),
                TransferState::Retrying(retrying) => Some(&retrying.failure),
                _ => job.trouble.as_ref(),
            }?;
            (failure, [&job.transfer.source, &job.transfer.target])
        }
        What::Note(_) | What::Unfinished(_) => return None,
    };
    let site = places.into_iter().find_map(|place| app.volumes.get(&place.connection)?.as_deref())?;
    Some(Ailing { failure: failure.clone(), site: site.clone(), at: Where::Row(row.id), refused: false })
}

fn of_pane(app: &App, side: PaneSide) -> Option<Ailing> {
    let shown = app.pane(side);
    let of_it = |(connection, failure)| (Some(connection) == shown.connection).then_some(failure);
    let failure = shown.trouble.clone().or_else(|| shown.missed.clone()).or_else(|| app.failed.clone().and_then(of_it));
    match (&shown.content, failure, &shown.spec) {
        (Content::Directory, Some(failure), Some(VolumeSpec::Ftp(spec, _))) => {
            let site = shown.opened.site.clone().unwrap_or_else(|| (**spec).clone());
            Some(Ailing { failure, site, at: Where::Pane(side), refused: false })
        }
        (Content::Sites(_), ..) => {
            let refused = app.refused.as_ref().filter(|refused| refused.side == side)?;
            Some(Ailing { failure: refused.failure.clone(), site: (*refused.site).clone(), at: Where::Pane(side), refused: true })
        }
        _ => None,
    }
}

fn situation(app: &App, ailing: &Ailing) -> Situation {
    let situation = Situation::of(&ailing.site);
    let is_shown = |pane: &&Pane| pane.is_directory() && pane.opened.site.as_ref().is_some_and(|site| site.is_same_account(&ailing.site));
    let tls = [&app.left, &app.right].into_iter().find(is_shown).map(|pane| pane.opened.encrypted.is_some());
    tls.map_or(situation, |tls| situation.encrypted(tls))
}

/// Where the key is that fixes it.
fn elsewhere(fix: Fix) -> &'static str {
    match fix {
        Fix::Rename => "Give it another name: r or Shift-F6 renames, Shift-F5 copies to a name that can be edited.",
        _ => "Open it again to see the certificate; there it can be trusted, once or for good.",
    }
}

/// What becomes of the fix.
fn remembered(fix: Fix, site: &Site) -> Option<String> {
    let what = match fix.kind() {
        FixKind::Site if !site.name.is_empty() => format!("It is kept with the site {}.", printable_str(&site.name)),
        FixKind::Site => "It holds while ftpane runs, and for the recent site; B saves the site with it.".to_owned(),
        FixKind::Form | FixKind::Retry | FixKind::Elsewhere => return None,
    };
    Some(what)
}

fn capital(text: &str) -> String {
    format!("{}.", capital_word(text))
}

fn capital_word(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
