//! A file on its way: RETR, STOR, APPE and REST, and the completion reply that alone says that all arrived.
//!
//! Guarantee: between opening and end the session is borrowed, so no other command comes between. Whatever way a transfer ends, the session
//! is in step afterwards or is lost: a transfer that is dropped loses it.

use std::io;
use std::os::fd::BorrowedFd;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::data::{self, Open, Order, Pipe};
pub use super::ending::failure_of;
use super::ending::says_not_opened;
use super::session::{Behind, Session};
use super::text::{FromWire, ToWire};
use super::{directory, limits, refusal, reply};
use crate::model::{During, Failure, FailureKind, Reply, VPath, figures};
use crate::volume::{Ahead, Direct, Result, Sink, Source, WriteFrom};

/// What reading and writing have in common.
struct Transfer<'a> {
    session: &'a mut Session,
    during: During,
    path: VPath,
    /// The path as a person sees it.
    shown: Vec<u8>,
    /// Where in the file it began.
    offset: u64,
    /// Boxed: a transfer is handed from hand to hand.
    pipe: Option<Box<Pipe>>,
    /// What was asked behind the command.
    behind: Vec<Behind>,
    /// The completion reply, where it came early.
    done: Option<Reply>,
    is_over: bool,
}

/// A file being read from a server.
pub struct FtpSource<'a> {
    transfer: Transfer<'a>,
    size: Option<u64>,
    /// Mends line ends, of a text.
    text: Option<FromWire>,
}

/// A file being written to a server.
pub struct FtpSink<'a> {
    transfer: Transfer<'a>,
    /// The server said that all was done before it had a byte.
    is_early: bool,
    sent: u64,
    /// Makes line ends, of a text.
    text: Option<ToWire>,
}

/// Opens a file for reading.
pub async fn open_read(session: &mut Session, path: &VPath, offset: u64) -> Result<Open> {
    if offset > 0 && session.ascii.covers(path) {
        return Err(no_middle(During::Read, path));
    }
    session.hint = std::mem::take(&mut session.expected);
    session.hint.bold |= session.is_far;
    let line = directory::address(session, "RETR", path, During::Read).await?;
    data::open(session, &Order { during: During::Read, path, line: &line, offset }).await
}

impl<'a> FtpSource<'a> {
    /// Reads from what `open_read` opened.
    pub fn of_file(session: &'a mut Session, path: &VPath, offset: u64, open: Open) -> Self {
        // With an offset some tell the size of the file and some that of the rest.
        let size = if offset == 0 { reply::announced_size(&open.first.text) } else { None };
        let mut transfer = Transfer::new(session, During::Read, path, open);
        transfer.offset = offset;
        let text = transfer.session.is_text.then(FromWire::default);
        Self { transfer, size: size.filter(|_| text.is_none()), text }
    }

    /// Asks, with all of a listing there, for the time of a file in it, so that the answer comes with the completion reply. Where the server is not
    /// to be asked ahead, nothing is asked.
    pub fn ask_for_time(&mut self, line: &[u8]) {
        let transfer = &mut self.transfer;
        transfer.session.told_time = None;
        if transfer.done.is_none() && transfer.session.may_ask_behind_listing() {
            transfer.session.send_behind(line);
            transfer.behind.push(Behind::Time);
        }
    }
}

/// Opens a listing for reading.
pub async fn listing<'a>(session: &'a mut Session, path: &VPath, line: &[u8]) -> Result<FtpSource<'a>> {
    // What was told of a file is for the file.
    let more = session.expected.size.is_none() && std::mem::take(&mut session.expected.more);
    session.hint = Ahead { bold: session.is_far, more, ..Ahead::default() };
    let order = Order { during: During::List, path, line, offset: 0 };
    let open = match data::open(session, &order).await {
        Err(failure) if refusal::wants_text(&failure) && !session.is_text && !session.is_lost() => {
            session.refuse(data::BINARY_LISTS);
            data::open(session, &order).await?
        }
        opened => opened?,
    };
    Ok(FtpSource { transfer: Transfer::new(session, During::List, path, open), size: None, text: None })
}

/// Bytes of a text are counted differently on both sides.
fn no_middle(during: During, path: &VPath) -> Failure {
    Failure::new(FailureKind::Unsupported, during, "a text cannot be gone on with in its middle").about(path.as_bytes())
}

/// Opens a file for writing.
pub async fn open_write(session: &mut Session, path: &VPath, from: WriteFrom) -> Result<Open> {
    session.hint = std::mem::take(&mut session.expected);
    session.looked = None;
    match from {
        WriteFrom::Start | WriteFrom::Offset(0) => store(session, path, 0).await,
        WriteFrom::Offset(_) if session.ascii.covers(path) => Err(no_middle(During::Write, path)),
        WriteFrom::Offset(offset) => go_on(session, path, offset).await,
        WriteFrom::Within(_) => {
            let detail = "a server takes the bytes of a file in their order only";
            Err(Failure::new(FailureKind::Unsupported, During::Write, detail).about(path.as_bytes()))
        }
    }
}

impl<'a> FtpSink<'a> {
    /// Writes to what `open_write` opened.
    pub fn new(session: &'a mut Session, path: &VPath, open: Open) -> Self {
        let is_early = !reply::is_preliminary(&open.first);
        let text = session.is_text.then(ToWire::default);
        Self { transfer: Transfer::new(session, During::Write, path, open), is_early, sent: 0, text }
    }
}

async fn store(session: &mut Session, path: &VPath, offset: u64) -> Result<Open> {
    let line = directory::address(session, "STOR", path, During::Write).await?;
    data::open(session, &Order { during: During::Write, path, line: &line, offset }).await
}

/// Goes on behind `offset`: APPE where the file is known to end there, which every server can; else REST and STOR.
async fn go_on(session: &mut Session, path: &VPath, offset: u64) -> Result<Open> {
    let size = super::stat::size(session, path, During::Write).await?;
    match size {
        Some(size) if size < offset => {
            let (size, offset) = (figures::count(size, "byte", "bytes"), figures::grouped(offset));
            let detail = format!("the file on the server has {size}, fewer than the {offset} to go on behind");
            return Err(Failure::new(FailureKind::Invalid, During::Write, detail).about(path.as_bytes()));
        }
        Some(size) if size == offset && !session.features.is_refused("APPE") => {
            let line = directory::address(session, "APPE", path, During::Write).await?;
            let opened = data::open(session, &Order { during: During::Write, path, line: &line, offset: 0 }).await;
            match opened {
                Err(failure) if failure.kind == FailureKind::Unsupported && !session.is_lost() => session.refuse("APPE"),
                other => return other,
            }
        }
        Some(_) | None => {}
    }
    store(session, path, offset).await
}

impl<'a> Transfer<'a> {
    fn new(session: &'a mut Session, during: During, path: &VPath, open: Open) -> Self {
        let done = (!reply::is_preliminary(&open.first)).then_some(open.first);
        // A listing's failures are made readable where it ends.
        let shown = if during == During::List { path.clone() } else { session.names.decode_path(path) };
        Self {
            session,
            during,
            path: path.clone(),
            shown: shown.as_bytes().to_vec(),
            offset: 0,
            pipe: Some(Box::new(open.pipe)),
            behind: open.behind.into_iter().collect(),
            done,
            is_over: false,
        }
    }

    fn may_ask_for_port(&self) -> bool {
        if self.during == During::List { self.session.may_ask_behind_listing() } else { self.session.may_ask_for_port() }
    }

    fn pipe(&mut self) -> io::Result<&mut Pipe> {
        self.pipe.as_deref_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// After an error of the data connection: the server's own words about it, where it has any.
    async fn explain(&mut self, error: io::Error) -> io::Error {
        if error.get_ref().is_some_and(|inner| inner.is::<Failure>()) {
            return error;
        }
        self.pipe = None;
        match self.completion(limits::LAST_WORDS.min(self.session.limits.reply)).await {
            Ok(()) => error,
            Err(failure) if failure.reply.is_some() => io::Error::new(error.kind(), failure),
            Err(_) => error,
        }
    }

    /// Reads the completion reply, once, and judges it.
    async fn completion(&mut self, limit: std::time::Duration) -> Result<()> {
        let reply = match self.done.take() {
            Some(reply) => reply,
            None => self.read_completion(limit).await?,
        };
        let verdict = match reply.code {
            226 | 250 if self.during == During::List && says_not_opened(&reply) => {
                let failure = Failure::new(FailureKind::Denied, During::List, "the server could not open it").about(self.shown.as_slice());
                Err(failure.with_reply(self.session.without_secret(reply.clone())))
            }
            226 | 250 => Ok(()),
            // There are rows, and no more of them: some say it in other words than RFC 959 has.
            200..=299 if self.during == During::List => Ok(()),
            200..=299 => {
                let detail = "the server did not say that the transfer is complete";
                let failure = Failure::new(FailureKind::Incomplete, self.during, detail).about(self.shown.as_slice());
                Err(failure.with_reply(self.session.without_secret(reply.clone())))
            }
            _ => Err(self.session.refused_transfer(self.during, self.shown.as_slice(), reply.clone())),
        };
        self.done = Some(reply);
        verdict
    }

    async fn read_completion(&mut self, limit: std::time::Duration) -> Result<Reply> {
        let behind = std::mem::take(&mut self.behind);
        let reply = self.session.completion(self.during, limit, &behind).await;
        reply.map_err(|failure| failure.about(self.shown.as_slice()))
    }

    /// A completion in other words than RFC 959 has, a `200` for a `226`, is one where the size says so as well.
    async fn or_by_size(&mut self, completed: Result<()>, moved: u64, is_doubtful: bool) -> Result<()> {
        let Err(failure) = completed else { return Ok(()) };
        let is_positive = failure.kind == FailureKind::Incomplete && failure.reply.is_some();
        if is_doubtful || !is_positive || self.session.is_lost() {
            return Err(failure);
        }
        let size = super::stat::size(self.session, &self.path, self.during).await?;
        if size == Some(self.offset.saturating_add(moved)) { Ok(()) } else { Err(failure) }
    }

    /// TLS did not end properly, so that anybody may have cut what came: complete is what has the size that the file has.
    async fn check_cut(&mut self, announced: Option<u64>, moved: u64, is_text: bool) -> Result<()> {
        let detail = "the data connection ended without the end of TLS (close_notify): what came may be cut short";
        let cut = Failure::new(FailureKind::Incomplete, self.during, detail).about(self.shown.as_slice());
        // The size of a text tells nothing.
        if self.during != During::Read || is_text {
            return Err(cut);
        }
        let size = match self.session.hint.size.or(announced) {
            Some(size) => Some(size),
            None => super::stat::size(self.session, &self.path, During::Read).await?,
        };
        if size == Some(self.offset.saturating_add(moved)) { Ok(()) } else { Err(cut) }
    }

    async fn abandon(&mut self) {
        self.is_over = true;
        // Closed the ordinary way: a reset upload makes pyftpdlib answer twice, the second time to the next command.
        let is_untouched = self.pipe.take().is_some_and(|pipe| pipe.moved() == 0);
        if self.done.is_some() {
            return;
        }
        if is_untouched {
            self.session.stop = CancellationToken::new();
            let ended = timeout(limits::EARLY_END, self.read_completion(self.session.limits.reply)).await;
            if matches!(ended, Ok(Ok(_))) {
                return;
            }
        }
        self.session.get_in_step().await;
    }
}

impl Drop for Transfer<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.session.lose();
        }
    }
}

impl Source for FtpSource<'_> {
    async fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let Some(text) = &mut self.text else {
            return match self.transfer.pipe()?.read(block).await {
                Ok(count) => Ok(count),
                Err(error) => Err(self.transfer.explain(error).await),
            };
        };
        loop {
            let room = text.room();
            match self.transfer.pipe()?.read(block.get_mut(room..).unwrap_or_default()).await {
                // Nothing for the reader yet but the half of a line end.
                Ok(count) if count > 0 => match text.mend(block, count) {
                    0 => {}
                    mended => return Ok(mended),
                },
                Ok(_) => return Ok(text.mend(block, 0)),
                Err(error) => return Err(self.transfer.explain(error).await),
            }
        }
    }

    async fn splice_into(&mut self, file: BorrowedFd<'_>, limit: u64) -> Direct {
        if self.text.is_some() {
            return Direct::Cannot;
        }
        let Ok(pipe) = self.transfer.pipe() else { return Direct::Cannot };
        match pipe.splice_into(file, limit).await {
            Direct::Source(error) => Direct::Source(self.transfer.explain(error).await),
            other => other,
        }
    }

    fn size(&self) -> Option<u64> {
        self.size
    }

    async fn finish(mut self) -> Result<()> {
        let transfer = &mut self.transfer;
        transfer.is_over = true;
        let (moved, was_cut) = transfer.pipe.take().map_or((0, false), |pipe| (pipe.moved(), pipe.was_cut()));
        let ahead = transfer.session.hint;
        if self.text.is_none() && ahead.size.is_some_and(|size| transfer.offset.saturating_add(moved) < size) {
            // Perhaps it was cut by what was asked behind it (pyftpdlib 2.2.0).
            transfer.session.pace.mixed_up();
        } else if ahead.more && !transfer.behind.contains(&Behind::Port) && transfer.done.is_none() && transfer.may_ask_for_port() {
            transfer.session.send_behind(transfer.session.port_question());
            transfer.behind.push(Behind::Port);
        }
        let completed = transfer.completion(transfer.session.limits.reply).await;
        Box::pin(transfer.or_by_size(completed, moved, self.text.is_some() || was_cut)).await?;
        let is_text = self.text.is_some();
        if was_cut { transfer.check_cut(self.size, moved, is_text).await } else { Ok(()) }
    }

    async fn abandon(mut self) {
        self.transfer.abandon().await;
    }
}

impl Sink for FtpSink<'_> {
    async fn write(&mut self, block: &[u8]) -> io::Result<()> {
        let bytes = self.text.as_mut().map_or(block, |text| text.mend(block));
        match self.transfer.pipe()?.write(bytes).await {
            Ok(()) => {
                self.sent += block.len() as u64;
                Ok(())
            }
            Err(error) => Err(self.transfer.explain(error).await),
        }
    }

    async fn send_from(&mut self, file: BorrowedFd<'_>, limit: u64) -> Direct {
        if self.text.is_some() {
            return Direct::Cannot;
        }
        let Ok(pipe) = self.transfer.pipe() else { return Direct::Cannot };
        match pipe.send_from(file, limit).await {
            Direct::Sink(error) => Direct::Sink(self.transfer.explain(error).await),
            Direct::Moved(count) => {
                self.sent += count;
                Direct::Moved(count)
            }
            other => other,
        }
    }

    async fn finish(mut self, _sync: bool) -> Result<()> {
        let transfer = &mut self.transfer;
        transfer.is_over = true;
        let mut pipe = transfer.pipe.take();
        let ended = match &mut pipe {
            Some(pipe) => pipe.end().await,
            None => Ok(()),
        };
        let limit = transfer.session.limits.reply * limits::UPLOAD_COMPLETION;
        let completed = transfer.completion(limit);
        let completed = match pipe.filter(|pipe| pipe.is_secure()) {
            // What the server sends then are the tickets that the next data connection is begun with.
            Some(pipe) => pipe.read_out(completed).await,
            None => completed.await,
        };
        Box::pin(transfer.or_by_size(completed, self.sent, self.text.is_some() || self.is_early)).await?;
        if self.is_early && self.sent > 0 {
            let detail = "the server said that it was complete before anything was sent";
            return Err(Failure::new(FailureKind::Incomplete, During::Write, detail).about(transfer.shown.as_slice()));
        }
        // A completion reply to what we know was cut is worth nothing.
        ended.map_err(|error| Failure::new(FailureKind::Incomplete, During::Write, error.to_string()).about(transfer.shown.as_slice()))
    }

    async fn abandon(mut self) {
        self.transfer.abandon().await;
    }
}
