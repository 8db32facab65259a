//! vsftpd: virtual users who all are one system user, checked by PAM (see `.ci/servers`).

use super::available::{SYSTEM_USER, file};
use super::running::crypt;
use super::{Setup, Tls};
use crate::support::certs::authority;
use std::fs;
use std::path::Path;
use std::process::Command;

pub fn command(setup: &Setup, port: u16, home: &Path) -> Command {
    know_password(&setup.user, &setup.password);
    // The parent process waits here with no rights; it must exist, be empty and not be the user's.
    let empty = home.join("empty");
    fs::create_dir_all(&empty).unwrap();
    let config = home.join("vsftpd.conf");
    fs::write(&config, text(setup, port, home)).unwrap();
    let mut command = Command::new(file("usr/sbin/vsftpd"));
    command.arg(config);
    command
}

/// Adds the user to those the PAM service knows, unless it knows him with this password already.
fn know_password(user: &str, password: &str) {
    let path = Path::new("/usr/local/lib/ftpane-test/passwd");
    let wanted = format!("{user}:{}", crypt(password));
    let known = || fs::read_to_string(path).unwrap_or_default();
    if known().lines().any(|line| line == wanted) {
        return;
    }
    // Tests run side by side, in one process and in several: one at a time, and renamed into place, so that
    // a log-in never reads half of it.
    let lock = fs::File::create(path.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let start = format!("{user}:");
    let known = known();
    let others = known.lines().filter(|line| !line.starts_with(&start));
    let lines: Vec<&str> = others.chain([wanted.as_str()]).collect();
    let fresh = path.with_extension("fresh");
    fs::write(&fresh, lines.join("\n") + "\n").unwrap();
    fs::rename(&fresh, path).unwrap();
}

fn text(setup: &Setup, port: u16, home: &Path) -> String {
    let host = setup.host;
    let listen = if host.is_ipv6() {
        format!("listen=NO\nlisten_ipv6=YES\nlisten_address6={host}")
    } else {
        format!("listen=YES\nlisten_address={host}")
    };
    let denied = match setup.denied.join(",") {
        none if none.is_empty() => String::new(),
        some => format!("cmds_denied={some}\n"),
    };
    let tls = setup.tls.map_or_else(String::new, tls);
    let home = home.display();
    let max_per_host = setup.max_per_host.unwrap_or(0);
    let idle = setup.idle_seconds.unwrap_or(300);
    // Behind a proxy that loses connections a session would wait a minute for one, and keep its file locked so long.
    let ports = setup
        .passive_ports
        .as_ref()
        .map_or_else(String::new, |ports| format!("pasv_min_port={}\npasv_max_port={}\naccept_timeout=2\n", ports.start(), ports.end()));
    format!(
        "{listen}
listen_port={port}
background=NO
anonymous_enable=NO
local_enable=YES
guest_enable=YES
guest_username={SYSTEM_USER}
virtual_use_local_privs=YES
pam_service_name={SYSTEM_USER}
local_root={home}/root
chroot_local_user=YES
allow_writeable_chroot=YES
secure_chroot_dir={home}/empty
write_enable=YES
chmod_enable=YES
mdtm_write=YES
local_umask=022
use_localtime=NO
delay_failed_login=0
max_per_ip={max_per_host}
idle_session_timeout={idle}
{ports}{denied}{tls}vsftpd_log_file={home}/vsftpd.log
dual_log_enable=YES
log_ftp_protocol=YES
xferlog_enable=YES
xferlog_std_format=NO
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
"
    )
}

/// Data connections have to resume the session: vsftpd's default, said aloud.
fn tls(tls: Tls) -> String {
    let yes_no = |yes: bool| if yes { "YES" } else { "NO" };
    let client = if tls.wants_client {
        format!("require_cert=YES\nvalidate_cert=YES\nca_certs_file={}\n", authority().display())
    } else {
        String::new()
    };
    let forced = yes_no(!tls.optional);
    format!(
        "ssl_enable=YES
allow_anon_ssl=NO
force_local_logins_ssl={forced}
force_local_data_ssl={forced}
require_ssl_reuse=YES
implicit_ssl={}
ssl_tlsv1=YES
ssl_ciphers=HIGH
rsa_cert_file={}
rsa_private_key_file={}
debug_ssl=YES
{client}",
        yes_no(tls.implicit),
        tls.cert.cert().display(),
        tls.cert.key().display(),
    )
}
