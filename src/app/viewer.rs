//! A file being viewed, by windows: the first screen at once, big files without reading them whole.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::model::text::printable;
use crate::model::{ConnectionId, RequestId, VPath};

/// Text or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ViewMode {
    /// Lines of text, wrapped or cut.
    #[default]
    Text,
    /// Offset, sixteen bytes in hex, and as characters.
    Hex,
}

/// A file being viewed.
#[derive(Debug)]
pub struct Viewer {
    /// Of which volume.
    pub connection: ConnectionId,
    /// Which file.
    pub path: VPath,
    /// Bytes of the file, where known.
    pub size: Option<u64>,
    /// Text or bytes.
    pub mode: ViewMode,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// The window that is loaded begins at this byte.
    pub offset: u64,
    /// The window.
    pub bytes: Vec<u8>,
    /// The byte of the file that is at the top of the screen.
    pub top: u64,
    /// First column shown, when not wrapped.
    pub left: usize,
    /// The window that is on its way.
    pub loading: Option<RequestId>,
    /// Why it could not be read.
    pub trouble: Option<String>,
    /// What is searched for.
    pub needle: Vec<u8>,
    /// Where it was found: offset and length in bytes.
    pub found: Option<(u64, usize)>,
    /// A search goes on, from this byte.
    pub searching: Option<u64>,
    /// When the window arrives, show the last page of the file.
    pub to_end: bool,
}

/// Columns between tab stops.
const TAB: usize = 8;
/// Bytes of a row in hex.
pub const HEX_ROW: u64 = 16;
/// The longest line that is looked at as one: what has no line end within it is broken there.
const LONGEST: usize = 16 * 1024;

impl Viewer {
    /// A viewer of a file, before anything of it was read.
    pub fn new(connection: ConnectionId, path: VPath, size: Option<u64>) -> Self {
        Self {
            connection,
            path,
            size,
            mode: ViewMode::Text,
            wrap: true,
            offset: 0,
            bytes: Vec::new(),
            top: 0,
            left: 0,
            loading: None,
            trouble: None,
            needle: Vec::new(),
            found: None,
            searching: None,
            to_end: false,
        }
    }

    /// The byte behind the window.
    pub fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// The bytes of the window from a byte of the file on.
    pub fn from(&self, at: u64) -> &[u8] {
        let start = at.checked_sub(self.offset).and_then(|start| usize::try_from(start).ok());
        start.and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    /// Where the row after the one at `at` begins, on a screen of `columns`; `None` where that is not in the window.
    pub fn next_row(&self, at: u64, columns: usize) -> Option<u64> {
        let rest = self.from(at);
        let length = match self.mode {
            ViewMode::Hex => usize::try_from(HEX_ROW).ok()?,
            ViewMode::Text => self.row_length(rest, columns),
        };
        (length > 0 && length < rest.len()).then(|| at + length as u64)
    }

    /// Where the row before the one at `at` begins; `None` at the start of the window.
    pub fn previous_row(&self, at: u64, columns: usize) -> Option<u64> {
        if at <= self.offset {
            return None;
        }
        if self.mode == ViewMode::Hex {
            return Some(at.saturating_sub(HEX_ROW).max(self.offset));
        }
        let mut row = self.line_start(at - 1);
        if self.wrap {
            while let Some(next) = self.next_row(row, columns).filter(|&next| next < at) {
                row = next;
            }
        }
        Some(row)
    }

    /// Where the line that holds the byte `at` begins, as far as the window shows it.
    pub fn line_start(&self, at: u64) -> u64 {
        let end = usize::try_from(at.saturating_sub(self.offset)).unwrap_or(usize::MAX).min(self.bytes.len());
        let from = end.saturating_sub(LONGEST);
        let before = self.bytes.get(from..end).unwrap_or_default();
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(from, |newline| from + newline + 1);
        self.offset + start as u64
    }

    /// How many bytes of `rest` are its first row.
    fn row_length(&self, rest: &[u8], columns: usize) -> usize {
        let whole = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |newline| newline + 1);
        if !self.wrap {
            return whole;
        }
        let line = rest.get(..whole).unwrap_or_default();
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        wrapped(text, columns.max(1), is_utf8(&self.bytes)).unwrap_or(whole)
    }
}

/// Whether a window is UTF-8, not counting characters that its ends cut in two; else it is shown as Windows-1252.
pub fn is_utf8(bytes: &[u8]) -> bool {
    let start = bytes.iter().take(3).take_while(|&&byte| byte & 0xc0 == 0x80).count();
    match std::str::from_utf8(bytes.get(start..).unwrap_or_default()) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// Where a line is broken on a screen of `columns`; `None` where it fits.
fn wrapped(line: &[u8], columns: usize, utf8: bool) -> Option<usize> {
    if !utf8 {
        return (line.len() > columns).then_some(columns);
    }
    let mut column = 0;
    let mut offset = 0;
    for chunk in line.utf8_chunks() {
        for (at, text) in chunk.valid().grapheme_indices(true) {
            let width = if text == "\t" { TAB - column % TAB } else { printable(text.as_bytes()).width() };
            if column + width > columns && column > 0 {
                return Some(offset + at);
            }
            column += width;
        }
        offset += chunk.valid().len();
        for _ in chunk.invalid() {
            if column + 4 > columns && column > 0 {
                return Some(offset);
            }
            column += 4;
            offset += 1;
        }
    }
    None
}
