//! Line ends of text files (TYPE A, RFC 959 §3.1.1.1): CR LF on the wire, what this system has on this side.
//!
//! Guarantee: a CR that belongs to no line end stays, and a line end that comes in two parts is one.

/// Takes the CR out of line ends that come from the wire.
#[derive(Debug, Default)]
pub struct FromWire {
    /// A CR at the end of what came, of which it is not known yet what it belongs to.
    held: bool,
}

impl FromWire {
    /// Where in a block the next bytes are to be read to, so that what is held back has room before them.
    pub fn room(&self) -> usize {
        usize::from(self.held)
    }

    /// Mends `count` bytes that were read behind the room, at the front of the block, and answers how many there are now. No bytes are the end.
    pub fn mend(&mut self, block: &mut [u8], count: usize) -> usize {
        let mut end = count;
        if std::mem::take(&mut self.held) {
            if let Some(first) = block.first_mut() {
                *first = b'\r';
            }
            end += 1;
        }
        let mut kept = 0;
        for at in 0..end {
            let byte = block.get(at).copied().unwrap_or_default();
            if byte == b'\r' {
                match block.get(at + 1).copied().filter(|_| at + 1 < end) {
                    Some(b'\n') => continue,
                    None if count > 0 => {
                        self.held = true;
                        continue;
                    }
                    Some(_) | None => {}
                }
            }
            if let Some(place) = block.get_mut(kept) {
                *place = byte;
            }
            kept += 1;
        }
        kept
    }
}

/// Makes line ends those of the wire.
#[derive(Debug, Default)]
pub struct ToWire {
    was_cr: bool,
    out: Vec<u8>,
}

impl ToWire {
    /// What goes out for a block. A CR LF that is one already stays as it is.
    pub fn mend(&mut self, block: &[u8]) -> &[u8] {
        self.out.clear();
        for &byte in block {
            if byte == b'\n' && !self.was_cr {
                self.out.push(b'\r');
            }
            self.was_cr = byte == b'\r';
            self.out.push(byte);
        }
        &self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_wire(parts: &[&[u8]]) -> Vec<u8> {
        let (mut mender, mut text) = (FromWire::default(), Vec::new());
        for part in parts.iter().chain([&&b""[..]]) {
            let room = mender.room();
            let mut block = [&vec![0; room][..], part].concat();
            let count = mender.mend(&mut block, part.len());
            text.extend_from_slice(&block[..count]);
        }
        text
    }

    #[test]
    fn line_ends_from_the_wire_are_mended_however_they_are_cut() {
        let (wire, text) = (b"a\r\nb\rc\r\r\n\r\n\nd\r", b"a\nb\rc\r\n\n\nd\r");
        for size in 1..=wire.len() {
            let parts: Vec<&[u8]> = wire.chunks(size).collect();
            assert_eq!(from_wire(&parts), text, "in parts of {size}");
        }
    }

    #[test]
    fn line_ends_for_the_wire_are_made_once() {
        for size in 1..=8 {
            let mut mender = ToWire::default();
            let wire: Vec<u8> = b"a\nb\r\nc\rd\n\n".chunks(size).flat_map(|part| mender.mend(part).to_vec()).collect();
            assert_eq!(wire, b"a\r\nb\r\nc\rd\r\n\r\n", "in parts of {size}");
        }
    }
}
