//! Pasted text goes into a line of text, never into keys: a file name with a `q` in it must not quit.

use super::super::form::FieldKind;
use super::super::input;
use super::super::pane::Content;
use super::super::{App, Dialog};
use super::{Effects, history, palette, site};

/// Text was pasted.
pub(super) fn text(app: &mut App, text: &str, fx: &mut Effects) {
    match app.dialogs.last_mut() {
        Some(Dialog::Form(form)) => {
            let focus = form.focus;
            if let Some(field) = form.fields.get_mut(focus).filter(|field| matches!(field.kind, FieldKind::Text | FieldKind::Secret)) {
                input::paste(&mut field.input, text);
                form.completions.clear();
            }
        }
        Some(Dialog::Palette(palette)) => {
            input::paste(&mut palette.input, text);
            palette::search(palette);
        }
        Some(Dialog::Sites(list)) => {
            input::paste(&mut list.input, text);
            list.selected = None;
            site::rebuild(app);
        }
        Some(Dialog::History(found)) => {
            input::paste(&mut found.input, text);
            history::ask(app, fx);
        }
        Some(
            Dialog::Confirm(_) | Dialog::Conflict(_) | Dialog::Viewer(_) | Dialog::Help(_) | Dialog::Message { .. } | Dialog::Charsets(_),
        ) => {}
        None => in_pane(app, text),
    }
}

fn in_pane(app: &mut App, text: &str) {
    if let Content::Sites(list) = &mut app.pane_mut(app.focus).content {
        input::paste(&mut list.input, text);
        list.selected = None;
        site::rebuild(app);
    }
}
