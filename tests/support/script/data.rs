//! The data connection of a session: passive or active, and all the ways it can go wrong.

use super::line::{Line, Manner};
use super::play::waits;
use super::record::Notes;
use super::steps::{DataAct, Times};
use crate::support::wait::until;
use socket2::{Domain, SockRef, Socket, Type};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a client may take to dial, to read or to send.
const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);
/// No upload is longer: a test's memory is not a client's to fill.
const MOST_BYTES: usize = 64 << 20;

pub struct Data<'a> {
    notes: &'a Notes,
    stop: &'a AtomicBool,
    number: usize,
    host: IpAddr,
    listener: Option<TcpListener>,
    port: u16,
    /// Where the client's last PORT or EPRT asks to be dialled.
    active: Option<SocketAddr>,
    stream: Option<Line>,
    /// How the control connection has TLS.
    pub tls: Option<Manner>,
    /// Dialled the client's port first; kept open to see whether the client reads from it.
    stranger: Option<TcpStream>,
}

impl<'a> Data<'a> {
    pub fn new(notes: &'a Notes, stop: &'a AtomicBool, number: usize, host: IpAddr) -> Data<'a> {
        let (listener, active, stream, stranger) = (None, None, None, None);
        Data { notes, stop, number, host, listener, port: 0, active, stream, tls: None, stranger }
    }

    pub fn act(&mut self, act: &DataAct, control: &TcpStream) -> Result<(), String> {
        match act {
            DataAct::Listen => self.listen(),
            DataAct::Refuse => {
                // Bound and let go: a port that nobody listens on.
                self.listen()?;
                self.listener = None;
                Ok(())
            }
            DataAct::Connect => self.connect(),
            DataAct::Stranger { from, bytes } => self.stranger(*from, bytes),
            DataAct::Send { bytes, times } => self.send(bytes, *times),
            DataAct::Recv { at_least } => self.receive(*at_least),
            DataAct::Fin => self.finish(true),
            DataAct::Tls => self.secure(),
            DataAct::Cut => self.finish(false),
            DataAct::Rst => self.reset(),
            DataAct::Stall => self.stall(control),
        }
    }

    /// Notes the address of a PORT or EPRT.
    pub fn remember_active(&mut self, command: &[u8]) {
        let command = String::from_utf8_lossy(command);
        if let Some(numbers) = command.strip_prefix("PORT ") {
            self.active = port_address(numbers);
        } else if let Some(words) = command.strip_prefix("EPRT ") {
            self.active = eprt_address(words);
        }
    }

    /// A reply with `{port}`, `{hostport}`, `{p1}` and `{p2}` filled in.
    pub fn fill_in(&self, bytes: &[u8]) -> Vec<u8> {
        let (high, low) = (self.port >> 8, self.port & 0xff);
        let host = self.host.to_string().replace('.', ",");
        let values = [
            ("{port}", self.port.to_string()),
            ("{hostport}", format!("{host},{high},{low}")),
            ("{p1}", high.to_string()),
            ("{p2}", low.to_string()),
        ];
        values.iter().fold(bytes.to_vec(), |text, (name, value)| replace(&text, name.as_bytes(), value.as_bytes()))
    }

    fn event(&self, what: &str) {
        self.notes.event(self.number, what);
    }

    fn listen(&mut self) -> Result<(), String> {
        self.stream = None;
        let listener = TcpListener::bind((self.host, 0)).map_err(|error| error.to_string())?;
        listener.set_nonblocking(true).map_err(|error| error.to_string())?;
        self.port = listener.local_addr().map_err(|error| error.to_string())?.port();
        self.event(&format!("data listens on {}", self.port));
        self.listener = Some(listener);
        Ok(())
    }

    /// The data connection: the one there is, or the client dialling now.
    fn stream(&mut self) -> Result<&mut Line, String> {
        if self.stream.is_none() {
            let listener = self.listener.take().ok_or("no data connection, and none listened for")?;
            let stop = self.stop;
            let came = until(PATIENCE, || match listener.accept() {
                Ok((stream, peer)) => Some(Some((stream, peer))),
                Err(_) => stop.load(Ordering::SeqCst).then_some(None),
            });
            let (stream, peer) = came.flatten().ok_or("the client did not open the data connection")?;
            self.event(&format!("data connection from {peer}"));
            self.take(stream);
        }
        self.stream.as_mut().ok_or_else(|| "no data connection".to_owned())
    }

    fn take(&mut self, stream: TcpStream) {
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_read_timeout(Some(TICK));
        let _ = stream.set_write_timeout(Some(TICK));
        self.stream = Some(Line::Plain(stream));
    }

    fn connect(&mut self) -> Result<(), String> {
        let to = self.active.ok_or("no PORT or EPRT to dial")?;
        match TcpStream::connect_timeout(&to, PATIENCE) {
            Ok(stream) => {
                self.event(&format!("data connection to {to}"));
                self.take(stream);
                Ok(())
            }
            Err(error) => Err(format!("the client's {to} is not to be reached: {error}")),
        }
    }

    fn stranger(&mut self, from: Ipv4Addr, bytes: &[u8]) -> Result<(), String> {
        let to = self.active.ok_or("no PORT or EPRT to dial")?;
        let dial = || -> std::io::Result<TcpStream> {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.bind(&SocketAddr::from((from, 0)).into())?;
            socket.connect_timeout(&to.into(), PATIENCE)?;
            Ok(socket.into())
        };
        let mut stream = dial().map_err(|error| format!("no way from {from} to {to}: {error}"))?;
        self.event(&format!("{from} dials {to}"));
        let _ = stream.write_all(bytes);
        self.stranger = Some(stream);
        Ok(())
    }

    fn send(&mut self, bytes: &[u8], times: Times) -> Result<(), String> {
        let count = match times {
            Times::Some(count) => count,
            Times::Forever => u64::MAX,
        };
        let stop = self.stop;
        let stream = self.stream()?;
        // Rows go out in blocks: millions of small writes would be the test's time.
        let block = bytes.repeat((64 * 1024 / bytes.len().max(1)).clamp(1, usize::try_from(count).unwrap_or(usize::MAX)));
        let per_block = (block.len() / bytes.len().max(1)) as u64;
        let (mut left, mut sent, mut ended) = (count, 0_u64, None);
        while left > 0 && ended.is_none() {
            let now = left.min(per_block);
            let part = &block[..now as usize * bytes.len()];
            ended = write_all(stream, part, stop).err();
            sent += part.len() as u64;
            left -= now;
        }
        let end = ended.map_or(String::new(), |why| format!(" at most: {why}"));
        self.event(&format!("data sent: {sent} bytes{end}"));
        Ok(())
    }

    /// Reads an upload to its end, or so many bytes.
    fn receive(&mut self, at_least: Option<usize>) -> Result<(), String> {
        let stop = self.stop;
        let stream = self.stream()?;
        let mut all = Vec::new();
        let mut block = vec![0; 64 * 1024];
        let mut end = Instant::now() + PATIENCE;
        let most = at_least.unwrap_or(MOST_BYTES);
        let (mut problem, mut cut) = (None, false);
        while all.len() < most {
            match stream.read(&mut block) {
                Ok(0) => break,
                Ok(len) => {
                    all.extend_from_slice(&block[..len]);
                    end = Instant::now() + PATIENCE;
                }
                Err(error) if waits(&error) => {
                    if Instant::now() >= end || stop.load(Ordering::SeqCst) {
                        problem = Some("the upload does not end".to_owned());
                        break;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    cut = true;
                    break;
                }
                Err(_) => break,
            }
        }
        if cut {
            self.event("the upload ends without the end of TLS");
        }
        self.notes.upload(self.number, all);
        problem.map_or(Ok(()), Err)
    }

    /// The handshake, as on the control connection.
    fn secure(&mut self) -> Result<(), String> {
        let manner = self.tls.ok_or("no TLS on the control connection")?;
        self.stream()?;
        let line = self.stream.take().ok_or("no data connection")?;
        match line.secure(manner) {
            Ok((line, how)) => {
                self.stream = Some(line);
                self.event(&format!("data: {how}"));
            }
            Err(why) => self.event(&format!("data: {why}")),
        }
        Ok(())
    }

    fn finish(&mut self, properly: bool) -> Result<(), String> {
        let stream = self.stream()?;
        if properly {
            stream.say_end();
        }
        let _ = stream.socket().shutdown(Shutdown::Write);
        self.stream = None;
        self.event("data closed");
        self.meet_stranger();
        Ok(())
    }

    fn reset(&mut self) -> Result<(), String> {
        let stop = self.stop;
        let stream = self.stream()?;
        // A reset throws away what the client has not yet been sent: that is awaited first.
        let _ = until(PATIENCE, || (all_taken(stream.socket()) || stop.load(Ordering::SeqCst)).then_some(()));
        let _ = SockRef::from(stream.socket()).set_linger(Some(Duration::ZERO));
        self.stream = None;
        self.event("data reset");
        Ok(())
    }

    /// Holds the data connection open and silent until the client closes it, or says something.
    fn stall(&mut self, control: &TcpStream) -> Result<(), String> {
        self.event("data silent from here on");
        let stop = self.stop;
        let stream = self.stream()?;
        let stream = stream.socket();
        let _ = stream.set_nonblocking(true);
        let _ = control.set_nonblocking(true);
        let mut byte = [0; 1];
        let ended = until(super::LIMIT, || {
            let data = ends(stream.peek(&mut byte), "data");
            let words = ends(control.peek(&mut byte), "control");
            data.or(words).or_else(|| stop.load(Ordering::SeqCst).then_some("test"))
        });
        let _ = stream.set_nonblocking(false);
        let _ = control.set_nonblocking(false);
        let why = ended.ok_or("the client waits without end for a silent data connection")?;
        self.event(&format!("the silence ends: something on {why}"));
        Ok(())
    }

    /// Whether a stranger's bytes were wanted: a client that refuses him closes or resets at once, one that lets
    /// him in keeps the connection until its end.
    fn meet_stranger(&mut self) {
        let Some(stream) = self.stranger.take() else {
            return;
        };
        let _ = stream.set_nonblocking(true);
        let mut byte = [0; 1];
        if until(Duration::from_secs(2), || ends(stream.peek(&mut byte), "stranger")).is_none() {
            self.event("the stranger was not turned away");
            self.notes.stranger_let_in(self.number);
        }
    }
}

fn ends(peeked: std::io::Result<usize>, what: &'static str) -> Option<&'static str> {
    match peeked {
        Err(error) if waits(&error) => None,
        _ => Some(what),
    }
}

/// Whether the client's side has taken all that was sent: the kernel's table says how much waits to go out.
fn all_taken(stream: &TcpStream) -> bool {
    let (Ok(own), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
        return true;
    };
    let table = if own.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
    let (own, peer) = (format!(":{:04X}", own.port()), format!(":{:04X}", peer.port()));
    let table = fs::read_to_string(table).unwrap_or_default();
    let row = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .find(|fields| fields.len() > 4 && fields[1].ends_with(&own) && fields[2].ends_with(&peer));
    row.is_none_or(|fields| fields[4].starts_with("00000000:"))
}

fn write_all(stream: &mut Line, mut bytes: &[u8], stop: &AtomicBool) -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(len) => bytes = &bytes[len..],
            Err(error) if waits(&error) => {
                if stop.load(Ordering::SeqCst) || Instant::now() >= end {
                    return Err("the client does not read".to_owned());
                }
            }
            Err(error) => return Err(format!("the client closed: {error}")),
        }
    }
    Ok(())
}

pub fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// `127,0,0,1,4,210` (RFC 959 §4.1.2).
fn port_address(numbers: &str) -> Option<SocketAddr> {
    let numbers: Vec<u8> = numbers.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>()?;
    let &[a, b, c, d, high, low] = numbers.as_slice() else {
        return None;
    };
    Some(SocketAddr::from(([a, b, c, d], u16::from_be_bytes([high, low]))))
}

/// `|2|::1|4321|` (RFC 2428 §2).
fn eprt_address(words: &str) -> Option<SocketAddr> {
    let delimiter = words.chars().next()?;
    let mut fields = words.split(delimiter).skip(2);
    let host: IpAddr = fields.next()?.parse().ok()?;
    Some(SocketAddr::new(host, fields.next()?.parse().ok()?))
}
