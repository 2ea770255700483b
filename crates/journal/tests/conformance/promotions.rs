//! What a hostile server shows: a standby that was promoted without the last batches, and messages that arrive late.

use bytes::Bytes;
use fairseat_journal::{Append, AppendError, Head, Position};

use crate::fixture::{
    Fixture, OTHER_SALE, SALE, VIEWS, append, append_to, behind, fill, head_at, missed, position, read_all,
    texts, try_append,
};

pub(crate) async fn a_stream_that_a_promotion_made_shorter_is_diverged<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one", "two"]).await;
    fill(fixture.journal(), OTHER_SALE, &["one"]).await;
    let standby = fixture.replicate().await;
    let kept = fixture.journal().head(SALE).await.unwrap();
    try_append(fixture.journal(), SALE, 2, "lost").await.unwrap();
    let known = fixture.journal().head(SALE).await.unwrap();

    let fixture = fixture.promote(standby).await;
    let journal = fixture.journal();
    assert_eq!(journal.head(SALE).await.unwrap(), kept);
    let answer = journal.append(append_to(SALE, known, "after the lost one")).await;
    assert_eq!(answer, Err(AppendError::Diverged { head: kept }));
    assert_eq!(texts(&read_all(journal, SALE).await), ["one", "two"]);
    assert_eq!(try_append(journal, SALE, 2, "anew").await, Ok(Position(3)));
    assert_eq!(try_append(journal, OTHER_SALE, 1, "another stream").await, Ok(Position(2)));
}

pub(crate) async fn another_batch_at_the_position_of_a_lost_one_is_diverged<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one"]).await;
    let standby = fixture.replicate().await;
    try_append(fixture.journal(), SALE, 1, "lost").await.unwrap();
    let known = fixture.journal().head(SALE).await.unwrap();

    let fixture = fixture.promote(standby).await;
    let journal = fixture.journal();
    try_append(journal, SALE, 1, "instead").await.unwrap();
    let now = journal.head(SALE).await.unwrap();
    assert_eq!(now.position, known.position);
    for more in ["at the same position", "behind it"] {
        let answer = journal.append(append_to(SALE, known, more)).await;
        let head = journal.head(SALE).await.unwrap();
        assert_eq!(answer, Err(AppendError::Diverged { head }), "{more}");
        try_append(journal, SALE, head.position.0, more).await.unwrap();
    }
}

/// The writer of the lost batch got no answer. It sends the batch again, and the batch is written for the first time.
pub(crate) async fn a_batch_that_a_promotion_lost_can_be_sent_again<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one"]).await;
    let standby = fixture.replicate().await;
    let attempt = append(fixture.journal(), SALE, 1, "unheard").await;
    let won = fixture.journal().append(attempt.clone()).await;

    let fixture = fixture.promote(standby).await;
    let journal = fixture.journal();
    assert_eq!(journal.append(attempt.clone()).await, won);
    assert_eq!(journal.append(attempt).await, won);
    assert_eq!(texts(&read_all(journal, SALE).await), ["one", "unheard"]);
}

pub(crate) async fn a_snapshot_of_a_lost_history_counts_as_missing<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one", "two"]).await;
    let standby = fixture.replicate().await;
    try_append(fixture.journal(), SALE, 2, "lost").await.unwrap();
    let lost = head_at(fixture.journal(), SALE, 3).await;
    fixture.journal().put_snapshot(SALE, lost, Bytes::from("of three batches")).await.unwrap();

    let fixture = fixture.promote(standby).await;
    let journal = fixture.journal();
    assert_eq!(journal.snapshot(SALE).await, None, "the stream ends before it");
    try_append(journal, SALE, 2, "instead").await.unwrap();
    assert_eq!(journal.snapshot(SALE).await, None, "the stream has another batch there");
    let head = head_at(journal, SALE, 3).await;
    journal.put_snapshot(SALE, head, Bytes::from("of the new history")).await.unwrap();
    assert_eq!(journal.snapshot(SALE).await, Some((head, Bytes::from("of the new history"))));
}

pub(crate) async fn a_promotion_never_leaves_a_consumer_ahead_of_its_stream<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one"]).await;
    fixture.journal().caught_up(VIEWS, SALE, Position::START, Position(1)).await.unwrap();
    let standby = fixture.replicate().await;
    try_append(fixture.journal(), SALE, 1, "lost").await.unwrap();
    fixture.journal().caught_up(VIEWS, SALE, Position(1), Position(2)).await.unwrap();

    let fixture = fixture.promote(standby).await;
    let journal = fixture.journal();
    assert!(journal.cursor(VIEWS, SALE).await.unwrap() <= Position(1));
    try_append(journal, SALE, 1, "instead").await.unwrap();
    // The consumer still believes that it has processed two batches.
    try_append(journal, SALE, 2, "more").await.unwrap();
    journal.caught_up(VIEWS, SALE, Position(2), Position(3)).await.unwrap();
    assert_eq!(behind(journal, VIEWS).await, [SALE], "it has not processed the new second batch");
}

/// A future that is not polled is a message that has not arrived.
pub(crate) async fn an_attempt_that_arrives_late_is_won_or_lost_like_its_repeat<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let attempt = append(journal, SALE, 0, "mine").await;
    let late = journal.append(attempt.clone());
    let repeat = journal.append(attempt).await;
    assert_eq!(position(repeat.clone()), Ok(Position(1)));
    assert_eq!(late.await, repeat);

    let attempt = append(journal, SALE, 1, "mine again").await;
    let late = journal.append(attempt.clone());
    try_append(journal, SALE, 1, "another writer's").await.unwrap();
    assert_eq!(texts(&missed(journal.append(attempt).await)), ["another writer's"]);
    assert_eq!(texts(&missed(late.await)), ["another writer's"]);
    assert_eq!(texts(&read_all(journal, SALE).await), ["mine", "another writer's"]);
}

/// The caller of an append may go away. Whatever became of the append, its repeat tells.
pub(crate) async fn an_append_whose_caller_went_away_is_won_or_lost_by_its_repeat<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    for round in 0..5 {
        let attempt = append(journal, SALE, round, &format!("round {round}")).await;
        {
            let mut unheard = std::pin::pin!(journal.append(attempt.clone()));
            drop(futures::poll!(&mut unheard));
        }
        assert_eq!(journal.append(attempt.clone()).await, Ok(attempt.to_batch().head()));
    }
    assert_eq!(read_all(journal, SALE).await.len(), 5);
}

pub(crate) async fn an_append_to_an_empty_stream_with_a_foreign_hash_is_diverged<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let foreign = Head { position: Position::START, hash: [1; 32] };
    let expected = Err(AppendError::Diverged { head: Head::default() });
    let attempt: Append = append_to(SALE, foreign, "never");
    assert_eq!(journal.append(attempt.clone()).await, expected);
    fill(journal, SALE, &["one"]).await;
    let head = journal.head(SALE).await.unwrap();
    assert_eq!(journal.append(attempt).await, Err(AppendError::Diverged { head }));
}
