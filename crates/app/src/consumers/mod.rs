//! What follows from a sale's facts: views, messages, the audit trail, counters.

mod audit;
pub mod follower;
