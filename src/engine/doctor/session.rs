//! The session itself: TLS, login, what the server says of itself, how long an answer takes, in which charset names are.

use std::time::{Duration, Instant};

use crate::engine::dial::Held;
use crate::model::checkup::Rung;
use crate::model::opened::Encrypted;
use crate::model::text::printable;
use crate::model::url::path_from;
use crate::model::{During, Failure, FailureKind, Reply, Site, TlsPolicy, VPath};
use crate::volume::{Connector, Volume};

use super::tape::Tape;
use super::{Doctor, Seen, line_of, start_of, words_of};

/// How often an answer is timed.
const TIMES: usize = 5;
/// Words of FEAT that are shown.
const WORDS: usize = 40;

impl<C: Connector> Doctor<C> {
    /// Opens the session that the other steps use.
    pub(super) async fn log_in(&mut self, site: &Site, tape: &Tape) -> Result<Held<C::Volume>, Failure> {
        self.begin();
        match self.dial(site.clone(), tape).await {
            Ok(held) => {
                let encrypted = held.volume.opened().encrypted;
                self.tls = encrypted.is_some();
                self.about_tls(site, encrypted, tape);
                let welcome = tape.reply_to(0, "PASS").or_else(|| tape.reply_to(0, "USER"));
                let words = welcome.as_ref().map(line_of).unwrap_or_default();
                self.works(Rung::Login, format!("as {}: {words}", printable(site.login_user().as_bytes())));
                Ok(held)
            }
            Err(failure) => {
                let is_tls = matches!(failure.kind, FailureKind::Tls | FailureKind::Certificate) || failure.during == During::Connect;
                self.tls = tape.has_sent(0, "USER") && tape.reply_to(0, "AUTH").is_some_and(|reply| reply.code < 400);
                if is_tls {
                    self.fails(Rung::Tls, failure.clone());
                    self.untried(Rung::Login, "the connection came to nothing before it");
                } else {
                    self.about_tls_of_failed(tape);
                    self.fails(Rung::Login, failure.clone());
                }
                Err(failure)
            }
        }
    }

    fn about_tls(&mut self, site: &Site, encrypted: Option<Encrypted>, tape: &Tape) {
        match encrypted {
            Some(encrypted) => self.works(Rung::Tls, encrypted.to_string()),
            None if site.tls == TlsPolicy::Off => self.untried(Rung::Tls, "it is switched off"),
            None => match tape.reply_to(0, "AUTH") {
                Some(reply) => {
                    let detail = "the server knows no TLS: passwords and files can be read by anybody in between";
                    let failure = Failure::new(FailureKind::Unsupported, During::Command, detail).with_reply(reply);
                    self.fails(Rung::Tls, failure);
                }
                None => self.untried(Rung::Tls, "the server has refused it before"),
            },
        }
    }

    fn about_tls_of_failed(&mut self, tape: &Tape) {
        match tape.reply_to(0, "AUTH") {
            Some(reply) if reply.code < 400 => self.works(Rung::Tls, line_of(&reply)),
            Some(reply) => {
                let failure = Failure::new(FailureKind::Unsupported, During::Command, "the server knows no TLS").with_reply(reply);
                self.fails(Rung::Tls, failure);
            }
            None => self.untried(Rung::Tls, "it was not asked for"),
        }
    }

    /// What the server says of itself.
    pub(super) async fn about_session(&mut self, held: &mut Held<C::Volume>, _tape: &Tape) -> Seen {
        let path = self.path(&held.volume);
        let mut seen = Seen { path, sample: None, entries: 0, undecoded: 0, features: None };
        if let Some(reply) = self.ask(held, Rung::System, b"SYST").await {
            self.works(Rung::System, line_of(&reply));
        }
        if let Some(reply) = self.ask(held, Rung::Features, b"FEAT").await {
            let words = feature_words(&reply);
            self.works(Rung::Features, if words.is_empty() { "none are named".to_owned() } else { words.join(", ") });
            seen.features = Some(reply);
        }
        self.round_trip(held).await;
        self.charset(held, &seen).await;
        seen
    }

    /// The directory to list: the one of the site, below the directory after login.
    fn path(&self, volume: &C::Volume) -> VPath {
        let home = volume.opened().home.clone().unwrap_or_else(|| start_of(volume));
        match &self.spec {
            crate::model::site::VolumeSpec::Ftp(site, _) => path_from(&site.start, &home).unwrap_or(home),
            crate::model::site::VolumeSpec::Local => home,
        }
    }

    /// Sends a command; a refusal is told as the verdict on `rung`.
    async fn ask(&mut self, held: &mut Held<C::Volume>, rung: Rung, line: &[u8]) -> Option<Reply> {
        self.begin();
        match held.volume.raw(line).await {
            Ok(reply) if reply.code < 400 => Some(reply),
            Ok(reply) => {
                let failure = Failure::new(FailureKind::Unsupported, During::Command, "").about(line).with_reply(reply);
                self.fails(rung, failure);
                None
            }
            Err(failure) => {
                self.fails(rung, failure);
                None
            }
        }
    }

    async fn round_trip(&mut self, held: &mut Held<C::Volume>) {
        self.begin();
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let since = Instant::now();
            if let Err(failure) = held.volume.raw(b"NOOP").await {
                return self.fails(Rung::RoundTrip, failure);
            }
            times.push(since.elapsed());
        }
        times.sort_unstable();
        let middle = times.get(TIMES / 2).copied().unwrap_or_default();
        self.works(
            Rung::RoundTrip,
            format!("{} to an answer, {} at most", millis(middle), millis(times.last().copied().unwrap_or_default())),
        );
    }

    async fn charset(&mut self, held: &mut Held<C::Volume>, seen: &Seen) {
        if !seen.offers("UTF8") {
            let set = match &self.spec {
                crate::model::site::VolumeSpec::Ftp(site, _) => site.charset.clone(),
                crate::model::site::VolumeSpec::Local => None,
            };
            let why = set.map_or_else(
                || "the server does not say that its names are UTF-8; what is, is read so, and the rest as Windows-1252".to_owned(),
                |set| format!("the site says {set}"),
            );
            return self.untried(Rung::Charset, &why);
        }
        // Answers of all kinds are met, and mean nothing where FEAT offers it.
        if let Ok(reply) = held.volume.raw(b"OPTS UTF8 ON").await {
            self.works(Rung::Charset, format!("UTF-8, as FEAT says; OPTS UTF8 ON: {}", line_of(&reply)));
        }
    }
}

/// The words of FEAT, the lines around them left out.
fn feature_words(reply: &Reply) -> Vec<String> {
    let lines: Vec<&[u8]> = reply.text.split(|&byte| byte == b'\n').collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().map(|line| words_of(line.trim_ascii())).filter(|line| !line.is_empty()).take(WORDS).collect()
}

/// `12.3 ms`
pub(super) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_the_features_are_none() {
        let reply = Reply { code: 211, text: b"Features:\n MDTM\n REST STREAM\nEnd".to_vec().into() };
        assert_eq!(feature_words(&reply), ["MDTM", "REST STREAM"]);
        assert!(feature_words(&Reply { code: 211, text: b"none".to_vec().into() }).is_empty());
    }
}
