//! An order as its buyer, its organizer and an administrator see it.

use crate::event_summary::summary_of_sale;
use crate::handler::*;
use crate::prefer::QrCodes;
use crate::seat_line::seat_lines;
use fairseat_app::exports::{channel, ticket_status};
use fairseat_app::ids::account_uuid;
use fairseat_app::tickets::token::Claims;
use fairseat_contract::orders::{Order, OrderItem, OrderTicket, RefundView};
use fairseat_domain::fact::CancelReason;
use fairseat_domain::ids::{OrderNumber, RefundNumber, TicketNumber};
use fairseat_domain::sale::{self, OrderState, RefundState, TicketState};
use fairseat_store::views::{order_status, payment_status};

fn items_of(app: &ApiState, sale: &Sale, order: &sale::Order) -> Vec<OrderItem> {
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

/// The tickets; valid ones have their QR codes, unless the caller left these out.
async fn tickets_of(
    app: &ApiState,
    sale: &Sale,
    order: &sale::Order,
    qr_codes: QrCodes,
) -> Result<Vec<OrderTicket>, ApiError> {
    let (ids, event) = (&app.ids, sale.event());
    let tickets: Vec<(TicketNumber, TicketState)> = order
        .tickets()
        .filter_map(|number| sale.ticket(number).map(|ticket| (number, ticket.state)))
        .collect();
    let drawn =
        tickets.iter().filter(|(_, state)| *state == TicketState::Valid && qr_codes == QrCodes::Included);
    let claims =
        drawn.map(|(number, _)| Claims { event: ids.event(event), ticket: ids.ticket(event, *number) });
    let codes = app.drawings.codes(claims.collect(), &app.keys.tickets, order.buyer);
    let codes = codes.await.map_err(Problem::internal)?;
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
        // A refund that the provider refused must be resolved by an operator.
        RefundState::Pending | RefundState::Failed | RefundState::AtCounter => "pending",
        // No money was ever taken, so there is nothing to refund.
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

/// An order of `sale`.
///
/// # Errors
/// `not_found` when there is no such order; when the store fails.
pub(crate) async fn order_view(
    app: &ApiState,
    sale: &Sale,
    number: OrderNumber,
    qr_codes: QrCodes,
) -> Result<Order, ApiError> {
    let order = sale.order(number).ok_or_else(Problem::not_found)?;
    let known = app.event_infos.get(sale.event()).await?;
    let tickets = tickets_of(app, sale, order, qr_codes).await?;
    let (ids, event, currency) = (&app.ids, sale.event(), sale.terms().currency);
    let (cancelled_at, cancel_reason, refund) = ending(&order.state);
    let held = sale.reservation(order.reservation).map(|reservation| JsonTime(reservation.expires_at));
    Ok(Order {
        order_id: ids.order(event, number),
        number: ids.order_code(event, number),
        event_id: ids.event(event),
        reservation_id: ids.reservation(event, order.reservation),
        user_id: account_uuid(order.buyer),
        status: order_status(sale, order).name(),
        payment_status: payment_status(sale, order).name(),
        payment_method: order.method.to_string(),
        channel: channel(order.counter_payment.is_some()),
        event: summary_of_sale(app, sale, known.as_deref()),
        seats: seat_lines(ids, sale, &order.items),
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
        contact: None,
        customer: None,
        confirmation_email_sent: None,
    })
}
