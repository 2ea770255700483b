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

/// An entry of the audit trail: who did what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deed)]
pub struct AuditEntry {
    pub at: JsonTime,
    pub user_id: Uuid,
    pub username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// The action as `object.verb`: `event.created`, `event.terms_changed`, `event.prices_changed`, `event.plan_changed`,
    /// `event.image_set`, `event.image_removed`, `event.cancelled`, `event.withdrawn`, `seats.blocked`, `seats.unblocked`,
    /// `box_office.sold`, `order.cancelled`, `refund.handed_out`, `member.set`, `member.joined`, `member.removed`,
    /// `invitation.sent`, `invitation.withdrawn`, `orders.exported`, `attendees.exported`, `quota.set`;
    /// further actions may be added
    pub action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub event_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub event_name: Option<String>,
    /// True if the event has been deleted since; otherwise absent
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub event_deleted: bool,
    /// The id of the object of the action: an event, an order, an account or an invitation
    pub object_id: String,
    /// The current name of the account that the action was about; absent for other objects, and for deleted accounts
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub object_name: Option<String>,
    /// Details, which depend on the action
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

/// Whom to invite, or whose role to change, as [`NewMemberSchema`] describes it.
#[derive(Debug, Deserialize)]
pub struct NewMember {
    pub email: Option<String>,
    pub user_id: Option<Uuid>,
    pub role: RoleJson,
}

/// Either `email`, of anybody, or `user_id`, of a member.
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

/// The answer: an invitation, or the member whose role was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = InvitedOrChanged)]
pub enum NewMemberAnswer {
    Invited(InvitationJson),
    Changed(MemberJson),
}

/// An invitation to become a member, as the organization sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationJson {
    pub invitation_id: Uuid,
    /// As it was typed. Whether it has an account is not told.
    pub email: String,
    pub role: RoleJson,
    /// `open` or `declined`; a declined address can be invited again after `expires_at`
    pub status: &'static str,
    pub created_at: JsonTime,
    /// When the last letter was sent
    pub sent_at: JsonTime,
    pub expires_at: JsonTime,
    /// The name of the member who invited; only in the list
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub invited_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Invitations {
    pub invitations: Vec<InvitationJson>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// An invitation, as the invited person sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceivedInvitation)]
pub struct ReceivedInvitationJson {
    pub organization_name: String,
    pub role: RoleJson,
    /// The address that was invited. Only a confirmed account with this address can accept.
    pub email: String,
    pub expires_at: JsonTime,
}

/// The organization that the caller has joined, with their role in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JoinedOrganization)]
pub struct JoinedJson {
    pub organization_id: Uuid,
    pub name: String,
    pub role: RoleJson,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberJson {
    pub user_id: Uuid,
    pub email: String,
    pub username: String,
    pub role: RoleJson,
    /// When they became a member; only in the list
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

/// A member's role
///
/// `owner`: everything. `manager`: everything except managing members. `finance`: orders and refunds. `staff`: check-in and the box office.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrganizationRole)]
pub enum RoleJson {
    Owner,
    Manager,
    Finance,
    Staff,
}

/// Amounts of what an organization may have, or has.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaAmounts {
    /// Events that are drafts
    pub draft_events: u64,
    /// Events that are published and not over
    pub published_events: u64,
    /// Seats of all venues, and of all events that are not over
    pub seats: u64,
    pub venues: u64,
    /// Different pictures of events
    pub pictures: u64,
}

/// How much an organization may have, and has.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaView {
    pub limits: QuotaAmounts,
    pub used: QuotaAmounts,
    /// Whether an administrator has set the limits; otherwise they are the usual ones
    pub set_by_administrator: bool,
}

/// New limits; an amount that is left out becomes the usual one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaChange {
    #[schema(maximum = 1_000_000_000)]
    pub draft_events: Option<u64>,
    #[schema(maximum = 1_000_000_000)]
    pub published_events: Option<u64>,
    #[schema(maximum = 1_000_000_000)]
    pub seats: Option<u64>,
    #[schema(maximum = 1_000_000_000)]
    pub venues: Option<u64>,
    #[schema(maximum = 1_000_000_000)]
    pub pictures: Option<u64>,
}
