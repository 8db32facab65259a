//! The question for a port and the command that uses it in one write: one round trip for both.
//!
//! Guarantee: however the server answers, all replies that are owed are read or left as questions of the session, so that the careful way
//! can follow. The port of the next file is asked for in the same write where the server has shown that it copes ([`super::super::pace`]).

use std::io::Cursor;
use std::net::SocketAddr;
use std::pin::pin;

use tokio::time::timeout;

use super::super::session::{Behind, Port, Session};
use super::super::{limits, reply};
use super::brisk::{self, Begun};
use super::channel::Channel;
use super::passive::Call;
use super::pipe::{Dialled, Line};
use super::{Hindrance, Open, Order, Pipe, Tried, judge, secured};
use crate::model::{DataMode, During, Failure, FailureKind, Reply};

/// Makes a data connection with as few round trips as the server takes. `None` where it has to be done one step after the other.
pub async fn open(session: &mut Session, order: &Order<'_>) -> Tried<Option<Open>> {
    session.absorb(order.during).await?;
    // A STOR behind a REST that is refused would empty the file.
    let is_safe = order.offset == 0 || order.line.starts_with(b"RETR ");
    let is_announced = order.during != During::Write || !session.features.is_refused(super::ANNOUNCED);
    if !is_safe || !is_announced || session.mode == DataMode::Active || session.features.offers("PRET") {
        return Ok(None);
    }
    if !session.pace.may_pair() {
        let is_bold = session.hint.bold && session.pace.may_chain() && !session.learnt.prefers_active;
        return if is_bold { one_behind_the_other(session, order).await } else { Ok(None) };
    }
    match session.take_port() {
        Some(port) => at_once(session, order, port).await,
        None => paired(session, order).await,
    }
}

/// The question for a port by itself, unless it was asked, and the command while that is dialled.
async fn one_behind_the_other(session: &mut Session, order: &Order<'_>) -> Tried<Option<Open>> {
    let port = match session.take_port() {
        Some(port) => port,
        None => {
            let line = session.port_question();
            let answer = session.command(order.during, line).await?;
            session.answered(Behind::Port, &answer);
            let Some(port) = session.take_port() else { return Ok(None) };
            port
        }
    };
    let opened = at_once(session, order, port).await?;
    if opened.is_some() {
        session.pace.worked();
    }
    Ok(opened)
}

/// Whether the order is for a file that fits what systems hand on at once.
fn is_small(session: &Session, order: &Order<'_>) -> bool {
    order.during == During::Read && session.hint.size.is_some_and(|size| size <= limits::SMALL_FILE)
}

/// The question that is to go out behind the order's command.
fn question_behind(session: &Session, order: &Order<'_>, has_port: bool) -> Option<Behind> {
    if !session.hint.more || !is_small(session, order) {
        return None;
    }
    if session.pace.may_ask_ahead() {
        return Some(Behind::Port);
    }
    // With the data connection still to come, a server that works at two things at once answers the NOOP first. From afar it comes a round
    // trip after the command in any case.
    (session.pace.is_untried() && (!has_port || session.hint.bold)).then_some(Behind::Noop)
}

/// Sends all that can go out at once. A restart offset that the server may have kept is taken back with it. Answers whether REST is in it.
fn send(session: &mut Session, order: &Order<'_>, ask: Option<Behind>, behind: Option<Behind>) -> Result<bool, Failure> {
    let whole_file = order.line.starts_with(b"RETR ") || order.line.starts_with(b"STOR ");
    let takes_back = whole_file && std::mem::take(&mut session.is_restarted);
    session.is_restarted |= order.offset > 0;
    let restarts = takes_back || order.offset > 0;
    let ask = ask.and_then(|what| session.line_of(what));
    let behind = behind.and_then(|what| session.line_of(what));
    let rest = restarts.then(|| super::rest(order.offset));
    let lines = [ask, rest.as_deref(), Some(order.line), behind];
    let mut together: [&[u8]; 4] = [b""; 4];
    let mut count = 0;
    for (slot, line) in together.iter_mut().zip(lines.into_iter().flatten()) {
        *slot = line;
        count += 1;
    }
    session.send_all(order.during, together.get(..count).unwrap_or_default())?;
    Ok(restarts)
}

/// EPSV (or PASV) and the command.
async fn paired(session: &mut Session, order: &Order<'_>) -> Tried<Option<Open>> {
    let limit = session.limits.reply;
    let behind = question_behind(session, order, false);
    let restarts = send(session, order, Some(Behind::Port), behind)?;
    let answer = session.next_reply(order.during, limit).await?;
    session.answered(Behind::Port, &answer);
    match session.take_port() {
        Some(port) => meet(session, order, port, (restarts, behind)).await,
        None => {
            session.pace.be_careful();
            if restarts {
                // It is sent once more, by itself.
                session.next_reply(order.during, limit).await?;
            }
            let refused = session.next_reply(order.during, limit).await?;
            step_back(session, order, &refused, behind).await?;
            Ok(None)
        }
    }
}

/// The command alone, for a port that was asked for ahead; the connection is made meanwhile.
async fn at_once(session: &mut Session, order: &Order<'_>, port: Port) -> Tried<Option<Open>> {
    let behind = question_behind(session, order, true);
    let restarts = send(session, order, None, behind)?;
    meet(session, order, port, (restarts, behind)).await
}

/// Dials, and reads the first reply to the command meanwhile, after the one to REST where that was sent before it.
async fn meet(session: &mut Session, order: &Order<'_>, port: Port, (restarts, behind): (bool, Option<Behind>)) -> Tried<Option<Open>> {
    let limit = session.limits.reply;
    let stop = session.stop.clone();
    let call = Call::of(session, port, order.during);
    let mut call = if session.security.is_some() { call.with_handshake(session) } else { call };
    let (mut line, making) = from_near(session, order, &mut call);
    // The command waits for it: where that is stopped, it is better ended by its data connection than by ABOR.
    let mut dial = pin!(call.within(making, (&stop, limits::EARLY_END)));
    let mut replies = Replies { restarts, behind, refused: None };
    let first = loop {
        let reply = tokio::select! {
            biased;
            dialled = &mut dial, if line.is_none() => match dialled {
                Ok(made) => {
                    line = Some(made);
                    continue;
                }
                Err(failure) => match replies.last_words(session, order).await? {
                    Some(reply) => reply,
                    None => return no_connection(session, order, failure).await,
                },
            },
            reply = session.next_reply(order.during, limit) => reply?,
        };
        if let Some(first) = replies.take(session, order, reply) {
            break first;
        }
    };
    if !reply::is_preliminary(&first)
        && let Some(what) = replies.behind.take()
    {
        // The command is over and done with: what comes next is the answer.
        session.leave_behind(what);
    }
    if let Some(answer) = replies.refused {
        // It would come from its first byte.
        drop(line);
        step_back(session, order, &first, None).await?;
        return Err(Hindrance::Final(super::no_restart(session, order, answer)));
    }
    if matches!(first.code, 425 | 522) {
        if session.security.is_some() {
            // Asked again it would be the same: the reason may be TLS, which is looked into above.
            return Err(Hindrance::NoConnection(session.refused(order.during, order.path.as_bytes(), first)));
        }
        session.pace.be_careful();
        return Ok(None);
    }
    let first = judge(session, order, first)?;
    let (line, address) = match line {
        Some(line) => line,
        None => match dial.await {
            Ok(made) => made,
            Err(failure) => return not_made(session, order, failure).await,
        },
    };
    Ok(Some(Open { pipe: Pipe::new(line, Dialled::Us(address), session, order.during), first, behind: replies.behind }))
}

/// The whole of a small file, where the server is near enough to wait for it; and what else makes the connection.
fn from_near(
    session: &Session,
    order: &Order<'_>,
    call: &mut Call,
) -> (Option<(Line, SocketAddr)>, impl Future<Output = std::io::Result<Line>> + use<>) {
    let address = call.address();
    let (security, dial) = (session.security.clone(), call.make());
    let begun = match session
        .hint
        .size
        .filter(|_| session.is_near && session.route.is_straight() && security.is_none() && is_small(session, order))
    {
        Some(size) => brisk::begin(address, size),
        None => None,
    };
    let (line, early) = match begun {
        Some(Begun::Whole(bytes, broken)) => (Some((Line::Whole(Cursor::new(bytes), broken), address)), None),
        Some(Begun::Early(tcp)) => (None, Some(tcp)),
        None => (None, None),
    };
    let making = async move {
        let tcp = match early {
            Some(tcp) => brisk::connected(tcp).await?,
            None => dial.await?,
        };
        match security {
            Some(security) => Box::pin(security.data(tcp)).await.map(|stream| Line::Secure(Channel::new(stream))),
            None => Ok(Line::Live(tcp)),
        }
    };
    (line, making)
}

/// The replies that come before the data.
struct Replies {
    /// The next one is to REST.
    restarts: bool,
    /// What was asked behind the command.
    behind: Option<Behind>,
    /// The refusal of REST.
    refused: Option<Reply>,
}

impl Replies {
    /// Takes a reply in; gives it back where it is the first to the command.
    fn take(&mut self, session: &mut Session, order: &Order<'_>, reply: Reply) -> Option<Reply> {
        if std::mem::take(&mut self.restarts) {
            self.refused = Some(reply).filter(|reply| order.offset > 0 && !reply::is_going_on(reply));
            return None;
        }
        if self.behind.is_some_and(|what| what.is_answered_by(&reply)) {
            // libunftp 0.24 works at several commands at once.
            session.pace.mixed_up();
            self.behind = None;
            return None;
        }
        Some(reply)
    }

    /// The refusal of the command, which closes its port; `None` where there is none, and only the connection cannot be made.
    async fn last_words(&mut self, session: &mut Session, order: &Order<'_>) -> Tried<Option<Reply>> {
        let limit = session.limits.reply;
        if std::mem::take(&mut self.restarts) {
            // What the answer to REST is does not matter without a connection.
            session.next_reply(order.during, limit).await?;
        }
        match timeout(limits::LAST_WORDS.min(limit), session.next_reply(order.during, limit)).await {
            Ok(Ok(reply)) if is_refusal(&reply) => Ok(Some(reply)),
            Ok(Err(lost)) => Err(Hindrance::Final(lost)),
            Ok(Ok(_)) | Err(_) => Ok(None),
        }
    }
}

fn is_refusal(answer: &Reply) -> bool {
    answer.code >= 400
}

/// The command was taken, and its connection came to nothing.
async fn not_made(session: &mut Session, order: &Order<'_>, failure: Failure) -> Tried<Option<Open>> {
    if session.security.is_none() {
        return no_connection(session, order, failure).await;
    }
    session.pace.be_careful();
    Err(Box::pin(secured::not_made(session, order, failure)).await)
}

/// The command waits for a connection that cannot be made: takes it back, and says so or leaves it to the careful way.
async fn no_connection(session: &mut Session, order: &Order<'_>, failure: Failure) -> Tried<Option<Open>> {
    session.pace.be_careful();
    session.log.trouble(format!("a port that was asked for led nowhere: {failure}"));
    let was_stopped = session.stop.is_cancelled();
    session.get_in_step().await;
    if was_stopped {
        return Err(Hindrance::Final(Failure::cancelled(order.during)));
    }
    if session.is_lost() { Err(Hindrance::NoConnection(failure)) } else { Ok(None) }
}

/// There is no port, and yet the command was sent: makes sure that nothing of it is under way.
async fn step_back(session: &mut Session, order: &Order<'_>, answer: &Reply, behind: Option<Behind>) -> Tried<()> {
    if reply::is_preliminary(answer) {
        session.get_in_step().await;
        if session.is_lost() {
            let detail = "the server began a transfer without a data connection";
            return Err(Hindrance::NoConnection(Failure::new(FailureKind::Transient, order.during, detail)));
        }
        return Ok(());
    }
    if let Some(what) = behind {
        session.leave_behind(what);
        session.absorb(order.during).await?;
    }
    Ok(())
}
