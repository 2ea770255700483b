//! A journal that Citus distributes over workers: what runs where, what is refused, and shards that move. Without Citus these tests only say so.

use std::sync::Arc;

use fairseat_journal::{
    Append, AppendError, Batch, ConsumerName, Head, Journal, Position, PostgresJournal, PostgresOpenError,
    PostgresOptions, StreamId, StreamKind,
};
use fairseat_postgres::citus::CitusError;
use fairseat_test_postgres::{CitusCluster, NO_CITUS};
use tokio_postgres::Client;

use crate::support::{
    FAST, SALE, append, append_to, connect, fill, options, prepared, set, texts, until, until_certain,
};

const SETTINGS: [&str; 2] = [FAST, "max_connections=200"];

/// A cluster with a prepared database, and its connection string; `None` without Citus.
async fn cluster(settings: &[&str], workers: usize) -> Option<(CitusCluster, String)> {
    let Some(cluster) = CitusCluster::start(settings, workers).expect("a private PostgreSQL") else {
        println!("{NO_CITUS}");
        return None;
    };
    let url = cluster.database("shop").unwrap();
    PostgresJournal::prepare(&url, options()).await.unwrap();
    Some((cluster, url))
}

/// The same, with a journal in four shards.
async fn distributed(settings: &[&str]) -> Option<(CitusCluster, String, Arc<PostgresJournal>)> {
    let (cluster, url) = cluster(settings, 2).await?;
    PostgresJournal::distribute(&url, 4).await.unwrap();
    let journal = PostgresJournal::open(&url, options()).await.unwrap();
    Some((cluster, url, Arc::new(journal)))
}

/// A connection to the worker that has the stream's rows, by its socket.
async fn worker_of(url: &str, stream: StreamId) -> Client {
    let place = "SELECT nodename::text FROM pg_dist_shard_placement
                 WHERE shardid = get_shard_id_for_distribution_column('fairseat_journal.head', $1::bigint)";
    let host: String =
        connect(url).await.query_one(place, &[&i64::try_from(stream.0).unwrap()]).await.unwrap().get(0);
    connect(&format!("host={host} user=postgres dbname=shop")).await
}

const RUNS: &str = "SELECT count(*) > 0 FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND query LIKE 'SELECT fairseat\\_journal.append\\_1(%' AND application_name LIKE 'citus\\_internal%'";

#[tokio::test]
async fn an_append_runs_on_the_worker_of_its_stream() {
    let Some((_cluster, url, journal)) = distributed(&SETTINGS).await else { return };
    // More than five: from then on PostgreSQL may use a plan that fits all parameters, which could not be handed over.
    for number in 0..8 {
        fill(&*journal, &[&format!("batch {number}")]).await;
    }
    let (worker, locker) = (worker_of(&url, SALE).await, connect(&url).await);
    locker
        .batch_execute("BEGIN; SELECT FROM fairseat_journal.head WHERE stream = 7 FOR UPDATE")
        .await
        .unwrap();
    let attempt = append(&*journal, "handed over").await;
    let answer = tokio::spawn({
        let (journal, attempt) = (Arc::clone(&journal), attempt.clone());
        async move { journal.append(attempt).await }
    });
    until(&worker, &format!("{RUNS} AND wait_event_type = 'Lock'")).await;
    assert_eq!(answer.await.unwrap(), Err(AppendError::Unknown), "it does not wait for the lock for ever");
    locker.batch_execute("COMMIT").await.unwrap();
    let repeated = until_certain(&*journal, &attempt).await;
    assert!(matches!(repeated, Err(AppendError::ClockDiffers { .. })), "it is too old by now: {repeated:?}");
    fill(&*journal, &["decided again"]).await;
    assert_eq!(texts(&*journal).await.len(), 9);
}

/// The coordinator has no standby and needs none here: the setting of the worker decides, and its warning arrives.
#[tokio::test]
async fn the_worker_checks_for_a_standby_and_its_cancelled_wait_is_unknown() {
    let Some((_cluster, url, journal)) = distributed(&SETTINGS).await else { return };
    fill(&*journal, &["one"]).await;
    let worker = worker_of(&url, SALE).await;
    let strict = |attempt: &Append| {
        let head = attempt.to_batch().head();
        format!(
            "SELECT fairseat_journal.append_1(7, {}, decode('{}', 'hex'), decode(repeat('00', 16), 'hex'), 'strict', decode('{}', 'hex'), \
             NULL, {now}, {now}, true, 9, 9)::text",
            attempt.expected.position.0,
            hex(&attempt.expected.hash),
            hex(&head.hash),
            now = crate::support::now(),
        )
    };
    let attempt = append(&*journal, "strict").await;
    let refused = connect(&url).await.query_one(&strict(&attempt), &[]).await.unwrap();
    assert_eq!(refused.get::<_, String>(0), format!("{{\"\\\\x{}\"}}", hex(b"standby")));

    set(&worker, "synchronous_standby_names", "nobody").await;
    let waits = format!("{RUNS} AND wait_event = 'SyncRep'");
    let mut attempt = append(&*journal, "waits").await;
    loop {
        let answer = tokio::spawn({
            let (journal, attempt) = (Arc::clone(&journal), attempt.clone());
            async move { journal.append(attempt).await }
        });
        // The worker's processes notice the setting one after the other: the first commits may not wait yet.
        while !answer.is_finished() && !worker.query_one(&waits, &[]).await.unwrap().get::<_, bool>(0) {}
        if answer.is_finished() {
            attempt = append(&*journal, "waits").await;
            continue;
        }
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        worker.query(cancel, &[]).await.unwrap();
        assert_eq!(answer.await.unwrap(), Err(AppendError::Unknown), "the worker only warns");
        break;
    }
    set(&worker, "synchronous_standby_names", "").await;
    assert_eq!(until_certain(&*journal, &attempt).await, Ok(attempt.to_batch().head()));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_worker_that_may_lose_commits_is_refused() {
    let Some((cluster, url, journal)) = distributed(&["max_connections=200"]).await else { return };
    drop(journal);
    drop(PostgresJournal::open(&url, PostgresOptions::default()).await.unwrap());
    let worker = &cluster.workers()[1];
    let worker_admin = connect(&worker.url("shop")).await;
    worker_admin.batch_execute("ALTER DATABASE shop SET synchronous_commit = local").await.unwrap();
    let refused = PostgresJournal::open(&url, PostgresOptions::default()).await.unwrap_err();
    let expected = format!(
        "the worker {}:5432: the database server has synchronous_commit = local, so a crash can lose sold tickets: set it to on and \
         start again",
        worker.host()
    );
    assert_eq!(refused.to_string(), expected);
    drop(PostgresJournal::open(&url, options()).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_distributed_is_refused_in_one_line() {
    let refusal = async |url: &str, shards| {
        let refused = PostgresJournal::distribute(url, shards).await.expect_err("it was distributed");
        assert!(!refused.to_string().contains('\n'), "{refused}");
        refused
    };
    let plain = prepared(&[FAST]).await;
    assert_eq!(refusal(&plain.url("postgres"), 4).await, CitusError::NoExtension);
    assert_eq!(refusal(&plain.url("template1"), 4).await, CitusError::NotPrepared);
    let Some((cluster, url)) = cluster(&SETTINGS, 0).await else { return };
    assert_eq!(refusal(&url, 4).await, CitusError::NoWorkers);
    let forget = "SELECT citus_remove_node(nodename, nodeport) FROM pg_dist_node";
    connect(&url).await.batch_execute(forget).await.unwrap();
    assert_eq!(refusal(&url, 4).await, CitusError::NoCoordinator);
    drop(cluster);

    let Some((cluster, url, _journal)) = distributed(&SETTINGS).await else { return };
    PostgresJournal::prepare(&url, options()).await.unwrap();
    PostgresJournal::distribute(&url, 4).await.unwrap();
    let other = refusal(&url, 8).await;
    assert_eq!(other, CitusError::OtherNumber { schema: "fairseat_journal", found: 4, wanted: 8 });
    let worker = cluster.workers()[0].url("shop");
    assert_eq!(refusal(&worker, 4).await, CitusError::NotCoordinator);
    let admin = connect(&url).await;
    admin
        .batch_execute("CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA fairseat_journal TO clerk")
        .await
        .unwrap();
    let refused = refusal(&url.replace("user=postgres", "user=clerk"), 4).await;
    let owner = "postgres".to_owned();
    assert_eq!(refused, CitusError::NotOwner { schema: "fairseat_journal", owner });
}

/// A database that has sold from one server goes on when it is distributed, and an interrupted distribution leaves it as it was.
#[tokio::test]
async fn a_journal_with_batches_is_distributed_as_a_whole_or_not_at_all() {
    let Some((_cluster, url)) = cluster(&SETTINGS, 2).await else { return };
    // A restarted node has its old name, and so its leases.
    let open = || PostgresJournal::open(&url, PostgresOptions { node: "shop".to_owned(), ..options() });
    let journal = open().await.unwrap();
    let views = ConsumerName("views");
    assert_eq!(journal.behind(views, StreamKind(0), None, 9).await.unwrap(), []);
    fill(&journal, &["one", "two"]).await;
    let three = Append { deadline: Some(5), ..append(&journal, "three").await };
    journal.append(three).await.unwrap();
    let admin = connect(&url).await;
    // Citus refuses a trigger on a table that it is to distribute; the tables before it are distributed already then.
    let obstacle = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER obstacle AFTER INSERT ON fairseat_journal.snapshot FOR EACH ROW EXECUTE FUNCTION nothing()";
    admin.batch_execute(obstacle).await.unwrap();
    let refused = PostgresJournal::distribute(&url, 4).await.unwrap_err();
    assert!(matches!(refused, CitusError::Failed(_)), "{refused}");
    assert_eq!(PostgresJournal::shards(&url).await.unwrap(), None);
    fill(&journal, &["four"]).await;
    admin.batch_execute("DROP TRIGGER obstacle ON fairseat_journal.snapshot").await.unwrap();

    PostgresJournal::distribute(&url, 4).await.unwrap();
    assert_eq!(PostgresJournal::shards(&url).await.unwrap(), Some(4));
    let journal = open().await.unwrap();
    assert_eq!(texts(&journal).await, ["one", "two", "three", "four"]);
    assert_eq!(journal.behind(views, StreamKind(0), None, 9).await.unwrap(), [SALE]);
    fill(&journal, &["five"]).await;
    assert_eq!(journal.inconsistencies().await.unwrap(), []);
    // A function that is not handed over would be slow, and nothing would say why.
    let forget = "UPDATE pg_dist_object SET distribution_argument_index = NULL WHERE objid = $$fairseat_journal.append_1$$::regproc";
    admin.batch_execute(forget).await.unwrap();
    let refused = open().await.unwrap_err();
    assert_eq!(refused, PostgresOpenError::NotDistributed);
    PostgresJournal::distribute(&url, 4).await.unwrap();
    drop(open().await.unwrap());
}

/// A stream that is made while a consumer is registered must not be missed, on any worker.
#[tokio::test]
async fn a_consumer_that_is_registered_while_streams_are_made_is_behind_with_all_of_them() {
    let Some((_cluster, url, journal)) = distributed(&SETTINGS).await else { return };
    let appending = tokio::spawn({
        let journal = Arc::clone(&journal);
        async move {
            for stream in 1..=60 {
                let first = Append { stream: StreamId(stream), ..append_to(Head::default(), "first") };
                journal.append(first).await.unwrap();
            }
        }
    });
    let count = "SELECT count(*) > 10 FROM fairseat_journal.head";
    until(&connect(&url).await, count).await;
    journal.behind(ConsumerName("views"), StreamKind(0), None, 99).await.unwrap();
    appending.await.unwrap();
    let behind = journal.behind(ConsumerName("views"), StreamKind(0), None, 99).await.unwrap();
    assert_eq!(behind, (1..=60).map(StreamId).collect::<Vec<_>>());
}

/// Every worker has standbys of its own.
#[tokio::test]
async fn a_promoted_standby_of_a_worker_has_what_was_acknowledged_and_goes_on() {
    let Some((mut cluster, url, journal)) = distributed(&SETTINGS).await else { return };
    fill(&*journal, &["one"]).await;
    let worker = worker_of(&url, SALE).await;
    let number = usize::from(!is_there(&connect(&cluster.workers()[0].url("shop")).await, &worker).await);
    let standby = cluster.standby_of_worker(number, &SETTINGS).unwrap();
    set(&worker, "synchronous_standby_names", "*").await;
    until(&worker, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'").await;
    fill(&*journal, &["two", "three"]).await;
    let known = journal.head(SALE).await.unwrap();
    cluster.fail_over_worker(number, standby, "shop").unwrap();
    let attempt = append_to(known, "four");
    // The promoted server waits for a standby as its predecessor did.
    let promoted = connect(&cluster.workers()[number].url("shop")).await;
    set(&promoted, "synchronous_standby_names", "").await;
    assert_eq!(until_certain(&*journal, &attempt).await, Ok(attempt.to_batch().head()));
    assert_eq!(texts(&*journal).await, ["one", "two", "three", "four"]);
}

/// Whether two connections lead to the same server.
async fn is_there(one: &Client, other: &Client) -> bool {
    let server = "SELECT current_setting('data_directory')";
    let (one, other) =
        (one.query_one(server, &[]).await.unwrap(), other.query_one(server, &[]).await.unwrap());
    one.get::<_, String>(0) == other.get::<_, String>(0)
}

/// Appends go on while their shard moves, and every one that was acknowledged is there.
#[tokio::test]
async fn a_stream_is_appended_to_while_its_shard_moves() {
    let Some((cluster, url, journal)) = distributed(&SETTINGS).await else { return };
    let mut appended: usize = 0;
    for (number, moves) in [0, 1, 0].into_iter().enumerate() {
        let moving = tokio::spawn({
            let (from, to) = (cluster.workers()[1 - moves].host(), cluster.workers()[moves].host());
            let client = connect(&url).await;
            async move {
                let shard = "SELECT shardid FROM pg_dist_shard_placement WHERE nodename = $2
                             AND shardid = get_shard_id_for_distribution_column('fairseat_journal.head', $1::bigint)";
                let Some(row) = client.query_opt(shard, &[&7_i64, &from]).await.unwrap() else {
                    return false;
                };
                let shard: i64 = row.get(0);
                let text = format!(
                    "SELECT citus_move_shard_placement({shard}, '{from}', 5432, '{to}', 5432, 'force_logical')"
                );
                client.batch_execute(&text).await.unwrap();
                true
            }
        });
        loop {
            let was_moving = !moving.is_finished();
            let attempt = append(&*journal, &format!("{appended}")).await;
            assert_eq!(until_certain(&*journal, &attempt).await, Ok(attempt.to_batch().head()));
            appended += 1;
            if !was_moving {
                break;
            }
        }
        let has_moved = moving.await.unwrap();
        assert!(has_moved || number == 0, "it lies where it was moved to");
    }
    // Page by page; each batch is verified against the one before it.
    let mut read: Vec<Batch> = Vec::new();
    loop {
        let after = read.last().map_or(Position::START, |last| last.position);
        let page = journal.read(SALE, after, usize::MAX).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    let wrong = read.iter().zip(0..).find(|(batch, number)| batch.payload != number.to_string().as_bytes());
    assert_eq!((read.len(), wrong), (appended, None));
    assert_eq!(journal.inconsistencies().await.unwrap(), []);
    println!("{appended} appends during the moves");
}
