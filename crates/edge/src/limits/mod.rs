//! Rate limits, and the delay after wrong passwords.

pub mod login_guard;
pub mod rate_limit;

pub use login_guard::LoginGuard;
pub use rate_limit::{Class, Limits, RateLimits, Who};
