//! What every session needs after its login: what the server offers, what is set once and for all, and where it put us.
//!
//! Guarantee: a server that knows none of these questions is served all the same. FEAT goes alone unless the server is known to take several commands
//! at once: by what it showed in an earlier run, or by the name that it greets with. Whatever comes out of order is asked again one by one.

use std::time::Duration;

use super::features::Features;
use super::known::Known;
use super::reply;
use super::session::{Behind, Session};
use super::{directory, limits, protect};
use crate::model::{Charset, During, FailureKind, ListingStyle, Paths, Reply, VPath};
use crate::volume::Result;

const FEATURES: &[u8] = b"FEAT";
/// Its answer is for the log, and tells a listing's dialect where the rows leave it open.
const SYSTEM: &[u8] = b"SYST";
const BINARY: &[u8] = b"TYPE I";
const WHERE: &[u8] = b"PWD";

/// What servers call themselves in their greeting that carry out one command after the other, however many come in one packet: tried with vsftpd
/// 3.0.3, ProFTPD 1.3.8 and pure-ftpd 1.0.50.
const STEADY: [&str; 3] = ["(vsFTPd ", "ProFTPD ", "Welcome to Pure-FTPd "];

/// Asks what the server offers, sets what every session needs, and answers with the directory after login. A server that knows none of these is
/// served all the same; one that knows FEAT is asked the rest in one exchange, unless it is to be met with care.
///
/// From afar all is asked at once where the server is known to take that.
pub async fn prepare(session: &mut Session, with_care: bool, greeting: &[u8]) -> Result<VPath> {
    if !with_care
        && session.is_far
        && is_steady(session, greeting)
        && let Some(home) = with_features(session).await?
    {
        return Ok(home);
    }
    ask_features(session).await?;
    if with_care {
        session.pace.be_careful();
    }
    if session.pace.may_chain()
        && let Some(home) = in_one_exchange(session).await?
    {
        return Ok(home);
    }
    if !session.features.is_refused("SYST") {
        let answer = dispensable(session, "SYST").await?;
        session.features.read_system(&answer);
        if reply::is_unknown_command(&answer) {
            session.refuse("SYST");
        }
    }
    for line in wishes(session, &session.features) {
        let answer = session.command(During::Login, &line).await?;
        protect::check(session, &line, &answer)?;
    }
    let answer = session.command(During::Login, BINARY).await?;
    session.is_binary = took_binary(&answer);
    home(session).await
}

/// Asks what can be done without. A server that closes at it is met again by who opens the session, and not asked.
async fn dispensable(session: &mut Session, verb: &'static str) -> Result<Reply> {
    let outcome = session.command(During::Login, verb.as_bytes()).await;
    if let Err(failure) = &outcome
        && failure.kind == FailureKind::Disconnected
        && failure.reply.is_none()
    {
        session.closed_at = Some(verb);
    }
    outcome
}

/// FEAT, unless it is known that the server does not know it.
async fn ask_features(session: &mut Session) -> Result<()> {
    if session.features.is_refused("FEAT") {
        return Ok(());
    }
    let answer = dispensable(session, "FEAT").await?;
    took_features(session, &answer);
    Ok(())
}

fn took_features(session: &mut Session, answer: &Reply) {
    if reply::is_ok(answer) {
        session.features.read(answer);
        session.pace.knows_feat();
        let print = session.features.print();
        session.shows(print);
        session.learnt.hosts = session.features.offers("HOST");
    } else if reply::is_unknown_command(answer) {
        session.refuse("FEAT");
    }
}

/// Whether the server is known to know FEAT and to take other commands behind it.
fn is_steady(session: &Session, greeting: &[u8]) -> bool {
    // How it showed itself is by what it offers, where it does not refuse to say.
    let has_shown = session.learnt.print.is_some();
    let says = |name: &str| greeting.windows(name.len()).any(|window| window == name.as_bytes());
    !session.features.is_refused("FEAT") && (has_shown || STEADY.iter().any(|name| says(name)))
}

/// FEAT and all that follows in one exchange, but for what it may lead to wish: that goes out behind it, and its answers are waited for by nobody.
/// `None` where the answers are not what was asked.
async fn with_features(session: &mut Session) -> Result<Option<VPath>> {
    let mut lines = vec![FEATURES.to_vec()];
    lines.extend((!session.features.is_refused("SYST")).then(|| SYSTEM.to_vec()));
    lines.extend(protect::lines(session));
    lines.extend([BINARY.to_vec(), WHERE.to_vec()]);
    if session.may_ask_for_first_port() {
        lines.push(session.port_question().to_vec());
    }
    let Some(answers) = at_once(session, &lines).await? else { return Ok(None) };
    if let Some(answer) = answers.first() {
        took_features(session, answer);
    }
    let home = took(session, &lines, &answers).await?;
    let promised = protect::lines(session);
    let wishes: Vec<Vec<u8>> = wishes(session, &session.features).into_iter().filter(|line| !promised.contains(line)).collect();
    if wishes.is_empty() {
        return Ok(home);
    }
    send(session, &wishes)?;
    wishes.iter().for_each(|_| session.leave_behind(Behind::Wish));
    if home.as_ref().is_some_and(|home| !home.as_bytes().is_ascii()) {
        // It was told before the charset was agreed upon.
        return self::home(session).await.map(Some);
    }
    Ok(home)
}

/// All that follows FEAT, and from afar the question for the port of what comes first. `None` where the answers are not what was asked.
async fn in_one_exchange(session: &mut Session) -> Result<Option<VPath>> {
    let mut lines: Vec<Vec<u8>> = (!session.features.is_refused("SYST")).then(|| SYSTEM.to_vec()).into_iter().collect();
    lines.extend(wishes(session, &session.features));
    lines.extend([BINARY.to_vec(), WHERE.to_vec()]);
    if session.is_far && session.may_ask_for_first_port() {
        lines.push(session.port_question().to_vec());
    }
    let Some(answers) = at_once(session, &lines).await? else { return Ok(None) };
    took(session, &lines, &answers).await
}

/// Takes in what was answered to the questions of a login: the system, a port, and the directory, which is the answer.
async fn took(session: &mut Session, lines: &[Vec<u8>], answers: &[Reply]) -> Result<Option<VPath>> {
    let told = |line: &[u8]| lines.iter().zip(answers).find(|(asked, _)| *asked == line).map(|(_, answer)| answer);
    if session.may_ask_for_first_port() {
        keep_port(session, answers);
    }
    if let Some(answer) = told(SYSTEM) {
        session.features.read_system(answer);
        if reply::is_unknown_command(answer) {
            session.refuse("SYST");
        }
    }
    match told(WHERE) {
        Some(answer) => home_in(session, answer).await.map(Some),
        None => Ok(None),
    }
}

/// Sets what every session needs on a server that another session has met, in one exchange, and answers with the directory after login. The port
/// for the first listing or transfer is asked for along with it. `None` where it does not answer as it should: then it is asked everything anew.
///
/// `is_asked` says that the questions went out behind the password.
pub async fn resume(session: &mut Session, known: Known, is_asked: bool) -> Result<Option<VPath>> {
    let lines = questions(session, &known);
    if !is_asked {
        send(session, &lines)?;
    }
    // Behind the answer to the password the rest comes soon.
    let limit = if is_asked { limits::CHAIN.min(session.limits.reply) } else { session.limits.reply };
    let Some(answers) = answered(session, &lines, limit).await? else { return Ok(None) };
    keep_port(session, &answers);
    (session.features, session.pace) = (known.features, known.pace);
    session.recall();
    Ok(Some(known.home))
}

/// What is sent to a server that another session has met.
pub fn questions(session: &Session, known: &Known) -> Vec<Vec<u8>> {
    let mut lines = wishes(session, &known.features);
    lines.push(BINARY.to_vec());
    if session.may_ask_for_first_port() && !known.features.offers("PRET") {
        lines.push(session.port_question().to_vec());
    }
    lines
}

/// Keeps the port that the last answer names, if it names one. A refusal says nothing: it is asked for again when it is wanted.
fn keep_port(session: &mut Session, answers: &[Reply]) {
    if let Some(answer) = answers.last().filter(|answer| Behind::Port.is_answered_by(answer)) {
        session.answered(Behind::Port, answer);
    }
}

/// Sends commands of a login together. `None` where the answers are not what was asked.
///
/// # Errors
/// What befell the connection; the pace then says that it was by this.
async fn at_once(session: &mut Session, lines: &[Vec<u8>]) -> Result<Option<Vec<Reply>>> {
    send(session, lines)?;
    answered(session, lines, session.limits.reply).await
}

fn send(session: &mut Session, lines: &[Vec<u8>]) -> Result<()> {
    session.send_all(During::Login, &lines.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Reads the answers to commands that were sent together, the first within `first`.
async fn answered(session: &mut Session, lines: &[Vec<u8>], first: Duration) -> Result<Option<Vec<Reply>>> {
    let texts: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let mut answers = Vec::with_capacity(lines.len());
    let (mut is_plain, mut is_binary) = (true, false);
    for line in &texts {
        // Who has answered one command and means to answer the next does so soon.
        let limit = if answers.is_empty() { first } else { limits::CHAIN.min(session.limits.reply) };
        let answer = match session.next_reply(During::Login, limit).await {
            Ok(answer) => answer,
            Err(failure) => {
                session.pace.be_careful();
                return Err(failure);
            }
        };
        is_plain &= match *line {
            FEATURES => matches!(answer.code, 211 | 500..),
            WHERE => matches!(answer.code, 257 | 500..),
            SYSTEM => matches!(answer.code, 215 | 500..),
            // No port to be had at this moment is an answer as well.
            b"EPSV" => matches!(answer.code, 229 | 400..),
            b"PASV" => matches!(answer.code, 227 | 400..),
            _ => matches!(answer.code, 200 | 500..),
        };
        is_binary |= *line == BINARY && took_binary(&answer);
        answers.push(answer);
    }
    if !is_plain {
        session.pace.no_chains();
        session.log.step("the answers to several commands at once are not what was asked; one by one from now on");
        return Ok(None);
    }
    for (line, answer) in texts.iter().zip(&answers) {
        protect::check(session, line, answer)?;
    }
    session.is_binary = is_binary;
    Ok(Some(answers))
}

fn took_binary(answer: &Reply) -> bool {
    reply::is_ok(answer) || reply::is_unknown_command(answer)
}

/// What is asked of a server that offers it; before all, with TLS, that data connections have it, too.
fn wishes(session: &Session, features: &Features) -> Vec<Vec<u8>> {
    // Who says that the names are in another charset knows better than a server that claims UTF-8 and hands out what is on its disk.
    let utf8 = (features.offers("UTF8") && session.names == Charset::UTF8).then(|| b"OPTS UTF8 ON".to_vec());
    protect::lines(session).into_iter().chain(utf8).chain(facts_wish(features)).collect()
}

/// Asks MLSD for the facts that a server has and does not give by itself, such as pyftpdlib's modes (RFC 3659 §7.9).
fn facts_wish(features: &Features) -> Option<Vec<u8>> {
    const WANTED: [&str; 7] = ["type", "size", "modify", "unix.mode", "unix.owner", "unix.group", "perm"];
    let offered: Vec<(String, bool)> = features
        .line("MLST")?
        .split(|&byte| byte == b';')
        .map(|fact| String::from_utf8_lossy(fact.trim_ascii()).to_ascii_lowercase())
        .map(|fact| (fact.trim_end_matches('*').to_owned(), fact.ends_with('*')))
        .collect();
    let find = |wanted: &str| offered.iter().find(|(name, _)| name == wanted);
    let is_missing = WANTED.iter().any(|wanted| find(wanted).is_some_and(|(_, is_on)| !is_on));
    let facts = || WANTED.iter().filter(|wanted| find(wanted).is_some()).map(|wanted| format!("{wanted};")).collect::<String>();
    is_missing.then(|| format!("OPTS MLST {}", facts()).into_bytes())
}

/// The directory after login.
async fn home(session: &mut Session) -> Result<VPath> {
    let answer = session.command(During::Login, WHERE).await?;
    home_in(session, &answer).await
}

async fn home_in(session: &mut Session, answer: &Reply) -> Result<VPath> {
    directory::learn_words(session, answer);
    let mut home = directory::path_in(answer, session.paths);
    if session.features.system() == Some(ListingStyle::As400) && (home.is_none() || session.paths == Paths::As400) {
        // Its servers since V3R1 know paths as well, to files in libraries and to all others.
        let answer = session.command(During::Login, b"SITE NAMEFMT 1").await?;
        if reply::is_ok(&answer) {
            session.paths = Paths::Unix;
            home = directory::where_we_are(session, During::Login).await?;
        }
    }
    Ok(match home {
        Some(home) => {
            directory::stand(session, &home);
            session.home = Some(home.clone());
            home
        }
        None => VPath::root(),
    })
}
