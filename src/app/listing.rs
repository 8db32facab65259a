//! A listing on its way into a pane, and changes of single entries in it.
//!
//! Guarantee: the first rows replace the old listing at once; what the person did meanwhile (cursor, marks) is kept by name; sorting is
//! done a few times in all, however many parts arrive. A listing that fails leaves the old one as it was.

use std::collections::HashSet;

use crate::bus::ListingPart;
use crate::model::{Entry, Failure, Generation, Name, VPath};

use super::order::{self, Keys};
use super::pane::Pane;
use super::update::mask::Filter;
use crate::model::SortKey;

/// A listing on its way.
#[derive(Debug)]
pub(super) struct Arrival {
    path: VPath,
    generation: Generation,
    trail: Trail,
    begun: bool,
    /// Marks of the listing before, until their entries arrive.
    marks: HashSet<Name>,
    /// Where the cursor wants to be.
    anchor: Option<Name>,
    /// The row for it, where there is no such entry.
    row: usize,
    /// The row it was put on last; if it is elsewhere, the person moved it.
    placed: usize,
    /// So many entries were there when they were last sorted.
    sorted: usize,
    /// What a transfer changed meanwhile; the rows may be older or newer than that.
    patches: Vec<Patch>,
}

/// A change of one entry.
#[derive(Debug)]
pub(super) enum Patch {
    Upsert(Entry),
    Remove(Name),
}

/// What going to a directory does to the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trail {
    /// The directory left is what Back goes to.
    New,
    /// Back was pressed.
    Back,
    /// Forward was pressed.
    Forward,
    /// The same directory again, or the first one.
    Stay,
}

impl Pane {
    /// Prepares for a listing that was asked for. What is shown stays until its first rows come.
    pub(super) fn expect(&mut self, path: VPath, generation: Generation, trail: Trail) {
        let same = path == self.path;
        let marks = if same { (*self.marks).clone() } else { HashSet::new() };
        let anchor =
            self.aim.take().or_else(|| if same { self.current().map(|e| e.name.clone()) } else { self.remembered.get(&path).cloned() });
        self.arrival = Some(Arrival {
            path,
            generation,
            trail,
            begun: false,
            marks,
            anchor,
            row: self.cursor,
            placed: self.cursor,
            sorted: 0,
            patches: Vec::new(),
        });
    }

    /// Rows arrived.
    pub(super) fn arrive(&mut self, part: ListingPart, page: usize) {
        let Some(mut arrival) = self.arrival.take() else { return };
        self.begin_listing(&mut arrival);
        match part {
            ListingPart::Unparsed(rows) => self.unparsed.extend(rows),
            ListingPart::Rows(rows) => self.append(&mut arrival, rows),
        }
        if self.entries.len() >= arrival.sorted.saturating_mul(2) {
            self.settle(&mut arrival, page);
        }
        self.arrival = Some(arrival);
    }

    /// The listing is complete; `path` is what the volume calls it.
    pub(super) fn complete(&mut self, path: VPath, free: Option<u64>, page: usize) {
        let Some(mut arrival) = self.arrival.take() else { return };
        self.begin_listing(&mut arrival);
        self.path = path;
        self.settle(&mut arrival, page);
        self.free = free;
        self.loading = None;
        self.trouble = None;
        self.missed = None;
        self.lost = false;
        for patch in arrival.patches {
            self.apply(patch, page);
        }
        if !self.dir_sizes.is_empty() {
            let names: HashSet<&Name> = self.entries.iter().map(|entry| &entry.name).collect();
            self.dir_sizes.retain(|name, _| names.contains(name));
            self.marks.changed();
        }
    }

    /// The listing failed or was stopped; what is shown stays.
    pub(super) fn miss(&mut self, failure: Option<Failure>, page: usize) {
        let arrival = self.arrival.take();
        self.loading = None;
        self.tell = false;
        let elsewhere = arrival.as_ref().is_some_and(|arrival| arrival.path != self.path);
        // What waited for the end of a refresh must not be lost with it.
        for patch in arrival.filter(|arrival| arrival.path == self.path).map(|arrival| arrival.patches).unwrap_or_default() {
            self.apply(patch, page);
        }
        match failure {
            // What is shown is as good as it was.
            Some(failure) if elsewhere && !failure.is_connection_lost() => self.missed = Some(failure),
            Some(failure) => self.trouble = Some(failure),
            None => {}
        }
    }

    /// The directory whose listing is on its way.
    pub(super) fn awaited_path(&self) -> Option<VPath> {
        self.arrival.as_ref().map(|arrival| arrival.path.clone())
    }

    /// Changes one entry of a directory in place: after its listing, where that is on its way, else at once where it is shown.
    pub(super) fn patch(&mut self, directory: &VPath, patch: Patch, page: usize) {
        match self.arrival.as_mut().filter(|arrival| arrival.path == *directory) {
            Some(arrival) => arrival.patches.push(patch),
            None if self.path == *directory => self.apply(patch, page),
            None => {}
        }
    }

    fn apply(&mut self, patch: Patch, page: usize) {
        match patch {
            Patch::Upsert(entry) => self.upsert(entry, page),
            Patch::Remove(name) => self.remove(&name, page),
        }
    }

    /// The first part: the old listing goes, the way back is kept.
    fn begin_listing(&mut self, arrival: &mut Arrival) {
        if std::mem::replace(&mut arrival.begun, true) {
            return;
        }
        // A cursor that was moved while the first rows were awaited says where it wants to be in the same directory.
        if arrival.path == self.path && self.cursor != arrival.placed {
            arrival.anchor = self.current().map(|entry| entry.name.clone());
            arrival.row = self.cursor;
        }
        if arrival.path != self.path {
            self.leave(arrival.trail);
            self.filter = None;
            self.search = None;
            self.dir_sizes.clear();
            arrival.row = 0;
        } else {
            arrival.marks.extend(self.marks.drain());
        }
        self.path = arrival.path.clone();
        self.generation = arrival.generation;
        self.entries = Vec::new();
        self.unparsed = Vec::new();
        self.order = Vec::new();
        self.keys = Keys::default();
        self.marks.clear();
        self.trouble = None;
        self.missed = None;
        self.cursor = 0;
        self.top = if arrival.row == 0 { 0 } else { self.top };
    }

    /// Keeps where we were for Back and Forward, and where the cursor stood.
    fn leave(&mut self, trail: Trail) {
        let old = self.path.clone();
        if let Some(entry) = self.current() {
            let name = entry.name.clone();
            self.remembered.insert(old.clone(), name);
        }
        match trail {
            Trail::New => {
                self.back.push(old);
                self.forward.clear();
            }
            Trail::Back => {
                self.back.pop();
                self.forward.push(old);
            }
            Trail::Forward => {
                self.forward.pop();
                self.back.push(old);
            }
            Trail::Stay => {}
        }
    }

    /// Appends rows behind what is shown, unsorted for now.
    fn append(&mut self, arrival: &mut Arrival, rows: Vec<Entry>) {
        let filter = Filter::of(self);
        let first = self.entries.len();
        self.keys.extend(&rows);
        for (i, entry) in rows.iter().enumerate() {
            if filter.shows(entry) {
                self.order.extend(u32::try_from(first + i));
                if let Some(name) = arrival.marks.take(&entry.name) {
                    self.marks.insert(name);
                }
            }
        }
        self.entries.extend(rows);
        self.marks.changed();
    }

    /// Sorts, and puts the cursor where it wants to be or where the person moved it.
    fn settle(&mut self, arrival: &mut Arrival, page: usize) {
        if arrival.sorted > 0 && self.cursor != arrival.placed {
            arrival.anchor = self.current().map(|entry| entry.name.clone());
            arrival.row = self.cursor;
        }
        order::sort(&mut self.order, &self.entries, &self.keys, self.sort);
        arrival.sorted = self.entries.len().max(1);
        let row = arrival.anchor.as_ref().and_then(|name| self.row_of(name)).unwrap_or(arrival.row);
        self.put_cursor(row, page);
        arrival.placed = self.cursor;
    }

    /// Applies another order, filter or hiding; the cursor stays with its entry. What is no longer shown is no longer marked.
    pub(super) fn rebuild(&mut self, page: usize) {
        let name = self.current().map(|entry| entry.name.clone());
        let filter = Filter::of(self);
        self.order.clear();
        self.order.extend((0u32..).zip(&self.entries).filter(|(_, entry)| filter.shows(entry)).map(|(i, _)| i));
        order::sort(&mut self.order, &self.entries, &self.keys, self.sort);
        if !self.marks.is_empty() {
            let entries = &self.entries;
            let shown: HashSet<&Name> = self.order.iter().filter_map(|&i| entries.get(i as usize)).map(|e| &e.name).collect();
            self.marks.retain(|name| shown.contains(name));
        }
        let row = name.and_then(|name| self.row_of(&name)).unwrap_or(self.cursor);
        self.put_cursor(row, page);
    }

    fn upsert(&mut self, entry: Entry, page: usize) {
        self.marks.changed();
        let old = self.find(&entry.name);
        let was_current = self.current().is_some_and(|current| current.name == entry.name);
        let index = match old {
            Some(index) => {
                self.unorder(index);
                if let Some(place) = self.entries.get_mut(index as usize) {
                    *place = entry;
                }
                index
            }
            None => {
                self.keys.extend(std::slice::from_ref(&entry));
                self.entries.push(entry);
                u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let shown = self.entries.get(index as usize).is_some_and(|entry| Filter::of(self).shows(entry));
        if shown {
            let place = order::place_of(index, &self.order, &self.entries, &self.keys, self.sort);
            self.order.insert(place, index);
            let row = place + usize::from(self.has_parent_row());
            if was_current {
                self.cursor = row;
            } else {
                self.shift_down(row);
            }
        }
        self.put_cursor(self.cursor, page);
    }

    /// A row was put in above the cursor or the page: they keep their entries. With the cursor on `..` or an empty pane nothing moves.
    fn shift_down(&mut self, row: usize) {
        if row <= self.cursor && self.row_count() > 1 {
            self.cursor += 1;
            if row < self.top {
                self.top += 1;
            }
        }
    }

    fn remove(&mut self, name: &Name, page: usize) {
        let Some(index) = self.find(name) else { return };
        self.unorder(index);
        let last = u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX);
        self.entries.swap_remove(index as usize);
        self.keys.swap_remove(index as usize);
        if let Some(place) = self.order.iter_mut().find(|i| **i == last) {
            *place = index;
        }
        self.marks.remove(name);
        self.dir_sizes.remove(name);
        self.put_cursor(self.cursor, page);
    }

    /// Takes an entry out of what is shown; the cursor keeps its entry.
    fn unorder(&mut self, index: u32) {
        let Some(place) = self.order.iter().position(|&i| i == index) else { return };
        self.order.remove(place);
        let row = place + usize::from(self.has_parent_row());
        if row < self.cursor {
            self.cursor -= 1;
        }
        if row < self.top {
            self.top -= 1;
        }
    }

    /// The index of an entry. By its place where the order is by name and all are shown; transfers of many files ask this for each.
    fn find(&self, name: &Name) -> Option<u32> {
        if self.sort.key == SortKey::Name {
            let found = order::find_by_name(name, &self.order, &self.entries, &self.keys, self.sort.reverse);
            if found.is_some() || self.order.len() == self.entries.len() {
                return found;
            }
        }
        u32::try_from(self.entries.iter().position(|entry| entry.name == *name)?).ok()
    }
}
