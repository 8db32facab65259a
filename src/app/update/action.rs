//! What each action does: one line for each.

use super::super::action::{Action, File, Go, Mark, Program, Show, Site};
use super::super::{App, Panel, allowed};
use super::{
    Effects, ascii, charset, checkup, conflict, connection, delete, edit, form, marks, mode, palette, pane, panel, program, queue, search,
    show, site, site_form, transfer, trouble, viewer, why,
};
use crate::model::SortKey;

/// Does an action.
pub(super) fn run(app: &mut App, action: Action, fx: &mut Effects) {
    if let Some(why) = allowed::refusal(app, action) {
        return trouble(app, why);
    }
    match action {
        Action::Go(go) => go_to(app, go, fx),
        Action::Mark(mark) => mark_entries(app, mark),
        Action::Show(what) => show_what(app, what, fx),
        Action::File(file) => with_file(app, file, fx),
        Action::Queue(what) => queue::run(app, what, fx),
        Action::Site(site) => with_site(app, site, fx),
        Action::Program(program) => with_program(app, program, fx),
    }
}

fn go_to(app: &mut App, go: Go, fx: &mut Effects) {
    match go {
        Go::Up => pane::step(app, -1),
        Go::Down => pane::step(app, 1),
        Go::PageUp => pane::page(app, false),
        Go::PageDown => pane::page(app, true),
        Go::Top => pane::to_row(app, 0),
        Go::Bottom => pane::to_row(app, usize::MAX),
        Go::Open => pane::open(app, fx),
        Go::Enter => pane::enter(app, fx),
        Go::Parent => pane::parent(app, fx),
        Go::Other => pane::other(app),
        Go::Panel => panel::change_over(app),
        Go::Swap => pane::swap(app),
        Go::Refresh => pane::refresh(app, app.focus, fx),
        Go::Back => pane::back(app, fx),
        Go::Forward => pane::forward(app, fx),
        Go::Path => form::ask_path(app),
        Go::HereToo => pane::here_too(app, fx),
        Go::ThereToo => pane::there_too(app, fx),
        Go::Search => search::begin(app),
    }
}

fn mark_entries(app: &mut App, mark: Mark) {
    match mark {
        Mark::Toggle | Mark::Down => marks::toggle(app, 1),
        Mark::Up => marks::toggle(app, -1),
        Mark::ByMask => form::ask_mask(app, true),
        Mark::UnmarkByMask => form::ask_mask(app, false),
        Mark::Invert => marks::invert(app),
    }
}

fn show_what(app: &mut App, what: Show, fx: &mut Effects) {
    match what {
        Show::Filter => form::ask_filter(app),
        Show::ByName => show::sort(app, app.focus, SortKey::Name),
        Show::BySize => show::sort(app, app.focus, SortKey::Size),
        Show::ByTime => show::sort(app, app.focus, SortKey::Time),
        Show::ByExtension => show::sort(app, app.focus, SortKey::Extension),
        Show::Hidden => show::hidden(app),
        Show::Size => show::directory_size(app, fx),
        Show::Transfers => panel::toggle(app, Panel::Transfers),
        Show::Log => panel::toggle(app, Panel::Log),
        Show::Mouse => show::mouse(app, fx),
    }
}

fn with_file(app: &mut App, file: File, fx: &mut Effects) {
    match file {
        File::View => viewer::open(app, fx),
        File::Edit => edit::begin(app, fx),
        File::Copy => transfer::copy(app, fx),
        File::CopyTo => transfer::ask_target(app, false),
        File::Move => transfer::ask_target(app, true),
        File::Rename => form::ask_rename(app),
        File::MakeDir => form::ask_directory(app),
        File::Delete => delete::ask(app, false, fx),
        File::DeleteForGood => delete::ask(app, true, fx),
        File::Mode => mode::ask(app),
        File::AskAgain => conflict::ask_again(app),
    }
}

fn with_site(app: &mut App, site: Site, fx: &mut Effects) {
    match site {
        Site::List => site::open_dialog(app),
        Site::Connect => form::ask_connect(app),
        Site::Disconnect => connection::disconnect(app, app.focus, fx),
        Site::Save => site_form::save_this(app),
        Site::Can => checkup::show(app),
        Site::Fix => why::show(app),
        Site::Charset => charset::open(app),
        Site::Text => ascii::turn(app, fx),
    }
}

fn with_program(app: &mut App, program: Program, fx: &mut Effects) {
    match program {
        Program::Help => program::help(app),
        Program::Menu => palette::open(app, true),
        Program::Palette => palette::open(app, false),
        Program::Command => form::ask_command(app),
        Program::Cancel => program::cancel(app, fx),
        Program::Shell => program::shell(app, fx),
        Program::Suspend => fx.push(super::Effect::Suspend),
        Program::Quit => program::quit(app, fx),
    }
}
