//! Volumes on FTP servers (RFC 959, 2428, 3659).
//!
//! Guarantee: a server is untrusted. Its replies, names and numbers are read within limits (`limits`), every wait ends, a password
//! leaves only in PASS, and a transfer counts as complete only by its 226 or 250. Names are the server's bytes up to `named`, which knows their charset. This module alone names
//! suppaftp; nothing here knows of a screen, a queue or a file on disk.

mod bare;
mod clock;
mod connect;
mod data;
mod digest;
mod directory;
mod edit;
mod ending;
mod features;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod greet;
mod idle;
mod intake;
mod known;
mod links;
mod list;
pub mod listing;
mod log;
mod login;
mod mend;
mod named;
mod open;
mod pace;
mod prepare;
mod protect;
mod raw_name;
mod refusal;
mod reply;
mod route;
mod session;
mod settle;
mod stat;
mod survey;
mod text;
mod tls;
mod transfer;
mod tunnel;
mod wire;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use self::known::Acquaintances;
pub use self::named::NamedVolume;
pub use self::open::connect;
use self::pace::Pace;
use self::session::{Session, with_path};
pub use self::survey::survey;
use self::tls::Security;
pub use self::transfer::{FtpSink, FtpSource};
use super::{Ahead, Call, Finish, Result, Settled, Volume, WriteFrom, settle_by_steps};
use crate::model::digest::{Algorithm, Digest};
use crate::model::limits;
use crate::model::listing::ListingPart;
use crate::model::local_name::System;
use crate::model::opened::{Abilities, Opened};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{Ascii, During, Entry, Failure, FailureKind, ListingStyle, Paths, Reply, Timestamp, VPath};

/// A server's tree, through one control connection.
pub struct FtpVolume {
    session: Session,
    opened: Opened,
    known: Acquaintances,
    /// The pace that was told to the others.
    told: Pace,
    /// How it was opened, for when TLS has to be begun anew.
    call: Call,
}

fn abilities(session: &Session) -> Abilities {
    let resume = !session.features.is_refused("REST");
    Abilities {
        set_time: edit::may_set_time(session),
        set_mode: edit::may_set_mode(session),
        trash: false,
        straight: !matches!(session.paths, Paths::Unix | Paths::Drive | Paths::DriveBack),
        resume_read: resume,
        resume_write: resume,
        // RFC 3659 §2.3: MLSD and MLST tell UTC, as MDTM does; LIST tells what the server's clock on the wall says.
        utc_times: matches!(session.listing, ListingStyle::Auto | ListingStyle::Mlsd)
            && !session.learnt.no_mlsd
            && (session.features.offers("MLSD") || session.features.offers("MLST")),
        names_alone: session.features.is_refused("LIST") && !session.features.is_refused("NLST"),
    }
}

impl FtpVolume {
    /// The session, for something that has no token of its own to stop it.
    fn unstopped(&mut self) -> &mut Session {
        self.until(&CancellationToken::new())
    }

    /// Begins the session anew with TLS 1.2, where the next data connection would have nothing to resume it by: ProFTPD 1.3.8 gives no tickets
    /// on uploads, and refuses what does not resume. And where one small file comes after the other from near: with 1.3 each data connection costs
    /// both sides a key exchange, which took longer than all the rest of a file.
    async fn ready(&mut self, stop: &CancellationToken) -> Result<()> {
        let VolumeSpec::Ftp(site, _) = &self.call.spec else { return Ok(()) };
        let Some(security) = self.session.security.as_ref().filter(|_| !self.session.is_lost()) else { return Ok(()) };
        let ahead = self.session.expected;
        let is_small = ahead.more && ahead.size.is_some_and(|size| size <= limits::SMALL_FILE);
        if security.ran_out() {
            self.known.needs_tls12(site);
        } else if is_small && !self.session.is_far && security.is_worn() {
            self.known.is_faster_with_tls12(site);
        } else {
            return Ok(());
        }
        Box::pin(self.begin_anew(stop)).await
    }

    /// Whether what failed just now is to be tried again with TLS 1.2.
    fn wants_older(&self) -> bool {
        self.session.security.as_ref().is_some_and(Security::wants_older)
    }

    /// Begins the session anew with TLS 1.2.
    async fn begin_anew(&mut self, stop: &CancellationToken) -> Result<()> {
        let VolumeSpec::Ftp(mut site, _) = self.call.spec.clone() else { return Ok(()) };
        // What this session has found out the next one need not.
        site.learnt = self.session.learnt.clone();
        if self.wants_older() {
            self.known.needs_tls12(&site);
        }
        self.session.log.step("connecting again with TLS 1.2, by which data connections resume the session more surely and sooner");
        login::quit(self.unstopped(), true).await;
        self.session.hang_up().await;
        let call = Call { stop: stop.clone(), progress: Arc::new(|_| {}), ..self.call.clone() };
        let mut fresh = connect(&site, &call, &self.known).await.map_err(|failure| match failure.kind {
            // The place of the old connection may still be taken.
            FailureKind::TooMany => Failure { kind: FailureKind::Disconnected, ..failure },
            _ => failure,
        })?;
        let wanted = if self.session.expected == Ahead::default() { self.session.hint } else { self.session.expected };
        std::mem::swap(&mut self.session, &mut fresh.session);
        self.session.expected = wanted;
        self.opened.encrypted = fresh.opened.encrypted;
        Ok(())
    }

    /// The session, for something that `stop` ends.
    fn until(&mut self, stop: &CancellationToken) -> &mut Session {
        if self.session.pace != self.told {
            self.told = self.session.pace;
            if let Some(site) = &self.opened.site {
                self.known.paced(site, self.told);
            }
        }
        self.session.stop = stop.clone();
        &mut self.session
    }
}

/// What the session came upon is not lost with it.
impl Drop for FtpVolume {
    fn drop(&mut self) {
        if let (true, VolumeSpec::Ftp(site, _)) = (self.wants_older(), &self.call.spec) {
            self.known.needs_tls12(site);
        }
    }
}

impl Volume for FtpVolume {
    type Source<'a> = FtpSource<'a>;
    type Sink<'a> = FtpSink<'a>;

    fn opened(&self) -> &Opened {
        &self.opened
    }

    fn abilities(&self) -> Abilities {
        abilities(&self.session)
    }

    fn learnt(&self) -> Option<&Learnt> {
        Some(&self.session.learnt)
    }

    fn is_lost(&self) -> bool {
        self.session.is_lost()
    }

    async fn list(&mut self, path: &VPath, stop: &CancellationToken, rows: &mut (dyn FnMut(ListingPart) + Send)) -> Result<VPath> {
        self.ready(stop).await?;
        let mut is_begun = false;
        let mut take = |part| {
            is_begun = true;
            rows(part);
        };
        let listed = match Box::pin(list::list(self.until(stop), path, &mut take)).await {
            Err(_) if self.wants_older() && !is_begun => {
                Box::pin(self.begin_anew(stop)).await?;
                Box::pin(list::list(self.until(stop), path, rows)).await
            }
            outcome => outcome,
        };
        self.session.is_awaited = false;
        // Whether data connections resume the session shows on the first one.
        self.opened.encrypted = self.session.security.as_ref().map(Security::state);
        listed
    }

    async fn stat(&mut self, path: &VPath) -> Result<Option<Entry>> {
        Box::pin(stat::stat(self.unstopped(), path)).await
    }

    async fn exact_time(&mut self, path: &VPath) -> Result<Option<Timestamp>> {
        Ok(Box::pin(stat::time(self.unstopped(), path, During::Stat)).await?.map(Timestamp::exact))
    }

    async fn is_case_blind(&mut self, _directory: &VPath) -> Option<bool> {
        (!self.session.paths.is_unix()).then_some(true)
    }

    async fn rules(&mut self, _directory: &VPath) -> System {
        let is_windows = matches!(self.session.features.system(), Some(ListingStyle::Dos | ListingStyle::Os2))
            || matches!(self.session.paths, Paths::Drive | Paths::DriveBack);
        if is_windows { System::Windows } else { System::Unix }
    }

    async fn free(&mut self, path: &VPath) -> Option<u64> {
        let session = self.unstopped();
        if !session.paths.is_unix() || !session.features.offers("AVBL") {
            return None;
        }
        let answer = session.command(During::Stat, &with_path("AVBL", path)).await.ok()?;
        reply::size(&answer.text).filter(|_| answer.code == 213)
    }

    fn is_text(&self, path: &VPath) -> bool {
        self.session.ascii.covers(path)
    }

    fn move_as(&mut self, text: &Ascii) {
        if self.session.ascii != *text {
            self.session.ascii.clone_from(text);
            // A session that is begun anew with another version of TLS goes on so.
            if let VolumeSpec::Ftp(site, _) = &mut self.call.spec {
                site.ascii.clone_from(text);
            }
        }
    }

    fn hurry(&mut self) {
        self.session.is_awaited = true;
    }

    fn expect(&mut self, ahead: Ahead) {
        self.session.expected = ahead;
    }

    async fn read<'a>(&'a mut self, path: &VPath, offset: u64, stop: &CancellationToken) -> Result<FtpSource<'a>> {
        self.ready(stop).await?;
        let open = match Box::pin(transfer::open_read(self.until(stop), path, offset)).await {
            Err(_) if self.wants_older() => {
                Box::pin(self.begin_anew(stop)).await?;
                Box::pin(transfer::open_read(self.until(stop), path, offset)).await?
            }
            outcome => outcome?,
        };
        Ok(FtpSource::of_file(&mut self.session, path, offset, open))
    }

    async fn write<'a>(&'a mut self, path: &VPath, from: WriteFrom, _size: Option<u64>, stop: &CancellationToken) -> Result<FtpSink<'a>> {
        self.ready(stop).await?;
        raw_name::check(self.until(stop), path, During::Write).await?;
        let open = match Box::pin(transfer::open_write(self.until(stop), path, from)).await {
            Err(_) if self.wants_older() => {
                Box::pin(self.begin_anew(stop)).await?;
                Box::pin(transfer::open_write(self.until(stop), path, from)).await?
            }
            outcome => outcome?,
        };
        Ok(FtpSink::new(&mut self.session, path, open))
    }

    async fn make_dir(&mut self, path: &VPath) -> Result<()> {
        Box::pin(edit::make_dir(self.unstopped(), path)).await
    }

    async fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        Box::pin(edit::rename(self.unstopped(), from, to, replace)).await
    }

    async fn remove_file(&mut self, path: &VPath) -> Result<()> {
        Box::pin(edit::remove_file(self.unstopped(), path)).await
    }

    async fn remove_link(&mut self, path: &VPath) -> Result<bool> {
        Box::pin(edit::remove_link(self.unstopped(), path)).await
    }

    async fn remove_dir(&mut self, path: &VPath) -> Result<()> {
        Box::pin(edit::remove_dir(self.unstopped(), path)).await
    }

    async fn trash(&mut self, path: &VPath) -> Result<()> {
        Err(Failure::new(FailureKind::Unsupported, During::Remove, "FTP has no trash").about(path.as_bytes()))
    }

    async fn set_time(&mut self, path: &VPath, time: Timestamp) -> Result<()> {
        Box::pin(edit::set_time(self.unstopped(), path, time)).await
    }

    async fn set_mode(&mut self, path: &VPath, mode: u16) -> Result<()> {
        Box::pin(edit::set_mode(self.unstopped(), path, mode)).await
    }

    async fn settle(&mut self, path: &VPath, finish: Finish) -> Result<Settled> {
        if self.session.pace.may_chain()
            && let Some(settled) = Box::pin(settle::settle(self.unstopped(), path, finish)).await?
        {
            return Ok(settled);
        }
        settle_by_steps(self, path, finish).await
    }

    async fn digest(&mut self, path: &VPath, algorithm: Option<Algorithm>, stop: &CancellationToken) -> Result<Option<Digest>> {
        Box::pin(digest::digest(self.until(stop), path, algorithm)).await
    }

    async fn raw(&mut self, line: &[u8]) -> Result<Reply> {
        edit::raw(self.unstopped(), line).await
    }

    async fn keep_alive(&mut self) -> Result<()> {
        Box::pin(idle::keep(self.unstopped())).await
    }

    async fn close(mut self) {
        let follows = !self.call.stop.is_cancelled();
        login::quit(self.unstopped(), follows).await;
    }
}
