//! Of many nodes, one polls each list at a time.

use fairseat_journal::{
    Append, ConsumerName, Head, Journal, PostgresJournal, PostgresOptions, StreamId, StreamKind,
};
use fairseat_test_postgres::PostgresServer;

use crate::support::{FAST, SALE, admin, append, append_to, options, prepared};

async fn node(server: &PostgresServer, name: &str) -> PostgresJournal {
    let options = PostgresOptions { node: name.to_owned(), ..options() };
    PostgresJournal::open(&server.url("postgres"), options).await.unwrap()
}

#[tokio::test]
async fn one_node_polls_until_its_lease_has_ended() {
    let server = prepared(&[FAST]).await;
    let (one, other) = (node(&server, "one").await, node(&server, "other").await);
    let due = Append { deadline: Some(5), ..append(&one, "due").await };
    one.append(due).await.unwrap();
    let kind = StreamKind(0);
    let views = ConsumerName("views");
    assert_eq!(one.due(kind, 5, 9).await.unwrap(), [(SALE, 5)]);
    assert_eq!(one.behind(views, kind, None, 9).await.unwrap(), [SALE]);
    assert_eq!(other.due(kind, 5, 9).await.unwrap(), []);
    assert_eq!(other.behind(views, kind, None, 9).await.unwrap(), []);
    assert_eq!(other.behind(ConsumerName("messages"), kind, None, 9).await.unwrap(), [SALE]);

    let admin = admin(&server).await;
    admin.batch_execute("UPDATE fairseat_journal.lease SET until = now() - interval '1 ms'").await.unwrap();
    assert_eq!(other.due(kind, 5, 9).await.unwrap(), [(SALE, 5)]);
    assert_eq!(other.behind(views, kind, None, 9).await.unwrap(), [SALE]);
    assert_eq!(one.due(kind, 5, 9).await.unwrap(), []);
}

/// A stream that is made while a consumer is registered must not be missed.
#[tokio::test]
async fn a_consumer_that_is_registered_while_streams_are_made_is_behind_with_all_of_them() {
    let server = prepared(&[FAST]).await;
    let journal = node(&server, "one").await;
    let streams = (1..=40).map(|number| {
        let append = Append { stream: StreamId(number), ..append_to(Head::default(), "first") };
        journal.append(append)
    });
    let registering = (0..40).map(|_| journal.behind(ConsumerName("views"), StreamKind(0), None, 99));
    let (made, _listed) =
        tokio::join!(futures::future::join_all(streams), futures::future::join_all(registering));
    let behind = journal.behind(ConsumerName("views"), StreamKind(0), None, 99).await.unwrap();
    assert_eq!(behind.len(), made.len());
}
