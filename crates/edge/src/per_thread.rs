//! A value for each thread.
//!
//! A counter or lock that all threads write to on every request costs cache-line contention (docs/adr/0012-per-thread.md has the
//! measurement). Here each thread writes to its own cache lines.

use parking_lot::{Mutex, MutexGuard};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of values; if there are more threads, some of them share a value.
const SLOTS: usize = 64;

/// One value for each thread.
#[derive(Debug)]
pub struct PerThread<T>([Slot<T>; SLOTS]);

/// Aligned so that no two values share a cache line (two lines, because processors fetch them in pairs).
#[derive(Debug, Default)]
#[repr(align(128))]
struct Slot<T>(Mutex<T>);

impl<T: Default> Default for PerThread<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Slot::default()))
    }
}

impl<T> PerThread<T> {
    /// This thread's value. A caller that asks again while it holds the guard deadlocks.
    pub fn current(&self) -> MutexGuard<'_, T> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static SLOT: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SLOTS;
        }
        let Slot(value) = &self.0[SLOT.with(|slot| *slot) % SLOTS];
        value.lock()
    }

    /// The values of all threads, each locked while it is visited.
    pub fn lock_each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.0.iter().map(|Slot(value)| value.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_thread_keeps_its_value_and_each_visits_the_values_of_all_threads() {
        let counters = PerThread::<u64>::default();
        thread::scope(|scope| {
            for _ in 0..100 {
                let count = || {
                    *counters.current() += 1;
                    *counters.current() += 1;
                };
                scope.spawn(count);
            }
        });
        assert_eq!(
            counters.lock_each().map(|value| *value).sum::<u64>(),
            200,
            "also with more threads than slots"
        );
    }
}
