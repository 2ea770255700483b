//! Routes for operators.

mod health;
mod metrics;
