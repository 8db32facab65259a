//! Permission bits.

use crate::bus::BrowseOp;

use super::super::form::{Form, FormPurpose, Subject};
use super::super::{App, Dialog, Purpose};
use super::{Effects, browse, form, text, trouble};

/// Asks for the bits.
pub(super) fn ask(app: &mut App) {
    let pane = app.pane(app.focus);
    if !pane.is_directory() {
        return;
    }
    if !pane.opened.can.set_mode {
        return trouble(app, "this volume cannot set permission bits");
    }
    let entries: Vec<_> = pane.chosen().into_iter().cloned().collect();
    let Some(first) = entries.first() else { return trouble(app, "nothing is marked or under the cursor") };
    let old = first.mode.map(|mode| format!("{mode:03o}")).unwrap_or_default();
    let line = format!("Permission bits of {}, in octal such as 644 or 755:", text::entries(&entries));
    app.subject = Subject::of(app, entries);
    app.dialogs.push(Dialog::Form(Form { text: vec![line], ..form::one_field(FormPurpose::Mode, "Permissions", "Mode", old, "Set") }));
}

/// Reads bits as they are typed.
pub(super) fn parse(typed: &str) -> Result<u16, String> {
    let bits = u16::from_str_radix(typed.trim(), 8).ok().filter(|bits| *bits <= 0o7777);
    bits.ok_or_else(|| "type octal digits, such as 644".to_owned())
}

/// Sets the bits of what was chosen when it was asked.
pub(super) fn set(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let mode = parse(typed)?;
    let subject = Subject::take(app)?;
    let mut entries = subject.entries.into_iter().peekable();
    while let Some(entry) = entries.next() {
        // Each answer lists the directory anew, so only the last one is awaited.
        let purpose = Purpose::Change(subject.side, "permissions set", Some(entry.name.clone()));
        let path = subject.directory.join(&entry.name);
        let request = browse(app, subject.connection, purpose, BrowseOp::SetMode { path, mode }, fx);
        if entries.peek().is_some() {
            app.requests.insert(request, Purpose::Quiet);
        }
    }
    Ok(())
}
