//! `GET /orders/{order_id}`.

use crate::handler::{ApiError, ApiState, Json, Path, Permission, Response, State, Uuid};
use crate::orders::access::open;
use crate::orders::people::{buyer_of, customer_of};
use crate::orders::reader::{OrderKey, OrderReader};
use crate::orders::view::order_view;
use crate::prefer::{PreferHeader, QrCodes};
use crate::reservations::view::contact_view;
use axum::response::IntoResponse as _;
use fairseat_contract::orders::{NextAction, Order};
use fairseat_domain::sale::PaymentState;
use fairseat_engine::PaymentRef;

/// An order
///
/// For its buyer, for members of the event's organization who may see orders, and for whoever has the key in the link of a guest's letter.
#[utoipa::path(get, path = "/orders/{order_id}", tag = "Buying", security((), ("bearer" = [])), params(("order_id" = Uuid, Path), OrderKey, PreferHeader),
    responses((status = 200, body = Order)))]
pub(crate) async fn order(
    State(app): State<ApiState>,
    reader: OrderReader,
    Path(id): Path<Uuid>,
    qr_codes: QrCodes,
) -> Result<Response, ApiError> {
    let (event, number) = open(&app, id)?;
    let published = app.sale_now(event).await?;
    let sale = &published.state;
    let order = reader.order(&app, sale, number, Permission::SeeOrders).await?;
    let mut view = order_view(&app, sale, number, qr_codes).await?;
    if order.counter_payment.is_some() {
        view.customer = customer_of(&app, event, number).await?;
    }
    let own = reader.is_buyer_of(order);
    if own && reader.is_guest() {
        view.contact = app.store.contacts().of(event, order.reservation).await?.map(contact_view);
    } else if !own && !reader.has_key_of(&app, sale, number) {
        view.buyer = Some(buyer_of(&app, order.buyer, (event, order.reservation)).await?);
    }
    let waiting = order.last_payment.filter(|payment| {
        sale.payment(*payment).is_some_and(|found| found.state == PaymentState::NeedsAction)
    });
    if let Some(payment) = waiting.filter(|_| own) {
        let url = app.effects.action_url(PaymentRef { event, payment }).await;
        view.next_action = url.map(NextAction::redirect);
    }
    Ok(Json(view).into_response())
}
