//! Waiting for a condition with a deadline: the tests know no other kind of waiting.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives it up. Generous, because it is only ever
/// used up by a failure.
pub const DEADLINE: Duration = Duration::from_secs(15);

const PAUSE: Duration = Duration::from_millis(5);

/// Asks again and again until the answer is `Some`; `None` after `limit`.
pub fn until<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(PAUSE);
    }
}

/// Waits until `holds` is true.
///
/// # Panics
/// When it is still false after [`DEADLINE`], naming `what` was waited for.
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    if until(DEADLINE, || holds().then_some(())).is_none() {
        panic!("waited {DEADLINE:?} in vain for {what}");
    }
}
