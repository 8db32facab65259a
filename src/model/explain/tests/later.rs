//! What is said once a server has let us in, or was not reached at all.

use super::*;

#[test]
fn a_crowded_server_wants_fewer_connections() {
    let fix = Some(Fix::Fewer);
    let cases = [
        Case("vsftpd 3.0.3", Connect, K::TooMany, 421, "There are too many connections from your internet address.", fix, "as many"),
        Case(
            "ProFTPD 1.3.8",
            Login,
            K::TooMany,
            530,
            "Sorry, the maximum number of clients (2) for this user are already connected.",
            fix,
            "as many",
        ),
        Case("pure-ftpd 1.0.50", Connect, K::TooMany, 421, "Too many connections (2) from this IP", fix, "as many"),
        Case("pyftpdlib 2.2.0", Connect, K::TooMany, 421, "Too many connections from the same IP address.", fix, "as many"),
        Case(
            "FileZilla Server 0.9.60",
            Login,
            K::TooMany,
            421,
            "Too many users logged in for this account. Try again later.",
            fix,
            "as many",
        ),
    ];
    check(&cases, plain());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_data_connection_that_does_not_come_about_is_tried_the_other_way_round() {
    let active = Situation { mode: DataMode::Active, ..plain() };
    let passive = Situation { mode: DataMode::Passive, ..plain() };
    let to_passive = Some(Fix::Passive);
    check(
        &[
            Case("vsftpd 3.0.3", List, K::Transient, 425, "Failed to establish connection.", to_passive, "our side"),
            Case("ProFTPD 1.3.8", Read, K::Transient, 425, "Unable to build data connection: Connection refused", to_passive, "our side"),
            Case(
                "pure-ftpd 1.0.50",
                Write,
                K::Transient,
                425,
                "Could not open data connection to port 40000: Connection timed out",
                to_passive,
                "our side",
            ),
            Case("pyftpdlib 2.2.0", List, K::Transient, 425, "Can't connect to specified address.", to_passive, "our side"),
            Case("IIS 10", List, K::Transient, 425, "Cannot open data connection.", to_passive, "our side"),
            Case(
                "FileZilla Server 0.9.60",
                Read,
                K::Transient,
                425,
                "Can't open data connection for transfer of \"/a\"",
                to_passive,
                "our side",
            ),
            Case("vsftpd 3.0.3", List, K::Unsupported, 500, "Illegal PORT command.", to_passive, "a router has changed"),
            Case(
                "pyftpdlib 2.2.0",
                List,
                K::Refused,
                501,
                "Rejected data connection to foreign address 10.0.0.1:2.",
                to_passive,
                "a router has changed",
            ),
            Case(
                "pure-ftpd 1.0.50",
                List,
                K::Unsupported,
                500,
                "I won't open a connection to 10.0.0.1 (only to 192.0.2.1)",
                to_passive,
                "a router has changed",
            ),
        ],
        active,
    );
    let to_active = Some(Fix::Active);
    check(
        &[
            Case("any", List, K::TimedOut, 0, "data connection to 192.0.2.1:40000: no answer within 15 s", to_active, "on its side"),
            Case(
                "any",
                Read,
                K::Transient,
                0,
                "data connection to 192.0.2.1:40000: Connection refused (os error 111)",
                to_active,
                "on its side",
            ),
            Case("vsftpd 3.0.3", List, K::Transient, 425, "Failed to establish connection.", to_active, "on its side"),
            Case("vsftpd 3.0.3", List, K::Transient, 425, "Security: Bad IP connecting.", to_active, "another address of ours"),
            Case("pyftpdlib 2.2.0", List, K::Disconnected, 421, "Passive data channel timed out.", to_active, "on its side"),
        ],
        passive,
    );
    let both = explain(&failure(List, K::TimedOut, 0, "data connection to 192.0.2.1:40000: no answer within 15 s"), &plain()).unwrap();
    assert!(both.cause.contains("neither"), "{}", both.cause);
    check(&[Case("any (RFC 2428)", List, K::Tls, 522, "Network protocol not supported, use (1)", Some(Fix::Ipv4), "IPv6")], active);
}

#[test]
fn what_ends_a_session_is_told_apart() {
    let alive = Some(Fix::KeepAlive);
    check(
        &[
            Case("vsftpd 3.0.3", List, K::Disconnected, 421, "Timeout.", alive, "nothing is going on"),
            Case(
                "ProFTPD 1.3.8",
                List,
                K::Disconnected,
                421,
                "Idle timeout (600 seconds): closing control connection",
                alive,
                "nothing is going on",
            ),
            Case(
                "ProFTPD 1.3.8",
                Read,
                K::Disconnected,
                421,
                "No transfer timeout (300 seconds): closing control connection",
                alive,
                "nothing is going on",
            ),
            Case(
                "pure-ftpd 1.0.50",
                List,
                K::Disconnected,
                421,
                "Timeout - try typing a little faster next time",
                alive,
                "nothing is going on",
            ),
            Case("pyftpdlib 2.2.0", List, K::Disconnected, 421, "Control connection timed out.", alive, "nothing is going on"),
            Case("FileZilla Server 1.8", List, K::Disconnected, 421, "Activity timeout.", alive, "nothing is going on"),
            Case(
                "FileZilla Server 0.9.60",
                List,
                K::Disconnected,
                421,
                "No-transfer-time exceeded. Closing control connection.",
                alive,
                "nothing is going on",
            ),
            Case("FileZilla Server 0.9.60", List, K::Disconnected, 421, "Kicked by Administrator", Some(Fix::Again), "closed for now"),
            Case(
                "IIS 10",
                Connect,
                K::Transient,
                421,
                "Service not available, closing control connection.",
                Some(Fix::Again),
                "closed for now",
            ),
            Case("vsftpd 3.0.3", List, K::Transient, 500, "OOPS: child died", Some(Fix::Again), "broke down"),
            Case("any", Read, K::Disconnected, 0, "the server closed the connection", Some(Fix::Again), "broke"),
            Case("any", List, K::TimedOut, 0, "no reply within 30 s", Some(Fix::Patience), "longer"),
        ],
        plain(),
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn room_names_and_permissions_are_told_apart() {
    check(
        &[
            Case("ProFTPD 1.3.8", Write, K::Full, 552, "Transfer aborted. Disk quota exceeded", Some(Fix::Again), "quota"),
            Case("pure-ftpd 1.0.50", Write, K::Full, 552, "Quota exceeded: [a] won't be saved", Some(Fix::Again), "quota"),
            Case("pure-ftpd 1.0.50", Write, K::Full, 552, "Disk full - please upload later", Some(Fix::Again), "disk is full"),
            Case("vsftpd 3.0.3", Write, K::Full, 451, "Failure writing to local file.", Some(Fix::Again), "disk is full"),
            Case("IIS 10", Write, K::Full, 550, "There is not enough space on the disk.", Some(Fix::Again), "disk is full"),
            Case("ProFTPD 1.3.8", Write, K::Denied, 553, "a.php: Forbidden filename", Some(Fix::Rename), "does not allow this name"),
            Case(
                "pure-ftpd 1.0.50",
                Write,
                K::Denied,
                553,
                "Prohibited file name: .ftpquota",
                Some(Fix::Rename),
                "does not allow this name",
            ),
            Case(
                "IIS 10",
                MakeDir,
                K::Refused,
                550,
                "The filename, directory name, or volume label syntax is incorrect.",
                Some(Fix::Rename),
                "does not allow this name",
            ),
            Case("FileZilla Server 0.9.60", Write, K::Refused, 550, "Filename invalid", Some(Fix::Rename), "does not allow this name"),
            Case("macOS", Write, K::Refused, 550, "a: Illegal byte sequence", Some(Fix::Charset), "charset"),
            Case("ProFTPD 1.3.8", Write, K::NotFound, 550, "d/a: No such file or directory", Some(Fix::Refresh), "to go into"),
            Case("vsftpd 3.0.3", List, K::Refused, 550, "Failed to change directory.", Some(Fix::Refresh), "does not say why"),
            Case("vsftpd 3.0.3", Read, K::Refused, 550, "Failed to open file.", Some(Fix::Refresh), "does not say why"),
            Case(
                "FileZilla Server 0.9.60",
                List,
                K::NotFound,
                550,
                "CWD failed. \"/x\": directory not found.",
                Some(Fix::Refresh),
                "no such directory",
            ),
            Case("vsftpd 3.0.3", Write, K::Denied, 553, "Could not create file.", None, "may not change"),
            Case("pyftpdlib 2.2.0", Write, K::Denied, 550, "Not enough privileges.", None, "may not change"),
            Case("IIS 10", Read, K::Denied, 550, "Access is denied.", None, "may not read"),
            Case("pyftpdlib 2.2.0", Write, K::Denied, 550, "Read-only file system.", None, "read-only"),
            Case(
                "IIS 10",
                Write,
                K::Refused,
                550,
                "The process cannot access the file because it is being used by another process.",
                Some(Fix::Again),
                "somebody else",
            ),
            Case("ProFTPD 1.3.8", Remove, K::Refused, 550, "d: Directory not empty", Some(Fix::Refresh), "not empty"),
        ],
        plain(),
    );
    let foreign = failure(Read, K::NotFound, 550, "No such file").about("caf\u{e9}".as_bytes());
    assert_eq!(explain(&foreign, &plain()).unwrap().fix, Some(Fix::Charset));
    let known = Situation { charset: true, ..plain() };
    assert_eq!(explain(&foreign, &known).unwrap().fix, Some(Fix::Refresh), "a charset that is set is not guessed at");
}

#[test]
fn what_is_no_ftp_server_is_told_so() {
    check(
        &[
            Case("any", Lookup, K::Unreachable, 0, "failed to lookup address information", Some(Fix::Edit), "no name server"),
            Case("any", Connect, K::Unreachable, 0, "127.0.0.1: connection refused", Some(Fix::Edit), "nothing listens"),
            Case("any", Connect, K::TimedOut, 0, "no answer within 15 s", Some(Fix::Again), "nothing answers"),
            Case("sshd", Connect, K::Protocol, 0, "this does not speak FTP", Some(Fix::Edit), "something else"),
        ],
        plain(),
    );
    let tls_port = Situation { port: 990, ..plain() };
    let silent = failure(Connect, K::TimedOut, 0, "connected, but no greeting within 30 s");
    assert_eq!(explain(&silent, &tls_port).unwrap().fix, Some(Fix::ImplicitTls));
    let hasty = Situation { tls: true, implicit: true, ..plain() };
    assert_eq!(explain(&failure(Connect, K::Tls, 0, "TLS could not be begun: bad message"), &hasty).unwrap().fix, Some(Fix::ExplicitTls));
}

#[test]
fn what_a_person_stopped_or_this_machine_refused_needs_no_explanation() {
    assert_eq!(explain(&Failure::cancelled(Read), &plain()), None);
    assert_eq!(explain(&failure(Write, K::Local, 0, "permission denied"), &plain()), None);
}

#[test]
fn every_fix_of_a_site_changes_it_and_no_fix_takes_tls_away() {
    for fix in Fix::ALL {
        for tls in [TlsPolicy::Auto, TlsPolicy::Required, TlsPolicy::Implicit, TlsPolicy::Off] {
            let before = Site { tls, ..Site::of_host("h") };
            let mut after = before.clone();
            fix.put_on(&mut after);
            assert!(tls == TlsPolicy::Off || after.tls != TlsPolicy::Off, "{fix:?}");
            assert!(fix.kind() == FixKind::Site || after == before, "{fix:?}");
        }
        let mut site = Site { mode: DataMode::Auto, tls: TlsPolicy::Off, ..Site::of_host("h") };
        let before = site.clone();
        fix.put_on(&mut site);
        assert_eq!(fix.kind() == FixKind::Site, site != before, "{fix:?}");
        assert!(!fix.words().is_empty() && !fix.words().ends_with('.'), "{fix:?}");
    }
}
