//! What the organizers' console asks.

mod cancellation;
mod counter;
mod orders;
mod refunds;
mod statistics;
