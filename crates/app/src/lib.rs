//! The application: what the platform does, without HTTP.
//!
//! What lives here: authentication and permissions (`access`), venues and events (`catalogue`), buying (`checkout`), drawing tickets
//! (`tickets`, `calendar`), consumers of the journal (`consumers`), composing messages (`correspondence`), verifying and backing up the data (`verify`,
//! `backup`). What must always hold: each operation has its own small error enum, without a status code; only the sale decides about seats
//! and money. What deliberately does not live here: HTTP (see `fairseat-edge`, `fairseat-api`, `fairseat-web`) and the rules of a sale (see
//! `fairseat-domain`).

pub mod access;
pub mod account_letters;
mod app;
pub mod background;
pub mod backup;
pub mod calendar;
pub mod carts;
pub mod catalogue;
pub mod checkout;
pub mod commands;
pub mod consumers;
pub mod correspondence;
pub mod data_dir;
mod failure;
pub mod fingerprint;
pub mod ids;
pub mod keys;
pub mod metrics;
pub mod statistics;
pub mod tickets;
pub mod time_text;
pub mod verify;

pub use app::{App, AppOptions, STORE_FILE};
pub use failure::Failure;
