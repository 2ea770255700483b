//! The outbox queues a message once; idempotency answers a request once.

use crate::common::{Fixture, HOUR, at, event_details};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_store::events::NewEvent;
use fairseat_store::idempotency::Claim;
use fairseat_store::mailbox::{File, Letter};
use fairseat_store::outbox::Message;

fn message(key: &str, recipient: AccountId) -> Message {
    Message {
        dedupe_key: key.to_owned(),
        kind: "order_confirmed".to_owned(),
        recipient,
        event: Some(EventNumber(1)),
        as_of: Some(1),
        data: "{}".to_owned(),
        expires_at: at(HOUR),
    }
}

#[tokio::test]
async fn a_message_is_queued_once() {
    let fixture = Fixture::new().await;
    let outbox = fixture.store.outbox();
    let anna = fixture.user("anna@x.test").await.id;
    assert!(outbox.queue(message("order 1", anna), at(1)).await.unwrap());
    assert!(!outbox.queue(message("order 1", anna), at(2)).await.unwrap());
    let batch = ["order 1", "order 2", "order 3", "order 3"].map(|key| message(key, anna));
    assert_eq!(outbox.queue_all(batch.to_vec(), at(3)).await.unwrap(), 2);
    let pending = outbox.pending(0, 10).await.unwrap();
    let keys: Vec<_> = pending.iter().map(|queued| queued.message.dedupe_key.as_str()).collect();
    assert_eq!(keys, ["order 1", "order 2", "order 3"]);
    assert_eq!((pending[0].created_at, &pending[0].message), (at(1), &message("order 1", anna)));
    assert_eq!(outbox.pending(pending[0].id, 1).await.unwrap(), pending[1..2]);
    assert_eq!(outbox.count().await.unwrap(), 3);
}

#[tokio::test]
async fn messages_need_an_account_and_are_deleted_with_it() {
    let fixture = Fixture::new().await;
    let outbox = fixture.store.outbox();
    let (anna, bert) = (fixture.user("anna@x.test").await.id, fixture.user("bert@x.test").await.id);
    let one_to_nobody = vec![message("1", anna), message("2", AccountId(7))];
    assert!(outbox.queue_all(one_to_nobody, at(1)).await.is_err());
    assert_eq!(outbox.count().await.unwrap(), 0, "all or none");
    outbox.queue_all(vec![message("1", anna), message("2", bert)], at(1)).await.unwrap();
    fixture.store.users().delete(anna, at(2)).await.unwrap();
    let left: Vec<_> =
        outbox.pending(0, 10).await.unwrap().into_iter().map(|queued| queued.message).collect();
    assert_eq!(left, [message("2", bert)]);
}

/// A message that belongs to no event.
fn letter(key: &str, recipient: AccountId) -> Message {
    Message { event: None, as_of: None, ..message(key, recipient) }
}

impl Fixture {
    /// Claims at most two messages for ten seconds, and returns their keys.
    async fn claimed(&self, second: i64) -> Vec<String> {
        let claimed = self.store.outbox().claim(2, at(second), at(second + 10)).await.unwrap();
        claimed.into_iter().map(|queued| queued.message.dedupe_key).collect()
    }
}

#[tokio::test]
async fn a_claimed_message_cannot_be_claimed_again_until_the_claim_expires() {
    let fixture = Fixture::new().await;
    let outbox = fixture.store.outbox();
    let anna = fixture.user("anna@x.test").await.id;
    outbox.queue_all(["1", "2", "3"].map(|key| message(key, anna)).to_vec(), at(1)).await.unwrap();
    outbox.queue(letter("link", anna), at(2)).await.unwrap();
    assert!(!outbox.is_due(at(0)).await.unwrap());
    assert!(fixture.claimed(0).await.is_empty());
    assert_eq!(fixture.claimed(5).await, ["1", "link"], "messages without an event come first");
    assert_eq!(fixture.claimed(6).await, ["2", "3"]);
    assert!(!outbox.is_due(at(14)).await.unwrap());
    assert!(outbox.is_due(at(15)).await.unwrap());
    assert_eq!(outbox.count().await.unwrap(), 4, "claimed messages still count");
    let again = outbox.claim(1, at(15), at(25)).await.unwrap();
    assert_eq!((again[0].message.dedupe_key.as_str(), again[0].attempts), ("link", 2));
    let late = fairseat_store::outbox::QueuedMessage { attempts: 1, ..again[0].clone() };
    outbox.postpone(&late, at(16)).await.unwrap();
    assert_eq!(
        fixture.claimed(17).await,
        ["1", "2"],
        "a sender whose claim expired cannot postpone the message"
    );
    outbox.postpone(&again[0], at(18)).await.unwrap();
    assert_eq!(fixture.claimed(18).await, ["3", "link"]);
}

#[tokio::test]
async fn only_the_key_of_an_ended_message_is_kept_and_only_for_a_while() {
    let fixture = Fixture::new().await;
    let outbox = fixture.store.outbox();
    let anna = fixture.user("anna@x.test").await.id;
    let secret = Message { data: "planted".to_owned(), ..message("1", anna) };
    outbox.queue(secret, at(1)).await.unwrap();
    let id = outbox.pending(0, 1).await.unwrap()[0].id;
    assert_eq!(outbox.oldest().await.unwrap(), Some(at(1)));
    outbox.end(id, at(2)).await.unwrap();
    assert_eq!((outbox.count().await.unwrap(), outbox.oldest().await.unwrap()), (0, None));
    assert!(fixture.claimed(1_000).await.is_empty());
    assert_eq!(fixture.text("SELECT data FROM outbox").await, "");
    let forgotten_at = 2 + 90 * 24 * HOUR;
    fixture.store.purge(at(forgotten_at - 1)).await.unwrap();
    assert!(!outbox.queue(message("1", anna), at(3)).await.unwrap(), "its key is still there");
    fixture.store.purge(at(forgotten_at)).await.unwrap();
    assert!(outbox.queue(message("1", anna), at(4)).await.unwrap());
    fixture.store.purge(at(forgotten_at)).await.unwrap();
    assert_eq!(outbox.count().await.unwrap(), 1, "a waiting message is not purged");
}

#[tokio::test]
async fn messages_of_lost_versions_of_a_sale_are_deleted() {
    let fixture = Fixture::new().await;
    let outbox = fixture.store.outbox();
    let anna = fixture.user("anna@x.test").await.id;
    let of = |key: &str, event, version| Message {
        event: Some(EventNumber(event)),
        as_of: Some(version),
        ..message(key, anna)
    };
    let queued = vec![of("kept", 1, 4), of("lost", 1, 5), of("other", 2, 9), letter("link", anna)];
    outbox.queue_all(queued, at(1)).await.unwrap();
    assert_eq!(outbox.events().await.unwrap(), [EventNumber(1), EventNumber(2)]);
    outbox.forget_after(EventNumber(1), 4).await.unwrap();
    let left = outbox.pending(0, 10).await.unwrap();
    let left: Vec<_> = left.iter().map(|queued| queued.message.dedupe_key.as_str()).collect();
    assert_eq!(left, ["kept", "other", "link"]);
}

#[tokio::test]
async fn the_mailbox_keeps_the_newest_letters_once_each() {
    let fixture = Fixture::new().await;
    let mailbox = fixture.store.mailbox();
    let (anna, bert) = (fixture.user("anna@x.test").await.id, fixture.user("bert@x.test").await.id);
    let letter = |number: u128, recipient| Letter {
        message_id: uuid::Uuid::from_u128(number),
        recipient,
        address: "anna@x.test".to_owned(),
        subject: format!("Letter {number}"),
        text: "Text".to_owned(),
        html: "<p>Text".to_owned(),
        sent_at: at(i64::try_from(number / 2).unwrap()),
        files: Vec::new(),
    };
    let enclosed = |name: &str, content: &[u8]| File { name: name.to_owned(), content: content.to_vec() };
    let two = vec![enclosed("b", b"2"), enclosed("a", b"1")];
    mailbox.put(Letter { files: two, ..letter(2_000, bert) }).await.unwrap();
    mailbox.put(Letter { files: vec![enclosed("c", b"3")], ..letter(2_000, bert) }).await.unwrap();
    let kept = mailbox.by_id(uuid::Uuid::from_u128(2_000)).await.unwrap().unwrap();
    assert_eq!(kept.files, [enclosed("a", b""), enclosed("b", b"")], "names are enough");
    let file = async |name: &str| mailbox.file(uuid::Uuid::from_u128(2_000), name.to_owned()).await.unwrap();
    assert_eq!((file("b").await, file("c").await), (Some(b"2".to_vec()), None));
    fixture.store.users().delete(bert, at(2)).await.unwrap();
    assert_eq!(file("b").await, None);
    let bert = fixture.user("bertha@x.test").await.id;
    for number in 0..1_003 {
        mailbox.put(letter(number, anna)).await.unwrap();
    }
    mailbox.put(letter(1_000, bert)).await.unwrap();
    let page = fairseat_store::Page { limit: 2, offset: 1 };
    let listed = mailbox.list(page).await.unwrap();
    assert_eq!((listed.rows, listed.total), (vec![letter(1_001, anna), letter(1_000, anna)], 1_000));
    let one = async |number| mailbox.by_id(uuid::Uuid::from_u128(number)).await.unwrap();
    assert_eq!((one(2).await, one(3).await), (None, Some(letter(3, anna))), "the oldest made room");
    fixture.store.users().delete(anna, at(2)).await.unwrap();
    assert_eq!(mailbox.list(page).await.unwrap().total, 0);
}

/// The answer to a request with this body at this time, in the words of the histories below.
async fn ask(fixture: &Fixture, body: u8, second: i64) -> String {
    match fixture.store.idempotency().begin([1; 32], [body; 32], None, at(second)).await.unwrap() {
        Claim::Fresh { entered: None } => "fresh".to_owned(),
        Claim::Fresh { entered: Some(number) } => format!("fresh, {number} is there"),
        Claim::InFlight => "in flight".to_owned(),
        Claim::Replay { status, body } => format!("{status} {}", String::from_utf8(body).unwrap()),
        Claim::Mismatch => "mismatch".to_owned(),
    }
}

/// Creates the store's first event under the key.
async fn enter_an_event(fixture: &Fixture) {
    let (organization, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(organization).await;
    let new = NewEvent { organization: venue.organization, venue: venue.id, details: event_details("First") };
    let entered = fixture.store.events().create(new, Some([1; 32]), at(0)).await.unwrap();
    assert_eq!(entered.number.0, 1);
}

#[derive(Debug)]
enum Step {
    Ask(u8, i64, &'static str),
    Finish(u16, &'static str),
    /// A request creates an event under its key.
    Enter,
    Release,
    Restart,
}

#[tokio::test]
async fn claims_answers_and_restarts_of_a_key() {
    use Step::{Ask, Enter, Finish, Release, Restart};
    let histories: &[&[Step]] = &[
        &[Ask(1, 0, "fresh"), Finish(201, "made"), Ask(1, 1, "201 made"), Ask(1, 24 * HOUR - 1, "201 made")],
        &[Ask(1, 0, "fresh"), Finish(201, "made"), Ask(2, 1, "mismatch"), Ask(1, 2, "201 made")],
        &[Ask(1, 0, "fresh"), Ask(1, 59, "in flight"), Ask(2, 59, "mismatch")],
        &[
            Ask(1, 0, "fresh"),
            Ask(1, 60, "fresh"),
            Ask(1, 61, "in flight"),
            Finish(201, "made"),
            Ask(1, 62, "201 made"),
        ],
        &[Ask(1, 0, "fresh"), Release, Ask(2, 1, "fresh")],
        &[Ask(1, 0, "fresh"), Finish(201, "made"), Release, Finish(500, "late"), Ask(1, 1, "201 made")],
        &[Ask(1, 0, "fresh"), Finish(201, "made"), Ask(2, 24 * HOUR, "fresh")],
        &[Ask(1, 0, "fresh"), Restart, Ask(2, 1, "fresh")],
        &[Ask(1, 0, "fresh"), Finish(201, "made"), Restart, Ask(1, 1, "201 made")],
        &[Ask(1, 0, "fresh"), Enter, Ask(1, 1, "in flight"), Release, Ask(1, 2, "fresh, 1 is there")],
        &[
            Ask(1, 0, "fresh"),
            Enter,
            Ask(1, 60, "fresh, 1 is there"),
            Finish(201, "made"),
            Ask(1, 61, "201 made"),
        ],
        &[
            Ask(1, 0, "fresh"),
            Enter,
            Restart,
            Ask(2, 1, "mismatch"),
            Ask(1, 1, "fresh, 1 is there"),
            Ask(1, 2, "in flight"),
            Restart,
            Ask(1, 3, "fresh, 1 is there"),
            Ask(1, 24 * HOUR + 3, "fresh"),
        ],
    ];
    for history in histories {
        let fixture = Fixture::new().await;
        let idempotency = fixture.store.idempotency();
        for step in *history {
            match step {
                Ask(body, second, expected) => {
                    assert_eq!(ask(&fixture, *body, *second).await, *expected, "{step:?} in {history:?}");
                }
                Finish(status, body) => {
                    idempotency.finish([1; 32], *status, body.as_bytes().to_vec()).await.unwrap();
                }
                Enter => enter_an_event(&fixture).await,
                Release => idempotency.release([1; 32]).await.unwrap(),
                Restart => idempotency.end_claims().await.unwrap(),
            }
        }
    }
}

#[tokio::test]
async fn one_of_many_simultaneous_requests_runs() {
    let fixture = Fixture::new().await;
    let asks: Vec<_> = (0..16)
        .map(|_| {
            let store = fixture.store.clone();
            tokio::spawn(
                async move { store.idempotency().begin([1; 32], [1; 32], None, at(0)).await.unwrap() },
            )
        })
        .collect();
    let mut answers = Vec::new();
    for ask in asks {
        answers.push(ask.await.unwrap());
    }
    answers.sort_by_key(|answer| *answer == Claim::InFlight);
    assert_eq!(answers[0], Claim::Fresh { entered: None });
    assert!(answers[1..].iter().all(|answer| *answer == Claim::InFlight));
}

#[tokio::test]
async fn answers_are_purged_after_a_day() {
    let fixture = Fixture::new().await;
    ask(&fixture, 1, 0).await;
    fixture.store.idempotency().finish([1; 32], 201, Vec::new()).await.unwrap();
    fixture.store.purge(at(24 * HOUR - 1)).await.unwrap();
    assert_eq!(ask(&fixture, 1, 1).await, "201 ");
    fixture.store.purge(at(24 * HOUR)).await.unwrap();
    assert_eq!(ask(&fixture, 2, 1).await, "fresh");
}

/// An answer may name its own caller, or somebody else: the owner of an organization gets the address of a new member.
#[tokio::test]
async fn kept_answers_die_with_the_accounts_that_they_name() {
    let fixture = Fixture::new().await;
    let (anna, bert) = (fixture.user("anna@x.test").await.id, fixture.user("bert@x.test").await.id);
    let idempotency = fixture.store.idempotency();
    let of_bert = format!("{{\"user_id\":\"{}\"}}", uuid::Uuid::from_u128(bert.0));
    for (key, account, body) in [
        (1, Some(anna), "{\"event_id\":7}".to_owned()),
        (2, Some(bert), "{\"event_id\":7}".to_owned()),
        (3, Some(anna), of_bert),
        (4, None, "{\"email\":\"bert@x.test\"}".to_owned()),
        (5, None, "{\"email\":\"robert@x.test\"}".to_owned()),
    ] {
        idempotency.begin([key; 32], [1; 32], account, at(0)).await.unwrap();
        idempotency.finish([key; 32], 201, body.into_bytes()).await.unwrap();
    }
    fixture.store.users().delete(bert, at(1)).await.unwrap();
    for (key, kept) in [(1, true), (2, false), (3, false), (4, false), (5, true)] {
        let claim = idempotency.begin([key; 32], [1; 32], None, at(2)).await.unwrap();
        assert_eq!(matches!(claim, Claim::Replay { .. }), kept, "{key}: {claim:?}");
    }
}
