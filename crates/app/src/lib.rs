//! What the platform does, without HTTP.
//!
//! What lives here: who may do what (`access`), venues and events (`catalogue`), buying (`checkout`), tickets as things one can show
//! (`tickets`), what follows from a sale's facts (`consumers`), letters (`mail`), and the operator's proof and backup. What must always hold:
//! an error is a small enum of its operation and knows no status code; a rule about seats or money is asked of the sale, never decided
//! here. What deliberately does not live here: HTTP (see `fairseat-edge`, `fairseat-api`, `fairseat-web`) and the rules of a sale (see
//! `fairseat-domain`).

pub mod access;
mod app;
pub mod background;
pub mod backup;
pub mod catalogue;
pub mod checkout;
pub mod commands;
pub mod consumers;
pub mod correspondence;
pub mod data_dir;
mod failure;
pub mod ids;
pub mod keys;
pub mod metrics;
pub mod tickets;
pub mod time_text;
pub mod verify;

pub use app::{App, AppOptions, STORE_FILE};
pub use failure::Failure;
