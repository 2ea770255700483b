//! Seats in Redis: as locks in front of a database, or with a script that does everything in one step.
//!
//! All requests share one multiplexed connection, so that simultaneous requests are sent together; with `appendfsync always`, Redis makes
//! them durable together.

use super::{SeatRequest, Taken};
use crate::dataset::PRICE;
use anyhow::Result;
use redis::aio::MultiplexedConnection;
use redis::{Client, Script};
use std::path::Path;

/// A seat's hash is created when it is taken; Redis removes it when it expires.
const TAKE: &str = "if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end \
                    redis.call('HSET', KEYS[1], 'reservation', ARGV[1], 'buyer', ARGV[2], 'price', ARGV[3]) \
                    redis.call('PEXPIREAT', KEYS[1], ARGV[4]) return tonumber(ARGV[3])";

/// See the module.
pub(crate) struct RedisSeats {
    connection: MultiplexedConnection,
    take: Script,
    /// Prefix of this process's keys, because earlier processes used the same seats in the same Redis.
    prefix: u32,
}

impl std::fmt::Debug for RedisSeats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisSeats")
    }
}

impl RedisSeats {
    pub(super) async fn open(socket: &Path) -> Result<Self> {
        let client = Client::open(format!("redis+unix://{}", socket.display()))?;
        let connection = client.get_multiplexed_async_connection().await?;
        Ok(Self { connection, take: Script::new(TAKE), prefix: std::process::id() })
    }

    fn key(&self, request: SeatRequest) -> String {
        format!("{}:{}:{}", self.prefix, request.event, request.seat)
    }

    /// Locks the seat until the reservation ends. Returns whether it was free.
    pub(super) async fn lock(&self, request: SeatRequest) -> Result<bool> {
        let mut connection = self.connection.clone();
        let mut set = redis::cmd("SET");
        set.arg(self.key(request)).arg(request.reservation.to_be_bytes().as_slice());
        set.arg("NX").arg("PXAT").arg(request.expires_ms);
        let answer: Option<String> = set.query_async(&mut connection).await?;
        Ok(answer.is_some())
    }

    pub(super) async fn take(&self, request: SeatRequest) -> Taken {
        let mut connection = self.connection.clone();
        let mut call = self.take.prepare_invoke();
        call.key(self.key(request));
        call.arg(request.reservation.to_be_bytes().as_slice()).arg(request.buyer.to_be_bytes().as_slice());
        call.arg(PRICE).arg(request.expires_ms);
        let price: i64 = call.invoke_async(&mut connection).await?;
        Ok((price >= 0).then_some(price))
    }
}
