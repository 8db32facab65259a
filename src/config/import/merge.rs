//! What of an import is new beside the saved sites, and under which name.
//!
//! Guarantee: no saved site is changed; what is saved already does not come twice; a name that is taken by another server gets a number.

use crate::config::sites::check_name;
use crate::model::Site;

use super::Found;

/// A site of an import, beside the saved ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The site, under the name that it is to have, with its password and what did not come over.
    pub found: Found,
    /// What is to be done with it.
    pub state: State,
}

/// What is to be done with a site of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is to be added.
    New,
    /// It is to be added under another name, since its own, this one, is taken or could not be typed.
    Renamed(String),
    /// It is saved already, under this name.
    Already(String),
}

/// Puts the sites of an import beside the saved ones.
pub fn merge(saved: &[Site], found: Vec<Found>) -> Vec<Merged> {
    let mut all = saved.to_vec();
    let mut out = Vec::with_capacity(found.len());
    for mut found in found {
        if let Some(same) = all.iter().find(|known| is_same(known, &found.site)) {
            let state = State::Already(same.name.clone());
            found.site.name.clone_from(&same.name);
            out.push(Merged { found, state });
            continue;
        }
        let own = std::mem::take(&mut found.site.name);
        let name = free(&all, &typable(&own, &found.site.host));
        let state = if name == own { State::New } else { State::Renamed(own) };
        found.site.name = name;
        all.push(found.site.clone());
        out.push(Merged { found, state });
    }
    out
}

/// Whether both are the same place on the same account, talked to in the same way.
fn is_same(a: &Site, b: &Site) -> bool {
    a.is_same_account(b) && a.start == b.start && a.tls == b.tls && a.mode == b.mode
}

/// A name that reads as one when it is typed as a target.
fn typable(name: &str, host: &str) -> String {
    let name = name.replace("://", "-").replace(char::is_control, "_");
    let name = name.trim().trim_start_matches(['/', '.', '~', '-']).trim();
    let name = if name.is_empty() { host } else { name };
    if check_name(name).is_ok() { name.to_owned() } else { "site".to_owned() }
}

/// The name, or the first with a number behind it that is not taken.
fn free(all: &[Site], name: &str) -> String {
    let taken = |name: &str| all.iter().any(|site| site.name == name);
    if !taken(name) {
        return name.to_owned();
    }
    // There are fewer names taken than numbers.
    (2..=all.len() + 2).map(|number| format!("{name} ({number})")).find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::url::FtpUrl;

    fn found(name: &str, url: &str) -> Found {
        let site = Site { name: name.into(), ..FtpUrl::parse(url.as_bytes()).unwrap().to_site() };
        Found { site, secret: None, notes: Vec::new() }
    }

    #[test]
    fn what_is_there_stays_and_what_is_new_gets_a_name_of_its_own() {
        let saved = [found("work", "ftp://al@h/www").site, found("x", "ftp://x").site];
        let import = vec![
            found("another name", "ftp://al@h/www"),
            found("work", "ftp://bob@h/www"),
            found("work", "ftp://eve@h/www"),
            found("~/odd://name", "ftp://k"),
            found("", "ftp://z"),
            found("..", "ftp://y"),
            found("fine", "ftp://f"),
            found("fine too", "ftp://f"),
        ];
        let merged = merge(&saved, import);
        let states: Vec<_> = merged.iter().map(|merged| (merged.found.site.name.as_str(), merged.state.clone())).collect();
        let renamed = |old: &str| State::Renamed(old.to_owned());
        assert_eq!(
            states,
            [
                ("work", State::Already("work".into())),
                ("work (2)", renamed("work")),
                ("work (3)", renamed("work")),
                ("odd-name", renamed("~/odd://name")),
                ("z", renamed("")),
                ("y", renamed("..")),
                ("fine", State::New),
                ("fine", State::Already("fine".into())),
            ]
        );
        // A second import of the same brings nothing new.
        let all: Vec<_> = saved
            .iter()
            .cloned()
            .chain(merged.iter().filter(|m| !matches!(m.state, State::Already(_))).map(|m| m.found.site.clone()))
            .collect();
        let again = vec![found("work", "ftp://bob@h/www"), found("~/odd://name", "ftp://k")];
        assert!(merge(&all, again).iter().all(|merged| matches!(merged.state, State::Already(_))));
    }
}
