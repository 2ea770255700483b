//! Rate limits, and the delay after wrong passwords.

pub mod rate_limit;
pub mod wrong_passwords;

pub use rate_limit::{LimitedCaller, RateLimit, RateLimiting, RateLimits};
pub use wrong_passwords::WrongPasswords;
