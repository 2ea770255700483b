//! Work that keeps a thread busy for a while: replaying a journal, writing a snapshot.
//!
//! Where there are several threads it gets one of its own, so that nobody waits for it. On a runtime of one thread it
//! waits in line like everything else: what happens there happens in one order, the same each time.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

/// Begins the work; who awaits the handle gets its result, or learns that it panicked.
pub(crate) fn spawn_heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        tokio::spawn(async move { work() })
    } else {
        tokio::task::spawn_blocking(work)
    }
}
