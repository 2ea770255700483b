//! A person as they see themselves.

use crate::error::ApiError;
use crate::state::ApiState;
use fairseat_app::ids::account_uuid;
use fairseat_contract::JsonTime;
use fairseat_store::organizations::Membership;
use fairseat_store::users::User;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account, for its owner.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserJson {
    user_id: Uuid,
    email: String,
    username: String,
    phone_number: Option<String>,
    /// Whether the address was proved to be theirs.
    email_verified: bool,
    /// Whether they administer the whole platform.
    is_admin: bool,
    organizations: Vec<MembershipJson>,
    created_at: JsonTime,
}

/// A role somebody has in an organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
struct MembershipJson {
    organization_id: Uuid,
    name: String,
    /// `owner`, `manager`, `finance` or `staff`.
    role: &'static str,
}

impl UserJson {
    /// Somebody who has just come, and is a member of nothing.
    pub(super) fn newcomer(user: User) -> Self {
        Self::with(user, Vec::new())
    }

    /// With the organizations they are a member of.
    pub(super) async fn read(app: &ApiState, user: User) -> Result<Self, ApiError> {
        let memberships = app.store.organizations().of_user(user.id).await?;
        Ok(Self::with(user, memberships))
    }

    fn with(user: User, memberships: Vec<Membership>) -> Self {
        let membership = |Membership { organization, role }| MembershipJson {
            organization_id: organization.id.0,
            name: organization.name,
            role: role.name(),
        };
        Self {
            user_id: account_uuid(user.id),
            email: user.email,
            username: user.username,
            phone_number: user.phone_number,
            email_verified: user.email_verified_at.is_some(),
            is_admin: user.is_admin,
            organizations: memberships.into_iter().map(membership).collect(),
            created_at: JsonTime(user.created_at),
        }
    }
}
