//! What URLs mean, and that no bytes upset the parser.

use proptest::prelude::*;

use super::*;

fn url(text: &str) -> FtpUrl {
    FtpUrl::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> UrlError {
    FtpUrl::parse(text.as_bytes()).expect_err(text)
}

fn absolute(path: &str) -> StartDir {
    StartDir::Absolute(VPath::parse(path.as_bytes()).unwrap())
}

fn relative(path: &str) -> StartDir {
    StartDir::Relative(path.as_bytes().to_vec())
}

#[test]
fn a_url_is_read_in_all_its_parts() {
    let url = url("ftp://al%40ice:p%2Fw%3a@example.org:2121/pub/a%20b.txt");
    assert_eq!(url.scheme, Scheme::Ftp);
    assert_eq!(url.user.as_deref(), Some("al@ice"));
    assert_eq!(url.password.as_ref().map(Secret::expose), Some("p/w:"));
    assert_eq!(url.host, "example.org");
    assert_eq!(url.port, Some(2121));
    assert_eq!(url.start, relative("pub/a b.txt"));
    assert!(!url.directory);
}

#[test]
fn the_scheme_says_what_is_asked_of_tls_in_any_case() {
    assert_eq!(url("FTP://h").to_site().tls, TlsPolicy::Auto);
    assert_eq!(url("ftpes://h").to_site().tls, TlsPolicy::Required);
    assert_eq!(url("Ftps://h").to_site().tls, TlsPolicy::Implicit);
    assert_eq!(url("ftps://h").to_site().dial_port(), 990);
    assert_eq!(error("sftp://h/"), UrlError::UnknownScheme("sftp".into()));
    assert_eq!(error("host/path"), UrlError::NoScheme);
}

#[test]
fn a_path_is_relative_to_the_login_directory_unless_it_begins_with_a_slash_of_its_own() {
    for (text, start, directory) in [
        ("ftp://h", StartDir::Login, true),
        ("ftp://h/", StartDir::Login, true),
        ("ftp://h/./", StartDir::Login, true),
        ("ftp://h/a", relative("a"), false),
        ("ftp://h/a/", relative("a"), true),
        ("ftp://h/a//b", relative("a/b"), false),
        ("ftp://h/..", relative(".."), true),
        ("ftp://h//", absolute("/"), true),
        ("ftp://h/%2F", absolute("/"), true),
        ("ftp://h//etc/motd", absolute("/etc/motd"), false),
        ("ftp://h/%2Fetc/motd", absolute("/etc/motd"), false),
        ("ftp://h/%2fetc/", absolute("/etc"), true),
        ("ftp://h/~bob/x", relative("~bob/x"), false),
        ("ftp://h/a?b#c", relative("a?b#c"), false),
        ("ftp://h/a;type=i", relative("a"), false),
        ("ftp://h/a;TYPE=D", relative("a"), true),
        ("ftp://h/a%3Btype=a", relative("a;type=a"), false),
        ("ftp://h/a;type=b/c", relative("a;type=b/c"), false),
        ("ftp://h/a;b", relative("a;b"), false),
    ] {
        let url = url(text);
        assert_eq!((&url.start, url.directory), (&start, directory), "{text}");
    }
    assert_eq!(FtpUrl::parse(b"ftp://h/%ff\xfe").unwrap().start, StartDir::Relative(vec![0xff, 0xfe]));
}

#[test]
fn hosts_are_names_or_addresses() {
    assert_eq!(url("ftp://[::1]:21/x").host, "::1");
    assert_eq!(url("ftp://[::1]:21/x").port, Some(21));
    assert_eq!(url("ftp://[fe80::1%25eth0]/").host, "fe80::1%eth0");
    assert_eq!(url("ftp://a@b@10.0.0.1/").host, "10.0.0.1");
    assert_eq!(url("ftp://@h/").user, None);
    for (text, why) in [
        ("ftp:///path", UrlError::NoHost),
        ("ftp://user@/path", UrlError::NoHost),
        ("ftp://::1/", UrlError::BareIpv6),
        ("ftp://[::1/", UrlError::BadHost),
        ("ftp://[::1]x/", UrlError::BadHost),
        ("ftp://[zz]/", UrlError::BadHost),
        ("ftp://a b/", UrlError::BadHost),
        ("ftp://a%20b/", UrlError::BadHost),
        ("ftp://h?x", UrlError::BadHost),
    ] {
        assert_eq!(error(text), why, "{text}");
    }
}

#[test]
fn a_port_is_a_number_from_1_to_65535() {
    for text in ["ftp://h:0/", "ftp://h:65536/", "ftp://h:ftp/", "ftp://h:/", "ftp://h:+1/", "ftp://h:-1/", "ftp://[::1]:x"] {
        assert_eq!(error(text), UrlError::BadPort, "{text}");
    }
    assert_eq!(url("ftp://h:65535/").port, Some(65535));
}

#[test]
fn line_breaks_and_nul_are_refused_in_every_part_by_name() {
    for (text, part) in [
        ("ftp://a%0d%0aDELE@h/", Part::User),
        ("ftp://a:%00@h/", Part::Password),
        ("ftp://a:b\n@h/", Part::Password),
        ("ftp://h\r/", Part::Host),
        ("ftp://h/a%0Ab", Part::Path),
        ("ftp://h/a\0", Part::Path),
        ("ftp://h/%2Fa%0D", Part::Path),
    ] {
        assert_eq!(error(text), UrlError::ControlByte(part), "{text:?}");
    }
    assert!(UrlError::ControlByte(Part::Password).to_string().starts_with("the password holds a line break"));
}

#[test]
fn bad_escapes_and_types_are_named() {
    assert_eq!(error("ftp://h/100%"), UrlError::Escape(Part::Path));
    assert_eq!(error("ftp://a%zz@h/"), UrlError::Escape(Part::User));
    assert_eq!(error("ftp://a:%f@h/"), UrlError::Escape(Part::Password));
    assert_eq!(error("ftp://%ff@h/"), UrlError::NotText(Part::User));
    for bad in ["ftp://h/a;type=x", "ftp://h/a;type=", "ftp://h/a;type=ab"] {
        assert_eq!(error(bad), UrlError::UnknownType);
    }
}

#[test]
fn a_type_says_text_bytes_or_directory() {
    for (text, is_text, is_directory) in [
        ("ftp://h/a", false, false),
        ("ftp://h/a;type=a", true, false),
        ("ftp://h/a;TYPE=A", true, false),
        ("ftp://h/a;type=i", false, false),
        ("ftp://h/a;type=d", false, true),
        ("ftp://h/;type=a", true, true),
        ("ftp://h/a;type=a/b", false, false),
    ] {
        let url = url(text);
        assert_eq!((url.text, url.directory), (is_text, is_directory), "{text}");
        assert_eq!(url.to_site().ascii == Ascii::Always, is_text, "{text}");
        assert_eq!(FtpUrl::parse(url.to_string().as_bytes()).unwrap(), url, "{text}");
    }
}

#[test]
fn neither_a_shown_url_nor_an_error_shows_a_password() {
    assert_eq!(error("alice:hunter2://x@h/"), UrlError::NoScheme);
    let shown = url("ftp://u:hunter2@h/a").to_string();
    assert_eq!(shown, "ftp://u@h/a");
    assert!(!format!("{:?}", url("ftp://u:hunter2@h/a")).contains("hunter2"));
    assert!(!error("ftp://u:hunter2/x@h/a").to_string().contains("hunter2"));
}

#[test]
fn a_site_becomes_a_url_and_back() {
    let site = url("ftps://al%40ice@[::1]:2121//www").to_site();
    assert_eq!(FtpUrl::of_site(&site).to_string(), "ftps://al%40ice@[::1]:2121//www/");
    assert_eq!(FtpUrl::parse(FtpUrl::of_site(&site).to_string().as_bytes()).unwrap().to_site(), site);
}

#[test]
fn the_path_is_found_from_the_login_directory() {
    let home = VPath::parse(b"/home/alice").unwrap();
    assert_eq!(url("ftp://h/www").path_from(&home).unwrap(), VPath::parse(b"/home/alice/www").unwrap());
    assert_eq!(url("ftp://h/../bob").path_from(&home).unwrap(), VPath::parse(b"/home/bob").unwrap());
    assert_eq!(url("ftp://h//www").path_from(&home).unwrap(), VPath::parse(b"/www").unwrap());
}

proptest! {
    #[test]
    fn no_bytes_upset_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = FtpUrl::parse(&bytes);
    }

    #[test]
    fn no_text_that_looks_like_a_url_upsets_the_parser(text in "ftp://[a:@\\[\\]%0-9/;=.ty\\PC]{0,40}") {
        if let Ok(url) = FtpUrl::parse(text.as_bytes()) {
            let again = FtpUrl::parse(url.to_string().as_bytes()).unwrap();
            prop_assert_eq!(again, FtpUrl { password: None, ..url });
        }
    }

    #[test]
    fn what_is_shown_is_read_back_the_same(
        scheme in prop::sample::select(vec![Scheme::Ftp, Scheme::Ftpes, Scheme::Ftps]),
        user in prop::option::of("[^\r\n\0]{1,12}"),
        host in prop::sample::select(vec!["example.org", "10.1.2.3", "::1", "fe80::1%eth0", "müller.example"]),
        port in prop::option::of(1_u16..),
        path in prop::collection::vec(any::<u8>(), 0..40),
        text in any::<bool>(),
    ) {
        let path: Vec<u8> = path.into_iter().filter(|b| !is_refused(*b)).collect();
        let (start, directory) = start_of(&path).unwrap();
        let url = FtpUrl { scheme, user, password: None, host: host.to_owned(), port, start, directory, text };
        let shown = url.to_string();
        prop_assert_eq!(FtpUrl::parse(shown.as_bytes()).unwrap(), url, "{}", shown);
    }
}
