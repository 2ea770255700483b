//! Commits that wait for a standby, on a real server whose standby is absent.

use std::sync::Arc;

use fairseat_journal::{Append, AppendError, Head, Journal, PostgresJournal};
use fairseat_test_postgres::PostgresServer;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::support::{FAST, admin, append, fill, open, prepared, set, texts, until};

const WAITING: &str =
    "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%append_1%'";

type Answer = JoinHandle<Result<Head, AppendError>>;

fn send(journal: &Arc<PostgresJournal>, append: &Append) -> Answer {
    let (journal, append) = (Arc::clone(journal), append.clone());
    tokio::spawn(async move { journal.append(append).await })
}

/// A journal with one batch, and an append whose commit waits for a standby that does not exist.
async fn waiting() -> (PostgresServer, Client, Arc<PostgresJournal>, Append, Answer) {
    let server = prepared(&[FAST]).await;
    let (journal, admin) = (Arc::new(open(&server).await), admin(&server).await);
    fill(&*journal, &["one"]).await;
    set(&admin, "synchronous_standby_names", "nobody").await;
    // The server's processes notice the setting one after the other: the first commits may not wait yet.
    loop {
        let attempt = append(&*journal, "waits").await;
        let answer = send(&journal, &attempt);
        while !answer.is_finished() {
            if admin.query_one(WAITING, &[]).await.unwrap().get(0) {
                return (server, admin, journal, attempt, answer);
            }
        }
        answer.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_cancelled_wait_is_unknown_and_its_repeat_is_won_once_a_standby_has_it() {
    let (_server, admin, journal, attempt, answer) = waiting().await;
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    admin.query(cancel, &[]).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err(AppendError::Unknown), "the server only warns");
    let before = texts(&*journal).await;
    assert_eq!(before.last().unwrap(), "waits", "it is committed on this server");

    let repeat = send(&journal, &attempt);
    until(&admin, WAITING).await;
    assert!(!repeat.is_finished(), "no standby has it yet");
    set(&admin, "synchronous_standby_names", "").await;
    assert_eq!(repeat.await.unwrap(), Ok(attempt.to_batch().head()));
    assert_eq!(texts(&*journal).await, before, "it is written once");
}

#[tokio::test]
async fn a_connection_that_is_ended_during_the_wait_is_unknown_and_the_repeat_is_won() {
    let (_server, admin, journal, attempt, answer) = waiting().await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    admin.query(end, &[]).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err(AppendError::Unknown));
    set(&admin, "synchronous_standby_names", "").await;
    let won = crate::support::until_certain(&*journal, &attempt).await;
    assert_eq!(won, Ok(attempt.to_batch().head()));
}

/// The first attempt's caller is gone. Its statement still runs on the server, and lands when the lock is free.
#[tokio::test]
async fn a_commit_whose_answer_was_lost_and_that_lands_later_is_won_by_its_repeat() {
    let server = prepared(&[FAST]).await;
    let (journal, admin) = (Arc::new(open(&server).await), admin(&server).await);
    fill(&*journal, &["one"]).await;
    let attempt = append(&*journal, "late").await;
    admin.batch_execute("BEGIN; SELECT FROM fairseat_journal.head FOR UPDATE").await.unwrap();
    let watcher = crate::support::admin(&server).await;
    let unheard = send(&journal, &attempt);
    let blocked = |count: usize| {
        format!("SELECT count(*) = {count} FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    };
    until(&watcher, &blocked(1)).await;
    unheard.abort();
    let repeat = send(&journal, &attempt);
    until(&watcher, &blocked(2)).await;
    admin.batch_execute("COMMIT").await.unwrap();
    assert_eq!(repeat.await.unwrap(), Ok(attempt.to_batch().head()));
    assert_eq!(texts(&*journal).await, ["one", "late"]);
}
