//! The command line `:`: the words of ftp(1) for what the panes can do.

use crate::bus::BrowseOp;
use crate::model::transfer::Verb;
use crate::model::{Entry, VPath};

use super::super::action::{Action, File, Go, Program, Show, Site};
use super::super::listing::Trail;
use super::super::pane::Pane;
use super::super::{App, PaneSide, Purpose};
use super::mask::{Mask, is_mask};
use super::transfer::{Copy, Target};
use super::{Effects, action, browse, connection, delete, form, mode, pane, site, target, transfer};

/// What a command does with what stands behind it.
type Run = fn(&mut App, &str, &mut Effects) -> Result<(), String>;

/// The commands, each with the names it has in ftp(1).
const COMMANDS: &[(&[&str], Run)] = &[
    (&["cd"], cd),
    (&["lcd"], lcd),
    (&["cdup"], |app, _, fx| act(app, Action::Go(Go::Parent), fx)),
    (&["get", "mget", "recv"], |app, args, fx| copy(app, args, true, fx)),
    (&["put", "mput", "send"], |app, args, fx| copy(app, args, false, fx)),
    (&["mkdir"], make_directory),
    (&["delete", "mdelete", "rmdir"], remove),
    (&["rename"], rename),
    (&["chmod"], chmod),
    (&["size"], |app, _, fx| act(app, Action::Show(Show::Size), fx)),
    (&["pwd"], pwd),
    (&["ls", "dir", "mls", "nlist"], |app, _, fx| act(app, Action::Go(Go::Refresh), fx)),
    (&["open"], open),
    (&["close", "disconnect"], |app, _, fx| act(app, Action::Site(Site::Disconnect), fx)),
    (&["quote"], quote),
    (&["site"], |app, args, fx| quote(app, &format!("SITE {args}"), fx)),
    (&["rhelp", "remotehelp"], |app, args, fx| quote(app, format!("HELP {args}").trim_end(), fx)),
    (&["system"], |app, _, fx| quote(app, "SYST", fx)),
    (&["status"], |app, _, fx| quote(app, "STAT", fx)),
    (&["view"], |app, _, fx| act(app, Action::File(File::View), fx)),
    (&["edit"], |app, _, fx| act(app, Action::File(File::Edit), fx)),
    (&["help", "?"], |app, _, fx| act(app, Action::Program(Program::Help), fx)),
    (&["!"], |app, _, fx| act(app, Action::Program(Program::Shell), fx)),
    (&["quit", "bye", "exit", "q"], |app, _, fx| act(app, Action::Program(Program::Quit), fx)),
];

/// Every name.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().flat_map(|(names, _)| names.iter().copied())
}

/// Runs a line.
pub(super) fn run(app: &mut App, line: &str, fx: &mut Effects) -> Result<(), String> {
    let line = line.trim().trim_start_matches(':').trim_start();
    if line.is_empty() {
        return Ok(());
    }
    let (word, args) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let found = COMMANDS.iter().find(|(names, _)| names.contains(&word));
    let (_, run) = found.ok_or_else(|| format!("there is no command {}; Tab shows them", crate::model::text::printable_str(word)))?;
    app.history.retain(|old| old != line);
    app.history.push(line.to_owned());
    run(app, args.trim(), fx)
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

/// Entries of a pane by name or mask; without one, what is chosen there.
fn named(pane: &Pane, args: &str) -> Result<Vec<Entry>, String> {
    if args.is_empty() {
        return Ok(transfer::chosen(pane));
    }
    let found: Vec<Entry> = if is_mask(args) {
        let mask = Mask::new(args)?;
        let shown = pane.order.iter().filter_map(|&i| pane.entries.get(i as usize));
        shown.filter(|entry| mask.matches(entry.name.as_bytes())).cloned().collect()
    } else {
        let name = target::bytes(args.trim_end_matches('/'));
        pane.entries.iter().filter(|entry| entry.name.as_bytes() == name).cloned().collect()
    };
    if found.is_empty() { Err(format!("nothing here is called {}", crate::model::text::printable_str(args))) } else { Ok(found) }
}

fn copy(app: &mut App, args: &str, down: bool, fx: &mut Effects) -> Result<(), String> {
    let server = remote(app)?;
    let (from, to) = if down { (server, server.other()) } else { (server.other(), server) };
    let entries = named(app.pane(from), args)?;
    let directory = app.pane(to).path.clone();
    transfer::enqueue(app, Copy { verb: Verb::Copy, from, to, entries, target: Target::Into(directory) }, fx)
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
    let side = remote(app)?;
    connection::wake(app, side, fx);
    let Some(connection) = app.pane(side).connection else { return Ok(()) };
    let line = target::bytes(args);
    if line.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Err("a command is one line".to_owned());
    }
    browse(app, connection, Purpose::Raw, BrowseOp::Raw { line }, fx);
    Ok(())
}
