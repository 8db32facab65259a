//! ProFTPD in the foreground, with a password file of its own.

use super::available::{SYSTEM_USER, file, system_user};
use super::running::{crypt, write_private};
use super::{Setup, Tls};
use crate::support::certs::authority;
use std::fs;
use std::path::Path;
use std::process::Command;

pub fn command(setup: &Setup, port: u16, home: &Path) -> Command {
    let (uid, gid) = system_user().expect("the system user");
    let (user, hash) = (&setup.user, crypt(&setup.password));
    let root = home.join("root");
    let line = format!("{user}:{hash}:{uid}:{gid}::{}:/bin/sh\n", root.display());
    write_private(&home.join("passwd"), &line);
    let config = home.join("proftpd.conf");
    fs::write(&config, text(setup, port, home)).unwrap();
    let mut command = Command::new(file("usr/sbin/proftpd"));
    command.arg("--nodaemon").arg("--config").arg(config);
    command
}

fn text(setup: &Setup, port: u16, home: &Path) -> String {
    let ipv6 = if setup.host.is_ipv6() { "on" } else { "off" };
    let max_per_host = setup.max_per_host.map_or("none".to_owned(), |max| max.to_string());
    let idle = setup.idle_seconds.unwrap_or(300);
    let denied: String = setup.denied.iter().map(|command| format!("<Limit {command}>\nDenyAll\n</Limit>\n")).collect();
    let ports = setup.passive_ports.as_ref().map_or_else(String::new, |ports| format!("PassivePorts {} {}\n", ports.start(), ports.end()));
    let tls = setup.tls.map_or_else(String::new, |asked| tls(asked, home));
    let modules = file("usr/lib/proftpd");
    let (host, home, modules) = (setup.host, home.display(), modules.display());
    format!(
        "ModulePath {modules}
ServerName \"ftpane\"
ServerType standalone
DefaultServer on
UseIPv6 {ipv6}
DefaultAddress {host}
SocketBindTight on
Port {port}
User {SYSTEM_USER}
Group {SYSTEM_USER}
UseReverseDNS off
RequireValidShell off
AuthOrder mod_auth_file.c
AuthUserFile {home}/passwd
DefaultRoot {home}/root
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
Umask 022
TimesGMT on
MaxClients none
MaxClientsPerHost {max_per_host}
TimeoutIdle {idle}
DelayEngine off
WtmpLog off
TransferLog none
SystemLog {home}/proftpd.log
ScoreboardFile {home}/scoreboard
PidFile {home}/pid
{ports}{denied}{tls}"
    )
}

/// mod_tls as it comes: data connections have to resume the session.
fn tls(tls: Tls, home: &Path) -> String {
    let client =
        if tls.wants_client { format!("TLSVerifyClient on\nTLSCACertificateFile {}\n", authority().display()) } else { String::new() };
    format!(
        "LoadModule mod_tls.c
TLSEngine on
TLSRequired on
TLSLog {}/tls.log
TLSECCertificateFile {}
TLSECCertificateKeyFile {}
{}{client}",
        home.display(),
        tls.cert.cert().display(),
        tls.cert.key().display(),
        if tls.implicit { "TLSOptions UseImplicitSSL\n" } else { "" },
    )
}
