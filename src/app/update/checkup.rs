//! The capability panel: what the session knows already, at once, and on a key all that an examination finds out.

use crate::bus::{Command, Opened};
use crate::model::checkup::{Extent, Finding, Verdict};
use crate::model::site::VolumeSpec;
use crate::model::text::{joined, printable, printable_str};
use crate::model::words::Word as _;
use crate::model::{DataMode, Failure, FailureKind, RequestId, Site};

use super::super::checkup::Checkup;
use super::super::dialog::{About, Dialog, Scroll};
use super::super::effect::Effect;
use super::super::{App, PaneSide};
use super::{Effects, text, trouble};

/// So many connections are tried, together with the session of the pane.
const CONNECTIONS: u16 = 4;
/// Columns of a word before its line.
const WORD: usize = 11;

/// Ctrl-X i: what is known of the focused pane's server, else of the other's.
pub(super) fn show(app: &mut App) {
    let has_server = |side: &PaneSide| matches!(app.pane(*side).spec, Some(VolumeSpec::Ftp(..))) && app.pane(*side).is_directory();
    let Some(side) = [app.focus, app.focus.other()].into_iter().find(has_server) else {
        return trouble(app, "no server is open: press o to open one");
    };
    let pane = app.pane(side);
    let Some(VolumeSpec::Ftp(spec, secret)) = pane.spec.clone() else { return };
    let site = pane.opened.site.clone().map_or(spec, Box::new);
    let known = known(&pane.opened, &site, pane.entries.len());
    app.checkup = Some(Checkup { side, site, secret, known, findings: Vec::new(), request: None, outcome: None });
    let title = "What the server can".to_owned();
    app.dialogs.push(Dialog::Message { title, lines: Vec::new(), scroll: Scroll::default(), about: Some(About::Server) });
}

/// Runs the rest.
pub(super) fn run(app: &mut App, fx: &mut Effects) {
    let Some(checkup) = app.checkup.as_mut().filter(|checkup| checkup.request.is_none()) else { return };
    let request = app.ids.request.advance();
    checkup.findings.clear();
    checkup.outcome = None;
    checkup.request = Some(request);
    let spec = VolumeSpec::Ftp(checkup.site.clone(), checkup.secret.clone());
    fx.push(Effect::Engine(Command::Examine { request, spec, extent: Extent { connections: CONNECTIONS, write: None } }));
}

/// The panel closes: what is under way for it ends.
pub(super) fn close(app: &mut App, fx: &mut Effects) {
    if let Some(request) = app.checkup.take().and_then(|checkup| checkup.request) {
        fx.push(Effect::Engine(Command::CancelExamine(request)));
    }
}

/// A step has ended. Of an examination that nobody looks at any more nothing is shown.
pub(super) fn found(app: &mut App, request: RequestId, finding: Finding) {
    if let Some(checkup) = app.checkup.as_mut().filter(|checkup| checkup.request == Some(request)) {
        checkup.findings.push(finding);
    }
}

/// It is over.
pub(super) fn ended(app: &mut App, request: RequestId, outcome: Result<(), Failure>) {
    if let Some(checkup) = app.checkup.as_mut().filter(|checkup| checkup.request == Some(request)) {
        checkup.request = None;
        checkup.outcome = Some(outcome);
    }
}

/// The lines of the panel.
pub(super) fn lines(checkup: &Checkup) -> Vec<String> {
    let mut lines: Vec<String> = checkup.known.iter().map(|(word, text)| format!("{word:<WORD$} {text}")).collect();
    lines.push(String::new());
    for finding in &checkup.findings {
        let mark = match finding.verdict {
            Verdict::Works(_) => "ok",
            Verdict::Fails(_) => "no",
            Verdict::Untried(_) => "--",
        };
        lines.push(format!("{mark} {:<WORD$} {}", finding.rung.word(), finding.text()));
        if let Some(why) = finding.why {
            lines.push(format!("   {:<WORD$} {}", "", why.cause));
        }
    }
    lines.push(match (&checkup.request, &checkup.outcome) {
        (Some(_), _) => "Trying the rest …  Esc stops it".to_owned(),
        (None, Some(Err(failure))) if failure.kind != FailureKind::Cancelled => {
            joined(&printable_str(&failure.to_string()), ';', "x says why, r tries again")
        }
        (None, Some(_)) => "That is all; r tries again".to_owned(),
        (None, None) => "r tries the rest: each way of data connections, resuming, the clock, limits, the rate".to_owned(),
    });
    lines
}

/// What the session knows by itself.
fn known(opened: &Opened, site: &Site, entries: usize) -> Vec<(&'static str, String)> {
    let greeting = opened.greeting.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let learnt = &site.learnt;
    let mut rows = vec![
        ("server", format!("{} as {}", printable_str(&site.address()), printable_str(site.login_user()))),
        ("greeting", printable(greeting).into_owned()),
    ];
    rows.extend(opened.system.as_ref().map(|system| ("system", printable(system).into_owned())));
    let tls = opened.encrypted.map_or_else(
        || "none: what is sent can be read by anybody in between".to_owned(),
        |encrypted| format!("{encrypted}{}", if encrypted.resumed { "; data connections resume it" } else { "" }),
    );
    rows.push(("tls", tls));
    let features: Vec<String> = opened.features.iter().map(|line| printable(line).into_owned()).collect();
    rows.push(("features", if features.is_empty() { "none are named".to_owned() } else { features.join(", ") }));
    let is_utf8 = opened.features.iter().any(|line| line.eq_ignore_ascii_case(b"UTF8"));
    rows.push((
        "charset",
        match (&site.charset, is_utf8) {
            (Some(set), _) => format!("{}, as the site says", printable_str(set)),
            (None, true) => "UTF-8, as the server says".to_owned(),
            (None, false) => "UTF-8 where names are; the server does not say".to_owned(),
        },
    ));
    rows.push(("data", data(site)));
    let listing = if learnt.no_mlsd { "LIST" } else { "MLSD" };
    rows.push(("listing", format!("{}, by {listing}", text::many(entries as u64, "entry", "entries"))));
    rows.extend(learnt.clock.map(|clock| ("clock", format!("LIST tells times at {clock}"))));
    rows.push(("can", abilities(opened)));
    rows.extend(
        learnt.connections.map(|limit| ("limit", format!("{} at once", text::many(u64::from(limit), "connection", "connections")))),
    );
    rows.extend(opened.round_trip.map(|time| ("round trip", format!("{:.1} ms", time.as_secs_f64() * 1000.0))));
    rows
}

fn data(site: &Site) -> String {
    let epsv = if site.learnt.no_epsv { "PASV; EPSV is refused" } else { "EPSV, else PASV" };
    match site.mode {
        DataMode::Auto if site.learnt.prefers_active => "active, as passive could not be done".to_owned(),
        DataMode::Auto => format!("passive ({epsv}), else active"),
        mode => format!("{} alone, as the site says", mode.word()),
    }
}

fn abilities(opened: &Opened) -> String {
    let can = opened.can;
    let words = [
        (can.resume_read, "resume downloads"),
        (can.resume_write, "resume uploads"),
        (can.set_time, "set times"),
        (can.set_mode, "set permissions"),
    ];
    let words: Vec<&str> = words.into_iter().filter(|(can, _)| *can).map(|(_, word)| word).collect();
    if words.is_empty() { "nothing besides reading and writing".to_owned() } else { words.join(", ") }
}
