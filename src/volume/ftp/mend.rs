//! Makes the lines of a control connection fit to be read: the pure part of [`super::wire`].
//!
//! Guarantee: what comes out is a sequence of well-formed replies (RFC 959 §4.2), each ending with the code it began with, of bounded
//! length; lines between replies that belong to none are passed over, and too many of them are an error.

use std::io;

use super::limits;

/// Turns what a server sends into lines that a strict reader accepts.
#[derive(Debug, Default)]
pub struct Mender {
    /// The code of the multi-line reply that we are in.
    inside: Option<[u8; 3]>,
    /// Whether its last line would have ended it, but for another code.
    seems_over: bool,
    /// Bytes of that reply so far.
    length: usize,
    /// Lines passed over since the last reply.
    strays: usize,
}

impl Mender {
    /// Reads one line, without its line end, and appends what the strict reader is to see. Nothing is appended for a line that belongs to
    /// no reply.
    ///
    /// # Errors
    /// `InvalidData` where the limits are passed.
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        // The line end counts: a reply of blank lines without an end is one, too.
        self.length += line.len() + 2;
        if self.length > limits::REPLY_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the reply is too long"));
        }
        match self.inside {
            Some(code) => self.within(code, line, out),
            None => return self.between(line, out),
        }
        Ok(())
    }

    /// The first line of a reply, or a stray one.
    fn between(&mut self, line: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let Some((code, rest)) = split_code(line) else {
            self.strays += 1;
            if self.strays > limits::STRAY_LINES {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "this does not speak FTP"));
            }
            return Ok(());
        };
        self.strays = 0;
        match rest.first() {
            Some(b'-') => {
                self.inside = Some(code);
                push(out, &[line]);
            }
            Some(b' ') => self.end(out, &[line]),
            // `220` alone, as some printers greet, or `150Opening`: the separator is missing.
            _ => self.end(out, &[&code, b" ", rest]),
        }
        Ok(())
    }

    /// Whether the reply may be at its end although it did not end with the code it began with, as glFTPd's do: so it is if nothing more
    /// comes.
    pub fn seems_over(&self) -> bool {
        self.inside.is_some() && self.seems_over
    }

    /// Whether nothing came behind the last reply.
    pub fn is_between(&self) -> bool {
        self.inside.is_none() && self.strays == 0
    }

    /// Ends such a reply.
    pub fn end_it(&mut self, out: &mut Vec<u8>) {
        if let Some(code) = self.inside {
            self.end(out, &[&code, b" "]);
        }
    }

    /// A line within a multi-line reply, which ends only with the code it began with.
    fn within(&mut self, code: [u8; 3], line: &[u8], out: &mut Vec<u8>) {
        self.seems_over = split_code(line).is_some_and(|(other, rest)| other != code && rest.starts_with(b" "));
        match split_code(line) {
            Some((same, rest)) if same == code && rest.is_empty() => self.end(out, &[&code, b" "]),
            Some((same, rest)) if same == code && rest.starts_with(b" ") => self.end(out, &[line]),
            Some((same, _)) if same == code => push(out, &[line]),
            // Another code would end the reply for a reader that does not compare; RFC 959 §4.2 has servers pad such lines.
            Some(_) => push(out, &[b" ", line]),
            None => push(out, &[line]),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, parts: &[&[u8]]) {
        self.inside = None;
        self.length = 0;
        push(out, parts);
    }
}

fn push(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(b"\r\n");
}

/// The code that a line begins with, 100 to 599, and what follows; `None` where four digits make it a number.
fn split_code(line: &[u8]) -> Option<([u8; 3], &[u8])> {
    let (code, rest) = line.split_first_chunk::<3>()?;
    let is_code = matches!(code, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    (is_code && !rest.first().is_some_and(u8::is_ascii_digit)).then_some((*code, rest))
}

/// Undoes the doubling of 0xFF on the way out: vsftpd and pure-ftpd take a doubled one for two and do not find the name.
pub fn single_iac(line: &[u8], out: &mut Vec<u8>) {
    let mut skip = false;
    for &byte in line {
        skip = byte == 0xff && !skip && {
            out.push(byte);
            true
        };
        if byte != 0xff {
            out.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(lines: &[&[u8]]) -> String {
        let mut mender = Mender::default();
        let mut out = Vec::new();
        for line in lines {
            mender.line(line, &mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_before_a_reply_are_passed_over_and_a_bare_code_gets_its_blank() {
        assert_eq!(mended(&[b"", b"hello", b"999 x", b"2200 bytes", b"220"]), "220 \r\n");
        assert_eq!(mended(&[b"150Opening"]), "150 Opening\r\n");
    }

    #[test]
    fn a_multi_line_reply_ends_only_with_its_own_code() {
        assert_eq!(
            mended(&[b"211-Features", b"MDTM", b"123 not the end", b"211-more", b"211 End"]),
            "211-Features\r\nMDTM\r\n 123 not the end\r\n211-more\r\n211 End\r\n"
        );
        assert_eq!(mended(&[b"230-hi", b"230"]), "230-hi\r\n230 \r\n");
    }

    #[test]
    fn a_reply_that_ends_with_another_code_ends_when_nothing_more_comes() {
        let (mut mender, mut out) = (Mender::default(), Vec::new());
        mender.line(b"226-list", &mut out).unwrap();
        assert!(!mender.seems_over());
        mender.line(b"200 done", &mut out).unwrap();
        assert!(mender.seems_over());
        mender.end_it(&mut out);
        assert!(!mender.seems_over());
        assert_eq!(out, b"226-list\r\n 200 done\r\n226 \r\n");
    }

    #[test]
    fn an_endless_reply_and_endless_noise_are_errors() {
        let mut out = Vec::new();
        let mut mender = Mender::default();
        let endless = (0..10_000).try_for_each(|_| mender.line(&[b"220-".as_slice(), &[b'x'; 100]].concat(), &mut out));
        assert_eq!(endless.unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut mender = Mender::default();
        let noise = (0..1_000).try_for_each(|_| mender.line(b"noise", &mut out));
        assert_eq!(noise.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_doubled_ff_is_sent_single() {
        let mut out = Vec::new();
        single_iac(b"a\xff\xffb\xff\xff\xff\xff", &mut out);
        assert_eq!(out, b"a\xffb\xff\xff");
    }
}
