//! Nobody scans everything: the plans of all statements on tables that hold five million streams (`FAIRSEAT_LONG=1`; a
//! hundred thousand otherwise). The server writes the plans to its log, also those of statements within functions. On Citus, no statement about
//! one stream touches two shards.

use fairseat_journal::{
    Append, BatchId, ConsumerName, DecisionTimes, Head, Journal, Position, PostgresJournal, StreamId,
    StreamKind,
};
use fairseat_test_postgres::{CitusCluster, NO_CITUS};
use tokio_postgres::Client;

use crate::support::{FAST, admin, connect, now, open, options, prepared};

const VIEWS: ConsumerName = ConsumerName("views");
/// More than five: from then on PostgreSQL may use a plan that fits all parameters.
const ROUNDS: u64 = 8;

/// One batch in each stream, a deadline in each, and two consumers that have read nearly all of them.
fn filled(streams: u64) -> String {
    let hash = "decode(repeat('ab', 32), 'hex')";
    format!(
        "INSERT INTO fairseat_journal.batch
             SELECT stream, 1, decode(repeat('00', 16), 'hex'), {hash}, 'a batch' FROM generate_series(1, {streams}) AS stream;
         INSERT INTO fairseat_journal.head SELECT stream, 1, {hash}, stream FROM generate_series(1, {streams}) AS stream;
         INSERT INTO fairseat_journal.deadline SELECT stream, 0, stream FROM generate_series(1, {streams}) AS stream;
         INSERT INTO fairseat_journal.consumer VALUES ('views', true), ('messages', true);
         INSERT INTO fairseat_journal.consumer_cursor
             SELECT stream, name, 1, stream % 10000 = 0 FROM generate_series(1, {streams}) AS stream, fairseat_journal.consumer;
         ANALYZE"
    )
}

const LOGGING: [&str; 4] = [FAST, "logging_collector=on", "log_directory=log", "log_filename=plans.log"];

/// From the next connection on, the plans of all statements are logged.
async fn log_plans(admin: &Client) {
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
    ] {
        admin.batch_execute(&format!("ALTER ROLE postgres SET {setting}")).await.unwrap();
    }
}

#[tokio::test]
async fn no_statement_scans_all_streams() {
    let streams = if std::env::var_os("FAIRSEAT_LONG").is_some() { 5_000_000 } else { 100_000 };
    let server = prepared(&[&LOGGING[..], &["max_wal_size=8GB"]].concat()).await;
    let admin = admin(&server).await;
    admin.batch_execute(&filled(streams)).await.unwrap();
    log_plans(&admin).await;
    call_everything(&open(&server).await, streams).await;

    let log = std::fs::read_to_string(server.data().join("log/plans.log")).unwrap();
    let ours: Vec<&str> = log
        .split("plan:\n")
        .skip(1)
        .filter(|plan| plan.contains("fairseat_journal.") && plan.contains(" on "))
        .collect();
    let mut seen: Vec<&str> = Vec::new();
    for plan in &ours {
        let text = plan.lines().next().unwrap_or_default();
        if !seen.contains(&text) {
            seen.push(text);
            println!("{plan}");
        }
    }
    println!("{} plans of {} statements at {streams} streams", ours.len(), seen.len());
    for table in ["batch", "head", "deadline", "consumer_cursor", "snapshot"] {
        let scan = format!("Seq Scan on {table}");
        let scanned: Vec<_> = ours.iter().filter(|plan| plan.contains(&scan)).collect();
        // The table of snapshots is empty here, so its plan says nothing.
        assert!(scanned.is_empty() || table == "snapshot", "{scanned:?}");
    }
    for index in [
        "head_pkey",
        "batch_pkey",
        "deadline_pkey",
        "deadline_due",
        "consumer_cursor_unread",
        "consumer_cursor_pkey",
    ] {
        assert!(ours.iter().any(|plan| plan.contains(index)), "no plan uses {index}");
    }
}

/// What polls or lists is not about one stream.
const OF_MANY_STREAMS: [&str; 4] =
    ["kind = $1 AND due_at", "consumer = $1 AND unread", "stream > $1 ORDER BY stream", "stream = ANY"];

#[tokio::test]
async fn no_statement_about_one_stream_touches_two_shards() {
    let settings = [&LOGGING[..], &["max_connections=200"]].concat();
    let Some(cluster) = CitusCluster::start(&settings, 2).expect("a private PostgreSQL") else {
        println!("{NO_CITUS}");
        return;
    };
    let url = cluster.database("shop").unwrap();
    PostgresJournal::prepare(&url, options()).await.unwrap();
    PostgresJournal::distribute(&url, 4).await.unwrap();
    let admin = connect(&url).await;
    for statement in filled(500).split(';') {
        admin.batch_execute(statement).await.unwrap();
    }
    // In a database without Citus, which would tell the workers.
    log_plans(&connect(&cluster.coordinator().url("postgres")).await).await;
    let journal = PostgresJournal::open(&url, options()).await.unwrap();
    call_everything(&journal, 500).await;

    let log = std::fs::read_to_string(cluster.coordinator().data().join("log/plans.log")).unwrap();
    let plans: Vec<&str> =
        log.split("plan:\n").filter(|plan| plan.contains("Query Text") && plan.contains("(Citus ")).collect();
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    for plan in plans {
        let (text, plan) = plan.split_once("Custom Scan").unwrap_or((plan, ""));
        let tasks: Vec<&str> =
            plan.lines().filter(|line| line.contains("Task Count")).map(str::trim).collect();
        let is_of_many = OF_MANY_STREAMS.iter().any(|words| text.contains(words));
        assert!(is_of_many || tasks == ["Task Count: 1"], "{text}\n{plan}");
        if !seen.iter().any(|(known, _)| *known == text) {
            println!("{tasks:?} {text}");
            seen.push((text, tasks));
        }
    }
    for needed in
        ["append_1(", "caught_up_1(", "FROM fairseat_journal.head WHERE stream = $1", "LATERAL", "snapshot"]
    {
        assert!(seen.iter().any(|(text, _)| text.contains(needed)), "no plan of {needed}");
    }
}

async fn call_everything(journal: &dyn Journal, streams: u64) {
    let first = Head { position: Position(1), hash: [0xab; 32] };
    let append = |stream, expected, round| {
        let (stream, decided) = (StreamId(stream), DecisionTimes::at(now()));
        let (payload, deadline) = (vec![1; 100].into(), Some(i64::try_from(round).unwrap()));
        Append { stream, expected, batch: BatchId(u128::from(round)), payload, deadline, decided }
    };
    for round in 1..=ROUNDS {
        let won = append(round, first, round);
        let won_head = won.to_batch().head();
        journal.append(won.clone()).await.unwrap();
        journal.append(won).await.unwrap();
        assert!(journal.append(append(round, Head::default(), round + 100)).await.is_err(), "diverged");
        assert!(journal.append(append(round, first, round + 100)).await.is_err(), "lost");
        journal.append(append(streams + round, Head::default(), round)).await.unwrap();
        journal.append(Append { deadline: None, ..append(100 + round, first, round) }).await.unwrap();
        journal.head(StreamId(round)).await.unwrap();
        journal.streams(Some(StreamId(round * 1_000)), 100).await.unwrap();
        journal.due(StreamKind(0), i64::try_from(round * 100).unwrap(), 100).await.unwrap();
        journal.behind(VIEWS, StreamKind(0), Some(StreamId(round)), 100).await.unwrap();
        journal.caught_up(VIEWS, StreamId(round), Position(1), Position(2)).await.unwrap();
        journal.cursor(VIEWS, StreamId(round)).await.unwrap();
        journal.read(StreamId(round), Position(1), 1 << 20).await.unwrap();
        let snapshot = journal.put_snapshot(StreamId(round), won_head, "a snapshot".into()).await;
        snapshot.unwrap();
        drop(journal.snapshot(StreamId(round)).await);
        journal.moved(vec![(StreamId(round), won_head)]).await.unwrap();
    }
}
