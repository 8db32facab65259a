//! `ftpane ls`: prints a directory of a server, row by row as it arrives, in the server's order.
//!
//! Uses a volume directly instead of the engine: one listing on one connection needs no queue, and without one a reader that is slow
//! holds the server up instead of filling memory. What the engine does for a listing is done here in small: the password question, and
//! another try where trying again can help and nothing was printed yet.

use std::io::{self, BufWriter, Stdout, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::KnownServers;
use crate::config::targets::RemotePlace;
use crate::engine::Options;
use crate::engine::attempts::{Attempts, Wanted};
use crate::engine::retry::Schedule;
use crate::logging::WireLog;
use crate::model::listing::ListingPart;
use crate::model::opened::Opened;
use crate::model::site::VolumeSpec;
use crate::model::text::printable;
use crate::model::url::path_from;
use crate::model::{ConnectionId, During, Failure, FailureKind, Kind, Reply, Secret, Site, VPath, WireLine};
use crate::volume::{Call, Connector, Volume, WireSink};

use super::args::Ls;
use super::asker::{self, Asker, Login, Wants};
use super::keys::Keys;
use super::options::{Context, at_login};
use super::row::{Style, line, unparsed};
use super::run::{self};
use super::signals::Signals;
use super::stop::{DONE, INTERRUPTED, SOME_FAILED, Stop, eprintln_quietly};
use super::why;

/// Tries after the first, where nobody says.
const RETRIES: u32 = 3;

/// Runs the command.
///
/// # Errors
/// Whatever ends it.
pub fn run<C: Connector>(ls: &Ls, context: &Context, connector: C) -> Result<u8, Stop> {
    let place = context.remote(ls.url.as_encoded_bytes(), "ls lists a server: give a URL, a saved site, SITE:path, or host/path")?;
    let secret = context.passwords.of(&place)?;
    let log = context.wire_log()?;
    let style = if context.common.json {
        Style::Json
    } else if ls.long {
        Style::Long
    } else {
        Style::Names
    };
    let retries = context.common.retries.unwrap_or(RETRIES);
    run::block_on(async move |signals| {
        let mut lister = Lister {
            connector,
            place,
            secret,
            proxy_secret: None,
            account: None,
            keys: context.passwords.keys().clone(),
            servers: context.servers.clone(),
            wire: wire(log),
            stop: CancellationToken::new(),
            asker: Asker::default(),
            signals,
            printer: Printer::new(style),
        };
        let result = lister.run(retries).await;
        // A listing that ended well while its rows could not be written did not end well.
        if let Err(error) = lister.printer.finish() {
            run::forgive_closed(error)?;
            return Ok(DONE);
        }
        result
    })
}

fn wire(log: Option<WireLog>) -> Option<WireSink> {
    let log = Mutex::new(log?);
    Some(Arc::new(move |line: WireLine| {
        if let Ok(mut log) = log.lock() {
            log.write(&line);
        }
    }))
}

/// Prints rows; remembers whether anybody reads them.
struct Printer {
    out: BufWriter<Stdout>,
    style: Style,
    /// Something was printed: another try would print it again.
    begun: bool,
    /// Nobody reads any more, or the disk is full.
    error: Option<io::Error>,
}

impl Printer {
    fn new(style: Style) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, io::stdout()), style, begun: false, error: None }
    }

    fn print(&mut self, part: &ListingPart) {
        self.begun = true;
        let result = match part {
            ListingPart::Rows(rows) => rows.iter().try_for_each(|entry| writeln!(self.out, "{}", line(entry, self.style))),
            ListingPart::Unparsed(rows) => rows.iter().try_for_each(|raw| self.print_unparsed(raw)),
        };
        // The first rows show before the last arrive.
        if let Err(error) = result.and_then(|()| self.out.flush()) {
            self.error.get_or_insert(error);
        }
    }

    fn print_unparsed(&mut self, raw: &[u8]) -> io::Result<()> {
        if let Some(line) = unparsed(raw, self.style) {
            return writeln!(self.out, "{line}");
        }
        eprintln_quietly(&format!("ftpane: a row could not be read: {}", printable(raw)));
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)?;
        self.out.flush()
    }
}

struct Lister<C> {
    connector: C,
    place: RemotePlace,
    secret: Option<Secret>,
    proxy_secret: Option<Secret>,
    account: Option<Secret>,
    keys: Keys,
    servers: KnownServers,
    wire: Option<WireSink>,
    stop: CancellationToken,
    asker: Asker,
    signals: Signals,
    printer: Printer,
}

impl<C: Connector> Lister<C> {
    async fn run(&mut self, retries: u32) -> Result<u8, Stop> {
        let mut schedule = Schedule::new(Options::default().pause);
        loop {
            let (failure, opened) = match self.once().await? {
                Ok(()) => return Ok(DONE),
                Err(failed) => failed,
            };
            if self.printer.error.is_some() {
                // The caller tells what became of the rows.
                return Ok(DONE);
            }
            if failure.kind == FailureKind::Cancelled {
                return Err(Stop::silent(INTERRUPTED));
            }
            let again = !self.printer.begun && run::may_open_later(&failure);
            match schedule.next(retries).filter(|_| again) {
                Some(pause) => self.pause(pause).await?,
                None if opened => return Err(Stop::new(SOME_FAILED, why::sentence(&failure, &self.place.site))),
                None => return Err(Stop::not_opened(&failure, &self.place.site)),
            }
        }
    }

    /// One connection, one listing. Tells with a failure whether the connection had been opened.
    async fn once(&mut self) -> Result<Result<(), (Failure, bool)>, Stop> {
        let mut volume = match self.connect().await? {
            Ok(volume) => volume,
            Err(failure) => return Ok(Err((failure, false))),
        };
        let path = self.path(volume.opened())?;
        let (stop, printer, must_be_directory) = (&self.stop, &mut self.printer, self.place.directory);
        let mut listing = std::pin::pin!(async {
            let listed = volume
                .list(&path, stop, &mut |part| {
                    printer.print(&part);
                    if printer.error.is_some() {
                        stop.cancel();
                    }
                })
                .await;
            let listed = match listed {
                Ok(_) => Ok(()),
                // Perhaps it is a file: print it, as ls does, unless a slash at the end says that it must be a directory.
                Err(failure) if !printer.begun && !must_be_directory && failure.kind != FailureKind::Cancelled && !volume.is_lost() => {
                    print_file(&mut volume, &path, printer, failure).await
                }
                Err(failure) => Err(failure),
            };
            let learnt = volume.learnt().cloned();
            volume.close().await;
            (listed, learnt)
        });
        // A future of a volume is never dropped half-way: a signal sets the token, and the listing ends by itself.
        let (listed, learnt) = tokio::select! {
            listed = &mut listing => listed,
            () = self.signals.next() => {
                self.stop.cancel();
                tokio::select! {
                    listed = &mut listing => listed,
                    () = self.signals.next() => return Err(Stop::silent(INTERRUPTED)),
                }
            }
        };
        if let Some(Err(error)) = learnt.map(|learnt| self.servers.learn(&self.place.site, &learnt)) {
            eprintln_quietly(&format!("ftpane: {error}"));
        }
        Ok(listed.map_err(|failure| (failure, true)))
    }

    async fn connect(&mut self) -> Result<Result<C::Volume, Failure>, Stop> {
        let mut attempts = Attempts::default();
        loop {
            let failure = match self.dial().await? {
                Ok(volume) => return Ok(Ok(volume)),
                Err(failure) => failure,
            };
            match attempts.after(&failure) {
                Some(Wanted::Password) if !self.place.site.is_anonymous() => {
                    // Where none was tried yet, the refusal only says that one is needed.
                    let refused = failure.reply.as_ref().filter(|_| self.secret.is_some());
                    self.secret = Some(self.ask(Wants::Password, None, refused).await?);
                }
                Some(Wanted::Account) => {
                    let refused = failure.reply.as_ref().filter(|_| self.account.is_some());
                    self.account = Some(self.ask(Wants::Account, None, refused).await?);
                }
                Some(Wanted::Proxy(proxy)) => self.proxy_secret = Some(self.of_proxy(&proxy, &failure).await?),
                None | Some(Wanted::Password) => return Ok(Err(failure)),
            }
        }
    }

    /// Asks a person for something of the site, or of another login.
    async fn ask(&mut self, wants: Wants, login: Option<&Site>, refused: Option<&Reply>) -> Result<Secret, Stop> {
        let site = login.unwrap_or(&self.place.site);
        let (title, user) = (site.title(), site.login_user().to_owned());
        let kept = wants == Wants::Password && asker::is_kept(site);
        let login = Login { wants, site: &title, user: &user, refused, kept };
        self.asker.ask(login, &mut self.signals).await
    }

    /// The password of a proxy: what is kept, else what a person says.
    async fn of_proxy(&mut self, proxy: &Site, failure: &Failure) -> Result<Secret, Stop> {
        let given = self.place.site.reach.proxy.proxy().and_then(|proxy| proxy.password.as_ref());
        // Where none was tried yet, the refusal only says that one is needed.
        let refused = self.proxy_secret.as_ref().or(given).map(|_| failure.refusal());
        if refused.is_none()
            && let Some(secret) = asker::find(&self.keys, proxy, &mut self.signals).await?
        {
            return Ok(secret);
        }
        self.ask(Wants::ProxyPassword, Some(proxy), refused.as_ref()).await
    }

    async fn dial(&mut self) -> Result<Result<C::Volume, Failure>, Stop> {
        let call = Call {
            spec: VolumeSpec::Ftp(Box::new(at_login(&self.place.site)), None),
            secret: self.secret.clone(),
            proxy_secret: self.proxy_secret.clone(),
            account: self.account.clone(),
            connection: ConnectionId(1),
            wire: self.wire.clone(),
            stop: self.stop.clone(),
            progress: Arc::new(|_| {}),
        };
        let mut dialling = std::pin::pin!(self.connector.connect(call));
        tokio::select! {
            result = &mut dialling => Ok(result),
            () = self.signals.next() => {
                self.stop.cancel();
                // Drops what was opened; a second signal need not wait for a server.
                tokio::select! {
                    _ = dialling => {}
                    () = self.signals.next() => {}
                }
                Err(Stop::silent(INTERRUPTED))
            }
        }
    }

    fn path(&self, opened: &Opened) -> Result<VPath, Stop> {
        let home = opened.home.clone().or_else(|| opened.start.clone()).unwrap_or_else(VPath::root);
        path_from(&self.place.site.start, &home).map_err(|bad| Stop::usage(bad.to_string()))
    }

    async fn pause(&mut self, pause: Duration) -> Result<(), Stop> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.signals.next() => Err(Stop::silent(INTERRUPTED)),
        }
    }
}

/// Prints the file at `path`; where there is none, what the listing failed with.
async fn print_file<V: Volume>(volume: &mut V, path: &VPath, printer: &mut Printer, failure: Failure) -> Result<(), Failure> {
    match volume.stat(path).await {
        Ok(Some(entry)) if !matches!(entry.kind, Kind::Dir) => {
            printer.print(&ListingPart::Rows(vec![entry]));
            Ok(())
        }
        Ok(None) if failure.reply.is_none() => {
            Err(Failure::new(FailureKind::NotFound, During::List, "there is no such file or directory").about(path.as_bytes()))
        }
        _ => Err(failure),
    }
}
