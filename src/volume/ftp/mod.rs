//! Volumes on FTP servers (RFC 959, 2428, 3659).
//!
//! Guarantee: a server is untrusted. Its replies, names and numbers are read within limits (`limits`), every wait ends, a password
//! leaves only in PASS, and a transfer counts as complete only by its 226 or 250. Names are bytes from end to end. This module alone names
//! suppaftp; nothing here knows of a screen, a queue or a file on disk.

mod connect;
mod data;
mod digest;
mod directory;
mod edit;
mod features;
mod known;
mod limits;
mod list;
pub mod listing;
mod log;
mod login;
mod mend;
mod pace;
mod refusal;
mod reply;
mod session;
mod settle;
mod stat;
mod transfer;
mod wire;

use tokio_util::sync::CancellationToken;

pub use self::known::Acquaintances;
use self::limits::Limits;
use self::log::Log;
use self::pace::Pace;
use self::session::{Session, with_path};
pub use self::transfer::{FtpSink, FtpSource};
use super::{Ahead, Call, Finish, Result, Settled, Volume, WriteFrom, settle_by_steps};
use crate::model::digest::{Algorithm, Digest};
use crate::model::listing::ListingPart;
use crate::model::opened::{Abilities, Opened};
use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{During, Entry, Failure, FailureKind, Reply, Secret, Site, Timestamp, TlsPolicy, VPath};

/// A server's tree, through one control connection.
pub struct FtpVolume {
    session: Session,
    opened: Opened,
    known: Acquaintances,
    /// The pace that was told to the others.
    told: Pace,
}

/// Connects to a server and logs in.
///
/// # Errors
/// `Tls` before anything is sent where TLS is demanded; else the failure of the lookup, the connection, the login or the first directory.
pub async fn connect(site: &Site, call: &Call, known: &Acquaintances) -> Result<FtpVolume> {
    refuse_tls(site)?;
    let log = Log::new(call.wire.clone(), call.connection);
    tokio::select! {
        biased;
        () = call.stop.cancelled() => {
            log.trouble("cancelled");
            Err(Failure::cancelled(During::Connect))
        }
        outcome = open_with_care(site, call, (&log, known)) => outcome,
    }
}

fn refuse_tls(site: &Site) -> Result<()> {
    match site.tls {
        TlsPolicy::Auto | TlsPolicy::Off => Ok(()),
        TlsPolicy::Required | TlsPolicy::Implicit => {
            let detail = "TLS is not built in yet, and the connection is not to be made without";
            Err(Failure::new(FailureKind::Tls, During::Connect, detail).about(site.host.as_bytes()))
        }
    }
}

/// Opens, and once more where the server did not get over several commands at once.
async fn open_with_care(site: &Site, call: &Call, (log, known): (&Log, &Acquaintances)) -> Result<FtpVolume> {
    let was_fragile = known.is_fragile(site);
    match open(site, call, (log, known)).await {
        Err(_) if !was_fragile && known.is_fragile(site) => {
            log.step("several commands at once were too much for the server; connecting again, one command at a time");
            open(site, call, (log, known)).await
        }
        outcome => outcome,
    }
}

async fn open(site: &Site, call: &Call, (log, known): (&Log, &Acquaintances)) -> Result<FtpVolume> {
    let limits = Limits::of(site);
    if let Some(secret) = secret_of(call) {
        // Before the first line: a server may know it from an earlier login and greet with it.
        log.hide(secret.expose().as_bytes());
    }
    (call.progress)(format!("connecting to {}", site.host));
    let connected = connect::connect(&site.host, site.dial_port(), limits, log).await?;
    let round_trip = connected.round_trip;
    let mut greeting = connected.greeting.text.to_vec();
    let mut session = Session::new(connected, log.clone(), limits).await;
    session.mode = site.mode;
    session.learnt = site.learnt.clone();
    (call.progress)(format!("logging in as {}", site.login_user()));
    match log_in(&mut session, site, secret_of(call), known).await {
        Ok((welcome, home, start)) => {
            greeting.push(b'\n');
            greeting.extend(welcome);
            let opened = Opened {
                site: Some(Site { learnt: session.learnt.clone(), ..site.clone() }),
                start: Some(start),
                home: Some(home),
                greeting: log.redact(&greeting).into_owned(),
                encrypted: false,
                round_trip,
                can: abilities(&session),
            };
            let told = session.pace;
            Ok(FtpVolume { session, opened, known: known.clone(), told })
        }
        Err(failure) => {
            if session.is_lost() && session.pace.is_bad() && failure.kind != FailureKind::Cancelled {
                known.handle_with_care(site);
            }
            login::quit(&mut session).await;
            Err(failure)
        }
    }
}

async fn log_in(session: &mut Session, site: &Site, secret: Option<&Secret>, known: &Acquaintances) -> Result<(Vec<u8>, VPath, VPath)> {
    let welcome = login::login(session, site, secret).await?;
    let met = known.of(site).filter(|met| met.pace.may_chain());
    let home = match met {
        Some(met) => login::resume(session, met).await?,
        None => None,
    };
    let home = match home {
        Some(home) => home,
        None => {
            let home = login::prepare(session, known.is_fragile(site)).await?;
            known.meet(site, &session.features, session.pace, &home);
            home
        }
    };
    let start = login::begin(session, &site.start, &home).await?;
    Ok((welcome, home, start))
}

/// The password that was answered, else the one that came with the site.
fn secret_of(call: &Call) -> Option<&Secret> {
    let known = match &call.spec {
        VolumeSpec::Ftp(_, secret) => secret.as_ref(),
        VolumeSpec::Local => None,
    };
    call.secret.as_ref().or(known)
}

fn abilities(session: &Session) -> Abilities {
    let resume = !session.features.is_refused("REST");
    Abilities {
        set_time: edit::may_set_time(session),
        set_mode: edit::may_set_mode(session),
        trash: false,
        resume_read: resume,
        resume_write: resume,
        // RFC 3659 §2.3: MLSD and MLST tell UTC, as MDTM does; LIST tells what the server's clock on the wall says.
        utc_times: !session.learnt.no_mlsd && (session.features.offers("MLSD") || session.features.offers("MLST")),
    }
}

impl FtpVolume {
    /// The session, for something that has no token of its own to stop it.
    fn unstopped(&mut self) -> &mut Session {
        self.until(&CancellationToken::new())
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
        list::list(self.until(stop), path, rows).await
    }

    async fn stat(&mut self, path: &VPath) -> Result<Option<Entry>> {
        stat::stat(self.unstopped(), path).await
    }

    async fn exact_time(&mut self, path: &VPath) -> Result<Option<Timestamp>> {
        Ok(stat::time(self.unstopped(), path, During::Stat).await?.map(Timestamp::exact))
    }

    async fn free(&mut self, path: &VPath) -> Option<u64> {
        let session = self.unstopped();
        if !session.features.offers("AVBL") {
            return None;
        }
        let answer = session.command(During::Stat, &with_path("AVBL", path)).await.ok()?;
        reply::size(&answer.text).filter(|_| answer.code == 213)
    }

    fn expect(&mut self, ahead: Ahead) {
        self.session.expected = ahead;
    }

    async fn read<'a>(&'a mut self, path: &VPath, offset: u64, stop: &CancellationToken) -> Result<FtpSource<'a>> {
        transfer::read(self.until(stop), path, offset).await
    }

    async fn write<'a>(&'a mut self, path: &VPath, from: WriteFrom, _size: Option<u64>, stop: &CancellationToken) -> Result<FtpSink<'a>> {
        transfer::write(self.until(stop), path, from).await
    }

    async fn make_dir(&mut self, path: &VPath) -> Result<()> {
        edit::make_dir(self.unstopped(), path).await
    }

    async fn rename(&mut self, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
        edit::rename(self.unstopped(), from, to, replace).await
    }

    async fn remove_file(&mut self, path: &VPath) -> Result<()> {
        edit::remove_file(self.unstopped(), path).await
    }

    async fn remove_link(&mut self, path: &VPath) -> Result<bool> {
        edit::remove_link(self.unstopped(), path).await
    }

    async fn remove_dir(&mut self, path: &VPath) -> Result<()> {
        edit::remove_dir(self.unstopped(), path).await
    }

    async fn trash(&mut self, path: &VPath) -> Result<()> {
        Err(Failure::new(FailureKind::Unsupported, During::Remove, "FTP has no trash").about(path.as_bytes()))
    }

    async fn set_time(&mut self, path: &VPath, time: Timestamp) -> Result<()> {
        edit::set_time(self.unstopped(), path, time).await
    }

    async fn set_mode(&mut self, path: &VPath, mode: u16) -> Result<()> {
        edit::set_mode(self.unstopped(), path, mode).await
    }

    async fn settle(&mut self, path: &VPath, finish: Finish) -> Result<Settled> {
        if self.session.pace.may_chain()
            && let Some(settled) = settle::settle(self.unstopped(), path, finish).await?
        {
            return Ok(settled);
        }
        settle_by_steps(self, path, finish).await
    }

    async fn digest(&mut self, path: &VPath, algorithm: Option<Algorithm>, stop: &CancellationToken) -> Result<Option<Digest>> {
        digest::digest(self.until(stop), path, algorithm).await
    }

    async fn raw(&mut self, line: &[u8]) -> Result<Reply> {
        edit::raw(self.unstopped(), line).await
    }

    async fn keep_alive(&mut self) -> Result<()> {
        self.unstopped().command(During::Command, b"NOOP").await.map(drop)
    }

    async fn close(mut self) {
        login::quit(self.unstopped()).await;
    }
}
