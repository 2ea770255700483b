//! People's accounts and sessions.

use crate::money::JsonTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The same whether the address has an account or not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagePromised)]
pub struct MessageAccepted {
    #[schema(example = "accepted")]
    pub status: &'static str,
}

impl MessageAccepted {
    pub const ACCEPTED: Self = Self { status: "accepted" };
}

/// An account, for its owner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserJson {
    pub user_id: Uuid,
    pub email: String,
    pub username: String,
    pub phone_number: Option<String>,
    /// Whether the address was proved to be theirs.
    pub email_verified: bool,
    /// Whether they administer the whole platform.
    pub is_admin: bool,
    pub organizations: Vec<MembershipJson>,
    pub created_at: JsonTime,
}

/// A role somebody has in an organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Membership)]
pub struct MembershipJson {
    pub organization_id: Uuid,
    pub name: String,
    /// `owner`, `manager`, `finance` or `staff`.
    pub role: &'static str,
}

/// What somebody holds after signing in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInAnswer {
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds the access token is good for
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Good once; the answer to its use has the next one
    pub refresh_token: String,
    pub user: UserJson,
}

/// What keeps somebody signed in.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RefreshRequest {
    pub refresh_token: String,
}

/// What a message brought.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Verification {
    /// From the link in the message
    pub token: String,
}

/// Sessions, the one used last first; there are 100 at most.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    pub sessions: Vec<SessionJson>,
}

/// A sign-in that lasts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionJson {
    pub session_id: Uuid,
    /// Whether it is the one that asks
    pub current: bool,
    pub created_at: JsonTime,
    pub last_used_at: JsonTime,
    /// It ends then unless it is used before
    pub expires_at: JsonTime,
}
