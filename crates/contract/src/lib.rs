//! The JSON types that the API writes and the pages read.
//!
//! What must always hold: fields are added, never renamed or removed; an amount of money is never a binary float. What deliberately does
//! not live here: how a value is computed (see `fairseat-api`), and rules.

pub mod calendar;
pub mod money;

pub use calendar::CalendarEntry;
pub use money::{JsonMoney, JsonTime, MoneyText};

/// The path under which all resources of the API are.
pub const API_ROOT: &str = "/api/v1";
/// The cookie that carries a browser's session.
pub const SESSION_COOKIE: &str = "__Host-session";

/// Addresses of static files that pages outside of the web crate use.
pub mod asset_paths {
    /// The style sheet.
    pub const STYLES: &str = "/assets/current/css/fairseat.css";
    /// The icon.
    pub const ICON: &str = "/assets/current/img/icon.svg";
}
