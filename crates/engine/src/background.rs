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

#[cfg(test)]
mod tests {
    use super::spawn_cpu_bound;

    #[tokio::test]
    async fn on_one_thread_work_runs_there_in_the_order_it_began() {
        let here = std::thread::current().id();
        let order = std::sync::Arc::new(parking_lot::Mutex::new(Vec::new()));
        let work = |n: u8| {
            let order = order.clone();
            move || {
                order.lock().push(n);
                std::thread::current().id()
            }
        };
        let (first, second) = (spawn_cpu_bound(work(1)), spawn_cpu_bound(work(2)));
        assert_eq!((second.await.unwrap(), first.await.unwrap()), (here, here));
        assert_eq!(*order.lock(), [1, 2]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn on_several_threads_work_blocks_no_worker_and_a_panic_is_reported() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let waiting = spawn_cpu_bound(move || receiver.recv().unwrap());
        tokio::spawn(async move { sender.send(7).unwrap() }).await.unwrap();
        assert_eq!(waiting.await.unwrap(), 7);
        assert!(spawn_cpu_bound(|| panic!("on purpose")).await.unwrap_err().is_panic());
    }
}
