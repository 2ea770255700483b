//! `GET /orders/{order_id}/tickets.pdf`.

use crate::handler::{ApiError, ApiState, Path, Permission, Problem, Response, State, Uuid};
use crate::orders::access::open;
use crate::orders::reader::{OrderKey, OrderReader};
use crate::tickets::file;
use fairseat_app::tickets::IssuedTicket;
use fairseat_domain::limits::MAX_SEATS_PER_RESERVATION;

/// All tickets of an order to print
///
/// One PDF with a page for each ticket that is not void. For those who may see its tickets, and for whoever has the key in the link of a guest's letter.
#[utoipa::path(get, path = "/orders/{order_id}/tickets.pdf", tag = "Buying", security((), ("bearer" = [])), params(("order_id" = Uuid, Path), OrderKey),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 404, description = "No such order, or it has no tickets")))]
pub(crate) async fn order_tickets(
    State(app): State<ApiState>,
    reader: OrderReader,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (event, number) = open(&app, id)?;
    let published = app.sale_now(event).await?;
    reader.order(&app, &published.state, number, Permission::CheckIn).await?;
    let pages = IssuedTicket::pages_of_order(&app, &published, number, MAX_SEATS_PER_RESERVATION).await?;
    let known = app.event_infos.get(event).await?;
    let name = known.as_ref().map_or("", |known| &known.name);
    let words = [name, "tickets", &app.ids.order_code(event, number)];
    Ok(file("application/pdf", &words, "pdf", pages.ok_or_else(Problem::not_found)?))
}
