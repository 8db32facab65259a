//! Opening a volume: the login, the password question, the account of who is connected.
//!
//! The task that will own the connection dials. Guarantee: the supervisor knows at any time how many connections to an account live,
//! because an open volume is held together with a guard that tells when it goes.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::model::site::{Learnt, VolumeSpec};
use crate::model::{Certificate, ConnectionId, During, Failure, FailureKind, Secret};
use crate::volume::{Call, Connector, Volume};

use super::account::Account;
use super::attempts::{Attempts, Wanted};
use super::note::{Login, LoginAnswer, Note, RefusedLogin, Trusting};
use super::outbox::Outbox;

/// What opens volumes for a task.
pub(super) struct Dialer<C> {
    pub(super) connector: C,
    pub(super) outbox: Outbox,
    pub(super) notes: mpsc::UnboundedSender<Note>,
    /// Whether what its sessions learn is kept to themselves: they were asked to do what they would not do by themselves.
    pub(super) is_discreet: bool,
    /// Wakes whoever waits to try again.
    pub(super) hurry: Arc<Notify>,
}

impl<C: Clone> Clone for Dialer<C> {
    fn clone(&self) -> Self {
        let Self { connector, outbox, notes, is_discreet, hurry } = self;
        let (connector, outbox, notes) = (connector.clone(), outbox.clone(), notes.clone());
        Self { connector, outbox, notes, is_discreet: *is_discreet, hurry: hurry.clone() }
    }
}

/// An open volume. `live` goes with it.
pub(super) struct Held<V> {
    pub(super) volume: V,
    learnt: Option<Learnt>,
    spec: VolumeSpec,
    live: Live,
}

/// What a login wanted besides the password.
#[derive(Default)]
struct Besides {
    proxy: Option<Secret>,
    account: Option<Secret>,
}

struct Live {
    account: Account,
    notes: mpsc::UnboundedSender<Note>,
}

impl Drop for Live {
    fn drop(&mut self) {
        // Nobody listens only when the engine has ended.
        let _ = self.notes.send(Note::Gone(self.account.clone()));
    }
}

impl<V: Volume> Held<V> {
    /// Tells what was learnt about the server since last time.
    pub(super) fn tell_learnt(&mut self) {
        let (VolumeSpec::Ftp(site, _), Some(learnt)) = (&self.spec, self.volume.learnt()) else { return };
        if self.learnt.as_ref() != Some(learnt) {
            self.learnt = Some(learnt.clone());
            // Nobody listens only when the engine has ended.
            let _ = self.live.notes.send(Note::Learnt(self.live.account.clone(), site.clone(), Box::new(learnt.clone())));
        }
    }

    /// What is known of the server by now.
    pub(super) fn learnt(&self) -> Option<&Learnt> {
        self.learnt.as_ref()
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        self.volume.close().await;
        drop(self.live);
    }
}

/// Tells at each step of a connection where it is.
pub(super) type Steps = Arc<dyn Fn(String) + Send + Sync>;

impl<C: Connector> Dialer<C> {
    /// Opens `spec`, asking for passwords as need be.
    pub(super) async fn dial(
        &self,
        spec: &VolumeSpec,
        connection: ConnectionId,
        stop: &CancellationToken,
        steps: Steps,
    ) -> Result<Held<C::Volume>, Failure> {
        let account = Account::of(spec);
        let mut spec = spec.clone();
        self.trust(&mut spec, &account, None, stop).await?;
        let spec = &mut spec;
        let mut secret = match self.ask(spec, &account, None, stop).await? {
            LoginAnswer::Use(secret) => secret,
            // Asked for before anything was sent, and nobody said it.
            LoginAnswer::GiveUp => return Err(Failure::cancelled(During::Login)),
            LoginAnswer::TooMany => None,
        };
        let (mut attempts, mut besides) = (Attempts::default(), Besides::default());
        loop {
            let call = Call {
                spec: spec.clone(),
                secret: secret.clone(),
                proxy_secret: besides.proxy.clone(),
                account: besides.account.clone(),
                connection,
                wire: self.outbox.wire(),
                stop: stop.clone(),
                progress: steps.clone(),
            };
            let failure = match Box::pin(self.connector.connect(call)).await {
                Ok(volume) => return Ok(self.hold(volume, (spec, connection), account, secret)),
                Err(failure) => failure,
            };
            if let Some(certificate) = failure.certificate.as_deref() {
                if self.trust(spec, &account, Some(certificate), stop).await? {
                    continue;
                }
                return Err(failure);
            }
            match attempts.after(&failure) {
                Some(Wanted::Password) if !account.is_local() => {}
                None | Some(Wanted::Password) => return Err(failure),
                Some(wanted) => {
                    Box::pin(self.ask_besides(spec, (wanted, failure), &mut besides, stop)).await?;
                    continue;
                }
            }
            let tried = secret.or_else(|| given(spec));
            let refused = RefusedLogin { tried, reply: failure.reply.clone() };
            match self.ask(spec, &account, Some(refused), stop).await? {
                LoginAnswer::Use(answer) => secret = answer,
                LoginAnswer::TooMany => return Err(Failure { kind: FailureKind::TooMany, ..failure }),
                LoginAnswer::GiveUp => return Err(failure),
            }
        }
    }

    fn hold(
        &self,
        volume: C::Volume,
        (spec, connection): (&VolumeSpec, ConnectionId),
        account: Account,
        secret: Option<Secret>,
    ) -> Held<C::Volume> {
        let round_trip = volume.opened().round_trip;
        let _ = self.notes.send(Note::Live(connection, account.clone(), secret.or_else(|| given(spec)), round_trip));
        let learnt = if let VolumeSpec::Ftp(site, _) = spec { Some(site.learnt.clone()) } else { None };
        let mut held = Held { volume, learnt, spec: spec.clone(), live: Live { account, notes: self.notes.clone() } };
        if !self.is_discreet {
            held.tell_learnt();
        }
        held
    }

    /// Puts on `spec` what a person trusts of its server; `refused` is asked about first. Answers whether that one is trusted now.
    async fn trust(
        &self,
        spec: &mut VolumeSpec,
        account: &Account,
        refused: Option<&Certificate>,
        stop: &CancellationToken,
    ) -> Result<bool, Failure> {
        let VolumeSpec::Ftp(site, _) = spec else { return Ok(false) };
        let trusting = Trusting { account: account.clone(), site: site.clone(), refused: refused.cloned().map(Box::new) };
        let (send, receive) = oneshot::channel();
        if self.notes.send(Note::Trust(trusting, send)).is_err() {
            return Err(Failure::cancelled(During::Connect));
        }
        let trusted = tokio::select! {
            answer = receive => answer.unwrap_or_default(),
            () = stop.cancelled() => {
                let _ = self.notes.send(Note::TrustUnwanted(account.clone()));
                return Err(Failure::cancelled(During::Connect));
            }
        };
        let is_trusted = refused.is_some_and(|refused| trusted.contains(&refused.fingerprint));
        let pins = &mut site.secured.pins;
        // Where others are pinned, a person who trusts another one trusts it besides them in this run.
        pins.extend(trusted.into_iter().filter(|pin| !pins.contains(pin)).collect::<Vec<_>>());
        Ok(is_trusted)
    }

    /// Asks for what a login wants besides the password: the proxy's own, or an account.
    async fn ask_besides(
        &self,
        spec: &VolumeSpec,
        (wanted, failure): (Wanted, Failure),
        besides: &mut Besides,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let VolumeSpec::Ftp(server, _) = spec else { return Err(failure) };
        let is_account = wanted == Wanted::Account;
        let (site, place, given) = match wanted {
            Wanted::Proxy(login) => {
                let given = server.reach.proxy.proxy().and_then(|proxy| proxy.password.clone());
                (login, &mut besides.proxy, given)
            }
            Wanted::Account | Wanted::Password => (server.clone(), &mut besides.account, None),
        };
        let account = Account::of(&VolumeSpec::Ftp(site.clone(), None));
        let account = if is_account { account.besides() } else { account };
        let refused = RefusedLogin { tried: place.take().or(given), reply: Some(failure.refusal()) };
        let login = Login { account, site, given: false, refused: Some(refused), is_account };
        match self.put(login, stop).await? {
            LoginAnswer::Use(Some(secret)) => *place = Some(secret),
            LoginAnswer::Use(None) | LoginAnswer::TooMany | LoginAnswer::GiveUp => return Err(failure),
        }
        Ok(())
    }

    async fn ask(
        &self,
        spec: &VolumeSpec,
        account: &Account,
        refused: Option<RefusedLogin>,
        stop: &CancellationToken,
    ) -> Result<LoginAnswer, Failure> {
        let VolumeSpec::Ftp(site, _) = spec else { return Ok(LoginAnswer::Use(None)) };
        let login = Login { account: account.clone(), site: site.clone(), given: given(spec).is_some(), refused, is_account: false };
        self.put(login, stop).await
    }

    /// Puts a question for a login, and waits for the answer.
    async fn put(&self, login: Login, stop: &CancellationToken) -> Result<LoginAnswer, Failure> {
        let account = login.account.clone();
        let (send, receive) = oneshot::channel();
        if self.notes.send(Note::Login(login, send)).is_err() {
            return Err(Failure::cancelled(During::Login));
        }
        tokio::select! {
            answer = receive => Ok(answer.unwrap_or(LoginAnswer::GiveUp)),
            () = stop.cancelled() => {
                let _ = self.notes.send(Note::LoginUnwanted(account));
                Err(Failure::cancelled(During::Login))
            }
        }
    }
}

fn given(spec: &VolumeSpec) -> Option<Secret> {
    if let VolumeSpec::Ftp(_, secret) = spec { secret.clone() } else { None }
}
