//! Every field of a site's form: one table, in the order and on the pages in which they show.
//!
//! A new key of a site is one entry here: its page, label, what it is for, how it is shown and how what was entered is put on a site.
//! Guarantee: what was not changed in the form is not put on the site, so that nothing which a field cannot show in full is lost.

use crate::model::rate::{limit_text, parse_limit};
use crate::model::site::Learnt;
use crate::model::{Charset, PasswordFrom, PortRange, Site};

use super::super::form::Field;
use super::site_values::{
    address, file, is_whole, known, learnt, number, put_ascii, put_certificate, put_clock, put_key, put_local, put_pins, put_proxy,
    put_start, shown_ascii, shown_file, shown_local, shown_start, some, word, words, yes_or_no,
};

/// The pages, by their words.
pub(super) const PAGES: [&str; 4] = ["Site", "Connection", "TLS", "Network"];
const SITE: usize = 0;
const CONNECTION: usize = 1;
const TLS: usize = 2;
const NETWORK: usize = 3;

/// The longest time without an answer, in seconds: a day.
const LONGEST: u32 = 86_400;

/// A field of the form.
pub(super) struct SiteField {
    page: usize,
    label: &'static str,
    help: &'static str,
    kind: Kind,
    /// What is wrong with it once all is put on the site; it gets its own text, too.
    flaw: fn(&Site, &str) -> Option<&'static str>,
}

enum Kind {
    /// A line: how it shows, and how what was typed (without blanks at its ends) is put on a site.
    Text(fn(&Site) -> String, fn(&mut Site, &str) -> Result<(), String>),
    /// One of some words: the words with the place of the one that holds, and how another is put on a site.
    Choice(fn(&Site) -> (Vec<String>, usize), fn(&mut Site, usize)),
}

/// What was entered into a field.
#[derive(Clone, Copy)]
pub(super) enum Entered<'a> {
    Text(&'a str),
    Choice(usize),
}

impl SiteField {
    const fn text(
        page: usize,
        label: &'static str,
        help: &'static str,
        show: fn(&Site) -> String,
        put: fn(&mut Site, &str) -> Result<(), String>,
    ) -> Self {
        Self { page, label, help, kind: Kind::Text(show, put), flaw: |_, _| None }
    }

    const fn choice(
        page: usize,
        label: &'static str,
        help: &'static str,
        show: fn(&Site) -> (Vec<String>, usize),
        put: fn(&mut Site, usize),
    ) -> Self {
        Self { page, label, help, kind: Kind::Choice(show, put), flaw: |_, _| None }
    }

    const fn wrong_where(mut self, flaw: fn(&Site, &str) -> Option<&'static str>) -> Self {
        self.flaw = flaw;
        self
    }

    /// Its label, for what is said of it.
    pub(super) fn label(&self) -> &'static str {
        self.label
    }

    /// As it shows of a site.
    pub(super) fn of(&self, site: &Site) -> Field {
        let mut field = match self.kind {
            Kind::Text(show, _) => Field::text(self.label, show(site)),
            Kind::Choice(show, _) => {
                let (words, chosen) = show(site);
                Field::choice(self.label, words, chosen)
            }
        };
        field.page = self.page;
        self.help.clone_into(&mut field.help);
        field
    }

    /// Puts what was entered on a site, where it is not what showed of the site that the form began with.
    pub(super) fn put(&self, entered: Entered<'_>, began: &Site, site: &mut Site) -> Result<(), String> {
        match (&self.kind, entered) {
            (Kind::Text(show, put), Entered::Text(text)) if show(began) != text => put(site, text.trim()),
            (Kind::Choice(show, put), Entered::Choice(chosen)) if show(began).1 != chosen => {
                put(site, chosen);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What is wrong with it on the site as it would be saved.
    pub(super) fn flaw(&self, entered: Entered<'_>, site: &Site) -> Option<&'static str> {
        (self.flaw)(site, if let Entered::Text(text) = entered { text.trim() } else { "" })
    }
}

/// The fields.
pub(super) static FIELDS: &[SiteField] = &[
    SiteField::text(
        SITE,
        "Name",
        "What you call it; it opens by this name.",
        |site| site.name.clone(),
        |site, text| {
            text.clone_into(&mut site.name);
            Ok(())
        },
    )
    .wrong_where(|site, _| Site::flaw_of_name(&site.name)),
    SiteField::text(
        SITE,
        "Folder",
        "Where it stands in the list; / between levels.",
        |site| site.folder.clone(),
        |site, text| {
            text.clone_into(&mut site.folder);
            Ok(())
        },
    ),
    SiteField::text(
        SITE,
        "Host",
        "The server's name or address.",
        |site| site.host.clone(),
        |site, text| {
            text.clone_into(&mut site.host);
            Ok(())
        },
    )
    .wrong_where(|site, _| {
        let bad = site.host.is_empty() || site.host.chars().any(|c| c.is_whitespace() || c.is_control() || c == '/');
        bad.then_some("a site needs the name or address of a host")
    }),
    SiteField::text(
        SITE,
        "Port",
        "Nothing is the usual one: 21, with implicit TLS 990.",
        |site| number(site.port),
        |site, text| {
            let port = |text: &str| text.parse().ok().filter(|&port: &u16| port > 0).ok_or("a number from 1 to 65535");
            site.port = if text.is_empty() { None } else { Some(port(text)?) };
            Ok(())
        },
    ),
    SiteField::text(
        SITE,
        "User",
        "Nothing is the one in ~/.netrc, else anonymous.",
        |site| known(&site.user),
        |site, text| {
            site.user = some(text);
            Ok(())
        },
    ),
    SiteField::text(SITE, "Remote directory", "To begin in; without / in front below that of the login.", shown_start, put_start),
    SiteField::text(SITE, "Local directory", "To show beside it: a full path.", shown_local, put_local),
    SiteField::choice(
        SITE,
        "Password",
        "Where it is: asked for, kept in keyring or vault, in ~/.netrc, or printed by the command below.",
        |site| words(site.password),
        |site, chosen| site.password = word(chosen),
    ),
    SiteField::text(
        SITE,
        "Password command",
        "Run by sh -c where Password says command; the first line that it prints is the password.",
        |site| known(&site.password_command),
        |site, text| {
            site.password_command = some(text);
            Ok(())
        },
    )
    .wrong_where(|site, _| {
        let is_missing = site.password == PasswordFrom::Command && site.password_command.is_none();
        is_missing.then_some("say which command prints the password")
    }),
    SiteField::text(
        SITE,
        "Account",
        "Told to a server that asks for one besides the password (ACCT).",
        |site| known(&site.account),
        |site, text| {
            site.account = some(text);
            Ok(())
        },
    ),
    SiteField::choice(
        CONNECTION,
        "Data connections",
        "passive: we dial; active: the server dials; auto: whichever works.",
        |site| words(site.mode),
        |site, chosen| site.mode = word(chosen),
    ),
    SiteField::text(
        CONNECTION,
        "Charset of names",
        "Where names are not UTF-8, such as windows-1251 or Shift_JIS; Alt-e in a pane shows how they read in each.",
        |site| known(&site.charset),
        |site, text| {
            site.charset = some(text);
            let known = Charset::of_site(site.charset.as_deref());
            known.map(drop).map_err(|why| format!("{why}: Alt-e in a pane lists them"))
        },
    ),
    SiteField::choice(
        CONNECTION,
        "Listings",
        "auto: MLSD, else LIST, read as what its rows are like; mlsd, list, or what LIST is to be read as.",
        |site| words(site.listing),
        |site, chosen| site.listing = word(chosen),
    ),
    SiteField::text(
        CONNECTION,
        "Clock offset",
        "Of the server's clock from UTC, by which LIST tells times: +02:00; nothing is found out where MDTM tells.",
        |site| number(site.clock),
        put_clock,
    ),
    SiteField::text(
        CONNECTION,
        "Timeout",
        "Seconds without an answer after which the server counts as dead; nothing is what config.toml says.",
        |site| number(site.timeout),
        |site, text| {
            let seconds = |text: &str| text.parse().ok().filter(|s| (1..=LONGEST).contains(s)).ok_or("a number from 1 to 86400");
            site.timeout = if text.is_empty() { None } else { Some(seconds(text)?) };
            Ok(())
        },
    ),
    SiteField::text(
        CONNECTION,
        "Low speed",
        "A transfer that is slower is given up: 6, 1K; 0 never; nothing is what config.toml says.",
        |site| site.low_speed.map(|bytes| if bytes == 0 { "0".to_owned() } else { limit_text(Some(bytes)) }).unwrap_or_default(),
        |site, text| {
            site.low_speed = if text.is_empty() { None } else { Some(parse_limit(text)?.unwrap_or(0)) };
            Ok(())
        },
    ),
    SiteField::text(
        CONNECTION,
        "Keep alive",
        "Seconds of idleness after which something harmless is sent; 0 never; nothing is what config.toml says.",
        |site| number(site.keep_alive),
        |site, text| {
            let seconds = |text: &str| text.parse().ok().filter(|s| *s <= LONGEST).ok_or("a number from 0 to 86400");
            site.keep_alive = if text.is_empty() { None } else { Some(seconds(text)?) };
            Ok(())
        },
    ),
    SiteField::text(
        CONNECTION,
        "Move as text",
        "Files with these ends of names, such as txt html, or all; their line ends become those of the other side.",
        shown_ascii,
        put_ascii,
    ),
    SiteField::choice(
        CONNECTION,
        "Compare checksums",
        "Of both sides after every copy, where the server offers any.",
        |site| yes_or_no(site.verify),
        |site, chosen| site.verify = chosen == 1,
    ),
    SiteField::choice(
        CONNECTION,
        "Found out",
        "What ftpane learnt about the server and does not try again; forget it after a change there.",
        |site| (vec![learnt(&site.learnt), "forget".to_owned()], 0),
        |site, chosen| {
            if chosen == 1 {
                site.learnt = Learnt::default();
            }
        },
    ),
    SiteField::choice(
        TLS,
        "TLS",
        "auto: where the server offers it; required: else no login; implicit: from the first byte; off: plain.",
        |site| words(site.tls),
        |site, chosen| site.tls = word(chosen),
    ),
    SiteField::choice(
        TLS,
        "Oldest version",
        "No older TLS is spoken with this server.",
        |site| words(site.secured.minimum),
        |site, chosen| site.secured.minimum = word(chosen),
    ),
    SiteField::text(
        TLS,
        "Trusted",
        "The SHA-256 of the certificate that is trusted for good, whoever signed it, and then no other. Ctrl-U forgets it.",
        |site| site.secured.pins.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        put_pins,
    ),
    SiteField::text(
        TLS,
        "CA file",
        "PEM file of certificates that are trusted besides the system's.",
        |site| shown_file(site.secured.roots.as_ref()),
        |site, text| {
            site.secured.roots = file(text)?;
            Ok(())
        },
    ),
    SiteField::text(
        TLS,
        "Client certificate",
        "PEM file that tells the server who we are, if it asks.",
        |site| shown_file(site.secured.identity.as_ref().map(|identity| &identity.certificate)),
        put_certificate,
    ),
    SiteField::text(
        TLS,
        "Client key",
        "PEM file of its private key; nothing where both are in one file.",
        |site| shown_file(site.secured.identity.as_ref().map(|identity| &identity.key).filter(|key| !is_whole(site, key))),
        put_key,
    )
    .wrong_where(|site, text| {
        let is_alone = !text.is_empty() && site.secured.identity.is_none();
        is_alone.then_some("a key belongs to a client certificate: name that, too, or clear this")
    }),
    SiteField::choice(
        TLS,
        "After the login",
        "clear: the control connection goes on without TLS (CCC), for firewalls that must read it; data keeps it.",
        |site| (vec!["stay with TLS".to_owned(), "clear".to_owned()], usize::from(site.secured.clear_control)),
        |site, chosen| site.secured.clear_control = chosen == 1,
    ),
    SiteField::text(
        NETWORK,
        "Proxy",
        "socks5://host:1080, http://user@host:3128, ftp://host; none goes straight; nothing is what holds elsewhere.",
        |site| site.reach.proxy.text().unwrap_or_default(),
        put_proxy,
    ),
    SiteField::text(
        NETWORK,
        "From address",
        "Of ours, to dial from.",
        |site| number(site.reach.bind),
        |site, text| {
            site.reach.bind = address(text)?;
            Ok(())
        },
    ),
    SiteField::choice(
        NETWORK,
        "Addresses",
        "Of the server that are dialled.",
        |site| words(site.reach.family),
        |site, chosen| site.reach.family = word(chosen),
    ),
    SiteField::text(
        NETWORK,
        "Active ports",
        "Of ours that the server may dial in active mode, such as 50000-50100.",
        |site| number(site.reach.active_ports),
        |site, text| {
            let range = |text: &str| PortRange::parse(text).ok_or("a range of ports, such as 50000-50100");
            site.reach.active_ports = if text.is_empty() { None } else { Some(range(text)?) };
            Ok(())
        },
    ),
    SiteField::text(
        NETWORK,
        "Active address",
        "Ours as the server is told it in active mode, where a router gives us another one.",
        |site| number(site.reach.active_address),
        |site, text| {
            site.reach.active_address = address(text)?;
            Ok(())
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::site::StartDir;
    use crate::model::{
        Ascii, ClockOffset, DataMode, Family, Fingerprint, Identity, Reach, Secured, Through, TlsPolicy, TlsVersion, VPath,
    };

    /// A site with everything that a person can set.
    fn full() -> Site {
        let identity = Identity { certificate: "/c.pem".into(), key: "/k.pem".into() };
        let secured = Secured {
            pins: vec![Fingerprint([7; 32]), Fingerprint([9; 32])],
            minimum: TlsVersion::V13,
            identity: Some(identity),
            roots: Some("relative.pem".into()),
            unchecked: true,
            clear_control: true,
        };
        Site {
            name: "work".into(),
            folder: "a/b".into(),
            host: "example.org".into(),
            port: Some(2121),
            user: Some(" odd ".into()),
            start: StartDir::Relative(b"a\xff".to_vec()),
            local: Some(VPath::parse(b"/home/\xfe").unwrap()),
            mode: DataMode::Active,
            tls: TlsPolicy::Implicit,
            secured,
            charset: Some("windows-1251".into()),
            listing: crate::model::ListingStyle::Vms,
            clock: ClockOffset::parse("-03:30"),
            timeout: Some(7),
            password: PasswordFrom::Command,
            password_command: Some("pass x".into()),
            low_speed: Some(0),
            verify: true,
            learnt: Learnt { no_epsv: true, connections: Some(4), ..Learnt::default() },
            reach: Reach {
                proxy: Through::parse("socks5://me@proxy.example:1081").unwrap(),
                bind: Some("127.0.0.2".parse().unwrap()),
                family: Family::V6,
                active_ports: PortRange::parse("4000-4001"),
                active_address: Some("2001:db8::1".parse().unwrap()),
            },
            ascii: Ascii::Extensions(vec!["txt".into(), "html".into()]),
            keep_alive: Some(0),
            account: Some("acct".into()),
        }
    }

    fn entered(field: &Field) -> Entered<'_> {
        match &field.kind {
            super::super::super::form::FieldKind::Choice { chosen, .. } => Entered::Choice(*chosen),
            _ => Entered::Text(field.input.value()),
        }
    }

    #[test]
    fn what_is_shown_and_not_changed_leaves_every_key_as_it_is() {
        for began in [full(), Site { name: "n".into(), ..Site::of_host("h") }] {
            let mut site = began.clone();
            for field in FIELDS {
                let shown = field.of(&began);
                field.put(entered(&shown), &began, &mut site).unwrap();
                assert_eq!(field.flaw(entered(&shown), &site), None, "{}", field.label);
            }
            assert_eq!(site, began);
        }
    }

    #[test]
    fn what_is_shown_of_one_site_can_be_entered_for_another() {
        let (began, wanted) = (Site { secured: Secured { unchecked: true, ..Secured::default() }, ..Site::default() }, full());
        let mut site = began.clone();
        for field in FIELDS.iter().filter(|field| !["Found out", "User", "CA file"].contains(&field.label)) {
            field.put(entered(&field.of(&wanted)), &began, &mut site).unwrap();
        }
        let roots = wanted.secured.roots.clone();
        let but = Site { user: Some(" odd ".into()), learnt: wanted.learnt.clone(), ..site };
        assert_eq!(Site { secured: Secured { roots, ..but.secured.clone() }, ..but }, wanted);
    }

    #[test]
    fn what_cannot_be_is_said_and_not_put_on_the_site() {
        let began = full();
        for (label, text) in [
            ("Port", "0"),
            ("Port", "70000"),
            ("Timeout", "0"),
            ("Timeout", "soon"),
            ("Low speed", "fast"),
            ("Local directory", "here"),
            ("Trusted", "AB:CD"),
            ("CA file", "ca.pem"),
            ("Client certificate", "~/c.pem"),
            ("Keep alive", "often"),
            ("Proxy", "gopher://p"),
            ("Proxy", "http://me:secret@p"),
            ("From address", "eth0"),
            ("Active ports", "9-1"),
            ("Active address", "home"),
        ] {
            let field = FIELDS.iter().find(|field| field.label == label).unwrap();
            assert!(field.put(Entered::Text(text), &began, &mut began.clone()).is_err(), "{label} {text}");
        }
        let flaw = |label: &str, site: &Site, text: &str| {
            FIELDS.iter().find(|field| field.label == label).unwrap().flaw(Entered::Text(text), site)
        };
        assert!(flaw("Name", &Site { name: "/a".into(), ..began.clone() }, "/a").is_some());
        assert!(flaw("Host", &Site { host: "a b".into(), ..began.clone() }, "a b").is_some());
        assert!(flaw("Password command", &Site { password_command: None, ..began.clone() }, "").is_some());
        let alone = Site { secured: Secured::default(), ..began };
        assert!(flaw("Client key", &alone, "/k.pem").is_some() && flaw("Client key", &alone, "").is_none());
    }
}
