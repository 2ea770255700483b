//! An organization and the roles in it, as its members see them.

use fairseat_contract::JsonTime;
use fairseat_contract::organizations::{OrganizationJson, RoleJson};
use fairseat_store::organizations::{Organization, Role};

pub(crate) fn organization_json(organization: Organization, role: Option<Role>) -> OrganizationJson {
    OrganizationJson {
        organization_id: organization.id.0,
        name: organization.name,
        role: role.map(role_json),
        created_at: JsonTime(organization.created_at),
    }
}

pub(crate) fn role_json(role: Role) -> RoleJson {
    match role {
        Role::Owner => RoleJson::Owner,
        Role::Manager => RoleJson::Manager,
        Role::Finance => RoleJson::Finance,
        Role::Staff => RoleJson::Staff,
    }
}

pub(crate) fn role_of(role: RoleJson) -> Role {
    match role {
        RoleJson::Owner => Role::Owner,
        RoleJson::Manager => Role::Manager,
        RoleJson::Finance => Role::Finance,
        RoleJson::Staff => Role::Staff,
    }
}
