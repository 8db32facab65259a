//! What a person writes into `sites.toml` survives, and what cannot be read is named and left alone.

use std::fs;

use super::*;
use crate::model::site::StartDir;
use crate::model::url::FtpUrl;
use crate::model::{Ascii, DataMode, Family, PasswordFrom, PortRange, Reach, Through, TlsPolicy, VPath};

struct Fixture {
    _base: tempfile::TempDir,
    store: SiteStore,
}

fn store(text: &str) -> Fixture {
    let base = tempfile::tempdir().unwrap();
    let paths = Paths::under(base.path());
    if !text.is_empty() {
        fs::write(paths.sites(), text).unwrap();
    }
    Fixture { store: SiteStore::new(&paths), _base: base }
}

impl Fixture {
    fn text(&self) -> String {
        fs::read_to_string(&self.store.path).unwrap()
    }
}

fn site(name: &str, url: &str) -> Site {
    Site { name: name.into(), ..FtpUrl::parse(url.as_bytes()).unwrap().to_site() }
}

fn full() -> Site {
    Site {
        folder: "clients/a".into(),
        local: Some(VPath::parse(b"/home/\xff/x").unwrap()),
        mode: DataMode::Active,
        tls: TlsPolicy::Off,
        charset: Some("windows-1252".into()),
        timeout: Some(30),
        password: PasswordFrom::Command,
        password_command: Some("pass show \"work\"".into()),
        low_speed: Some(0),
        verify: true,
        reach: Reach {
            proxy: Through::parse("socks5://me@proxy:1081").unwrap(),
            bind: Some("127.0.0.2".parse().unwrap()),
            family: Family::V6,
            active_ports: PortRange::parse("50000-50100"),
            active_address: Some("2001:db8::1".parse().unwrap()),
        },
        ascii: Ascii::of_extensions(["txt", "csv"]),
        keep_alive: Some(0),
        account: Some("billing".into()),
        learnt: Learnt { no_epsv: true, connections: Some(2), ..Learnt::default() },
        start: StartDir::Absolute(VPath::parse(b"/w\xffw").unwrap()),
        ..site("full", "ftp://al%40ice@[::1]:2121")
    }
}

#[test]
fn a_site_with_everything_comes_back_the_same() {
    let fixture = store("");
    assert!(fixture.store.load().unwrap().is_empty());
    fixture.store.add(&full()).unwrap();
    fixture.store.add(&site("plain", "ftpes://h/www")).unwrap();
    assert_eq!(fixture.store.load().unwrap(), [full(), site("plain", "ftpes://h/www")]);
    assert_eq!(fixture.store.get("plain").unwrap().tls, TlsPolicy::Required);
}

#[test]
fn what_a_person_wrote_stays_through_every_change() {
    let text = "# my servers\n\n[[site]]\n# the old one\nname = \"a\" # short\nhost = \"h.example\"\nport = 2121\nremote = \"/www\"\n\n# last\n[[site]]\nurl = \"ftp://b\"\nname = \"b\"\n";
    let fixture = store(text);
    let before = fixture.store.get("a").unwrap();
    assert_eq!(before.start, StartDir::Absolute(VPath::parse(b"/www").unwrap()));
    fixture.store.learn("a", &Learnt { no_mlsd: true, ..Learnt::default() }).unwrap();
    fixture.store.rename("a", "c").unwrap();
    let text = fixture.text();
    for kept in [
        "# my servers",
        "# the old one",
        "name = \"c\" # short",
        "host = \"h.example\"\nport = 2121\nremote = \"/www\"",
        "# last",
        "learnt = { no_mlsd = true }",
    ] {
        assert!(text.contains(kept), "{kept} is gone from\n{text}");
    }
    fixture.store.remove("c").unwrap();
    assert_eq!(fixture.store.load().unwrap(), [site("b", "ftp://b")]);
    fixture.store.remove("b").unwrap();
    assert!(fixture.store.load().unwrap().is_empty());
}

#[test]
fn an_address_that_changes_becomes_a_url() {
    let fixture = store("[[site]]\nname = \"a\"\nhost = \"::1\"\nuser = \"u\"\ntls = \"off\"\n");
    let site = Site { user: Some("v".into()), ..fixture.store.get("a").unwrap() };
    fixture.store.replace("a", &site).unwrap();
    assert_eq!(fixture.text(), "[[site]]\nname = \"a\"\nurl = \"ftp://v@[::1]\"\ntls = \"off\"\n");
    assert_eq!(fixture.store.get("a").unwrap(), site);
}

#[test]
fn an_array_of_inline_tables_is_read_and_changed() {
    let fixture = store("site = [{ name = \"a\", url = \"ftp://a\" }]\n");
    fixture.store.add(&site("b", "ftp://b")).unwrap();
    assert_eq!(fixture.store.load().unwrap(), [site("a", "ftp://a"), site("b", "ftp://b")]);
}

#[test]
fn names_are_unique_and_can_be_typed() {
    let fixture = store("");
    fixture.store.add(&site("a", "ftp://a")).unwrap();
    fixture.store.add(&site("b", "ftp://b")).unwrap();
    assert!(matches!(fixture.store.add(&site("a", "ftp://x")), Err(ConfigError::NameTaken(_))));
    assert!(matches!(fixture.store.rename("a", "b"), Err(ConfigError::NameTaken(_))));
    assert!(matches!(fixture.store.remove("z"), Err(ConfigError::NoSuchSite(_))));
    for bad in ["", " a", "a ", "/a", ".a", "~", "-", "x://y", "a\nb"] {
        assert!(matches!(fixture.store.add(&site(bad, "ftp://x")), Err(ConfigError::BadName(..))), "{bad:?}");
    }
    fixture.store.add(&site("alice@host:2121", "ftp://x")).unwrap();
}

#[test]
fn what_cannot_be_read_is_named_with_line_and_column_and_left_alone() {
    for (text, place, words) in [
        ("[[site]\n", ":1:", "mend the file by hand"),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\ncolour = 1\n", ":4:1: unknown key `colour`", "known here:"),
        (
            "[[site]]\nname = \"a\"\nurl = \"ftp://a\"\npassword = \"hunter2\"\n",
            ":4:12: password says where the password is, one of ask, keyring",
            "",
        ),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\npassword = \"command\"\n", ":4:12: password = \"command\" needs password_command", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\npassword_command = \" \"\n", ":4:20: password_command is empty", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://u:p@a\"\n", ":3:7: the url holds a password", ""),
        ("[[site]]\nname = \"a\"\nurl = \"http://a\"\n", ":3:7: http:// is not spoken", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\nmode = \"pasv\"\n", ":4:8: mode is none of auto, passive, active", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\nlocal = \"x\"\n", ":4:9: local is not absolute", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\nport = 21\n", ":4:8: port, user and remote are part of the url", ""),
        ("[[site]]\nname = \"a\"\nhost = \"u@h\"\n", ":3:8: the host is more than a host", ""),
        ("[[site]]\nname = \"a\"\nhost = \"h\"\nuser = \"a\\nb\"\n", ":4:8: the user holds a line break", ""),
        ("[[site]]\nname = \"a\"\nhost = \"h\"\nport = 70000\n", ":4:8:", ""),
        ("[[site]]\nname = \"a\"\n", ":1:1: this site has no url", ""),
        ("[[site]]\nurl = \"ftp://a\"\n", ":1:1: this site has no name", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\n[[site]]\nname = \"a\"\nurl = \"ftp://b\"\n", ":5:8: a second site is called a", ""),
        ("[[site]]\nname = \"a\"\nurl = \"ftp://a\"\nlearnt = { no_ftp = true }\n", ":4:12: unknown key `no_ftp`", ""),
        ("sites = 1\n", ":1:1: unknown key `sites`", "site"),
    ] {
        let fixture = store(text);
        let error = fixture.store.load().unwrap_err().to_string();
        assert!(error.contains(&format!("sites.toml{place}")) && error.contains(words), "{text}\n{error}");
        assert!(!error.contains('\n') && !error.contains("hunter2"), "{error}");
        assert!(fixture.store.add(&site("new", "ftp://new")).is_err());
        assert!(fixture.store.remove("a").is_err());
        assert_eq!(fixture.text(), text, "the file was changed");
    }
}
