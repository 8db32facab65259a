//! TLS against vsftpd, ProFTPD, pure-ftpd and pyftpdlib. The first two want each data connection to resume the control connection's session.

use std::time::Duration;

use ftpane::model::opened::Trusted;
use ftpane::model::site::Learnt;
use ftpane::model::{DataMode, FailureKind, Flaw, Identity, Secured, Site, TlsPolicy, TlsVersion};
use ftpane::volume::{Ahead, Volume as _, WriteFrom};
use tokio_util::sync::CancellationToken;

use crate::client::{below, listing, names, open, read_from, site_of, try_open, write_to};
use crate::support::certs::{Cert, authority};
use crate::support::servers::{self, Kind, Server, Setup};
use crate::support::tree::{Tree, pattern};

/// The site of a server with TLS: explicit and required, or implicit.
fn secure_site(server: &Server) -> Site {
    let is_implicit = server.tls().is_some_and(|tls| tls.implicit);
    let tls = if is_implicit { TlsPolicy::Implicit } else { TlsPolicy::Required };
    Site { tls, secured: Secured { roots: Some(authority()), ..Secured::default() }, ..site_of(server) }
}

async fn on_each<T: AsyncFn(Server)>(prepare: impl Fn(Setup) -> Setup, test: T) {
    crate::real::on_each(|setup| prepare(setup.tls(Cert::Good)), test).await;
}

#[tokio::test]
async fn a_tree_is_listed_read_and_written_under_tls() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("a.txt", "hello").file("sub/b.bin", pattern(3_000_000, 1)).dir("empty"));
        let (mut volume, log) = open(&secure_site(&server)).await;
        let encrypted = volume.opened().encrypted.unwrap();
        assert_eq!(encrypted.trusted, Trusted::Authority, "{name}");
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await, [&b"a.txt"[..], b"empty", b"sub"], "{name}\n{}", log.text());
        let empty = below(&volume, "empty");
        assert!(names(&mut volume, &empty).await.is_empty(), "{name}");
        let file = below(&volume, "sub/b.bin");
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), pattern(3_000_000, 1), "{name}\n{}", log.text());
        assert_eq!(read_from(&mut volume, &file, 2_999_990).await.unwrap(), pattern(3_000_000, 1)[2_999_990..], "{name}");
        let new = below(&volume, "sub/new");
        write_to(&mut volume, &new, WriteFrom::Start, &pattern(2_000_000, 2)).await.unwrap();
        write_to(&mut volume, &new, WriteFrom::Offset(2_000_000), b"more").await.unwrap();
        let mut expected = pattern(2_000_000, 2);
        expected.extend_from_slice(b"more");
        assert_eq!(server.files().bytes("sub/new"), expected, "{name}\n{}", log.text());
        let nought = below(&volume, "nought");
        write_to(&mut volume, &nought, WriteFrom::Start, b"").await.unwrap();
        let nothing = below(&volume, "nothing");
        let missing = read_from(&mut volume, &nothing, 0).await.unwrap_err();
        assert!(matches!(missing.kind, FailureKind::NotFound | FailureKind::Refused), "{name}: {missing:?}");
        assert!(!volume.is_lost(), "{name}\n{}", log.text());
        volume.close().await;
        let text = log.text();
        let (auth, user) = (text.find("> AUTH TLS").unwrap(), text.find("> USER").unwrap());
        assert!(auth < user && text.contains("> PROT P"), "{name}\n{text}");
    })
    .await;
}

#[tokio::test]
async fn hundreds_of_files_go_up_and_down_in_a_row() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let (mut volume, log) = open(&secure_site(&server)).await;
        for number in 0..150 {
            let path = below(&volume, format!("f{number}"));
            volume.expect(Ahead { size: Some(2000), more: true, bold: false });
            let written = write_to(&mut volume, &path, WriteFrom::Start, &pattern(2000, number)).await;
            written.unwrap_or_else(|failure| panic!("{name}, file {number} up: {failure}\n{}", log.text()));
        }
        for round in 0..2 {
            for number in 0..150 {
                let path = below(&volume, format!("f{number}"));
                volume.expect(Ahead { size: Some(2000), more: true, bold: round == 1 });
                let bytes = read_from(&mut volume, &path, 0).await;
                let bytes = bytes.unwrap_or_else(|failure| panic!("{name}, file {number} down: {failure}\n{}", log.text()));
                assert_eq!(bytes, pattern(2000, number), "{name}");
            }
        }
        assert!(!volume.is_lost(), "{name}");
        assert_eq!(volume.opened().encrypted.unwrap().version, TlsVersion::V12, "{name}: not even for its speed\n{}", log.text());
    })
    .await;
}

#[tokio::test]
async fn small_files_in_a_row_do_without_tls_1_2_where_that_is_not_wanted() {
    let Some(setup) = servers::require(Kind::Vsftpd) else { return };
    let server = setup.tls(Cert::Good).start();
    server.fill(&Tree::new().file("a", pattern(2000, 1)));
    let mut site = secure_site(&server);
    site.secured.minimum = TlsVersion::V13;
    let (mut volume, log) = open(&site).await;
    for _ in 0..100 {
        let path = below(&volume, "a");
        volume.expect(Ahead { size: Some(2000), more: true, bold: false });
        let bytes = read_from(&mut volume, &path, 0).await;
        assert_eq!(bytes.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text())), pattern(2000, 1));
    }
    assert_eq!(volume.opened().encrypted.unwrap().version, TlsVersion::V13);
    assert_eq!(log.sent("AUTH TLS"), 1, "{}", log.text());
}

#[tokio::test]
async fn data_connections_that_the_server_dials_have_tls_too() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        server.fill(&Tree::new().file("a", pattern(100_000, 3)));
        let (mut volume, log) = open(&Site { mode: DataMode::Active, ..secure_site(&server) }).await;
        for round in 0..5 {
            let (old, new) = (below(&volume, "a"), below(&volume, format!("up{round}")));
            assert_eq!(read_from(&mut volume, &old, 0).await.unwrap(), pattern(100_000, 3), "{name}\n{}", log.text());
            let written = write_to(&mut volume, &new, WriteFrom::Start, &pattern(50_000, round)).await;
            written.unwrap_or_else(|failure| panic!("{name}: {failure}\n{}", log.text()));
        }
        let home = below(&volume, "");
        assert_eq!(names(&mut volume, &home).await.len(), 6, "{name}");
        assert!(!log.text().contains("> EPSV"), "{name}");
    })
    .await;
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    for kind in [Kind::Vsftpd, Kind::Proftpd] {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.implicit_tls(Cert::Good).start();
        server.fill(&Tree::new().file("a", "hello"));
        let (mut volume, log) = open(&secure_site(&server)).await;
        for _ in 0..5 {
            let file = below(&volume, "a");
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"hello", "{}\n{}", kind.name(), log.text());
        }
        assert!(!log.text().contains("> AUTH"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_stopped_transfer_leaves_a_session_that_goes_on_or_says_that_it_is_lost() {
    on_each(std::convert::identity, async |server| {
        use ftpane::volume::Source as _;
        let name = server.kind.name();
        server.fill(&Tree::new().file("big", pattern(30 << 20, 3)).file("small", "ok"));
        let (mut volume, log) = open(&secure_site(&server)).await;
        let (big, small) = (below(&volume, "big"), below(&volume, "small"));
        let stop = CancellationToken::new();
        let mut source = volume.read(&big, 0, &stop).await.unwrap();
        let mut block = vec![0; 64 * 1024];
        for _ in 0..10 {
            source.read(&mut block).await.unwrap();
        }
        stop.cancel();
        source.abandon().await;
        if volume.is_lost() {
            return;
        }
        assert_eq!(read_from(&mut volume, &small, 0).await.unwrap(), b"ok", "{name}\n{}", log.text());
    })
    .await;
}

#[tokio::test]
async fn tls_is_used_where_it_is_offered_and_what_was_spoken_once_is_not_given_up() {
    let Some(setup) = servers::require(Kind::Pyftpdlib) else { return };
    let server = setup.tls(Cert::Good).start();
    let site = Site { tls: TlsPolicy::Auto, ..secure_site(&server) };
    let (volume, _) = open(&site).await;
    assert!(volume.opened().encrypted.is_some());
    assert!(volume.learnt().unwrap().tls);
    let plain = servers::start(Kind::Pyftpdlib).unwrap();
    let (volume, log) = open(&site_of(&plain)).await;
    assert_eq!(volume.opened().encrypted, None);
    assert!(log.text().contains("knows no TLS"), "{}", log.text());
    for refused in [
        Site { tls: TlsPolicy::Required, ..site_of(&plain) },
        Site { learnt: Learnt { tls: true, ..Learnt::default() }, ..site_of(&plain) },
    ] {
        let (outcome, log) = try_open(&refused, Some("secret")).await;
        let failure = outcome.err().unwrap();
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
        assert!(!log.text().contains("> USER"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_to_be_trusted_is_told_whole_before_a_name_or_password_is_sent() {
    for (cert, flaw) in [(Cert::Own, Flaw::SelfSigned), (Cert::Other, Flaw::OtherName("127.0.0.1".into())), (Cert::Expired, Flaw::Expired)]
    {
        let Some(setup) = servers::require(Kind::PureFtpd) else { return };
        let server = setup.tls(cert).start();
        let (outcome, log) = try_open(&secure_site(&server), Some("secret")).await;
        let failure = outcome.err().unwrap();
        assert_eq!(failure.kind, FailureKind::Certificate, "{failure}");
        let certificate = failure.certificate.unwrap();
        assert_eq!(certificate.flaws, [flaw], "{certificate:?}");
        assert!(certificate.subject.contains("O=ftpane tests") && certificate.not_after.is_some(), "{certificate:?}");
        assert_eq!(certificate.names.contains(&"localhost".into()), cert != Cert::Other, "{certificate:?}");
        assert!(!log.text().contains("> USER") && !log.text().contains("> PASS"), "{}", log.text());
        // Trusted by its fingerprint it will do, whatever is wrong with it; another fingerprint will not.
        let pinned = |pins| Site { secured: Secured { pins, ..Secured::default() }, ..secure_site(&server) };
        let (volume, _) = open(&pinned(vec![certificate.fingerprint])).await;
        assert_eq!(volume.opened().encrypted.unwrap().trusted, Trusted::Pinned);
        let pin = ftpane::model::Fingerprint([5; 32]);
        let (outcome, _) = try_open(&pinned(vec![pin]), Some("secret")).await;
        let changed = outcome.err().unwrap().certificate.unwrap();
        assert_eq!((changed.flaws.as_slice(), changed.pinned.as_slice()), (&[Flaw::Changed][..], &[pin][..]));
        let unchecked = Site { secured: Secured { unchecked: true, ..Secured::default() }, ..secure_site(&server) };
        let (volume, _) = open(&unchecked).await;
        assert_eq!(volume.opened().encrypted.unwrap().trusted, Trusted::Unchecked);
    }
}

#[tokio::test]
async fn the_system_does_not_trust_what_only_a_file_vouches_for() {
    let Some(setup) = servers::require(Kind::PureFtpd) else { return };
    let server = setup.tls(Cert::Good).start();
    let site = Site { secured: Secured::default(), ..secure_site(&server) };
    let certificate = try_open(&site, Some("secret")).await.0.err().unwrap().certificate.unwrap();
    assert_eq!(certificate.flaws, [Flaw::UnknownIssuer]);
    // What signed itself and is named in the file is its own authority.
    let server = servers::require(Kind::PureFtpd).unwrap().tls(Cert::Own).start();
    let site = Site { secured: Secured { roots: Some(Cert::Own.cert()), ..Secured::default() }, ..secure_site(&server) };
    assert_eq!(open(&site).await.0.opened().encrypted.unwrap().trusted, Trusted::Authority);
}

#[tokio::test]
async fn a_server_that_wants_to_know_its_clients_is_shown_a_certificate() {
    for kind in [Kind::Vsftpd, Kind::Proftpd] {
        let Some(setup) = servers::require(kind) else { continue };
        let server = setup.tls_for_known_clients(Cert::Good).start();
        server.fill(&Tree::new().file("a", "hello"));
        let mut site = secure_site(&server);
        let (outcome, log) = try_open(&site, Some("secret")).await;
        // With TLS 1.3 the server refuses only after our handshake is done.
        assert!(outcome.is_err(), "{}\n{}", kind.name(), log.text());
        assert!(!log.text().contains("> PASS"), "{}", log.text());
        site.secured.identity = Some(Identity { certificate: Cert::Client.cert(), key: Cert::Client.key() });
        let (mut volume, log) = open(&site).await;
        for _ in 0..3 {
            let file = below(&volume, "a");
            assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"hello", "{}\n{}", kind.name(), log.text());
        }
    }
}

#[tokio::test]
async fn the_oldest_version_is_the_sites_to_choose() {
    on_each(std::convert::identity, async |server| {
        let name = server.kind.name();
        let mut site = secure_site(&server);
        site.secured.minimum = TlsVersion::V13;
        let (outcome, log) = try_open(&site, Some("secret")).await;
        match outcome {
            Ok(volume) => assert_eq!(volume.opened().encrypted.unwrap().version, TlsVersion::V13, "{name}"),
            Err(failure) => assert_eq!(failure.kind, FailureKind::Tls, "{name}: {failure}\n{}", log.text()),
        }
    })
    .await;
}

#[tokio::test]
async fn the_control_connection_goes_on_in_the_clear_where_that_is_asked_for_and_data_does_not() {
    let Some(setup) = servers::require(Kind::Proftpd) else { return };
    let server = setup.tls(Cert::Good).start();
    server.fill(&Tree::new().file("a", "hello"));
    let mut site = secure_site(&server);
    site.secured.clear_control = true;
    let (mut volume, log) = open(&site).await;
    let (home, file) = (below(&volume, ""), below(&volume, "a"));
    for _ in 0..3 {
        assert_eq!(listing(&mut volume, &home).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text())).0.len(), 1);
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"hello", "{}", log.text());
    }
    volume.close().await;
    assert!(log.text().contains("> CCC"), "{}", log.text());
}

/// What a handshake that is never answered costs.
#[tokio::test]
async fn a_handshake_that_is_never_answered_ends() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let site = Site { tls: TlsPolicy::Implicit, timeout: Some(1), ..crate::client::site_at(listener.local_addr().unwrap()) };
    let began = std::time::Instant::now();
    let failure = try_open(&site, None).await.0.err().unwrap();
    assert_eq!(failure.kind, FailureKind::TimedOut, "{failure}");
    assert!(began.elapsed() < Duration::from_secs(5));
}
