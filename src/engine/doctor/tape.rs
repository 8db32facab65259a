//! What was said on a connection, kept so that a verdict can quote the server.

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Reply, WireKind, WireLine};
use crate::volume::WireSink;

/// Lines that are kept; a server that says more has said enough.
const LINES: usize = 4_000;

/// Keeps lines and hands them on.
#[derive(Clone, Default)]
pub(super) struct Tape(Arc<Mutex<Vec<WireLine>>>);

impl Tape {
    /// A sink that keeps what it hands on to `next`.
    pub(super) fn sink(&self, next: Option<WireSink>) -> WireSink {
        let tape = self.clone();
        Arc::new(move |line: WireLine| {
            let mut kept = tape.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < LINES {
                kept.push(line.clone());
            }
            drop(kept);
            if let Some(next) = &next {
                next(line);
            }
        })
    }

    fn with<T>(&self, look: impl FnOnce(&[WireLine]) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How much is on it by now.
    pub(super) fn mark(&self) -> usize {
        self.with(<[WireLine]>::len)
    }

    /// Whether a command that begins so was sent since a mark.
    pub(super) fn has_sent(&self, since: usize, verb: &str) -> bool {
        self.with(|lines| lines.iter().skip(since).any(|line| is_command(line, verb)))
    }

    /// The commands among these that were sent since a mark, the last of them.
    pub(super) fn last_sent(&self, since: usize, verbs: &[&'static str]) -> Option<&'static str> {
        self.with(|lines| lines.iter().skip(since).rev().find_map(|line| verbs.iter().find(|verb| is_command(line, verb)).copied()))
    }

    /// The first line of the reply to the last command that begins so. Replies come in the order of their commands, also where several went
    /// out together: as many final ones stand before it as commands before that one are still owed theirs.
    pub(super) fn reply_to(&self, since: usize, verb: &str) -> Option<Reply> {
        self.with(|lines| {
            let lines: Vec<&WireLine> = lines.iter().skip(since).collect();
            let at = lines.iter().rposition(|line| is_command(line, verb))?;
            let mut owed = 0_usize;
            for line in lines.get(..at)? {
                match line.kind {
                    WireKind::Sent => owed += 1,
                    WireKind::Received if is_final(line) => owed = owed.saturating_sub(1),
                    _ => {}
                }
            }
            let mut replies = lines.get(at + 1..)?.iter().filter(|line| line.kind == WireKind::Received && is_final(line)).skip(owed);
            replies.next().and_then(|line| parse(&line.text))
        })
    }
}

fn is_command(line: &WireLine, verb: &str) -> bool {
    line.kind == WireKind::Sent && line.text.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb.as_bytes()))
}

/// Whether it is the last line of a final reply: a code of 200 or more and a blank (RFC 959 §4.2).
fn is_final(line: &WireLine) -> bool {
    matches!(&*line.text, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ', ..] | [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'])
}

fn parse(line: &[u8]) -> Option<Reply> {
    let code = std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()?;
    Some(Reply { code, text: line.get(4..).unwrap_or_default().into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConnectionId;

    fn tape(lines: &[&str]) -> Tape {
        let tape = Tape::default();
        let sink = tape.sink(None);
        for line in lines {
            let (kind, text) = match line.split_at(2) {
                ("> ", text) => (WireKind::Sent, text),
                (_, text) => (WireKind::Received, text),
            };
            sink(WireLine { at: 0, connection: ConnectionId(1), kind, text: text.as_bytes().into() });
        }
        tape
    }

    #[test]
    fn a_reply_is_found_behind_its_command_also_where_several_went_out_together() {
        let tape = tape(&["> SYST", "> EPSV", "> LIST", "< 215 UNIX", "< 500 What?", "< 425 no", "< 226 late"]);
        assert_eq!(tape.reply_to(0, "EPSV").map(|reply| reply.code), Some(500));
        assert_eq!(tape.reply_to(0, "LIST").map(|reply| reply.code), Some(425));
        assert_eq!(tape.reply_to(0, "PASV"), None);
        assert!(tape.has_sent(1, "EPSV") && !tape.has_sent(2, "EPSV"));
        assert_eq!(tape.last_sent(0, &["MLSD", "LIST"]), Some("LIST"));
    }

    #[test]
    fn the_lines_within_a_reply_are_none_of_their_own() {
        let tape = tape(&["> FEAT", "> PASV", "< 211-Features:", "<  UTF8", "< 211 End", "< 227 ok (1,2,3,4,5,6)"]);
        assert_eq!(tape.reply_to(0, "PASV").map(|reply| reply.code), Some(227));
    }
}
