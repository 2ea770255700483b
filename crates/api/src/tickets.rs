//! Tickets: looking at one, and taking it along as a picture, a page or a calendar entry.
//!
//! What must always hold: a ticket that opens no door is shown without a code; who may not see a ticket does not learn
//! that there is one.

use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::event_summary::EventSummary;
use crate::order_view::ticket_status;
use crate::orders::visible;
use crate::seat_line::SeatLine;
use crate::state::ApiState;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairseat_app::access::Permission;
use fairseat_app::tickets::{IssuedTicket, token};
use fairseat_contract::CalendarEntry;
use fairseat_domain::fact::Item;
use fairseat_domain::time::Timestamp;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(ticket)).with(routes!(ticket_key))
}

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
struct View {
    ticket_id: Uuid,
    order_id: Uuid,
    event: EventSummary,
    /// `valid`, `suspended` while its payment is looked into, or `void`
    status: &'static str,
    /// `Floor A-1`
    seat: String,
    /// The same seat, described
    seat_details: SeatLine,
    /// ISO 4217
    currency: String,
    /// What the code says; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// The code as a PNG in base64; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    qr_code: Option<String>,
}

/// The public key that checks tickets.
#[derive(Debug, Serialize, ToSchema)]
struct TicketKeyView {
    algorithm: &'static str,
    /// 32 bytes in base64url without padding
    public_key: String,
    /// What a token is made of
    format: &'static str,
}

/// In which form a ticket is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Png,
    Pdf,
    Calendar,
}

impl Form {
    /// The id and the form in the last part of an address: `…/tickets/{id}.pdf`.
    fn split(name: &str) -> Option<(Uuid, Self)> {
        let (id, form) = match name.split_once('.') {
            None => (name, Self::Json),
            Some((id, "png")) => (id, Self::Png),
            Some((id, "pdf")) => (id, Self::Pdf),
            Some((id, "ics")) => (id, Self::Calendar),
            Some(_) => return None,
        };
        Some((Uuid::try_parse(id).ok()?, form))
    }
}

/// The ticket of an id, for callers who may see it.
async fn visible_ticket(app: &ApiState, signed_in: &SignedIn, id: Uuid) -> Result<IssuedTicket, ApiError> {
    let (event, number) = app.ids.open_ticket(id).ok_or_else(Problem::not_found)?;
    let published = app.sale_now(event).await?;
    let ticket = published.state.ticket(number).ok_or_else(Problem::not_found)?;
    visible(app, signed_in, &published.state, ticket.order, Permission::CheckIn).await?;
    let ticket = IssuedTicket::of(app, published.clone(), number).await?;
    Ok(ticket.ok_or_else(Problem::not_found)?)
}

async fn view(app: &ApiState, issued: &IssuedTicket) -> Result<View, ApiError> {
    let code = issued.code(app).await?;
    let (sale, ids) = (&issued.published.state, &app.ids);
    let item = Item { seat: issued.ticket.seat, price: issued.ticket.price };
    Ok(View {
        ticket_id: issued.id,
        order_id: ids.order(sale.event(), issued.ticket.order),
        event: EventSummary::of_sale(app, sale, issued.event.as_deref()),
        status: ticket_status(issued.ticket.state),
        seat: issued.seat(),
        seat_details: SeatLine::of(ids, sale, &item),
        currency: sale.terms().currency.code().to_owned(),
        token: code.as_ref().map(|code| code.token.to_string()),
        qr_code: code.map(|code| code.base64()),
    })
}

/// The ticket as a calendar entry.
fn calendar_entry(issued: &IssuedTicket, now: Timestamp) -> String {
    let printed = issued.printed();
    let entry = CalendarEntry {
        uid: printed.ticket_id.to_string(),
        name: &printed.event,
        place: &printed.venue.join(", "),
        description: &format!("Seat: {}", printed.seat),
        url: "",
        starts_at: printed.starts_at,
        ends_at: printed.ends_at,
        cancelled: !printed.valid,
    };
    entry.to_file(now)
}

/// A ticket
///
/// `{ticket_id}.png` is its QR code, `{ticket_id}.pdf` a page to print, `{ticket_id}.ics` a calendar entry. For its buyer, and for those
/// who let people in.
#[utoipa::path(get, path = "/tickets/{ticket_id}", tag = "Buying",
    params(("ticket_id" = String, Path, description = "The id, or the id with .png, .pdf or .ics")),
    responses((status = 200, body = View)))]
async fn ticket(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let (id, form) = Form::split(&name).ok_or_else(Problem::not_found)?;
    let issued = visible_ticket(&app, &signed_in, id).await?;
    match form {
        Form::Json => Ok(Json(view(&app, &issued).await?).into_response()),
        Form::Png => {
            let code = issued.code(&app).await?.ok_or_else(Problem::not_found)?;
            Ok(file("image/png", &format!("ticket-{id}.png"), code.png.to_vec()))
        }
        Form::Pdf => Ok(file("application/pdf", &format!("ticket-{id}.pdf"), issued.page(&app).await?)),
        Form::Calendar => {
            let entry = calendar_entry(&issued, app.now());
            Ok(file("text/calendar; charset=utf-8", &format!("ticket-{id}.ics"), entry.into_bytes()))
        }
    }
}

/// A private file, shown where it can be and saved under this name.
fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = HeaderValue::from_str(&format!("inline; filename=\"{name}\""));
    let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("inline")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// The key that checks tickets
///
/// A gate that has it can tell a genuine token without asking anybody.
#[utoipa::path(get, path = "/ticket-key", tag = "Buying", security(()),
    responses((status = 200, body = TicketKeyView)))]
async fn ticket_key(State(app): State<ApiState>) -> Json<TicketKeyView> {
    let public_key = URL_SAFE_NO_PAD.encode(app.keys.tickets.public());
    Json(TicketKeyView { algorithm: "Ed25519", public_key, format: token::FORMAT })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_an_address_is_an_id_and_a_form() {
        let id = Uuid::from_u128(7);
        for (name, expected) in [
            (id.to_string(), Some((id, Form::Json))),
            (format!("{id}.png"), Some((id, Form::Png))),
            (format!("{id}.pdf"), Some((id, Form::Pdf))),
            (format!("{id}.ics"), Some((id, Form::Calendar))),
            (format!("{id}.exe"), None),
            (format!("{id}.pdf.png"), None),
            (format!("{id}."), None),
            (".pdf".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(Form::split(&name), expected, "{name}");
        }
    }
}
