//! Runs one program and tells what it took: from just before its start to its end, with all children that it waited for.
//!
//!     timed REPORT PROGRAM [ARG...]
//!
//! REPORT gets `pid N` at once and `wall S user S sys S peak KIB status N` at the end; a status under 0 is a signal. The program is a
//! process group of its own, named by its pid, so that it can be ended without ending this one. A small program does this because the
//! high-water mark of a child begins with that of its parent: a large one would be measured itself.
use std::fs::OpenOptions;
use std::io::{Result, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

/// `struct rusage` of 64-bit Linux: seconds and microseconds, then the high-water mark in KiB, then what is not looked at.
#[repr(C)]
#[derive(Default)]
struct Usage {
    user: [i64; 2],
    system: [i64; 2],
    peak: i64,
    rest: [i64; 13],
}

unsafe extern "C" {
    fn wait4(pid: i32, status: *mut i32, options: i32, usage: *mut Usage) -> i32;
}

fn main() -> Result<()> {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let [report, program, arguments @ ..] = words.as_slice() else {
        eprintln!("timed REPORT PROGRAM [ARG...]");
        std::process::exit(2);
    };
    let mut report = OpenOptions::new().create(true).write(true).truncate(true).open(report)?;
    let start = Instant::now();
    let child = Command::new(program).args(arguments).process_group(0).spawn()?;
    writeln!(report, "pid {}", child.id())?;
    let (mut status, mut usage) = (0, Usage::default());
    // SAFETY: both pointers are to live values of the shapes that wait4 writes on 64-bit Linux.
    unsafe { wait4(child.id() as i32, &mut status, 0, &mut usage) };
    let wall = start.elapsed().as_secs_f64();
    let code = if status & 0x7f == 0 { status >> 8 & 0xff } else { -(status & 0x7f) };
    let seconds = |time: [i64; 2]| time[0] as f64 + time[1] as f64 / 1e6;
    let (user, system, peak) = (seconds(usage.user), seconds(usage.system), usage.peak);
    writeln!(report, "wall {wall:.6} user {user:.6} sys {system:.6} peak {peak} status {code}")
}
