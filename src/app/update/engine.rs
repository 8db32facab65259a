//! Events of the engine, each to the file of its subject.

use crate::bus::Event;

use super::super::App;
use super::super::effect::Effect;
use super::{Effects, answer, batch, checkup, connection, delete, history, log, pane, question, secrets, trouble, unfinished};

/// Something happened in the engine.
pub(super) fn event(app: &mut App, event: Event, fx: &mut Effects) {
    match event {
        Event::Connection(connection, what) => connection::changed(app, connection, what, fx),
        Event::Listed { request, part, .. } => pane::rows(app, request, part),
        Event::Counted { request, count } => delete::counted(app, request, count, false),
        Event::Answered { request, outcome, .. } => answer::ended(app, request, outcome, fx),
        Event::Asked(asked) => question::asked(app, asked, fx),
        Event::PasswordTaken(id) => {
            app.logging_in = None;
            secrets::taken(app, id, fx);
        }
        Event::Withdrawn(id) => question::withdrawn(app, id),
        Event::Transfer(what) => batch::event(app, what, fx),
        Event::Wire(line) => log::line(app, line),
        // What another ftpane is at is none of ours until that has ended.
        Event::Elsewhere(_) => {}
        Event::Unfinished(batches) => unfinished::told(app, batches),
        Event::Past { request, rows } => history::told(app, request, rows),
        Event::Found { request, finding } => checkup::found(app, request, finding),
        Event::Examined { request, outcome } => checkup::ended(app, request, outcome),
        Event::NoJournal(failure) => batch::no_journal(app, failure),
        Event::JournalKept => batch::journal_kept(app),
        Event::JournalBegunAnew(failure) => trouble(app, failure.to_string()),
        Event::Learnt { site, learnt } => learnt_of(app, site, learnt, fx),
    }
}

/// What was found out goes to the panes of that server and to its saved site.
fn learnt_of(app: &mut App, site: Box<crate::model::Site>, learnt: crate::model::site::Learnt, fx: &mut Effects) {
    for pane in [&mut app.left, &mut app.right] {
        if let Some(shown) = pane.opened.site.as_mut().filter(|shown| shown.is_same_account(&site)) {
            shown.learnt = learnt.clone();
        }
    }
    fx.push(Effect::Learn(site, learnt));
}
