//! The clock of an open-loop load: operations become due at a steady rate, whether or not earlier ones are answered.
//!
//! What must always hold: an operation's latency counts from when it was due, not from when a connection was free to begin it. Otherwise a
//! server that stalls would get fewer requests and look better (coordinated omission). The pacer is a thread, because tokio's timers are
//! precise only to a millisecond.

use anyhow::Result;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The precision with which operations become due.
const STEP: Duration = Duration::from_micros(200);

/// Gives each due operation to a free connection.
pub(super) struct Pacer(Mutex<UnboundedReceiver<Instant>>);

impl Pacer {
    /// Starts the clock, at `rate` operations a second, until `end`.
    pub(super) fn start(rate: f64, end: Instant) -> Result<Self> {
        let (sender, receiver) = unbounded_channel();
        let began = Instant::now();
        let pace = move || {
            let mut sent: u64 = 0;
            loop {
                let now = Instant::now();
                let due_by_now = (now - began).as_secs_f64() * rate;
                while (sent as f64) <= due_by_now {
                    let due = began + Duration::from_secs_f64(sent as f64 / rate);
                    if due > end || sender.send(due).is_err() {
                        return;
                    }
                    sent += 1;
                }
                std::thread::sleep(STEP);
            }
        };
        std::thread::Builder::new().name("pacer".to_owned()).spawn(pace)?;
        Ok(Self(Mutex::new(receiver)))
    }

    /// When the next operation was due; `None` when the time is over.
    pub(super) async fn next(&self) -> Option<Instant> {
        self.0.lock().await.recv().await
    }
}
