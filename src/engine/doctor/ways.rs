//! Listings: as a session asks for them, and over each kind of data connection; and what shows on them: resumption, the clock of LIST.

use crate::engine::dial::Held;
use crate::model::checkup::Rung;
use crate::model::clock::ClockOffset;
use crate::model::figures::count;
use crate::model::listing::ListingPart;
use crate::model::{DataMode, During, Failure, FailureKind, Kind, Reply, Site, Timestamp};
use crate::volume::{Connector, Volume};

use super::tape::Tape;
use super::{Doctor, Seen};

/// What is worth trying things with, in bytes.
const BIG: u64 = 64 << 20;

/// What a listing came to.
struct Listed {
    entries: usize,
    /// Names with times, the newest first seen.
    times: Vec<(crate::model::Name, Timestamp)>,
    /// What the session found out of the clock of LIST.
    clock: Option<ClockOffset>,
}

impl<C: Connector> Doctor<C> {
    /// A listing as the session asks for it by itself.
    ///
    /// # Errors
    /// What it failed with.
    pub(super) async fn listing(&mut self, held: &mut Held<C::Volume>, tape: &Tape, seen: &mut Seen) -> Result<(), Failure> {
        self.begin();
        let since = tape.mark();
        let mut unparsed = 0;
        let outcome = held
            .volume
            .list(&seen.path, &self.stop, &mut |part| match part {
                ListingPart::Rows(rows) => {
                    seen.entries += rows.len();
                    seen.undecoded += rows.iter().filter(|row| std::str::from_utf8(row.name.as_bytes()).is_err()).count();
                    let files =
                        rows.into_iter().filter(|row| row.kind == Kind::File && row.size.is_some_and(|size| size > 1 && size <= BIG));
                    if let Some(best) = files.chain(seen.sample.take()).max_by_key(|row| row.size) {
                        seen.sample = Some(best);
                    }
                }
                ListingPart::Unparsed(rows) => unparsed += rows.len(),
            })
            .await;
        match outcome {
            Ok(_) => {
                let form = tape.last_sent(since, &["MLSD", "LIST -a", "LIST", "NLST", "STAT"]).unwrap_or("listing");
                let way = tape.last_sent(0, &["EPSV", "PASV", "EPRT", "PORT"]).unwrap_or("a data connection");
                let odd = if unparsed > 0 {
                    format!(", {} that could not be read", count(unparsed as u64, "row", "rows"))
                } else {
                    String::new()
                };
                self.works(Rung::Listing, format!("{} by {form} over {way}{odd}", count(seen.entries as u64, "entry", "entries")));
                Ok(())
            }
            Err(failure) => {
                self.fails(Rung::Listing, failure.clone());
                Err(failure)
            }
        }
    }

    /// Each kind of data connection, on a session of its own where the first did not show it.
    pub(super) async fn ways(&mut self, site: &Site, held: &mut Held<C::Volume>, tape: &Tape, seen: &Seen) {
        let is_shown = |verb: &str, ok: u16| tape.reply_to(0, verb).is_some_and(|reply| reply.code == ok);
        let is_listed = !self.stop.is_cancelled() && !held.volume.is_lost() && (seen.entries > 0 || tape.reply_to(0, "LIST").is_some());
        if is_listed && is_shown("EPSV", 229) && !tape.has_sent(0, "PASV") && !tape.has_sent(0, "PORT") && !tape.has_sent(0, "EPRT") {
            self.begin();
            self.works(Rung::Epsv, "as in the listing above".to_owned());
        } else if let Some(reply) = tape.reply_to(0, "EPSV").filter(|reply| reply.code >= 500) {
            self.begin();
            self.fails(Rung::Epsv, refused("EPSV", reply));
        } else {
            self.way(site, Rung::Epsv, seen).await;
        }
        self.way(site, Rung::Pasv, seen).await;
        if site.reach.proxy.proxy().is_some() {
            self.untried(Rung::Active, "nobody can dial us through a proxy");
        } else {
            self.way(site, Rung::Active, seen).await;
        }
    }

    async fn way(&mut self, site: &Site, rung: Rung, seen: &Seen) {
        if self.stop.is_cancelled() {
            return;
        }
        self.begin();
        let mut site = site.clone();
        site.mode = if rung == Rung::Active { DataMode::Active } else { DataMode::Passive };
        site.learnt.no_epsv = rung == Rung::Pasv;
        let tape = Tape::default();
        let tried = self.list_anew(site, &tape, seen).await;
        let (wanted, good): (&[&'static str], &[u16]) = match rung {
            Rung::Epsv => (&["EPSV"], &[229]),
            Rung::Pasv => (&["PASV"], &[227]),
            _ => (&["PORT", "EPRT"], &[200]),
        };
        let used = tape.last_sent(0, wanted);
        let answer = used.and_then(|verb| tape.reply_to(0, verb));
        match tried {
            // It went well, but perhaps by what comes next on the ladder of a session.
            Ok(listed) => match (answer, used) {
                (Some(reply), Some(verb)) if good.iter().any(|code| reply.code / 100 == code / 100) && is_last(&tape, verb) => {
                    self.works(rung, self.words_of_way(rung, verb, &reply, &listed));
                }
                (Some(reply), Some(verb)) => self.fails(rung, refused(verb, reply)),
                _ => self.untried(rung, "the session took another way"),
            },
            Err(failure) => match answer {
                Some(reply) if reply.code >= 400 && failure.reply.is_none() => self.fails(rung, refused(used.unwrap_or("it"), reply)),
                _ => self.fails(rung, failure),
            },
        }
    }

    fn words_of_way(&self, rung: Rung, verb: &str, reply: &Reply, listed: &Listed) -> String {
        let count = count(listed.entries as u64, "entry", "entries");
        let peer = match &self.spec {
            crate::model::site::VolumeSpec::Ftp(site, _) => site.host.parse().ok(),
            crate::model::site::VolumeSpec::Local => None,
        };
        let is_private = rung == Rung::Pasv && peer.is_some_and(|peer| crate::model::explain::is_private_passive(&reply.text, peer));
        let note = if is_private { "; it names an address behind its router, which ftpane passes over" } else { "" };
        format!("{count} over {verb}{note}")
    }

    /// A listing over a session of its own.
    async fn list_anew(&mut self, site: Site, tape: &Tape, seen: &Seen) -> Result<Listed, Failure> {
        let mut held = self.dial(site, tape).await?;
        let mut listed = Listed { entries: 0, times: Vec::new(), clock: None };
        let outcome = held
            .volume
            .list(&seen.path, &self.stop, &mut |part| {
                if let ListingPart::Rows(rows) = part {
                    listed.entries += rows.len();
                    let wanted = |name: &crate::model::Name| seen.sample.as_ref().is_some_and(|sample| sample.name == *name);
                    listed.times.extend(rows.into_iter().filter(|row| wanted(&row.name)).filter_map(|row| Some((row.name, row.modified?))));
                }
            })
            .await;
        listed.clock = held.volume.learnt().and_then(|learnt| learnt.clock);
        held.close().await;
        outcome.map(|_| listed)
    }

    /// Whether data connections resume the TLS session.
    pub(super) fn resumption(&mut self, held: &Held<C::Volume>) {
        self.begin();
        match held.volume.opened().encrypted {
            Some(encrypted) if encrypted.resumed => {
                self.works(Rung::Resumption, "data connections resume the control connection's session".to_owned())
            }
            Some(_) => {
                let detail = "data connections begin sessions of their own, which costs a key exchange each; some servers refuse that";
                self.fails(Rung::Resumption, Failure::new(FailureKind::Unsupported, During::List, detail));
            }
            None => self.untried(Rung::Resumption, "there is no TLS"),
        }
    }

    /// How far the times of LIST, which are by the clock on the server's wall, are from those of MDTM, which are in UTC (RFC 3659 §3).
    pub(super) async fn clock(&mut self, site: &Site, held: &mut Held<C::Volume>, seen: &Seen) {
        if self.stop.is_cancelled() {
            return;
        }
        self.begin();
        let Some(path) = seen.sample.as_ref().map(|sample| seen.path.join(&sample.name)) else {
            return self.untried(Rung::Clock, "there is no file to ask about in the directory");
        };
        // By the volume, which spells the name as the server does.
        let exact = match held.volume.exact_time(&path).await {
            Ok(time) => time.map(|time| time.seconds),
            Err(failure) => return self.fails(Rung::Clock, failure),
        };
        let mut site = site.clone();
        site.learnt.no_mlsd = true;
        let listed = match self.list_anew(site, &Tape::default(), seen).await {
            Ok(listed) => listed,
            Err(failure) => return self.fails(Rung::Clock, failure),
        };
        if let Some(clock) = listed.clock {
            return self.works(Rung::Clock, format!("LIST tells times by a clock at {clock}"));
        }
        let shown = listed.times.first().map(|(_, time)| *time);
        match (exact, shown) {
            (Some(exact), Some(shown)) if shown.precision.seconds() <= 60 => self.works(Rung::Clock, difference(shown.seconds - exact)),
            (Some(_), Some(_)) => self.untried(Rung::Clock, "LIST tells only the day of the file that was asked about"),
            (None, _) => self.untried(Rung::Clock, "the server does not tell the time of a file by MDTM"),
            (Some(_), None) => self.untried(Rung::Clock, "LIST did not tell a time that can be compared"),
        }
    }

    /// Names that are not what the server says they are.
    pub(super) fn names_are(&mut self, seen: &Seen) {
        if seen.undecoded > 0 {
            self.begin();
            let detail = format!("{} of {} names are not UTF-8: the server keeps another charset", seen.undecoded, seen.entries);
            let hint = "set the charset of the site";
            self.fails(Rung::Charset, Failure::new(FailureKind::Unsupported, During::List, detail).hint(hint));
        }
    }
}

/// Whether nothing else on the ladder was asked for behind it.
fn is_last(tape: &Tape, verb: &'static str) -> bool {
    tape.last_sent(0, &["EPSV", "PASV", "EPRT", "PORT"]) == Some(verb)
}

pub(super) fn refused(verb: &str, reply: Reply) -> Failure {
    Failure::new(FailureKind::Unsupported, During::List, "").about(verb.as_bytes()).with_reply(reply)
}

/// What the clock of LIST says beside that of MDTM.
fn difference(seconds: i64) -> String {
    // LIST tells minutes: less than that is none.
    let minutes = (seconds as f64 / 60.0).round() as i64;
    let amount = format!("{}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    match minutes {
        -1..=1 => "the times of LIST are in UTC, or were put right already".to_owned(),
        2.. => format!("the times of LIST are {amount} h ahead of UTC"),
        _ => format!("the times of LIST are {amount} h behind UTC"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_a_listing_is_told_to_the_minute() {
        assert!(difference(-45).contains("in UTC"));
        assert!(difference(7_190).contains("2:00 h ahead"));
        assert!(difference(-19_800).contains("5:30 h behind"));
    }
}
