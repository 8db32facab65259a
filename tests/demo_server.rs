//! The sample server, met over a plain socket: what `ftpane demo` and every test that uses the embedded server rely on.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use ftpane::demo;

/// Longer than any answer takes; a test that waits this long has failed.
const DEADLINE: Duration = Duration::from_secs(20);

/// A control connection that sends lines and reads whole replies.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut client = Self { stream: BufReader::new(stream) };
        client.expect("220");
        client
    }

    fn logged_in(port: u16) -> Self {
        let mut client = Self::connect(port);
        client.ask("USER demo", "331");
        client.ask("PASS demo", "230");
        client.ask("TYPE I", "200");
        client
    }

    /// One reply with all its lines (RFC 959 §4.2).
    fn reply(&mut self) -> String {
        let mut text = String::new();
        self.stream.read_line(&mut text).unwrap();
        let end = format!("{} ", text.get(..3).unwrap_or_default());
        let mut last = text.clone();
        while !last.starts_with(&end) {
            last.clear();
            assert_ne!(self.stream.read_line(&mut last).unwrap(), 0, "cut off after {text:?}");
            text.push_str(&last);
        }
        text
    }

    fn expect(&mut self, code: &str) -> String {
        let reply = self.reply();
        assert!(reply.starts_with(code), "expected {code}, got {reply:?}");
        reply
    }

    fn send(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    fn ask(&mut self, line: &str, code: &str) -> String {
        self.send(line);
        let reply = self.reply();
        assert!(reply.starts_with(code), "{line}: expected {code}, got {reply:?}");
        reply
    }

    fn epsv(&mut self) -> TcpStream {
        let reply = self.ask("EPSV", "229");
        let port = reply.split('|').nth(3).unwrap().parse().unwrap();
        data(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    fn pasv(&mut self) -> TcpStream {
        let reply = self.ask("PASV", "227");
        let inner = reply.split(['(', ')']).nth(1).unwrap();
        let n: Vec<u8> = inner.split(',').map(|n| n.parse().unwrap()).collect();
        assert_eq!(n[..4], [127, 0, 0, 1], "{reply}");
        data(SocketAddr::from((Ipv4Addr::LOCALHOST, u16::from_be_bytes([n[4], n[5]]))))
    }

    /// Sends a command that answers with data, and returns the data.
    fn fetch(&mut self, line: &str) -> Vec<u8> {
        let mut data = self.epsv();
        self.ask(line, "150");
        let bytes = to_end(&mut data);
        self.expect("226");
        bytes
    }

    fn listing(&mut self, line: &str) -> Vec<String> {
        let text = String::from_utf8(self.fetch(line)).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn store(&mut self, line: &str, content: &[u8]) {
        let mut data = self.epsv();
        self.ask(line, "150");
        data.write_all(content).unwrap();
        drop(data);
        self.expect("226");
    }
}

fn data(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

fn to_end(data: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    data.read_to_end(&mut bytes).unwrap();
    bytes
}

/// The names in an MLSD listing (RFC 3659 §7): what follows the first space.
fn names(rows: &[String]) -> Vec<&str> {
    rows.iter().map(|row| row.split_once(' ').unwrap().1).collect()
}

fn served() -> (tempfile::TempDir, demo::Server) {
    let dir = tempfile::tempdir().unwrap();
    let server = demo::serve(dir.path()).unwrap();
    (dir, server)
}

#[test]
fn the_demo_greets_logs_in_and_lists_its_tree() {
    let demo = demo::start().unwrap();
    assert_eq!(demo.url(), format!("ftp://demo:demo@127.0.0.1:{}/", demo.port()));
    let mut client = Client::logged_in(demo.port());
    assert!(client.ask("PWD", "257").contains("\"/\""));
    let features = client.ask("FEAT", "211");
    for feature in ["MLSD", "EPSV", "SIZE", "MDTM", "UTF8", "REST STREAM"] {
        assert!(features.contains(feature), "{feature} not in {features}");
    }
    let rows = client.listing("MLSD");
    let mut names = names(&rows);
    names.sort_unstable();
    let expected = [".hidden", "README.txt", "big", "cellar", "code", "inbox", "many", "names", "pictures", "poems"];
    assert_eq!(names, expected);
    let poems = rows.iter().find(|row| row.ends_with(" poems")).unwrap();
    assert!(poems.starts_with("type=dir;"), "{poems}");
}

#[test]
fn the_local_and_config_directories_are_there_and_apart_from_the_served_one() {
    let demo = demo::start().unwrap();
    assert!(demo.local_dir().join("letter.txt").is_file());
    assert_eq!(fs::read_dir(demo.config_dir()).unwrap().count(), 0);
    assert!(!demo.local_dir().starts_with(demo.root_dir()));
    assert!(!demo.config_dir().starts_with(demo.root_dir()));
    let client = &mut Client::logged_in(demo.port());
    client.ask("SIZE ../local/letter.txt", "550");
}

#[test]
fn names_with_umlauts_spaces_and_other_scripts_can_be_read() {
    let demo = demo::start().unwrap();
    let mut client = Client::logged_in(demo.port());
    client.ask("CWD names", "250");
    let rows = client.listing("MLSD");
    for name in names(&rows) {
        let content = client.fetch(&format!("RETR {name}"));
        assert_eq!(content, fs::read(demo.root_dir().join("names").join(name)).unwrap(), "{name}");
    }
    assert!(names(&rows).contains(&"a file with  two spaces.txt"));
    assert_eq!(client.fetch("RETR Grüße aus Köln.txt"), "Viele Grüße aus Köln.\n".as_bytes());
}

#[test]
fn five_thousand_entries_come_in_both_kinds_of_listing() {
    let demo = demo::start().unwrap();
    let mut client = Client::logged_in(demo.port());
    client.ask("CWD /many", "250");
    assert_eq!(client.listing("MLSD").len(), 5_000);
    assert_eq!(client.listing("LIST -a").len(), 5_000);
}

#[test]
fn the_big_file_tells_its_size_and_is_read_from_the_middle() {
    let demo = demo::start().unwrap();
    let mut client = Client::logged_in(demo.port());
    let size = client.ask("SIZE big/two-hundred-megabytes.bin", "213");
    assert_eq!(size.trim_end(), "213 200000000");
    client.ask("REST 190000000", "350");
    let tail = client.fetch("RETR big/two-hundred-megabytes.bin");
    assert_eq!(tail.len(), 10_000_000);
    assert!(tail.starts_with(b"This is byte 190000000 of 200000000"));
}

#[test]
fn the_demo_sends_no_faster_than_its_pace() {
    let demo = demo::start().unwrap();
    let mut client = Client::logged_in(demo.port());
    client.ask("REST 180000000", "350");
    let begun = Instant::now();
    client.fetch("RETR big/two-hundred-megabytes.bin");
    // 20 MB at 40 MB/s.
    assert!(begun.elapsed() >= Duration::from_millis(450), "{:?}", begun.elapsed());
}

#[cfg(unix)]
#[test]
fn a_link_shows_in_list_and_tells_the_size_of_its_file() {
    let demo = demo::start().unwrap();
    let mut client = Client::logged_in(demo.port());
    let rows = client.listing("LIST poems");
    let link = rows.iter().find(|row| row.contains("latest.txt")).unwrap();
    assert!(link.starts_with('l') && link.ends_with("latest.txt -> tide.txt"), "{link}");
    let size = client.ask("SIZE poems/latest.txt", "213");
    let content = client.fetch("RETR poems/latest.txt");
    assert_eq!(size.trim_end(), format!("213 {}", content.len()));
    assert_eq!(content, client.fetch("RETR poems/tide.txt"));
}

#[test]
fn what_is_stored_is_read_back_renamed_appended_to_and_deleted() {
    let (dir, server) = served();
    let mut client = Client::logged_in(server.port());
    let content: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    client.ask("MKD neu ä", "257");
    client.ask("CWD neu ä", "250");
    client.store("STOR ü.bin", &content);
    assert_eq!(client.fetch("RETR ü.bin"), content);
    client.ask("RNFR ü.bin", "350");
    client.ask("RNTO v.bin", "250");
    client.store("APPE v.bin", b"end");
    assert_eq!(fs::read(dir.path().join("neu ä/v.bin")).unwrap().len(), content.len() + 3);
    client.ask("REST 300000", "350");
    client.store("STOR v.bin", b"other end");
    assert!(client.fetch("RETR v.bin").ends_with(b"other end"));
    client.ask("DELE v.bin", "250");
    client.ask("CDUP", "250");
    client.ask("RMD neu ä", "250");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_shorter_file_stored_over_a_longer_one_leaves_nothing_of_it() {
    let (dir, server) = served();
    fs::write(dir.path().join("a"), b"long old content").unwrap();
    Client::logged_in(server.port()).store("STOR a", b"new");
    assert_eq!(fs::read(dir.path().join("a")).unwrap(), b"new");
}

#[test]
fn data_flows_over_pasv_and_port_as_well() {
    let (dir, server) = served();
    fs::write(dir.path().join("a"), b"abc").unwrap();
    let mut client = Client::logged_in(server.port());

    let mut passive = client.pasv();
    client.ask("RETR a", "150");
    assert_eq!(to_end(&mut passive), b"abc");
    client.expect("226");

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let [high, low] = listener.local_addr().unwrap().port().to_be_bytes();
    client.ask(&format!("PORT 127,0,0,1,{high},{low}"), "200");
    let (mut active, _) = listener.accept().unwrap();
    client.ask("RETR a", "150");
    assert_eq!(to_end(&mut active), b"abc");
    client.expect("226");
}

#[test]
fn times_are_told_in_utc_to_the_second() {
    let (dir, server) = served();
    let file = fs::File::create(dir.path().join("a")).unwrap();
    let time = std::time::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
    file.set_times(fs::FileTimes::new().set_modified(time)).unwrap();
    let mut client = Client::logged_in(server.port());
    assert_eq!(client.ask("MDTM a", "213").trim_end(), "213 20090213233130");
    assert!(client.listing("MLSD")[0].contains("modify=20090213233130"));
}

#[test]
fn a_wrong_password_is_refused_and_anonymous_is_let_in() {
    let (_dir, server) = served();
    let mut client = Client::connect(server.port());
    client.ask("USER demo", "331");
    client.ask("PASS wrong", "530");
    let mut guest = Client::connect(server.port());
    guest.ask("USER anonymous", "331");
    guest.ask("PASS me@example.org", "230");
}

#[test]
fn sixteen_connections_work_at_once() {
    let (dir, server) = served();
    fs::write(dir.path().join("a"), vec![7; 100_000]).unwrap();
    let port = server.port();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..16).map(|_| scope.spawn(move || Client::logged_in(port).fetch("RETR a").len())).collect();
        for reader in readers {
            assert_eq!(reader.join().unwrap(), 100_000);
        }
    });
}

#[test]
fn a_directory_that_does_not_exist_is_refused_by_name() {
    let missing = tempfile::tempdir().unwrap().path().join("missing");
    let failure = demo::serve(&missing).unwrap_err().to_string();
    assert!(failure.contains("missing"), "{failure}");
}

#[test]
fn a_dropped_server_closes_its_port_and_connections_and_keeps_the_directory() {
    let (dir, server) = served();
    fs::write(dir.path().join("a"), b"abc").unwrap();
    let port = server.port();
    let mut client = Client::logged_in(port);
    drop(server);
    assert_closed(&mut client, port);
    assert!(dir.path().join("a").is_file());
}

#[test]
fn a_dropped_demo_is_gone_with_its_files_in_the_middle_of_a_transfer() {
    let demo = demo::start().unwrap();
    let (port, dir) = (demo.port(), demo.dir().to_path_buf());
    let mut client = Client::logged_in(port);
    let mut data = client.epsv();
    client.ask("RETR big/two-hundred-megabytes.bin", "150");
    data.read_exact(&mut [0; 1000]).unwrap();
    drop(demo);
    assert_closed(&mut client, port);
    assert!(!Path::new(&dir).exists(), "{} is still there", dir.display());
}

fn assert_closed(client: &mut Client, port: u16) {
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    let mut rest = Vec::new();
    match client.stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(err) => assert_eq!(err.kind(), io::ErrorKind::ConnectionReset),
    }
}
