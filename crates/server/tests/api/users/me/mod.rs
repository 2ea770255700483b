//! `/api/v1/users/me`.

mod account;
mod export;
mod reservations;
mod sessions;
