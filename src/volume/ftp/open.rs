//! From a site to a volume: the connection, the login, what is known of the server from sessions before.
//!
//! Guarantee: a server that did not get over several commands at once is met once more, one command at a time. TLS that was asked for, or that
//! the server spoke before, is never given up for a plain connection.

use std::sync::Arc;

use super::connect::{self, Manner};
use super::features::print_of_greeting;
use super::greet::Wanted;
use super::known::Acquaintances;
use super::limits::Limits;
use super::log::Log;
use super::login::Credentials;
use super::route::Route;
use super::session::Session;
use super::tls::Settings;
use super::{FtpVolume, abilities, login, prepare, protect};
use crate::model::opened::Opened;
use crate::model::site::VolumeSpec;
use crate::model::{Charset, During, Failure, FailureKind, Secret, Site, TlsPolicy, VPath};
use crate::volume::{Call, Result};

/// Connects to a server and logs in.
///
/// # Errors
/// The failure of the lookup, the connection, TLS, the login or the first directory. `Certificate` and `Tls` come before the user's name or
/// password is sent.
pub async fn connect(site: &Site, call: &Call, known: &Acquaintances) -> Result<FtpVolume> {
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

/// Opens, and once more where the server did not get over several commands at once, or over one that others only refuse.
async fn open_with_care(site: &Site, call: &Call, (log, known): (&Log, &Acquaintances)) -> Result<FtpVolume> {
    let (was_fragile, shy_of) = (known.is_fragile(site), known.closes_at(site).len());
    match Box::pin(open(site, call, (log, known))).await {
        Err(_) if !was_fragile && known.is_fragile(site) => {
            log.step("several commands at once were too much for the server; connecting again, one command at a time");
            Box::pin(open_with_care(site, call, (log, known))).await
        }
        Err(_) if known.closes_at(site).len() > shy_of => {
            log.step("the server closed at a command that it may be spared; connecting again without it");
            Box::pin(open_with_care(site, call, (log, known))).await
        }
        Ok(mut volume) if !site.learnt.hosts && login::wants_host(&volume.session, site) => {
            log.step("the server may have other files under the name it was reached by; connecting again to tell it (HOST)");
            login::quit(&mut volume.session, true).await;
            let learnt = volume.session.learnt.clone();
            known.forget(site);
            Box::pin(open(&Site { learnt, ..site.clone() }, call, (log, known))).await
        }
        outcome => outcome,
    }
}

/// What TLS the site wants, with what is known of its server.
fn wanted(site: &Site, known: &Acquaintances) -> Result<Wanted> {
    let settings = || Settings::of(site, known.takes_tls12(site)).map(Arc::new);
    Ok(match site.tls {
        TlsPolicy::Off => Wanted::Off,
        TlsPolicy::Auto if known.spoke_tls(site) => Wanted::AsBefore(settings()?),
        TlsPolicy::Auto if known.refused_tls(site) => Wanted::Off,
        TlsPolicy::Auto => Wanted::IfOffered(settings()?),
        TlsPolicy::Required => Wanted::Required(settings()?),
        TlsPolicy::Implicit => Wanted::Implicit(settings()?),
    })
}

async fn open(site: &Site, call: &Call, (log, known): (&Log, &Acquaintances)) -> Result<FtpVolume> {
    let limits = Limits::of(site);
    if let Some(secret) = secret_of(call) {
        // Before the first line: a server may know it from an earlier login and greet with it.
        log.hide(secret.expose().as_bytes());
    }
    let wanted = wanted(site, known)?;
    (call.progress)(format!("connecting to {}", site.host));
    let route = Route::of(site, call.proxy_secret.as_ref())?;
    let manner = Manner { limits, log, wanted: &wanted, route: &route };
    let connected = connect::connect(&site.host, site.dial_port(), manner).await?;
    let round_trip = connected.round_trip;
    let mut greeting = connected.greeting.text.to_vec();
    let mut session = Session::new(connected, log.clone(), limits).await;
    settle_in(&mut session, site);
    spare(&mut session, &known.closes_at(site));
    if session.features.is_refused("FEAT") {
        // Nothing else shows whether it is the server that it was.
        session.shows(print_of_greeting(&greeting));
    }
    if session.security.is_some() {
        known.with_tls(site);
        session.learnt.tls = true;
        session.learnt.tls12 |= known.wants_tls12(site);
    } else if matches!(wanted, Wanted::IfOffered(_)) {
        known.without_tls(site);
    }
    (call.progress)(format!("logging in as {}", site.login_user()));
    let credentials = Credentials { secret: secret_of(call), account: call.account.as_ref() };
    match log_in(&mut session, site, credentials, (known, &greeting)).await {
        Ok((welcome, home, start)) => {
            greeting.push(b'\n');
            greeting.extend(welcome);
            let opened = Opened {
                site: Some(Site { learnt: session.learnt.clone(), ..site.clone() }),
                start: Some(start),
                home: Some(home),
                paths: session.paths,
                greeting: log.redact(&greeting).into_owned(),
                system: session.features.called().map(Into::into),
                features: session.features.lines().map(Into::into).collect(),
                encrypted: session.security.as_ref().map(|security| security.state()),
                round_trip,
                can: abilities(&session),
            };
            Ok(FtpVolume { told: session.pace, session, opened, known: known.clone(), call: call.clone() })
        }
        Err(failure) => {
            if session.is_lost() && session.pace.is_bad() && failure.kind != FailureKind::Cancelled {
                known.handle_with_care(site);
            }
            let asked_tls = matches!(wanted, Wanted::IfOffered(_));
            let is_new = |verb: &&'static str| !known.closes_at(site).contains(verb) && (asked_tls || *verb != login::AUTH);
            if let Some(verb) = session.closed_at.filter(is_new) {
                known.closed_at(site, verb);
            }
            login::quit(&mut session, true).await;
            Err(failure)
        }
    }
}

/// What the site says of its server, and what was found out before.
fn settle_in(session: &mut Session, site: &Site) {
    session.mode = site.mode;
    session.names = Charset::of_site(site.charset.as_deref()).unwrap_or_default();
    session.learnt = site.learnt.clone();
    session.listing = site.listing;
    session.clock = site.clock;
    session.ascii = site.ascii.clone();
    session.recall();
}

/// Leaves out the commands at which the server closes.
fn spare(session: &mut Session, verbs: &[&'static str]) {
    for verb in verbs {
        if *verb == login::AUTH {
            // It has refused TLS, and is not asked for it in any case.
        } else if *verb == "FEAT" {
            // Without it the best of a server is never seen: that is not to last because it once went down at this moment.
            session.features.refuse(verb);
        } else {
            session.refuse(verb);
        }
    }
}

async fn log_in(
    session: &mut Session,
    site: &Site,
    credentials: Credentials<'_>,
    (known, greeting): (&Acquaintances, &[u8]),
) -> Result<(Vec<u8>, VPath, VPath)> {
    let met = known.of(site).filter(|met| met.pace.may_chain());
    let behind = met.as_ref().map(|met| prepare::questions(session, met)).unwrap_or_default();
    let (welcome, is_asked) = login::login(session, site, credentials, &behind).await?;
    let home = match met {
        Some(met) => prepare::resume(session, met, is_asked).await?,
        None => None,
    };
    let home = match home {
        Some(home) => home,
        None => {
            let home = prepare::prepare(session, known.is_fragile(site), greeting).await?;
            if session.features.is_refused("FEAT") {
                session.shows(print_of_greeting(greeting));
            }
            known.meet(site, &session.features, session.pace, &home);
            home
        }
    };
    if site.secured.clear_control && session.security.is_some() {
        protect::clear_control(session).await?;
    }
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
