//! The publisher for Kafka against librdkafka's mock cluster, read back with librdkafka's consumer.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, wherever it stands")]

use fairseat_bus::data::{EventEnd, SeatData, SeatsData};
use fairseat_bus::kafka::{KafkaOptions, KafkaPublisher, Password, Sasl, SaslMechanism, Tls};
use fairseat_bus::{Body, Message, Place, PublishError, Publisher as _, Time, Topic};
use fairseat_test_broker::{BrokerError, BrokerProxy, ProxyOptions, Received, TestBroker, Users};
use std::collections::BTreeSet;
use std::path::Path;
use uuid::Uuid;

const TOPICS: [&str; 4] = ["test.events", "test.seats", "test.orders", "test.tickets"];
const AT: i64 = 1_767_225_600_123;

fn options(address: &str) -> KafkaOptions {
    KafkaOptions {
        brokers: vec![address.to_owned()],
        topic_prefix: "test.".to_owned(),
        tls: None,
        sasl: None,
    }
}

fn publisher(address: &str) -> KafkaPublisher {
    KafkaPublisher::new(options(address)).unwrap()
}

fn event(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A message about seats, with so many of them.
fn seats(number: u128, position: u64, seats: usize) -> Message {
    let place = Place { event: event(number), position, entry: 0, index: 0, at: Time(AT) };
    let seat = SeatData { seat_id: Uuid::nil(), status: "sold" };
    Message::new(&place, &Body::SeatsChanged(SeatsData { event_id: event(number), seats: vec![seat; seats] }))
        .unwrap()
}

fn cancelled(number: u128, position: u64) -> Message {
    let place = Place { event: event(number), position, entry: 0, index: 0, at: Time(AT) };
    Message::new(&place, &Body::EventCancelled(EventEnd { event_id: event(number) })).unwrap()
}

fn ids(messages: &[Received]) -> Vec<String> {
    let id = |message: &Received| {
        let json: serde_json::Value = serde_json::from_str(&message.value).unwrap();
        json["id"].as_str().unwrap().to_owned()
    };
    messages.iter().map(id).collect()
}

/// The ids of one event, in the order in which a reader that drops repeats sees them.
fn without_repeats(messages: &[Received], number: u128) -> Vec<String> {
    let key = event(number).to_string();
    let of_event: Vec<_> = messages.iter().filter(|message| message.key == key).cloned().collect();
    let mut seen = BTreeSet::new();
    ids(&of_event).into_iter().filter(|id| seen.insert(id.clone())).collect()
}

fn expected(messages: &[Message]) -> Vec<String> {
    let id = |message: &Message| {
        let json: serde_json::Value = serde_json::from_slice(&message.json).unwrap();
        json["id"].as_str().unwrap().to_owned()
    };
    messages.iter().map(id).collect()
}

#[tokio::test]
async fn messages_are_in_their_topic_under_their_key_and_in_order() {
    let broker = TestBroker::start(&TOPICS, 3);
    let publisher = publisher(&broker.address());
    // Large ones in between, so that they become several batches.
    let of = |number| -> Vec<Message> {
        (1..=40).map(|position| seats(number, position, if position % 4 == 0 { 1_000 } else { 1 })).collect()
    };
    let (first, second) = (of(1), of(2));
    let mixed: Vec<Message> = first.iter().zip(&second).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    publisher.publish(&mixed).await.unwrap();
    publisher.publish(&[cancelled(1, 41)]).await.unwrap();

    let stored = broker.messages("test.seats");
    assert_eq!(stored.len(), 80);
    assert_eq!(without_repeats(&stored, 1), expected(&first));
    assert_eq!(without_repeats(&stored, 2), expected(&second));
    let [end] = &broker.messages("test.events")[..] else { panic!("one message") };
    assert_eq!(end.key, event(1).to_string());
    assert_eq!(end.timestamp, Some(AT));
    let content_type = ("content-type".to_owned(), "application/cloudevents+json; charset=UTF-8".to_owned());
    assert_eq!(end.headers, [content_type]);
    assert_eq!(end.value.as_bytes(), cancelled(1, 41).json);
    assert!(broker.messages("test.orders").is_empty());
}

#[tokio::test]
async fn a_key_is_in_the_partition_that_other_clients_expect() {
    let broker = TestBroker::start(&TOPICS, 7);
    let publisher = publisher(&broker.address());
    for number in 0..20 {
        publisher.publish(&[cancelled(number, 1)]).await.unwrap();
    }
    let ours = broker.messages("test.events");
    let keys: Vec<String> = (0..20).map(|number| event(number).to_string()).collect();
    let of_key = |key: &String| ours.iter().find(|message| message.key == *key).unwrap().partition;
    let ours: Vec<i32> = keys.iter().map(of_key).collect();
    assert_eq!(ours, broker.partitions_of("test.tickets", &keys));
}

#[tokio::test]
async fn a_broker_that_goes_away_and_returns_gets_the_rest() {
    let broker = TestBroker::start(&TOPICS, 2);
    let publisher = publisher(&broker.address());
    broker.go_away();
    assert!(matches!(publisher.check().await, Err(PublishError::Away(_))));
    broker.come_back();
    publisher.check().await.unwrap();
    publisher.publish(&[seats(1, 1, 1)]).await.unwrap();
    broker.go_away();
    let rest = [seats(1, 2, 1), seats(1, 3, 1)];
    let Err(PublishError::Away(reason)) = publisher.publish(&rest).await else { panic!("it is away") };
    assert!(!reason.is_empty());
    broker.come_back();
    publisher.check().await.unwrap();
    publisher.publish(&rest).await.unwrap();
    let all = [seats(1, 1, 1), rest[0].clone(), rest[1].clone()];
    assert_eq!(without_repeats(&broker.messages("test.seats"), 1), expected(&all));
}

#[tokio::test]
async fn only_errors_about_the_messages_themselves_are_refusals() {
    let broker = TestBroker::start(&TOPICS, 1);
    let publisher = publisher(&broker.address());
    let message = [seats(1, 1, 1)];
    // The client tries again by itself while a partition gets a new leader.
    broker.refuse(&[BrokerError::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION]);
    publisher.publish(&message).await.unwrap();
    for error in [
        BrokerError::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        BrokerError::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
    ] {
        broker.refuse(&[error; 50]);
        let refused = publisher.publish(&message).await;
        assert!(matches!(refused, Err(PublishError::Away(_))), "{error:?}: {refused:?}");
        broker.accept();
    }
    broker.refuse(&[BrokerError::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE; 50]);
    let Err(PublishError::Refused(reason)) = publisher.publish(&message).await else { panic!("refused") };
    assert!(reason.contains("test.seats") && reason.contains("max.message.bytes"), "{reason}");
    broker.accept();
    publisher.publish(&message).await.unwrap();
}

#[tokio::test]
async fn lost_acknowledgements_cause_repeats_and_never_another_order() {
    let broker = TestBroker::start(&TOPICS, 1);
    let proxy = BrokerProxy::start(&broker.address(), ProxyOptions::default()).await;
    let publisher = publisher(&proxy.address());
    // The first half is more than one batch. The mock keeps 5 MiB, so the half that is repeated often is small.
    let all: Vec<Message> =
        (1..=30).map(|position| seats(1, position, if position <= 15 { 600 } else { 1 })).collect();
    for (round, part) in all.chunks(15).enumerate() {
        proxy.lose_acknowledgements(1 + 100 * round);
        let mut attempts = 0;
        while publisher.publish(part).await.is_err() {
            attempts += 1;
            if attempts == 3 {
                proxy.lose_acknowledgements(0);
            }
        }
        assert_eq!(attempts > 0, round > 0, "one lost answer is repeated by the client itself");
    }
    let stored = broker.messages("test.seats");
    assert!(stored.len() > all.len(), "{} were lost", proxy.lost_acknowledgements());
    assert_eq!(without_repeats(&stored, 1), expected(&all));
}

#[tokio::test]
async fn a_topic_that_does_not_exist_is_named() {
    let broker = TestBroker::start(&TOPICS[..2], 1);
    let Err(PublishError::Away(reason)) = publisher(&broker.address()).check().await else {
        panic!("missing")
    };
    assert!(reason.contains("no topic test.orders: create it"), "{reason}");
}

fn with_password(address: &str, mechanism: SaslMechanism, password: &str, ca: Option<&Path>) -> KafkaOptions {
    let password = Password::new(password.to_owned());
    KafkaOptions {
        tls: ca.map(|ca| Tls { ca_file: Some(ca.to_owned()) }),
        sasl: Some(Sasl { mechanism, user: "fairseat".to_owned(), password }),
        ..options(address)
    }
}

#[tokio::test]
async fn connections_are_encrypted_and_sign_in() {
    let broker = TestBroker::start(&TOPICS, 1);
    let users = Users { user: "fairseat".to_owned(), password: "open sesame".to_owned() };
    let proxy = BrokerProxy::start(&broker.address(), ProxyOptions { tls: true, users: Some(users) }).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, proxy.certificate()).unwrap();
    let publisher = |mechanism, password, ca| {
        KafkaPublisher::new(with_password(&proxy.address(), mechanism, password, ca)).unwrap()
    };
    let ca = Some(&*ca);
    for (position, mechanism) in [(1, SaslMechanism::Plain), (2, SaslMechanism::ScramSha256)] {
        publisher(mechanism, "open sesame", ca).publish(&[cancelled(1, position)]).await.unwrap();
        let refused = publisher(mechanism, "open barley", ca).check().await.unwrap_err().to_string();
        assert!(refused.to_lowercase().contains("sasl"), "{refused}");
    }
    assert_eq!(broker.messages("test.events").len(), 2);
    let unsupported = publisher(SaslMechanism::ScramSha512, "open sesame", ca).check().await;
    assert!(unsupported.unwrap_err().to_string().to_lowercase().contains("mechanism"));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    let broker = TestBroker::start(&TOPICS, 1);
    let options = || ProxyOptions { tls: true, users: None };
    let proxy = BrokerProxy::start(&broker.address(), options()).await;
    let other = BrokerProxy::start(&broker.address(), options()).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, other.certificate()).unwrap();
    let trusting = |address: &str| {
        let tls = Some(Tls { ca_file: Some(ca.clone()) });
        KafkaPublisher::new(KafkaOptions { tls, ..self::options(address) }).unwrap()
    };
    trusting(&other.address()).check().await.unwrap();
    let refused = trusting(&proxy.address()).check().await.unwrap_err().to_string();
    assert!(refused.to_lowercase().contains("certificate"), "{refused}");
    // Without encryption the broker's answer makes no sense.
    assert!(publisher(&proxy.address()).check().await.is_err());
}

#[test]
fn every_kind_has_a_topic_and_a_name_of_its_own() {
    let names: BTreeSet<_> = fairseat_bus::Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), fairseat_bus::Kind::ALL.len());
    for topic in Topic::ALL {
        assert!(fairseat_bus::Kind::ALL.iter().any(|kind| kind.topic() == topic), "{topic:?}");
    }
}
