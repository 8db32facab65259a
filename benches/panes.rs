//! What the panes cost: time to the first frame, a directory of 100,000 entries, a key while a copy runs, and doing nothing.
//!
//! `cargo bench --features demo --bench panes`, with vsftpd from `.ci/servers`. The real program runs in a pseudo terminal; figures are medians
//! and 99th percentiles of wall time as the terminal sees it, the terminal's own parsing included, and /proc's figures for memory and CPU.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a bench stops at the first surprise")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::time::{Duration, Instant};

use support::pty::{Key, Screen};
use support::servers::{Kind, Server};
use support::wait::until;

const ENTRIES: usize = 100_000;
const BIG: u64 = 8 << 30;
const KEYS: usize = 400;
const LIMIT: Duration = Duration::from_secs(60);

fn main() {
    // `cargo test --benches` asks for a mere start.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    println!("| what | figure | detail |\n|---|---|---|");
    first_frame();
    idle();
    let Some(server) = support::servers::start(Kind::Vsftpd) else { return };
    fill(&server);
    listing(&server);
    keys_while_copying(&server);
}

fn fill(server: &Server) {
    let many = server.root().join("many");
    fs::create_dir(&many).unwrap();
    for i in 0..ENTRIES {
        fs::File::create(many.join(format!("some-file-name-{i:06}.txt"))).unwrap();
    }
    // Sparse: it costs no disk to serve, and takes long enough to press keys meanwhile.
    fs::File::create(many.join("000-big.bin")).unwrap().set_len(BIG).unwrap();
    server.own_root();
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len() - 1) as f64 * share).ceil() as usize;
    sorted[at]
}

fn report(what: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    println!(
        "| {what} | median {:.1} ms, p99 {:.1} ms | n = {}, min {:.1}, max {:.1} |",
        percentile(&values, 0.5),
        percentile(&values, 0.99),
        values.len(),
        values[0],
        values[values.len() - 1]
    );
}

/// A field of /proc/PID/status in MiB.
fn memory(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// User and system time of a process so far, in clock ticks of 10 ms.
fn cpu_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Polls without a pause: what is measured is shorter than a pause.
fn spin(screen: &Screen, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "not within {LIMIT:?}:\n{}", screen.text());
        std::thread::yield_now();
    }
}

fn first_frame() {
    let times = (0..20)
        .map(|_| {
            let start = Instant::now();
            let screen = Screen::start::<&str>(80, 24, &[]);
            spin(&screen, || screen.text().contains("10Quit"));
            ms(start.elapsed())
        })
        .collect();
    report("first frame, 80x24", times);
}

fn idle() {
    let screen = Screen::start::<&str>(80, 24, &[]);
    screen.wait_text("10Quit");
    std::thread::sleep(Duration::from_secs(2));
    let before = cpu_ticks(screen.pid());
    std::thread::sleep(Duration::from_secs(10));
    let used = (cpu_ticks(screen.pid()) - before) * 10;
    println!("| idle | {used} ms CPU in 10 s, {:.1} MiB | VmRSS, sites beside the local pane |", memory(screen.pid(), "VmRSS"));
}

fn listing(server: &Server) {
    let url = server.url_with_password("many");
    let mut times = Vec::new();
    let mut peak: f64 = 0.0;
    for _ in 0..5 {
        let start = Instant::now();
        let screen = Screen::start(120, 40, &[url.as_str()]);
        let whole = "100,001 entries";
        spin(&screen, || screen.text().contains(whole));
        times.push(ms(start.elapsed()));
        peak = peak.max(memory(screen.pid(), "VmHWM"));
    }
    report("100,000 remote entries on the screen, from the start of the program", times);
    println!("| the same, peak memory | {peak:.1} MiB | VmHWM |");
}

fn keys_while_copying(server: &Server) {
    let target = tempfile::Builder::new().prefix("ftpane-bench-").tempdir_in("/dev/shm").unwrap();
    let url = server.url_with_password("many");
    let screen = Screen::start(120, 40, &[target.path().to_str().unwrap(), url.as_str()]);
    let whole = "100,001 entries";
    spin(&screen, || screen.text().contains(whole));
    screen.key(Key::Tab);
    screen.key(Key::Home);
    screen.key(Key::Down);
    screen.key(Key::F(5));
    assert!(until(LIMIT, || screen.text().contains("MB/s").then_some(())).is_some(), "no copy runs:\n{}", screen.text());
    let mut times = Vec::new();
    for i in 0..KEYS {
        // Each key shows another row: far jumps and single steps in turn.
        let before = screen.view();
        let start = Instant::now();
        screen.key(match i % 8 {
            0 => Key::End,
            4 => Key::Home,
            1..=3 => Key::PageUp,
            _ => Key::PageDown,
        });
        spin(&screen, || rows_differ(&before, &screen.view()));
        times.push(ms(start.elapsed()));
    }
    assert!(screen.text().contains("MB/s"), "the copy ended before the keys did:\n{}", screen.text());
    report("key to frame in 100,000 entries while a copy runs", times);
    screen.ctrl('c');
}

/// Whether the list of entries, not the progress strip, has changed.
fn rows_differ(before: &support::pty::View, now: &support::pty::View) -> bool {
    (2..37).any(|row| before.row(row) != now.row(row))
}
