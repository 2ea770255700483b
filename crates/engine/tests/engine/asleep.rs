//! A request that finds a sale just as it falls asleep.

use crate::support::{EVENT, TokioClock, opened, reserve};
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Clock, Engine, EngineOptions, Fault};
use fairseat_journal::{MemoryJournal, Position};
use futures::FutureExt;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

type Answer = oneshot::Sender<Result<Position, Fault>>;

/// A clock during whose next reading another task requests a seat.
#[derive(Debug)]
struct Interrupting {
    clock: Arc<TokioClock>,
    next: Mutex<Option<(Engine, Answer)>>,
}

impl Clock for Interrupting {
    fn now(&self) -> Timestamp {
        if let Some((engine, answer)) = self.next.lock().take() {
            let mut asking = Box::pin(async move {
                let answered = engine.submit_system(EVENT, reserve(1, &[0])).await;
                answer.send(answered.map(|answered| answered.published.position)).unwrap();
            });
            if (&mut asking).now_or_never().is_none() {
                tokio::spawn(asking);
            }
        }
        self.clock.now()
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_to_a_sale_that_is_falling_asleep_wakes_it_again() {
    let clock = Arc::new(Interrupting { clock: TokioClock::new(), next: Mutex::new(None) });
    let options = EngineOptions { idle_after: Duration::from_secs(60), ..EngineOptions::default() };
    let engine = Engine::new(Arc::new(MemoryJournal::new()), clock.clone(), options);
    opened(&engine, EVENT, 1, 5).await;
    tokio::time::sleep(Duration::from_secs(59)).await;
    // Nothing is due, so the sale looks at the clock again only when its mailbox is closed.
    let (answer, answered) = oneshot::channel();
    *clock.next.lock() = Some((engine.clone(), answer));
    let mut feed = engine.follow();
    assert_eq!(answered.await.unwrap(), Ok(Position(2)));
    let entries: Vec<usize> =
        std::iter::from_fn(|| feed.try_recv().ok()).map(|committed| committed.entries.len()).collect();
    assert_eq!(entries, [0, 1], "it woke, and reserved");
}
