//! Tickets: looking at one, and taking it along as a picture, a page or a calendar entry.
//!
//! What must always hold: a ticket that opens no door is shown without a code; who may not see a ticket does not learn
//! that there is one.

use super::Routes;
use super::event_brief::{self, EventBrief, Known};
use super::order_view::ticket_status;
use super::orders::visible;
use super::problem::Problem;
use super::query::Path;
use super::sale_access::sale_now;
use super::seat_line::SeatLine;
use crate::app::{App, AppState};
use crate::auth::{Permission, SignedIn};
use crate::http::json::Json;
use crate::tickets::token::{self, Claims};
use crate::tickets::{Printed, drawn, ics};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairseat_domain::fact::Item;
use fairseat_domain::ids::TicketNumber;
use fairseat_domain::sale::{Ticket, TicketState};
use fairseat_engine::Published;
use serde::Serialize;
use std::sync::Arc;
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
    event: EventBrief,
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

/// A ticket that the caller may see.
struct Seen {
    id: Uuid,
    ticket: Ticket,
    published: Arc<Published>,
    known: Option<Arc<Known>>,
}

impl Seen {
    async fn by(app: &AppState, signed_in: &SignedIn, id: Uuid) -> Result<Self, Problem> {
        let (event, number) = app.platform.ids.open_ticket(id).ok_or_else(Problem::not_found)?;
        let published = sale_now(app, event).await?;
        let ticket = published.state.ticket(number).ok_or_else(Problem::not_found)?;
        visible(app, signed_in, &published.state, ticket.order, Permission::CheckIn).await?;
        Self::of(app, published.clone(), number).await
    }

    async fn of(app: &App, published: Arc<Published>, number: TicketNumber) -> Result<Self, Problem> {
        let (event, ticket) = (published.state.event(), published.state.ticket(number));
        let ticket = *ticket.ok_or_else(Problem::not_found)?;
        let known = event_brief::known(app, event).await?;
        Ok(Self { id: app.platform.ids.ticket(event, number), ticket, published, known })
    }

    /// Its page to print.
    async fn page(&self, app: &App) -> Result<Vec<u8>, Problem> {
        let token = self.code(app).await?.map(|code| code.token.to_string());
        app.drawings.page(self.printed(), token).await.map_err(Problem::internal)
    }

    /// Its code, if it opens the door.
    async fn code(&self, app: &App) -> Result<Option<drawn::Code>, Problem> {
        if self.ticket.state != TicketState::Valid {
            return Ok(None);
        }
        let event = app.platform.ids.event(self.published.state.event());
        let codes = app.drawings.codes(vec![Claims { event, ticket: self.id }], &app.keys.tickets).await;
        Ok(codes.map_err(Problem::internal)?.pop())
    }

    fn seat(&self) -> String {
        let seat = self.published.state.plan().seat(self.ticket.seat);
        seat.map(|seat| seat.label()).unwrap_or_default()
    }

    fn printed(&self) -> Printed {
        let known = self.known.as_deref();
        let venue =
            known.map(|known| vec![known.venue.clone(), known.address.join(", ")]).unwrap_or_default();
        let starts_at = self.published.state.terms().starts_at;
        Printed {
            ticket_id: self.id,
            event: known.map_or_else(|| "Event".to_owned(), |known| known.name.clone()),
            venue: venue.into_iter().filter(|line| !line.is_empty()).collect(),
            starts_at: known.map_or(starts_at, |known| known.starts_at),
            ends_at: known.map(|known| known.ends_at),
            timezone: known.map(|known| known.timezone.clone()).unwrap_or_default(),
            seat: self.seat(),
            valid: self.ticket.state == TicketState::Valid,
        }
    }

    async fn view(&self, app: &AppState) -> Result<View, Problem> {
        let code = self.code(app).await?;
        let (sale, ids) = (&self.published.state, &app.platform.ids);
        let item = Item { seat: self.ticket.seat, price: self.ticket.price };
        Ok(View {
            ticket_id: self.id,
            order_id: ids.order(sale.event(), self.ticket.order),
            event: EventBrief::of_sale(app, sale, self.known.as_deref()),
            status: ticket_status(self.ticket.state),
            seat: self.seat(),
            seat_details: SeatLine::of(ids, sale, &item),
            currency: sale.terms().currency.code().to_owned(),
            token: code.as_ref().map(|code| code.token.to_string()),
            qr_code: code.map(|code| code.base64()),
        })
    }
}

/// A ticket
///
/// `{ticket_id}.png` is its QR code, `{ticket_id}.pdf` a page to print, `{ticket_id}.ics` a calendar entry. For its buyer, and for those
/// who let people in.
#[utoipa::path(get, path = "/tickets/{ticket_id}", tag = "Buying",
    params(("ticket_id" = String, Path, description = "The id, or the id with .png, .pdf or .ics")),
    responses((status = 200, body = View)))]
async fn ticket(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (id, form) = Form::split(&name).ok_or_else(Problem::not_found)?;
    let seen = Seen::by(&app, &signed_in, id).await?;
    match form {
        Form::Json => Ok(Json(seen.view(&app).await?).into_response()),
        Form::Png => {
            let code = seen.code(&app).await?.ok_or_else(Problem::not_found)?;
            Ok(file("image/png", &format!("ticket-{id}.png"), code.png.to_vec()))
        }
        Form::Pdf => Ok(file("application/pdf", &format!("ticket-{id}.pdf"), seen.page(&app).await?)),
        Form::Calendar => {
            let entry = ics::calendar(&seen.printed(), app.now());
            Ok(file("text/calendar; charset=utf-8", &format!("ticket-{id}.ics"), entry.into_bytes()))
        }
    }
}

/// A ticket's page to print, for a letter: whoever asks has made sure whose it is.
///
/// # Errors
/// When there is no such ticket, or it cannot be drawn now.
pub(crate) async fn page_for_letter(
    app: &App,
    published: Arc<Published>,
    number: TicketNumber,
) -> Result<Vec<u8>, Problem> {
    Seen::of(app, published, number).await?.page(app).await
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
async fn ticket_key(State(app): State<AppState>) -> Json<TicketKeyView> {
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
