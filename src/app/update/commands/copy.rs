//! `:get`, `:put` and their kin: the options of `ftpane get`, the names of ftp(1).
//!
//! A name takes a directory with all that is in it, as F5 does, so that -r says nothing new. `mget` and `mput` take files only where a mask
//! chooses, as those who know them expect, and say what they left.

use crate::model::Entry;
use crate::model::text::printable_str;
use crate::model::transfer::Verb;
use crate::model::words::Word as _;
use crate::model::{Existing, VPath};

use super::super::super::pane::Pane;
use super::super::super::{App, PaneSide};
use super::super::mask::is_mask;
use super::super::transfer::{self, Copy, Target};
use super::super::{Effects, notice, target, text};
use super::{here, named, remote};

/// One of the commands.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// From the server.
    pub down: bool,
    /// Several names, of which masks take files only; else one, and the name of its copy.
    pub many: bool,
    /// What the command itself says of existing targets.
    pub existing: Option<Existing>,
}

/// What stands before the names.
#[derive(Default)]
struct Options {
    existing: Option<Existing>,
    recursive: bool,
}

/// What is to be copied.
struct Chosen {
    entries: Vec<Entry>,
    /// Directories that a mask matched and that were left.
    left: usize,
    /// The name of the copy, where one was given.
    renamed: Option<String>,
}

/// Runs the command.
pub(super) fn run(app: &mut App, args: &str, way: Way, fx: &mut Effects) -> Result<(), String> {
    let server = remote(app)?;
    let (from, to) = if way.down { (server, server.other()) } else { (server.other(), server) };
    let (options, names) = options(app.pane(from), args)?;
    let chosen = choose(app.pane(from), names, way.many, &options)?;
    if chosen.entries.is_empty() && chosen.left > 0 {
        let verb = if way.down { "mget" } else { "mput" };
        let what = printable_str(names);
        return Err(format!("only directories match {what}: :{verb} -r takes them, with all that is in them"));
    }
    let target = match &chosen.renamed {
        Some(name) => renamed(app, to, name)?,
        None => Target::Into(app.pane(to).path.clone()),
    };
    let existing = options.existing.or(way.existing);
    transfer::enqueue(app, Copy { verb: Verb::Copy, from, to, entries: chosen.entries, target, existing }, fx)?;
    if chosen.left > 0 {
        notice(
            app,
            format!("files only: {} passed over; -r takes directories too", text::many(chosen.left as u64, "directory", "directories")),
        );
    }
    Ok(())
}

/// The options, and the names behind them. What is called so is no option.
fn options<'a>(pane: &Pane, args: &'a str) -> Result<(Options, &'a str), String> {
    let (mut options, mut rest) = (Options::default(), args);
    while rest.starts_with('-') && rest != "-" && here(pane, rest).is_none() {
        let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        rest = behind.trim_start();
        match word {
            "--" => break,
            "--recursive" => options.recursive = true,
            "--continue" => options.existing = Some(Existing::Resume),
            _ => match (word.strip_prefix("--existing="), word.strip_prefix('-')) {
                (Some(rule), _) => options.existing = Some(existing(rule)?),
                (None, Some(letters)) if !letters.starts_with('-') => letters.chars().try_for_each(|letter| short(letter, &mut options))?,
                (None, _) => return Err(unknown(word)),
            },
        }
    }
    Ok((options, rest))
}

fn short(letter: char, options: &mut Options) -> Result<(), String> {
    match letter {
        'r' | 'R' => options.recursive = true,
        'c' => options.existing = Some(Existing::Resume),
        other => return Err(unknown(&format!("-{other}"))),
    }
    Ok(())
}

fn existing(rule: &str) -> Result<Existing, String> {
    Existing::of_word(rule).ok_or_else(|| format!("{} is no rule: write one of {}", printable_str(rule), Existing::words()))
}

fn unknown(word: &str) -> String {
    format!("{} is no option here: -r, -c and --existing=RULE are, and -- ends them", printable_str(word))
}

/// The entries that are named; without a name those that are chosen in the pane.
fn choose(pane: &Pane, names: &str, many: bool, options: &Options) -> Result<Chosen, String> {
    let whole = |entries| Chosen { entries, left: 0, renamed: None };
    if names.is_empty() {
        return Ok(whole(transfer::chosen(pane)));
    }
    // A name may hold blanks.
    let words: Vec<&str> = if here(pane, names).is_some() { vec![names] } else { names.split_whitespace().collect() };
    match (words.as_slice(), many) {
        ([one, name], false) if !is_mask(one) => Ok(Chosen { renamed: Some((*name).to_owned()), ..whole(named(pane, one)?) }),
        ([_, _, ..], false) => Err("a name with blanks is not here, and one name is taken; :mget and :mput take several".to_owned()),
        _ => several(pane, &words, many && !options.recursive),
    }
}

/// What all of the names and masks name, each once.
fn several(pane: &Pane, words: &[&str], files_only: bool) -> Result<Chosen, String> {
    let mut chosen = Chosen { entries: Vec::new(), left: 0, renamed: None };
    for word in words {
        let by_mask = here(pane, word).is_none() && is_mask(word);
        for entry in named(pane, word)? {
            if chosen.entries.iter().any(|known| known.name == entry.name) {
                continue;
            }
            if by_mask && files_only && entry.is_dir_like() {
                chosen.left += 1;
            } else {
                chosen.entries.push(entry);
            }
        }
    }
    Ok(chosen)
}

/// The second name: what the copy is to be called in the other pane, or the directory there that it goes into.
fn renamed(app: &App, to: PaneSide, name: &str) -> Result<Target, String> {
    let pane = app.pane(to);
    let path: VPath = pane.path.resolve(&target::bytes(name)).map_err(|why| why.to_string())?;
    let into = name.ends_with('/') || transfer::is_known_directory(pane, &path);
    Ok(if into { Target::Into(path) } else { Target::As(path) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_up_to_the_names_and_an_unknown_one_is_named() {
        let pane = Pane::default();
        let read = |args| options(&pane, args).map(|(options, rest)| (options.recursive, options.existing, rest.to_owned()));
        assert_eq!(read("-r a b"), Ok((true, None, "a b".into())));
        assert_eq!(read("-rc a"), Ok((true, Some(Existing::Resume), "a".into())));
        assert_eq!(read("--existing=newer a"), Ok((false, Some(Existing::Newer), "a".into())));
        assert_eq!(read("-- -r"), Ok((false, None, "-r".into())));
        assert_eq!(read("-"), Ok((false, None, "-".into())));
        assert!(read("-j 4 a").unwrap_err().starts_with("-j is no option here"));
        assert!(read("--segments=4 a").unwrap_err().starts_with("--segments=4 is no option"));
        assert!(read("--existing=often a").unwrap_err().contains("overwrite, newer"));
    }
}
