//! The JSON types of the API, for the API that writes them and for the pages that read them.
//!
//! What must always hold: a field is added, never renamed or removed; an amount of money is never a binary float. What deliberately does
//! not live here: how a value is worked out (see `fairseat-api`), and any rule.

pub mod calendar;
pub mod money;

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
