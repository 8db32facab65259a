//! The frame of a pane: place and state above, marks and room below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Widget};

use crate::app::{Content, Pane, PaneSide};
use crate::model::opened::{Encrypted, Trusted};
use crate::model::text::{printable, printable_str};
use crate::model::{Ascii, Entry, Kind};
use crate::tui::format::{count, size};
use crate::tui::layout::{BOTH_PANES, PanePlan};
use crate::tui::text::{cut_middle, cut_start, width};

use super::{Scene, names, pen};

/// Draws the border with title and foot.
pub fn draw(scene: &Scene<'_>, plan: &PanePlan, buffer: &mut Buffer) {
    let focused = scene.app.focus == plan.side && !(scene.app.panel_focus && scene.app.panel.is_some());
    let lit = scene.app.drag.as_ref().and_then(|drag| drag.over.as_ref()).is_some_and(|over| over.side == plan.side);
    let style = if lit {
        scene.theme.drop
    } else if focused {
        scene.theme.frame_focus
    } else {
        scene.theme.frame
    };
    let border = if focused { BorderType::Thick } else { BorderType::Plain };
    Block::bordered().border_type(border).border_style(style).render(plan.frame, buffer);
    top(scene, plan, focused, buffer);
    foot(scene, plan, buffer);
}

fn top(scene: &Scene<'_>, plan: &PanePlan, focused: bool, buffer: &mut Buffer) {
    let pane = scene.app.pane(plan.side);
    let style = if focused { scene.theme.title_focus } else { scene.theme.title };
    let mut line = line(plan.frame, plan.frame.y);
    if let Some((word, bad)) = state(pane) {
        let style = if bad { scene.theme.warn } else { scene.theme.good };
        let used = pen::put_right(buffer, line, &format!(" {word} "), style);
        line.width = line.width.saturating_sub(used + 1);
    }
    let mut text = place(pane, usize::from(line.width).saturating_sub(2));
    if plan.frame.width < BOTH_PANES && scene.app.screen.cols < BOTH_PANES {
        let which = if plan.side == PaneSide::Left { "1/2" } else { "2/2" };
        text = format!("{which} {}", place(pane, usize::from(line.width).saturating_sub(6)));
    }
    pen::put(buffer, line, &format!(" {text} "), style);
}

/// `local ~/site`, the path cut at its start where there is little room.
fn place(pane: &Pane, columns: usize) -> String {
    match &pane.content {
        Content::Sites(_) => "sites".to_owned(),
        Content::Opening(_) => match &pane.opened.site {
            Some(site) => format!("opening {}", printable_str(&site.title())),
            None => "opening".to_owned(),
        },
        Content::Directory => {
            let volume = names::volume(pane);
            let path = names::path_of(pane, &pane.path);
            // The path has what the volume leaves it, and at least half: it is what changes.
            let room = columns.saturating_sub(width(&volume) + 1).max(columns / 2).min(width(&path));
            format!("{} {}", cut_middle(&volume, columns.saturating_sub(room + 1)), cut_start(&path, room))
        }
    }
}

/// The state of the connection for the title, and whether it deserves a warning.
fn state(pane: &Pane) -> Option<(String, bool)> {
    if !matches!(pane.content, Content::Directory) {
        return None;
    }
    let site = pane.opened.site.as_ref()?;
    if pane.lost || pane.trouble.as_ref().is_some_and(|trouble| trouble.is_connection_lost()) {
        return Some(("connection lost".to_owned(), true));
    }
    let active = site.mode == crate::model::DataMode::Active || site.learnt.prefers_active;
    let (mut words, bad) = match &pane.opened.encrypted {
        None => (vec!["plain"], true),
        Some(Encrypted { trusted, resumed, .. }) => {
            let trust = match trusted {
                Trusted::Authority => None,
                Trusted::Pinned => Some("pinned"),
                Trusted::Unchecked => Some("unchecked"),
            };
            let resumed = resumed.then_some("resumed");
            (["TLS"].into_iter().chain(trust).chain(resumed).collect(), *trusted == Trusted::Unchecked)
        }
    };
    words.extend(active.then_some("active"));
    // Who moves a picture must see that it would be taken for text.
    words.extend(match &site.ascii {
        Ascii::Never => None,
        Ascii::Always => Some("ascii"),
        Ascii::Extensions(_) => Some("ascii by name"),
    });
    Some((words.join(" "), bad || site.ascii == Ascii::Always))
}

fn foot(scene: &Scene<'_>, plan: &PanePlan, buffer: &mut Buffer) {
    let pane = scene.app.pane(plan.side);
    if !matches!(pane.content, Content::Directory) {
        return;
    }
    let mut line = line(plan.frame, plan.frame.bottom() - 1);
    let (text, style) = summary(scene, pane);
    // The summary comes first: free space is shown only in the room that is left.
    let used = width(&text) as u16 + 3;
    if let Some(free) = pane.free {
        let free = format!(" {} free ", size(free));
        if used + width(&free) as u16 <= line.width {
            let right = pen::put_right(buffer, line, &free, scene.theme.dim);
            line.width -= right;
        }
    }
    pen::put(buffer, line, &format!(" {text} "), style);
}

/// What the foot says, by how much it matters at the moment.
fn summary(scene: &Scene<'_>, pane: &Pane) -> (String, Style) {
    if let Some(search) = &pane.search {
        return (format!("search: {}_", printable_str(&search.text)), scene.theme.title_focus);
    }
    if pane.loading.is_some() {
        return (format!("reading … {}", count(pane.entries.len() as u64, "entry", "entries")), scene.theme.warn);
    }
    if let Some(trouble) = &pane.trouble {
        return (trouble.to_string(), scene.theme.error);
    }
    let filter = pane.filter.as_ref().map(|filter| format!("filter {}: ", printable_str(filter))).unwrap_or_default();
    if pane.marks.is_empty() {
        let shown = pane.order.len() as u64;
        let unread = match pane.unparsed.len() {
            0 => String::new(),
            rows => format!(", {rows} unreadable"),
        };
        return (format!("{filter}{}{unread}", count(shown, "entry", "entries")), scene.theme.foot);
    }
    let marked = pane.marked();
    (format!("{filter}{} marked, {} of {}", marked.count, size(marked.bytes), pane.order.len()), scene.theme.mark)
}

/// The line of a frame between its corners.
fn line(frame: Rect, y: u16) -> Rect {
    Rect { x: frame.x + 1, y, width: frame.width.saturating_sub(2), height: 1 }
}

/// One entry in all its details, for the line below the panes.
pub fn details(scene: &Scene<'_>, pane: &Pane, entry: &Entry) -> String {
    use crate::tui::format::{full_date, kind_letter, mode};
    let mut parts = vec![names::with_sign(entry).into_owned()];
    if let Some(target) = &entry.target {
        parts.push(format!("→ {}", printable(target)));
    }
    match (entry.kind, pane.dir_sizes.get(&entry.name)) {
        (Kind::Dir, Some(&bytes)) => parts.push(count(bytes, "byte", "bytes")),
        (Kind::File, _) => parts.extend(entry.size.map(|bytes| count(bytes, "byte", "bytes"))),
        _ => {}
    }
    parts.extend(entry.modified.map(|time| full_date(time, scene.clock)));
    parts.extend(entry.mode.map(|bits| format!("{}{}", kind_letter(entry.kind), mode(bits))));
    let owner = [&entry.owner, &entry.group].map(|name| name.as_deref().map(printable_str));
    match owner {
        [Some(owner), Some(group)] => parts.push(format!("{owner}:{group}")),
        [Some(one), None] | [None, Some(one)] => parts.push(one.into_owned()),
        [None, None] => {}
    }
    parts.join("  ")
}
