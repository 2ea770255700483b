//! Sessions: rotation of refresh tokens, the grace period for a second tab, and the reuse of a copied token.

use crate::common::{Fixture, at, token};
use fairseat_domain::ids::AccountId;
use fairseat_store::SessionId;
use fairseat_store::session_access::SessionQuery;
use fairseat_store::sessions::Rotation;

const DAY: i64 = 24 * 3600;

/// The old token, the new one, the second, and the outcome.
type Step = (char, char, i64, &'static str);

/// An account with a session whose first token is `a`, begun at second 0.
async fn signed_in() -> (Fixture, AccountId) {
    let fixture = Fixture::new().await;
    let anna = fixture.user("anna@x.test").await.id;
    fixture.store.sessions().create(anna, token('a'), at(0)).await.unwrap();
    (fixture, anna)
}

/// The outcome of replacing `old` by `new` at a second.
async fn trade(fixture: &Fixture, old: char, new: char, second: i64) -> &'static str {
    match fixture.store.sessions().rotate(token(old), token(new), at(second)).await.unwrap() {
        Rotation::Rotated(_) => "rotated",
        Rotation::Grace(_) => "grace",
        Rotation::Reused(_) => "reused",
        Rotation::Ended => "ended",
        Rotation::Unknown => "unknown",
    }
}

#[tokio::test]
async fn rotation_grace_and_reuse_of_refresh_tokens() {
    let histories: &[(&str, &[Step])] = &[
        ("one after another", &[('a', 'b', 60, "rotated"), ('b', 'c', 120, "rotated")]),
        ("never given out", &[('z', 'y', 1, "unknown"), ('a', 'b', 2, "rotated")]),
        (
            "a second tab in time goes on with a token of its own",
            &[
                ('a', 'b', 60, "rotated"),
                ('a', 'c', 90, "grace"),
                ('b', 'd', 99, "rotated"),
                ('c', 'e', 99, "rotated"),
            ],
        ),
        (
            "a second tab too late ends the family",
            &[
                ('a', 'b', 60, "rotated"),
                ('a', 'c', 91, "reused"),
                ('b', 'd', 92, "ended"),
                ('c', 'd', 92, "unknown"),
            ],
        ),
        (
            "reuse of one before the previous ends the family, however soon",
            &[
                ('a', 'b', 1, "rotated"),
                ('b', 'c', 2, "rotated"),
                ('a', 'd', 3, "reused"),
                ('c', 'e', 4, "ended"),
            ],
        ),
        (
            "used within thirty days it lasts",
            &[('a', 'b', 29 * DAY, "rotated"), ('b', 'c', 58 * DAY, "rotated")],
        ),
        ("unused for thirty days it ends", &[('a', 'b', 30 * DAY, "ended")]),
    ];
    for (name, history) in histories {
        let (fixture, _) = signed_in().await;
        for &(old, new, second, expected) in *history {
            assert_eq!(trade(&fixture, old, new, second).await, expected, "{name}: {old} for {new}");
        }
    }
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_stay_signed_in() {
    let (fixture, _) = signed_in().await;
    let rotate = |new| {
        let store = fixture.store.clone();
        tokio::spawn(async move { store.sessions().rotate(token('a'), token(new), at(60)).await.unwrap() })
    };
    let (one, two) = (rotate('b'), rotate('c'));
    let answers = [one.await.unwrap(), two.await.unwrap()];
    let count = |wanted: fn(&Rotation) -> bool| answers.iter().filter(|answer| wanted(answer)).count();
    assert_eq!(count(|answer| matches!(answer, Rotation::Rotated(_))), 1);
    assert_eq!(count(|answer| matches!(answer, Rotation::Grace(_))), 1);
    assert_eq!(trade(&fixture, 'b', 'd', 70).await, "rotated");
    assert_eq!(trade(&fixture, 'c', 'e', 70).await, "rotated");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    let second = sessions.create(anna, token('s'), at(10)).await.unwrap();
    let bert = fixture.user("bert@x.test").await.id;
    sessions.create(bert, token('t'), at(10)).await.unwrap();
    let listed = sessions.list(anna, at(20)).await.unwrap();
    assert_eq!((listed.len(), &listed[0]), (2, &second), "the most recently used first");
    assert!(sessions.revoke(second.id, at(21)).await.unwrap());
    assert!(!sessions.revoke(second.id, at(22)).await.unwrap(), "it has ended already");
    assert!(sessions.revoke_by_token(token('a'), at(23)).await.unwrap());
    assert_eq!(sessions.list(anna, at(24)).await.unwrap(), []);
    assert_eq!(trade(&fixture, 'a', 'b', 25).await, "ended");
    sessions.revoke_all(bert, at(26)).await.unwrap();
    assert_eq!(sessions.list(bert, at(27)).await.unwrap(), []);
    assert_eq!(fixture.store.users().by_id(bert).await.unwrap().unwrap().auth_epoch, 1);
}

#[tokio::test]
async fn one_session_too_many_ends_the_least_recently_used() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    for second in 1..=100_u8 {
        sessions.create(anna, [second + 100; 32], at(second.into())).await.unwrap();
    }
    assert_eq!(sessions.list(anna, at(200)).await.unwrap().len(), 100);
    assert_eq!(trade(&fixture, 'a', 'b', 200).await, "unknown", "the first session was deleted");
    let second = sessions.of_token([101; 32], at(200)).await.unwrap();
    assert!(second.is_some(), "no other session ended");
}

#[tokio::test]
async fn session_queries_are_answered_in_their_order() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    let [active, ended] =
        [sessions.create(anna, token('s'), at(1)), sessions.create(anna, token('t'), at(1))];
    let (active, ended) = (active.await.unwrap().id, ended.await.unwrap().id);
    sessions.revoke(ended, at(2)).await.unwrap();
    let query = |session, account| SessionQuery { session, account, now: at(3) };
    let nobody = query(SessionId::random(), AccountId(5));
    let queries = vec![nobody, query(active, anna), query(ended, anna)];
    let answers = fixture.store.session_access().of(queries).await.unwrap();
    let found: Vec<_> = answers.iter().map(|answer| (answer.is_active, answer.access.is_some())).collect();
    assert_eq!(found, [(false, false), (true, true), (false, true)]);
}

#[tokio::test]
async fn purging_deletes_expired_sessions_only() {
    let (fixture, anna) = signed_in().await;
    trade(&fixture, 'a', 'b', 20 * DAY).await;
    fixture.store.purge(at(49 * DAY)).await.unwrap();
    assert_eq!(fixture.store.sessions().list(anna, at(49 * DAY)).await.unwrap().len(), 1);
    assert_eq!(trade(&fixture, 'b', 'c', 49 * DAY).await, "rotated");
    let expires = 79 * DAY;
    fixture.store.purge(at(expires - 1)).await.unwrap();
    assert_eq!(fixture.store.sessions().list(anna, at(expires - 1)).await.unwrap().len(), 1);
    fixture.store.purge(at(expires)).await.unwrap();
    assert_eq!(trade(&fixture, 'c', 'd', expires).await, "unknown");
}
