//! From a greeting to a session that can be used: the login, what the server offers, and where it begins.
//!
//! Guarantee: the password is sent once, and only where the server asks for it; it is known to the log before it is sent, so that no echo of
//! it is shown.

use tokio::time::Instant;

use super::features::Features;
use super::known::Known;
use super::reply;
use super::session::{Behind, Session};
use super::{directory, limits, protect, refusal};
use crate::model::reach::place;
use crate::model::site::FTP_PORT;
use crate::model::{Charset, During, Failure, FailureKind, ListingStyle, Paths, Proxy, ProxyKind, Reply, Secret, Site, StartDir, VPath};
use crate::volume::Result;

/// What anonymous users give (RFC 1635 §3); some servers want an `@` in it.
const ANONYMOUS: &str = "anonymous@";

/// The command that was refused before the login, where a connection was begun by it.
pub const AUTH: &str = "AUTH";

/// Its answer is for the log, and tells a listing's dialect where the rows leave it open.
const SYSTEM: &[u8] = b"SYST";
const BINARY: &[u8] = b"TYPE I";
const WHERE: &[u8] = b"PWD";

/// Who logs in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The password.
    pub secret: Option<&'a Secret>,
    /// The account besides it, where one was asked for.
    pub account: Option<&'a Secret>,
}

/// Logs in; answers with the texts of the server's welcome.
pub async fn login(session: &mut Session, site: &Site, credentials: Credentials<'_>) -> Result<Vec<u8>> {
    let user = match session.route.proxy().filter(|proxy| !proxy.kind.is_tunnel()).cloned() {
        Some(proxy) => Box::pin(by_proxy(session, &proxy, site)).await?,
        None => site.login_user().to_owned(),
    };
    let password = match credentials.secret {
        Some(secret) => Some(secret.expose()),
        None if site.is_anonymous() => Some(ANONYMOUS),
        None => None,
    };
    let asked = Instant::now();
    let met = greet(session, site, &user).await;
    // How far a proxy is says nothing: it is the server behind it that answers this.
    session.is_far |= session.route.proxy().is_some() && asked.elapsed() >= limits::FAR;
    if matches!(&met, Err(failure) if failure.kind == FailureKind::Disconnected && failure.reply.is_none()) && session.security.is_none() {
        // SimpleFTPServer 2.1 answers what comes before the login with 530, and closes.
        session.closed_at = Some(AUTH);
    }
    let mut answer = met?;
    if answer.code == 331 {
        let Some(password) = password else {
            let failure = Failure::new(FailureKind::LoginRefused, During::Login, "the server asks for a password");
            return Err(failure.about(user.as_bytes()).hint("give the password"));
        };
        answer = session.command(During::Login, &[b"PASS ", password.as_bytes()].concat()).await?;
    }
    if answer.code == 332 {
        answer = Box::pin(give_account(session, site, credentials.account, &user)).await?;
    }
    match answer.code {
        200..=299 => Ok(session.without_secret(answer).text.into_vec()),
        _ => Err(refused(session, &user, answer)),
    }
}

/// USER, and HOST before it (RFC 7151) where the server is known to have several names, in one exchange.
async fn greet(session: &mut Session, site: &Site, user: &str) -> Result<Reply> {
    let user = [b"USER ", user.as_bytes()].concat();
    if !wants_host(session, site) {
        return session.command(During::Login, &user).await;
    }
    session.send_all(During::Login, &[format!("HOST {}", site.host).as_bytes(), &user])?;
    session.absorb(During::Login).await?;
    let answer = session.next_reply(During::Login, session.limits.reply).await?;
    if answer.code >= 500 {
        session.refuse("HOST");
    }
    session.next_reply(During::Login, session.limits.reply).await
}

/// Whether the server is to be told by which name it was reached: an address is none.
pub fn wants_host(session: &Session, site: &Site) -> bool {
    let is_name = site.host.parse::<std::net::IpAddr>().is_err();
    let is_straight = session.route.proxy().is_none_or(|proxy| proxy.kind.is_tunnel());
    session.learnt.hosts && is_name && is_straight && !session.features.is_refused("HOST")
}

/// ACCT (RFC 959 §4.1.1), with what the person answered, else with what the site says.
async fn give_account(session: &mut Session, site: &Site, answered: Option<&Secret>, user: &str) -> Result<Reply> {
    let Some(account) = answered.map(Secret::expose).or(site.account.as_deref()) else {
        let failure = Failure::new(FailureKind::LoginRefused, During::Account, "the server asks for an account besides the password");
        return Err(failure.about(user.as_bytes()).hint("give it by --account, or as account with the site"));
    };
    session.log.hide(account.as_bytes());
    let answer = session.command(During::Account, &[b"ACCT ", account.as_bytes()].concat()).await?;
    // 202: it needs none after all.
    if reply::is_ok(&answer) {
        return Ok(answer);
    }
    let failure = Failure::new(FailureKind::LoginRefused, During::Account, "").about(user.as_bytes());
    Err(failure.with_reply(session.without_secret(answer)))
}

/// Has an FTP proxy connect to the site's server, after a login of its own where it has one; answers with what USER says then.
async fn by_proxy(session: &mut Session, proxy: &Proxy, site: &Site) -> Result<String> {
    if let Some(user) = &proxy.user {
        let wants = |detail: &str| Failure::new(FailureKind::LoginRefused, During::Proxy, detail).about(proxy.account().into_bytes());
        let Some(secret) = &proxy.password else { return Err(wants("the proxy wants a password")) };
        session.log.hide(secret.expose().as_bytes());
        let mut answer = session.command(During::Proxy, &[b"USER ", user.as_bytes()].concat()).await?;
        if answer.code == 331 {
            answer = session.command(During::Proxy, &[b"PASS ", secret.expose().as_bytes()].concat()).await?;
        }
        if !matches!(answer.code, 200..=399) {
            return Err(wants("").with_reply(session.without_secret(answer)));
        }
    }
    let server = if site.dial_port() == FTP_PORT { site.host.clone() } else { place(&site.host, site.dial_port()) };
    let verb = match proxy.kind {
        ProxyKind::FtpOpen => "OPEN",
        ProxyKind::FtpSite => "SITE",
        ProxyKind::FtpUser | ProxyKind::Socks5 | ProxyKind::Http => return Ok(format!("{}@{server}", site.login_user())),
    };
    let answer = session.command(During::Connect, format!("{verb} {server}").as_bytes()).await?;
    if matches!(answer.code, 200..=399) {
        return Ok(site.login_user().to_owned());
    }
    let failure = Failure::new(FailureKind::Unreachable, During::Connect, "said by the proxy").about(server.into_bytes());
    Err(failure.with_reply(session.without_secret(answer)))
}

fn refused(session: &Session, user: &str, answer: Reply) -> Failure {
    let kind = refusal::login_kind(&answer);
    Failure::new(kind, During::Login, "").about(user.as_bytes()).with_reply(session.without_secret(answer))
}

/// Asks what the server offers, sets what every session needs, and answers with the directory after login. A server that knows none of these is
/// served all the same; one that knows FEAT is asked the rest in one exchange, unless it is to be met with care.
pub async fn prepare(session: &mut Session, with_care: bool) -> Result<VPath> {
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
    if reply::is_ok(&answer) {
        session.features.read(&answer);
        session.pace.knows_feat();
        let print = session.features.print();
        session.shows(print);
        session.learnt.hosts = session.features.offers("HOST");
    } else if reply::is_unknown_command(&answer) {
        session.refuse("FEAT");
    }
    Ok(())
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
    let told = |line: &[u8]| lines.iter().zip(&answers).find(|(asked, _)| *asked == line).map(|(_, answer)| answer);
    keep_port(session, &answers);
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
pub async fn resume(session: &mut Session, known: Known) -> Result<Option<VPath>> {
    let mut lines = wishes(session, &known.features);
    lines.push(BINARY.to_vec());
    if session.may_ask_for_first_port() && !known.features.offers("PRET") {
        lines.push(session.port_question().to_vec());
    }
    let Some(answers) = at_once(session, &lines).await? else { return Ok(None) };
    keep_port(session, &answers);
    (session.features, session.pace) = (known.features, known.pace);
    session.recall();
    Ok(Some(known.home))
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
    let texts: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    session.send_all(During::Login, &texts)?;
    let mut answers = Vec::with_capacity(lines.len());
    let (mut is_plain, mut is_binary) = (true, false);
    for line in &texts {
        // Who has answered one command and means to answer the next does so soon.
        let limit = if answers.is_empty() { session.limits.reply } else { limits::CHAIN.min(session.limits.reply) };
        let answer = match session.next_reply(During::Login, limit).await {
            Ok(answer) => answer,
            Err(failure) => {
                session.pace.be_careful();
                return Err(failure);
            }
        };
        is_plain &= match *line {
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

/// The directory to begin in, which the server then stands in.
pub async fn begin(session: &mut Session, start: &StartDir, home: &VPath) -> Result<VPath> {
    let begin = match start {
        StartDir::Login => home.clone(),
        StartDir::Absolute(path) => {
            directory::enter(session, path, During::List).await?;
            path.clone()
        }
        StartDir::Relative(parts) => {
            session.standing = None;
            for part in parts.split(|&byte| byte == b'/').filter(|part| !part.is_empty()) {
                session.must(During::List, part, &[b"CWD ", part].concat()).await?;
            }
            match directory::where_we_are(session, During::List).await? {
                Some(path) => {
                    directory::stand(session, &path);
                    path
                }
                None => home.resolve(parts).map_err(|why| Failure::new(FailureKind::Invalid, During::List, why.to_string()))?,
            }
        }
    };
    Ok(begin)
}

/// Ends the session politely; where nothing `follows`, without a round trip for an answer that nobody reads: another connection is not to be
/// refused because this one still counts.
pub async fn quit(session: &mut Session, follows: bool) {
    if !session.is_lost() {
        // Whatever it answers, this is the end.
        if follows {
            let _ = tokio::time::timeout(limits::QUIT, session.command(During::Command, b"QUIT")).await;
        } else {
            let _ = session.send_all(During::Command, &[b"QUIT"]);
        }
    }
    session.lose();
    session.log.step("control connection closed");
}
