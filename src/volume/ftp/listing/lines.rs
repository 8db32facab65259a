//! Cuts blocks into lines.
//!
//! Guarantee: the lines are the same wherever the blocks were cut, and no more than [`ROW`](limits::ROW) bytes of a line are ever held.
//! Knows nothing of what a line means.

use crate::model::limits;

const MAX_LINE: usize = limits::ROW;

/// A line without its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// The first [`MAX_LINE`] bytes of a longer one.
    Cut(&'a [u8]),
}

/// Holds the beginning of a line whose end has not arrived.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Hands every line that ends in `block` to `take`.
    pub(super) fn feed(&mut self, block: &[u8], mut take: impl FnMut(Line<'_>)) {
        let mut rest = block;
        while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, behind) = rest.split_at(at);
            rest = behind.get(1..).unwrap_or_default();
            if self.begun.is_empty() {
                take(classify(line));
            } else {
                self.keep(line);
                take(classify(&self.begun));
                self.begun.clear();
            }
        }
        self.keep(rest);
    }

    /// What has arrived of a line without its end.
    pub(super) fn begun(&self) -> &[u8] {
        &self.begun
    }

    /// Hands on the last line, where it had no line break.
    pub(super) fn end(&mut self, take: impl FnOnce(Line<'_>)) {
        if !self.begun.is_empty() {
            take(classify(&self.begun));
            self.begun.clear();
        }
    }

    /// Keeps one byte more than is read, which is enough to know that the line is too long.
    fn keep(&mut self, part: &[u8]) {
        let room = (MAX_LINE + 1).saturating_sub(self.begun.len());
        self.begun.extend_from_slice(part.get(..room).unwrap_or(part));
    }
}

fn classify(line: &[u8]) -> Line<'_> {
    match line.get(..MAX_LINE) {
        Some(start) if line.len() > MAX_LINE => Line::Cut(start),
        // One CR only: what is before it is the server's, and a name with a CR is refused rather than changed.
        _ => Line::Whole(line.strip_suffix(b"\r").unwrap_or(line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(blocks: &[&[u8]]) -> Vec<(bool, Vec<u8>)> {
        let mut out = Vec::new();
        let mut lines = Lines::default();
        let mut take = |line: Line<'_>| match line {
            Line::Whole(bytes) => out.push((true, bytes.to_vec())),
            Line::Cut(bytes) => out.push((false, bytes.to_vec())),
        };
        for block in blocks {
            lines.feed(block, &mut take);
        }
        lines.end(&mut take);
        out
    }

    #[test]
    fn either_line_break_ends_a_line_and_only_one_cr_goes_with_it() {
        let expected: Vec<_> = [&b"a"[..], b"b", b"", b"c\r", b"d"].iter().map(|line| (true, line.to_vec())).collect();
        assert_eq!(lines(&[b"a\r\nb\n\nc\r\r\nd"]), expected);
        assert_eq!(lines(&[b"a\r", b"\nb", b"\n", b"\nc\r", b"\r\n", b"d"]), expected);
    }

    #[test]
    fn a_line_beyond_the_limit_is_cut_and_the_next_one_is_whole() {
        let longest = vec![b'x'; MAX_LINE];
        let too_long = vec![b'x'; MAX_LINE * 3];
        assert_eq!(lines(&[&longest]), [(true, longest.clone())]);
        assert_eq!(lines(&[&too_long, b"yy\nz\n"]), [(false, longest.clone()), (true, b"z".to_vec())]);
        assert_eq!(lines(&[&[&too_long[..], b"yy\nz\n"].concat()]), [(false, longest), (true, b"z".to_vec())]);
    }

    #[test]
    fn an_endless_line_takes_no_more_memory_than_the_limit() {
        let mut lines = Lines::default();
        for _ in 0..1000 {
            lines.feed(&[b'x'; 1000], |_| panic!("no line has ended"));
        }
        assert_eq!(lines.begun.len(), MAX_LINE + 1);
    }
}
