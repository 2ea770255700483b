//! Answers of a payment provider and to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the buyer's answer led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answered {
    pub payment_id: Uuid,
    /// `approved` or `declined`
    pub status: &'static str,
    pub order_id: Uuid,
    /// As `GET /orders/{order_id}` says it
    pub order_status: &'static str,
}

/// What a callback is about.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Callback {
    pub payment_id: Uuid,
}

/// That it was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    pub received: bool,
}
