//! Which servers are here, and saying so when a test has to leave one out.

use super::{Kind, Setup};
use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;

/// The user that vsftpd, ProFTPD and pure-ftpd serve files as; `.ci/servers` makes it.
pub const SYSTEM_USER: &str = "ftpane-test";

/// Where `.ci/servers` puts things.
pub fn dir() -> PathBuf {
    match env::var_os("FTPANE_SERVERS") {
        Some(dir) => PathBuf::from(dir),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(".servers"),
    }
}

/// A program or file of the unpacked packages, by its path below `/`.
pub fn file(path: &str) -> PathBuf {
    dir().join("root").join(path)
}

/// The unpacked libraries, for `LD_LIBRARY_PATH`.
pub fn libraries() -> PathBuf {
    file(&format!("usr/lib/{}-linux-gnu", env::consts::ARCH))
}

/// User and group number of [`SYSTEM_USER`].
pub fn system_user() -> Option<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.starts_with("ftpane-test:"))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The server, ready to be set up; `None` when it is not installed, and then the test is left out, which is
/// said on standard error and noted.
///
/// # Panics
/// With FTPANE_REQUIRE_SERVERS=1 in the environment, instead of returning `None`.
pub fn require(kind: Kind) -> Option<Setup> {
    let Some(missing) = missing(kind) else {
        return Some(Setup::new(kind));
    };
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let notice = format!("left out: {test} needs {missing} (run .ci/servers)");
    assert!(env::var_os("FTPANE_REQUIRE_SERVERS").is_none_or(|set| set != "1"), "{notice}");
    // Not eprintln!, which the test runner captures and shows only when a test fails.
    let _ = writeln!(io::stderr(), "{notice}");
    let record = Path::new(env!("CARGO_TARGET_TMPDIR")).join("left-out.txt");
    if let Ok(mut record) = OpenOptions::new().create(true).append(true).open(record) {
        let _ = writeln!(record, "{notice}");
    }
    None
}

fn missing(kind: Kind) -> Option<&'static str> {
    let needed = match kind {
        Kind::Vsftpd => file("usr/sbin/vsftpd"),
        Kind::Proftpd => file("usr/sbin/proftpd"),
        Kind::PureFtpd => file("usr/sbin/pure-ftpd"),
        Kind::Pyftpdlib => dir().join("python/pyftpdlib"),
    };
    if !needed.exists() {
        return Some(kind.name());
    }
    if kind == Kind::Proftpd && !file("usr/lib/proftpd/mod_tls.so").exists() {
        return Some("proftpd's mod_tls");
    }
    if kind == Kind::Pyftpdlib {
        return (!dir().join("python/OpenSSL").exists()).then_some("pyOpenSSL");
    }
    if system_user().is_none() {
        return Some("the system user ftpane-test");
    }
    (!rustix::process::geteuid().is_root()).then_some("root")
}
