//! Which dialect a listing is in: by what most of its first rows can be read as, by what the server said it is (SYST, RFC 959 §4.1.3) where
//! rows leave it open, or by what a person has set for the site.

use std::cmp::Reverse;

use crate::model::ListingStyle;

use super::dialect::{Dialect, Row, Shared};
use super::{as400, dos, eplf, mvs, netware, nonstop, os2, other, unix, vms, zvm};
use crate::model::limits;

/// Makes a dialect, which knows nothing yet.
pub(super) type Make = fn() -> Box<dyn Dialect>;

/// The dialects of LIST. Of those that understand as much, the first reads the listing.
pub(super) const DIALECTS: &[(ListingStyle, Make)] = &[
    (ListingStyle::Unix, || Box::<unix::Unix>::default()),
    (ListingStyle::Dos, || Box::<dos::Dos>::default()),
    (ListingStyle::Vms, || Box::<vms::Vms>::default()),
    (ListingStyle::Mvs, || Box::<mvs::Mvs>::default()),
    (ListingStyle::Zvm, || Box::<zvm::Zvm>::default()),
    (ListingStyle::As400, || Box::<as400::As400>::default()),
    (ListingStyle::Netware, || Box::<netware::Netware>::default()),
    (ListingStyle::Os2, || Box::<os2::Os2>::default()),
    (ListingStyle::Eplf, || Box::<eplf::Eplf>::default()),
    (ListingStyle::NonStop, || Box::<nonstop::NonStop>::default()),
    (ListingStyle::Other, || Box::<other::Other>::default()),
];

/// The dialect that a person has set; `None` where none was.
pub(super) fn set(style: ListingStyle) -> Option<Box<dyn Dialect>> {
    DIALECTS.iter().find(|(known, _)| *known == style).map(|(_, make)| make())
}

/// What a server that calls itself this is likely to answer to LIST.
pub fn said(system: &[u8]) -> Option<ListingStyle> {
    const WORDS: &[(&str, ListingStyle)] = &[
        ("VMS", ListingStyle::Vms),
        ("MVS", ListingStyle::Mvs),
        ("Z/OS", ListingStyle::Mvs),
        ("OS/390", ListingStyle::Mvs),
        ("Z/VM", ListingStyle::Zvm),
        ("VM/CMS", ListingStyle::Zvm),
        ("VM/ESA", ListingStyle::Zvm),
        ("VM IS ", ListingStyle::Zvm),
        ("OS/400", ListingStyle::As400),
        ("NETWARE", ListingStyle::Netware),
        ("OS/2", ListingStyle::Os2),
        ("NONSTOP", ListingStyle::NonStop),
        ("TANDEM", ListingStyle::NonStop),
        ("GUARDIAN", ListingStyle::NonStop),
        ("VXWORKS", ListingStyle::Other),
        ("UNIX", ListingStyle::Unix),
        ("WINDOWS", ListingStyle::Dos),
        ("WIN32", ListingStyle::Dos),
    ];
    let says = |word: &str| system.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    WORDS.iter().find(|(word, _)| says(word)).map(|(_, style)| *style)
}

/// A dialect that reads, with the row that has begun in the line before.
pub(super) struct Reading {
    dialect: Box<dyn Dialect>,
    begun: Option<Box<[u8]>>,
}

impl Reading {
    /// By this dialect.
    pub(super) fn of(dialect: Box<dyn Dialect>) -> Self {
        Self { dialect, begun: None }
    }

    /// The dialect that understands most of `sample`, with what it learnt from it; what the server said decides between equals. `None` where
    /// none understands anything.
    pub(super) fn best(sample: &[Box<[u8]>], shared: &mut Shared) -> Option<Self> {
        let system = shared.system;
        let tried = DIALECTS.iter().map(|(style, make)| {
            let (mut reading, mut understood) = (Self::of(make()), 0_usize);
            for row in sample {
                reading.line(row, shared, |read, _| understood += usize::from(read != Row::Unknown));
            }
            (understood, system == Some(*style), reading)
        });
        let understanding = tried.filter(|(understood, ..)| *understood > 0);
        let (_, _, mut best) = understanding.min_by_key(|(understood, is_said, _)| (Reverse(*understood), Reverse(*is_said)))?;
        best.begun = None;
        best.dialect.again();
        Some(best)
    }

    /// Reads a line, together with the one before where that was the beginning of a row, and hands on what came of it with its bytes.
    pub(super) fn line(&mut self, line: &[u8], shared: &mut Shared, mut take: impl FnMut(Row, &[u8])) {
        if let Some(begun) = self.begun.take() {
            let joined = [&begun, &b" "[..], line].concat();
            let read = if joined.len() <= limits::ROW { self.dialect.read(&joined, shared) } else { Row::Unknown };
            match read {
                Row::Begun | Row::Unknown => take(Row::Unknown, &begun),
                Row::Refused => {
                    take(Row::Refused, &begun);
                    return take(Row::Refused, line);
                }
                read => return take(read, &joined),
            }
        }
        match self.dialect.read(line, shared) {
            Row::Begun => self.begun = Some(line.into()),
            read => take(read, line),
        }
    }

    /// Hands on a row that has begun and will not go on.
    pub(super) fn end(&mut self, mut take: impl FnMut(Row, &[u8])) {
        if let Some(begun) = self.begun.take() {
            take(Row::Unknown, &begun);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_it_is_tells_what_it_is_likely_to_list() {
        for (system, style) in [
            ("UNIX Type: L8", Some(ListingStyle::Unix)),
            ("Windows_NT", Some(ListingStyle::Dos)),
            ("VMS OpenVMS V8.4", Some(ListingStyle::Vms)),
            ("MVS is the operating system of this server. FTP Server is running on z/OS.", Some(ListingStyle::Mvs)),
            ("z/VM Version 7", Some(ListingStyle::Zvm)),
            ("VM is the operating system of this server.", Some(ListingStyle::Zvm)),
            ("OS/400 is the remote operating system. The TCP/IP version is \"V7R3M0\".", Some(ListingStyle::As400)),
            ("NETWARE  system type.", Some(ListingStyle::Netware)),
            ("Nonstop Server J06.03.00", Some(ListingStyle::NonStop)),
            ("VxWorks Version 5.4", Some(ListingStyle::Other)),
            ("MACOS Peter's Server", None),
            ("", None),
        ] {
            assert_eq!(said(system.as_bytes()), style, "{system}");
        }
    }

    #[test]
    fn every_style_that_a_person_can_set_has_its_dialect() {
        use crate::model::words::Word as _;
        for (word, style) in ListingStyle::ALL {
            let is_found_out = matches!(style, ListingStyle::Auto | ListingStyle::Mlsd | ListingStyle::List);
            assert_eq!(set(*style).is_none(), is_found_out, "{word}");
        }
    }
}
