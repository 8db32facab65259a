//! Every address of a server by itself, as far as its greeting: for who wants to know which of them answers.
//!
//! Guarantee: one at a time, nothing but QUIT is sent (within TLS where that begins with the first byte), and each is left again.

use std::sync::Arc;

use tokio::time::{Instant, timeout};

use super::connect::{self, Manner};
use super::greet::Wanted;
use super::limits::{self, Limits};
use super::log::Log;
use super::route::Route;
use super::tls::Settings;
use crate::model::{During, Failure, Site, TlsPolicy};
use crate::volume::{Call, Greeted, Result};

/// Dials each address in turn.
///
/// # Errors
/// The failure of the lookup; what befell an address stands with it.
pub async fn survey(site: &Site, call: &Call) -> Result<Vec<Greeted>> {
    let log = Log::new(call.wire.clone(), call.connection);
    let wanted = match site.tls {
        TlsPolicy::Implicit => Wanted::Implicit(Arc::new(Settings::of(site, false)?)),
        _ => Wanted::Off,
    };
    let route = Route::of(site, call.proxy_secret.as_ref())?;
    let manner = Manner { limits: Limits::of(site), log: &log, wanted: &wanted, route: &route };
    let (host, port) = (site.host.as_str(), site.dial_port());
    let (first, first_port) = route.first(host, port);
    let looking = connect::look_up(first, first_port, manner);
    let stopped = || Failure::cancelled(During::Lookup);
    let addresses = tokio::select! {
        found = looking => found?,
        () = call.stop.cancelled() => return Err(stopped()),
    };
    let mut all = Vec::with_capacity(addresses.len());
    for address in addresses {
        let (began, one) = (Instant::now(), [address]);
        let met = tokio::select! {
            met = connect::race((host, port), &one, manner) => met,
            () = call.stop.cancelled() => return Err(stopped()),
        };
        let took = began.elapsed();
        let outcome = match met {
            Ok(mut met) => {
                log.sent(b"QUIT");
                // Whatever it answers, this is the end.
                let _ = timeout(limits::QUIT, met.control.custom_command("QUIT", &[])).await;
                Ok(met.greeting)
            }
            Err(failure) => Err(failure),
        };
        all.push(Greeted { address, outcome, took });
    }
    Ok(all)
}
