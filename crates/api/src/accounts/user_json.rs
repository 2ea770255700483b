//! An account as its owner sees it.

use crate::state::ApiState;
use fairseat_app::ids::account_uuid;
use fairseat_contract::JsonTime;
use fairseat_contract::accounts::{MembershipJson, UserJson};
use fairseat_problems::errors::ApiError;
use fairseat_store::organizations::Membership;
use fairseat_store::users::User;

/// A new account; it is not yet a member of any organization.
pub(crate) fn newcomer_json(user: User) -> UserJson {
    user_with(user, Vec::new())
}

/// An account with the organizations that it is a member of.
pub(crate) async fn user_json(app: &ApiState, user: User) -> Result<UserJson, ApiError> {
    let memberships = app.store.organizations().of_user(user.id).await?;
    Ok(user_with(user, memberships))
}

fn user_with(user: User, memberships: Vec<Membership>) -> UserJson {
    let membership = |Membership { organization, role }| MembershipJson {
        organization_id: organization.id.0,
        name: organization.name,
        role: role.name(),
    };
    UserJson {
        user_id: account_uuid(user.id),
        email: (!user.guest).then_some(user.email),
        username: user.username,
        phone_number: user.phone_number,
        email_verified: user.email_verified_at.is_some(),
        guest: user.guest,
        is_admin: user.is_admin,
        organizations: memberships.into_iter().map(membership).collect(),
        created_at: JsonTime(user.created_at),
    }
}
