//! Redis or Valkey between nodes over one database, for two things:
//!
//! - a *doorbell*: a node that appended to a stream says so, and nodes on which its machine is awake read it at once instead of within a second
//!   ([`fairseat_engine::Doorbell`]);
//! - *shared counters*: limits by account, recipient and organization, and wrong passwords, are counted for all nodes together
//!   ([`fairseat_edge::limits::SharedCounters`]).
//!
//! What must always hold:
//! - **No truth is in Redis.** It may lie, forget, be slow or vanish at any moment: maps are then as old as a second, and each node counts alone.
//! - **Nobody waits for it.** A call has some tens of milliseconds; after a few that failed nothing is asked until Redis answers again.
//! - **No personal data are in it.** Names of counters are keyed hashes, and a message holds numbers of streams.
//!
//! What deliberately does not live here: which limits there are (`edge`), and what a machine does when it hears the doorbell (`engine`).

mod counters;
mod doorbell;
mod link;
mod metrics;
mod names;
mod server;
mod url;

pub use metrics::RedisMetrics;
pub use server::{Redis, RedisOptions};
pub use url::{RedisError, RedisUrl};
