//! Accounts and sessions.

use crate::money::JsonTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The request was accepted; the answer is the same whether the address has an account or not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagePromised)]
pub struct MessageAccepted {
    #[schema(example = "accepted")]
    pub status: &'static str,
}

impl MessageAccepted {
    pub const ACCEPTED: Self = Self { status: "accepted" };
}

/// An account, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserJson {
    pub user_id: Uuid,
    pub email: String,
    pub username: String,
    pub phone_number: Option<String>,
    /// Whether the owner has confirmed the address.
    pub email_verified: bool,
    /// Whether the account administers the whole platform.
    pub is_admin: bool,
    pub organizations: Vec<MembershipJson>,
    pub created_at: JsonTime,
}

/// A member's role in an organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Membership)]
pub struct MembershipJson {
    pub organization_id: Uuid,
    pub name: String,
    /// `owner`, `manager`, `finance` or `staff`.
    pub role: &'static str,
}

/// The answer to signing in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInAnswer {
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Can be used once; the answer then contains the next one
    pub refresh_token: String,
    pub user: UserJson,
    /// After signing in: keep it on the device, for as long as you like, and send it when the person signs in there again. It gives access to
    /// nothing
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
}

/// The token that continues a session.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RefreshRequest {
    pub refresh_token: String,
}

/// The token of a link in a message.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Verification {
    /// The token in the link
    pub token: String,
}

/// Sessions, the most recently used first; at most 100.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    pub sessions: Vec<SessionJson>,
}

/// A session: a sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionJson {
    pub session_id: Uuid,
    /// Whether it is the session of this request
    pub current: bool,
    pub created_at: JsonTime,
    pub last_used_at: JsonTime,
    /// The session ends at this time unless it is used before
    pub expires_at: JsonTime,
}
