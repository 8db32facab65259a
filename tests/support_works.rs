//! The tests' own tools, proved: each real server serves, the scripted server plays and
//! reports, the pseudo terminal shows and sends.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use support::pty::{Builder, Key, Screen, Signal, Wheel};
use support::script::ScriptServer;
use support::servers::{self, Kind, Server, test_each_kind};
use support::tree::{Tree, pattern};
use support::wait::wait_for;

/// The simplest of clients: lines and passive data connections over std's sockets.
struct Client {
    control: BufReader<TcpStream>,
    addr: SocketAddr,
}

impl Client {
    fn connect(addr: SocketAddr) -> Client {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        Client { control: BufReader::new(stream), addr }
    }

    /// Connects and logs in, whatever the greeting's length.
    fn log_in(addr: SocketAddr, user: &str, password: &str) -> Client {
        let mut client = Client::connect(addr);
        let greeting = client.last_line();
        assert!(greeting.starts_with("220"), "{addr} greets with {greeting}");
        assert_eq!(client.send(&format!("USER {user}")), "331");
        let answer = client.ask(&format!("PASS {password}"));
        assert!(answer.starts_with("230"), "{answer}");
        client
    }

    fn to(server: &Server) -> Client {
        Client::log_in(server.addr(), &server.user, &server.password)
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.control.read_until(b'\n', &mut line).unwrap();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// The last line of a reply, which may have several.
    fn last_line(&mut self) -> String {
        let first = self.line();
        if first.get(3..4) != Some("-") {
            return first;
        }
        let end = format!("{} ", &first[..3]);
        loop {
            let line = self.line();
            if line.is_empty() || line.starts_with(&end) {
                return line;
            }
        }
    }

    fn reply(&mut self) -> String {
        self.last_line().chars().take(3).collect()
    }

    fn ask(&mut self, command: &str) -> String {
        self.control.get_mut().write_all(format!("{command}\r\n").as_bytes()).unwrap();
        self.last_line()
    }

    fn send(&mut self, command: &str) -> String {
        self.ask(command).chars().take(3).collect()
    }

    fn passive(&mut self) -> TcpStream {
        let reply = self.ask("EPSV");
        let port = reply.rsplit('|').nth(1).unwrap_or_else(|| panic!("no port in {reply}")).parse().unwrap();
        TcpStream::connect((self.addr.ip(), port)).unwrap()
    }

    fn download(&mut self, command: &str) -> Vec<u8> {
        let mut data = self.passive();
        let started = self.send(command);
        assert!(["125", "150"].contains(&started.as_str()), "{started}");
        let mut bytes = Vec::new();
        data.read_to_end(&mut bytes).unwrap();
        // ProFTPD says 226 only when the client has closed too, or after ten seconds.
        drop(data);
        assert_eq!(self.reply(), "226");
        bytes
    }

    fn upload(&mut self, name: &str, bytes: &[u8]) {
        let mut data = self.passive();
        let started = self.send(&format!("STOR {name}"));
        assert!(["125", "150"].contains(&started.as_str()), "{started}");
        data.write_all(bytes).unwrap();
        drop(data);
        assert_eq!(self.reply(), "226");
    }
}

fn sample() -> Tree {
    Tree::new().file("a.txt", "some text\n").file_at("sub/b.bin", pattern(300_000, 1), 1_700_000_000).dir("empty")
}

/// Lists, reads, writes and compares on one server.
fn serves_files(kind: Kind) {
    let Some(server) = servers::start(kind) else {
        return;
    };
    server.fill(&sample());
    let mut client = Client::to(&server);
    assert_eq!(client.send("TYPE I"), "200");
    let listing = String::from_utf8(client.download("LIST")).unwrap();
    for name in ["a.txt", "sub", "empty"] {
        assert!(listing.contains(name), "{name} is missing in:\n{listing}");
    }
    assert!(client.download("RETR sub/b.bin") == pattern(300_000, 1), "other bytes came");
    client.upload("new.bin", &pattern(70_000, 2));
    assert_eq!(client.send("DELE a.txt"), "250");
    let expected = Tree::new().file_at("sub/b.bin", pattern(300_000, 1), 1_700_000_000).dir("empty").file("new.bin", pattern(70_000, 2));
    expected.assert_same_times(&server.files());
    assert_eq!(client.send("QUIT"), "221");
}

test_each_kind! {
    serves_files:
    Vsftpd vsftpd_serves_files,
    Proftpd proftpd_serves_files,
    PureFtpd pure_ftpd_serves_files,
    Pyftpdlib pyftpdlib_serves_files,
}

#[test]
fn a_missing_server_is_left_out_by_name_and_refused_where_all_are_required() {
    let run = |required: &str| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "proftpd_serves_files"])
            .env("FTPANE_SERVERS", "/nonexistent")
            .env("FTPANE_REQUIRE_SERVERS", required)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let notice = "left out: proftpd_serves_files needs proftpd (run .ci/servers)";
    for (required, passes) in [("0", true), ("1", false)] {
        let (passed, text) = run(required);
        assert_eq!(passed, passes, "required {required}: {text}");
        assert!(text.contains(notice), "{text}");
    }
}

#[test]
fn two_servers_of_a_kind_run_side_by_side_with_files_of_their_own() {
    for kind in Kind::ALL {
        let (Some(one), Some(two)) = (servers::start(kind), servers::start(kind)) else {
            continue;
        };
        one.fill(&Tree::new().file("one", "1"));
        two.fill(&Tree::new().file("two", "2"));
        assert_eq!(Client::to(&one).download("RETR one"), b"1", "{kind:?}");
        assert_eq!(Client::to(&two).download("RETR two"), b"2", "{kind:?}");
    }
}

#[test]
fn every_server_listens_on_ipv6() {
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else {
            continue;
        };
        let server = setup.ipv6().start();
        server.fill(&Tree::new().file("six", "6"));
        assert!(server.addr().is_ipv6());
        assert_eq!(Client::to(&server).download("RETR six"), b"6", "{kind:?}");
    }
}

#[test]
fn every_server_takes_another_login_and_refuses_a_wrong_one() {
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else {
            continue;
        };
        let server = setup.login("other", "pass word").start();
        Client::to(&server);
        let mut client = Client::connect(server.addr());
        client.reply();
        client.send("USER other");
        assert_eq!(client.send("PASS wrong"), "530", "{kind:?}");
    }
}

#[test]
fn every_server_refuses_a_connection_over_its_limit() {
    for kind in Kind::ALL {
        let Some(setup) = servers::require(kind) else {
            continue;
        };
        let server = setup.max_per_host(1).start();
        let _first = Client::to(&server);
        let mut second = Client::connect(server.addr());
        let mut answer = second.reply();
        if answer == "220" {
            second.send("USER tester");
            answer = second.send("PASS secret");
        }
        assert!(["421", "530", ""].contains(&answer.as_str()), "{kind:?} answers {answer}");
    }
}

#[test]
fn commands_can_be_denied() {
    for kind in [Kind::Vsftpd, Kind::Proftpd, Kind::Pyftpdlib] {
        let Some(setup) = servers::require(kind) else {
            continue;
        };
        let server = setup.deny(&["EPSV"]).start();
        let answer = Client::to(&server).send("EPSV");
        assert!(answer.starts_with('5'), "{kind:?} answers {answer}");
    }
}

#[test]
fn sessions_can_be_cut_and_a_server_can_be_started_again() {
    for kind in [Kind::Vsftpd, Kind::Proftpd, Kind::PureFtpd] {
        let Some(mut server) = servers::start(kind) else {
            continue;
        };
        let mut client = Client::to(&server);
        assert_eq!(server.sessions(), 1);
        server.drop_sessions();
        assert_eq!(server.sessions(), 0);
        let mut rest = Vec::new();
        let _ = client.control.read_to_end(&mut rest);
        Client::to(&server);
        server.stop();
        assert!(TcpStream::connect(server.addr()).is_err(), "{kind:?} still listens");
        server.start_again();
        Client::to(&server);
    }
}

#[test]
fn a_script_is_played_to_its_end() {
    let server = ScriptServer::play("plain");
    let mut client = Client::log_in(server.addr(), "tester", "secret");
    assert_eq!(client.send("NOOP"), "200");
    let listing = String::from_utf8(client.download("MLSD")).unwrap();
    assert!(listing.contains("; a.txt\r\n"), "{listing}");
    assert_eq!(client.download("RETR a.txt"), b"hello");
    assert_eq!(client.send("QUIT"), "221");
    let record = server.finished();
    assert_eq!(record.count("RETR"), 1);
    assert_eq!(record.commands()[0], b"USER tester");
}

#[test]
fn a_mismatch_is_reported_with_the_line_the_command_and_the_dialogue() {
    let server = ScriptServer::play_text("S: 220 hello\nC: USER tester\nS: 331 password\nC: PASS *\nS: 230 in");
    let mut client = Client::connect(server.addr());
    client.reply();
    client.send("USER tester");
    assert_eq!(client.ask("DELE everything"), "", "the server hangs up");
    wait_for("the failure", || server.failure().is_some());
    let failure = server.failure().unwrap();
    assert!(failure.contains("expected PASS *, got DELE everything, at text:4: C: PASS *"), "{failure}");
    let dialogue = server.record().dialogue();
    assert!(dialogue.contains("1 < 220 hello\n1 > USER tester\n1 < 331 password\n1 > DELE everything"), "{dialogue}");
}

#[test]
#[should_panic(expected = "no rule answers DELE x")]
fn a_mismatch_nobody_asks_for_stops_the_test_all_the_same() {
    let server = ScriptServer::play_text("on NOOP -> 200 yes\nS: 220 hello\nserve");
    let mut client = Client::connect(server.addr());
    client.reply();
    assert_eq!(client.send("NOOP"), "200");
    client.send("DELE x");
    drop(server);
}

#[test]
#[should_panic(expected = "text:2: no such line")]
fn a_script_that_does_not_read_well_is_named_with_its_line() {
    ScriptServer::play_text("S: 220 hello\nsing a song");
}

#[test]
fn every_script_reads_well() {
    let mut count = 0;
    for entry in std::fs::read_dir(support::script::scripts_dir()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|ext| ext == "ftp") && !name.starts_with("rules-") {
            ScriptServer::play(&name);
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} scripts");
}

#[test]
fn rules_answer_so_often_and_each_connection_has_its_section() {
    let script = "
on LIST (1 time) -> 421 busy
on LIST -> 150 now
connection 1:
S: 220 first
serve until QUIT
S: 221 bye
connection 2:
on WHO -> 200 second
S: 220 again
serve";
    let server = ScriptServer::play_text(script);
    let mut first = Client::connect(server.addr());
    assert_eq!(first.last_line(), "220 first");
    assert_eq!(first.send("LIST"), "421");
    assert_eq!(first.send("QUIT"), "221");
    assert_eq!(first.line(), "", "closed");
    for _ in 0..2 {
        let mut later = Client::connect(server.addr());
        assert_eq!(later.last_line(), "220 again");
        assert_eq!(later.send("LIST"), "150");
    }
    let mut third = Client::connect(server.addr());
    third.reply();
    third.control.get_mut().write_all(b"").unwrap();
    drop(third);
    assert_eq!(server.finished().count("LIST"), 3);
}

#[test]
fn a_script_cuts_data_by_reset_after_the_client_has_taken_it() {
    let script = "
S: 220 hello
data listen
C: EPSV
S: 229 (|||{port}|)
C: RETR x
S: 150 opening
data send repeat 100000 \"0123456789\"
data rst
S: 426 broken
serve";
    let server = ScriptServer::play_text(script);
    let mut client = Client::connect(server.addr());
    client.reply();
    let mut data = client.passive();
    assert_eq!(client.send("RETR x"), "150");
    let mut bytes = Vec::new();
    let end = data.read_to_end(&mut bytes);
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(bytes.len(), 1_000_000);
    assert_eq!(client.reply(), "426");
}

#[test]
fn a_script_dials_back_takes_uploads_and_sends_a_stranger() {
    let script = "
S: 220 hello
C: PORT *
S: 200 ok
C: STOR x
S: 150 send
data connect
data recv
S: 226 got it
C: EPRT *
S: 200 ok
C: LIST
data stranger 127.0.0.3 \"evil\"
S: 150 list
data connect
data send \"good\"
data fin
S: 226 done";
    let server = ScriptServer::play_text(script);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut client = Client::connect(server.addr());
    client.reply();
    assert_eq!(client.send(&format!("PORT 127,0,0,1,{},{}", port >> 8, port & 255)), "200");
    assert_eq!(client.send("STOR x"), "150");
    let (mut data, _) = listener.accept().unwrap();
    data.write_all(b"upload").unwrap();
    drop(data);
    assert_eq!(client.reply(), "226");
    assert_eq!(client.send(&format!("EPRT |1|127.0.0.1|{port}|")), "200");
    assert_eq!(client.send("LIST"), "150");
    let (stranger, peer) = listener.accept().unwrap();
    assert_eq!(peer.ip().to_string(), "127.0.0.3");
    drop(stranger);
    let mut listing = String::new();
    listener.accept().unwrap().0.read_to_string(&mut listing).unwrap();
    assert_eq!(listing, "good");
    assert_eq!(client.reply(), "226");
    let record = server.finished();
    assert_eq!(record.uploads(), [b"upload"]);
    assert!(!record.connections[0].stranger_let_in);
}

#[test]
fn a_screen_shows_text_where_it_stands() {
    let screen = shell(r"printf 'Grüße \033[7m漢字\033[0m end'; read x");
    let (col, row) = screen.wait_find("漢字");
    assert_eq!((col, row), (6, 0));
    assert_eq!(screen.find("end"), Some((11, 0)));
    assert!(screen.view().cell(col, row).inverse());
    assert!(screen.saw_bytes(b"\x1b[7m"));
}

#[test]
fn a_screen_sends_keys_and_the_mouse_as_xterm_does() {
    let screen = shell("stty raw -echo; printf ready; cat -v");
    screen.wait_text("ready");
    screen.key(Key::F(5));
    screen.wait_text("^[[15~");
    screen.key_with(support::pty::Mods::SHIFT, Key::F(6));
    screen.wait_text("^[[17;2~");
    screen.ctrl('t');
    screen.wait_text("^T");
    screen.alt('c');
    screen.wait_text("^[c");
    screen.click(9, 4);
    screen.wait_text("^[[<0;10;5M^[[<0;10;5m");
    screen.drag((0, 0), (2, 1));
    screen.wait_for("the drag", |view| view.text().replace('\n', "").contains("^[[<0;1;1M^[[<32;2;2M^[[<32;3;2M^[[<0;3;2m"));
    screen.wheel((0, 0), Wheel::Down);
    screen.wait_for("the wheel", |view| view.text().replace('\n', "").contains("^[[<65;1;1M"));
}

#[test]
fn a_program_in_a_terminal_is_resized_signalled_and_its_end_is_seen() {
    let mut screen = shell("trap 'stty size; exit 3' TERM; echo ready; while :; do read x; done");
    screen.wait_text("ready");
    screen.resize(100, 30);
    screen.signal(Signal::TERM);
    // A shell runs its trap when the read returns.
    screen.key(Key::Enter);
    assert_eq!(screen.wait_exit().exit_code(), 3);
    screen.wait_text("30 100");
    screen.assert_restored();
}

#[test]
#[should_panic(expected = "│only this")]
fn what_is_waited_for_in_vain_stops_the_test_with_the_screen() {
    shell("printf 'only this'").wait_text("something else");
}

#[test]
#[should_panic(expected = "a hidden cursor")]
fn a_terminal_left_unusable_is_noticed() {
    let mut screen = shell(r"printf '\033[?1049h\033[?25l'");
    screen.wait_exit();
    screen.assert_restored();
}

#[test]
fn trees_tell_what_differs() {
    let one = Tree::new().file("same", "x").file("cut", "abcdef").dir("gone").link("l", "same");
    let two = Tree::new().file("same", "x").file("cut", "abc").file("more", "").link("l", "cut");
    let difference = one.difference(&two, true);
    let lines: Vec<&str> = difference.lines().collect();
    assert_eq!(
        lines,
        [
            "different  cut: 6 and 3 bytes, from byte 3 on: \"def\" and \"\"",
            "missing    gone: directory",
            "different  l: link to same and link to cut",
            "unexpected more: file of 0 bytes \"\"",
        ]
    );
}

fn shell(script: &str) -> Screen {
    Builder::program(80, 24, "/bin/sh").args(&["-c", script]).start()
}
