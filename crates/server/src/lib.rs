//! The composition of the `fairseat` program: command line, configuration, the running server, telemetry, the demo.
//!
//! What deliberately does not live here: everything else. What the platform does is in `fairseat-app`, its addresses are in `fairseat-api`
//! and `fairseat-web`, conventions of HTTP in `fairseat-edge`, rules about seats and money in `fairseat-domain`.

/// A sale's versions share most of their memory and are freed by their last reader, which is rarely the thread that
/// made them: the system's allocator took a sixth of a busy server's time for that.
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
