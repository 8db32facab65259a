//! What the server said it can do (FEAT, RFC 2389), and what it turned out not to know.

use super::listing::said;
use crate::model::{ListingStyle, Reply};

/// The names that are kept from session to session.
const KEPT: [&str; 27] = [
    "150 to STOR",
    "APPE",
    "CWD",
    "CWD path",
    "EPRT",
    "EPSV",
    "FEAT",
    "HOST",
    "LIST",
    "LIST -a",
    "LIST in TYPE I",
    "MDTM",
    "MDTM set",
    "MFMT",
    "MLSD",
    "MLST",
    "NLST",
    "NOOP",
    "PASV",
    "PORT",
    "PRET",
    "REST",
    "SITE CHMOD",
    "SIZE",
    "STAT",
    "SYST",
    "names that are not UTF-8",
];

/// How a server shows itself by its greeting: the words of its first line, without those that change from call to call, such as times
/// and numbers; versions stay.
pub fn print_of_greeting(text: &[u8]) -> u32 {
    let is_version = |word: &[u8]| word.contains(&b'.') && !word.contains(&b':');
    let changes = |word: &&[u8]| word.iter().any(u8::is_ascii_digit) && !is_version(word);
    let is_date = |word: &[u8]| DATES.iter().any(|date| word.len() >= 3 && word.to_ascii_lowercase().starts_with(date.as_bytes()));
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !changes(word) && !is_date(word)).collect();
    crc32fast::hash(&words.join(&b' '))
}

/// Beginnings of the names of days and months.
const DATES: [&str; 19] =
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Features as known by now.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// The lines of FEAT; `None` where the server does not know FEAT.
    offered: Option<Vec<Vec<u8>>>,
    /// Commands that were refused as unknown.
    refused: Vec<&'static str>,
    /// The dialect of LIST that is likely by what the server says it is.
    system: Option<ListingStyle>,
    /// What it says it is.
    called: Option<Box<[u8]>>,
}

impl Features {
    /// Reads the reply to FEAT. Servers forget the leading blank of its lines.
    pub fn read(&mut self, reply: &Reply) {
        let count = reply.text.split(|&byte| byte == b'\n').count();
        let lines = reply.text.split(|&byte| byte == b'\n').enumerate();
        // The first line and the last are words around the list.
        let inner = lines.filter(|(index, _)| *index > 0 && *index + 1 < count);
        self.offered = Some(inner.map(|(_, line)| line.trim_ascii().to_vec()).filter(|line| !line.is_empty()).collect());
    }

    /// Reads the reply to SYST (RFC 959 §4.1.3).
    pub fn read_system(&mut self, reply: &Reply) {
        self.system = said(&reply.text).filter(|_| reply.code == 215);
        self.called = (reply.code == 215).then(|| reply.text.clone());
    }

    /// What the server says it is.
    pub fn called(&self) -> Option<&[u8]> {
        self.called.as_deref()
    }

    /// What the server says it can do, a line each.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.offered.iter().flatten().map(Vec::as_slice)
    }

    /// The dialect of LIST that is likely by what the server says it is.
    pub fn system(&self) -> Option<ListingStyle> {
        self.system
    }

    /// Whether MLSD is known to tell of a link as if it were what it leads to, and of one that leads nowhere nothing at all: pyftpdlib, which
    /// alone spells these facts so.
    pub fn hides_links(&self) -> bool {
        self.line("MLST")
            .is_some_and(|facts| facts.split(|&byte| byte == b';').any(|fact| fact.strip_suffix(b"*").unwrap_or(fact) == b"unix.gid"))
    }

    /// Whether the server is known to offer `verb`.
    pub fn offers(&self, verb: &str) -> bool {
        !self.is_refused(verb) && self.line(verb).is_some()
    }

    /// Whether `verb` is worth a try: offered, or the server tells nothing and has not refused it.
    pub fn may(&self, verb: &str) -> bool {
        !self.is_refused(verb) && (self.offered.is_none() || self.line(verb).is_some())
    }

    /// The arguments of a feature's line.
    pub fn line(&self, verb: &str) -> Option<&[u8]> {
        let offered = self.offered.as_ref()?;
        offered.iter().find_map(|line| {
            let (word, rest) = line.split_at(line.iter().position(|&byte| byte == b' ').unwrap_or(line.len()));
            word.eq_ignore_ascii_case(verb.as_bytes()).then(|| rest.trim_ascii())
        })
    }

    /// Whether `verb` was refused as unknown.
    pub fn is_refused(&self, verb: &str) -> bool {
        self.refused.contains(&verb)
    }

    /// Takes over what was refused before.
    pub fn recall(&mut self, names: &[String]) {
        KEPT.iter().filter(|kept| names.iter().any(|name| name == *kept)).for_each(|kept| self.refuse(kept));
    }

    /// It is worth a try again.
    pub fn allow(&mut self, verb: &str) {
        self.refused.retain(|refused| *refused != verb);
    }

    /// Forgets what was refused.
    pub fn forget(&mut self) {
        self.refused.clear();
    }

    /// How the server shows itself by what it offers.
    pub fn print(&self) -> u32 {
        crc32fast::hash(&self.offered.as_deref().unwrap_or_default().join(&b'\n'))
    }

    /// Remembers that the server does not know `verb`.
    pub fn refuse(&mut self, verb: &'static str) {
        if !self.is_refused(verb) {
            self.refused.push(verb);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feature_lines_count_with_and_without_their_blank() {
        let mut features = Features::default();
        assert!(features.may("SIZE") && !features.offers("SIZE"));
        features.read(&Reply { code: 211, text: b"Features:\n MDTM\nmlst type*;size*;\n REST STREAM\nEnd".to_vec().into() });
        assert!(features.offers("MDTM") && features.offers("REST") && features.offers("MLST"));
        assert!(!features.may("SIZE"));
        assert_eq!(features.line("MLST").unwrap(), b"type*;size*;");
        features.refuse("MDTM");
        assert!(!features.offers("MDTM"));
    }

    #[test]
    fn what_the_server_says_it_is_counts_only_where_it_was_understood() {
        let mut features = Features::default();
        features.read_system(&Reply { code: 500, text: b"UNIX?".to_vec().into() });
        assert_eq!(features.system(), None);
        features.read_system(&Reply { code: 215, text: b"OpenVMS".to_vec().into() });
        assert_eq!(features.system(), Some(ListingStyle::Vms));
    }

    #[test]
    fn a_server_that_hides_links_is_known_by_the_spelling_of_its_facts() {
        for (line, hides) in [
            (&b"MLST type*;perm*;size*;modify*;unique*;unix.mode;unix.uid;unix.gid;"[..], true),
            (b"MLST type*;size*;sizd*;modify*;UNIX.mode*;UNIX.uid*;UNIX.gid*;unique*;", false),
            (b"MDTM", false),
        ] {
            let mut features = Features::default();
            features.read(&Reply { code: 211, text: [b"x\n ", line, b"\nEnd"].concat().into() });
            assert_eq!(features.hides_links(), hides);
        }
    }

    #[test]
    fn a_greeting_shows_the_version_and_not_the_time_of_day() {
        let print = |text: &str| print_of_greeting(text.as_bytes());
        assert_eq!(
            print("box FTP server (Version 6.4) ready, Sat Nov 21 22:41:14 2026"),
            print("box FTP server (Version 6.4) ready, Sun Dec 2 01:02:03 2027")
        );
        assert_eq!(print("hello\nuser 3 of 50"), print("hello\nuser 4 of 50"));
        assert_ne!(print("(vsFTPd 3.0.3)"), print("(vsFTPd 3.0.5)"));
    }

    #[test]
    fn an_empty_list_offers_nothing() {
        let mut features = Features::default();
        features.read(&Reply { code: 211, text: b"no features".to_vec().into() });
        assert!(!features.may("MLST"));
    }
}
