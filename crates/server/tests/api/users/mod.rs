//! `/api/v1/users`.

mod me;
mod orders;
