//! Seats in SQLite: WAL, `synchronous=FULL`; one thread owns the connection and commits each reservation separately.

use super::{SeatRequest, Taken};
use crate::dataset::{Dataset, PRICE};
use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use std::path::Path;
use tokio::sync::{mpsc, oneshot};

/// The most requests that may wait.
const QUEUE: usize = 4_096;

/// See the module.
#[derive(Debug)]
pub(crate) struct Sqlite(mpsc::Sender<(SeatRequest, oneshot::Sender<Taken>)>);

impl Sqlite {
    pub(super) fn open(file: &Path, dataset: &Dataset) -> Result<Self> {
        let mut connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -64_000)?;
        fill(&mut connection, dataset)?;
        let (sender, mut requests) = mpsc::channel::<(SeatRequest, oneshot::Sender<Taken>)>(QUEUE);
        let work = move || {
            while let Some((request, answer)) = requests.blocking_recv() {
                // Sending fails when the request was cancelled.
                drop(answer.send(take(&mut connection, request)));
            }
        };
        std::thread::Builder::new().name("sqlite".to_owned()).spawn(work)?;
        Ok(Self(sender))
    }

    pub(super) async fn take(&self, request: SeatRequest) -> Taken {
        let (answer, answered) = oneshot::channel();
        self.0.send((request, answer)).await.ok().context("SQLite's thread has ended")?;
        answered.await?
    }
}

fn take(connection: &mut Connection, request: SeatRequest) -> Taken {
    let SeatRequest { event, seat, now_ms, expires_ms, .. } = request;
    let (buyer, reservation) = (request.buyer.to_be_bytes(), request.reservation.to_be_bytes());
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let price: Option<i64> = {
        let mut mark = transaction.prepare_cached(
            "UPDATE seats SET reservation = ?3, expires_ms = ?4 WHERE event = ?1 AND seat = ?2 \
             AND (reservation IS NULL OR expires_ms <= ?5) RETURNING price",
        )?;
        mark.query_row(params![event, seat, reservation, expires_ms, now_ms], |row| row.get(0)).optional()?
    };
    let Some(price) = price else { return Ok(None) };
    transaction
        .prepare_cached("INSERT INTO reservations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![reservation, event, seat, buyer, price, now_ms, expires_ms])?;
    transaction.commit()?;
    Ok(Some(price))
}

fn fill(connection: &mut Connection, dataset: &Dataset) -> Result<()> {
    connection.execute_batch(
        "CREATE TABLE seats (event INTEGER, seat INTEGER, price INTEGER NOT NULL, reservation BLOB, \
         expires_ms INTEGER NOT NULL, PRIMARY KEY (event, seat)) WITHOUT ROWID; \
         CREATE TABLE reservations (id BLOB PRIMARY KEY, event INTEGER, seat INTEGER, buyer BLOB, price INTEGER, \
         created_ms INTEGER, expires_ms INTEGER) WITHOUT ROWID;",
    )?;
    let transaction = connection.transaction()?;
    for event in dataset.events.iter().take(super::postgres::EVENTS).chain([&dataset.hot_event]) {
        let event = i64::try_from(*event)?;
        let mut insert = transaction.prepare_cached("INSERT INTO seats VALUES (?1, ?2, ?3, NULL, 0)")?;
        for seat in 0..dataset.seats {
            insert.execute(params![event, seat, PRICE])?;
        }
    }
    Ok(transaction.commit()?)
}
