//! What was found out about servers, for their next connections and for who keeps sites.
//!
//! A session finds out how its server is talked to; how many connections it allows shows only here. Guarantee: neither is lost when the
//! other is told.

use crate::bus::Event;
use crate::engine::account::Account;
use crate::model::Site;
use crate::model::site::{Learnt, VolumeSpec};
use crate::volume::Connector;

use super::Supervisor;

impl<C: Connector> Supervisor<C> {
    /// A session found something out.
    pub(super) fn learnt(&mut self, account: Account, site: Box<Site>, mut learnt: Learnt) {
        if let Some(known) = self.learnt.get(&account) {
            learnt.connections = known.connections;
        }
        self.tell_learnt(account, site, learnt);
    }

    /// The server refused a connection while so many lived: that is how many it allows.
    pub(super) fn learn_limit(&mut self, account: &Account) {
        let live = u16::try_from(self.logins.count_live(account)).ok().filter(|live| *live > 0);
        if live.is_some() {
            self.set_limit(account, live);
        }
    }

    /// So many connections live: a limit that was kept and is lower holds no longer.
    pub(super) fn check_limit(&mut self, account: &Account) {
        let live = self.logins.count_live(account);
        let limit = self.known_site(account).and_then(|site| self.facts_of(account, &site).connections);
        if limit.is_some_and(|limit| usize::from(limit) < live) {
            self.set_limit(account, None);
        }
    }

    /// Begins with as many lanes as the server is known to allow beside the panes; after the first batch it is tried whether it allows more.
    pub(super) fn begin_within_limit(&mut self, account: &Account, site: &Site) {
        if !self.tried.contains(account)
            && let Some(limit) = self.facts_of(account, site).connections
        {
            self.queue.cap(account, usize::from(limit));
        }
    }

    /// A batch with the account has ended: what was kept of its limit has done its work.
    pub(super) fn try_more(&mut self, account: &Account) {
        if !account.is_local() && self.tried.insert(account.clone()) {
            self.queue.uncap_kept(account);
        }
    }

    fn set_limit(&mut self, account: &Account, limit: Option<u16>) {
        let Some(site) = self.known_site(account) else { return };
        let learnt = self.facts_of(account, &site);
        if learnt.connections != limit {
            self.tell_learnt(account.clone(), site, Learnt { connections: limit, ..learnt });
        }
    }

    fn tell_learnt(&mut self, account: Account, site: Box<Site>, learnt: Learnt) {
        self.learnt.insert(account, learnt.clone());
        self.outbox.emit(Event::Learnt { site, learnt });
    }

    fn facts_of(&self, account: &Account, site: &Site) -> Learnt {
        self.learnt.get(account).unwrap_or(&site.learnt).clone()
    }

    fn known_site(&self, account: &Account) -> Option<Box<Site>> {
        let opened = self.known.values().map(|known| &known.spec);
        // What an earlier run had begun was opened by no pane.
        let restored = self.batches.values().flat_map(|batch| [&batch.ends.0, &batch.ends.1]);
        opened.chain(restored).find_map(|spec| match spec {
            VolumeSpec::Ftp(site, _) if Account::of(spec) == *account => Some(site.clone()),
            VolumeSpec::Ftp(..) | VolumeSpec::Local => None,
        })
    }
}
