//! Answers to a buyer's decision and to a provider's callback.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The outcome of the buyer's decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answered {
    pub payment_id: Uuid,
    /// `approved` or `declined`
    pub status: &'static str,
    pub order_id: Uuid,
    /// The order's status, as in `GET /orders/{order_id}`
    pub order_status: &'static str,
}

/// The payment that a callback is about.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Callback {
    pub payment_id: Uuid,
}

/// The callback was accepted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    pub received: bool,
}
