//! Sessions: rotation of refresh tokens, the grace period for a second tab, and the reuse of a copied token.

use crate::common::{Fixture, at, new_session, token};
use fairseat_domain::ids::AccountId;
use fairseat_store::SessionId;
use fairseat_store::session_access::SessionQuery;
use fairseat_store::sessions::{CookieOwner, NewSession, Rotation, SessionKind, SessionSecret};
use fairseat_store::users::{PasswordHash, SecurityChange};

const DAY: i64 = 24 * 3600;

/// The old token, the new one, the second, and the outcome.
type Step = (char, char, i64, &'static str);

/// An account with a session whose first token is `a`, begun at second 0.
async fn signed_in() -> (Fixture, AccountId) {
    let fixture = Fixture::new().await;
    let anna = fixture.user("anna@x.test").await.id;
    fixture.session(anna, token('a'), 0).await;
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
        (
            "after ninety days it ends, however often it was used",
            &[
                ('a', 'b', 29 * DAY, "rotated"),
                ('b', 'c', 58 * DAY, "rotated"),
                ('c', 'd', 87 * DAY, "rotated"),
                ('d', 'e', 90 * DAY - 1, "rotated"),
                ('e', 'f', 90 * DAY, "ended"),
            ],
        ),
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
    let second = fixture.session(anna, token('s'), 10).await;
    let bert = fixture.user("bert@x.test").await.id;
    let [kept, _] =
        [fixture.session(bert, token('t'), 10).await, fixture.session(bert, token('u'), 10).await];
    let listed = sessions.list(anna, at(20)).await.unwrap();
    assert_eq!((listed.len(), &listed[0]), (2, &second), "the most recently used first");
    assert!(sessions.revoke(second.id, at(21)).await.unwrap());
    assert!(!sessions.revoke(second.id, at(22)).await.unwrap(), "it has ended already");
    assert_eq!(sessions.revoke_by_token(token('a'), at(23)).await.unwrap(), Some(anna));
    assert_eq!(sessions.revoke_by_token(token('a'), at(23)).await.unwrap(), None, "it has ended already");
    assert_eq!(sessions.list(anna, at(24)).await.unwrap(), []);
    assert_eq!(trade(&fixture, 'a', 'b', 25).await, "ended");
    assert_eq!(sessions.revoke_all(bert, Some(kept.id), at(26)).await.unwrap(), 1);
    assert_eq!(sessions.list(bert, at(27)).await.unwrap(), [kept]);
    assert_eq!(sessions.revoke_all(bert, None, at(28)).await.unwrap(), 1);
    assert_eq!(sessions.list(bert, at(29)).await.unwrap(), []);
}

#[tokio::test]
async fn one_session_too_many_ends_the_least_recently_used() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    for second in 1..=100_u8 {
        fixture.session(anna, [second + 100; 32], second.into()).await;
    }
    assert_eq!(sessions.list(anna, at(200)).await.unwrap().len(), 100);
    assert_eq!(trade(&fixture, 'a', 'b', 200).await, "unknown", "the first session was deleted");
    let second = sessions.rotate([101; 32], token('c'), at(200)).await.unwrap();
    assert!(matches!(second, Rotation::Rotated(_)), "no other session ended");
}

#[tokio::test]
async fn session_queries_are_answered_in_their_order() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    let active = fixture.session(anna, token('s'), 1).await.id;
    let ended = fixture.session(anna, token('t'), 1).await.id;
    let bert = fixture.user("bert@x.test").await.id;
    sessions.revoke(ended, at(2)).await.unwrap();
    let query = |session, account| SessionQuery { session, account, now: at(3) };
    let nobody = query(SessionId::random(), AccountId(5));
    let queries = vec![nobody, query(active, anna), query(ended, anna), query(active, bert)];
    let answers = fixture.store.session_access().of(queries).await.unwrap();
    let found: Vec<_> =
        answers.iter().map(|answer| (answer.session.is_some(), answer.access.is_some())).collect();
    assert_eq!(found, [(false, false), (true, true), (false, true), (false, true)]);
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

#[tokio::test]
async fn cookies_and_refresh_tokens_do_not_convert() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    let browser = new_session(anna, SessionSecret::Cookie(token('k')));
    let browser = sessions.create(browser, at(0)).await.unwrap().unwrap();
    assert_eq!(browser.kind, SessionKind::Cookie);
    let of_cookie = async |letter| sessions.of_cookie(token(letter), at(1)).await.unwrap();
    assert_eq!(of_cookie('k').await, CookieOwner::Session(browser.clone()));
    assert_eq!(of_cookie('a').await, CookieOwner::Unknown, "a current refresh token is no cookie");
    assert_eq!(trade(&fixture, 'k', 'x', 1).await, "unknown", "a cookie gives no tokens");
    assert_eq!(sessions.revoke_by_token(token('k'), at(1)).await.unwrap(), None);
    assert_eq!(of_cookie('k').await, CookieOwner::Session(browser));
}

#[tokio::test]
async fn a_replaced_refresh_token_that_is_shown_as_a_cookie_ends_its_session() {
    let (fixture, anna) = signed_in().await;
    let sessions = fixture.store.sessions();
    assert_eq!(trade(&fixture, 'a', 'b', 60).await, "rotated");
    let of_cookie = async |second| sessions.of_cookie(token('a'), at(second)).await.unwrap();
    assert_eq!(of_cookie(90).await, CookieOwner::Unknown, "a second tab may still have it");
    assert_eq!(sessions.end_reused(token('a'), at(90)).await.unwrap(), None);
    assert_eq!(of_cookie(91).await, CookieOwner::ReusedToken);
    assert_eq!(sessions.end_reused(token('a'), at(91)).await.unwrap().unwrap().user, anna);
    assert_eq!(trade(&fixture, 'b', 'c', 92).await, "ended");
    assert_eq!(of_cookie(93).await, CookieOwner::Unknown);
}

#[tokio::test]
async fn a_browser_session_lasts_while_it_is_used_and_ends_at_the_latest_after_ninety_days() {
    let fixture = Fixture::new().await;
    let anna = fixture.user("anna@x.test").await.id;
    let sessions = fixture.store.sessions();
    let begun = sessions.create(new_session(anna, SessionSecret::Cookie(token('k'))), at(0)).await;
    let session = begun.unwrap().unwrap().id;
    let is_there = async |second| {
        matches!(sessions.of_cookie(token('k'), at(second)).await.unwrap(), CookieOwner::Session(_))
    };
    assert!(is_there(30 * DAY - 1).await && !is_there(30 * DAY).await);
    for day in [29, 58, 87] {
        sessions.used(session, at(day * DAY)).await.unwrap();
    }
    assert!(is_there(90 * DAY - 1).await && !is_there(90 * DAY).await);
    sessions.used(session, at(90 * DAY)).await.unwrap();
    assert!(!is_there(90 * DAY).await, "a session that has ended stays ended");
}

#[tokio::test]
async fn no_session_begins_with_a_password_that_was_changed_meanwhile() {
    let fixture = Fixture::new().await;
    let anna = fixture.user("anna@x.test").await.id;
    let users = fixture.store.users();
    users
        .change_password(anna, PasswordHash("new".to_owned()), SecurityChange::default(), at(1))
        .await
        .unwrap();
    let begin = async |auth_epoch| {
        let secret = SessionSecret::RefreshToken(token('s'));
        fixture.store.sessions().create(NewSession { user: anna, auth_epoch, secret }, at(2)).await.unwrap()
    };
    assert_eq!(begin(0).await, None);
    assert!(begin(1).await.is_some());
}
