//! A real primary with a synchronous standby that is promoted.

use fairseat_journal::{AppendError, Journal, PostgresJournal, PostgresOptions, ReadError};

use crate::support::{
    FAST, SALE, admin, append, append_to, fill, options, prepared, set, texts, until, until_certain,
};

#[tokio::test]
async fn a_promotion_keeps_what_was_acknowledged_and_the_old_primary_is_not_used_again() {
    let mut primary = prepared(&[FAST]).await;
    let mut standby = primary.standby(&[FAST]).unwrap();
    let watcher = admin(&primary).await;
    set(&watcher, "synchronous_standby_names", "*").await;
    until(&watcher, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'").await;

    let hosts = format!("host={},{} user=postgres dbname=postgres", standby.host(), primary.host());
    let required = PostgresOptions { require_standby: true, ..options() };
    let strict = PostgresJournal::open(&hosts, required).await.unwrap();
    let journal = PostgresJournal::open(&hosts, options()).await.unwrap();
    fill(&strict, &["one", "two"]).await;
    assert_eq!(journal.ready().await, Ok(()));

    let known = journal.head(SALE).await.unwrap();
    primary.crash();
    standby.promote().unwrap();
    let attempt = append_to(known, "three");
    assert_eq!(until_certain(&journal, &attempt).await, Ok(attempt.to_batch().head()));
    assert_eq!(texts(&journal).await, ["one", "two", "three"]);
    // The promoted server has no standby, and `strict` requires one, so it appends nothing.
    let refused = strict.append(append(&journal, "unsafe").await).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");

    // The old primary comes back, and the new one is away.
    primary.restart(&[FAST, "synchronous_standby_names="]).unwrap();
    let attempt = append(&journal, "four").await;
    standby.crash();
    let mut answer = journal.append(attempt.clone()).await;
    while answer == Err(AppendError::Unknown) {
        answer = journal.append(attempt.clone()).await;
    }
    let Err(AppendError::Unavailable(reason)) = answer else { panic!("{answer:?}") };
    assert!(reason.contains("it was replaced by a promoted standby"), "{reason}");
    let unread = journal.head(SALE).await;
    assert!(matches!(unread, Err(ReadError::Failed(_))), "{unread:?}");
}
