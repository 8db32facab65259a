//! The command line as clap reads it. What the words mean is decided elsewhere; the texts here are the help and the man page.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::config::import::Format;
use crate::model::rate::parse_limit;
use crate::model::words::Word;
use crate::model::{ClockOffset, DataMode, Existing, Fingerprint, ListingStyle, PasswordFrom, TlsPolicy, TlsVersion};

use super::doctor::Doctor;
use super::help;
use super::reach::ReachArgs;
use super::values::{charset, clock, fingerprint};
use super::vault::Vault;

/// A two-pane FTP file manager for the terminal.
///
/// Without a command the panes open: TARGET beside the local directory, two TARGETs beside each other, or, without any, the local
/// directory beside the saved sites. The commands do the same without a screen, for scripts.
#[derive(Debug, Parser)]
#[command(name = "ftpane", version, after_help = help::SHORT, after_long_help = help::MAIN, subcommand_negates_reqs = true, max_term_width = 100)]
pub struct Cli {
    /// What to open: a URL, a local directory (starting with / . or ~), a saved site's name, an existing directory, or [user@]host[:port][/path].
    #[arg(value_name = "TARGET", num_args = 0..=2, value_hint = ValueHint::AnyPath)]
    pub targets: Vec<OsString>,
    /// Options for every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do without a screen.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options for every command")]
pub struct Common {
    /// What is asked of TLS: auto (where the server offers it), required, implicit (from the first byte, port 990), or off.
    #[arg(long, global = true, value_name = "WHEN", value_parser = word::<TlsPolicy>())]
    pub tls: Option<TlsPolicy>,
    /// Speak no TLS older than this.
    #[arg(long, global = true, value_name = "VERSION", value_parser = word::<TlsVersion>())]
    pub tls_min: Option<TlsVersion>,
    /// How data connections are made: passive (we dial), active (the server dials), or auto, whichever works.
    #[arg(long, global = true, value_name = "MODE", value_parser = word::<DataMode>())]
    pub mode: Option<DataMode>,
    /// Trust the certificates in FILE (PEM) besides those that the system trusts. Asks for TLS.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub cacert: Option<PathBuf>,
    /// Trust the certificate with this SHA-256 fingerprint, whoever signed it, and no other. Asks for TLS.
    #[arg(long, global = true, value_name = "FINGERPRINT", value_parser = fingerprint)]
    pub trust: Option<Fingerprint>,
    /// Do not check the server's certificate: whoever answers is believed. Asks for TLS.
    #[arg(long, global = true)]
    pub insecure: bool,
    /// Show the server the certificate in FILE (PEM) as ours. Asks for TLS.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_cert: Option<PathBuf>,
    /// The private key of --client-cert (PEM), where it is in a file of its own.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// Go on without TLS on the control connection after the login (CCC), for firewalls that must read it; data keeps it.
    #[arg(long, global = true)]
    pub ccc: bool,
    /// How servers are reached.
    #[command(flatten)]
    pub reach: ReachArgs,
    /// The charset of the server's file names, such as windows-1251 or Shift_JIS, where it is not UTF-8.
    #[arg(long, global = true, value_name = "CHARSET", value_parser = charset)]
    pub charset: Option<String>,
    /// Give a server up that is silent for so many seconds.
    #[arg(long, global = true, value_name = "SECS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub timeout: Option<u32>,
    /// Give a transfer up that moves fewer bytes a second than RATE, counted over twice the timeout; 0 never does.
    #[arg(long, global = true, value_name = "RATE", value_parser = rate)]
    pub low_speed: Option<Rate>,
    /// Try again so many times where trying again can help (a lost connection, "not now").
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub retries: Option<u32>,
    /// Write every step on the wire, with its time, to the end of FILE; passwords show as ****.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log: Option<PathBuf>,
    /// Run CMD by sh -c and take the first line it prints as the password for the server named here.
    #[arg(long, global = true, value_name = "CMD", value_hint = ValueHint::CommandString)]
    pub password_command: Option<String>,
    /// Leave the mouse to the terminal, so that it can select text.
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// Print nothing but results and failures.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print an object a line (JSON) instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do without a screen.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the panes against a sample server that runs inside ftpane, on this machine only.
    #[cfg(feature = "demo")]
    #[command(after_long_help = help::DEMO)]
    Demo,
    /// List a directory on a server.
    #[command(after_long_help = help::LS)]
    Ls(Ls),
    /// Copy from a server to here, like cp -r.
    #[command(after_long_help = help::GET, override_usage = "ftpane get [OPTIONS] <URL>... [LOCAL]")]
    Get(Get),
    /// Copy from here to a server, like cp -r.
    #[command(after_long_help = help::PUT, override_usage = "ftpane put [OPTIONS] <LOCAL>... <URL>")]
    Put(Put),
    /// Make a directory like another, one of them on a server: only what differs moves.
    #[command(after_long_help = help::MIRROR)]
    Mirror(Mirror),
    /// List what was not finished before the program ended, go on with it or give it up; search what was done.
    #[command(after_long_help = help::QUEUE)]
    Queue(Queue),
    /// Find out what works with a server, step by step, and why the rest does not.
    #[command(after_long_help = help::DOCTOR)]
    Doctor(Doctor),
    /// List, add and remove saved sites.
    #[command(after_long_help = help::SITES)]
    Sites(Sites),
    /// Change the passphrase of the vault that passwords are kept in.
    #[command(after_long_help = help::VAULT)]
    Vault(Vault),
    /// Print the man page (roff).
    #[command(hide = true)]
    Man,
    /// Print a completion script for SHELL.
    #[command(hide = true)]
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// `ftpane ls`.
#[derive(Debug, Args)]
pub struct Ls {
    /// With kind, mode, owner, size and time.
    #[arg(short)]
    pub long: bool,
    /// What to list: a URL, a saved site, SITE:path, or [user@]host[:port][/path].
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub url: OsString,
}

/// A speed limit, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub Option<u64>);

impl Rate {
    /// In bytes a second, 0 where there is no limit.
    pub fn bytes(self) -> u64 {
        self.0.unwrap_or(0)
    }
}

fn rate(typed: &str) -> Result<Rate, String> {
    parse_limit(typed).map(Rate)
}

/// How files are moved, whatever they are moved for.
#[derive(Debug, Clone, Args)]
pub struct Moving {
    /// Open N connections at once, over the saved site's limit, as far as the server allows.
    #[arg(short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Spread one big download over up to N connections; 1 never does, without it as many are used as make it faster. Uploads cannot be.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub segments: Option<u16>,
    /// Move no more than RATE bytes a second, all together: 500K, 2M, 1.5MiB; 0 for no limit.
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub limit: Option<Rate>,
    /// Compare checksums of both sides, where the server offers any.
    #[arg(long)]
    pub verify: bool,
    /// Keep permission bits, where they are known and can be set; times are kept in any case.
    #[arg(short, long)]
    pub preserve: bool,
}

/// How `get` and `put` copy.
#[derive(Debug, Clone, Args)]
pub struct Copying {
    /// Copy directories with all that is in them.
    #[arg(short, long)]
    pub recursive: bool,
    /// Go on with files that are there in part: the same as --existing=resume. A copy of a directory that was broken off goes on in the
    /// directory that it began.
    #[arg(short = 'c', long = "continue", conflicts_with = "existing")]
    pub resume: bool,
    /// How they move.
    #[command(flatten)]
    pub moving: Moving,
    /// Where a file is there already: replace it, as cp does; replace it only if the source is newer, or of another size, or either of
    /// both (differs); go on where it ends; give the copy another name; leave it; count it as failed.
    #[arg(long, value_name = "RULE", default_value = "overwrite", value_parser = rule(), hide_default_value = false)]
    pub existing: Existing,
    /// Enter links to directories, which are passed over otherwise.
    #[arg(long)]
    pub follow: bool,
}

/// `ftpane get`.
#[derive(Debug, Args)]
pub struct Get {
    /// How.
    #[command(flatten)]
    pub copying: Copying,
    /// One or more sources on a server, then where to copy to: a directory, a new name, or - for standard output. The last argument is
    /// a source too if it is a URL or SITE:path; the target then is the current directory.
    #[arg(value_name = "URL... [LOCAL]", required = true, value_hint = ValueHint::AnyPath)]
    pub paths: Vec<OsString>,
}

/// `ftpane put`.
#[derive(Debug, Args)]
pub struct Put {
    /// How.
    #[command(flatten)]
    pub copying: Copying,
    /// One or more local files or directories, then where to copy to on a server.
    // Two at least, which is checked later: clap would count anew behind every option that stands between them.
    #[arg(value_name = "LOCAL... URL", required = true, value_hint = ValueHint::AnyPath)]
    pub paths: Vec<OsString>,
}

/// `ftpane mirror`.
#[derive(Debug, Args)]
pub struct Mirror {
    /// How files move.
    #[command(flatten)]
    pub moving: Moving,
    /// Delete what is in DST and not in SRC, once all else has gone well; replace what is of another kind.
    #[arg(long)]
    pub delete: bool,
    /// Only print what would be done.
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Enter links to directories, which are passed over otherwise.
    #[arg(long)]
    pub follow: bool,
    /// The directory to take from: a URL, a saved site, SITE:path, or a local directory.
    #[arg(value_name = "SRC", value_hint = ValueHint::AnyPath)]
    pub source: OsString,
    /// The directory that becomes like it; made if it is missing. One of both is on a server.
    #[arg(value_name = "DST", value_hint = ValueHint::AnyPath)]
    pub target: OsString,
}

/// `ftpane queue`.
#[derive(Debug, Args)]
pub struct Queue {
    /// Go on with what was not finished: all of it, or only these numbers.
    #[arg(long, conflicts_with_all = ["discard", "history"])]
    pub resume: bool,
    /// Give up these numbers; files that are there in part stay.
    #[arg(long, conflicts_with = "history")]
    pub discard: bool,
    /// With --discard: all of them.
    #[arg(long, requires = "discard")]
    pub all: bool,
    /// Print what was done, the newest first; with words only what holds all of them.
    #[arg(long)]
    pub history: bool,
    /// Open N connections at once, over the saved site's limit, as far as the server allows.
    #[arg(short = 'j', value_name = "N", requires = "resume", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Move no more than RATE bytes a second, all together: 500K, 2M, 1.5MiB; 0 for no limit. It is not kept from before.
    #[arg(long, value_name = "RATE", requires = "resume", value_parser = rate)]
    pub limit: Option<Rate>,
    /// Numbers as ftpane queue lists them; with --history words to look for.
    #[arg(value_name = "ID")]
    pub words: Vec<String>,
}

/// `ftpane sites`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Sites {
    /// What to do.
    #[command(subcommand)]
    pub command: SitesCommand,
}

/// What can be done with saved sites.
#[derive(Debug, Subcommand)]
pub enum SitesCommand {
    /// Print the saved sites: name and URL, with a tab between.
    List,
    /// Save a site. --tls, --mode and --timeout are saved with it; its password only where --password names a place for it.
    Add(AddSite),
    /// Keep the password of a saved site, or forget it. It is asked for, unless --password-command or FTPANE_PASSWORD gives it.
    Password(SitePassword),
    /// Bring the sites of another program over. What is saved stays as it is.
    Import(ImportSites),
    /// Print the sites, without passwords, as a file that import reads.
    Export,
    /// Forget what was found out about a server: how it is talked to, what its clock shows. What is trusted of it stays.
    Forget {
        /// A saved site, or a URL.
        #[arg(value_name = "SITE|URL")]
        target: String,
    },
    /// Remove a saved site, with its password.
    Remove {
        /// Its name.
        name: String,
    },
}

/// `ftpane sites import`.
#[derive(Debug, Args)]
pub struct ImportSites {
    /// The file: FileZilla's sitemanager.xml, WinSCP.ini, lftp's bookmarks, .netrc, or what ftpane sites export printed.
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Which program's file it is, where that does not show.
    #[arg(long, value_name = "PROGRAM", value_parser = word::<Format>())]
    pub from: Option<Format>,
    /// Put the sites below this folder.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,
    /// Keep their passwords in the keyring or in the vault. Without it no password comes over.
    #[arg(long, value_name = "WHERE", value_parser = store())]
    pub store: Option<PasswordFrom>,
    /// Only tell what would come over.
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// `ftpane sites password`.
#[derive(Debug, Args)]
pub struct SitePassword {
    /// The site's name.
    pub name: String,
    /// Where to keep it: the system's keyring, or the vault, a file of ours under a passphrase. Without it where it is kept already, else
    /// in the keyring where one answers.
    #[arg(long, value_name = "WHERE", value_parser = store())]
    pub store: Option<PasswordFrom>,
    /// Take the password out of where it is kept, and ask for it from now on.
    #[arg(long, conflicts_with = "store")]
    pub forget: bool,
}

/// `ftpane sites add`.
#[derive(Debug, Args)]
pub struct AddSite {
    /// The name to save it under.
    pub name: String,
    /// Its URL, with the directory to begin in.
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub url: OsString,
    /// The local directory to show beside it.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub local: Option<PathBuf>,
    /// The folder to keep it in, with / between levels.
    #[arg(long, value_name = "FOLDER", default_value = "")]
    pub folder: String,
    /// How it is asked for listings, and what they are read as, where that is not found out: mlsd, list, or what LIST is like.
    #[arg(long, value_name = "STYLE", value_parser = word::<ListingStyle>())]
    pub listing: Option<ListingStyle>,
    /// How far its clock is from UTC, where its listings tell times by another, such as +02:00.
    #[arg(long, value_name = "OFFSET", value_parser = clock, allow_hyphen_values = true)]
    pub clock_offset: Option<ClockOffset>,
    /// Compare checksums of both sides in every copy, where the server offers any.
    #[arg(long)]
    pub verify: bool,
    /// Where its password comes from: asked for (the default), the system's keyring, the vault, ~/.netrc, or what --password-command
    /// prints, which is saved then. With keyring and vault the password in the URL is kept there.
    #[arg(long, value_name = "WHERE", value_parser = word::<PasswordFrom>())]
    pub password: Option<PasswordFrom>,
}

/// The places that passwords can be put into.
fn store() -> impl TypedValueParser<Value = PasswordFrom> {
    let places = [PasswordFrom::Keyring, PasswordFrom::Vault];
    PossibleValuesParser::new(places.map(Word::word))
        .try_map(|word| PasswordFrom::of_word(&word).ok_or_else(|| format!("{word} is not known")))
}

fn word<W: Word + Send + Sync>() -> impl TypedValueParser<Value = W> {
    PossibleValuesParser::new(W::ALL.iter().map(|(word, _)| *word))
        .try_map(|word| W::of_word(&word).ok_or_else(|| format!("{word} is not known")))
}

/// Every rule but to ask, which needs a person.
fn rule() -> impl TypedValueParser<Value = Existing> {
    let words = Existing::ALL.iter().filter(|(_, rule)| *rule != Existing::Ask).map(|(word, _)| *word);
    PossibleValuesParser::new(words).try_map(|word| Existing::of_word(&word).ok_or_else(|| format!("{word} is not known")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_put_together_soundly() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_may_stand_before_and_behind_the_command() {
        let cli =
            Cli::try_parse_from(["ftpane", "--timeout", "5", "get", "-r", "-j", "4", "ftp://h/a", "ftp://h/b", "dir", "--json"]).unwrap();
        assert_eq!((cli.common.timeout, cli.common.json), (Some(5), true));
        let Some(Command::Get(get)) = cli.command else { panic!() };
        assert_eq!(
            (get.paths.len(), get.copying.recursive, get.copying.moving.jobs, get.copying.existing),
            (3, true, Some(4), Existing::Overwrite)
        );
    }

    #[test]
    fn a_limit_is_read_as_everywhere_and_none_can_be_said() {
        for (typed, limit) in [("500K", Some(512_000)), ("2 MB/s", Some(2_000_000)), ("0", None), ("none", None)] {
            for args in [&["ftpane", "get", "--limit", typed, "h"][..], &["ftpane", "queue", "--resume", "--limit", typed]] {
                let said = match Cli::try_parse_from(args).unwrap().command {
                    Some(Command::Get(get)) => get.copying.moving.limit,
                    Some(Command::Queue(queue)) => queue.limit,
                    other => panic!("{other:?}"),
                };
                assert_eq!(said, Some(Rate(limit)), "{typed}");
            }
        }
        assert_eq!(Cli::try_parse_from(["ftpane", "get", "--limit", "fast", "h"]).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn two_targets_open_the_panes_and_a_third_is_refused() {
        assert_eq!(Cli::try_parse_from(["ftpane", "a", "b"]).unwrap().targets.len(), 2);
        for wrong in [
            &["ftpane", "a", "b", "c"][..],
            &["ftpane", "put"],
            &["ftpane", "get"],
            &["ftpane", "ls"],
            &["ftpane", "ls", "--mode=pasv", "h"],
            &["ftpane", "get", "--existing=ask", "h"],
            &["ftpane", "get", "-c", "--existing=skip", "h"],
            &["ftpane", "get", "-j", "0", "h"],
            &["ftpane", "sites"],
        ] {
            assert_eq!(Cli::try_parse_from(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
