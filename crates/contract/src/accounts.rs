//! Accounts and sessions.

use crate::money::JsonTime;
use crate::seats::SeatLine;
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
    /// Null for a guest.
    pub email: Option<String>,
    pub username: String,
    pub phone_number: Option<String>,
    /// Whether the owner has confirmed the address.
    pub email_verified: bool,
    /// Whether the account is a guest: without an address, for one browser.
    pub guest: bool,
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
    /// What became of the carts that a guest brought along
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    pub carts: Vec<BroughtCart>,
}

/// The answer to signing in by cookie, when a guest brought carts along.
#[derive(Debug, Serialize, ToSchema)]
pub struct BroughtCarts {
    pub carts: Vec<BroughtCart>,
}

/// A guest's cart after signing in. It belongs to the account now, as a part of the account's cart if there was one.
#[derive(Debug, Serialize, ToSchema)]
pub struct BroughtCart {
    pub event_id: Uuid,
    /// The guest's reservation
    pub from_reservation_id: Uuid,
    /// Where its seats are now; absent when the account may hold no more seats of this event
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reservation_id: Option<Uuid>,
    /// The seats that the account may not hold in addition: those reserved last. They are on sale again
    pub left_out: Vec<SeatLine>,
}

/// What a sign-in gives
///
/// `tokens`: an access token and a refresh token, for programs. `cookie`: a session cookie, for browsers; the answer then has no body. The
/// two cannot be exchanged for each other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SessionKind)]
pub enum SessionKindJson {
    #[default]
    Tokens,
    Cookie,
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
    /// `cookie` for a browser, `tokens` for a program
    pub kind: SessionKindJson,
    pub created_at: JsonTime,
    /// To within an hour
    pub last_used_at: JsonTime,
    /// The session ends at this time unless it is used before; at the latest it ends 90 days after its beginning
    pub expires_at: JsonTime,
}
