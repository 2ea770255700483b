//! Orders: as they are placed, shown, listed and cancelled.

use crate::events::EventSummary;
use crate::money::{JsonMoney, JsonTime};
use crate::seats::SeatLine;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Orders, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderList {
    pub orders: Vec<ListedOrder>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// An order in a list; `GET /orders/{order_id}` has all of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedOrder {
    pub order_id: Uuid,
    pub event: EventSummary,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    pub status: &'static str,
    /// `pending`, `completed` or `failed`
    pub payment_status: &'static str,
    pub seat_ids: Vec<Uuid>,
    /// All-in
    pub total_amount: JsonMoney,
    pub fees: JsonMoney,
    pub refunded_amount: JsonMoney,
    /// ISO 4217
    pub currency: String,
    pub created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<JsonTime>,
}

/// How orders came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderChannel)]
pub enum Channel {
    /// Bought by themselves
    Online,
    /// Sold by them at the counter
    BoxOffice,
}

/// How much goes back.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundWish {
    /// What the refund policy gives the buyer now; the only one buyers can have
    Policy,
    /// Everything, fees included
    Full,
    /// Nothing
    None,
}

/// Options of a cancellation.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub struct CancelWish {
    /// `full` where nothing is said by somebody who may refund, else `policy`
    pub refund: Option<RefundWish>,
}

/// How an order ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancelledOrder {
    pub order_id: Uuid,
    /// `refunded`, `refund_pending` while the provider works on it, or `cancelled` where there is nothing to give back
    pub status: &'static str,
    pub refunded_amount: JsonMoney,
    /// ISO 4217
    pub currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refund_id: Option<Uuid>,
}

/// What is bought, and how it is paid.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOrder {
    pub reservation_id: Uuid,
    /// A word such as `credit_card`
    #[schema(default = "credit_card", max_length = 32, pattern = "^[A-Za-z][A-Za-z_-]*$")]
    pub payment_method: Option<String>,
    /// Not needed where nothing is to be paid
    pub payment_details: Option<PaymentDetails>,
}

/// What to pay with: a provider's token, or (in the sandbox alone) one of Stripe's published test numbers.
#[derive(Deserialize, ToSchema)]
pub struct PaymentDetails {
    /// From the provider's own form
    pub payment_token: Option<String>,
    /// 4242424242424242 succeeds, 4000000000000002 is declined, 4000000000009995 has insufficient funds, 4000002500003155
    /// needs authentication
    pub card_number: Option<String>,
    /// `12/30`
    pub expiry: Option<String>,
    /// 3 or 4 digits
    pub cvv: Option<String>,
}

impl std::fmt::Debug for PaymentDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PaymentDetails(secret)")
    }
}

/// An order that waits for its buyer or the provider; poll `GET /orders/{order_id}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingOrder {
    pub order_id: Uuid,
    /// `pending`
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_action: Option<NextAction>,
    pub expires_at: JsonTime,
}

/// Orders, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundOrders {
    pub orders: Vec<FoundOrderJson>,
    pub total: u64,
    pub limit: u32,
    pub offset: u32,
}

/// An order with who bought it; `GET /orders/{order_id}` has all of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundOrder)]
pub struct FoundOrderJson {
    pub order_id: Uuid,
    pub event: EventSummary,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    pub status: &'static str,
    /// `pending`, `completed` or `failed`
    pub payment_status: &'static str,
    pub payment_method: String,
    /// `online` or `box_office`
    pub channel: &'static str,
    /// Whose account it is in: at the counter, the seller's
    pub buyer: Buyer,
    /// Who stood at the counter, if that was noted
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer: Option<CustomerView>,
    pub tickets: usize,
    /// All-in
    pub total_amount: JsonMoney,
    pub fees: JsonMoney,
    pub refunded_amount: JsonMoney,
    /// ISO 4217
    pub currency: String,
    pub created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<JsonTime>,
}

/// An account; what it no longer says is left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderBuyer)]
pub struct Buyer {
    pub user_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub username: Option<String>,
}

/// Somebody at the counter; what they did not say is left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderCustomer)]
pub struct CustomerView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// The seller's own words
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
}

/// What the buyer must do.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextAction {
    pub r#type: &'static str,
    /// Where the buyer approves or declines
    pub url: String,
}

impl NextAction {
    pub fn redirect(url: String) -> Self {
        Self { r#type: "redirect", url }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OrderItem {
    /// Absent until the order is confirmed
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub order_item_id: Option<Uuid>,
    pub seat_id: Uuid,
    pub price: JsonMoney,
    pub status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OrderTicket {
    pub ticket_id: Uuid,
    /// `Floor A-1`
    pub seat: String,
    /// `valid`, `suspended` while its payment is looked into, or `void`
    pub status: &'static str,
    /// A PNG in base64; only a valid ticket has one, and none after `Prefer: return=minimal`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub qr_code: Option<String>,
}

/// Money on its way back, or back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefundView {
    pub refund_id: Uuid,
    /// `pending` or `completed`
    pub status: &'static str,
    pub amount: JsonMoney,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Order {
    pub order_id: Uuid,
    pub event_id: Uuid,
    pub reservation_id: Uuid,
    pub user_id: Uuid,
    /// `pending`, `confirmed`, `cancelled`, or `refunded` once the money is back
    pub status: &'static str,
    /// `pending`, `completed` or `failed`
    pub payment_status: &'static str,
    pub payment_method: String,
    /// `online`, or `box_office` for what was sold at the counter: then the order is in the seller's name
    pub channel: &'static str,
    pub event: EventSummary,
    pub seats: Vec<SeatLine>,
    /// All-in
    pub total_amount: JsonMoney,
    /// The part of the total that is fees
    pub fees: JsonMoney,
    /// ISO 4217
    pub currency: String,
    pub items: Vec<OrderItem>,
    /// None before the order is confirmed
    pub tickets: Vec<OrderTicket>,
    pub created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<JsonTime>,
    /// While pending: its seats are kept until then, and longer while a payment is under way
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<JsonTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancelled_at: Option<JsonTime>,
    /// Who ended it: `buyer`, `organizer`, `event`, or `unpaid`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refund: Option<RefundView>,
    /// While confirmed: what the terms it was bought under give back for cancelling it now
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refundable_amount: Option<JsonMoney>,
    /// While the provider waits for the buyer
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_action: Option<NextAction>,
    /// Who bought it, as far as they still say who they are; for those in the organization who may see orders
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub buyer: Option<Buyer>,
    /// Who stood at the counter; for those in the organization who may see orders, and for the seller
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer: Option<CustomerView>,
    /// Whether the confirmation is durably queued; in the answer to buying
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmation_email_sent: Option<bool>,
}
