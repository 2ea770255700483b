//! What the organizers' console asks.

mod audit;
mod blocked;
mod cancellation;
mod carts_and_sessions;
mod copies;
mod counter;
mod exports;
mod orders;
mod pages;
mod refunds;
mod statistics;
