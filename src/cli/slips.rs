//! What was typed in the place of something else: a command with a letter wrong, a URL without its scheme. Says what was meant.
//!
//! Guarantee: nothing is done that was not typed; a suggestion is words in an error.

use std::ffi::OsString;

use clap::CommandFactory as _;

use crate::model::text::printable;

use super::args::Cli;

/// Words of other programs, with the command that does the same here.
const WORDS: [(&str, &str); 10] = [
    ("list", "ls"),
    ("dir", "ls"),
    ("download", "get"),
    ("fetch", "get"),
    ("mget", "get"),
    ("upload", "put"),
    ("send", "put"),
    ("mput", "put"),
    ("sync", "mirror"),
    ("bookmarks", "sites"),
];

/// The command that a word was most likely meant as: one letter wrong, left out, too many, or two the wrong way round. With more behind it a
/// word of another program is taken for one too; alone it may as well be a host.
pub fn command(word: &str, is_alone: bool) -> Option<String> {
    let cli = Cli::command();
    let names = cli.get_subcommands().filter(|command| !command.is_hide_set()).map(|command| command.get_name().to_owned());
    let close = names.chain(["help".to_owned()]).find(|name| is_slip(word, name));
    let other = || WORDS.iter().find(|(known, _)| *known == word).map(|(_, name)| (*name).to_owned());
    close.or_else(|| if is_alone { None } else { other() })
}

/// The sentence for it.
pub fn no_command(word: &str, meant: &str) -> String {
    format!("no command and no site is called {word}; did you mean ftpane {meant}? For a server of that name write ftp://{word}/")
}

/// The sentence for arguments of which the first was meant as a command.
pub fn in_arguments(args: &[OsString]) -> Option<String> {
    let word = args.iter().skip(1).find(|arg| !arg.as_encoded_bytes().starts_with(b"-"))?.to_str()?;
    let is_command = Cli::command().find_subcommand(word).is_some();
    command(word, false).filter(|_| !is_command).map(|meant| no_command(word, &meant))
}

/// Where a path of this machine was asked for, and what was typed reads as a server's: how to write that.
pub fn server(typed: &[u8]) -> Option<String> {
    let typed = std::str::from_utf8(typed).ok().filter(|typed| !typed.contains("://") && !typed.starts_with(['/', '.', '~']))?;
    let host = typed.split('/').next().unwrap_or(typed);
    let (name, port) = host.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.parse::<u16>().is_ok();
    // A password may stand before an @.
    (is_port && !name.is_empty() && !host.contains('@')).then(|| format!("; for a server write ftp://{}", printable(typed.as_bytes())))
}

/// Whether one edit makes one word of the other; words of two letters must begin alike.
fn is_slip(word: &str, name: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    if word == name || a.len().abs_diff(b.len()) > 1 || a.first() != b.first() && b.len() < 4 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = |word: &[char], from: usize| word.get(from..).unwrap_or_default().to_vec();
    let (a, b) = (rest(&a, same), rest(&b, same));
    let swapped = matches!((a.as_slice(), b.as_slice()), ([x, y, ..], [v, w, ..]) if x == w && y == v) && rest(&a, 2) == rest(&b, 2);
    swapped || rest(&a, 1) == rest(&b, 1) || rest(&a, 1) == b || a == rest(&b, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_leads_to_the_command() {
        for (typed, meant) in [("lss", "ls"), ("la", "ls"), ("gte", "get"), ("gett", "get"), ("puut", "put"), ("miror", "mirror")] {
            assert_eq!(command(typed, true).as_deref(), Some(meant), "{typed}");
        }
        for (typed, meant) in [("site", "sites"), ("quue", "queue"), ("queueu", "queue"), ("doctro", "doctor"), ("hlep", "help")] {
            assert_eq!(command(typed, true).as_deref(), Some(meant), "{typed}");
        }
        for host in ["nas", "ftp", "mail", "localhost", "download", "s", "gw", "example"] {
            assert_eq!(command(host, true), None, "{host}");
        }
        assert_eq!(command("download", false).as_deref(), Some("get"));
    }

    #[test]
    fn arguments_that_begin_with_a_command_are_no_slip() {
        let of = |line: &str| in_arguments(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("ftpane ls -q"), None);
        assert_eq!(of("ftpane --json"), None);
        assert!(of("ftpane -q lss -l ftp://h").unwrap().starts_with("no command and no site is called lss; did you mean ftpane ls?"));
    }

    #[test]
    fn a_server_without_its_scheme_is_shown_with_it() {
        assert_eq!(server(b"127.0.0.1:2121/x").as_deref(), Some("; for a server write ftp://127.0.0.1:2121/x"));
        assert_eq!(server(b"host:21").as_deref(), Some("; for a server write ftp://host:21"));
        for local in [&b"a:b"[..], b"./host:21", b"/host:21", b"ftp://h:21", b"plain", b"dir/a:21", b"u:pw@h:21", b":21"] {
            assert_eq!(server(local), None, "{local:?}");
        }
    }
}
