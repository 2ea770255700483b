//! Seats in Redis: as locks in front of a database, or with a script that does everything in one step.
//!
//! One multiplexed connection for all requests: what arrives together is written together, and with `appendfsync always` Redis
//! then makes it durable together.

use super::{Taken, Wish};
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
    /// Keys of this process: others had the same seats before, in the same Redis.
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

    fn key(&self, wish: Wish) -> String {
        format!("{}:{}:{}", self.prefix, wish.event, wish.seat)
    }

    /// Whether the seat's lock was free; the caller has it now, until the reservation ends.
    pub(super) async fn lock(&self, wish: Wish) -> Result<bool> {
        let mut connection = self.connection.clone();
        let mut set = redis::cmd("SET");
        set.arg(self.key(wish)).arg(wish.reservation.to_be_bytes().as_slice());
        set.arg("NX").arg("PXAT").arg(wish.expires_ms);
        let answer: Option<String> = set.query_async(&mut connection).await?;
        Ok(answer.is_some())
    }

    pub(super) async fn take(&self, wish: Wish) -> Taken {
        let mut connection = self.connection.clone();
        let mut call = self.take.prepare_invoke();
        call.key(self.key(wish));
        call.arg(wish.reservation.to_be_bytes().as_slice()).arg(wish.buyer.to_be_bytes().as_slice());
        call.arg(PRICE).arg(wish.expires_ms);
        let price: i64 = call.invoke_async(&mut connection).await?;
        Ok((price >= 0).then_some(price))
    }
}
