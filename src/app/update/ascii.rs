//! Which files move as text: all, none, or by the ends of their names. For what is begun from now on with a server, until the program ends; the
//! form of a site keeps it.

use crate::bus::{Amendment, Command};
use crate::model::site::VolumeSpec;
use crate::model::text::printable_str;
use crate::model::{Ascii, Site};

use super::super::effect::Effect;
use super::super::{App, PaneSide};
use super::{Effects, notice, trouble};

/// What is text by its name, where the site does not say.
const TEXTS: [&str; 17] =
    ["txt", "html", "htm", "css", "js", "xml", "csv", "md", "log", "ini", "conf", "cfg", "sh", "pl", "py", "php", "sql"];

/// Ctrl-X t: binary, all as text, by names, and binary again.
pub(super) fn turn(app: &mut App, fx: &mut Effects) {
    let next = match server(app).and_then(|side| app.pane(side).opened.site.as_ref()).map(|site| &site.ascii) {
        Some(Ascii::Never) => set(app, Ascii::Always, fx),
        Some(Ascii::Always) => set_by_names(app, fx),
        Some(Ascii::Extensions(_)) => set(app, Ascii::Never, fx),
        None => Err("no server is open: press o to open one".to_owned()),
    };
    if let Err(why) = next {
        trouble(app, why);
    }
}

/// `:type`, with a word or without.
pub(super) fn of_word(app: &mut App, word: &str, fx: &mut Effects) -> Result<(), String> {
    match word.to_ascii_lowercase().as_str() {
        "" => {
            let side = server(app).ok_or("no server is open")?;
            let told = app.pane(side).opened.site.as_ref().map(told).unwrap_or_default();
            notice(app, told);
            Ok(())
        }
        "binary" | "image" | "i" => set(app, Ascii::Never, fx),
        "ascii" | "text" | "a" => set(app, Ascii::Always, fx),
        "auto" => set_by_names(app, fx),
        _ => Err("the types are binary, ascii, and auto, which is by the ends of names".to_owned()),
    }
}

fn set_by_names(app: &mut App, fx: &mut Effects) -> Result<(), String> {
    let site = server(app).and_then(|side| app.pane(side).opened.site.clone());
    let saved = site.and_then(|site| app.sites.saved.iter().find(|saved| !site.name.is_empty() && saved.name == site.name).cloned());
    let own = saved.map(|saved| saved.ascii).filter(|ascii| matches!(ascii, Ascii::Extensions(_)));
    set(app, own.unwrap_or_else(|| Ascii::of_extensions(TEXTS)), fx)
}

fn set(app: &mut App, to: Ascii, fx: &mut Effects) -> Result<(), String> {
    let site = server(app).and_then(|side| app.pane(side).opened.site.clone()).ok_or("no server is open")?;
    let site = Site { ascii: to, ..site };
    for pane in [&mut app.left, &mut app.right] {
        let spec = if let Some(VolumeSpec::Ftp(spec, _)) = &mut pane.spec { Some(&mut **spec) } else { None };
        for shown in pane.opened.site.as_mut().into_iter().chain(spec).filter(|shown| shown.is_same_account(&site)) {
            shown.ascii.clone_from(&site.ascii);
        }
    }
    let told = told(&site);
    let amendment = Amendment::Ascii(site.ascii.clone());
    fx.push(Effect::Engine(Command::Amend(Box::new(site), amendment)));
    notice(app, told);
    Ok(())
}

/// The pane of a server: the focused one, else the other.
fn server(app: &App) -> Option<PaneSide> {
    [app.focus, app.focus.other()].into_iter().find(|&side| app.pane(side).is_directory() && app.pane(side).opened.site.is_some())
}

fn told(site: &Site) -> String {
    match &site.ascii {
        Ascii::Never => "binary: every byte arrives as it is".to_owned(),
        Ascii::Always => "ascii: the line ends of every file become those of the other side, which damages what is no text".to_owned(),
        Ascii::Extensions(ends) => format!("auto: these move as text, all others as they are: {}", printable_str(&ends.join(" "))),
    }
}
