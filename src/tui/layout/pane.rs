//! The parts of a pane and its columns.

use ratatui::layout::{Position, Rect};

use crate::app::PaneSide;
use crate::model::SortKey;
use crate::tui::format::{DATE_WIDTH, SIZE_WIDTH};

/// The mark or cursor before a name.
const GUTTER: u16 = 1;
/// A mode as `rwxr-xr-x`.
const MODE_WIDTH: u16 = 9;
/// An owner's name, cut to this.
const OWNER_WIDTH: u16 = 8;
/// A column is only added while names keep so much room.
const NAME_AT_LEAST: u16 = 16;
/// The less important columns leave names still more.
const NAME_COMFORTABLE: u16 = 26;

/// Where the parts of a pane are.
#[derive(Debug, Clone, Copy)]
pub struct PanePlan {
    /// Which pane.
    pub side: PaneSide,
    /// With its border.
    pub frame: Rect,
    /// The heads of columns, or the line to type in above the sites.
    pub header: Rect,
    /// The rows.
    pub rows: Rect,
    /// The columns of the rows.
    pub columns: Columns,
}

/// A column: where it begins and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its first column on the screen.
    pub x: u16,
    /// Columns of the screen.
    pub width: u16,
}

/// The columns of a pane; those without room are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// The gutter and the name.
    pub name: Column,
    /// The size.
    pub size: Option<Column>,
    /// The date.
    pub date: Option<Column>,
    /// The permission bits.
    pub mode: Option<Column>,
    /// The owner.
    pub owner: Option<Column>,
}

impl PanePlan {
    /// The parts of a pane in `frame`.
    pub fn of(side: PaneSide, frame: Rect) -> Self {
        let inner = Rect { x: frame.x + 1, y: frame.y + 1, width: frame.width.saturating_sub(2), height: frame.height.saturating_sub(2) };
        Self {
            side,
            frame,
            header: Rect { height: inner.height.min(1), ..inner },
            rows: Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner },
            columns: Columns::of(inner.x, inner.width),
        }
    }

    /// The line of the screen on which row `index` is, with `top` as the first.
    pub fn row(&self, index: usize, top: usize) -> Option<Rect> {
        let line = u16::try_from(index.checked_sub(top)?).ok()?;
        (line < self.rows.height).then_some(Rect { y: self.rows.y + line, height: 1, ..self.rows })
    }
}

impl Columns {
    /// The columns in `width` from `x`: name, then as many of size, date, mode and owner, in this order, as there is room for.
    pub fn of(x: u16, width: u16) -> Self {
        // Each column brings a blank before it; the date has one more, for the sort arrow in its head.
        let wanted = [
            (SIZE_WIDTH + 1, NAME_AT_LEAST),
            (DATE_WIDTH + 2, NAME_AT_LEAST),
            (MODE_WIDTH + 2, NAME_COMFORTABLE),
            (OWNER_WIDTH + 2, NAME_COMFORTABLE),
        ];
        let mut name = width.saturating_sub(GUTTER);
        let mut shown = 0;
        for (column, at_least) in wanted {
            if name < column + at_least {
                break;
            }
            name -= column;
            shown += 1;
        }
        let mut next = x + GUTTER + name;
        let mut place = |index: usize, width: u16| {
            (index < shown).then(|| {
                let column = Column { x: next, width };
                next += width;
                column
            })
        };
        Self {
            name: Column { x, width: GUTTER + name },
            size: place(0, SIZE_WIDTH + 1),
            date: place(1, DATE_WIDTH + 2),
            mode: place(2, MODE_WIDTH + 2),
            owner: place(3, OWNER_WIDTH + 2),
        }
    }

    /// By what a click on the head of the column at `x` sorts; the columns without an order of their own sort by name.
    pub fn sort_key_at(&self, x: u16) -> SortKey {
        let holds = |column: Option<Column>| column.is_some_and(|column| column.area(0).contains(Position::new(x, 0)));
        if holds(self.size) {
            SortKey::Size
        } else if holds(self.date) {
            SortKey::Time
        } else {
            SortKey::Name
        }
    }
}

impl Column {
    /// Its cell on line `y`.
    pub fn area(self, y: u16) -> Rect {
        Rect { x: self.x, y, width: self.width, height: 1 }
    }

    /// Its cell on line `y` without the gutter or the blanks before it, `blanks` wide.
    pub fn after(self, blanks: u16, y: u16) -> Rect {
        let blanks = blanks.min(self.width);
        Rect { x: self.x + blanks, y, width: self.width - blanks, height: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_drop_by_priority_as_room_shrinks() {
        let shown = |width| {
            let columns = Columns::of(0, width);
            [columns.size, columns.date, columns.mode, columns.owner].iter().take_while(|column| column.is_some()).count()
        };
        assert_eq!(shown(18), 0);
        assert_eq!(shown(24), 1);
        assert_eq!(shown(38), 2);
        assert_eq!(shown(58), 3);
        assert_eq!(shown(80), 4);
    }

    #[test]
    fn columns_cover_the_width_without_overlap() {
        for width in 10..200 {
            let columns = Columns::of(3, width);
            let mut next = 3;
            for column in [Some(columns.name), columns.size, columns.date, columns.mode, columns.owner].into_iter().flatten() {
                assert_eq!(column.x, next);
                next += column.width;
            }
            assert_eq!(next, 3 + width);
        }
    }
}
