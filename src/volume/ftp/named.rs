//! The border between names as the server has them and names as the program has them: the only place on the way to a server where a charset
//! is at work.
//!
//! Guarantee: everything below speaks the server's bytes, everything above Unicode (and the bytes that are none, as they are). A name that the
//! server's charset cannot hold is refused before anything is sent.

use tokio_util::sync::CancellationToken;

use super::{Acquaintances, FtpSink, FtpSource, FtpVolume, connect};
use crate::model::digest::{Algorithm, Digest};
use crate::model::listing::ListingPart;
use crate::model::local_name::System;
use crate::model::opened::{Abilities, Opened};
use crate::model::site::{Learnt, StartDir, VolumeSpec};
use crate::model::{Ascii, Charset, During, Entry, Failure, FailureKind, Reply, Site, Timestamp, VPath};
use crate::volume::{Ahead, Call, Finish, Result, Settled, Volume, WriteFrom};

/// A server's tree, with names in Unicode.
pub struct NamedVolume {
    inner: FtpVolume,
    names: Charset,
    opened: Opened,
}

impl NamedVolume {
    /// Connects to a server and logs in.
    ///
    /// # Errors
    /// As [`connect`]; `Invalid` where the site's charset is none, or its first directory cannot be written in it.
    pub async fn connect(site: &Site, call: &Call, known: &Acquaintances) -> Result<Self> {
        let invalid = |why: String| Failure::new(FailureKind::Invalid, During::Connect, why).about(site.host.as_bytes());
        let names = Charset::of_site(site.charset.as_deref())
            .map_err(|why| invalid(why).hint("give another one to the site, such as windows-1252 or Shift_JIS"))?;
        let start = match &site.start {
            StartDir::Login => StartDir::Login,
            StartDir::Relative(parts) => StartDir::Relative(names.encode(parts).map_err(|why| invalid(why.to_string()))?.into_owned()),
            StartDir::Absolute(path) => StartDir::Absolute(names.encode_path(path).map_err(|why| invalid(why.to_string()))?),
        };
        let below = Site { start, ..site.clone() };
        let spec = match &call.spec {
            VolumeSpec::Ftp(_, secret) => VolumeSpec::Ftp(Box::new(below.clone()), secret.clone()),
            VolumeSpec::Local => VolumeSpec::Local,
        };
        let call = Call { spec, ..call.clone() };
        let inner = connect(&below, &call, known).await.map_err(|failure| shown(names, failure))?;
        let opened = inner.opened();
        let opened = Opened {
            site: opened.site.clone().map(|below| Site { start: site.start.clone(), ..below }),
            start: opened.start.as_ref().map(|path| names.decode_path(path)),
            home: opened.home.as_ref().map(|path| names.decode_path(path)),
            ..opened.clone()
        };
        Ok(Self { inner, names, opened })
    }

    /// The path as the server has it.
    fn wire(&self, path: &VPath, during: During) -> Result<VPath> {
        self.names.encode_path(path).map_err(|why| {
            let failure = Failure::new(FailureKind::Invalid, during, why.to_string()).about(path.as_bytes());
            failure.hint("give it another name, or the site another charset")
        })
    }

    fn shown<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|failure| shown(self.names, failure))
    }

    fn entry(&self, entry: Entry) -> Entry {
        entry_in(self.names, entry)
    }
}

/// A failure about a name of the server's, about the same name as a person sees it.
fn shown(names: Charset, failure: Failure) -> Failure {
    let subject = failure.subject.as_deref().map(|subject| names.decode(subject).into_owned().into());
    Failure { subject, ..failure }
}

fn entry_in(names: Charset, entry: Entry) -> Entry {
    if names == Charset::UTF8 {
        return entry;
    }
    let target = entry.target.as_deref().map(|target| names.decode(target).into_owned().into());
    Entry { name: names.decode_name(&entry.name), target, ..entry }
}

fn part_in(names: Charset, part: ListingPart) -> ListingPart {
    match part {
        _ if names == Charset::UTF8 => part,
        ListingPart::Rows(rows) => ListingPart::Rows(rows.into_iter().map(|entry| entry_in(names, entry)).collect()),
        // To be shown only.
        ListingPart::Unparsed(rows) => ListingPart::Unparsed(rows.into_iter().map(|row| names.decode(&row).into_owned().into()).collect()),
    }
}

impl Volume for NamedVolume {
    type Source<'a> = FtpSource<'a>;
    type Sink<'a> = FtpSink<'a>;

    fn opened(&self) -> &Opened {
        &self.opened
    }

    fn abilities(&self) -> Abilities {
        self.inner.abilities()
    }

    fn learnt(&self) -> Option<&Learnt> {
        self.inner.learnt()
    }

    fn is_lost(&self) -> bool {
        self.inner.is_lost()
    }

    fn is_text(&self, path: &VPath) -> bool {
        self.names.encode_path(path).is_ok_and(|path| self.inner.is_text(&path))
    }

    async fn list(&mut self, path: &VPath, stop: &CancellationToken, rows: &mut (dyn FnMut(ListingPart) + Send)) -> Result<VPath> {
        let names = self.names;
        let wire = self.wire(path, During::List)?;
        let listed = self.inner.list(&wire, stop, &mut |part| rows(part_in(names, part))).await;
        // Whether data connections resume the session shows on the first one.
        self.opened.encrypted = self.inner.opened().encrypted;
        self.shown(listed).map(|real| names.decode_path(&real))
    }

    async fn stat(&mut self, path: &VPath) -> Result<Option<Entry>> {
        let wire = self.wire(path, During::Stat)?;
        let seen = self.inner.stat(&wire).await;
        Ok(self.shown(seen)?.map(|entry| self.entry(entry)))
    }

    async fn exact_time(&mut self, path: &VPath) -> Result<Option<Timestamp>> {
        let wire = self.wire(path, During::Stat)?;
        let told = self.inner.exact_time(&wire).await;
        self.shown(told)
    }

    async fn is_case_blind(&mut self, directory: &VPath) -> Option<bool> {
        self.inner.is_case_blind(directory).await
    }

    async fn rules(&mut self, directory: &VPath) -> System {
        self.inner.rules(directory).await
    }

    async fn free(&mut self, path: &VPath) -> Option<u64> {
        let wire = self.wire(path, During::Stat).ok()?;
        self.inner.free(&wire).await
    }

    fn move_as(&mut self, text: &Ascii) {
        self.inner.move_as(text);
    }

    fn expect(&mut self, ahead: Ahead) {
        self.inner.expect(ahead);
    }

    fn hurry(&mut self) {
        self.inner.hurry();
    }

    fn let_go(&mut self) {
        self.inner.let_go();
    }

    async fn read<'a>(&'a mut self, path: &VPath, offset: u64, stop: &CancellationToken) -> Result<FtpSource<'a>> {
        let (names, wire) = (self.names, self.wire(path, During::Read)?);
        self.inner.read(&wire, offset, stop).await.map_err(|failure| shown(names, failure))
    }

    async fn write<'a>(&'a mut self, path: &VPath, from: WriteFrom, size: Option<u64>, stop: &CancellationToken) -> Result<FtpSink<'a>> {
        let (names, wire) = (self.names, self.wire(path, During::Write)?);
        self.inner.write(&wire, from, size, stop).await.map_err(|failure| shown(names, failure))
    }

    async fn make_dir(&mut self, path: &VPath) -> Result<()> {
        let wire = self.wire(path, During::MakeDir)?;
        let made = self.inner.make_dir(&wire).await;
        self.shown(made)
    }

    async fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        let (from, to) = (self.wire(from, During::Rename)?, self.wire(to, During::Rename)?);
        let renamed = self.inner.rename(&from, &to, replace).await;
        self.shown(renamed)
    }

    async fn remove_file(&mut self, path: &VPath) -> Result<()> {
        let wire = self.wire(path, During::Remove)?;
        let removed = self.inner.remove_file(&wire).await;
        self.shown(removed)
    }

    async fn remove_link(&mut self, path: &VPath) -> Result<bool> {
        let wire = self.wire(path, During::Remove)?;
        let removed = self.inner.remove_link(&wire).await;
        self.shown(removed)
    }

    async fn remove_dir(&mut self, path: &VPath) -> Result<()> {
        let wire = self.wire(path, During::Remove)?;
        let removed = self.inner.remove_dir(&wire).await;
        self.shown(removed)
    }

    async fn trash(&mut self, path: &VPath) -> Result<()> {
        self.inner.trash(path).await
    }

    async fn set_time(&mut self, path: &VPath, time: Timestamp) -> Result<()> {
        let wire = self.wire(path, During::SetTime)?;
        let set = self.inner.set_time(&wire, time).await;
        self.shown(set)
    }

    async fn set_mode(&mut self, path: &VPath, mode: u16) -> Result<()> {
        let wire = self.wire(path, During::SetMode)?;
        let set = self.inner.set_mode(&wire, mode).await;
        self.shown(set)
    }

    async fn settle(&mut self, path: &VPath, finish: Finish) -> Result<Settled> {
        let wire = self.wire(path, During::Stat)?;
        let settled = self.inner.settle(&wire, finish).await;
        let settled = self.shown(settled)?;
        Ok(Settled { entry: settled.entry.map(|entry| self.entry(entry)), ..settled })
    }

    async fn digest(&mut self, path: &VPath, algorithm: Option<Algorithm>, stop: &CancellationToken) -> Result<Option<Digest>> {
        let wire = self.wire(path, During::Verify)?;
        let told = self.inner.digest(&wire, algorithm, stop).await;
        self.shown(told)
    }

    async fn raw(&mut self, line: &[u8]) -> Result<Reply> {
        let wire =
            self.names.encode(line).map_err(|why| Failure::new(FailureKind::Invalid, During::Command, why.to_string()))?.into_owned();
        let told = self.inner.raw(&wire).await;
        self.shown(told)
    }

    async fn keep_alive(&mut self) -> Result<()> {
        self.inner.keep_alive().await
    }

    async fn close(self) {
        self.inner.close().await;
    }
}
