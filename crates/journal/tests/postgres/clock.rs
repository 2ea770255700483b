//! The server compares the decision times of an append with its own clock.

use fairseat_journal::{AppendError, DecisionTimes, Head, Journal};

use crate::support::{FAST, SALE, append, append_to, now, open, prepared, texts};

#[tokio::test]
async fn an_append_is_refused_if_a_decision_is_too_old_or_ahead_of_the_servers_clock() {
    let server = prepared(&[FAST]).await;
    let journal = open(&server).await;
    let at = |first: i64, last: i64| DecisionTimes { first: now() + first, last: now() + last };
    for (decided, ahead) in [
        (at(10_000, 10_000), 5_000..=10_000),
        (at(0, 10_000), 5_000..=10_000),
        (at(-10_000, -10_000), -99_000..=-10_000),
        (at(-10_000, 0), -99_000..=-10_000),
    ] {
        let mut attempt = append_to(Head::default(), "never");
        attempt.decided = decided;
        match journal.append(attempt).await {
            Err(AppendError::ClockDiffers { ahead_ms }) => assert!(ahead.contains(&ahead_ms), "{ahead_ms}"),
            other => panic!("{decided:?}: {other:?}"),
        }
    }
    assert_eq!(journal.streams(None, 9).await.unwrap(), [], "a refused append leaves nothing behind");
    journal.append(append(&journal, "one").await).await.unwrap();
}

/// The times matter only to an append that would be written now.
#[tokio::test]
async fn an_old_append_that_was_won_or_lost_is_answered_as_such() {
    let server = prepared(&[FAST]).await;
    let journal = open(&server).await;
    let mut attempt = append(&journal, "one").await;
    let won = journal.append(attempt.clone()).await;
    attempt.decided = DecisionTimes::at(0);
    assert_eq!(journal.append(attempt.clone()).await, won);
    attempt.batch.0 += 1;
    let lost = journal.append(attempt).await;
    assert!(matches!(&lost, Err(AppendError::Conflict { missed }) if missed.len() == 1), "{lost:?}");
    assert_eq!(journal.head(SALE).await, Ok(won.unwrap()));
    assert_eq!(texts(&journal).await, ["one"]);
}
