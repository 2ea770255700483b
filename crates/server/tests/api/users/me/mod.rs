//! `/api/v1/users/me`.

mod account;
mod erasure;
mod export;
mod reservations;
mod sessions;
