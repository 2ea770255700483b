//! The composition root: everything that faces the outside world.
//!
//! What lives here: the command line, the HTTP edge and its resources, keys, telemetry. What must always hold: nothing
//! that arrives is believed before it was parsed into a type of the domain, and nothing secret leaves. What deliberately
//! does not live here: any rule about seats, money or tickets (see `fairseat-domain`).

/// A sale's versions share most of what they hold and are let go by whoever looks at one last, which is rarely the thread that
/// made it: the system's allocator took a sixth of a busy server's time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod catalogue;
pub mod checkout;
pub mod cli;
pub mod config;
pub mod data_dir;
pub mod demo;
pub mod follower;
pub mod http;
pub mod images;
pub mod keys;
pub mod live;
pub mod mail;
pub mod money_json;
pub mod payments;
pub mod platform;
pub mod public_ids;
pub mod telemetry;
pub mod tickets;
pub mod verify;
