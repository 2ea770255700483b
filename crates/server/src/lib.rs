//! The composition of the `fairseat` program: command line, configuration, the running server, telemetry, the demo.
//!
//! What deliberately does not live here: everything else. The application is in `fairseat-app`, its routes in `fairseat-api` and
//! `fairseat-web`, conventions of HTTP in `fairseat-edge`, rules about seats and money in `fairseat-domain`.

/// mimalloc instead of the system's allocator: versions of a sale share memory, which is usually freed on another thread than it was
/// allocated on. With the system's allocator that cost a sixth of a busy server's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod cli;
pub mod config;
pub mod demo;
mod server;
mod service;
pub mod telemetry;

pub use server::Server;
pub use service::{Service, behind_the_edge};
