//! The application: what the platform does, without HTTP.
//!
//! What lives here: authentication and permissions (`access`), accounts and members (`accounts`, `membership`), venues and events (`catalogue`), buying (`checkout`), drawing tickets
//! (`tickets`, `calendar`), consumers of the journal (`consumers`), composing messages (`correspondence`). What must always hold: each operation has its own small error enum, without a status code; only the sale decides about seats
//! and money. What deliberately does not live here: HTTP (see `fairseat-edge`, `fairseat-api`, `fairseat-web`) and the rules of a sale (see
//! `fairseat-domain`).

pub mod access;
pub mod account_letters;
pub mod accounts;
mod app;
pub mod background;
pub mod calendar;
pub mod carts;
pub mod catalogue;
pub mod checkout;
pub mod commands;
pub mod consumers;
pub mod correspondence;
pub mod data_dir;
pub mod database_server;
mod enclosures;
pub mod erasure;
pub mod exports;
mod failure;
pub mod fingerprint;
pub mod hold_origin;
pub mod hold_refusals;
pub mod idempotency;
pub mod ids;
pub mod keys;
pub mod membership;
pub mod metrics;
pub mod statistics;
pub mod tickets;
pub mod time_text;

pub use app::{App, AppOptions};
pub use failure::{Failure, OrFailure};
