//! Organizations, their members and their audit trail.

use crate::money::JsonTime;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of the audit trail, the newest entries first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trail)]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// Who did what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deed)]
pub struct AuditEntry {
    pub at: JsonTime,
    pub user_id: Uuid,
    pub username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// As `object.verb`: `event.created`, `event.terms_changed`, `event.prices_changed`, `event.plan_changed`,
    /// `event.image_set`, `event.image_removed`, `event.cancelled`, `event.withdrawn`, `seats.blocked`, `seats.unblocked`, `box_office.sold`, `order.cancelled`,
    /// `refund.handed_out`, `member.set`, `member.removed`, `orders.exported`, `attendees.exported`; more may come
    pub action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub event_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub event_name: Option<String>,
    /// True where the event was deleted since; else absent
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub event_deleted: bool,
    /// The id of what it was done to: an event, an order, an account
    pub object_id: String,
    /// What the account it was done to is called now; absent for everything else, and for accounts that are gone
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub object_name: Option<String>,
    /// More about it, by kind of deed
    #[schema(value_type = Object)]
    pub detail: Box<RawValue>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOrganization {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Organizations {
    pub organizations: Vec<OrganizationJson>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// Who is to be a member, as [`NewMemberSchema`] describes it.
#[derive(Debug, Deserialize)]
pub struct NewMember {
    pub email: Option<String>,
    pub user_id: Option<Uuid>,
    pub role: RoleJson,
}

/// Who is to be a member; `email` or `user_id`, not both.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
#[schema(as = NewMember)]
pub enum NewMemberSchema {
    ByEmail {
        #[schema(format = Email)]
        email: String,
        role: RoleJson,
    },
    ById {
        user_id: Uuid,
        role: RoleJson,
    },
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberJson {
    pub user_id: Uuid,
    pub email: String,
    pub username: String,
    pub role: RoleJson,
    /// When they became a member; in the list
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub created_at: Option<JsonTime>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Members {
    pub members: Vec<MemberJson>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationJson {
    pub organization_id: Uuid,
    pub name: String,
    /// Your role in it; null for an administrator who is not a member
    pub role: Option<RoleJson>,
    pub created_at: JsonTime,
}

/// What a member may do
///
/// `owner`: everything. `manager`: everything but who is a member. `finance`: orders and refunds. `staff`: the
/// door and the counter.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrganizationRole)]
pub enum RoleJson {
    Owner,
    Manager,
    Finance,
    Staff,
}
