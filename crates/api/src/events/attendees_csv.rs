//! `GET /events/{event_id}/attendees.csv`: a row for each ticket that is valid or suspended.

use crate::events::export::{export, who};
use crate::handler::{ApiError, ApiState, Path, Query, Response, SignedIn, State, Uuid};
use crate::orders::view::ticket_status;
use fairseat_contract::csv::{CsvForm, Table};
use fairseat_domain::ids::TicketNumber;
use fairseat_domain::sale::TicketState;
use fairseat_engine::Published;
use fairseat_store::views::FoundOrder;

const ATTENDEE_HEAD: [&str; 9] =
    ["ticket_id", "status", "section", "row", "seat", "price", "name", "email", "order_id"];

/// The attendees of an event as CSV
///
/// A row for each ticket that is valid or suspended. A cell that a spreadsheet would run as a formula begins with a single quote.
#[utoipa::path(get, path = "/events/{event_id}/attendees.csv", tag = "Console", params(("event_id" = Uuid, Path), CsvForm),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn attendees_csv(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(form): Query<CsvForm>,
) -> Result<Response, ApiError> {
    export(app, caller, event_id, form, ("attendees.csv", &ATTENDEE_HEAD, push_attendees)).await
}

fn push_attendees(table: &mut Table, app: &ApiState, published: &Published, found: &FoundOrder) {
    let (event, row, currency) = (found.order.event, &found.order.row, found.order.currency);
    let Some(first) = row.first_ticket else { return };
    let (name, email, _) = who(found);
    let order = app.ids.order(event, row.number).to_string();
    for (item, number) in row.seats.0.iter().zip((first.0..).map(TicketNumber)) {
        let ticket = published.state.ticket(number).filter(|ticket| ticket.state != TicketState::Void);
        let (Some(ticket), Some(seat)) = (ticket, published.state.plan().seat(item.seat)) else { continue };
        let id = app.ids.ticket(event, number).to_string();
        let price = currency.format(item.price);
        table.push([
            &*id,
            ticket_status(ticket.state),
            seat.section_name(),
            seat.row_label(),
            seat.number,
            &*price,
            name,
            email,
            &*order,
        ]);
    }
}
