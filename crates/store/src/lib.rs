//! SQL: accounts, organizations and the catalogue, whose truth is here; views of the journal, which can be rebuilt;
//! search; the outbox; idempotency of requests outside a sale.
//!
//! [`Store`] is one database file. Its functions are grouped by what they are about: [`Store::users`],
//! [`Store::sessions`], and so on. All are async, cancel-safe in that a started unit of work runs to its end, and take the
//! time as an argument. What deliberately is not here: who may call what, validation of input, rate limits (the server),
//! and every decision about seats and money (the domain; its journal is in a file of its own).

pub mod audit;
pub mod counter_sales;
mod database;
mod error;
pub mod events;
pub mod idempotency;
mod ids;
pub mod images;
pub mod limits;
mod listing;
pub mod mailbox;
mod migrations;
pub mod one_time_tokens;
pub mod organizations;
pub mod outbox;
mod page;
mod scope;
pub mod search;
pub mod session_access;
pub mod sessions;
mod sql;
mod store;
pub mod users;
pub mod venues;
pub mod views;

pub use database::Observer;
pub use error::StoreError;
pub use ids::{ImageId, OrganizationId, SessionId, VenueId};
pub use listing::{EventListing, EventStatus};
pub use page::{Listing, Page};
pub use scope::Scope;
pub use store::Store;
