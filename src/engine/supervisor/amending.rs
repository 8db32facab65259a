//! One thing is changed about how a server is met, while panes are open and batches wait.
//!
//! Guarantee: nothing else goes with it. Two saved sites of one account may differ in what they ask of TLS, of certificates or of a proxy, and
//! each pane and each batch is met by its own: a change that is made to the one never dials the other in the clear. What is opened anew brings
//! its own settings, so that nothing of a change outlives it. Where an edit of a site asks for more protection, nothing of that site is begun any
//! more on a connection that lacks it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::bus::Amendment;
use crate::engine::account::{Account, Pair, Way};
use crate::engine::browser::Ask;
use crate::engine::queue::{Runner, Stock};
use crate::engine::work::BatchFacts;
use crate::model::explain::Fix;
use crate::model::site::VolumeSpec;
use crate::model::{Ascii, BatchId, Site};
use crate::volume::Connector;

use super::batch::Batch;
use super::{Running, Supervisor};

impl<C: Connector> Supervisor<C> {
    /// A person has changed how a server is met.
    pub(super) fn amend(&mut self, site: Box<Site>, amendment: Amendment) {
        match amendment {
            Amendment::Fix(fix) => self.put_fix(&Account::of(&VolumeSpec::Ftp(site, None)), fix),
            Amendment::Ascii(ascii) => self.set_type(&site, &ascii),
            Amendment::Edited(now) => self.follow(&site, &now),
        }
    }

    /// A saved site was edited. What was opened or asked for by it asks for as much protection from now on, and in no point for less than before:
    /// connections of panes are opened anew, what waits goes over lanes that are connected so, and what moves may end where it is.
    fn follow(&mut self, before: &Site, now: &Site) {
        let follow = |spec: &mut VolumeSpec| match spec {
            VolumeSpec::Ftp(site, _) if site.goes_by(before) => {
                let old = Way::of(&VolumeSpec::Ftp(site.clone(), None));
                **site = site.tightened(now);
                Way::of(spec) != old
            }
            VolumeSpec::Ftp(..) | VolumeSpec::Local => false,
        };
        for known in self.known.values_mut() {
            if follow(&mut known.spec)
                && let VolumeSpec::Ftp(site, _) = &known.spec
            {
                // Who has ended opens nothing any more.
                let _ = known.asks.send(Ask::Otherwise(site.clone()));
            }
        }
        for batch in self.batches.values_mut() {
            follow(&mut batch.ends.0);
            follow(&mut batch.ends.1);
        }
        for spec in self.past.ends_mut() {
            follow(spec);
        }
        self.go_new_ways();
    }

    /// What an earlier run was to open, with what its saved site asks for by now: the one of its name, or one of its account where it has none. What
    /// that says nothing of stays as the options of that run had it.
    pub(super) fn as_saved(&self, spec: VolumeSpec) -> VolumeSpec {
        let VolumeSpec::Ftp(mut site, secret) = spec else { return spec };
        let saved = self.saved.iter().find(|saved| site.goes_by(saved));
        if let Some(saved) = saved {
            let own = std::mem::take(&mut site.secured);
            let mut asked = saved.clone();
            if asked.secured.pins.is_empty() {
                asked.secured.pins.clone_from(&own.pins);
            }
            asked.secured.roots = asked.secured.roots.or_else(|| own.roots.clone());
            asked.secured.identity = asked.secured.identity.or_else(|| own.identity.clone());
            site.secured = own;
            *site = site.tightened(&asked);
        }
        VolumeSpec::Ftp(site, secret)
    }

    /// Batches whose ends are met otherwise than their lanes are connected go over other lanes from now on.
    fn go_new_ways(&mut self) {
        self.past.go_new_ways();
        let of = |batch: &Batch| Pair::of(&batch.ends.0, &batch.ends.1);
        let other: Vec<(BatchId, Pair)> = self
            .batches
            .iter()
            .map(|(id, batch)| (*id, of(batch)))
            .filter(|(id, pair)| self.batches.get(id).is_some_and(|batch| batch.pair != *pair))
            .collect();
        for (id, pair) in other {
            self.go_another_way(id, pair);
        }
    }

    fn go_another_way(&mut self, id: BatchId, to: Pair) {
        for transfer in self.of_batch(id) {
            if self.take_from_lane(transfer) {
                self.put_back(transfer);
            }
        }
        let was_stocked = self.unstock(id) > 0;
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let from = std::mem::replace(&mut batch.pair, to.clone());
        let facts = Arc::new(BatchFacts { outdated: CancellationToken::new(), ..(*batch.facts).clone() });
        std::mem::replace(&mut batch.facts, facts.clone()).outdated.cancel();
        batch.later.renew(&facts);
        let (aside, priority, backlog) = (batch.aside.stock(), batch.priority, batch.backlog.stock());
        self.queue.reassign(id, &from, &to);
        self.queue.put_aside(&from, Stock::default(), aside);
        self.queue.put_aside(&to, aside, Stock::default());
        for mut work in self.queue.take_plans(&from, id) {
            work.renew(&facts);
            self.queue.push_plan(&to, id, priority, work);
        }
        if was_stocked {
            self.stocked(id, backlog);
        }
        self.share_otherwise(id, &to, &facts);
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
        self.go_new_ways();
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
        let other = |old: &VolumeSpec| matches!(old, VolumeSpec::Ftp(old, _) if old.way() != site.way());
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
