//! Private servers, and short helpers to append and to look at the server.

use std::time::{SystemTime, UNIX_EPOCH};

use fairseat_journal::{
    Append, AppendError, BatchId, DecisionTimes, Head, Journal, PostgresJournal, PostgresOptions, StreamId,
};
use fairseat_test_postgres::PostgresServer;
use tokio_postgres::{Client, NoTls};

pub(crate) const SALE: StreamId = StreamId(7);

/// These servers may lose commits when the machine crashes, which it does not.
pub(crate) const FAST: &str = "fsync=off";

pub(crate) fn options() -> PostgresOptions {
    PostgresOptions { allow_unsafe_server: true, append_connections: 4, ..PostgresOptions::default() }
}

/// A server whose database `postgres` is prepared.
pub(crate) async fn prepared(settings: &[&str]) -> PostgresServer {
    let server = PostgresServer::start(settings).expect("a private PostgreSQL");
    PostgresJournal::prepare(&server.url("postgres"), options()).await.unwrap();
    server
}

pub(crate) async fn open(server: &PostgresServer) -> PostgresJournal {
    PostgresJournal::open(&server.url("postgres"), options()).await.unwrap()
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    client
}

pub(crate) async fn admin(server: &PostgresServer) -> Client {
    connect(&server.url("postgres")).await
}

pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// An append to the head of the stream, decided now.
pub(crate) async fn append(journal: &dyn Journal, text: &str) -> Append {
    append_to(journal.head(SALE).await.unwrap(), text)
}

pub(crate) fn append_to(expected: Head, text: &str) -> Append {
    let batch = BatchId(text.bytes().fold(0, |id, byte| (id << 8) | u128::from(byte)));
    let payload = text.as_bytes().to_vec().into();
    Append { stream: SALE, expected, batch, payload, deadline: None, decided: DecisionTimes::at(now()) }
}

pub(crate) async fn fill(journal: &dyn Journal, texts: &[&str]) {
    for text in texts {
        journal.append(append(journal, text).await).await.unwrap();
    }
}

pub(crate) async fn texts(journal: &dyn Journal) -> Vec<String> {
    let batches = journal.read(SALE, fairseat_journal::Position::START, usize::MAX).await.unwrap();
    batches.iter().map(|batch| String::from_utf8(batch.payload.to_vec()).unwrap()).collect()
}

/// Sends an append until its outcome is certain, as the engine does.
pub(crate) async fn until_certain(journal: &dyn Journal, append: &Append) -> Result<Head, AppendError> {
    loop {
        match journal.append(append.clone()).await {
            Err(AppendError::Unknown | AppendError::Unavailable(_)) => tokio::task::yield_now().await,
            certain => return certain,
        }
    }
}

/// Asks until a query answers true.
pub(crate) async fn until(client: &Client, query: &str) {
    while !client.query_one(query, &[]).await.unwrap().get::<_, bool>(0) {
        tokio::task::yield_now().await;
    }
}

/// Changes a setting of a running server.
pub(crate) async fn set(client: &Client, setting: &str, value: &str) {
    client.batch_execute(&format!("ALTER SYSTEM SET {setting} = '{value}'")).await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let is_set = format!("SELECT current_setting('{setting}') = '{value}'");
    until(client, &is_set).await;
}
