//! Private PostgreSQL servers for tests and measurements: in a temporary folder, on a Unix socket, as an unprivileged user.
//!
//! A server ends with its [`PostgresServer`], and also when the process dies: its watchdog ends it once the pipe to the
//! process is closed. The machine's own servers are never touched.

mod citus;
mod database;
mod installation;
mod server;

pub use citus::{CitusCluster, NO_CITUS};
pub use database::TestDatabase;
pub use installation::Installation;
pub use server::PostgresServer;
