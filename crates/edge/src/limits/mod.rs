//! How often somebody may ask, and how often they may guess a password.

pub mod login_guard;
pub mod rate_limit;

pub use login_guard::LoginGuard;
pub use rate_limit::{Class, Limits, RateLimits, Who};
