//! Values that each thread has its own of.
//!
//! What all processors write to, be it a count or a lock, each of them waits for: on the way of every request it costs more than the work.

use parking_lot::{Mutex, MutexGuard};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Threads that have a value of their own; more of them share values.
const PLACES: usize = 64;

/// One value a thread.
#[derive(Debug)]
pub struct PerThread<T>([Place<T>; PLACES]);

/// Alone in its part of a processor's cache.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Place<T>(Mutex<T>);

impl<T: Default> Default for PerThread<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Place::default()))
    }
}

impl<T> PerThread<T> {
    /// This thread's value. Whoever holds it asks for no other of these.
    pub fn mine(&self) -> MutexGuard<'_, T> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static PLACE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % PLACES;
        }
        let Place(value) = &self.0[PLACE.with(|place| *place) % PLACES];
        value.lock()
    }

    /// All values, one after the other.
    pub fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.0.iter().map(|Place(value)| value.lock())
    }
}
