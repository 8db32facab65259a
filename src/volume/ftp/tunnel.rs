//! What is said to a proxy before it passes bytes on as they are: SOCKS5 (RFC 1928, 1929) and CONNECT of HTTP (RFC 9110 §9.3.6).
//!
//! Guarantee: the name of the server is looked up by the proxy. A proxy is as untrusted as a server: what it says is read within limits,
//! and not a byte of what comes behind its answer is taken for part of it. Its password is in none of the words that are told of it. Who calls
//! sets the time.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_socks::Error as SocksError;
use tokio_socks::tcp::Socks5Stream;

use super::log::mask;
use crate::model::reach::{Tunnel, place};
use crate::model::text::printable;
use crate::model::{During, Failure, FailureKind, Proxy, Reply};
use crate::volume::Result;

/// The longest answer of a HTTP proxy, in bytes; its page about a refusal is not read.
const ANSWER: usize = 16 * 1024;

/// Has a proxy pass on what goes over a connection to it.
///
/// # Errors
/// The proxy's refusal; `LoginRefused` with [`During::Proxy`] where it wants another password.
pub async fn through((proxy, tunnel): (&Proxy, Tunnel), tcp: TcpStream, server: (&str, u16)) -> Result<TcpStream> {
    if proxy.user.is_some() && proxy.password.is_none() {
        return Err(wants_password(proxy, "the proxy wants a password"));
    }
    match tunnel {
        Tunnel::Socks5 => by_socks(proxy, tcp, server).await,
        Tunnel::Http => by_connect(proxy, tcp, server).await,
    }
}

fn wants_password(proxy: &Proxy, detail: impl Into<String>) -> Failure {
    Failure::new(FailureKind::LoginRefused, During::Proxy, detail).about(proxy.account().into_bytes())
}

fn refused(proxy: &Proxy, kind: FailureKind, why: &str) -> Failure {
    Failure::new(kind, During::Connect, format!("the proxy {} {why}", proxy.place()))
}

/// The user and the password, where there are both.
fn login(proxy: &Proxy) -> Option<(&str, &str)> {
    proxy.user.as_deref().zip(proxy.password.as_ref().map(|secret| secret.expose()))
}

async fn by_socks(proxy: &Proxy, tcp: TcpStream, server: (&str, u16)) -> Result<TcpStream> {
    let passed = match login(proxy) {
        Some((user, password)) => Socks5Stream::connect_with_password_and_socket(tcp, server, user, password).await,
        None => Socks5Stream::connect_with_socket(tcp, server).await,
    };
    passed.map(Socks5Stream::into_inner).map_err(|error| socks_failure(proxy, server, &error))
}

fn socks_failure(proxy: &Proxy, (host, port): (&str, u16), error: &SocksError) -> Failure {
    let server = place(host, port);
    let failed = |why: &str| refused(proxy, FailureKind::Unreachable, &format!("cannot reach {server}: {why}"));
    match error {
        SocksError::PasswordAuthFailure(_) => wants_password(proxy, "the proxy refused the user or the password"),
        SocksError::NoAcceptableAuthMethods | SocksError::UnknownAuthMethod if proxy.user.is_none() => {
            refused(proxy, FailureKind::Refused, "wants a user and a password")
                .hint("name the user in the proxy's URL: socks5://USER@HOST:PORT")
        }
        SocksError::NoAcceptableAuthMethods | SocksError::UnknownAuthMethod => {
            refused(proxy, FailureKind::Refused, "takes no login by user and password")
        }
        SocksError::HostUnreachable => failed("the host does not answer or has no such name"),
        SocksError::NetworkUnreachable => failed("there is no way to its network"),
        SocksError::ConnectionRefused => failed("nobody listens there"),
        SocksError::TtlExpired => failed("it is too far"),
        SocksError::ConnectionNotAllowedByRuleset => refused(proxy, FailureKind::Denied, &format!("does not allow {server}")),
        SocksError::InvalidResponseVersion | SocksError::InvalidReservedByte | SocksError::UnknownAddressType => {
            refused(proxy, FailureKind::Protocol, "answers what no SOCKS5 proxy does")
        }
        SocksError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            refused(proxy, FailureKind::Disconnected, "closed the connection")
        }
        SocksError::Io(error) => refused(proxy, FailureKind::Disconnected, &format!("was lost: {error}")),
        other => refused(proxy, FailureKind::Refused, &format!("refused {server}: {other}")),
    }
}

/// What Basic says for a login (RFC 7617).
fn basic(user: &str, password: &str) -> String {
    BASE64_STANDARD.encode(format!("{user}:{password}"))
}

/// What a proxy says, without its password, however that was told to it.
fn without_password<'a>(proxy: &Proxy, words: &'a [u8]) -> Cow<'a, [u8]> {
    let Some((user, password)) = login(proxy) else { return Cow::Borrowed(words) };
    let words = mask(words, basic(user, password).as_bytes()).into_owned();
    Cow::Owned(mask(&words, password.as_bytes()).into_owned())
}

async fn by_connect(proxy: &Proxy, mut tcp: TcpStream, (host, port): (&str, u16)) -> Result<TcpStream> {
    let server = place(host, port);
    let lost = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => refused(proxy, FailureKind::Disconnected, "closed the connection"),
        _ => refused(proxy, FailureKind::Disconnected, &format!("was lost: {error}")),
    };
    let mut request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n");
    if let Some((user, password)) = login(proxy) {
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", basic(user, password)));
    }
    request.push_str("\r\n");
    tcp.write_all(request.as_bytes()).await.map_err(lost)?;
    let mut answer = Vec::new();
    // Byte by byte: what comes behind the empty line is the server's.
    while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
        if answer.len() >= ANSWER {
            return Err(refused(proxy, FailureKind::Protocol, "answers without end"));
        }
        answer.push(tcp.read_u8().await.map_err(lost)?);
    }
    match status(&without_password(proxy, &answer)) {
        Some((200..=299, _)) => Ok(tcp),
        Some((407, _)) if proxy.user.is_none() => {
            let failure = refused(proxy, FailureKind::Refused, "wants a user and a password");
            Err(failure.hint("name the user in the proxy's URL: http://USER@HOST:PORT"))
        }
        Some((code @ 407, words)) => {
            let failure = wants_password(proxy, "the proxy refused the user or the password");
            Err(failure.with_reply(Reply { code, text: words.into_bytes().into() }))
        }
        Some((code @ (403 | 405), words)) => Err(refused(proxy, FailureKind::Denied, &format!("does not allow {server}: {code} {words}"))),
        Some((code, words)) => Err(refused(proxy, FailureKind::Unreachable, &format!("cannot reach {server}: {code} {words}"))),
        None => Err(refused(proxy, FailureKind::Protocol, "answers what no HTTP proxy does")),
    }
}

/// The code and the words of an answer's first line.
fn status(answer: &[u8]) -> Option<(u16, String)> {
    let line = answer.split(|&byte| byte == b'\n').next()?.trim_ascii_end();
    let rest = line.strip_prefix(b"HTTP/1.")?.get(1..)?.strip_prefix(b" ")?;
    let (code, words) = rest.split_at_checked(3)?;
    let code = std::str::from_utf8(code).ok()?.parse().ok().filter(|code| (100..600).contains(code))?;
    Some((code, printable(words.trim_ascii()).chars().take(200).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(answer: &'static [u8]) -> Failure {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Proxy::parse(&format!("http://me:hunter2@{address}")).unwrap();
        let served = tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(tcp.read_u8().await.unwrap());
            }
            tcp.write_all(answer).await.unwrap();
            request
        });
        let failure = through((&proxy, Tunnel::Http), TcpStream::connect(address).await.unwrap(), ("server", 21)).await.unwrap_err();
        let request = served.await.unwrap();
        assert!(String::from_utf8_lossy(&request).contains("Basic bWU6aHVudGVyMg=="), "the password was said");
        failure
    }

    #[tokio::test]
    async fn a_proxy_that_says_the_password_back_has_it_masked() {
        for answer in [
            &b"HTTP/1.1 403 no, me:hunter2\r\n\r\n"[..],
            b"HTTP/1.1 502 Basic bWU6aHVudGVyMg==\r\n\r\n",
            b"HTTP/1.1 407 hunter2 is wrong\r\n\r\n",
        ] {
            let failure = answered(answer).await;
            let shown = format!("{failure} {failure:?} {}", failure.why());
            assert!(!shown.contains("hunter2") && !shown.contains("bWU6"), "{shown}");
            assert!(failure.to_string().contains("****"), "{failure}");
        }
    }

    #[test]
    fn the_first_line_of_an_answer_tells_how_it_ended() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some((200, "Connection established".into())));
        assert_eq!(status(b"HTTP/1.0 407\r\n\r\n"), Some((407, String::new())));
        for wrong in [&b"220 FTP\r\n\r\n"[..], b"HTTP/1.1 2x0 OK\r\n\r\n", b"HTTP/1.1 999 what\r\n\r\n", b"HTTP/1.1\r\n\r\n", b""] {
            assert_eq!(status(wrong), None);
        }
        let (_, words) = status(b"HTTP/1.1 403 \x1b[2Jno\r\n\r\n").unwrap();
        assert!(!words.contains('\x1b'));
    }
}
