//! One thing is changed about how a server is met, while panes are open and batches wait.
//!
//! Guarantee: nothing else goes with it. Two saved sites of one account may differ in what they ask of TLS, of certificates or of a proxy, and
//! each pane and each batch is met by its own: a change that is made to the one never dials the other in the clear. What is opened anew brings
//! its own settings, so that nothing of a change outlives it.

use crate::bus::Amendment;
use crate::engine::account::Account;
use crate::engine::queue::Runner;
use crate::model::explain::Fix;
use crate::model::site::VolumeSpec;
use crate::model::{Ascii, Site};
use crate::volume::Connector;

use super::{Running, Supervisor};

impl<C: Connector> Supervisor<C> {
    /// A person has changed how a server is met.
    pub(super) fn amend(&mut self, site: Box<Site>, amendment: Amendment) {
        match amendment {
            Amendment::Fix(fix) => self.put_fix(&Account::of(&VolumeSpec::Ftp(site, None)), fix),
            Amendment::Ascii(ascii) => self.set_type(&site, &ascii),
        }
    }

    /// Batches that were asked for keep the type they had: half of a file as text, or half of a tree, is what nobody wants.
    fn set_type(&mut self, of: &Site, ascii: &Ascii) {
        for known in self.known.values_mut() {
            if let VolumeSpec::Ftp(site, _) = &mut known.spec
                && site.is_same_account(of)
            {
                site.ascii.clone_from(ascii);
            }
        }
    }

    fn put_fix(&mut self, account: &Account, fix: Fix) {
        let opened = self.known.values_mut().map(|known| &mut known.spec);
        let begun = self.batches.values_mut().flat_map(|batch| [&mut batch.ends.0, &mut batch.ends.1]);
        for spec in opened.chain(begun).chain(self.past.ends_mut()) {
            put_on(fix, spec, account);
        }
        if let Some(learnt) = self.learnt.get_mut(account) {
            // What the sessions of this run have found out is more than the pane's site tells.
            let mut site = Site { learnt: std::mem::take(learnt), ..Site::default() };
            fix.put_on(&mut site);
            *learnt = site.learnt;
        }
        self.dismiss_idle();
    }

    /// Lanes that wait for work on connections of the old kind end. One that is at work goes on: what it does is half done.
    pub(super) fn dismiss_idle(&mut self) {
        let idle: Vec<Runner> = self.lanes.keys().filter(|runner| self.running.get(runner).is_none_or(Running::is_idle)).copied().collect();
        for runner in idle {
            self.lanes.remove(&runner);
        }
    }

    /// Whether a server that is known is met in another way by `spec`, so that a connection of the old kind is none for it.
    pub(super) fn is_met_otherwise(&self, account: &Account, spec: &VolumeSpec) -> bool {
        let VolumeSpec::Ftp(site, _) = spec else { return false };
        let ways = |site: &Site| (site.tls, site.secured.clone(), site.reach.clone());
        let other = |old: &VolumeSpec| matches!(old, VolumeSpec::Ftp(old, _) if ways(old) != ways(site));
        self.known.values().any(|known| known.account == *account && other(&known.spec))
    }
}

/// Only where it stays the same account: a fix may move a server to another port.
fn put_on(fix: Fix, spec: &mut VolumeSpec, account: &Account) {
    if Account::of(spec) != *account {
        return;
    }
    let mut fixed = spec.clone();
    if let VolumeSpec::Ftp(site, _) = &mut fixed {
        fix.put_on(site);
    }
    if Account::of(&fixed) == *account {
        *spec = fixed;
    }
}
