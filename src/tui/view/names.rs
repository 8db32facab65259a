//! Names, paths and places as a person reads them: always printable.

use std::borrow::Cow;

use crate::app::Pane;
use crate::model::text::{printable, printable_str};
use crate::model::{Entry, Kind, VPath};

/// An entry's name with the sign of its kind: `docs/`, `latest@`, `pipe?`.
pub fn with_sign(entry: &Entry) -> Cow<'_, str> {
    let name = printable(entry.name.as_bytes());
    match sign(entry) {
        "" => name,
        sign => Cow::Owned(format!("{name}{sign}")),
    }
}

/// The sign behind a name: `/` directory, `@` link, `?` neither file nor directory.
pub fn sign(entry: &Entry) -> &'static str {
    match entry.kind {
        Kind::Dir => "/",
        Kind::Link => "@",
        Kind::Other => "?",
        Kind::File => "",
    }
}

/// A path, with `~` for the home directory of the local disk; of a server that writes no paths, as it says it.
pub fn path_of<'a>(pane: &Pane, path: &'a VPath) -> Cow<'a, str> {
    if pane.is_local()
        && let Some(home) = pane.opened.home.as_ref().filter(|home| !home.is_root())
        && path.is_within(home)
    {
        let rest = path.as_bytes().get(home.as_bytes().len()..).unwrap_or_default();
        return Cow::Owned(format!("~{}", printable(rest)));
    }
    if pane.opened.paths.is_unix() {
        return printable(path.as_bytes());
    }
    Cow::Owned(printable(&pane.opened.paths.shown(path)).into_owned())
}

/// What kind of volume a pane shows, and whose: `local`, `ftp alice@example`.
pub fn volume(pane: &Pane) -> String {
    match &pane.opened.site {
        Some(site) => format!("ftp {}", printable_str(&site.title())),
        None => "local".to_owned(),
    }
}

/// The last two parts of a path: `assets/logo.png`.
pub fn last_parts(path: &VPath) -> String {
    let parts: Vec<&[u8]> = path.parts().collect();
    let shown: Vec<_> = parts.iter().skip(parts.len().saturating_sub(2)).map(|part| printable(part)).collect();
    shown.join("/")
}
