//! A proxy that loses, cuts, delays and dribbles what goes between a client and a real FTP server, by a seed.
//!
//! It does not touch a byte, so it works under TLS as well. The trick is in the addresses: the server has a loopback address of its own
//! and opens data connections on few ports; the proxy has another address and listens on the same ports. A client that dials the
//! control connection's peer with the port that the server named, as it must, dials the proxy.
//!
//! ```ignore
//! let Some(setup) = servers::require(Kind::Vsftpd) else { return };
//! let (server, proxy) = chaos::before(setup);
//! proxy.set(Weather::stormy(seed, 10, 0.5));
//! // … a client works on proxy.url(&server, "dir"), in passive mode …
//! assert!(arrived, "seed {seed}: {}", proxy.tally().story());
//! ```
//!
//! Linux only: other systems have no loopback addresses but 127.0.0.1.

mod random;
mod relay;
mod tally;
mod weather;

pub use random::Random;
pub use tally::Tally;
pub use weather::{Fault, Plan, Role, Toward, Weather};

use crate::support::servers::{Server, Setup};
use crate::support::wait::wait_for;
use relay::Relay;
use socket2::SockRef;
use std::cell::Cell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tally::Counter;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot, watch};

/// Passive ports: so many that a server which tries a few by chance finds a free one.
const PORTS: u16 = 256;
/// Where they may lie: below what the kernel gives to outgoing connections, and below the servers' own ports.
const FROM: std::ops::Range<u16> = 2_000..9_000;

/// Somebody else may have taken a port since it was found free: then others are chosen, so many times.
const CHOICES: usize = 5;

/// A proxy before a server. Dropping it closes all connections.
pub struct Proxy {
    addr: SocketAddr,
    /// On how many it listens.
    ports: usize,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the connections have in common.
struct Shared {
    server: IpAddr,
    weather: watch::Sender<Arc<Weather>>,
    counter: Counter,
    controls: Mutex<Vec<(u64, Arc<Notify>)>>,
    next: AtomicU64,
    /// Ports that have taken notice of the newest weather.
    settled: AtomicUsize,
}

impl Shared {
    fn weather(&self) -> Arc<Weather> {
        Arc::clone(&self.weather.borrow())
    }

    /// Waits until the weather changes.
    async fn change(&self) {
        let _ = self.weather.subscribe().changed().await;
    }

    /// Resets one of the control connections.
    fn cut_a_control(&self, dice: u64) {
        let controls = self.controls.lock().unwrap_or_else(PoisonError::into_inner);
        if !controls.is_empty() {
            controls[dice as usize % controls.len()].1.notify_one();
        }
    }
}

/// Starts a server on an address of its own, and a proxy before it, calm at first.
pub fn before(setup: Setup) -> (Server, Proxy) {
    let mut taken = None;
    for _ in 0..CHOICES {
        let (server, proxy) = addresses();
        let passive = free_ports(proxy);
        let server = setup.clone().host(server).passive_ports(passive.clone()).start();
        match Proxy::start(proxy, server.addr(), passive) {
            Ok(proxy) => return (server, proxy),
            Err(error) => taken = Some(error),
        }
    }
    panic!("the proxy cannot listen: {taken:?}")
}

/// Ports that can all be listened on: somebody who listens on one for all addresses has it here as well.
fn free_ports(host: IpAddr) -> RangeInclusive<u16> {
    let ranges = FROM.step_by(PORTS.into()).map(|first| first..=first + PORTS - 1);
    let free = ranges.into_iter().find(|range| range.clone().all(|port| std::net::TcpListener::bind((host, port)).is_ok()));
    free.unwrap_or_else(|| panic!("no {PORTS} free ports on {host}"))
}

/// Two loopback addresses that no other test has.
fn addresses() -> (IpAddr, IpAddr) {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 120;
    let pid = std::process::id();
    let address = |last| Ipv4Addr::new(127, (1 + pid / 250 % 250) as u8, (1 + pid % 250) as u8, last).into();
    (address(2 * number + 1), address(2 * number + 2))
}

/// Listens at all doors until it is stopped.
async fn keep_open(
    shared: Arc<Shared>,
    doors: Vec<(Role, SocketAddr)>,
    ready: std::sync::mpsc::Sender<io::Result<()>>,
    stopped: oneshot::Receiver<()>,
) {
    for (role, addr) in doors {
        tokio::task::spawn_local(listen(Arc::clone(&shared), role, addr, ready.clone()));
    }
    drop(ready);
    let _ = stopped.await;
}

impl Proxy {
    fn start(host: IpAddr, server: SocketAddr, passive: RangeInclusive<u16>) -> io::Result<Proxy> {
        let ports = passive.clone().count() + 1;
        let shared = Arc::new(Shared {
            server: server.ip(),
            weather: watch::Sender::new(Arc::new(Weather::calm())),
            counter: Counter::default(),
            controls: Mutex::default(),
            next: AtomicU64::new(0),
            settled: AtomicUsize::new(0),
        });
        let addr = SocketAddr::new(host, server.port());
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            let data = passive.map(move |port| (Role::Data, SocketAddr::new(host, port)));
            let doors: Vec<(Role, SocketAddr)> = data.chain([(Role::Control, addr)]).collect();
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                tokio::task::LocalSet::new().block_on(&runtime, keep_open(shared, doors, ready, stopped));
            }
        });
        // Dropped where it cannot listen, it takes its thread with it.
        let proxy = Proxy { addr, ports, shared, stop: Some(stop), thread: Some(thread) };
        is_ready.iter().collect::<io::Result<()>>()?;
        Ok(proxy)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL with the password in it of what `server` has at `path`, by way of the proxy.
    pub fn url(&self, server: &Server, path: &str) -> String {
        format!("ftp://{}:{}@{}/{path}", server.user, server.password, self.addr)
    }

    /// Other weather from here on; connections that are open keep what is in store for them, except that a stall or a hold ends. The counts
    /// begin anew.
    pub fn set(&self, weather: Weather) {
        self.shared.counter.reset();
        self.shared.settled.store(0, Ordering::SeqCst);
        self.shared.weather.send_replace(Arc::new(weather));
        wait_for("the proxy's ports to settle", || self.shared.settled.load(Ordering::SeqCst) == self.ports);
    }

    /// What went through since the weather was set.
    pub fn tally(&self) -> Tally {
        self.shared.counter.read()
    }

    /// Bytes on data connections, and connections of both kinds, since the weather was set.
    pub fn figures(&self) -> (u64, u64) {
        self.shared.counter.figures()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Takes connections on one port, except while the weather has it closed. The control connection's is never closed: a server that is not
/// there at all is another test's.
async fn listen(shared: Arc<Shared>, role: Role, addr: SocketAddr, ready: std::sync::mpsc::Sender<io::Result<()>>) {
    let mut changes = shared.weather.subscribe();
    let (mut listener, told) = match TcpListener::bind(addr).await {
        Ok(listener) => (Some(listener), Ok(())),
        Err(error) => (None, Err(error)),
    };
    if ready.send(told).is_err() {
        return;
    }
    drop(ready);
    loop {
        tokio::select! {
            accepted = accept(listener.as_ref()) => {
                if let Some(client) = accepted {
                    tokio::task::spawn_local(connection(Arc::clone(&shared), role, client));
                }
            }
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                let closed = role == Role::Data && changes.borrow_and_update().is_closed(addr.port());
                if closed {
                    listener = None;
                } else if listener.is_none() {
                    listener = TcpListener::bind(addr).await.ok();
                }
                shared.settled.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.ok().map(|(client, _)| client),
        None => std::future::pending().await,
    }
}

async fn connection(shared: Arc<Shared>, role: Role, client: TcpStream) {
    let weather = shared.weather();
    let ordinal = shared.counter.came(role);
    let plan = weather.plan(role, ordinal);
    let Ok(port) = client.local_addr().map(|addr| addr.port()) else { return };
    match plan {
        Some(plan) if plan.fault == Fault::Refuse => {
            shared.counter.struck(role, ordinal, &plan);
            if plan.dice % 2 == 0 {
                let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
            }
            return;
        }
        Some(plan) if plan.fault == Fault::Delay => {
            shared.counter.struck(role, ordinal, &plan);
            tokio::time::sleep(Duration::from_millis(1 + plan.dice % 250)).await;
        }
        _ => {}
    }
    let Ok(server) = TcpStream::connect((shared.server, port)).await else {
        let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
        return;
    };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let cut = Arc::new(Notify::new());
    let id = shared.next.fetch_add(1, Ordering::Relaxed);
    let controls = || shared.controls.lock().unwrap_or_else(PoisonError::into_inner);
    if role == Role::Control {
        controls().push((id, Arc::clone(&cut)));
    }
    let relay = Relay { shared: &shared, role, ordinal, plan, moved: Cell::new(0), drops: Cell::new(0) };
    relay.run(client, server, &cut).await;
    if role == Role::Control {
        controls().retain(|(known, _)| *known != id);
    }
}
