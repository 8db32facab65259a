//! What a person typed as a target: a URL, a local path, a saved site's name, a host.
//!
//! Guarantee: the rules of the command line in one place, in their order, for the panes and for commands alike. It asks no disk and
//! reads no file itself: whether a name is a saved site or an existing directory comes from who calls.

use std::fmt;

use super::site::StartDir;
use super::text::printable;
use super::url::{FtpUrl, Part, UrlError, start_of};

/// What a typed target means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A server, by URL or by `[user@]host[:port][/path]`.
    Url(FtpUrl),
    /// A path on this machine, as it was typed; `~` is not expanded (see [`expand_home`]).
    Local(Vec<u8>),
    /// A saved site.
    Site {
        /// Its name.
        name: String,
        /// What stood behind the colon of `SITE:path`; none for a bare name. Relative to the site's own directory.
        path: Option<SitePath>,
    },
    /// `-`: standard output or input; only for commands.
    Stdio,
}

/// The path of `SITE:path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePath {
    /// [`StartDir::Login`] is an empty path: the site's own directory.
    pub start: StartDir,
    /// Whether it says by itself that it is a directory.
    pub directory: bool,
}

/// Why a typed target means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TargetError {
    /// Nothing was typed.
    Empty,
    /// It reads as a URL, and that is wrong.
    Url(UrlError),
    /// It reads as a host, and that is wrong; carries what was typed, made safe to show.
    Host(String, UrlError),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the target is empty; give a URL, a local directory, a saved site's name or a host"),
            Self::Url(error) => error.fmt(f),
            Self::Host(typed, error) => {
                write!(f, "{typed} is no saved site and no directory here, and read as a host: ")?;
                match (meant(typed), error) {
                    (Some(url), UrlError::BadPort | UrlError::BadHost | UrlError::BareIpv6) => {
                        write!(f, "{}; did you mean {url}?", error.what())
                    }
                    _ => error.fmt(f),
                }
            }
        }
    }
}

/// A URL for what was written in another form: `host:path` as for scp, a scheme without its two slashes.
fn meant(typed: &str) -> Option<String> {
    let (host, path) = typed.split_once(':')?;
    let path = path.trim_start_matches('/');
    if matches!(host, "ftp" | "ftps" | "ftpes") {
        return (!path.is_empty()).then(|| format!("{host}://{path}"));
    }
    // `host:21:path`: the port is one.
    if let Some((port, path)) = path.split_once(':')
        && port.parse::<u16>().is_ok()
    {
        return Some(format!("ftp://{host}:{port}/{}", path.trim_start_matches('/')));
    }
    let is_path = path.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'/') && !path.starts_with(|c: char| c.is_ascii_digit());
    let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    (is_path && is_host && !path.contains(':')).then(|| format!("ftp://{host}/{path}"))
}

impl std::error::Error for TargetError {}

impl From<UrlError> for TargetError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

/// What is known of the world.
pub struct Known<'a> {
    /// Whether a site is saved under this name.
    pub is_site: &'a dyn Fn(&str) -> bool,
    /// Whether this is a directory on this machine.
    pub is_dir: &'a dyn Fn(&[u8]) -> bool,
}

/// Reads what was typed for a pane.
///
/// # Errors
/// [`TargetError`] says how it was read and what is wrong.
pub fn pane_target(typed: &[u8], known: &Known<'_>) -> Result<Target, TargetError> {
    if typed.is_empty() {
        return Err(TargetError::Empty);
    }
    if is_local_by_form(typed) {
        return Ok(Target::Local(typed.to_vec()));
    }
    if is_url(typed) {
        return Ok(Target::Url(FtpUrl::parse(typed)?));
    }
    if let Ok(name) = std::str::from_utf8(typed)
        && (known.is_site)(name)
    {
        return Ok(Target::Site { name: name.to_owned(), path: None });
    }
    if (known.is_dir)(typed) {
        return Ok(Target::Local(typed.to_vec()));
    }
    host_target(typed)
}

/// Reads what was given to a command: as for a pane, and `-`, `SITE:path` and a drive letter besides.
///
/// # Errors
/// [`TargetError`] says how it was read and what is wrong.
pub fn command_target(typed: &[u8], known: &Known<'_>) -> Result<Target, TargetError> {
    if typed == b"-" {
        return Ok(Target::Stdio);
    }
    if is_drive(typed) {
        return Ok(Target::Local(typed.to_vec()));
    }
    match site_path(typed, known)? {
        Some(target) => Ok(target),
        None => pane_target(typed, known),
    }
}

/// Whether it can be nothing but a place on a server: a URL, or `SITE:path` of a saved site. Decides what the last argument of a
/// download is, which otherwise is a local name that need not exist yet.
pub fn is_surely_remote(typed: &[u8], known: &Known<'_>) -> bool {
    !is_local_by_form(typed) && (is_url(typed) || (!is_drive(typed) && !matches!(site_path(typed, known), Ok(None))))
}

/// Ends of names that files have and hosts have not: none is a top-level domain.
const FILE_ENDS: [&str; 34] = [
    "txt", "log", "csv", "json", "xml", "html", "htm", "php", "css", "jpg", "jpeg", "png", "gif", "svg", "pdf", "doc", "docx", "xls",
    "xlsx", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "iso", "img", "exe", "bak", "yml", "sql", "mp3", "mp4",
];

/// Whether a word that reads as a host is rather meant as a path of this machine: one of that name, or the directory that it begins with,
/// is there, or it ends as files do; with `bare` also where it is a single word without a dot.
pub fn is_likely_local(typed: &[u8], exists: &dyn Fn(&[u8]) -> bool, bare: bool) -> bool {
    if is_local_by_form(typed) || is_url(typed) || typed.contains(&b'@') || typed.contains(&b':') {
        return false;
    }
    let first = typed.split(|byte| *byte == b'/').next().unwrap_or(typed);
    let end = first.rsplit(|byte| *byte == b'.').next().filter(|end| end.len() < first.len());
    let is_file = end.is_some_and(|end| FILE_ENDS.iter().any(|known| end.eq_ignore_ascii_case(known.as_bytes())));
    exists(typed) || exists(first) || is_file || (bare && first == typed && end.is_none() && typed != b"localhost")
}

/// A leading `~` or `~/` replaced by the person's home directory.
pub fn expand_home(typed: &[u8], home: &[u8]) -> Vec<u8> {
    match typed.strip_prefix(b"~") {
        Some(rest) if rest.is_empty() || rest.starts_with(b"/") => [home, rest].concat(),
        _ => typed.to_vec(),
    }
}

/// Whether it starts with `/`, `.` or `~`: no scheme, site or host does.
pub fn is_local_by_form(typed: &[u8]) -> bool {
    matches!(typed.first(), Some(b'/' | b'.' | b'~'))
}

/// Whether it has `://`.
pub fn is_url(typed: &[u8]) -> bool {
    typed.windows(3).any(|window| window == b"://")
}

/// A single letter before the colon.
fn is_drive(typed: &[u8]) -> bool {
    matches!(typed, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// `SITE:path` where SITE is saved. A site's name may hold colons itself: the longest that is saved counts, and a name that is saved as
/// a whole has no path.
fn site_path(typed: &[u8], known: &Known<'_>) -> Result<Option<Target>, TargetError> {
    if is_local_by_form(typed) || is_url(typed) {
        return Ok(None);
    }
    let is_site = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|name| (known.is_site)(name));
    if is_site(typed) {
        return Ok(None);
    }
    for (at, _) in typed.iter().enumerate().rev().filter(|(_, byte)| **byte == b':') {
        let (Some(name), Some(path)) = (typed.get(..at), typed.get(at + 1..)) else { continue };
        if is_site(name) {
            let (start, directory) = start_of(path)?;
            let name = String::from_utf8_lossy(name).into_owned();
            return Ok(Some(Target::Site { name, path: Some(SitePath { start, directory }) }));
        }
    }
    Ok(None)
}

/// `[user@]host[:port][/path]`, which is an `ftp://` URL without its scheme.
fn host_target(typed: &[u8]) -> Result<Target, TargetError> {
    FtpUrl::parse(&[b"ftp://", typed].concat()).map(Target::Url).map_err(|error| match error {
        // What was typed could hold a password before the @; only a name without one is repeated.
        UrlError::ControlByte(Part::User | Part::Password) => TargetError::Url(error),
        _ if typed.contains(&b'@') => TargetError::Url(error),
        _ => TargetError::Host(printable(typed).into_owned(), error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known<'a>() -> Known<'a> {
        Known { is_site: &|name| ["work", "alice@host:2121", "c", "dir"].contains(&name), is_dir: &|path| path == b"pub" || path == b"dir" }
    }

    fn pane(text: &str) -> Result<Target, TargetError> {
        pane_target(text.as_bytes(), &known())
    }

    fn command(text: &str) -> Result<Target, TargetError> {
        command_target(text.as_bytes(), &known())
    }

    fn site(name: &str, path: Option<(StartDir, bool)>) -> Target {
        Target::Site { name: name.into(), path: path.map(|(start, directory)| SitePath { start, directory }) }
    }

    fn host(text: &str) -> Target {
        Target::Url(FtpUrl::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_target_is_read_by_its_form_first_and_then_by_what_is_there() {
        assert_eq!(pane("ftp://h/x").unwrap(), host("ftp://h/x"));
        for local in ["/tmp", "./x", "..", "~", "~/x", ".", "/tmp/a://b"] {
            assert_eq!(pane(local).unwrap(), Target::Local(local.into()), "{local}");
        }
        assert_eq!(pane("work").unwrap(), site("work", None));
        assert_eq!(pane("dir").unwrap(), site("dir", None), "a saved site comes before a directory");
        assert_eq!(pane("pub").unwrap(), Target::Local(b"pub".to_vec()));
        assert_eq!(pane("example.org").unwrap(), host("ftp://example.org"));
        assert_eq!(pane("bob@example.org:2121/a%20b/").unwrap(), host("ftp://bob@example.org:2121/a%20b/"));
        assert_eq!(pane("[::1]:21//etc").unwrap(), host("ftp://[::1]:21//etc"));
        assert_eq!(pane("http://h/"), Err(TargetError::Url(UrlError::UnknownScheme("http".into()))));
        assert_eq!(pane(""), Err(TargetError::Empty));
        assert_eq!(pane("what ever"), Err(TargetError::Host("what ever".into(), UrlError::BadHost)));
    }

    #[test]
    fn commands_take_a_site_with_a_path_and_a_drive() {
        assert_eq!(command("work:").unwrap(), site("work", Some((StartDir::Login, true))));
        assert_eq!(command("work:a b/").unwrap(), site("work", Some((StartDir::Relative(b"a b".to_vec()), true))));
        assert_eq!(command("work:100%").unwrap(), site("work", Some((StartDir::Relative(b"100%".to_vec()), false))));
        assert_eq!(command("alice@host:2121").unwrap(), site("alice@host:2121", None));
        assert_eq!(command("alice@host:2121:x").unwrap(), site("alice@host:2121", Some((StartDir::Relative(b"x".to_vec()), false))));
        assert_eq!(command("c:/x").unwrap(), Target::Local(b"c:/x".to_vec()), "a single letter is a drive, even where a site is called so");
        assert_eq!(command("c").unwrap(), site("c", None));
        assert_eq!(command("-").unwrap(), Target::Stdio);
        assert_eq!(command("host:2121/x").unwrap(), host("ftp://host:2121/x"));
        assert_eq!(command("host:x"), Err(TargetError::Host("host:x".into(), UrlError::BadPort)));
        assert_eq!(command("work:a\nb"), Err(TargetError::Url(UrlError::ControlByte(Part::Path))));
    }

    #[test]
    fn the_last_argument_of_a_download_is_local_unless_it_is_surely_remote() {
        for (text, remote) in [
            ("ftp://h/x", true),
            ("work:x", true),
            ("work", false),
            ("example.org", false),
            ("host:21", false),
            ("/a:b", false),
            ("c:x", false),
        ] {
            assert_eq!(is_surely_remote(text.as_bytes(), &known()), remote, "{text}");
        }
    }

    #[test]
    fn a_word_that_reads_as_a_host_is_doubted_where_it_looks_like_a_path() {
        let exists = |path: &[u8]| path == b"docs" || path == b"here";
        for (typed, loose, bare) in [
            ("here", true, true),
            ("docs/new", true, true),
            ("y.txt", true, true),
            ("Y.JPG", true, true),
            ("src2", false, true),
            ("nas/photos", false, false),
            ("localhost", false, false),
            ("example.org", false, false),
            ("example.org/y.txt", false, false),
            ("me@src2", false, false),
            ("src2:2121", false, false),
            ("ftp://here", false, false),
            ("./here", false, false),
        ] {
            let doubted = |bare| is_likely_local(typed.as_bytes(), &exists, bare);
            assert_eq!((doubted(false), doubted(true)), (loose, bare), "{typed}");
        }
    }

    #[test]
    fn a_leading_tilde_is_the_home_directory() {
        assert_eq!(expand_home(b"~", b"/home/a"), b"/home/a");
        assert_eq!(expand_home(b"~/x", b"/home/a"), b"/home/a/x");
        assert_eq!(expand_home(b"~bob", b"/home/a"), b"~bob");
        assert_eq!(expand_home(b"a~", b"/home/a"), b"a~");
    }

    #[test]
    fn what_is_written_in_another_form_is_shown_as_a_url() {
        for (typed, url) in [
            ("host:path/x", "ftp://host/path/x"),
            ("host:/path", "ftp://host/path"),
            ("host:port/path", "ftp://host/port/path"),
            ("ftp:/host/x", "ftp://host/x"),
            ("ftp:host", "ftp://host"),
            ("localhost:2121:code", "ftp://localhost:2121/code"),
        ] {
            let told = pane(typed).unwrap_err().to_string();
            assert!(told.ends_with(&format!("; did you mean {url}?")), "{told}");
        }
        assert!(pane("host:99999/x").unwrap_err().to_string().contains("1 to 65535; write ftp://host:2121/path"));
    }

    #[test]
    fn an_error_does_not_repeat_what_may_be_a_password() {
        assert!(!pane("u:hunter2@h:x/").unwrap_err().to_string().contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_bytes_upset_the_rules(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = pane_target(&bytes, &known());
            let _ = command_target(&bytes, &known());
            let _ = is_surely_remote(&bytes, &known());
        }
    }
}
