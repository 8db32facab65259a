//! Lines of text into cells, and bars. Nothing is ever written outside the given rectangle.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};
use tui_input::Input;

use crate::tui::text::{cut_end, head, skip, width};

/// Writes `text` on the first line of `area`, cut at its end; returns the columns used.
pub fn put(buffer: &mut Buffer, area: Rect, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return 0;
    }
    let text = cut_end(text, usize::from(area.width));
    let (end, _) = buffer.set_stringn(area.x, area.y, &text, usize::from(area.width), style);
    end - area.x
}

/// Writes `text` at the right end of the first line of `area`; returns the columns used.
pub fn put_right(buffer: &mut Buffer, area: Rect, text: &str, style: Style) -> u16 {
    let used = (width(text) as u16).min(area.width);
    put(buffer, Rect { x: area.right() - used, width: used, ..area }, text, style)
}

/// Writes pieces one after the other, each in its own style; returns the columns used.
pub fn put_all(buffer: &mut Buffer, area: Rect, pieces: &[(&str, Style)]) -> u16 {
    let mut used = 0;
    for (text, style) in pieces {
        used += put(buffer, Rect { x: area.x + used, width: area.width - used, ..area }, text, *style);
    }
    used
}

/// Fills `area` with blanks in `style`.
pub fn fill(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for position in area.positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
            cell.set_style(style);
        }
    }
}

/// Empties `area`, to draw over what is there; a wide character that reaches into it from the left goes as a whole.
pub fn cover(buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    Clear.render(area, buffer);
    for line in area.rows() {
        let Some(before) = line.x.checked_sub(1) else { break };
        if let Some(cell) = buffer.cell_mut(Position::new(before, line.y))
            && width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// Draws a line to type in over all of `area`; returns where the terminal's cursor belongs. `shown` is the text as it may be seen.
pub fn input(buffer: &mut Buffer, area: Rect, input: &Input, shown: &str, style: Style) -> Option<Position> {
    fill(buffer, area, style);
    if area.width < 2 {
        return None;
    }
    let before: String = shown.chars().take(input.cursor()).collect();
    let column = width(&before);
    let room = usize::from(area.width) - 1;
    let scrolled = column.saturating_sub(room);
    let visible = skip(shown, scrolled);
    buffer.set_stringn(area.x, area.y, head(&visible, usize::from(area.width)), usize::from(area.width), style);
    Some(Position::new(area.x + (column - scrolled) as u16, area.y))
}

/// A bar of `columns` columns, full up to `ratio`: the full part and the rest.
pub fn bar(ratio: f64, columns: u16) -> (String, String) {
    let full = (ratio.clamp(0.0, 1.0) * f64::from(columns)).round() as usize;
    ("▇".repeat(full), "▁".repeat(usize::from(columns) - full.min(usize::from(columns))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_type_in_scrolls_with_its_cursor() {
        let area = Rect::new(0, 0, 6, 1);
        let mut buffer = Buffer::empty(area);
        let typed = Input::new("abcdefghij".to_owned());
        let at = input(&mut buffer, area, &typed, typed.value(), Style::new());
        assert_eq!(at, Some(Position::new(5, 0)));
        assert_eq!(buffer, Buffer::with_lines(["fghij "]));
    }

    #[test]
    fn text_outside_of_the_buffer_is_dropped() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        assert_eq!(put(&mut buffer, Rect::new(2, 0, 9, 1), "abcdef", Style::new()), 2);
        assert_eq!(put(&mut buffer, Rect::new(0, 3, 9, 1), "abcdef", Style::new()), 0);
        assert_eq!(buffer, Buffer::with_lines(["  a…"]));
    }

    #[test]
    fn a_wide_character_under_the_edge_of_a_cover_goes_as_a_whole() {
        let mut buffer = Buffer::with_lines(["日本語"]);
        cover(&mut buffer, Rect::new(3, 0, 3, 1));
        assert_eq!(buffer, Buffer::with_lines(["日    "]));
    }

    #[test]
    fn a_bar_is_always_as_wide_as_asked_for() {
        for ratio in [-1.0, 0.0, 0.33, 1.0, 7.0, f64::NAN] {
            let (full, rest) = bar(ratio, 8);
            assert_eq!(full.chars().count() + rest.chars().count(), 8, "{ratio}");
        }
    }
}
