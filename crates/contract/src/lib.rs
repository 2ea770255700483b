//! The JSON types that the API writes and the pages read.
//!
//! What must always hold: fields are added, never renamed or removed; an amount of money is never a binary float. What deliberately does
//! not live here: how a value is computed (see `fairseat-api`), and rules.

#![expect(
    missing_docs,
    reason = "a field is named as in the API's document; those that need words have them"
)]

pub mod accounts;
pub mod blocked_seats;
pub mod box_office;
pub mod cities;
pub mod csv;
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

pub use money::{JsonMoney, JsonTime, MoneyText};

/// The path below which all resources of the API are.
pub const API_ROOT: &str = "/api/v1";
/// The cookie that carries a browser's session.
pub const SESSION_COOKIE: &str = "__Host-session";
/// The cookie that carries a browser's device token, by which its owners are not kept out by strangers who guess their passwords.
pub const DEVICE_COOKIE: &str = "__Host-device";

/// The cookie with what a browser holds, for the countdown on every page: `<reservation>.<event>.<end in ms>.<seats>`, several joined by `~`.
pub const CART_COOKIE: &str = "__Host-cart";
/// The cookie with the e-mail address that was typed at checkout, so that signing in, registering and a new password need not ask again.
pub const TYPED_EMAIL_COOKIE: &str = "__Host-typed-email";

/// The `Set-Cookie` header that gives a browser its session, or, with 0 seconds, takes it away.
#[must_use]
pub fn set_session_cookie(value: &str, max_age_seconds: i64) -> String {
    format!("{SESSION_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}")
}

/// How long a browser remembers that somebody has signed in on it: 400 days, the longest that browsers allow.
const DEVICE_SECONDS: u32 = 400 * 86_400;

/// The `Set-Cookie` header with which a browser remembers who has signed in on it.
#[must_use]
pub fn set_device_cookie(token: &str) -> String {
    format!("{DEVICE_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={DEVICE_SECONDS}")
}

/// Addresses of static files for pages outside the web crate.
pub mod asset_paths {
    /// The style sheet.
    pub const STYLES: &str = "/assets/current/css/fairseat.css";
    /// The icon.
    pub const ICON: &str = "/assets/current/img/icon.svg";
}
