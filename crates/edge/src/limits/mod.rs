//! Rate limits, and the delay after wrong passwords, of one server or of several together.

pub mod rate_limit;
pub mod rate_limits;
pub mod shared;
pub mod wrong_passwords;

pub use rate_limit::{LimitedCaller, RateLimit, RateLimiting};
pub use rate_limits::RateLimits;
pub use shared::SharedCounters;
pub use wrong_passwords::WrongPasswords;
