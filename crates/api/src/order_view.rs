//! An order as its buyer, its organizer and an administrator see it.

use crate::error::ApiError;
use crate::event_brief::EventBrief;
use crate::order_people::{Buyer, CustomerView, channel};
use crate::seat_line::SeatLine;
use crate::state::ApiState;
use fairseat_app::ids::account_uuid;
use fairseat_app::tickets::token::Claims;
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::Sale;
use fairseat_domain::fact::CancelReason;
use fairseat_domain::ids::{OrderNumber, RefundNumber, TicketNumber};
use fairseat_domain::sale::{Order, OrderState, RefundState, TicketState};
use fairseat_edge::problem::Problem;
use fairseat_store::views::{order_status, payment_status};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the buyer must do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NextAction {
    r#type: &'static str,
    /// Where the buyer approves or declines
    url: String,
}

impl NextAction {
    pub(super) fn redirect(url: String) -> Self {
        Self { r#type: "redirect", url }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct OrderItem {
    /// Absent until the order is confirmed
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    order_item_id: Option<Uuid>,
    seat_id: Uuid,
    price: JsonMoney,
    status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct OrderTicket {
    ticket_id: Uuid,
    /// `Floor A-1`
    seat: String,
    /// `valid`, `suspended` while its payment is looked into, or `void`
    status: &'static str,
    /// A PNG in base64; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    qr_code: Option<String>,
}

/// Money on its way back, or back.
#[derive(Debug, Serialize, ToSchema)]
struct RefundView {
    refund_id: Uuid,
    /// `pending` or `completed`
    status: &'static str,
    amount: JsonMoney,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(super) struct View {
    order_id: Uuid,
    event_id: Uuid,
    reservation_id: Uuid,
    user_id: Uuid,
    /// `pending`, `confirmed`, `cancelled`, or `refunded` once the money is back
    status: &'static str,
    /// `pending`, `completed` or `failed`
    payment_status: &'static str,
    payment_method: String,
    /// `online`, or `box_office` for what was sold at the counter: then the order is in the seller's name
    channel: &'static str,
    event: EventBrief,
    seats: Vec<SeatLine>,
    /// All-in
    total_amount: JsonMoney,
    /// The part of the total that is fees
    fees: JsonMoney,
    /// ISO 4217
    currency: String,
    items: Vec<OrderItem>,
    /// None before the order is confirmed
    tickets: Vec<OrderTicket>,
    created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    confirmed_at: Option<JsonTime>,
    /// While pending: its seats are kept until then, and longer while a payment is under way
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at: Option<JsonTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cancelled_at: Option<JsonTime>,
    /// Who ended it: `buyer`, `organizer`, `event`, or `unpaid`
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cancel_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refund: Option<RefundView>,
    /// While confirmed: what the terms it was bought under give back for cancelling it now
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refundable_amount: Option<JsonMoney>,
    /// While the provider waits for the buyer
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) next_action: Option<NextAction>,
    /// Who bought it, as far as they still say who they are; for those in the organization who may see orders
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) buyer: Option<Buyer>,
    /// Who stood at the counter; for those in the organization who may see orders, and for the seller
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) customer: Option<CustomerView>,
    /// Whether the confirmation is durably queued; in the answer to buying
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) confirmation_email_sent: Option<bool>,
}

pub(super) const fn ticket_status(state: TicketState) -> &'static str {
    match state {
        TicketState::Valid => "valid",
        TicketState::Suspended => "suspended",
        TicketState::Void => "void",
    }
}

fn items_of(app: &ApiState, sale: &Sale, order: &Order) -> Vec<OrderItem> {
    let status = match order.state {
        OrderState::Pending => "reserved",
        OrderState::Confirmed(_) => "confirmed",
        OrderState::Abandoned { .. } | OrderState::Cancelled { .. } => "cancelled",
    };
    let ids = &app.ids;
    let numbers = order.tickets().map(Some).chain(std::iter::repeat(None));
    let item = |(item, number): (&fairseat_domain::fact::Item, Option<TicketNumber>)| OrderItem {
        order_item_id: number.map(|number| ids.order_item(sale.event(), number)),
        seat_id: ids.seat(sale.event(), item.seat),
        price: JsonMoney(item.price, sale.terms().currency),
        status,
    };
    order.items.iter().zip(numbers).map(item).collect()
}

/// The tickets with the codes of those that open the door.
async fn tickets_of(app: &ApiState, sale: &Sale, order: &Order) -> Result<Vec<OrderTicket>, ApiError> {
    let (ids, event) = (&app.ids, sale.event());
    let tickets: Vec<(TicketNumber, TicketState)> = order
        .tickets()
        .filter_map(|number| sale.ticket(number).map(|ticket| (number, ticket.state)))
        .collect();
    let valid = tickets.iter().filter(|(_, state)| *state == TicketState::Valid);
    let claims =
        valid.map(|(number, _)| Claims { event: ids.event(event), ticket: ids.ticket(event, *number) });
    let codes = app.drawings.codes(claims.collect(), &app.keys.tickets).await.map_err(Problem::internal)?;
    let mut codes = codes.into_iter();
    let shown = tickets.iter().zip(order.items.iter()).map(|((number, state), item)| OrderTicket {
        ticket_id: ids.ticket(event, *number),
        seat: sale.plan().seat(item.seat).map(|seat| seat.label()).unwrap_or_default(),
        status: ticket_status(*state),
        qr_code: (*state == TicketState::Valid).then(|| codes.next().map(|code| code.base64())).flatten(),
    });
    Ok(shown.collect())
}

fn refund_view(app: &ApiState, sale: &Sale, number: RefundNumber) -> Option<RefundView> {
    let refund = sale.refund(number)?;
    let status = match refund.state {
        RefundState::Completed => "completed",
        // One the provider refused waits for a person.
        RefundState::Pending | RefundState::Failed | RefundState::AtCounter => "pending",
        // The money was never taken.
        RefundState::Dropped => return None,
    };
    let amount = JsonMoney(refund.amount, sale.terms().currency);
    Some(RefundView { refund_id: app.ids.refund(sale.event(), number), status, amount })
}

/// When and why an order ended.
fn ending(state: &OrderState) -> (Option<JsonTime>, Option<&'static str>, Option<RefundNumber>) {
    match state {
        OrderState::Pending | OrderState::Confirmed(_) => (None, None, None),
        OrderState::Abandoned { at } => (Some(JsonTime(*at)), Some("unpaid"), None),
        OrderState::Cancelled { at, reason, refund, .. } => {
            let reason = match reason {
                CancelReason::Buyer => "buyer",
                CancelReason::Organizer => "organizer",
                CancelReason::Event => "event",
            };
            (Some(JsonTime(*at)), Some(reason), *refund)
        }
    }
}

impl View {
    /// An order of `sale`.
    ///
    /// # Errors
    /// `not_found` when there is no such order; when the store fails.
    pub(super) async fn of(app: &ApiState, sale: &Sale, number: OrderNumber) -> Result<Self, ApiError> {
        let order = sale.order(number).ok_or_else(Problem::not_found)?;
        let known = app.event_infos.get(sale.event()).await?;
        let tickets = tickets_of(app, sale, order).await?;
        let (ids, event, currency) = (&app.ids, sale.event(), sale.terms().currency);
        let (cancelled_at, cancel_reason, refund) = ending(&order.state);
        let held = sale.reservation(order.reservation).map(|reservation| JsonTime(reservation.expires_at));
        Ok(Self {
            order_id: ids.order(event, number),
            event_id: ids.event(event),
            reservation_id: ids.reservation(event, order.reservation),
            user_id: account_uuid(order.buyer),
            status: order_status(sale, order).name(),
            payment_status: payment_status(sale, order).name(),
            payment_method: order.method.to_string(),
            channel: channel(order.counter_payment.is_some()),
            event: EventBrief::of_sale(app, sale, known.as_deref()),
            seats: SeatLine::all(ids, sale, &order.items),
            total_amount: JsonMoney(order.total, currency),
            fees: JsonMoney(order.fees, currency),
            currency: currency.code().to_owned(),
            items: items_of(app, sale, order),
            tickets,
            created_at: JsonTime(order.placed_at),
            confirmed_at: order.sold().map(|sold| JsonTime(sold.at)),
            expires_at: held.filter(|_| order.state == OrderState::Pending),
            cancelled_at,
            cancel_reason,
            refund: refund.and_then(|refund| refund_view(app, sale, refund)),
            refundable_amount: sale.refundable(number, app.now()).map(|amount| JsonMoney(amount, currency)),
            next_action: None,
            buyer: None,
            customer: None,
            confirmation_email_sent: None,
        })
    }
}
