//! What the server's clock on the wall shows: LIST tells times by it, and MDTM in UTC (RFC 3659 §2.3, §3).
//!
//! One file of one listing is asked about, once for a server: what it told is kept with what else was learnt.

use super::session::Session;
use super::stat;
use crate::model::{ClockOffset, During, ListingStyle, Timestamp, VPath};

/// Whether the clock is not known yet, and may be found out.
pub fn may_learn(session: &Session) -> bool {
    let is_known = session.clock.is_some() || session.learnt.clock.is_some();
    // Where MLSD works it is of no use.
    let is_of_use = session.learnt.no_mlsd || session.listing != ListingStyle::Auto;
    is_of_use && !is_known && !session.hides_clock && session.features.offers("MDTM")
}

/// Compares the time that a listing told of a file with what MDTM tells.
pub async fn learn(session: &mut Session, path: &VPath, listed: Timestamp) {
    let told = stat::time(session, path, During::List).await.ok().flatten();
    let clock = told.and_then(|utc| ClockOffset::between(listed.seconds, utc, listed.precision.seconds()));
    match clock {
        Some(clock) => session.log.step(format!("the server's clock is {clock} from UTC")),
        // A link, or a file that is written at this moment: the next session may ask about another.
        None => session.hides_clock = true,
    }
    session.learnt.clock = clock;
}
