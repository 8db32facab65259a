//! Lines, blocks and bars as shapes: written as text, they leave gaps between rows in most fonts.

use std::fmt::Write;

use super::svg::{COLUMN, ROW};

/// The shape of a character that fills its cell at `left`, `top`, with `INK` for its colour; `None` for one to be written.
pub fn draw(text: &str, left: f64, top: f64) -> Option<String> {
    let mut letters = text.chars();
    let (letter, None) = (letters.next()?, letters.next()) else {
        return None;
    };
    line(letter, left, top).or_else(|| block(letter, left, top))
}

/// Which ways a line runs from the middle of the cell: up, right, down, left; and its width.
fn arms(letter: char) -> Option<([bool; 4], f64)> {
    const THIN: f64 = 1.2;
    const THICK: f64 = 2.6;
    let (arms, width) = match letter {
        '─' | '╌' | '┄' => ("rl", THIN),
        '│' | '╎' | '┆' => ("ud", THIN),
        '┌' | '╭' => ("rd", THIN),
        '┐' | '╮' => ("dl", THIN),
        '└' | '╰' => ("ur", THIN),
        '┘' | '╯' => ("ul", THIN),
        '├' => ("urd", THIN),
        '┤' => ("udl", THIN),
        '┬' => ("rdl", THIN),
        '┴' => ("url", THIN),
        '┼' => ("urdl", THIN),
        '━' => ("rl", THICK),
        '┃' => ("ud", THICK),
        '┏' => ("rd", THICK),
        '┓' => ("dl", THICK),
        '┗' => ("ur", THICK),
        '┛' => ("ul", THICK),
        _ => return None,
    };
    Some((['u', 'r', 'd', 'l'].map(|way| arms.contains(way)), width))
}

fn line(letter: char, left: f64, top: f64) -> Option<String> {
    let ([up, right, down, to_left], width) = arms(letter)?;
    let (x, y) = (left + COLUMN / 2.0, top + ROW / 2.0);
    let (end, bottom) = (left + COLUMN, top + ROW);
    let mut path = String::new();
    if matches!(letter, '╭' | '╮' | '╯' | '╰') {
        let side = if right { end } else { left };
        let (from, towards) = if down { (bottom, y + 3.0) } else { (top, y - 3.0) };
        let _ = write!(path, "M{x:.1} {from:.1}V{towards:.1}Q{x:.1} {y:.1} {side:.1} {y:.1}");
    } else {
        let (from, to) = (if to_left { left } else { x }, if right { end } else { x });
        let _ = write!(path, "M{from:.1} {y:.1}H{to:.1}");
        let (from, to) = (if up { top } else { y }, if down { bottom } else { y });
        let _ = write!(path, "M{x:.1} {from:.1}V{to:.1}");
    }
    Some(format!(r#"<path d="{path}" fill="none" stroke="INK" stroke-width="{width}" stroke-linecap="square"/>"#))
}

fn block(letter: char, left: f64, top: f64) -> Option<String> {
    let eighths = |first: char| f64::from(u32::from(letter) - u32::from(first) + 1) / 8.0;
    // Left, top, width and height as parts of the cell; how opaque.
    let (x, y, w, h, ink) = match letter {
        '▁'..='█' => {
            let height = eighths('▁');
            (0.0, 1.0 - height, 1.0, height, 1.0)
        }
        '▉'..='▏' => (0.0, 0.0, 1.0 - eighths('▉'), 1.0, 1.0),
        '▀' => (0.0, 0.0, 1.0, 0.5, 1.0),
        '▐' => (0.5, 0.0, 0.5, 1.0, 1.0),
        '▔' => (0.0, 0.0, 1.0, 0.125, 1.0),
        '▕' => (0.875, 0.0, 0.125, 1.0, 1.0),
        '░' => (0.0, 0.0, 1.0, 1.0, 0.25),
        '▒' => (0.0, 0.0, 1.0, 1.0, 0.5),
        '▓' => (0.0, 0.0, 1.0, 1.0, 0.75),
        _ => return None,
    };
    Some(format!(
        r#"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}" fill="INK" fill-opacity="{ink}"/>"#,
        left + x * COLUMN,
        top + y * ROW,
        w * COLUMN,
        h * ROW
    ))
}
