//! Orders: placing, showing, listing and cancelling them.

use crate::events::EventSummary;
use crate::money::{JsonMoney, JsonTime};
use crate::reservations::ContactView;
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

/// An order in a list; `GET /orders/{order_id}` has all its fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedOrder {
    pub order_id: Uuid,
    /// The order's number for people: 8 letters and digits, such as `K7MPQ2XR`
    pub number: String,
    pub event: EventSummary,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    pub status: &'static str,
    /// `pending`, `completed` or `failed`
    pub payment_status: &'static str,
    pub seat_ids: Vec<Uuid>,
    /// The total, fees included
    pub total_amount: JsonMoney,
    pub fees: JsonMoney,
    pub refunded_amount: JsonMoney,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    pub created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<JsonTime>,
}

/// The channel through which an order was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderChannel)]
pub enum Channel {
    /// Bought by the account itself
    Online,
    /// Sold by the account at the box office
    BoxOffice,
}

/// How much is refunded.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestedRefund {
    /// The amount of the refund policy now; the only choice of buyers
    Policy,
    /// Everything, fees included
    Full,
    /// Nothing
    None,
}

/// Options of a cancellation.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub struct CancelRequest {
    /// The default is `full` for members who may refund, else `policy`
    pub refund: Option<RequestedRefund>,
}

/// A cancelled order.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancelledOrder {
    pub order_id: Uuid,
    /// `refunded`, `refund_pending` while the provider works on it, or `cancelled` if there is nothing to refund
    pub status: &'static str,
    pub refunded_amount: JsonMoney,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refund_id: Option<Uuid>,
}

/// The purchase of a reservation, and its payment.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOrder {
    pub reservation_id: Uuid,
    /// The name of the method, such as `credit_card`
    #[schema(default = "credit_card", max_length = 32, pattern = "^[A-Za-z][A-Za-z_-]*$")]
    pub payment_method: Option<String>,
    /// May be left out when the total is zero
    pub payment_details: Option<PaymentDetails>,
    /// Who gets the tickets. A guest must say so; the tickets of other accounts go to the account's address
    pub contact: Option<NewContact>,
}

/// Who gets the tickets that a guest buys.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    #[schema(max_length = 100)]
    pub name: Option<String>,
}

/// The means of payment: a token from the provider or, in the sandbox only, one of Stripe's published test numbers.
#[derive(Deserialize, ToSchema)]
pub struct PaymentDetails {
    /// A token from the provider's own form
    pub payment_token: Option<String>,
    /// 4242424242424242 succeeds, 4000000000000002 is declined, 4000000000009995 has insufficient funds, 4000002500003155
    /// needs authentication
    pub card_number: Option<String>,
    /// Month and year, such as `12/30`
    pub expiry: Option<String>,
    /// 3 or 4 digits
    pub cvv: Option<String>,
}

impl std::fmt::Debug for PaymentDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PaymentDetails(secret)")
    }
}

/// An order that waits for its buyer or for the provider; poll `GET /orders/{order_id}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingOrder {
    pub order_id: Uuid,
    /// The order's number for people: 8 letters and digits, such as `K7MPQ2XR`
    pub number: String,
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

/// An order with its buyer; `GET /orders/{order_id}` has all its fields.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundOrder)]
pub struct FoundOrderJson {
    pub order_id: Uuid,
    /// The order's number for people: 8 letters and digits, such as `K7MPQ2XR`
    pub number: String,
    pub event: EventSummary,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    pub status: &'static str,
    /// `pending`, `completed` or `failed`
    pub payment_status: &'static str,
    pub payment_method: String,
    /// `online` or `box_office`
    pub channel: &'static str,
    /// The buyer's account; for a box-office order, the seller's
    pub buyer: Buyer,
    /// The customer of the box office, if one was entered
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer: Option<CustomerView>,
    pub tickets: usize,
    /// The total, fees included
    pub total_amount: JsonMoney,
    pub fees: JsonMoney,
    pub refunded_amount: JsonMoney,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    pub created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<JsonTime>,
}

/// An account; fields of a deleted account are left out.
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

/// A customer of the box office; fields that were not entered are left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderCustomer)]
pub struct CustomerView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// The seller's note
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
}

/// What the buyer must do next.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextAction {
    pub r#type: &'static str,
    /// The page where the buyer approves or declines
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
    /// The seat's name, such as `Floor A-1`
    pub seat: String,
    /// `valid`, `suspended` until its failed payment is resolved, or `void`
    pub status: &'static str,
    /// A PNG in base64. Only a valid ticket has one; left out after `Prefer: return=minimal`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub qr_code: Option<String>,
}

/// A refund.
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
    /// The order's number for people: 8 letters and digits, such as `K7MPQ2XR`
    pub number: String,
    pub event_id: Uuid,
    pub reservation_id: Uuid,
    pub user_id: Uuid,
    /// `pending`, `confirmed`, `cancelled`, or `refunded` once the refund is completed
    pub status: &'static str,
    /// `pending`, `completed` or `failed`
    pub payment_status: &'static str,
    pub payment_method: String,
    /// `online` or `box_office`; a box-office order belongs to the seller's account
    pub channel: &'static str,
    pub event: EventSummary,
    pub seats: Vec<SeatLine>,
    /// The total, fees included
    pub total_amount: JsonMoney,
    /// The part of the total that is fees
    pub fees: JsonMoney,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    pub items: Vec<OrderItem>,
    /// Empty until the order is confirmed
    pub tickets: Vec<OrderTicket>,
    pub created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmed_at: Option<JsonTime>,
    /// While pending: its seats are reserved until then, and longer while a payment is in progress
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<JsonTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancelled_at: Option<JsonTime>,
    /// Why it ended: `buyer`, `organizer`, `event`, or `unpaid`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refund: Option<RefundView>,
    /// While confirmed: the refund for cancelling it now, by the terms of its purchase
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refundable_amount: Option<JsonMoney>,
    /// Only while the provider waits for the buyer
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_action: Option<NextAction>,
    /// Who gets the tickets; only for the guest who bought it
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contact: Option<ContactView>,
    /// The buyer; only for members of the organization who may see orders. Left out for deleted accounts
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub buyer: Option<Buyer>,
    /// The customer of the box office; only for members of the organization who may see orders, and for the seller
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer: Option<CustomerView>,
    /// Whether the confirmation is durably queued; only in the answer to buying
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmation_email_sent: Option<bool>,
}
