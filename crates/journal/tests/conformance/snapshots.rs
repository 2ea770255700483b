//! Snapshots: the newest of a stream is kept.

use bytes::Bytes;
use fairseat_journal::limits::MAX_SNAPSHOT_BYTES;
use fairseat_journal::{Position, SaveError};

use crate::fixture::{Fixture, OTHER_SALE, SALE, fill};

pub(crate) async fn the_newest_snapshot_is_kept<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two", "three"]).await;
    assert_eq!(journal.snapshot(SALE).await, None);
    for (position, bytes, kept) in
        [(1, "a", (1, "a")), (3, "b", (3, "b")), (2, "late", (3, "b")), (3, "again", (3, "again"))]
    {
        journal.put_snapshot(SALE, Position(position), Bytes::from(bytes)).await.unwrap();
        let kept = (Position(kept.0), Bytes::from(kept.1));
        assert_eq!(journal.snapshot(SALE).await, Some(kept));
    }
    assert_eq!(journal.snapshot(OTHER_SALE).await, None);
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.journal().snapshot(SALE).await, Some((Position(3), Bytes::from("again"))));
}

pub(crate) async fn a_snapshot_that_cannot_be_right_is_refused<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one"]).await;
    let newer = journal.put_snapshot(SALE, Position(2), Bytes::from("of nothing")).await;
    assert!(matches!(newer, Err(SaveError::Invalid(_))), "{newer:?}");
    let large = Bytes::from(vec![0; MAX_SNAPSHOT_BYTES + 1]);
    let large = journal.put_snapshot(SALE, Position(1), large).await;
    assert!(matches!(large, Err(SaveError::Invalid(_))), "{large:?}");
    assert_eq!(journal.snapshot(SALE).await, None);
}
