//! What servers are known to say, and what is made of it.

use super::*;
use crate::model::failure::{During, Reply};

/// A case: what a server said and when, the kind that it counts as, and what is to be done.
struct Case(&'static str, During, FailureKind, u16, &'static str, Option<Fix>, &'static str);

const AUTO: DataMode = DataMode::Auto;

fn plain() -> Situation {
    Situation { tls: false, implicit: false, mode: AUTO, port: 21, anonymous: false, charset: false }
}

fn failure(during: During, kind: FailureKind, code: u16, text: &str) -> Failure {
    let failure = Failure::new(kind, during, if code == 0 { text } else { "" });
    if code == 0 { failure } else { failure.with_reply(Reply { code, text: text.as_bytes().into() }) }
}

fn check(cases: &[Case], situation: Situation) {
    for Case(server, during, kind, code, text, fix, part) in cases {
        let why = explain(&failure(*during, *kind, *code, text), &situation).unwrap_or_else(|| panic!("{server}: {text}: no row"));
        assert_eq!(why.fix, *fix, "{server}: {text}: {}", why.cause);
        assert!(why.cause.contains(part), "{server}: {text}: {}", why.cause);
    }
}

use During::{Connect, List, Login, Lookup, MakeDir, Read, Remove, Write};
use FailureKind as K;

#[test]
fn a_server_that_wants_tls_is_told_so_whatever_it_calls_it() {
    let wants = "without TLS";
    let fix = Some(Fix::RequireTls);
    check(
        &[
            Case("vsftpd 3.0.3", Login, K::LoginRefused, 530, "Non-anonymous sessions must use encryption.", fix, wants),
            Case("vsftpd 3.0.3", Login, K::LoginRefused, 530, "Anonymous sessions must use encryption.", fix, wants),
            Case("ProFTPD 1.3.8", Login, K::LoginRefused, 550, "SSL/TLS required on the control channel", fix, wants),
            Case(
                "pure-ftpd 1.0.50",
                Login,
                K::Transient,
                421,
                "Sorry, cleartext sessions and weak ciphers are not accepted on this server.\nPlease reconnect using TLS security mechanisms.",
                fix,
                wants,
            ),
            Case("pyftpdlib 2.2.0", Login, K::LoginRefused, 550, "SSL/TLS required on the control channel.", fix, wants),
            Case("IIS 10", Login, K::LoginRefused, 534, "Policy requires SSL.", fix, wants),
            Case("FileZilla Server 1.8", Login, K::LoginRefused, 503, "Use AUTH first.", fix, wants),
            Case(
                "FileZilla Server 0.9.60",
                Login,
                K::LoginRefused,
                530,
                "This server does not allow plain FTP. You have to use FTP over TLS.",
                fix,
                wants,
            ),
        ],
        plain(),
    );
}

#[test]
fn a_session_that_was_not_resumed_is_told_from_a_firewall() {
    let fix = Some(Fix::Tls12);
    let secured = Situation { tls: true, ..plain() };
    let cases = [
        Case(
            "vsftpd 3.0.3",
            List,
            K::Tls,
            522,
            "SSL connection failed; session reuse required: see require_ssl_reuse option",
            fix,
            "resumes",
        ),
        Case("ProFTPD 1.3.8", Write, K::Transient, 425, "Unable to build data connection: Operation not permitted", fix, "resumes"),
        Case(
            "FileZilla Server 1.8",
            List,
            K::Transient,
            425,
            "Unable to build data connection: TLS session of data connection not resumed.",
            fix,
            "resumes",
        ),
        Case(
            "FileZilla Server 0.9.60",
            Read,
            K::Transient,
            450,
            "TLS session of data connection has not resumed or the session does not match the control connection",
            fix,
            "resumes",
        ),
    ];
    check(&cases, secured);
    let told = explain(&failure(Write, K::Transient, 425, "Unable to build data connection: Operation not permitted"), &plain()).unwrap();
    assert_eq!(told.fix, Some(Fix::Again), "without TLS there is no session to resume");
    check(
        &[
            Case("vsftpd 3.0.3", List, K::Tls, 522, "Data connections must be encrypted.", Some(Fix::RequireTls), "as well"),
            Case("ProFTPD 1.3.8", List, K::Tls, 522, "SSL/TLS required on the data channel", Some(Fix::RequireTls), "as well"),
            Case("pyftpdlib 2.2.0", List, K::Refused, 550, "SSL/TLS required on the data channel.", Some(Fix::RequireTls), "as well"),
            Case("FileZilla Server 0.9.60", List, K::AlreadyExists, 521, "PROT P required", Some(Fix::RequireTls), "as well"),
        ],
        plain(),
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn refused_logins_say_which_part_was_wrong() {
    let password = Some(Fix::Password);
    check(
        &[
            Case("vsftpd 3.0.3", Login, K::LoginRefused, 530, "Login incorrect.", password, "password is wrong"),
            Case("ProFTPD 1.3.8", Login, K::LoginRefused, 530, "Login incorrect.", password, "password is wrong"),
            Case("pure-ftpd 1.0.50", Login, K::LoginRefused, 530, "Login authentication failed", password, "password is wrong"),
            Case("pyftpdlib 2.2.0", Login, K::LoginRefused, 530, "Authentication failed.", password, "password is wrong"),
            Case("FileZilla Server 0.9.60", Login, K::LoginRefused, 530, "Login or password incorrect!", password, "password is wrong"),
            Case(
                "IIS 10",
                Login,
                K::LoginRefused,
                530,
                "User cannot log in.\n Win32 error:   The user name or password is incorrect.",
                password,
                "password is wrong",
            ),
            Case(
                "IIS 10",
                Login,
                K::LoginRefused,
                530,
                "User cannot log in.\n Win32 error: The referenced account is currently locked out and may not be logged on to.",
                None,
                "locked",
            ),
            Case("IIS 10", Login, K::LoginRefused, 530, "User cannot log in, home directory inaccessible.", None, "home directory"),
            Case("vsftpd 3.0.3", Login, K::Transient, 500, "OOPS: cannot change directory:/home/u", None, "set up wrongly"),
            Case(
                "vsftpd 3.0.3",
                Login,
                K::LoginRefused,
                500,
                "OOPS: vsftpd: refusing to run with writable root inside chroot()",
                None,
                "set up wrongly",
            ),
            Case(
                "vsftpd 3.0.3",
                Login,
                K::LoginRefused,
                530,
                "This FTP server is anonymous only.",
                Some(Fix::Edit),
                "anonymous logins only",
            ),
            Case(
                "pure-ftpd 1.0.50",
                Login,
                K::LoginRefused,
                530,
                "Only anonymous FTP is allowed here",
                Some(Fix::Edit),
                "anonymous logins only",
            ),
            Case("vsftpd 3.0.3", Login, K::LoginRefused, 530, "Permission denied.", Some(Fix::Edit), "whatever the password"),
            Case("any (RFC 959)", Login, K::Unsupported, 332, "Need account for login.", Some(Fix::Account), "account"),
            Case("Windows domain", Login, K::LoginRefused, 530, "The password for this account has expired.", password, "expired"),
        ],
        plain(),
    );
    let nobody = Situation { anonymous: true, ..plain() };
    let cases = [
        Case(
            "pure-ftpd 1.0.50",
            Login,
            K::LoginRefused,
            530,
            "This is a private system - No anonymous login",
            Some(Fix::Edit),
            "no anonymous",
        ),
        Case("pyftpdlib 2.2.0", Login, K::LoginRefused, 530, "Anonymous access not allowed.", Some(Fix::Edit), "no anonymous"),
        Case("vsftpd 3.0.3", Login, K::LoginRefused, 530, "Login incorrect.", Some(Fix::Edit), "no anonymous"),
    ];
    check(&cases, nobody);
}

mod later;
