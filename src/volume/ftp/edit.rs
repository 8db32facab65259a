//! What changes the server's tree besides transfers: MKD, RMD, DELE, RNFR/RNTO, MFMT, MDTM-set, SITE CHMOD, and raw lines.

use super::directory;
use super::raw_name;
use super::reply;
use super::session::{Session, with_path};
use super::stat;
use crate::model::{During, Failure, FailureKind, Paths, Reply, Timestamp, VPath};
use crate::volume::Result;

/// The name under which [`super::features`] remembers that MDTM does not set.
const MDTM_SET: &str = "MDTM set";

/// Verbs that a raw line may not have: they need a data connection, or change what the next transfer does behind our back.
const NOT_RAW: [&str; 20] = [
    "RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD", "PORT", "EPRT", "PASV", "EPSV", "REST", "ABOR", "AUTH", "PROT", "REIN", "MODE",
    "STRU", "CCC", "USER",
];

/// Makes one directory.
pub async fn make_dir(session: &mut Session, path: &VPath) -> Result<()> {
    raw_name::check(session, path, During::MakeDir).await?;
    session.looked = None;
    let line = match session.paths.takes_path(path) {
        true => directory::address(session, "MKD", path, During::MakeDir).await?,
        false => directory::directory(session, "MKD", path, During::MakeDir)?,
    };
    session.must(During::MakeDir, path.as_bytes(), &line).await.map(drop)
}

/// Deletes a file or link.
pub async fn remove_file(session: &mut Session, path: &VPath) -> Result<()> {
    session.looked = None;
    session.standing = None;
    let line = directory::address(session, "DELE", path, During::Remove).await?;
    session.must(During::Remove, path.as_bytes(), &line).await.map(drop)
}

/// Deletes what MLSD called a directory if it is a link to one. pyftpdlib 2.2.0 follows links there and says `type=dir`; what is deleted
/// behind such a name lies elsewhere. DELE takes a link and no directory, so it is tried first; LIST tells links and needs no such care.
pub async fn remove_link(session: &mut Session, path: &VPath) -> Result<bool> {
    if !session.features.offers("MLST") {
        return Ok(false);
    }
    session.standing = None;
    let line = directory::address(session, "DELE", path, During::Remove).await?;
    let answer = session.command(During::Remove, &line).await?;
    Ok(reply::is_ok(&answer))
}

/// Deletes an empty directory.
pub async fn remove_dir(session: &mut Session, path: &VPath) -> Result<()> {
    session.looked = None;
    // pure-ftpd and some others refuse to delete where they stand.
    if session.standing.as_ref().is_some_and(|standing| standing.asked.is_within(path) || standing.real.is_within(path)) {
        leave(session, path).await?;
    }
    let line = directory::directory(session, "RMD", path, During::Remove)?;
    let removed = session.must(During::Remove, path.as_bytes(), &line).await.map(drop);
    match (removed, path.parent(), path.name()) {
        // Its directories are files, too, and some servers delete them as such alone.
        (Err(failure), Some(parent), Some(name)) if session.paths == Paths::Vms && !session.is_lost() => {
            let deleted = match directory::enter(session, &parent, During::Remove).await {
                Ok(_) => session.must(During::Remove, path.as_bytes(), &[b"DELE ", name.as_bytes(), b".DIR;1"].concat()).await,
                Err(failure) => Err(failure),
            };
            deleted.map(drop).map_err(|_| failure)
        }
        (removed, ..) => removed,
    }
}

async fn leave(session: &mut Session, path: &VPath) -> Result<()> {
    session.standing = None;
    if !session.paths.is_unix() {
        return match path.parent() {
            Some(parent) => directory::enter(session, &parent, During::Remove).await.map(drop),
            None => Ok(()),
        };
    }
    session.command(During::Remove, b"CWD /").await.map(drop)
}

/// Renames. Servers replace an existing target without a word, so that is asked about first.
pub async fn rename(session: &mut Session, from: &VPath, to: &VPath, replace: bool) -> Result<()> {
    raw_name::check(session, to, During::Rename).await?;
    if !replace && stat::stat(session, to).await?.is_some() {
        return Err(Failure::new(FailureKind::AlreadyExists, During::Rename, "it exists already").about(to.as_bytes()));
    }
    session.looked = None;
    let (rnfr, rnto) = names_of(session, from, to).await?;
    session.standing = None;
    // One by one: libunftp 0.24 looks for the file of an RNFR beside, and refuses an RNTO that came with it.
    let answer = session.command(During::Rename, &rnfr).await?;
    if !matches!(answer.code, 200..=399) {
        return Err(session.refused(During::Rename, from.as_bytes(), answer));
    }
    session.must(During::Rename, to.as_bytes(), &rnto).await.map(drop)
}

/// The two lines of a rename. Where files go by names, within a directory, or to a place that there are words for.
async fn names_of(session: &mut Session, from: &VPath, to: &VPath) -> Result<(Vec<u8>, Vec<u8>)> {
    if session.paths.takes_path(from) && session.paths.takes_path(to) {
        return Ok((with_path("RNFR", from), with_path("RNTO", to)));
    }
    let rnfr = directory::address(session, "RNFR", from, During::Rename).await?;
    if from.parent() == to.parent() {
        return Ok((rnfr, directory::address(session, "RNTO", to, During::Rename).await?));
    }
    let words = session.paths.anywhere(to).map_err(|why| directory::no_words(why, During::Rename, to))?;
    let Some(words) = words else {
        let failure = unsupported(During::Rename, to, "the server renames within a directory only");
        return Err(failure.hint("copy it, and delete it here"));
    };
    Ok((rnfr, [b"RNTO ", words.as_slice()].concat()))
}

/// Whether setting times may work.
pub fn may_set_time(session: &Session) -> bool {
    // Who does not know it takes the time for a part of a name, of which some would make another file's.
    let by_mdtm = session.features.may("MDTM") && !session.features.is_refused(MDTM_SET);
    session.paths.is_unix() && (session.features.offers("MFMT") || by_mdtm)
}

/// Sets the modification time by MFMT (draft-somers-ftp-mfxx §3), or by MDTM with a time before the path, which vsftpd knows and which is
/// verified by asking, since other servers take it for a question about a strange name.
pub async fn set_time(session: &mut Session, path: &VPath, time: Timestamp) -> Result<()> {
    let Some(text) = reply::time_text(time.seconds) else {
        return Err(Failure::new(FailureKind::Invalid, During::SetTime, "FTP cannot write this year").about(path.as_bytes()));
    };
    if session.features.offers("MFMT") {
        let line = directory::address(session, &format!("MFMT {text}"), path, During::SetTime).await?;
        let answer = session.command(During::SetTime, &line).await?;
        if reply::is_ok(&answer) {
            return Ok(());
        }
        if !reply::is_unknown_command(&answer) {
            return Err(session.refused(During::SetTime, path.as_bytes(), answer));
        }
        session.refuse("MFMT");
    }
    if !may_set_time(session) {
        return Err(unsupported(During::SetTime, path, "the server cannot set times"));
    }
    let line = directory::address(session, &format!("MDTM {text}"), path, During::SetTime).await?;
    let answer = session.command(During::SetTime, &line).await?;
    if reply::is_ok(&answer) && stat::time(session, path, During::SetTime).await? == Some(time.seconds) {
        return Ok(());
    }
    session.refuse(MDTM_SET);
    Err(unsupported(During::SetTime, path, "the server cannot set times"))
}

/// MDTM with a time turned out not to set it.
pub fn refuse_mdtm_set(session: &mut Session) {
    session.refuse(MDTM_SET);
}

/// Whether setting modes may work.
pub fn may_set_mode(session: &Session) -> bool {
    session.paths.is_unix() && !session.features.is_refused("SITE CHMOD")
}

/// Sets permission bits by SITE CHMOD.
pub async fn set_mode(session: &mut Session, path: &VPath, mode: u16) -> Result<()> {
    if !may_set_mode(session) {
        return Err(unsupported(During::SetMode, path, "the server cannot set modes"));
    }
    let line = directory::address(session, &format!("SITE CHMOD {:03o}", mode & 0o7777), path, During::SetMode).await?;
    let answer = session.command(During::SetMode, &line).await?;
    if reply::is_ok(&answer) {
        return Ok(());
    }
    if reply::is_unknown_command(&answer) {
        session.refuse("SITE CHMOD");
    }
    Err(session.refused(During::SetMode, path.as_bytes(), answer))
}

/// Sends a line as it was typed and reads the whole answer.
pub async fn raw(session: &mut Session, line: &[u8]) -> Result<Reply> {
    let line = line.trim_ascii_start();
    let verb = line.split(|&byte| byte == b' ').next().unwrap_or_default().to_ascii_uppercase();
    if verb.is_empty() {
        return Err(Failure::new(FailureKind::Invalid, During::Command, "there is no command"));
    }
    if NOT_RAW.iter().any(|refused| verb == refused.as_bytes()) {
        let detail = "this command needs more than a line";
        return Err(Failure::new(FailureKind::Invalid, During::Command, detail).about(verb).hint("use the panes for it"));
    }
    (session.standing, session.looked) = (None, None);
    if verb == b"TYPE" {
        // Whichever it sets, the next transfer says what it needs.
        (session.is_binary, session.is_text) = (false, false);
    }
    let mut answer = session.command(During::Command, line).await?;
    while session.is_owed() {
        answer = session.next_reply(During::Command, session.limits.reply).await?;
    }
    Ok(session.without_secret(answer))
}

fn unsupported(during: During, path: &VPath, detail: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, during, detail).about(path.as_bytes())
}
