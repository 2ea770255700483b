//! `/organizations`: the owners of venues and events, and their members with roles.
//!
//! What must always hold: an organization with members has an owner; for people outside an organization it does not exist;
//! nobody becomes a member without accepting, and until then nothing about the person is revealed.

pub(crate) mod access;
mod audit;
mod create;
mod invitations;
mod invite;
mod list;
pub(crate) mod members;
mod orders;
pub(crate) mod view;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(list::list_organizations, create::found_organization))
        .with(routes!(members::list_members, invite::invite, members::remove_member_by_query))
        .with(routes!(members::remove_member))
        .with(routes!(invitations::list_invitations))
        .with(routes!(invitations::withdraw_invitation))
        .with(routes!(orders::orders_of_organization))
        .with(routes!(audit::trail))
}
