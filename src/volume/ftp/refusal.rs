//! The one table that says what a refusal means: code and words to a kind of failure.
//!
//! RFC 959 §4.2 gives 550 to everything from "no such file" to "not permitted", so the words decide where the code does not.

use crate::model::explain::{holds, lowered};
use crate::model::{During, Failure, FailureKind, Reply};

/// Words that say so, in lower case; the first row that has one in the text wins.
const WORDS: [(FailureKind, &[&str]); 4] = [
    (
        FailureKind::Full,
        &[
            "quota",
            "no space",
            "disk full",
            "disk is full",
            "out of space",
            "insufficient",
            "not enough space",
            "exceeded storage",
            // vsftpd 3.0.3 and pure-ftpd 1.0.50 have no other words for it, nor these for anything that concerns one file alone.
            "failure writing to local file",
            "error during write to file",
        ],
    ),
    (
        FailureKind::NotFound,
        &[
            "no such",
            "not found",
            "does not exist",
            "doesn't exist",
            "not exist",
            "cannot find",
            "can't find",
            "can't check for file existence",
            "nonexistent",
        ],
    ),
    (FailureKind::AlreadyExists, &["exists", "already exist"]),
    (
        FailureKind::Denied,
        &[
            "permission",
            "denied",
            "not permitted",
            "forbidden",
            "not allowed",
            "prohibited",
            "privilege",
            "read-only",
            "read only",
            "not authorized",
        ],
    ),
];

/// Words of a server that has too many connections.
const TOO_MANY: [&str; 8] = [
    "too many",
    "maximum",
    "already connected",
    "already logged in",
    "connection limit",
    "connections limit",
    "max connections",
    "limit reached",
];

/// What a refused command means.
pub fn kind(reply: &Reply) -> FailureKind {
    match reply.code {
        421 => FailureKind::Disconnected,
        452 | 552 => FailureKind::Full,
        425 | 426 => by_words(reply).filter(|kind| *kind == FailureKind::Full).unwrap_or(FailureKind::Transient),
        // vsftpd's last words: its process ends, or the one that it needs has ended.
        500 if reply.text.starts_with(b"OOPS:") => FailureKind::Transient,
        500 | 502 | 504 => FailureKind::Unsupported,
        521 => FailureKind::AlreadyExists,
        530 | 532 => FailureKind::Denied,
        522 | 533..=537 => FailureKind::Tls,
        400..=499 => by_words(reply).filter(|kind| *kind != FailureKind::Denied).unwrap_or(FailureKind::Transient),
        550 | 551 => by_words(reply).unwrap_or(FailureKind::Refused),
        553 => by_words(reply).unwrap_or(FailureKind::Denied),
        501 | 503 | 505..=599 => FailureKind::Refused,
        _ => FailureKind::Protocol,
    }
}

/// What a refused command means, by what it was for.
pub fn kind_during(during: During, reply: &Reply) -> FailureKind {
    // pyftpdlib 2.2.0, whose file could not be written, loses the reason.
    let is_nameless = during == During::Write && reply.code == 426 && reply.text.starts_with(b"None;");
    if is_nameless { FailureKind::Full } else { kind(reply) }
}

/// What a refused login, or a refusal in place of a greeting, means.
pub fn login_kind(reply: &Reply) -> FailureKind {
    let text = lowered(reply);
    let is_crowded = TOO_MANY.iter().any(|words| holds(&text, words));
    match reply.code {
        _ if is_crowded => FailureKind::TooMany,
        400..=429 | 431..=499 => FailureKind::Transient,
        430 | 500..=599 => FailureKind::LoginRefused,
        _ => FailureKind::Protocol,
    }
}

/// Whether a listing was refused because it is a text: RFC 959 §4.1.3 has listings in TYPE A, which some servers insist on.
pub fn wants_text(failure: &Failure) -> bool {
    failure.reply.as_ref().is_some_and(|reply| reply.code >= 500 && ["type a", "ascii"].iter().any(|words| holds(&lowered(reply), words)))
}

fn by_words(reply: &Reply) -> Option<FailureKind> {
    let text = lowered(reply);
    WORDS.iter().find(|(_, words)| words.iter().any(|word| holds(&text, word))).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, text: &str) -> Reply {
        Reply { code, text: text.as_bytes().into() }
    }

    #[test]
    fn a_server_that_breaks_down_has_refused_nothing_for_good() {
        assert_eq!(kind(&reply(500, "OOPS: priv_sock_send_cmd")), FailureKind::Transient);
        assert_eq!(kind(&reply(500, "Unknown command")), FailureKind::Unsupported);
    }

    #[test]
    fn the_words_of_a_550_tell_what_it_means() {
        for (text, expected) in [
            ("No such file or directory", FailureKind::NotFound),
            ("/x: The system cannot find the file specified.", FailureKind::NotFound),
            ("Permission denied", FailureKind::Denied),
            ("Create directory operation failed: File exists", FailureKind::AlreadyExists),
            ("Path does not exist", FailureKind::NotFound),
            ("Quota exceeded", FailureKind::Full),
            ("Failed to open file.", FailureKind::Refused),
        ] {
            assert_eq!(kind(&reply(550, text)), expected, "{text}");
        }
    }

    #[test]
    fn codes_speak_where_they_can() {
        assert_eq!(kind(&reply(552, "no")), FailureKind::Full);
        assert_eq!(kind(&reply(421, "bye")), FailureKind::Disconnected);
        assert_eq!(kind(&reply(426, "Connection closed; permission denied")), FailureKind::Transient);
        assert_eq!(kind(&reply(426, "[Errno 28] No space left on device; transfer aborted.")), FailureKind::Full);
        assert_eq!(kind(&reply(451, "Failure writing to local file.")), FailureKind::Full);
        assert_eq!(kind(&reply(451, "Error during write to file")), FailureKind::Full);
        assert_eq!(kind(&reply(502, "what")), FailureKind::Unsupported);
        assert_eq!(kind(&reply(451, "local error")), FailureKind::Transient);
        assert_eq!(kind(&reply(553, "Could not create file.")), FailureKind::Denied);
    }

    #[test]
    fn a_server_that_could_not_write_its_file_and_does_not_say_why_is_full() {
        let nameless = reply(426, "None; transfer aborted.");
        assert_eq!(kind_during(During::Write, &nameless), FailureKind::Full);
        assert_eq!(kind_during(During::Read, &nameless), FailureKind::Transient);
        assert_eq!(kind_during(During::Write, &reply(426, "Data connection closed; transfer aborted.")), FailureKind::Transient);
    }

    #[test]
    fn a_crowded_server_is_told_from_a_wrong_password() {
        assert_eq!(login_kind(&reply(530, "Login incorrect.")), FailureKind::LoginRefused);
        assert_eq!(login_kind(&reply(430, "Invalid username or password")), FailureKind::LoginRefused);
        assert_eq!(login_kind(&reply(421, "There are too many connections from your internet address.")), FailureKind::TooMany);
        assert_eq!(
            login_kind(&reply(530, "Sorry, the maximum number of clients (5) from your host are already connected.")),
            FailureKind::TooMany
        );
        assert_eq!(login_kind(&reply(421, "Service not available")), FailureKind::Transient);
    }
}
