//! The settings of a journal on PostgreSQL.

use fairseat_postgres::Demands;
use std::hash::{BuildHasher, Hasher, RandomState};

/// The settings of a [`PostgresJournal`](super::PostgresJournal).
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Connections for appends, and so appends at one time; further ones wait. One connection commits one append after the
    /// other.
    pub append_connections: usize,
    /// Connections for everything else.
    pub other_connections: usize,
    /// Every append checks on the server that commits wait for a standby, and is refused if they do not.
    pub require_standby: bool,
    /// Accepts a server that may lose commits in a crash. For tests only.
    pub allow_unsafe_server: bool,
    /// The node's name, as the holder of leases. A node that starts again under its old name need not wait until its
    /// leases have ended.
    pub node: String,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            append_connections: 16,
            other_connections: 8,
            require_standby: false,
            allow_unsafe_server: false,
            node: format!("{:016x}", RandomState::new().build_hasher().finish()),
        }
    }
}

impl PostgresOptions {
    pub(super) const fn demands(&self) -> Demands {
        Demands { require_standby: self.require_standby, allow_unsafe_server: self.allow_unsafe_server }
    }
}
