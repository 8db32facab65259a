//! What one session has found out about a server and the next ones to it need not ask.
//!
//! Guarantee: only what a server has shown is kept, by account, for a while; a server that mixed something up is met by the next session as a
//! stranger. Passwords, paths of files and what they hold are not kept.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::features::Features;
use super::limits;
use super::pace::Pace;
use crate::model::{Site, VPath};

/// Who is asked: host, port and user.
type Account = (String, u16, String);

/// Which server, whoever asks.
type Server = (String, u16);

/// What is known of a server.
#[derive(Debug, Clone)]
pub struct Known {
    /// What it offers.
    pub features: Features,
    /// What it has shown of commands that are sent together.
    pub pace: Pace,
    /// Where it puts us.
    pub home: VPath,
    since: Instant,
}

/// What all sessions of the program know.
#[derive(Debug, Clone, Default)]
pub struct Acquaintances(Arc<Mutex<All>>);

#[derive(Debug, Default)]
struct All {
    known: HashMap<Account, Known>,
    /// Did not get over a login in which several commands went out at once.
    fragile: HashSet<Account>,
    /// Refused TLS, when.
    plain: HashMap<Server, Instant>,
    /// Spoke TLS.
    secure: HashSet<Server>,
    /// Do not take data connections for the same session with TLS 1.3.
    older: HashSet<Server>,
    /// Close at a command that others only refuse.
    shy: HashMap<Account, Vec<&'static str>>,
    /// Are faster with TLS 1.2, for as long as the program runs.
    faster: HashSet<Server>,
}

impl Acquaintances {
    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the site's server must be sent one command at a time from the first one on.
    pub fn is_fragile(&self, site: &Site) -> bool {
        self.all().fragile.contains(&account(site))
    }

    /// Several commands at once were too much for the site's server.
    pub fn handle_with_care(&self, site: &Site) {
        self.all().fragile.insert(account(site));
    }

    /// The commands at which the site's server closes the connection.
    pub fn closes_at(&self, site: &Site) -> Vec<&'static str> {
        self.all().shy.get(&account(site)).cloned().unwrap_or_default()
    }

    /// The site's server closes the connection at this command.
    pub fn closed_at(&self, site: &Site, verb: &'static str) {
        self.all().shy.entry(account(site)).or_default().push(verb);
    }

    /// Whether the site's server has refused TLS a while ago, so that it need not be asked again.
    pub fn refused_tls(&self, site: &Site) -> bool {
        self.all().plain.get(&server(site)).is_some_and(|since| since.elapsed() < limits::KNOWN)
    }

    /// The site's server knows no TLS.
    pub fn without_tls(&self, site: &Site) {
        self.all().plain.insert(server(site), Instant::now());
    }

    /// Whether the site's server was once spoken to with TLS.
    pub fn spoke_tls(&self, site: &Site) -> bool {
        site.learnt.tls || self.all().secure.contains(&server(site))
    }

    /// The site's server speaks TLS.
    pub fn with_tls(&self, site: &Site) {
        self.all().secure.insert(server(site));
    }

    /// Whether TLS 1.3 is of no use with the site's server.
    pub fn wants_tls12(&self, site: &Site) -> bool {
        site.learnt.tls12 || self.all().older.contains(&server(site))
    }

    /// Whether TLS 1.2 is spoken with the site's server, by need or for its speed.
    pub fn takes_tls12(&self, site: &Site) -> bool {
        self.wants_tls12(site) || self.all().faster.contains(&server(site))
    }

    /// The site's server is faster with TLS 1.2.
    pub fn is_faster_with_tls12(&self, site: &Site) {
        self.all().faster.insert(server(site));
    }

    /// The site's server is spoken to with TLS 1.2 from now on.
    pub fn needs_tls12(&self, site: &Site) {
        self.all().older.insert(server(site));
    }

    /// What is known of the site's server, unless that is old.
    pub fn of(&self, site: &Site) -> Option<Known> {
        self.all().known.get(&account(site)).filter(|known| known.since.elapsed() < limits::KNOWN).cloned()
    }

    /// A session with the site's server has found out all this.
    pub fn meet(&self, site: &Site, features: &Features, pace: Pace, home: &VPath) {
        let known = Known { features: features.clone(), pace, home: home.clone(), since: Instant::now() };
        self.all().known.insert(account(site), known);
    }

    /// What was found out of the site's server was found out under another name.
    pub fn forget(&self, site: &Site) {
        self.all().known.remove(&account(site));
    }

    /// A session has seen more of what its server does with commands that are sent together.
    pub fn paced(&self, site: &Site, pace: Pace) {
        if pace.is_bad() {
            self.all().known.remove(&account(site));
        } else if let Some(known) = self.all().known.get_mut(&account(site)) {
            known.pace = pace;
        }
    }
}

fn server(site: &Site) -> Server {
    (site.host.to_ascii_lowercase(), site.dial_port())
}

fn account(site: &Site) -> Account {
    (site.host.clone(), site.dial_port(), site.login_user().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_showed_is_kept_for_its_account_until_it_mixes_something_up() {
        let site = Site { host: "a".into(), ..Site::default() };
        let other = Site { user: Some("else".into()), ..site.clone() };
        let known = Acquaintances::default();
        let mut pace = Pace::default();
        pace.knows_feat();
        known.meet(&site, &Features::default(), pace, &VPath::root());
        pace.worked();
        known.paced(&site, pace);
        assert!(known.of(&site).unwrap().pace.may_pair());
        assert!(known.of(&other).is_none());
        pace.be_careful();
        known.paced(&site, pace);
        assert!(known.of(&site).is_none());
    }
}
