//! `/api/v1/venues`.

mod access;
mod change;
mod create;
mod list;
