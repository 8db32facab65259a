//! The end of an upload: its time, its mode and a look at it, with one round trip for all, and the next file's port along with them.
//!
//! Guarantee: the answers are believed only if each is what its command is answered with; else everything is asked again, step by step, as of a
//! server that takes one command at a time (libunftp 0.24 answers commands that come together in any order).

use super::data::make_binary;
use super::listing::parse_mlst_facts;
use super::session::{Behind, Session, with_path};
use super::stat::facts_of;
use super::{edit, reply};
use crate::model::{During, Entry, Kind, Name, Reply, Timestamp, VPath};
use crate::volume::{Finish, Result, Settled};

/// What a line asks, in the order in which the replies come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// MFMT.
    Time,
    /// MDTM with a time before the path, which some servers know (vsftpd).
    TimeByMdtm,
    Mode,
    /// MLST.
    Look,
    Size,
    /// MDTM, for its answer.
    ReadTime,
    Port,
}

/// Sets what is to be set on a file that was just written, and looks at it. `None` where that has to be done step by step.
pub async fn settle(session: &mut Session, path: &VPath, finish: Finish) -> Result<Option<Settled>> {
    if session.is_text {
        make_binary(session, During::Verify).await?;
    }
    let lines: Vec<(Ask, Vec<u8>)> =
        asks(session, finish).into_iter().filter_map(|ask| Some((ask, line(session, ask, path, finish)?))).collect();
    let looks = |ask: &Ask| matches!(ask, Ask::Look | Ask::Size);
    if lines.len() < 2 || !lines.iter().any(|(ask, _)| looks(ask)) {
        return Ok(None);
    }
    let texts: Vec<&[u8]> = lines.iter().map(|(_, line)| line.as_slice()).collect();
    session.send_all(During::Verify, &texts)?;
    session.absorb(During::Verify).await?;
    let mut found = Found { name: path.name(), ..Found::default() };
    let mut is_plain = true;
    for (ask, _) in &lines {
        if *ask == Ask::Port {
            // Read when the next transfer wants it.
            session.leave_behind(Behind::Port);
        } else {
            let answer = session.next_reply(During::Verify, session.limits.reply).await?;
            is_plain &= found.take(*ask, &answer).is_some();
        }
    }
    if !is_plain {
        session.absorb(During::Verify).await?;
        session.pace.no_chains();
        session.log.step("the answers to several commands at once are not what was asked; one by one from now on");
        return Ok(None);
    }
    Ok(Some(found.settled(session, finish)))
}

/// What the replies told.
#[derive(Debug, Default)]
struct Found {
    name: Option<Name>,
    entry: Option<Entry>,
    timed: bool,
    moded: bool,
    by_mdtm: bool,
    time: Option<i64>,
}

impl Found {
    /// Takes an answer; `None` where the command has no such answer, or was refused.
    fn take(&mut self, ask: Ask, answer: &Reply) -> Option<()> {
        let is_213 = answer.code == 213;
        match ask {
            // `213 Modify=20200102030405; /path`; pure-ftpd: `213 UTIME OK`; never digits alone, as SIZE and MDTM are answered.
            Ask::Time => self.timed = (reply::is_ok(answer) && !is_number(answer)).then_some(true)?,
            // vsftpd: `213 File modification time set.` A time is an answer to a question that was not asked.
            Ask::TimeByMdtm => self.by_mdtm = (is_213 && !is_number(answer)).then_some(true)?,
            Ask::Mode => self.moded = (answer.code == 200 || answer.code == 250 && facts_of(&answer.text).is_none()).then_some(true)?,
            Ask::Look => {
                self.entry = Some(facts_of(&answer.text).filter(|_| answer.code == 250).and_then(|facts| parse_mlst_facts(&facts))?)
            }
            Ask::Size => {
                let size = reply::size(&answer.text).filter(|_| is_213)?;
                self.entry = Some(Entry { size: Some(size), ..Entry::new(self.name.clone()?, Kind::File) });
            }
            Ask::ReadTime => self.time = Some(reply::time(&answer.text).filter(|_| is_213)?),
            Ask::Port => {}
        }
        Some(())
    }

    fn settled(mut self, session: &mut Session, finish: Finish) -> Settled {
        if self.by_mdtm {
            let told = self.time.or_else(|| self.entry.as_ref().and_then(|entry| entry.modified).map(|time| time.seconds));
            self.timed = told.map_or(session.sets_by_mdtm, |told| Some(told) == finish.time.map(|time| time.seconds));
            session.sets_by_mdtm = self.timed;
            if !self.timed {
                edit::refuse_mdtm_set(session);
            }
        }
        if let (Some(entry), Some(name)) = (&mut self.entry, self.name) {
            entry.name = name;
            if let Some(time) = finish.time.filter(|_| self.timed) {
                entry.modified = Some(Timestamp::exact(time.seconds));
            }
        }
        Settled { entry: self.entry, timed: self.timed, moded: self.moded }
    }
}

fn is_number(answer: &Reply) -> bool {
    answer.text.trim_ascii().iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

fn asks(session: &Session, finish: Finish) -> Vec<Ask> {
    let mut asks = Vec::with_capacity(5);
    let by_mfmt = session.features.offers("MFMT");
    if finish.time.is_some() && edit::may_set_time(session) {
        asks.push(if by_mfmt { Ask::Time } else { Ask::TimeByMdtm });
    }
    if finish.mode.is_some() && edit::may_set_mode(session) {
        asks.push(Ask::Mode);
    }
    if session.features.offers("MLST") {
        asks.push(Ask::Look);
    } else if session.features.may("SIZE") {
        asks.push(Ask::Size);
        if asks.contains(&Ask::TimeByMdtm) && !session.sets_by_mdtm {
            // Other servers take it for a question about a strange name: the answer is believed once a file was seen to have the time.
            asks.push(Ask::ReadTime);
        }
    }
    if session.hint.more && session.may_pair_passive() {
        asks.push(Ask::Port);
    }
    asks
}

fn line(session: &Session, ask: Ask, path: &VPath, finish: Finish) -> Option<Vec<u8>> {
    let time = || finish.time.and_then(|time| reply::time_text(time.seconds));
    Some(match ask {
        Ask::Time => with_path(&format!("MFMT {}", time()?), path),
        Ask::TimeByMdtm => with_path(&format!("MDTM {}", time()?), path),
        Ask::Mode => with_path(&format!("SITE CHMOD {:03o}", finish.mode? & 0o7777), path),
        Ask::Look => with_path("MLST", path),
        Ask::Size => with_path("SIZE", path),
        Ask::ReadTime => with_path("MDTM", path),
        Ask::Port => session.port_question().to_vec(),
    })
}
