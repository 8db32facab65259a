//! How fast transfers may be: asked for, and changed at once.

use crate::bus::Command;
use crate::model::Limits;
use crate::model::rate::{limit_text, parse_limit};

use super::super::effect::Effect;
use super::super::form::{Field, Form, FormPurpose};
use super::super::{App, Dialog};
use super::{Effects, form, notice};

/// Asks for the limits.
pub(super) fn ask(app: &mut App) {
    let Limits { total, down, up } = app.limits;
    let field = |label: &str, limit| Field::text(label, limit_text(limit));
    let text = vec![
        "Bytes a second: 500K, 2M, 1.5MiB/s; nothing or 0 for no limit.".to_owned(),
        "Holds at once, for what moves too, until ftpane ends.".to_owned(),
    ];
    let fields = vec![field("Together", total), field("Down", down), field("Up", up)];
    let form = form::one_field(FormPurpose::Limits, "Speed limits", "", String::new(), "Set");
    app.dialogs.push(Dialog::Form(Form { text, fields, ..form }));
}

/// Sets what was typed.
pub(super) fn set(app: &mut App, form: &Form, fx: &mut Effects) -> Result<(), String> {
    let typed = |index: usize| parse_limit(form.fields.get(index).map_or("", |field| field.input.value()));
    let limits = Limits { total: typed(0)?, down: typed(1)?, up: typed(2)? };
    app.limits = limits;
    fx.push(Effect::Engine(Command::Limit(limits)));
    notice(app, sentence(limits));
    Ok(())
}

/// `from now on no faster than 500K/s, 100K/s up`.
fn sentence(limits: Limits) -> String {
    let parts: Vec<String> = [("", limits.total), (" down", limits.down), (" up", limits.up)]
        .into_iter()
        .filter(|(_, limit)| limit.is_some())
        .map(|(way, limit)| format!("{}/s{way}", limit_text(limit)))
        .collect();
    if parts.is_empty() {
        "transfers go as fast as they can".to_owned()
    } else {
        format!("from now on no faster than {}", parts.join(", "))
    }
}
