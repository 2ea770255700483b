//! CPU-bound work that keeps a thread busy for a while: replaying a journal, writing a snapshot.
//!
//! On a runtime of several threads it runs on a blocking thread, so that no task waits for it. On a runtime of one
//! thread it is an ordinary task: the simulation needs the same order of events each time.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

/// Begins the work. The handle gives its result, or says that it panicked.
pub(crate) fn spawn_cpu_bound<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        tokio::spawn(async move { work() })
    } else {
        tokio::task::spawn_blocking(work)
    }
}
