//! Ways to a server: through proxies, from an address, over a family, and where it may dial us.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ftpane::model::{DataMode, During, Failure, FailureKind, Family, PortRange, Reach, Secret, Site, Through};
use ftpane::volume::Volume as _;
use ftpane::volume::WriteFrom;
use ftpane::volume::ftp::{Acquaintances, FtpVolume, connect};

use crate::client::{LIMIT, WireLog, below, call_for, names, open, read_from, site_at, site_of, try_open, write_to};
use crate::real::on_each;
use crate::support::proxy::{Manners, PASSWORD, Proxy, Speaks};
use crate::support::script::ScriptServer;
use crate::support::tree::{Tree, pattern};

const RULES: &str = "include rules-login.ftp\ninclude rules-epsv.ftp\ninclude rules-listing.ftp\n\
    on RETR *a.txt:\n    S: 150 here\n    data send \"0123456789\"\n    data fin\n    S: 226 done\n";
const BOTH: [Speaks; 2] = [Speaks::Socks5, Speaks::Connect];
/// A name that nobody but the test's proxy knows (RFC 6761 §6.4).
const NAME: &str = "files.invalid";

fn server() -> ScriptServer {
    ScriptServer::play_text(&format!("{RULES}S: 220 Ready\nserve\n"))
}

fn by_name(addr: SocketAddr, proxy: &Proxy) -> Site {
    let reach = Reach { proxy: Through::parse(&proxy.url()).unwrap(), ..Reach::default() };
    Site { host: NAME.into(), reach, ..site_at(addr) }
}

async fn open_with(site: &Site, proxy_secret: Option<&str>) -> (Result<FtpVolume, Failure>, WireLog) {
    let (mut call, log) = call_for(site, Some("secret"));
    call.proxy_secret = proxy_secret.map(Secret::new);
    let outcome = tokio::time::timeout(LIMIT, connect(site, &call, &Acquaintances::default())).await;
    (outcome.unwrap_or_else(|_| panic!("connecting does not end:\n{}", log.text())), log)
}

#[tokio::test]
async fn control_and_data_go_through_a_proxy_that_looks_the_name_up() {
    for speaks in BOTH {
        for manners in [Manners::Open, Manners::Login] {
            let (server, proxy) = (server(), Proxy::start(speaks, manners));
            let (outcome, log) = open_with(&by_name(server.addr(), &proxy), (manners == Manners::Login).then_some(PASSWORD)).await;
            let mut volume = outcome.unwrap_or_else(|failure| panic!("{speaks:?}: {failure}\n{}", log.text()));
            let (home, file) = (below(&volume, ""), below(&volume, "a.txt"));
            assert_eq!(names(&mut volume, &home).await, [b"a.txt"], "{}", log.text());
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
            let asked = proxy.asked();
            assert_eq!(asked.first().unwrap(), &format!("{NAME}:{}", server.port()));
            assert_eq!(asked.len(), 3, "a control connection and two data connections: {asked:?}");
            assert!(asked.iter().all(|place| place.starts_with(NAME)), "{asked:?}");
            let (_, port) = asked.last().unwrap().rsplit_once(':').unwrap();
            let named = format!("data connection: passive, through the proxy to {NAME}:{port}");
            assert!(log.text().contains(&named), "{named}\n{}", log.text());
            assert!(!log.text().contains(PASSWORD) && !log.text().contains("bWU6"), "{}", log.text());
        }
    }
}

#[tokio::test]
async fn files_go_through_a_proxy_to_and_from_every_real_server() {
    on_each(std::convert::identity, async |server| {
        for speaks in BOTH {
            let proxy = Proxy::start(speaks, Manners::Open);
            let reach = Reach { proxy: Through::parse(&proxy.url()).unwrap(), ..Reach::default() };
            let (mut volume, log) = open(&Site { reach, ..site_of(&server) }).await;
            server.fill(&Tree::new().file("down", pattern(300_000, 4)));
            let (down, up) = (below(&volume, "down"), below(&volume, "up"));
            assert_eq!(read_from(&mut volume, &down, 0).await.unwrap(), pattern(300_000, 4), "{}", log.text());
            write_to(&mut volume, &up, WriteFrom::Start, &pattern(200_000, 5)).await.unwrap();
            assert!(server.files().bytes("up") == pattern(200_000, 5), "{}", server.kind.name());
            assert!(proxy.asked().len() >= 3, "{:?}", proxy.asked());
            volume.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_asks_for_it_by_its_own_name() {
    for speaks in BOTH {
        let (server, proxy) = (server(), Proxy::start(speaks, Manners::Login));
        let site = by_name(server.addr(), &proxy);
        for secret in [None, Some("wrong")] {
            let (outcome, log) = open_with(&site, secret).await;
            let failure = outcome.err().unwrap();
            assert_eq!((failure.kind, failure.during), (FailureKind::LoginRefused, During::Proxy), "{failure}\n{}", log.text());
            let login = ftpane::model::Proxy::login_of(failure.subject.as_deref().unwrap()).unwrap();
            assert_eq!((login.login_user(), login.port), ("me", Some(proxy.addr().port())));
            assert!(login.title().starts_with("the proxy 127.0.0.1:"), "{}", login.title());
        }
        // Who names no user cannot be asked for a password.
        let nameless = proxy.url().replace("me@", "");
        let reach = Reach { proxy: Through::parse(&nameless).unwrap(), ..Reach::default() };
        let (outcome, _) = open_with(&Site { reach, ..site }, None).await;
        let failure = outcome.err().unwrap();
        assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
        assert!(failure.to_string().contains("wants a user and a password; name the user"), "{failure}");
    }
}

#[tokio::test]
async fn a_proxy_that_misbehaves_is_named_with_what_it_did_and_is_not_waited_for_without_end() {
    for speaks in BOTH {
        for (manners, kind, words) in [
            (Manners::Refuses, FailureKind::Denied, "does not allow files.invalid:"),
            (Manners::FindsNobody, FailureKind::Unreachable, "cannot reach files.invalid:"),
            (Manners::Hangs, FailureKind::TimedOut, "no answer of the proxy"),
            (Manners::Lies, FailureKind::Protocol, "answers what no"),
            (Manners::Babbles, FailureKind::Protocol, "answers"),
            (Manners::Closes, FailureKind::Disconnected, ""),
        ] {
            let (server, proxy) = (server(), Proxy::start(speaks, manners));
            let began = Instant::now();
            let (outcome, log) = open_with(&by_name(server.addr(), &proxy), None).await;
            let failure = outcome.err().unwrap();
            assert_eq!(failure.kind, kind, "{speaks:?} {manners:?}: {failure}\n{}", log.text());
            assert!(failure.to_string().contains(words), "{speaks:?} {manners:?}: {failure}");
            assert!(began.elapsed() < Duration::from_secs(8), "{speaks:?} {manners:?}");
            assert_eq!(log.text().matches("> USER").count(), 0, "{}", log.text());
        }
    }
}

#[tokio::test]
async fn a_proxy_that_passes_no_data_on_is_a_failure_of_the_data_connection_and_nothing_goes_round_it() {
    for speaks in BOTH {
        let (server, proxy) = (server(), Proxy::start(speaks, Manners::OnlyOne));
        let (outcome, log) = open_with(&by_name(server.addr(), &proxy), None).await;
        let mut volume = outcome.unwrap();
        let file = below(&volume, "a.txt");
        let failure = read_from(&mut volume, &file, 0).await.unwrap_err();
        assert!(failure.to_string().contains("does not allow"), "{failure}\n{}", log.text());
        assert!(!log.text().contains("> PORT") && !log.text().contains("> EPRT"), "{}", log.text());
    }
}

#[tokio::test]
async fn active_mode_through_a_proxy_is_refused_in_clear_words_before_anything_is_asked() {
    let (server, proxy) = (server(), Proxy::start(Speaks::Socks5, Manners::Open));
    let (outcome, log) = open_with(&Site { mode: DataMode::Active, ..by_name(server.addr(), &proxy) }, None).await;
    let mut volume = outcome.unwrap();
    let file = below(&volume, "a.txt");
    let failure = read_from(&mut volume, &file, 0).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.to_string().contains("active mode does not go through the proxy"), "{failure}");
    assert!(!log.text().contains("> PORT") && !volume.is_lost(), "{}", log.text());
}

#[tokio::test]
async fn every_connection_comes_from_the_address_that_was_set() {
    let from: IpAddr = "127.0.0.5".parse().unwrap();
    let script = server();
    let reach = || Reach { bind: Some(from), ..Reach::default() };
    let (volume, _) = open(&Site { reach: reach(), ..site_at(script.addr()) }).await;
    volume.close().await;
    assert_eq!(script.record().connections[0].peer.ip(), from);
    // These refuse a data connection from another address than the control connection's.
    on_each(std::convert::identity, async |server| {
        server.fill(&Tree::new().file("a", "hello"));
        for mode in [DataMode::Passive, DataMode::Active] {
            let (mut volume, log) = open(&Site { reach: reach(), mode, ..site_of(&server) }).await;
            let file = below(&volume, "a");
            let read = read_from(&mut volume, &file, 0).await;
            assert_eq!(read.unwrap(), b"hello", "{} {mode:?}\n{}", server.kind.name(), log.text());
            if mode == DataMode::Active {
                assert!(log.text().contains("we listen on 127.0.0.5:"), "{}", log.text());
            }
            volume.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_not_ours_is_said_to_be_none() {
    let server = server();
    let reach = Reach { bind: Some("192.0.2.77".parse().unwrap()), ..Reach::default() };
    let (outcome, _) = try_open(&Site { reach, ..site_at(server.addr()) }, Some("secret")).await;
    let failure = outcome.err().unwrap();
    assert!(failure.to_string().contains("192.0.2.77 is no address of ours"), "{failure}");
}

#[tokio::test]
async fn one_family_alone_is_dialled_where_that_is_set() {
    let script = format!("{RULES}S: 220 Ready\nserve\n");
    let (four, six) = (ScriptServer::play_text(&script), ScriptServer::play_text_on("::1".parse().unwrap(), &script));
    let of = |server: &ScriptServer, host: &str, family| {
        let reach = Reach { family, ..Reach::default() };
        Site { host: host.into(), reach, ..site_at(server.addr()) }
    };
    // A name that has both has only the one.
    for (server, host, family) in [(&four, "localhost", Family::V4), (&six, "::1", Family::V6)] {
        let (volume, log) = open(&of(server, host, family)).await;
        assert!(family == Family::V6 || !log.text().contains("connecting to [::1]"), "{}", log.text());
        volume.close().await;
    }
    for (host, family, words) in [("::1", Family::V4, "no IPv4 address"), ("127.0.0.1", Family::V6, "no IPv6 address")] {
        let (outcome, log) = try_open(&of(&four, host, family), Some("secret")).await;
        let failure = outcome.err().unwrap();
        assert_eq!(failure.kind, FailureKind::Unreachable, "{}", log.text());
        assert!(failure.to_string().contains(words), "{failure}");
    }
}

#[tokio::test]
async fn a_server_dials_one_of_the_ports_that_were_set_and_is_told_the_address_that_was_set() {
    // Two that are free now.
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let first = probe.local_addr().unwrap().port().min(65_530);
    drop(probe);
    let range = PortRange { first, last: first + 4 };
    on_each(std::convert::identity, async |server| {
        server.fill(&Tree::new().file("a", "hello"));
        let reach = Reach { active_ports: Some(range), ..Reach::default() };
        let (mut volume, log) = open(&Site { reach, mode: DataMode::Active, ..site_of(&server) }).await;
        let file = below(&volume, "a");
        for _ in 0..3 {
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"hello", "{}\n{}", server.kind.name(), log.text());
        }
        let text = log.text();
        let ports: Vec<u16> = text.lines().filter_map(|line| line.split("we listen on 127.0.0.1:").nth(1)?.parse().ok()).collect();
        assert!(ports.len() == 3 && ports.iter().all(|port| (range.first..=range.last).contains(port)), "{ports:?} {range}");
        volume.close().await;
    })
    .await;

    let rules = "include rules-login.ftp\non PORT 192,0,2,9,* -> 200 as you say\non LIST*:\n    S: 150 here\n    data fin\n    S: 425 I cannot reach you\n\
        on MLSD -> 425 I cannot reach you\n";
    let script = ScriptServer::play_text(&format!("{rules}S: 220 Ready\nserve\n"));
    let reach = Reach { active_address: Some("192.0.2.9".parse().unwrap()), ..Reach::default() };
    let (mut volume, log) = open(&Site { reach, mode: DataMode::Active, ..site_at(script.addr()) }).await;
    let home = below(&volume, "");
    let _ = crate::client::listing(&mut volume, &home).await;
    assert!(log.text().contains("> PORT 192,0,2,9,"), "{}", log.text());
}
