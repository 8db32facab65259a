//! pure-ftpd with a PureDB of virtual users, so that every instance has a home of its own.

use super::Setup;
use super::available::{file, libraries, system_user};
use super::running::{crypt, write_private};
use std::path::Path;
use std::process::Command;

pub fn command(setup: &Setup, port: u16, home: &Path) -> Command {
    let database = make_users(setup, home);
    let mut command = Command::new(file("usr/sbin/pure-ftpd"));
    command
        .args(["-S", &format!("{},{port}", setup.host)])
        .args(["-l", &format!("puredb:{database}")])
        .args(["-g", &format!("{}/pid", home.display())])
        // Chroot everyone, nobody anonymous, no reverse look-ups, low user numbers, long listings.
        .args(["-A", "-E", "-H", "-u", "1", "-U", "133:022", "-L", "1000000:64"])
        .args(["-c", "500", "-f", "none"])
        .args(["-I", &setup.idle_seconds.unwrap_or(300).div_ceil(60).to_string()]);
    if let Some(ports) = &setup.passive_ports {
        command.args(["-p", &format!("{}:{}", ports.start(), ports.end())]);
    }
    if let Some(tls) = setup.tls {
        assert!(!tls.wants_client, "not set up here");
        // 3: control and data, and nothing in the clear.
        command.args(["-Y", "3", "-2", &tls.cert.both().display().to_string()]);
    }
    if let Some(max) = setup.max_per_host {
        command.args(["-C", &max.to_string()]);
    }
    command
}

/// Writes the text form of the user base and has pure-pw compile it. Fields as in pure-pw's README:
/// account, password, uid, gid, gecos, home, then limits, all empty.
fn make_users(setup: &Setup, home: &Path) -> String {
    let (uid, gid) = system_user().expect("the system user");
    let (user, hash) = (&setup.user, crypt(&setup.password));
    let text = home.join("passwd");
    let line = format!("{user}:{hash}:{uid}:{gid}::{}/root/./::::::::::::\n", home.display());
    write_private(&text, &line);
    let database = home.join("users.pdb");
    let made = Command::new(file("usr/bin/pure-pw"))
        .env("LD_LIBRARY_PATH", libraries())
        .arg("mkdb")
        .arg(&database)
        .arg("-f")
        .arg(&text)
        .output()
        .expect("pure-pw runs");
    assert!(made.status.success(), "pure-pw: {}", String::from_utf8_lossy(&made.stderr));
    database.display().to_string()
}
