//! What the organizers' console asks.

mod statistics;
