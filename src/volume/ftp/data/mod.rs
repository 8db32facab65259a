//! Data connections (RFC 959 §3.3): made here, beside suppaftp, for one transfer each.
//!
//! Guarantee: bytes flow to and from the peer of the control connection only. In automatic mode passive is tried first and then active, or
//! the other way round where that was learnt; what worked is kept. A way that fails leaves the session in step for the next one.

mod active;
mod brisk;
mod channel;
mod conduit;
mod passive;
mod pipe;
mod secured;
mod together;
mod wakes;
mod watch;

pub use self::brisk::{NEAR, begin_to_dial};
pub use self::pipe::Pipe;
use self::pipe::{Dialled, Line};
use super::limits;
use super::reply;
use super::session::{Behind, Session};
use crate::model::{DataMode, During, Failure, FailureKind, Reply, VPath};
use crate::volume::Result;

/// What a data connection is wanted for.
pub struct Order<'a> {
    /// What is being done.
    pub during: During,
    /// To what.
    pub path: &'a VPath,
    /// The command.
    pub line: &'a [u8],
    /// Sent as REST before it, where not 0 (RFC 3659 §5).
    pub offset: u64,
}

/// A data connection that is open, and the reply that opened it.
pub struct Open {
    /// The connection.
    pub pipe: Pipe,
    /// The preliminary reply; a final one where the server skipped that.
    pub first: Reply,
    /// What was asked behind the command, and is answered behind it.
    pub behind: Option<Behind>,
}

/// Who dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Passive,
    Active,
}

/// Why there is no data connection.
enum Hindrance {
    /// It could not be made this way; another way may do.
    NoConnection(Failure),
    /// The command itself was refused, or the session is lost.
    Final(Failure),
}

impl From<Failure> for Hindrance {
    fn from(failure: Failure) -> Self {
        Self::Final(failure)
    }
}

type Tried<T> = std::result::Result<T, Hindrance>;

/// Makes a data connection and gives the command that uses it.
///
/// # Errors
/// The refusal of the command, or the failure of the first way to make the connection.
pub async fn open(session: &mut Session, order: &Order<'_>) -> Result<Open> {
    set_type(session, order).await?;
    let stop = session.stop.clone();
    let mut first_failure = None;
    check_mode(session, order.during)?;
    session.idles = 0;
    for &way in ways(session) {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(order.during));
        }
        match by(way, session, order).await {
            Ok(open) => {
                if session.mode == DataMode::Auto {
                    session.learnt.prefers_active = way == Way::Active;
                }
                return Ok(open);
            }
            Err(Hindrance::Final(failure)) => return Err(failure),
            Err(Hindrance::NoConnection(failure)) => {
                session.log.trouble(format!("no {} data connection: {}", way.name(), failure));
                let failure = first_failure.get_or_insert(failure);
                if session.is_lost() {
                    return Err(failure.clone());
                }
            }
        }
    }
    if stop.is_cancelled() {
        return Err(Failure::cancelled(order.during));
    }
    Err(first_failure.unwrap_or_else(|| Failure::new(FailureKind::Transient, order.during, "no data connection")))
}

/// One way, and under TLS 1.3 once more: who refuses it again is asked with TLS 1.2, by whoever owns the session.
async fn by(way: Way, session: &mut Session, order: &Order<'_>) -> Tried<Open> {
    let mut is_again = false;
    loop {
        let tried = match way {
            Way::Passive => by_passive(session, order).await,
            Way::Active => by_active(session, order).await,
        };
        let Err(Hindrance::NoConnection(failure)) = &tried else { return tried };
        if session.is_lost() || session.stop.is_cancelled() || session.blame_version(failure, is_again) || is_again {
            return tried;
        }
        if !session.may_blame_version(failure) {
            return tried;
        }
        is_again = true;
        session.log.step("once more, since that may have been chance");
    }
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Passive => "passive",
            Self::Active => "active",
        }
    }
}

/// Nobody can dial us through a proxy that passes on what we dial.
fn check_mode(session: &Session, during: During) -> Result<()> {
    match session.route.tunnel() {
        Some((proxy, _)) if session.mode == DataMode::Active => {
            let detail = format!("active mode does not go through the proxy {}: the server cannot dial us", proxy.place());
            Err(Failure::new(FailureKind::Unsupported, during, detail).hint("use passive mode, or no proxy for this server"))
        }
        Some(_) | None => Ok(()),
    }
}

fn ways(session: &Session) -> &'static [Way] {
    match session.mode {
        DataMode::Auto if session.route.tunnel().is_some() => &[Way::Passive],
        DataMode::Passive => &[Way::Passive],
        DataMode::Active => &[Way::Active],
        DataMode::Auto if session.learnt.prefers_active => &[Way::Active, Way::Passive],
        DataMode::Auto => &[Way::Passive, Way::Active],
    }
}

/// The name under which [`super::features`] remembers that listings are to be had as texts alone.
pub const BINARY_LISTS: &str = "LIST in TYPE I";

/// The type that an order needs. A listing is a text in either.
async fn set_type(session: &mut Session, order: &Order<'_>) -> Result<()> {
    let is_file = matches!(order.during, During::Read | During::Write);
    if !is_file && session.is_text {
        return Ok(());
    }
    let is_text = if is_file { session.ascii.covers(order.path) } else { session.features.is_refused(BINARY_LISTS) };
    if !is_text {
        return make_binary(session, order.during).await;
    }
    if session.is_text {
        return Ok(());
    }
    session.is_binary = false;
    let answer = session.command(order.during, b"TYPE A").await?;
    if !reply::is_ok(&answer) {
        return Err(session.refused(order.during, b"TYPE A", answer));
    }
    session.is_text = true;
    Ok(())
}

/// TYPE I, once: in ASCII type servers rewrite line ends (RFC 959 §3.1.1.1), and tell other sizes (RFC 3659 §4) or none. A server that knows
/// no TYPE has no other than binary.
pub async fn make_binary(session: &mut Session, during: During) -> Result<()> {
    if session.is_binary {
        return Ok(());
    }
    let answer = session.command(during, b"TYPE I").await?;
    if !reply::is_ok(&answer) && !reply::is_unknown_command(&answer) {
        return Err(session.refused(during, b"TYPE I", answer));
    }
    (session.is_binary, session.is_text) = (true, false);
    Ok(())
}

async fn by_passive(session: &mut Session, order: &Order<'_>) -> Tried<Open> {
    if let Some(open) = together::open(session, order).await? {
        return Ok(open);
    }
    if session.features.offers("PRET") {
        Box::pin(passive::announce(session, order)).await?;
    }
    let (tcp, address) = passive::dial(session, order.during).await?;
    let dialled = Dialled::Us(address);
    if let Some(security) = session.security.clone() {
        let making = secured::shake(security, tcp, order.during);
        // Boxed, as what is not the usual way shall not make the usual one's future bigger.
        let (line, first) = Box::pin(secured::begin(session, order, making)).await?;
        session.pace.worked();
        return Ok(Open { pipe: Pipe::new(line, dialled, session, order.during), first, behind: None });
    }
    let first = if order.during == During::Write { begin_writing(session, order).await? } else { begin(session, order).await? };
    session.pace.worked();
    Ok(Open { pipe: Pipe::new(Line::Live(tcp), dialled, session, order.during), first, behind: None })
}

async fn by_active(session: &mut Session, order: &Order<'_>) -> Tried<Open> {
    let listener = active::listen(session, order.during).await?;
    if let Some(security) = session.security.clone() {
        let accepting = active::accept(session, listener, order.during);
        let making = async move {
            let (tcp, address) = accepting.await?;
            secured::shake(security, tcp, order.during).await.map(|line| (line, address))
        };
        let ((line, address), first) = Box::pin(secured::begin(session, order, making)).await?;
        return Ok(Open { pipe: Pipe::new(line, Dialled::Server(address), session, order.during), first, behind: None });
    }
    let first = begin(session, order).await?;
    match active::accept(session, listener, order.during).await {
        Ok((tcp, address)) => {
            Ok(Open { pipe: Pipe::new(Line::Live(tcp), Dialled::Server(address), session, order.during), first, behind: None })
        }
        Err(failure) => {
            session.get_in_step().await;
            Err(Hindrance::NoConnection(failure))
        }
    }
}

/// REST where there is an offset, and the command. A 425 says that the data connection is to blame.
async fn begin(session: &mut Session, order: &Order<'_>) -> Tried<Reply> {
    set_offset(session, order).await?;
    let answer = session.command(order.during, order.line).await?;
    judge(session, order, answer)
}

/// The name under which [`super::features`] remembers that an upload is not announced.
const ANNOUNCED: &str = "150 to STOR";

/// The same of an upload for which the connection is there: some servers say nothing before they have it (the smallest kind, to which RFC 959
/// §6 is news). They get it after a while; what others say late is read behind it.
async fn begin_writing(session: &mut Session, order: &Order<'_>) -> Tried<Reply> {
    set_offset(session, order).await?;
    session.send_all(order.during, &[order.line])?;
    session.absorb(order.during).await?;
    let patience = if session.features.is_refused(ANNOUNCED) { limits::UNANNOUNCED } else { limits::ANNOUNCED };
    match session.next_reply_within(order.during, patience.min(session.limits.reply / 2)).await? {
        Some(answer) => judge(session, order, answer),
        None => {
            session.log.step("the server does not say whether it takes the file: it is sent");
            session.refuse(ANNOUNCED);
            Ok(Reply { code: 150, text: Box::default() })
        }
    }
}

/// REST where there is an offset, or was one.
async fn set_offset(session: &mut Session, order: &Order<'_>) -> Tried<()> {
    if order.offset == 0 {
        return Ok(forget_offset(session, order).await?);
    }
    session.is_restarted = true;
    let answer = session.command(order.during, &rest(order.offset)).await?;
    if reply::is_going_on(&answer) { Ok(()) } else { Err(Hindrance::Final(no_restart(session, order, answer))) }
}

/// The command that sets a restart offset.
fn rest(offset: u64) -> Vec<u8> {
    format!("REST {offset}").into_bytes()
}

/// The failure where a restart offset is refused.
fn no_restart(session: &mut Session, order: &Order<'_>, answer: Reply) -> Failure {
    if reply::is_unknown_command(&answer) {
        session.refuse("REST");
    } else {
        session.features.refuse("REST");
    }
    let mut failure = session.refused(order.during, order.path.as_bytes(), answer);
    failure.kind = FailureKind::Unsupported;
    failure.detail = "the server cannot go on in the middle of a file".into();
    failure
}

/// What the first reply to the command means.
fn judge(session: &Session, order: &Order<'_>, answer: Reply) -> Tried<Reply> {
    let subject = order.path.as_bytes();
    match answer.code {
        100..=299 => Ok(answer),
        425 | 522 => Err(Hindrance::NoConnection(session.refused(order.during, subject, answer))),
        _ => Err(Hindrance::Final(session.refused(order.during, subject, answer))),
    }
}

/// A server may keep the offset of an earlier REST whose transfer was stopped or refused, and begin the next file there (libunftp 0.24): after
/// one, a file that is wanted from its start says so once. What the server answers does not matter: the size is checked in any case.
async fn forget_offset(session: &mut Session, order: &Order<'_>) -> Result<()> {
    let whole_file = order.line.starts_with(b"RETR ") || order.line.starts_with(b"STOR ");
    if whole_file && std::mem::take(&mut session.is_restarted) {
        session.command(order.during, b"REST 0").await?;
    }
    Ok(())
}
