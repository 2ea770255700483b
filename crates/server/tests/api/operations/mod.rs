//! Routes for operators.

mod document;
mod health;
mod metrics;
