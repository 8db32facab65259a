//! A link with a round-trip time between two network namespaces, for kernels without `tc qdisc netem`: a TUN device in each, and
//! this program carries the packets from one to the other, each held for half the round trip.
//!
//!     netdelay NAMESPACE_A NAMESPACE_B ROUND_TRIP_MS
//!
//! Runs until it is ended; prints "ready" when both devices are there. They are named `bench0`; addresses and routes are the
//! caller's to set.
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{Error, Read, Result, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

#[repr(C)]
struct PollFd {
    fd: i32,
    wanted: i16,
    seen: i16,
}

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: i64,
}

unsafe extern "C" {
    fn setns(fd: i32, kind: i32) -> i32;
    fn ioctl(fd: i32, request: u64, argument: *mut u8) -> i32;
    fn ppoll(fds: *mut PollFd, count: u64, limit: *const TimeSpec, mask: *const u8) -> i32;
}

// From <sched.h>, <linux/if_tun.h>, <fcntl.h> and <poll.h>.
const CLONE_NEWNET: i32 = 0x4000_0000;
const TUNSETIFF: u64 = 0x4004_54ca;
const IFF_TUN: u16 = 0x0001;
const IFF_NO_PI: u16 = 0x1000;
const O_NONBLOCK: i32 = 0o4000;
const POLLIN: i16 = 1;

/// The device `bench0` in that namespace. The calling thread stays in the namespace.
fn device(namespace: &str) -> Result<File> {
    let space = File::open(format!("/var/run/netns/{namespace}"))?;
    // SAFETY: the descriptor is open for as long as the call lasts.
    checked(unsafe { setns(space.as_raw_fd(), CLONE_NEWNET) })?;
    let file = OpenOptions::new().read(true).write(true).custom_flags(O_NONBLOCK).open("/dev/net/tun")?;
    // `struct ifreq`: 16 bytes of name, then the flags.
    let mut request = [0u8; 40];
    request[..6].copy_from_slice(b"bench0");
    request[16..18].copy_from_slice(&(IFF_TUN | IFF_NO_PI).to_ne_bytes());
    // SAFETY: the request has the size of `struct ifreq` and outlives the call.
    checked(unsafe { ioctl(file.as_raw_fd(), TUNSETIFF, request.as_mut_ptr()) })?;
    Ok(file)
}

fn checked(result: i32) -> Result<()> {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

/// Carries packets one way, in order, each `delay` after it came.
fn carry(mut from: &File, mut to: &File, delay: Duration) {
    let mut held: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut packet = vec![0u8; 65_536];
    loop {
        while let Some((_, due)) = held.pop_front_if(|(time, _)| *time <= Instant::now()) {
            // A full queue drops the packet, as a router does.
            let _ = to.write(&due);
        }
        wait(from, held.front().map(|(time, _)| time.saturating_duration_since(Instant::now())));
        // So many at a time, so that what is due is not kept waiting.
        for _ in 0..256 {
            let Ok(length @ 1..) = from.read(&mut packet) else { break };
            held.push_back((Instant::now() + delay, packet[..length].to_vec()));
        }
    }
}

/// Returns when there is something to read, or after `limit`.
fn wait(file: &File, limit: Option<Duration>) {
    let limit = limit.map(|time| TimeSpec { seconds: time.as_secs() as i64, nanoseconds: time.subsec_nanos().into() });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut poll = PollFd { fd: file.as_raw_fd(), wanted: POLLIN, seen: 0 };
    // SAFETY: one descriptor is given and counted; the limit is null or outlives the call. A failure only means to look again.
    unsafe { ppoll(&mut poll, 1, limit, std::ptr::null()) };
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [a, b, round_trip] = words.as_slice() else {
        eprintln!("netdelay NAMESPACE_A NAMESPACE_B ROUND_TRIP_MS");
        std::process::exit(2);
    };
    let round_trip: f64 = round_trip.parse().map_err(Error::other)?;
    let delay = Duration::from_secs_f64(round_trip / 2000.0);
    let (a, b) = (device(a)?, device(b)?);
    println!("ready");
    std::thread::scope(|scope| {
        scope.spawn(|| carry(&a, &b, delay));
        carry(&b, &a, delay);
    });
    Ok(())
}
