//! A little proxy: SOCKS5 (RFC 1928, 1929) or CONNECT of HTTP, well mannered or not.
//!
//! Every name means this machine to it, so that a test's server can be reached by a name that only the proxy knows. It notes what it was
//! asked for. Threads and blocking sockets, as the scripted server; each ends with its connection.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Socks5,
    Connect,
}

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// Passes everything on.
    Open,
    /// To who logs in as `me` with the password `pass word:1`.
    Login,
    /// To nobody: the rules do not allow it.
    Refuses,
    /// Passes on the first connection, and refuses others.
    OnlyOne,
    /// Says that nobody listens there.
    FindsNobody,
    /// Accepts and says nothing.
    Hangs,
    /// Answers something else.
    Lies,
    /// Answers without end.
    Babbles,
    /// Closes at once.
    Closes,
}

/// Who may log in with [`Manners::Login`].
pub const USER: &str = "me";
/// The password.
pub const PASSWORD: &str = "pass word:1";

/// The proxy; lives as long as the test.
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    speaks: Speaks,
    manners: Manners,
    asked: Mutex<Vec<String>>,
    /// Connections that are held and never answered.
    held: Mutex<Vec<TcpStream>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    pub fn start(speaks: Speaks, manners: Manners) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { speaks, manners, asked: Mutex::default(), held: Mutex::default() });
        let proxy = Proxy { addr, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let shared = Arc::clone(&shared);
                // Whatever breaks the connection, the client shows.
                thread::spawn(move || drop(serve(client, &shared)));
            }
        });
        proxy
    }

    /// Its URL, with a user where one is wanted.
    pub fn url(&self) -> String {
        let scheme = if self.shared.speaks == Speaks::Socks5 { "socks5" } else { "http" };
        let user = if self.shared.manners == Manners::Login { "me@" } else { "" };
        format!("{scheme}://{user}{}", self.addr)
    }

    /// What it was asked to reach, as `host:port`.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

fn serve(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    match shared.manners {
        Manners::Hangs => {
            lock(&shared.held).push(client);
            return Ok(());
        }
        Manners::Lies => return client.write_all(b"220 I am no proxy at all\r\n\r\n"),
        Manners::Babbles => loop {
            client.write_all(&[b'5'; 4096])?;
        },
        Manners::Closes => return Ok(()),
        _ => {}
    }
    let target = match shared.speaks {
        Speaks::Socks5 => socks_request(&mut client, shared.manners)?,
        Speaks::Connect => connect_request(&mut client, shared.manners)?,
    };
    let Some((host, port)) = target else { return Ok(()) };
    let count = {
        let mut asked = lock(&shared.asked);
        asked.push(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") });
        asked.len()
    };
    let (socks_code, http_line) = match shared.manners {
        Manners::Refuses => (2, "403 Not allowed"),
        Manners::FindsNobody => (5, "502 Bad gateway"),
        Manners::OnlyOne if count > 1 => (2, "403 Not allowed"),
        _ => (0, "200 Connection established"),
    };
    let server = if socks_code == 0 { Some(TcpStream::connect(place(&host, port))) } else { None };
    let (socks_code, http_line) = match &server {
        Some(Err(_)) => (5, "502 Bad gateway"),
        _ => (socks_code, http_line),
    };
    match shared.speaks {
        Speaks::Socks5 => client.write_all(&[5, socks_code, 0, 1, 127, 0, 0, 1, 0, 0])?,
        Speaks::Connect => client.write_all(format!("HTTP/1.1 {http_line}\r\nServer: a test\r\n\r\n").as_bytes())?,
    }
    if let Some(Ok(server)) = server {
        let (back, forth) = ((server.try_clone()?, client.try_clone()?), (client, server));
        thread::spawn(move || pass(back.0, back.1));
        pass(forth.0, forth.1);
    }
    Ok(())
}

/// Names are this machine's.
fn place(host: &str, port: u16) -> SocketAddr {
    SocketAddr::new(host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), port)
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    // An end is handed on, however it comes.
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

fn socks_request(client: &mut TcpStream, manners: Manners) -> io::Result<Option<(String, u16)>> {
    let mut head = [0; 2];
    client.read_exact(&mut head)?;
    assert_eq!(head[0], 5, "SOCKS version");
    let mut methods = vec![0; head[1].into()];
    client.read_exact(&mut methods)?;
    let wanted = if manners == Manners::Login { 2 } else { 0 };
    if !methods.contains(&wanted) {
        client.write_all(&[5, 0xff])?;
        return Ok(None);
    }
    client.write_all(&[5, wanted])?;
    if wanted == 2 {
        let mut version = [0];
        client.read_exact(&mut version)?;
        let (user, password) = (counted(client)?, counted(client)?);
        let is_right = user == USER.as_bytes() && password == PASSWORD.as_bytes();
        client.write_all(&[1, u8::from(!is_right)])?;
        if !is_right {
            return Ok(None);
        }
    }
    let mut request = [0; 4];
    client.read_exact(&mut request)?;
    let host = match request[3] {
        1 => {
            let mut ip = [0; 4];
            client.read_exact(&mut ip)?;
            IpAddr::from(ip).to_string()
        }
        4 => {
            let mut ip = [0; 16];
            client.read_exact(&mut ip)?;
            IpAddr::from(ip).to_string()
        }
        _ => String::from_utf8(counted(client)?).unwrap(),
    };
    let mut port = [0; 2];
    client.read_exact(&mut port)?;
    Ok(Some((host, u16::from_be_bytes(port))))
}

fn counted(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0];
    client.read_exact(&mut length)?;
    let mut bytes = vec![0; length[0].into()];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn connect_request(client: &mut TcpStream, manners: Manners) -> io::Result<Option<(String, u16)>> {
    let mut lines = Vec::new();
    // The client waits for the answer, so that nothing behind the empty line is read with it.
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    // `me:pass word:1`, by base64(1).
    let login = "Proxy-Authorization: Basic bWU6cGFzcyB3b3JkOjE=";
    if manners == Manners::Login && !lines.iter().any(|line| line == login) {
        client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno")?;
        return Ok(None);
    }
    let target = lines.first().and_then(|line| line.strip_prefix("CONNECT ")?.strip_suffix(" HTTP/1.1")).unwrap_or_default();
    let (host, port) = target.rsplit_once(':').unwrap_or_default();
    Ok(Some((host.trim_matches(['[', ']']).to_owned(), port.parse().unwrap_or_default())))
}
