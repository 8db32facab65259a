//! What is said to a server so that it does not take us for gone.
//!
//! Guarantee: nothing that changes anything. NOOP, until the server shows that it does not count it or hangs up on it; then what clients ask
//! anyway, by turns.

use super::session::Session;
use super::{data, reply};
use crate::model::{During, FailureKind};
use crate::volume::Result;

/// The name under which [`super::features`] remembers that NOOP is of no use.
const NOOP: &str = "NOOP";

/// After so many in a row that were answered, the end of the session says that they do not count.
const UNCOUNTED: u32 = 2;

/// Says something harmless.
///
/// # Errors
/// What befell the connection.
pub async fn keep(session: &mut Session) -> Result<()> {
    let by_noop = !session.features.is_refused(NOOP);
    session.idles += 1;
    let said = if by_noop {
        session.command(During::Command, b"NOOP").await
    } else if session.idles % 2 == 1 {
        session.command(During::Command, b"PWD").await
    } else {
        session.is_binary = false;
        return data::make_binary(session, During::Command).await;
    };
    match said {
        Ok(answer) => {
            if by_noop && reply::is_unknown_command(&answer) {
                session.refuse(NOOP);
            }
            Ok(())
        }
        Err(failure) => {
            // It hung up on the NOOP itself, or had done so although several were answered.
            let hung_up = failure.reply.as_ref().is_some_and(|reply| reply.code == 421);
            if by_noop && (hung_up || session.idles > UNCOUNTED) && failure.kind == FailureKind::Disconnected {
                session.refuse(NOOP);
                session.log.step("NOOP does not keep this server; it is asked something else from now on");
            }
            Err(failure)
        }
    }
}
