//! Connections to PostgreSQL servers that may fail over: which server, TLS, what is checked before a connection is used, pools, and read replicas.
//!
//! The journal and the store use it, each with pools of its own. It knows no table of theirs but the function that makes sure that nothing is read
//! which a promotion can still lose.

pub mod citus;
mod connect;
mod error;
mod pool;
mod replicas;
mod schema_rule;
mod url;

pub use connect::{Connection, Connector};
pub use error::{ServerError, describe};
pub use pool::{Pool, Pooled};
pub use replicas::{BeatStatements, MAX_DELAY, Replica, ReplicaStatus, Replicas};
pub use schema_rule::SchemaFit;

/// What is demanded of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Commits must wait for a standby.
    pub require_standby: bool,
    /// A server is accepted that may lose commits in a crash. For tests only.
    pub allow_unsafe_server: bool,
}
