//! Where the engine's tasks run.
//!
//! A task that owns a connection may block in a file call (a local disk is read and written by plain system calls, which cost a
//! fraction of what an async file does). On a thread of its own that harms nobody. Tests run everything on their own runtime, so that
//! a paused clock works.

use std::future::Future;

/// Where tasks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spawner {
    /// Each task on an OS thread of its own with a current-thread runtime.
    Threads,
    /// All tasks on the runtime that the engine was started on.
    Runtime,
}

/// Bytes of a thread's stack. A task is one future, whose steps lie in one another; in a build without optimisation each takes room of its
/// own. What is not touched is no memory.
const STACK: usize = 8 << 20;

impl Spawner {
    /// Starts a task. `name` is the thread's.
    pub(super) fn spawn<F>(self, name: &str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match self {
            Self::Runtime => drop(tokio::spawn(task)),
            Self::Threads => {
                // On its way to the thread it is handed on by value many times, and it is large: an unoptimized build has no stack for that.
                let task = Box::pin(task);
                // A thread that cannot be had drops the task; what the task holds then tells the supervisor that it has ended.
                let started = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(move || {
                    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                        Ok(runtime) => runtime.block_on(task),
                        Err(_) => drop(task),
                    }
                });
                drop(started);
            }
        }
    }
}
