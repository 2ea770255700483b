//! The store of a database that Citus distributes. Without Citus this test only says so.

use crate::common::{FOR_TESTS, at, connect_to, new_user};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::{Amount, Currency};
use fairseat_store::provider_records::{NewPayment, PaymentState, ProviderRecords};
use fairseat_store::{CitusError, Store};
use fairseat_test_postgres::{CitusCluster, NO_CITUS};
use std::sync::Arc;

const EVENTS: i64 = 20;

fn payment(event: EventNumber) -> NewPayment {
    NewPayment {
        key: (event, 1),
        amount: Amount(500),
        currency: Currency::USD,
        state: "authorized",
        reason: None,
        authorized: Amount(500),
    }
}

/// Whether all rows of an event are on the worker of its sale; the servers that have any.
const PLACES: &str = "SELECT count(DISTINCT nodename) = 1, min(nodename)::text FROM pg_dist_shard_placement WHERE shardid IN (
    SELECT get_shard_id_for_distribution_column(name, $1::bigint) FROM unnest(ARRAY['sale', 'fairseat_store.payments',
    'fairseat_store.refunds']::regclass[]) AS name)";

#[tokio::test]
async fn payments_of_an_event_lie_beside_its_sale_and_keep_their_rules() {
    let Some(cluster) = CitusCluster::start(&["fsync=off", "max_connections=200"], 2).unwrap() else {
        println!("{NO_CITUS}");
        return;
    };
    let url = cluster.database("shop").unwrap();
    let client = connect_to(&url).await;
    let sales = "CREATE TABLE sale (event bigint PRIMARY KEY); SELECT create_distributed_table('sale', 'event', shard_count := 4)";
    for statement in sales.split(';') {
        client.batch_execute(statement).await.unwrap();
    }
    let distribute = async |shards| Store::distribute_postgres(&url, shards, "public.sale").await;
    assert_eq!(distribute(4).await, Err(CitusError::NotPrepared));
    Store::prepare_postgres(&url).await.unwrap();
    let store = Store::open_postgres(&url, FOR_TESTS, Arc::new(|_, _| {})).await.unwrap();
    let records = ProviderRecords::beside(&store);
    let known = EventNumber(1);
    records.record(payment(known)).await.unwrap();

    for _ in 0..2 {
        distribute(4).await.unwrap();
        Store::prepare_postgres(&url).await.unwrap();
    }
    let other = CitusError::OtherNumber { schema: "fairseat_store", found: 4, wanted: 8 };
    assert_eq!(distribute(8).await, Err(other));
    let authorized = PaymentState { state: "authorized".to_owned(), reason: None };
    assert_eq!(records.state((known, 1)).await.unwrap(), Some(authorized), "it was there before");

    let mut workers = std::collections::BTreeSet::new();
    for number in 1..=EVENTS {
        let row = client.query_one(PLACES, &[&number]).await.unwrap();
        assert!(row.get::<_, bool>(0), "rows of event {number} are on several workers");
        workers.insert(row.get::<_, String>(1));

        let event = EventNumber(number.unsigned_abs());
        let key = (event, 1);
        for _ in 0..2 {
            records.record(payment(event)).await.unwrap();
        }
        assert!(!records.capture(key, Amount(501), "authorized", "captured").await.unwrap());
        assert!(records.capture(key, Amount(500), "authorized", "captured").await.unwrap());
        for (refund, amount, is_refunded) in [(1, 300, true), (1, 300, true), (2, 300, false), (3, 200, true)]
        {
            assert_eq!(records.refund(key, refund, Amount(amount)).await.unwrap(), is_refunded, "{refund}");
        }
        let cancelled = records.cancel((event, 2), "cancelled", ["started", "authorized"]).await.unwrap();
        assert_eq!(cancelled.unwrap().state, "cancelled");
    }
    assert_eq!(workers.len(), 2, "no worker is idle");
    store.users().create(new_user("ada@example.test"), None, at(0)).await.unwrap();
}
