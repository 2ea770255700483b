//! All data held about a person.

use crate::accounts::UserJson;
use crate::money::{JsonMoney, JsonTime};
use crate::organizations::ReceivedInvitationJson;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// All data held about a person. The password hash is not included.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    pub user: UserJson,
    pub sessions: Vec<SessionJson>,
    /// Open invitations to your address, once it is confirmed
    pub invitations: Vec<ReceivedInvitationJson>,
    pub orders: Vec<OrderJson>,
    pub reservations: Vec<ReservationJson>,
    pub tickets: Vec<TicketJson>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedSession)]
pub struct SessionJson {
    pub session_id: Uuid,
    pub created_at: JsonTime,
    pub last_used_at: JsonTime,
    pub expires_at: JsonTime,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedOrder)]
pub struct OrderJson {
    pub order_id: Uuid,
    pub event_id: Uuid,
    pub event_name: String,
    pub reservation_id: Uuid,
    pub status: &'static str,
    pub payment_status: &'static str,
    pub payment_method: String,
    pub total_amount: JsonMoney,
    pub fees: JsonMoney,
    pub refunded_amount: JsonMoney,
    pub currency: String,
    pub created_at: JsonTime,
    pub confirmed_at: Option<JsonTime>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedReservation)]
pub struct ReservationJson {
    pub reservation_id: Uuid,
    pub event_id: Uuid,
    pub event_name: String,
    pub status: &'static str,
    pub seat_ids: Vec<Uuid>,
    pub total_amount: JsonMoney,
    pub fees: JsonMoney,
    pub currency: String,
    pub created_at: JsonTime,
    pub expires_at: JsonTime,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedTicket)]
pub struct TicketJson {
    pub ticket_id: Uuid,
    pub event_id: Uuid,
    pub event_name: String,
    pub event_start: JsonTime,
    pub order_id: Uuid,
    pub seat_id: Uuid,
    pub price: JsonMoney,
    pub currency: String,
    pub status: &'static str,
    pub issued_at: JsonTime,
}
