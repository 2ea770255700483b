//! When calls are permitted, with a clock that the tests advance.

use super::{Breaker, BreakerOptions, BreakerState, Outcome};
use futures::poll;
use std::time::Duration;
use tokio::time::advance;

const SECOND: Duration = Duration::from_secs(1);

fn breaker(failures: u32) -> Breaker {
    Breaker::new(BreakerOptions { failures, first_pause: SECOND, longest_pause: SECOND * 4 })
}

#[tokio::test(start_paused = true)]
async fn pauses_double_until_a_trial_succeeds_and_begin_anew_afterwards() {
    let breaker = breaker(1);
    for _ in 0..2 {
        assert_eq!(breaker.permit().unwrap().fail(), Outcome::Opened);
        let mut pauses = Vec::new();
        let began = tokio::time::Instant::now();
        for _ in 0..4 {
            let waited = tokio::time::Instant::now();
            let trial = breaker.permitted().await;
            pauses.push(waited.elapsed().as_secs());
            assert_eq!(breaker.state(), BreakerState::Trying);
            assert_eq!(trial.fail(), Outcome::Unchanged);
        }
        assert_eq!(pauses, [1, 2, 4, 4]);
        let trial = breaker.permitted().await;
        assert_eq!(trial.succeed(), Outcome::Closed { away_for: began.elapsed() });
        assert_eq!((breaker.state(), breaker.away_for()), (BreakerState::Closed, None));
    }
}

#[tokio::test(start_paused = true)]
async fn only_failures_in_a_row_open_it() {
    let breaker = breaker(3);
    for _ in 0..5 {
        assert_eq!(breaker.permit().unwrap().fail(), Outcome::Unchanged);
        assert_eq!(breaker.permit().unwrap().fail(), Outcome::Unchanged);
        assert_eq!(breaker.permit().unwrap().succeed(), Outcome::Unchanged);
    }
    breaker.permit().unwrap().fail();
    breaker.permit().unwrap().fail();
    assert_eq!(breaker.permit().unwrap().fail(), Outcome::Opened);
    assert!(breaker.permit().is_none());
}

#[tokio::test(start_paused = true)]
async fn one_trial_at_a_time_and_calls_from_before_it_decide_nothing() {
    let breaker = breaker(1);
    let [early, late] = [(); 2].map(|()| breaker.permit().unwrap());
    assert_eq!(breaker.permit().unwrap().fail(), Outcome::Opened);
    assert_eq!(early.fail(), Outcome::Unchanged, "it is open already");
    assert_eq!(breaker.away_for(), Some(Duration::ZERO));
    advance(SECOND).await;
    let trial = breaker.permit().unwrap();
    assert!(breaker.permit().is_none(), "one trial at a time");
    assert_eq!(late.succeed(), Outcome::Unchanged);
    assert_eq!(breaker.state(), BreakerState::Trying);
    assert_eq!(trial.succeed(), Outcome::Closed { away_for: SECOND });
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_is_given_up_passes_to_the_next_caller() {
    let breaker = breaker(1);
    breaker.permit().unwrap().fail();
    advance(SECOND).await;
    let trial = breaker.permit().unwrap();
    let mut waiting = Box::pin(breaker.permitted());
    assert!(poll!(waiting.as_mut()).is_pending());
    drop(trial);
    assert_eq!(waiting.await.succeed(), Outcome::Closed { away_for: SECOND });
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_goes_on_when_the_trial_of_another_succeeds() {
    let breaker = breaker(1);
    breaker.permit().unwrap().fail();
    advance(SECOND).await;
    let trial = breaker.permit().unwrap();
    let mut waiting = Box::pin(breaker.permitted());
    assert!(poll!(waiting.as_mut()).is_pending());
    trial.succeed();
    assert_eq!(waiting.await.succeed(), Outcome::Unchanged);
}
