//! SQL: accounts, organizations and the catalogue, for which the store is the source of truth; views of the journal, which can be rebuilt;
//! search; the outbox; idempotency of requests outside a sale.
//!
//! [`Store`] is one SQLite file or one PostgreSQL database. Its functions are grouped by subject: [`Store::users`], [`Store::sessions`], and so on. All are async
//! and take the time as an argument; a transaction that has started runs to its end even if its caller is cancelled. What deliberately does
//! not live here: permissions, validation of input and rate limits (`fairseat-app`, `fairseat-api`), and every decision about seats and
//! money (`fairseat-domain`).

pub mod address_undos;
pub mod audit;
mod audit_chain;
pub mod contacts;
pub mod counter_sales;
mod database;
pub mod email;
mod error;
pub mod events;
mod guests;
pub mod idempotency;
mod ids;
pub mod images;
pub mod invitations;
pub mod limits;
mod listing;
pub mod mailbox;
mod observer;
pub mod one_time_tokens;
pub mod organizations;
pub mod outbox;
mod page;
mod postgres;
pub mod provider_records;
pub mod quotas;
mod refold;
mod scope;
pub mod search;
pub mod session_access;
pub mod sessions;
mod sql;
mod sqlite;
mod store;
pub mod transfer;
pub mod users;
mod value;
pub mod venues;
pub mod views;
mod waiting;

pub use error::{Cause, StoreError};
pub use fairseat_postgres::citus::{CitusError, MAX_SHARDS};
pub use fairseat_postgres::{Demands, MAX_DELAY, ReplicaStatus};
pub use ids::{ImageId, InvitationId, OrganizationId, SessionId, VenueId};
pub use listing::{EventListing, EventStatus};
pub use observer::Observer;
pub use page::{Listing, Page};
pub use scope::Scope;
pub use store::Store;

/// File of the store within the data folder.
pub const STORE_FILE: &str = "store.db";
