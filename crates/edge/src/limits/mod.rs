//! Rate limits, and the delay after wrong passwords.

pub mod wrong_passwords;
pub mod rate_limit;

pub use wrong_passwords::WrongPasswords;
pub use rate_limit::{RateLimit, RateLimiting, RateLimits, LimitedCaller};
