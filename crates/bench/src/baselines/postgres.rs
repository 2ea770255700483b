//! Seats in PostgreSQL, in three designs.
//!
//! Each connection prepares its statements once; they run with generic plans (`plan_cache_mode` of the server). With row locks, a
//! reservation has its own row. In the other two designs it is part of the seat's row, which is the cheapest design that still records who
//! has a seat until when.

use super::{Design, SeatRequest, Taken};
use crate::dataset::{Dataset, PRICE};
use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use std::path::Path;
use tokio::sync::Semaphore;
use tokio_postgres::{Client, Config, NoTls, Statement};

/// The number of events of a dataset that the tables hold, without the contended one.
pub(crate) const EVENTS: usize = 3;
const FIND: &str = "SELECT status, expires_ms, price FROM seats WHERE event = $1 AND seat = $2 FOR UPDATE";
const MARK: &str = "UPDATE seats SET status = 1, reservation = $3, buyer = $4, expires_ms = $5 WHERE event = $1 AND seat = $2";
const ENTER: &str = "INSERT INTO reservations (id, event, seat, buyer, price, created_ms, expires_ms) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const TAKE: &str = "UPDATE seats SET status = 1, reservation = $3, buyer = $4, expires_ms = $5 \
                    WHERE event = $1 AND seat = $2 AND (status = 0 OR expires_ms <= $6) RETURNING price";

/// A pool of connections for one design.
#[derive(Debug)]
pub(crate) struct Postgres {
    permits: Semaphore,
    idle: Mutex<Vec<Session>>,
}

#[derive(Debug)]
struct Session {
    client: Client,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    RowLocks { find: Statement, mark: Statement, enter: Statement },
    Conditional { take: Statement },
}

impl Postgres {
    /// Creates a database with all seats.
    pub(super) async fn open(socket: &Path, design: Design, dataset: &Dataset, pool: usize) -> Result<Self> {
        let database = format!("{}_{pool}", design.key());
        let admin = connect(socket, "postgres").await?;
        admin.batch_execute(&format!("CREATE DATABASE {database}")).await?;
        fill(&connect(socket, &database).await?, dataset).await?;
        let mut idle = Vec::new();
        for _ in 0..pool {
            let client = connect(socket, &database).await?;
            let way = match design {
                Design::RowLocks => Way::RowLocks {
                    find: client.prepare(FIND).await?,
                    mark: client.prepare(MARK).await?,
                    enter: client.prepare(ENTER).await?,
                },
                Design::ConditionalUpdate | Design::RedisLocks => {
                    Way::Conditional { take: client.prepare(TAKE).await? }
                }
                Design::RedisLua | Design::SqliteTransaction => bail!("not a design with PostgreSQL"),
            };
            idle.push(Session { client, way });
        }
        Ok(Self { permits: Semaphore::new(pool), idle: Mutex::new(idle) })
    }

    pub(super) async fn take(&self, request: SeatRequest) -> Taken {
        let permit = self.permits.acquire().await?;
        let mut session = self.idle.lock().pop().context("a permit without a connection")?;
        let taken = session.take(request).await;
        self.idle.lock().push(session);
        drop(permit);
        taken
    }
}

impl Session {
    async fn take(&mut self, request: SeatRequest) -> Taken {
        let (buyer, reservation) = (request.buyer.to_be_bytes(), request.reservation.to_be_bytes());
        let (buyer, reservation) = (buyer.as_slice(), reservation.as_slice());
        let SeatRequest { event, seat, now_ms, expires_ms, .. } = request;
        match self.way.clone() {
            Way::Conditional { take } => {
                let row = self
                    .client
                    .query_opt(&take, &[&event, &seat, &reservation, &buyer, &expires_ms, &now_ms])
                    .await?;
                Ok(row.map(|row| row.get(0)))
            }
            Way::RowLocks { find, mark, enter } => {
                let transaction = self.client.transaction().await?;
                let Some(row) = transaction.query_opt(&find, &[&event, &seat]).await? else {
                    return Ok(None);
                };
                let (status, until, price): (i16, i64, i64) = (row.get(0), row.get(1), row.get(2));
                if status != 0 && until > now_ms {
                    transaction.rollback().await?;
                    return Ok(None);
                }
                transaction
                    .execute(&enter, &[&reservation, &event, &seat, &buyer, &price, &now_ms, &expires_ms])
                    .await?;
                transaction.execute(&mark, &[&event, &seat, &reservation, &buyer, &expires_ms]).await?;
                transaction.commit().await?;
                Ok(Some(price))
            }
        }
    }
}

async fn connect(socket: &Path, database: &str) -> Result<Client> {
    let (client, connection) =
        Config::new().host_path(socket).user("postgres").dbname(database).connect(NoTls).await?;
    drop(tokio::spawn(connection));
    Ok(client)
}

/// Creates the tables. They leave room in each page, so that an updated seat needs no new index entry.
async fn fill(client: &Client, dataset: &Dataset) -> Result<()> {
    let schema = "CREATE TABLE seats (event bigint, seat integer, status smallint NOT NULL, price bigint NOT NULL, \
                  reservation bytea, buyer bytea, expires_ms bigint NOT NULL, PRIMARY KEY (event, seat)) \
                  WITH (fillfactor = 50); \
                  CREATE TABLE reservations (id bytea PRIMARY KEY, event bigint NOT NULL, seat integer NOT NULL, \
                  buyer bytea NOT NULL, price bigint NOT NULL, created_ms bigint NOT NULL, expires_ms bigint NOT NULL)";
    client.batch_execute(schema).await?;
    for event in dataset.events.iter().take(EVENTS).chain([&dataset.hot_event]) {
        let seats = dataset.seats;
        let rows = format!(
            "INSERT INTO seats SELECT {event}, seat, 0, {PRICE}, NULL, NULL, 0 FROM generate_series(0, {seats} - 1) seat"
        );
        client.batch_execute(&rows).await?;
    }
    // Separate calls, because several statements in one call form a transaction, in which neither is allowed.
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(client.batch_execute("CHECKPOINT").await?)
}
