//! The JSON types of the API, for the API that writes them and for the pages that read them.
//!
//! What must always hold: a field is added, never renamed or removed; an amount of money is never a binary float. What deliberately does
//! not live here: how a value is worked out (see `fairseat-api`), and any rule.

#![expect(
    missing_docs,
    reason = "a field is named as in the API's document; those that need words have them"
)]

pub mod accounts;
pub mod blocked_seats;
pub mod box_office;
pub mod calendar;
pub mod demo;
pub mod events;
pub mod export;
pub mod money;
pub mod orders;
pub mod organizations;
pub mod payments;
pub mod plans;
pub mod reservations;
pub mod seats;
pub mod sections;
pub mod statistics;
pub mod terms;
pub mod tickets;
pub mod venues;

pub use calendar::CalendarEntry;
pub use money::{JsonMoney, JsonTime, MoneyText};

/// Where the resources of the API are.
pub const API_ROOT: &str = "/api/v1";
/// The cookie that carries a browser's session.
pub const SESSION_COOKIE: &str = "__Host-session";

/// Addresses of files that pages outside of the web crate use.
pub mod asset_paths {
    /// The style sheet.
    pub const STYLES: &str = "/assets/current/css/fairseat.css";
    /// The icon.
    pub const ICON: &str = "/assets/current/img/icon.svg";
}
