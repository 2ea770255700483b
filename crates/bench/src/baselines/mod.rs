//! The baselines: what a user would build instead. All have the same HTTP front (our listener, edge, token check, limits, JSON), and each
//! reserves a seat in another way.
//!
//! Each reserves one seat for one buyer, durably, and returns its price, or that the seat is taken. They do less than our server, which
//! makes them faster: they have no idempotency, ticket limits, exact expiry, history or live maps.

mod database_servers;
mod http_front;
mod postgres;
mod redis_seats;
mod sqlite;

pub(crate) use database_servers::{PostgresServer, RedisServer};
pub(crate) use http_front::role;

use anyhow::Result;
use clap::ValueEnum;
use std::path::PathBuf;

/// The designs of baselines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Design {
    /// PostgreSQL: `SELECT … FOR UPDATE`, check, write, commit
    RowLocks,
    /// PostgreSQL: one `UPDATE … WHERE` the seat is free
    ConditionalUpdate,
    /// Redis: `SET NX` on the seat; PostgreSQL: the reservation
    RedisLocks,
    /// Redis: a Lua script that checks and writes
    RedisLua,
    /// SQLite: one transaction per reservation
    SqliteTransaction,
}

impl Design {
    /// Its row's name in JSON.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::RowLocks => "row_locks",
            Self::ConditionalUpdate => "conditional_update",
            Self::RedisLocks => "redis_locks",
            Self::RedisLua => "redis_lua",
            Self::SqliteTransaction => "sqlite_transaction",
        }
    }

    /// Its row's name for people.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::RowLocks => "PostgreSQL, SELECT … FOR UPDATE",
            Self::ConditionalUpdate => "PostgreSQL, one conditional UPDATE",
            Self::RedisLocks => "Redis SET NX locks, PostgreSQL",
            Self::RedisLua => "Redis Lua script, appendfsync always",
            Self::SqliteTransaction => "SQLite, a transaction each",
        }
    }

    /// The servers it needs.
    pub(crate) const fn needs(self) -> Needs {
        match self {
            Self::RowLocks | Self::ConditionalUpdate => Needs { postgres: true, redis: false },
            Self::RedisLocks => Needs { postgres: true, redis: true },
            Self::RedisLua => Needs { postgres: false, redis: true },
            Self::SqliteTransaction => Needs { postgres: false, redis: false },
        }
    }
}

/// Servers that a design needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    pub(crate) postgres: bool,
    pub(crate) redis: bool,
}

/// The options of a baseline.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Start {
    /// The design
    #[arg(value_enum)]
    pub(crate) design: Design,
    /// The data set's folder
    pub(crate) folder: PathBuf,
    /// Folder of PostgreSQL's socket
    #[arg(long)]
    pub(crate) postgres: Option<PathBuf>,
    /// Redis's socket
    #[arg(long)]
    pub(crate) redis: Option<PathBuf>,
    /// Connections to PostgreSQL
    #[arg(long, default_value_t = 12)]
    pub(crate) pool: usize,
}

/// A request for a seat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeatRequest {
    pub(crate) event: i64,
    pub(crate) seat: i32,
    pub(crate) buyer: u128,
    pub(crate) reservation: u128,
    pub(crate) now_ms: i64,
    pub(crate) expires_ms: i64,
}

/// The outcome: the price, or `None` when the seat is taken.
pub(crate) type Taken = Result<Option<i64>>;

/// The implementation of a design.
#[derive(Debug)]
pub(crate) enum Backend {
    Postgres(postgres::Postgres),
    RedisLocks(redis_seats::RedisSeats, postgres::Postgres),
    RedisLua(redis_seats::RedisSeats),
    Sqlite(sqlite::Sqlite),
}

impl Backend {
    pub(crate) async fn take(&self, request: SeatRequest) -> Taken {
        match self {
            Self::Postgres(postgres) => postgres.take(request).await,
            Self::RedisLocks(redis, postgres) => {
                if !redis.lock(request).await? {
                    return Ok(None);
                }
                postgres.take(request).await
            }
            Self::RedisLua(redis) => redis.take(request).await,
            Self::Sqlite(sqlite) => sqlite.take(request).await,
        }
    }
}
