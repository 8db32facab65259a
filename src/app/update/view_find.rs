//! Finding text or bytes in a viewed file, window after window, and going to an offset.

use super::super::App;
use super::super::viewer::{ViewMode, Viewer};
use super::viewer::WINDOW;
use super::{Effects, notice, trouble, viewer};

/// Begins a search from the top of the screen.
pub(super) fn begin(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    if typed.is_empty() {
        return Err("type what to find".to_owned());
    }
    let Some(shown) = viewer::of(app) else { return Ok(()) };
    let hex = (shown.mode == ViewMode::Hex).then(|| hex_bytes(typed)).flatten();
    shown.needle = hex.unwrap_or_else(|| typed.as_bytes().to_vec());
    shown.found = None;
    shown.searching = Some(shown.top);
    go_on(app, fx);
    Ok(())
}

/// Bytes typed as pairs of hex digits.
fn hex_bytes(typed: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = typed.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    pairs.map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

/// `n`: the next one.
pub(super) fn next(app: &mut App, fx: &mut Effects) {
    let Some(shown) = viewer::of(app) else { return };
    if shown.needle.is_empty() {
        return;
    }
    shown.searching = Some(shown.found.map_or(shown.top, |(at, _)| at + 1));
    go_on(app, fx);
}

/// Searches the window that is loaded, and asks for the next one where it holds nothing.
pub(super) fn go_on(app: &mut App, fx: &mut Effects) {
    let Some(shown) = viewer::of(app) else { return };
    let Some(from) = shown.searching else { return };
    if from < shown.offset || from > shown.end() {
        return viewer::load(app, from, WINDOW, fx);
    }
    if let Some(at) = find(shown, from) {
        shown.searching = None;
        shown.found = Some((at, shown.needle.len()));
        return viewer::jump(app, at, fx);
    }
    if shown.size.is_none_or(|size| shown.end() < size) && !shown.bytes.is_empty() {
        // What is looked for may begin in this window and end in the next.
        let overlap = shown.needle.len().saturating_sub(1) as u64;
        let next = shown.end().saturating_sub(overlap).max(from + 1);
        shown.searching = Some(next);
        return viewer::load(app, next, WINDOW, fx);
    }
    shown.searching = None;
    notice(app, "not found");
    viewer::settle(app, fx);
}

/// Case-blind for ASCII; other bytes as they are.
fn find(shown: &Viewer, from: u64) -> Option<u64> {
    let bytes = shown.from(from);
    let place = bytes.windows(shown.needle.len().max(1)).position(|window| window.eq_ignore_ascii_case(&shown.needle))?;
    Some(from + place as u64)
}

/// To a byte of the file: decimal, hex with 0x, or a percentage.
pub(super) fn go_to(app: &mut App, typed: &str, fx: &mut Effects) -> Result<(), String> {
    let typed = typed.trim();
    let size = viewer::of(app).and_then(|shown| shown.size);
    let at = match (typed.strip_prefix("0x"), typed.strip_suffix('%')) {
        (Some(hex), _) => u64::from_str_radix(hex, 16).ok(),
        (None, Some(percent)) => {
            percent.parse::<u64>().ok().filter(|percent| *percent <= 100).zip(size).map(|(percent, size)| size / 100 * percent)
        }
        (None, None) => typed.parse().ok(),
    };
    match at {
        Some(at) if size.is_some_and(|size| at > size) => Err("the file ends before that".to_owned()),
        Some(at) => {
            viewer::jump(app, at, fx);
            Ok(())
        }
        None => {
            if typed.is_empty() {
                trouble(app, "type a number of bytes");
            }
            Err("type a number such as 4096, 0x1000 or 50%".to_owned())
        }
    }
}
