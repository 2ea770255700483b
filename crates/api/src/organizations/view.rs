//! An organization and the roles in it, as its members see them.

use fairseat_contract::JsonTime;
use fairseat_store::organizations::{Organization, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub(crate) struct OrganizationJson {
    organization_id: Uuid,
    name: String,
    /// Your role in it; null for an administrator who is not a member
    role: Option<RoleJson>,
    created_at: JsonTime,
}

impl OrganizationJson {
    pub(crate) fn of(organization: Organization, role: Option<Role>) -> Self {
        Self {
            organization_id: organization.id.0,
            name: organization.name,
            role: role.map(RoleJson::from),
            created_at: JsonTime(organization.created_at),
        }
    }
}

/// What a member may do
///
/// `owner`: everything. `manager`: everything but who is a member. `finance`: orders and refunds. `staff`: the
/// door and the counter.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrganizationRole)]
pub(crate) enum RoleJson {
    Owner,
    Manager,
    Finance,
    Staff,
}

impl From<Role> for RoleJson {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Manager => Self::Manager,
            Role::Finance => Self::Finance,
            Role::Staff => Self::Staff,
        }
    }
}

impl From<RoleJson> for Role {
    fn from(role: RoleJson) -> Self {
        match role {
            RoleJson::Owner => Self::Owner,
            RoleJson::Manager => Self::Manager,
            RoleJson::Finance => Self::Finance,
            RoleJson::Staff => Self::Staff,
        }
    }
}
