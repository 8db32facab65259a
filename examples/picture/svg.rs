//! A terminal screen as an SVG that renders alike everywhere: no scripts, no fonts of its own, every run of text held to its
//! columns by `textLength`, lines and blocks drawn instead of written.

use std::fmt::{Result, Write};

use vt100::{Cell, Color, Screen};

use super::glyph;

/// The width of a column, in SVG units.
pub const COLUMN: f64 = 8.4;
/// The height of a row.
pub const ROW: f64 = 18.0;
const MARGIN: f64 = 14.0;
/// Where in a row the letters stand.
const BASELINE: f64 = 13.5;

const INK: Rgb = Rgb(0xd3, 0xd7, 0xe0);
const PAPER: Rgb = Rgb(0x15, 0x18, 0x20);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// How a cell looks, apart from what is in it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Style {
    ink: Rgb,
    paper: Rgb,
    bold: bool,
    italic: bool,
    underline: bool,
}

/// Text of one style in neighbouring cells of a row.
struct Run {
    column: u16,
    /// In columns, which is more than the number of characters when some are wide.
    width: u16,
    text: String,
    style: Style,
}

/// Draws the whole screen.
pub fn draw(screen: &Screen) -> std::result::Result<String, std::fmt::Error> {
    let (rows, cols) = screen.size();
    let width = f64::from(cols) * COLUMN + 2.0 * MARGIN;
    let height = f64::from(rows) * ROW + 2.0 * MARGIN;
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1} {height:.1}" width="{width:.0}" height="{height:.0}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">"#
    )?;
    writeln!(svg, r#"<rect width="{width:.1}" height="{height:.1}" rx="9" fill="{PAPER}"/>"#)?;
    for row in 0..rows {
        draw_row(&mut svg, screen, row)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn draw_row(svg: &mut String, screen: &Screen, row: u16) -> Result {
    let top = MARGIN + f64::from(row) * ROW;
    let runs = runs(screen, row);
    for (column, width, paper) in grounds(screen, row) {
        writeln!(
            svg,
            r#"<rect x="{:.1}" y="{top:.1}" width="{:.1}" height="{ROW}" fill="{paper}"/>"#,
            MARGIN + f64::from(column) * COLUMN,
            f64::from(width) * COLUMN
        )?;
    }
    for run in runs {
        let left = MARGIN + f64::from(run.column) * COLUMN;
        match glyph::draw(&run.text, left, top) {
            Some(shape) => writeln!(svg, "{}", shape.replace("INK", &run.style.ink.to_string()))?,
            None => draw_text(svg, &run, left, top)?,
        }
    }
    Ok(())
}

fn draw_text(svg: &mut String, run: &Run, left: f64, top: f64) -> Result {
    let width = f64::from(run.width) * COLUMN;
    write!(
        svg,
        r#"<text x="{left:.1}" y="{:.1}" textLength="{width:.1}" lengthAdjust="spacingAndGlyphs" fill="{}" xml:space="preserve""#,
        top + BASELINE,
        run.style.ink
    )?;
    if run.style.bold {
        svg.push_str(r#" font-weight="bold""#);
    }
    if run.style.italic {
        svg.push_str(r#" font-style="italic""#);
    }
    if run.style.underline {
        svg.push_str(r#" text-decoration="underline""#);
    }
    svg.push('>');
    for letter in run.text.chars() {
        match letter {
            '&' => svg.push_str("&amp;"),
            '<' => svg.push_str("&lt;"),
            '>' => svg.push_str("&gt;"),
            _ => svg.push(letter),
        }
    }
    svg.push_str("</text>\n");
    Ok(())
}

/// Backgrounds that differ from the paper: column, width in columns, colour.
fn grounds(screen: &Screen, row: u16) -> Vec<(u16, u16, Rgb)> {
    let mut grounds: Vec<(u16, u16, Rgb)> = Vec::new();
    for (column, cell) in cells(screen, row) {
        let paper = style(cell).paper;
        match grounds.last_mut() {
            Some((start, width, last)) if *last == paper && *start + *width == column => *width += 1,
            _ if paper != PAPER => grounds.push((column, 1, paper)),
            _ => {}
        }
    }
    grounds
}

/// The row's text, cut where the style changes, at gaps, and around every character that a font may draw at another width.
fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for (column, cell) in cells(screen, row) {
        if cell.is_wide_continuation() {
            continue;
        }
        let style = style(cell);
        let text = cell.contents();
        if text.trim().is_empty() && !style.underline {
            open = false;
            continue;
        }
        let ordinary = text.chars().all(|letter| letter < '\u{250}');
        match runs.last_mut() {
            Some(run) if open && ordinary && run.style == style => {
                run.text.push_str(text);
                run.width += 1;
            }
            _ => runs.push(Run { column, width: if cell.is_wide() { 2 } else { 1 }, text: text.to_owned(), style }),
        }
        open = ordinary;
    }
    runs
}

fn cells(screen: &Screen, row: u16) -> impl Iterator<Item = (u16, &Cell)> {
    let (_, cols) = screen.size();
    (0..cols).filter_map(move |column| Some((column, screen.cell(row, column)?)))
}

fn style(cell: &Cell) -> Style {
    let mut ink = colour(cell.fgcolor()).unwrap_or(INK);
    let mut paper = colour(cell.bgcolor()).unwrap_or(PAPER);
    if cell.inverse() {
        std::mem::swap(&mut ink, &mut paper);
    }
    if cell.dim() {
        ink = half(ink, paper);
    }
    Style { ink, paper, bold: cell.bold(), italic: cell.italic(), underline: cell.underline() }
}

fn half(a: Rgb, b: Rgb) -> Rgb {
    Rgb(a.0.midpoint(b.0), a.1.midpoint(b.1), a.2.midpoint(b.2))
}

fn colour(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Default => None,
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Idx(index) => Some(indexed(index)),
    }
}

/// The 256 colours: sixteen of a palette that is easy on a dark ground, xterm's cube, and its greys.
fn indexed(index: u8) -> Rgb {
    const BASE: [u32; 16] = [
        0x2b_303b, 0xe0_6c75, 0x98_c379, 0xe5_c07b, 0x61_afef, 0xc6_78dd, 0x56_b6c2, 0xab_b2bf, 0x6b_7384, 0xf0_8a92, 0xb1_d896, 0xf2_d399,
        0x8c_c5f5, 0xd8_9ce8, 0x7f_cdd6, 0xf0_f2f6,
    ];
    if let Some(base) = BASE.get(usize::from(index)) {
        let [_, r, g, b] = base.to_be_bytes();
        return Rgb(r, g, b);
    }
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return Rgb(grey, grey, grey);
    }
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let cube = index - 16;
    Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
}
