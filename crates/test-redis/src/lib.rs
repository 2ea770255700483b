//! Private Redis servers for tests: in a temporary folder, on a Unix socket, without data on disk.
//!
//! A server ends with its [`RedisServer`], and also when the process dies: its watchdog ends it once the pipe to the process is closed. The
//! machine's own servers are never touched. [`RedisProxy`] stands between a node and a server, and can be cut.

mod proxy;
mod server;

pub use proxy::RedisProxy;
pub use server::RedisServer;
