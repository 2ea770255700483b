//! Nobody scans everything: the plans of all statements on tables that hold five million streams (`FAIRSEAT_LONG=1`; a
//! hundred thousand otherwise). The server writes the plans to its log, also those of statements within functions.

use fairseat_journal::{
    Append, BatchId, ConsumerName, DecisionTimes, Head, Journal, Position, StreamId, StreamKind,
};

use crate::support::{FAST, admin, now, open, prepared};

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

#[tokio::test]
async fn no_statement_scans_all_streams() {
    let streams = if std::env::var_os("FAIRSEAT_LONG").is_some() { 5_000_000 } else { 100_000 };
    let settings =
        ["logging_collector=on", "log_directory=log", "log_filename=plans.log", "max_wal_size=8GB"];
    let server = prepared(&[&[FAST][..], &settings].concat()).await;
    let admin = admin(&server).await;
    admin.batch_execute(&filled(streams)).await.unwrap();
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
    ] {
        admin.batch_execute(&format!("ALTER ROLE postgres SET {setting}")).await.unwrap();
    }
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

async fn call_everything(journal: &dyn Journal, streams: u64) {
    let first = Head { position: Position(1), hash: [0xab; 32] };
    let append = |stream, expected, round| {
        let (stream, decided) = (StreamId(stream), DecisionTimes::at(now()));
        let (payload, deadline) = (vec![1; 100].into(), Some(i64::try_from(round).unwrap()));
        Append { stream, expected, batch: BatchId(u128::from(round)), payload, deadline, decided }
    };
    for round in 1..=ROUNDS {
        let won = append(round, first, round);
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
        drop(journal.snapshot(StreamId(round)).await);
    }
}
