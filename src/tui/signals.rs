//! Signals as something the loop can wait for.

/// What was signalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signalled {
    /// End: by SIGTERM, SIGHUP or SIGINT, with the exit code that shells know it by.
    End(u8),
    /// Woken after a stop that did not come from us.
    Woken,
}

#[cfg(unix)]
pub use unix::Signals;

#[cfg(unix)]
mod unix {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Signalled;

    /// The signals that the loop answers.
    #[derive(Debug)]
    pub struct Signals {
        terminate: Signal,
        hangup: Signal,
        interrupt: Signal,
        wake: Signal,
    }

    impl Signals {
        /// Listens from now on.
        ///
        /// # Errors
        /// Where the system refuses.
        pub fn new() -> io::Result<Self> {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
                interrupt: signal(SignalKind::interrupt())?,
                wake: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            })
        }

        /// The next signal.
        pub async fn next(&mut self) -> Signalled {
            tokio::select! {
                _ = self.terminate.recv() => Signalled::End(143),
                _ = self.hangup.recv() => Signalled::End(129),
                _ = self.interrupt.recv() => Signalled::End(130),
                _ = self.wake.recv() => Signalled::Woken,
            }
        }
    }
}

#[cfg(not(unix))]
pub use other::Signals;

#[cfg(not(unix))]
mod other {
    use std::io;

    use super::Signalled;

    /// Ctrl-C, the one signal that there is everywhere.
    #[derive(Debug)]
    pub struct Signals;

    impl Signals {
        /// Listens from now on.
        ///
        /// # Errors
        /// Never.
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// The next signal.
        pub async fn next(&mut self) -> Signalled {
            let _ = tokio::signal::ctrl_c().await;
            Signalled::End(130)
        }
    }
}
