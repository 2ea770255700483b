//! What a user would build instead: the same front (our listener, edge, token check, limits, JSON), another way to take a seat.
//!
//! Each takes one seat for one buyer, durably, and answers the seat's price or that somebody has it. What they do not have,
//! to their advantage: idempotency, ticket limits, exact expiry, a history, live maps.

mod front;
mod postgres;
mod private;
mod redis_seats;
mod sqlite;

pub(crate) use front::role;
pub(crate) use private::{PostgresServer, RedisServer};

use anyhow::Result;
use clap::ValueEnum;
use std::path::PathBuf;

/// The designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Design {
    /// PostgreSQL: `SELECT … FOR UPDATE`, look, write, commit
    RowLocks,
    /// PostgreSQL: one `UPDATE … WHERE` the seat is free
    ConditionalUpdate,
    /// Redis: `SET NX` on the seat; PostgreSQL: the reservation
    RedisLocks,
    /// Redis: a Lua script that looks and writes
    RedisLua,
    /// SQLite: one transaction a reservation
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

    /// What it runs on.
    pub(crate) const fn needs(self) -> Needs {
        match self {
            Self::RowLocks | Self::ConditionalUpdate => Needs { postgres: true, redis: false },
            Self::RedisLocks => Needs { postgres: true, redis: true },
            Self::RedisLua => Needs { postgres: false, redis: true },
            Self::SqliteTransaction => Needs { postgres: false, redis: false },
        }
    }
}

/// Servers a design needs beside our program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    pub(crate) postgres: bool,
    pub(crate) redis: bool,
}

/// How a baseline is started.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Start {
    /// Which
    #[arg(value_enum)]
    pub(crate) design: Design,
    /// A data folder with accounts and keys; a dataset
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

/// A seat somebody wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) event: i64,
    pub(crate) seat: i32,
    pub(crate) buyer: u128,
    pub(crate) reservation: u128,
    pub(crate) now_ms: i64,
    pub(crate) expires_ms: i64,
}

/// What became of it: the price, or `None` when somebody has the seat.
pub(crate) type Taken = Result<Option<i64>>;

/// A way to take seats.
#[derive(Debug)]
pub(crate) enum Backend {
    Postgres(postgres::Postgres),
    RedisLocks(redis_seats::RedisSeats, postgres::Postgres),
    RedisLua(redis_seats::RedisSeats),
    Sqlite(sqlite::Sqlite),
}

impl Backend {
    pub(crate) async fn take(&self, wish: Wish) -> Taken {
        match self {
            Self::Postgres(postgres) => postgres.take(wish).await,
            Self::RedisLocks(redis, postgres) => {
                if !redis.lock(wish).await? {
                    return Ok(None);
                }
                postgres.take(wish).await
            }
            Self::RedisLua(redis) => redis.take(wish).await,
            Self::Sqlite(sqlite) => sqlite.take(wish).await,
        }
    }
}
