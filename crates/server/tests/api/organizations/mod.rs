//! `/api/v1/organizations`.

mod audit;
mod create;
mod list;
mod members;
mod quota;
