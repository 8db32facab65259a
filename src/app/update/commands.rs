//! The command line `:`: the words of ftp(1) for what the panes can do.

mod copy;

use crate::bus::BrowseOp;
use crate::model::secret::Typed;
use crate::model::text::printable_str;
use crate::model::{Entry, Existing, VPath};

use super::super::action::{Action, File, Go, Program, Show, Site};
use super::super::listing::Trail;
use super::super::pane::Pane;
use super::super::{App, PaneSide, Purpose};
use super::mask::{Mask, is_mask};
use super::{Effects, action, ascii, browse, connection, delete, form, mode, pane, site, target, transfer};

use copy::Way;

/// What a command does with what stands behind it.
type Run = fn(&mut App, &str, &mut Effects) -> Result<(), String>;

/// `get`, from which its kin differ.
const GET: Way = Way { down: true, many: false, existing: None };

/// The commands, each with the names it has in ftp(1).
const COMMANDS: &[(&[&str], Run)] = &[
    (&["cd"], cd),
    (&["lcd"], lcd),
    (&["cdup"], |app, _, fx| act(app, Action::Go(Go::Parent), fx)),
    (&["get", "recv"], |app, args, fx| copy::run(app, args, GET, fx)),
    (&["put", "send"], |app, args, fx| copy::run(app, args, Way { down: false, ..GET }, fx)),
    (&["mget"], |app, args, fx| copy::run(app, args, Way { many: true, ..GET }, fx)),
    (&["mput"], |app, args, fx| copy::run(app, args, Way { down: false, many: true, ..GET }, fx)),
    (&["reget"], |app, args, fx| copy::run(app, args, Way { existing: Some(Existing::Resume), ..GET }, fx)),
    (&["newer"], |app, args, fx| copy::run(app, args, Way { existing: Some(Existing::Newer), ..GET }, fx)),
    (&["mkdir"], make_directory),
    (&["delete", "mdelete", "rmdir"], remove),
    (&["rename"], rename),
    (&["chmod"], chmod),
    (&["size"], size),
    (&["modtime"], |app, args, fx| about(app, "MDTM", args, fx)),
    (&["pwd"], pwd),
    (&["ls", "dir", "mls", "mdir", "nlist"], ls),
    (&["open"], open),
    (&["close", "disconnect"], |app, _, fx| act(app, Action::Site(Site::Disconnect), fx)),
    (&["quote", "literal"], quote),
    (&["site"], |app, args, fx| quote(app, &format!("SITE {args}"), fx)),
    (&["rhelp", "remotehelp"], |app, args, fx| quote(app, format!("HELP {args}").trim_end(), fx)),
    (&["system"], |app, _, fx| quote(app, "SYST", fx)),
    (&["status"], |app, _, fx| quote(app, "STAT", fx)),
    (&["rstatus"], |app, args, fx| if args.is_empty() { quote(app, "STAT", fx) } else { about(app, "STAT", args, fx) }),
    (&["umask"], |app, args, fx| quote(app, format!("SITE UMASK {args}").trim_end(), fx)),
    (&["type"], ascii::of_word),
    (&["ascii"], |app, _, fx| ascii::of_word(app, "ascii", fx)),
    (&["binary", "image"], |app, _, fx| ascii::of_word(app, "binary", fx)),
    (&["view"], |app, _, fx| act(app, Action::File(File::View), fx)),
    (&["edit"], |app, _, fx| act(app, Action::File(File::Edit), fx)),
    (&["help", "?"], |app, _, fx| act(app, Action::Program(Program::Help), fx)),
    (&["!"], |app, _, fx| act(app, Action::Program(Program::Shell), fx)),
    (&["quit", "bye", "exit", "q"], |app, _, fx| act(app, Action::Program(Program::Quit), fx)),
];

/// The commands of ftp(1) that have nothing to do here, each with what takes its place.
const TOLD: &[(&[&str], &str)] = &[
    (&["append"], "files are not joined: :put the file, and where it is there already choose to resume"),
    (&["bell", "hash", "progress"], "the strip below the panes shows how far transfers are; w lists them"),
    (&["debug", "trace", "verbose"], "L shows the dialogue with the server; --log FILE keeps it"),
    (&["glob"], "masks such as *.html are understood by :get, :put, :delete and by + and -"),
    (&["passive", "sendport"], "how data connections are made is a setting of the site: F2, then F4 on the site; or start with --mode"),
    (&["prompt"], "only an existing target is asked about; [existing] in the settings answers for good"),
    (&["reset"], "the connection keeps in step by itself; X closes it and o opens another"),
    (&["user"], "another login is another connection: o, then ftp://USER@HOST"),
];

/// Every name.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let told = TOLD.iter().flat_map(|(names, _)| names.iter().copied());
    COMMANDS.iter().flat_map(|(names, _)| names.iter().copied()).chain(told)
}

/// Runs a line.
pub(super) fn run(app: &mut App, line: &str, fx: &mut Effects) -> Result<(), String> {
    let line = line.trim().trim_start_matches(':').trim_start();
    if line.is_empty() {
        return Ok(());
    }
    let (word, args) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if let Some((_, text)) = TOLD.iter().find(|(names, _)| names.contains(&word)) {
        super::notice(app, *text);
        return Ok(());
    }
    let found = COMMANDS.iter().find(|(names, _)| names.contains(&word));
    let (_, run) = found.ok_or_else(|| format!("there is no command {}; Tab shows them", printable_str(word)))?;
    recall_later(app, word, args.trim());
    run(app, args.trim(), fx)
}

/// How many lines Up goes back.
const RECALLED: usize = 200;

/// Keeps a line for Up, without the password that may stand in it.
fn recall_later(app: &mut App, word: &str, args: &str) {
    let is_password = args.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case("pass") || verb.eq_ignore_ascii_case("acct"));
    if matches!(word, "quote" | "literal") && is_password {
        return;
    }
    let line = format!("{word} {}", if word == "open" { Typed::new(args).shown() } else { args.to_owned() });
    let line = line.trim_end().to_owned();
    app.history.retain(|old| *old != line);
    app.history.push(line);
    if app.history.len() > RECALLED {
        app.history.remove(0);
    }
}

fn act(app: &mut App, what: Action, fx: &mut Effects) -> Result<(), String> {
    action::run(app, what, fx);
    Ok(())
}

/// The pane of a server: the focused one, else the other.
fn remote(app: &App) -> Result<PaneSide, String> {
    let is = |side: PaneSide| app.pane(side).is_directory() && !app.pane(side).is_local();
    [app.focus, app.focus.other()].into_iter().find(|&side| is(side)).ok_or_else(|| "no server is open".to_owned())
}

fn local(app: &App) -> Result<PaneSide, String> {
    let is = |side: PaneSide| app.pane(side).is_directory() && app.pane(side).is_local();
    [app.focus, app.focus.other()].into_iter().find(|&side| is(side)).ok_or_else(|| "no pane shows the local disk".to_owned())
}

fn cd(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    if !app.pane(app.focus).is_directory() {
        return Err("this pane shows no directory".to_owned());
    }
    form::go_to(app, if args.is_empty() { "~" } else { args }, fx)
}

fn lcd(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    let side = local(app)?;
    let was = std::mem::replace(&mut app.focus, side);
    let path = form::resolve(app, if args.is_empty() { "~" } else { args });
    app.focus = was;
    pane::list(app, side, path?, Trail::New, fx);
    Ok(())
}

/// Lists the directory again, and says what is there; a mask shows only what matches.
fn ls(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    // What ls(1) is told to show is shown anyway.
    let args = args.split_whitespace().find(|word| !word.starts_with('-')).unwrap_or_default();
    if !app.pane(app.focus).is_directory() {
        return Err("this pane shows no directory".to_owned());
    }
    if !args.is_empty() && args != "." && !is_mask(args) {
        let typed = printable_str(args);
        return Err(format!("the pane is the listing: :cd {typed} goes there, :ls lists again, :ls *.txt shows only what matches"));
    }
    if is_mask(args) {
        form::filter(app, args)?;
    }
    pane::refresh(app, app.focus, fx);
    app.pane_mut(app.focus).tell = true;
    Ok(())
}

/// The entry that is called so, as it is typed.
fn here<'a>(pane: &'a Pane, typed: &str) -> Option<&'a Entry> {
    let name = target::bytes(typed.trim_end_matches('/'));
    pane.entries.iter().find(|entry| entry.name.as_bytes() == name)
}

/// Entries of a pane by name or mask; without one, what is chosen there.
fn named(pane: &Pane, args: &str) -> Result<Vec<Entry>, String> {
    if args.is_empty() {
        return Ok(transfer::chosen(pane));
    }
    if let Some(entry) = here(pane, args) {
        return Ok(vec![entry.clone()]);
    }
    let found: Vec<Entry> = if is_mask(args) {
        let mask = Mask::new(args)?;
        let shown = pane.order.iter().filter_map(|&i| pane.entries.get(i as usize));
        shown.filter(|entry| mask.matches(entry.name.as_bytes())).cloned().collect()
    } else {
        Vec::new()
    };
    if found.is_empty() { Err(format!("nothing here is called {}", printable_str(args))) } else { Ok(found) }
}

fn make_directory(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    if args.is_empty() {
        return act(app, Action::File(File::MakeDir), fx);
    }
    let path = path_in_focus(app, args)?;
    let Some(connection) = app.pane(app.focus).connection else { return Ok(()) };
    browse(app, connection, Purpose::Change(app.focus, "directory made", path.name()), BrowseOp::MakeDir { path }, fx);
    Ok(())
}

fn path_in_focus(app: &App, typed: &str) -> Result<VPath, String> {
    if app.pane(app.focus).is_directory() { form::resolve(app, typed) } else { Err("this pane shows no directory".to_owned()) }
}

/// Asks first, as F8 does.
fn remove(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    let entries = named(app.pane(app.focus), args)?;
    delete::ask_for(app, entries, false, fx);
    Ok(())
}

fn rename(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    let (old, new) = args.split_once(char::is_whitespace).ok_or("say the old name and the new one, as in :rename old new")?;
    let page = app.screen.page;
    let entry = named(app.pane(app.focus), old)?.into_iter().next().ok_or("nothing to rename")?;
    let pane = app.pane_mut(app.focus);
    if let Some(row) = pane.row_of(&entry.name) {
        pane.put_cursor(row, page);
    }
    app.subject = super::super::form::Subject::of(app, vec![entry]);
    form::rename(app, new.trim(), fx)
}

fn chmod(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    let (bits, name) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    mode::parse(bits)?;
    let entries = named(app.pane(app.focus), name.trim())?;
    app.subject = super::super::form::Subject::of(app, entries);
    mode::set(app, bits, fx)
}

/// Without a name the size of the directory under the cursor, as Ctrl-Space shows it.
fn size(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    if args.is_empty() { act(app, Action::Show(Show::Size), fx) } else { about(app, "SIZE", args, fx) }
}

/// A command about a path on the server; without one, about the entry under the cursor.
fn about(app: &mut App, verb: &str, args: &str, fx: &mut Effects) -> Result<(), String> {
    let pane = app.pane(remote(app)?);
    let path = match (args, pane.current()) {
        ("", Some(entry)) => pane.path.join(&entry.name),
        ("", None) => return Err("say which file, or put the cursor on it".to_owned()),
        (typed, _) => pane.path.resolve(&target::bytes(typed)).map_err(|why| why.to_string())?,
    };
    send(app, [verb.as_bytes(), b" ", path.as_bytes()].concat(), fx)
}

fn pwd(app: &mut App, _: &str, _: &mut Effects) -> Result<(), String> {
    let pane = app.pane(app.focus);
    let text = format!("{} on {}", super::text::path(&pane.path), super::text::volume(pane));
    super::notice(app, text);
    Ok(())
}

fn open(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    if args.is_empty() {
        form::ask_connect(app);
    } else {
        site::resolve_typed(app, app.focus, args.to_owned(), fx);
    }
    Ok(())
}

/// A line as it is; the reply is shown.
fn quote(app: &mut App, args: &str, fx: &mut Effects) -> Result<(), String> {
    if args.is_empty() {
        return Err("say what to send, as in :quote FEAT".to_owned());
    }
    send(app, target::bytes(args), fx)
}

fn send(app: &mut App, line: Vec<u8>, fx: &mut Effects) -> Result<(), String> {
    let side = remote(app)?;
    connection::wake(app, side, fx);
    let Some(connection) = app.pane(side).connection else { return Ok(()) };
    if line.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Err("a command is one line".to_owned());
    }
    browse(app, connection, Purpose::Raw, BrowseOp::Raw { line }, fx);
    Ok(())
}
