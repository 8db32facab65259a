//! The one way into the machine: what each message does. Dispatch only; the work is in the files beside this one, by subject.

mod action;
mod answer;
mod ascii;
mod batch;
mod certificate;
mod charset;
mod check;
mod checkup;
mod commands;
mod complete;
mod conflict;
pub(super) mod connection;
mod delete;
mod details;
mod dialog;
mod edit;
mod engine;
mod form;
mod history;
mod key;
mod limits;
mod log;
mod marks;
pub(super) mod mask;
mod mode;
mod mouse;
mod mouse_dialog;
mod palette;
mod pane;
mod panel;
mod paste;
mod program;
mod question;
mod queue;
mod search;
mod secrets;
mod show;
pub(super) mod site;
mod site_fields;
mod site_form;
mod site_keys;
mod site_values;
mod target;
mod text;
mod time;
mod transfer;
mod unfinished;
mod view_find;
mod viewer;
mod why;

use crate::bus::{BrowseOp, Command};
use crate::model::{ConnectionId, RequestId};

use super::effect::Effect;
use super::msg::Msg;
use super::{App, Purpose, Toast};

/// The work that an update asks for, in order.
type Effects = Vec<Effect>;

/// How long a notice stays, in milliseconds.
const NOTICE: u64 = 4_000;
/// How long a notice of a failure stays.
const TROUBLE: u64 = 10_000;

/// Changes the state by one message and returns the work that follows from it.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let mut fx = Effects::new();
    match msg {
        Msg::Time(now) => time::passed(app, now),
        Msg::Key(key) => key::pressed(app, key, &mut fx),
        Msg::Paste(text) => paste::text(app, &text, &mut fx),
        Msg::Mouse(mouse) => mouse::event(app, mouse, &mut fx),
        Msg::Resized(screen) => show::resized(app, screen, &mut fx),
        Msg::Focus(has_it) => app.focused = Some(has_it),
        Msg::Engine(event) => engine::event(app, event, &mut fx),
        Msg::Meters(meters) => app.meters = meters,
        Msg::Sites(loaded) => site::loaded(app, loaded),
        Msg::Resolved(request, outcome) => connection::resolved(app, request, outcome, &mut fx),
        Msg::Secrets(news) => secrets::news(app, news, &mut fx),
        Msg::Edited { file, changed } => edit::returned(app, &file, changed, &mut fx),
        Msg::Trouble(text) => site::not_saved(app, text),
    }
    details::follow(app);
    question::show_next(app);
    fx
}

/// Asks a volume for something; the purpose decides what the answer does.
fn browse(app: &mut App, connection: ConnectionId, purpose: Purpose, op: BrowseOp, fx: &mut Effects) -> RequestId {
    let request = app.ids.request.advance();
    app.requests.insert(request, purpose);
    fx.push(Effect::Engine(Command::Browse { connection, request, op }));
    request
}

/// A short notice.
fn notice(app: &mut App, text: impl Into<String>) {
    app.toast = Some(Toast { text: text.into(), is_error: false, until: app.now.saturating_add(NOTICE) });
}

/// A short notice of something that went wrong.
fn trouble(app: &mut App, text: impl Into<String>) {
    app.toast = Some(Toast { text: text.into(), is_error: true, until: app.now.saturating_add(TROUBLE) });
}
