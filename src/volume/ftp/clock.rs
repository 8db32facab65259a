//! What the server's clock on the wall shows: LIST tells times by it, and MDTM in UTC (RFC 3659 §2.3, §3).
//!
//! One file of one listing is asked about, once a day for a server: what it told is kept with what else was learnt. A day, since clocks are put
//! forward and back over night: a question a day is nobody's loss, and an hour's error lasts no longer.

use super::session::Session;
use super::{reply, stat};
use crate::model::{ClockOffset, During, ListingStyle, Reply, Timestamp, VPath};

/// So long what was learnt is not asked for again, in seconds.
const FRESH: i64 = 24 * 60 * 60;

/// Whether the clock is not known yet, or was learnt a while before `now`, and may be found out.
pub fn may_learn(session: &Session, now: i64) -> bool {
    let learnt = &session.learnt;
    let is_fresh = learnt.clock_at.is_some_and(|at| (0..FRESH).contains(&now.saturating_sub(at)));
    let is_known = session.clock.is_some() || learnt.clock.is_some() && is_fresh;
    // Where MLSD works it is of no use.
    let is_of_use = learnt.no_mlsd || session.listing != ListingStyle::Auto;
    is_of_use && !is_known && !session.hides_clock && session.features.offers("MDTM")
}

/// The answer where the question went out behind the listing: it has come with the completion reply.
async fn was_told(session: &mut Session) -> Option<Reply> {
    session.absorb(During::List).await.ok()?;
    session.told_time.take()
}

/// Compares the time that a listing told of a file, by the server's clock, with what MDTM tells. What was known before holds where that says
/// nothing.
pub async fn learn(session: &mut Session, path: &VPath, listed: Timestamp, now: i64) {
    let told = match was_told(session).await {
        Some(answer) => reply::time(&answer.text).filter(|_| answer.code == 213),
        None => stat::time(session, path, During::List).await.ok().flatten(),
    };
    match told.and_then(|utc| ClockOffset::between(listed.seconds, utc, listed.precision.seconds())) {
        Some(clock) => {
            session.log.step(format!("the server's clock is {clock} from UTC"));
            (session.learnt.clock, session.learnt.clock_at) = (Some(clock), Some(now));
        }
        // A link, or a file that is written at this moment: the next session may ask about another.
        None => session.hides_clock = true,
    }
}
