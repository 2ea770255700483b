//! The composition of the `fairseat` program: command line, configuration, the running server, telemetry, the demo.
//!
//! What deliberately does not live here: the application (`fairseat-app`), its routes (`fairseat-api`, `fairseat-web`), conventions of HTTP
//! (`fairseat-edge`), and rules about seats and money (`fairseat-domain`).

/// mimalloc instead of the system's allocator: versions of a sale share memory, which is usually freed on another thread than the one that
/// allocated it. With the system's allocator this took a sixth of a busy server's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod bus_settings;
pub mod cli;
pub mod config;
pub mod demo;
mod node;
mod server;
mod service;
mod shared_redis;
pub mod telemetry;

pub use node::ServerNode;
pub use server::Server;
pub use service::{Service, behind_the_edge};
