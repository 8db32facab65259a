//! What a server says to one line, asked past ftpane: for what ftpane does not even ask.

use crate::support::certs::{Cert, authority};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// The lines of the answer to `line` after a login, or that there is none; of the greeting, read in the clear, where there is none to ask.
pub fn ask(addr: SocketAddr, security: &str, line: &str) -> Vec<String> {
    let tcp = TcpStream::connect(addr).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let mut talk = Talk { stream: Box::new(tcp.try_clone().unwrap()) };
    if line.is_empty() {
        return talk.reply();
    }
    if security == "implicit TLS" {
        talk = secured(tcp.try_clone().unwrap(), addr);
    }
    talk.reply();
    if security == "explicit TLS" {
        talk.say("AUTH TLS");
        talk = secured(tcp, addr);
    }
    talk.say("USER tester");
    talk.say("PASS secret");
    if security != "plain" {
        talk.say("PBSZ 0");
        talk.say("PROT P");
    }
    let said = talk.say(line);
    if said.is_empty() { vec!["(it closes the connection)".to_owned()] } else { said }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

struct Talk {
    stream: Box<dyn Stream>,
}

fn secured(tcp: TcpStream, addr: SocketAddr) -> Talk {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
    let session = ClientConnection::new(Arc::new(config), ServerName::from(addr.ip())).unwrap();
    Talk { stream: Box::new(StreamOwned::new(session, tcp)) }
}

impl Talk {
    fn say(&mut self, line: &str) -> Vec<String> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.stream.flush().unwrap();
        self.reply()
    }

    /// All lines of one reply (RFC 959 §4.2); fewer where the server ends instead.
    fn reply(&mut self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        while let Some(line) = self.line() {
            let code = lines.first().map_or(line.as_str(), String::as_str).get(..3).unwrap_or_default().to_owned();
            let is_last = line.starts_with(&code) && line.as_bytes().get(3) != Some(&b'-');
            lines.push(line);
            if is_last {
                break;
            }
        }
        lines
    }

    fn line(&mut self) -> Option<String> {
        let (mut line, mut byte) = (Vec::new(), [0]);
        while self.stream.read(&mut byte).is_ok_and(|count| count == 1) {
            if byte == *b"\n" {
                return Some(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            line.push(byte[0]);
        }
        None
    }
}

/// What the servers of the matrix show.
pub const CERT: Cert = Cert::Good;
