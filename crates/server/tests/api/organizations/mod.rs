//! `/api/v1/organizations`.

mod audit;
mod create;
mod invitations;
mod list;
mod members;
