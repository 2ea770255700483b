//! The bus over a broker that goes away: one trial at a time, and every message in the end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, wherever it stands")]

use fairseat_bus::data::EventEnd;
use fairseat_bus::{
    Body, BreakerOptions, Bus, BusError, BusObserver, Message, Place, PublishError, Publisher, Time,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// What the broker of a test answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    There,
    Away,
    /// It answers questions and cannot store messages.
    CannotStore,
    Refuses,
}

#[derive(Debug)]
struct TestPublisher {
    mood: Mutex<Mood>,
    checks: AtomicUsize,
    attempts: AtomicUsize,
    stored: AtomicUsize,
}

impl Publisher for TestPublisher {
    fn publish<'p>(&'p self, messages: &'p [Message]) -> BoxFuture<'p, Result<(), PublishError>> {
        async move {
            self.attempts.fetch_add(1, Ordering::Relaxed);
            match *self.mood.lock() {
                Mood::There => {
                    self.stored.fetch_add(messages.len(), Ordering::Relaxed);
                    Ok(())
                }
                Mood::Away | Mood::CannotStore => Err(PublishError::Away("planned".to_owned())),
                Mood::Refuses => Err(PublishError::Refused("planned".to_owned())),
            }
        }
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), PublishError>> {
        async move {
            self.checks.fetch_add(1, Ordering::Relaxed);
            match *self.mood.lock() {
                Mood::Away => Err(PublishError::Away("planned".to_owned())),
                Mood::There | Mood::CannotStore | Mood::Refuses => Ok(()),
            }
        }
        .boxed()
    }
}

#[derive(Debug, Default)]
struct Counts {
    published: AtomicUsize,
    failed: Mutex<Vec<&'static str>>,
}

impl BusObserver for Counts {
    fn published(&self, messages: usize) {
        self.published.fetch_add(messages, Ordering::Relaxed);
    }

    fn failed(&self, reason: &'static str) {
        self.failed.lock().push(reason);
    }
}

fn bus(mood: Mood) -> (Arc<TestPublisher>, Arc<Counts>, Bus) {
    let (mood, zero) = (Mutex::new(mood), AtomicUsize::default);
    let publisher = Arc::new(TestPublisher { mood, checks: zero(), attempts: zero(), stored: zero() });
    let counts = Arc::new(Counts::default());
    let bus = Bus::new(publisher.clone(), counts.clone(), BreakerOptions::default());
    (publisher, counts, bus)
}

fn messages() -> [Message; 2] {
    let place = |position| Place { event: Uuid::nil(), position, entry: 0, index: 0, at: Time(0) };
    let body = Body::EventCancelled(EventEnd { event_id: Uuid::nil() });
    [1, 2].map(|position| Message::new(&place(position), &body).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_away_for_an_hour_is_asked_a_bounded_number_of_times() {
    let (publisher, counts, bus) = bus(Mood::There);
    bus.ready().await;
    bus.publish(&messages()).await.unwrap();
    *publisher.mood.lock() = Mood::Away;
    assert_eq!(bus.publish(&messages()).await, Err(BusError::Away));
    let (began, attempts) = (Instant::now(), publisher.attempts.load(Ordering::Relaxed));
    let hour = Duration::from_secs(3_600);
    tokio::time::timeout(hour, bus.ready()).await.unwrap_err();
    // Everything else fails at once, without a call.
    for _ in 0..10_000 {
        assert_eq!(bus.publish(&messages()).await, Err(BusError::Away));
    }
    assert_eq!((began.elapsed(), publisher.attempts.load(Ordering::Relaxed)), (hour, attempts));
    let checks = publisher.checks.load(Ordering::Relaxed);
    assert!((100..140).contains(&checks), "{checks}: one for each 30 s");
    assert!(!bus.is_there());
    assert!(bus.away_for() >= Some(hour));

    *publisher.mood.lock() = Mood::There;
    bus.ready().await;
    bus.publish(&messages()).await.unwrap();
    assert!(bus.is_there());
    assert_eq!((bus.away_for(), counts.published.load(Ordering::Relaxed)), (None, 4));
    assert_eq!(counts.failed.lock().len(), checks);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_answers_and_cannot_store_is_still_away() {
    let (publisher, _, bus) = bus(Mood::CannotStore);
    bus.ready().await;
    let began = Instant::now();
    for _ in 0..6 {
        assert_eq!(bus.publish(&messages()).await, Err(BusError::Away));
        bus.ready().await;
        assert!(!bus.is_there(), "only stored messages prove that it is back");
    }
    assert_eq!(began.elapsed().as_secs(), 1 + 2 + 4 + 8 + 16 + 30, "the pauses grow");
    *publisher.mood.lock() = Mood::There;
    bus.publish(&messages()).await.unwrap();
    assert!(bus.is_there());
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_away_at_the_start_is_noticed_and_found_later() {
    let (publisher, counts, bus) = bus(Mood::Away);
    tokio::time::timeout(Duration::from_secs(10), bus.ready()).await.unwrap_err();
    assert!(!bus.is_there());
    *publisher.mood.lock() = Mood::There;
    bus.ready().await;
    assert!(bus.is_there(), "no message had failed, so the answer is enough");
    assert!(counts.failed.lock().iter().all(|reason| *reason == "away"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_does_not_mean_that_the_broker_is_away() {
    let (publisher, counts, bus) = bus(Mood::Refuses);
    bus.ready().await;
    assert_eq!(bus.publish(&messages()).await, Err(BusError::Refused("planned".to_owned())));
    assert!(bus.is_there());
    *publisher.mood.lock() = Mood::There;
    bus.publish(&messages()).await.unwrap();
    assert_eq!(
        (counts.failed.lock().clone(), publisher.stored.load(Ordering::Relaxed)),
        (vec!["refused"], 2)
    );
}
