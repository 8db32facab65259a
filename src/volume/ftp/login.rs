//! From a greeting to a session that can be used: the login, and where it begins. What the server offers is asked in between ([`super::prepare`]).
//!
//! Guarantee: the password is sent once, and only where the server asks for it; it is known to the log before it is sent, so that no echo of
//! it is shown.

use tokio::time::Instant;

use super::reply;
use super::session::Session;
use super::{directory, limits, refusal};
use crate::model::reach::place;
use crate::model::site::FTP_PORT;
use crate::model::{During, Failure, FailureKind, Proxy, ProxyKind, Reply, Secret, Site, StartDir, VPath};
use crate::volume::Result;

/// What anonymous users give (RFC 1635 §3); some servers want an `@` in it.
const ANONYMOUS: &str = "anonymous@";

/// The command that was refused before the login, where a connection was begun by it.
pub const AUTH: &str = "AUTH";

/// Who logs in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The password.
    pub secret: Option<&'a Secret>,
    /// The account besides it, where one was asked for.
    pub account: Option<&'a Secret>,
}

/// Logs in; answers with the texts of the server's welcome, and with whether what was to go out `behind` the password did and is to be answered.
pub async fn login(session: &mut Session, site: &Site, credentials: Credentials<'_>, behind: &[Vec<u8>]) -> Result<(Vec<u8>, bool)> {
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
    let (mut answer, mut is_asked) = (met?, false);
    if answer.code == 331 {
        let Some(password) = password else {
            let failure = Failure::new(FailureKind::LoginRefused, During::Login, "the server asks for a password");
            return Err(failure.about(user.as_bytes()).hint("give the password"));
        };
        // Nearer it saves little, and a server that is asked one thing after the other is the safer one.
        let behind = if session.is_far { behind } else { &[] };
        answer = give_password(session, password, behind).await?;
        is_asked = reply::is_ok(&answer) && !behind.is_empty();
    }
    if answer.code == 332 {
        answer = Box::pin(give_account(session, site, credentials.account, &user)).await?;
    }
    match answer.code {
        200..=299 => Ok((session.without_secret(answer).text.into_vec(), is_asked)),
        _ => Err(refused(session, &user, answer)),
    }
}

/// PASS, with other commands behind it. Where the password alone does not open the door, their answers are read and forgotten.
async fn give_password(session: &mut Session, password: &str, behind: &[Vec<u8>]) -> Result<Reply> {
    let pass = [b"PASS ", password.as_bytes()].concat();
    let lines: Vec<&[u8]> = std::iter::once(pass.as_slice()).chain(behind.iter().map(Vec::as_slice)).collect();
    session.send_all(During::Login, &lines)?;
    session.absorb(During::Login).await?;
    let answer = session.next_reply(During::Login, session.limits.reply).await?;
    if !reply::is_ok(&answer) {
        for _ in behind {
            // A server that refuses and closes has said what counts.
            if session.next_reply(During::Login, limits::CHAIN.min(session.limits.reply)).await.is_err() {
                break;
            }
        }
    }
    Ok(answer)
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
            match descend(session, parts).await? {
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

/// Enters one name after the other (RFC 1738 §3.2.2), and answers with what the server calls the place. From afar in one exchange; of servers that
/// offer MLST one works at several commands at once (libunftp 0.24), and takes at most a CWD and the PWD behind it.
async fn descend(session: &mut Session, parts: &[u8]) -> Result<Option<VPath>> {
    let parts: Vec<&[u8]> = parts.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).collect();
    let together = match (session.is_far && session.pace.may_chain(), session.features.offers("MLST")) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => parts.len(),
    };
    let (first, last) = parts.split_at(parts.len().saturating_sub(together));
    for part in first {
        session.must(During::List, part, &[b"CWD ", *part].concat()).await?;
    }
    let lines: Vec<Vec<u8>> = last.iter().map(|part| [b"CWD ", *part].concat()).chain([b"PWD".to_vec()]).collect();
    session.send_all(During::List, &lines.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    session.absorb(During::List).await?;
    let (mut refusal, mut is_plain) = (None, true);
    for part in last {
        let answer = session.next_reply(During::List, session.limits.reply).await?;
        is_plain &= answer.code != 257;
        if !reply::is_ok(&answer) {
            refusal.get_or_insert((part, answer));
        }
    }
    let told = session.next_reply(During::List, session.limits.reply).await?;
    if let Some((part, answer)) = refusal {
        return Err(session.refused(During::List, part, answer));
    }
    if is_plain {
        return Ok(directory::told_place(session, &told));
    }
    session.pace.no_chains();
    directory::where_we_are(session, During::List).await
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
