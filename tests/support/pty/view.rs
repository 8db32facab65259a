//! A screen at one moment, to search and to print.

use vt100::{Cell, MouseProtocolMode};

/// What the terminal shows. Columns and rows count from 0.
pub struct View {
    screen: vt100::Screen,
}

impl View {
    pub(super) fn new(screen: vt100::Screen) -> View {
        View { screen }
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let (rows, cols) = self.screen.size();
        (cols, rows)
    }

    /// Column and row of the cursor; `None` while it is hidden.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        let (row, col) = self.screen.cursor_position();
        (!self.screen.hide_cursor()).then_some((col, row))
    }

    /// All rows, without blanks at their ends.
    pub fn text(&self) -> String {
        let rows: Vec<String> = (0..self.size().1).map(|row| self.row(row)).collect();
        rows.join("\n")
    }

    /// One row, without blanks at its end.
    pub fn row(&self, row: u16) -> String {
        self.part(row, 0, self.size().0).trim_end().to_owned()
    }

    /// The columns from `start` to before `end` of a row: one pane's part of it.
    pub fn part(&self, row: u16, start: u16, end: u16) -> String {
        let cells = (start..end).filter_map(|col| self.screen.cell(row, col));
        cells.map(shown).collect()
    }

    /// Column and row of the first place where `text` stands in one row.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        (0..self.size().1).find_map(|row| self.find_in(row, 0, text))
    }

    /// As [`View::find`], among the columns from `start` on.
    pub fn find_from(&self, start: u16, text: &str) -> Option<(u16, u16)> {
        (0..self.size().1).find_map(|row| self.find_in(row, start, text))
    }

    fn find_in(&self, row: u16, start: u16, text: &str) -> Option<(u16, u16)> {
        let end = self.size().0;
        let first = self.part(row, start, end).find(text)?;
        // Bytes to columns: the cells whose text lies before.
        let mut bytes = 0;
        for col in start..end {
            if bytes >= first {
                // A wide character's second cell holds nothing; what is found begins behind it.
                let begins = self.screen.cell(row, col).is_some_and(|cell| !cell.is_wide_continuation());
                if begins {
                    return Some((col, row));
                }
            }
            bytes += self.screen.cell(row, col).map_or(0, |cell| shown(cell).len());
        }
        None
    }

    /// A cell with its colours and attributes: `fgcolor()`, `bgcolor()`, `bold()`, `inverse()` …
    ///
    /// # Panics
    /// When it lies outside.
    pub fn cell(&self, col: u16, row: u16) -> &Cell {
        self.screen.cell(row, col).expect("a cell of the screen")
    }

    /// Whether any cell of the row from `start` to before `end` is shown in reverse.
    pub fn reversed(&self, row: u16, start: u16, end: u16) -> bool {
        (start..end).any(|col| self.cell(col, row).inverse())
    }

    /// Whether the alternate screen is shown.
    pub fn alternate(&self) -> bool {
        self.screen.alternate_screen()
    }

    /// Whether the program has asked for mouse reports.
    pub fn mouse(&self) -> bool {
        self.screen.mouse_protocol_mode() != MouseProtocolMode::None
    }

    /// What a program has switched on and not off again.
    pub fn leftovers(&self) -> Vec<&'static str> {
        let switches = [
            (self.alternate(), "the alternate screen"),
            (self.mouse(), "mouse reports"),
            (self.screen.hide_cursor(), "a hidden cursor"),
            (self.screen.bracketed_paste(), "bracketed paste"),
            (self.screen.application_cursor(), "application cursor keys"),
        ];
        switches.into_iter().filter_map(|(on, name)| on.then_some(name)).collect()
    }

    /// The screen in a frame, for messages.
    pub fn framed(&self) -> String {
        let (cols, rows) = self.size();
        let edge = "─".repeat(cols.into());
        let mut out = format!("┌{edge}┐\n");
        for row in 0..rows {
            out.push_str(&format!("│{}│\n", self.part(row, 0, cols)));
        }
        out.push_str(&format!("└{edge}┘"));
        if let Some((col, row)) = self.cursor() {
            out.push_str(&format!(" cursor at column {col}, row {row}"));
        }
        out
    }
}

/// A cell's text; a blank for an empty one, nothing for the second half of a wide one.
fn shown(cell: &Cell) -> &str {
    match cell.contents() {
        "" if cell.is_wide_continuation() => "",
        "" => " ",
        text => text,
    }
}
