//! Snapshots: the newest of a stream is kept.

use bytes::Bytes;
use fairseat_journal::limits::MAX_SNAPSHOT_BYTES;
use fairseat_journal::{Head, SaveError};

use crate::fixture::{Fixture, OTHER_SALE, SALE, fill, head_at};

pub(crate) async fn the_newest_snapshot_is_kept<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two", "three"]).await;
    assert_eq!(journal.snapshot(SALE).await, None);
    for (position, bytes, kept) in
        [(1, "a", (1, "a")), (3, "b", (3, "b")), (2, "late", (3, "b")), (3, "again", (3, "again"))]
    {
        let at = head_at(journal, SALE, position).await;
        journal.put_snapshot(SALE, at, Bytes::from(bytes)).await.unwrap();
        let kept = (head_at(journal, SALE, kept.0).await, Bytes::from(kept.1));
        assert_eq!(journal.snapshot(SALE).await, Some(kept));
    }
    assert_eq!(journal.snapshot(OTHER_SALE).await, None);
    let fixture = fixture.reopen().await;
    let newest = (head_at(fixture.journal(), SALE, 3).await, Bytes::from("again"));
    assert_eq!(fixture.journal().snapshot(SALE).await, Some(newest));
}

pub(crate) async fn a_snapshot_that_cannot_be_right_is_refused<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one"]).await;
    let right = head_at(journal, SALE, 1).await;
    for wrong in [head_at(journal, SALE, 2).await, Head { hash: [7; 32], ..right }] {
        let refused = journal.put_snapshot(SALE, wrong, Bytes::from("of nothing")).await;
        assert!(matches!(refused, Err(SaveError::Invalid(_))), "{refused:?}");
    }
    let large = Bytes::from(vec![0; MAX_SNAPSHOT_BYTES + 1]);
    let large = journal.put_snapshot(SALE, right, large).await;
    assert!(matches!(large, Err(SaveError::Invalid(_))), "{large:?}");
    assert_eq!(journal.snapshot(SALE).await, None);
}
