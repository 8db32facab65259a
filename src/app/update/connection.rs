//! Volumes being opened, lost, found again and closed.

use crate::bus::{Command, ConnectionEvent, Opened};
use crate::model::secret::Typed;
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::text::{printable, printable_str};
use crate::model::url::FtpUrl;
use crate::model::{ConnectionId, Failure, RequestId, Secret, Site, VPath};

use super::super::checkup::Refused;
use super::super::effect::Effect;
use super::super::listing::Trail;
use super::super::msg::Resolved;
use super::super::pane::{Content, Pane};
use super::super::{App, PaneSide, Purpose};
use super::{Effects, notice, pane, question, site, trouble, why};

/// Opens a volume in a pane, in place of what it shows. `typed` is what a person wrote to get there, kept for another try.
pub(in super::super) fn open(app: &mut App, side: PaneSide, target: Resolved, typed: Typed, fx: &mut Effects) {
    close(app, side, fx);
    let connection = app.ids.connection.advance();
    let (title, site) = match &target.spec {
        VolumeSpec::Local => ("the local disk".to_owned(), None),
        VolumeSpec::Ftp(site, _) => (printable_str(&site.title()).into_owned(), Some(site.clone())),
    };
    app.volumes.insert(connection, site);
    let old = app.pane(side);
    let fresh = Pane {
        content: Content::Opening(format!("opening {title}")),
        connection: Some(connection),
        sort: old.sort,
        show_hidden: old.show_hidden,
        spec: Some(target.spec.clone()),
        begin: target.path,
        typed,
        ..Pane::default()
    };
    *app.pane_mut(side) = fresh;
    fx.push(Effect::Engine(Command::Open { connection, spec: target.spec }));
}

/// Closes a pane's volume, if it has one; what was awaited from it is awaited no longer.
fn close(app: &mut App, side: PaneSide, fx: &mut Effects) {
    let Some(connection) = app.pane_mut(side).connection.take() else { return };
    let page = app.screen.page;
    app.pane_mut(side).miss(None, page);
    app.requests.retain(|_, purpose| match purpose {
        Purpose::List(of) | Purpose::Change(of, _, _) | Purpose::Count(of) | Purpose::Size(of, _) => *of != side,
        Purpose::View | Purpose::Edit | Purpose::Complete | Purpose::Raw | Purpose::Quiet => true,
    });
    if app.drag.as_ref().is_some_and(|drag| drag.from == side) {
        app.drag = None;
    }
    fx.push(Effect::Engine(Command::Close { connection }));
}

/// X: closes a server's connection and shows the sites.
pub(super) fn disconnect(app: &mut App, side: PaneSide, fx: &mut Effects) {
    if app.pane(side).connection.is_none() {
        return;
    }
    if app.pane(side).is_local() {
        return notice(app, "this is the local disk: press o to open something else here");
    }
    close(app, side, fx);
    site::show_list(app, side, String::new(), None);
}

/// Ctrl-C while a volume is being opened: what was typed is not lost. Tells whether there was one.
pub(super) fn stop_opening(app: &mut App, side: PaneSide, fx: &mut Effects) -> bool {
    if !matches!(app.pane(side).content, Content::Opening(_)) {
        return false;
    }
    let typed = std::mem::take(&mut app.pane_mut(side).typed).shown();
    close(app, side, fx);
    site::show_list(app, side, typed, Some("cancelled".to_owned()));
    true
}

/// A key in a pane whose connection was lost asks for it anew.
pub(super) fn wake(app: &mut App, side: PaneSide, fx: &mut Effects) {
    if app.pane(side).lost && app.pane(side).loading.is_none() {
        app.pane_mut(side).lost = false;
        pane::refresh(app, side, fx);
    }
}

/// What was typed as a target is this: opened, or said why not where it was typed. The panes may have been swapped meanwhile; one
/// that shows something else by now waits for it no longer.
pub(super) fn resolved(app: &mut App, request: RequestId, outcome: Result<Resolved, String>, fx: &mut Effects) {
    let sides = [PaneSide::Left, PaneSide::Right];
    let Some(side) = sides.into_iter().find(|&side| app.pane(side).resolving == Some(request)) else { return };
    app.pane_mut(side).resolving = None;
    let typed = std::mem::take(&mut app.pane_mut(side).typed);
    match outcome {
        Ok(target) => open(app, side, target, typed, fx),
        Err(why) if matches!(app.pane(side).content, Content::Sites(_)) => site::show_list(app, side, typed.as_str().to_owned(), Some(why)),
        Err(why) => trouble(app, why),
    }
}

/// Something became of a volume. Of one that no pane has any more nothing is shown.
pub(super) fn changed(app: &mut App, connection: ConnectionId, event: ConnectionEvent, fx: &mut Effects) {
    let sides = [PaneSide::Left, PaneSide::Right];
    let Some(side) = sides.into_iter().find(|&side| app.pane(side).connection == Some(connection)) else { return };
    match event {
        ConnectionEvent::Connecting(phrase) => connecting(app, side, &phrase),
        ConnectionEvent::Opened(what) => opened(app, side, *what, fx),
        ConnectionEvent::Refused(failure) => refused(app, side, &failure),
        ConnectionEvent::Lost(failure) => lost(app, side, failure),
        ConnectionEvent::Encrypted(how) => app.pane_mut(side).opened.encrypted = Some(how),
        ConnectionEvent::Reopened => reopened(app, side),
        ConnectionEvent::Closed => closed(app, side),
    }
}

fn connecting(app: &mut App, side: PaneSide, phrase: &str) {
    let phrase = printable_str(phrase).into_owned();
    let pane = app.pane_mut(side);
    match &mut pane.content {
        Content::Opening(shown) => *shown = phrase,
        Content::Directory | Content::Sites(_) => notice(app, phrase),
    }
}

fn opened(app: &mut App, side: PaneSide, what: Opened, fx: &mut Effects) {
    let pane = app.pane_mut(side);
    if !matches!(pane.content, Content::Opening(_)) {
        return;
    }
    let start = pane.begin.take().or_else(|| what.start.clone()).or_else(|| what.home.clone()).unwrap_or_else(VPath::root);
    let local = what.site.as_ref().and_then(|site| site.local.clone());
    if let Some(site) = &what.site {
        let mut site = site.clone();
        app.ambience.take_off(&mut site);
        fx.push(Effect::Remember(Box::new(site)));
    }
    let warning = in_the_clear(&what, fx);
    let pane = app.pane_mut(side);
    pane.opened = what;
    pane.content = Content::Directory;
    pane.path = start.clone();
    if let Some(warning) = warning {
        notice(app, warning);
    }
    pane::list(app, side, start, Trail::Stay, fx);
    if let Some(local) = local
        && app.pane(side.other()).is_local()
    {
        pane::list(app, side.other(), local, Trail::New, fx);
    }
}

/// What to say of a server that is spoken to in the clear; said once for each, and never of this machine.
fn in_the_clear(what: &Opened, fx: &mut Effects) -> Option<String> {
    let site = what.site.as_ref().filter(|site| what.encrypted.is_none() && !site.learnt.plain_told && !is_this_machine(&site.host))?;
    fx.push(Effect::Learn(Box::new(site.clone()), Learnt { plain_told: true, ..site.learnt.clone() }));
    Some(format!("{} is spoken to in the clear: anybody in between can read the password and the files", printable_str(&site.host)))
}

fn is_this_machine(host: &str) -> bool {
    let is_v4 = host.starts_with("127.") && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_v4 || host == "::1" || host.eq_ignore_ascii_case("localhost")
}

/// It could not be opened: back to the sites, with what was typed and the server's words.
fn refused(app: &mut App, side: PaneSide, failure: &Failure) {
    let pane = app.pane_mut(side);
    pane.connection = None;
    let typed = std::mem::take(&mut pane.typed);
    let typed = if typed.as_str().is_empty() { target_text(pane) } else { typed.shown() };
    let opened = app.pane(side).spec.clone();
    let told = match &opened {
        Some(VolumeSpec::Ftp(site, _)) => why::refusal(failure, site),
        _ => failure.to_string(),
    };
    if let Some(VolumeSpec::Ftp(site, secret)) = opened {
        app.refused = Some(Refused { side, secret, failure: failure.clone(), site });
    }
    site::show_list(app, side, typed, Some(told));
    if app.focus != side && !is_at_work(app) {
        app.focus = side;
    }
}

/// Whether a person is at something where the keys are: a question, a line with a text in it, or the key before just now.
fn is_at_work(app: &App) -> bool {
    let pane = app.pane(app.focus);
    let has_text = matches!(&pane.content, Content::Sites(list) if !list.input.value().is_empty());
    let in_front = !app.dialogs.is_empty() || app.drag.is_some() || app.pending.is_some();
    in_front || has_text || pane.search.is_some() || question::is_typing(app)
}

/// What a person would have typed for what was to be opened here.
fn target_text(pane: &Pane) -> String {
    match &pane.spec {
        // With its scheme: whoever opens it again wants TLS no less than before.
        Some(VolumeSpec::Ftp(site, _)) if site.name.is_empty() => FtpUrl { directory: false, ..FtpUrl::of_site(site) }.to_string(),
        Some(VolumeSpec::Ftp(site, _)) => site.name.clone(),
        Some(VolumeSpec::Local) => pane.begin.as_ref().map(|path| printable(path.as_bytes()).into_owned()).unwrap_or_default(),
        None => String::new(),
    }
}

fn lost(app: &mut App, side: PaneSide, failure: Failure) {
    let pane = app.pane_mut(side);
    pane.lost = true;
    pane.trouble = Some(failure);
}

fn reopened(app: &mut App, side: PaneSide) {
    let pane = app.pane_mut(side);
    pane.lost = false;
    pane.trouble = None;
    let text = format!("connected to {} again", super::text::volume(app.pane(side)));
    notice(app, text);
}

fn closed(app: &mut App, side: PaneSide) {
    app.pane_mut(side).connection = None;
    site::show_list(app, side, String::new(), None);
}

/// A password that was typed is kept with what the pane opened, so that the other pane can open it too.
/// With nothing else: a password goes only to the login it was typed for.
pub(super) fn keep_secret(app: &mut App, account: &Site, secret: &Secret) {
    for pane in [&mut app.left, &mut app.right] {
        if let Some(VolumeSpec::Ftp(site, kept)) = &mut pane.spec
            && site.is_same_account(account)
        {
            *kept = Some(secret.clone());
        }
    }
}
