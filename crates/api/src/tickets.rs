//! Tickets: as JSON, as a picture of the code, as a page to print, or as a calendar entry.
//!
//! What must always hold: a ticket that is not valid for entry is shown without a code; a caller who may not see a ticket does not learn
//! that it exists.

use crate::event_summary::summary_of_sale;
use crate::handler::{ApiError, ApiState, Json, Path, Permission, Problem, Response, State, Uuid};
use crate::orders::reader::{OrderKey, OrderReader};
use crate::seat_line::seat_line;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use fairseat_app::exports::ticket_status;
use fairseat_app::tickets::IssuedTicket;
use fairseat_contract::tickets::Ticket;
use fairseat_domain::fact::Item;

/// The form in which a ticket is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Png,
    Pdf,
    Calendar,
}

impl Form {
    /// Splits the last part of an address into the id and the form: `…/tickets/{id}.pdf`.
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
async fn visible_ticket(app: &ApiState, reader: &OrderReader, id: Uuid) -> Result<IssuedTicket, ApiError> {
    let (event, number) = app.ids.open_ticket(id).ok_or_else(Problem::not_found)?;
    let published = app.sale_now(event).await?;
    let ticket = published.state.ticket(number).ok_or_else(Problem::not_found)?;
    reader.order(app, &published.state, ticket.order, Permission::CheckIn).await?;
    let ticket = IssuedTicket::of(app, published.clone(), number).await?;
    Ok(ticket.ok_or_else(Problem::not_found)?)
}

pub(crate) async fn view(app: &ApiState, issued: &IssuedTicket) -> Result<Ticket, ApiError> {
    let code = issued.code(app).await?;
    let (sale, ids) = (&issued.published.state, &app.ids);
    let item = Item { seat: issued.ticket.seat, price: issued.ticket.price };
    Ok(Ticket {
        ticket_id: issued.id,
        order_id: ids.order(sale.event(), issued.ticket.order),
        event: summary_of_sale(app, sale, issued.event.as_deref()),
        status: ticket_status(issued.ticket.state),
        seat: issued.seat(),
        seat_details: seat_line(ids, sale, &item),
        currency: sale.terms().currency.code().to_owned(),
        token: code.as_ref().map(|code| code.token.to_string()),
        qr_code: code.map(|code| code.base64()),
    })
}

/// A ticket
///
/// `{ticket_id}.png` is its QR code, `{ticket_id}.pdf` a page to print, `{ticket_id}.ics` a calendar entry. For its buyer, and for members
/// who check in; also for whoever has the key in the link of a guest's letter.
#[utoipa::path(get, path = "/tickets/{ticket_id}", tag = "Buying", security((), ("bearer" = [])),
    params(("ticket_id" = String, Path, description = "The id, or the id with .png, .pdf or .ics"), OrderKey),
    responses((status = 200, body = Ticket)))]
pub(crate) async fn ticket(
    State(app): State<ApiState>,
    reader: OrderReader,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let (id, form) = Form::split(&name).ok_or_else(Problem::not_found)?;
    let issued = visible_ticket(&app, &reader, id).await?;
    let (event, seat) = (issued.printed().event, issued.seat());
    match form {
        Form::Json => Ok(Json(view(&app, &issued).await?).into_response()),
        Form::Png => {
            let code = issued.code(&app).await?.ok_or_else(Problem::not_found)?;
            Ok(file("image/png", &[&event, &seat], "png", code.png.to_vec()))
        }
        Form::Pdf => Ok(file("application/pdf", &[&event, &seat], "pdf", issued.page(&app).await?)),
        Form::Calendar => {
            let entry = issued.calendar_entry(&app);
            Ok(file("text/calendar; charset=utf-8", &[&event, &seat], "ics", entry.into_bytes()))
        }
    }
}

/// A private file; browsers show it if they can, and save it under a name made of these words.
pub(crate) fn file(kind: &'static str, words: &[&str], ending: &str, bytes: Vec<u8>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, disposition("inline", words, ending));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// The most characters of a file's name before its ending.
const MAX_NAME: usize = 80;

/// The header that names a file: `Romeo-and-Juliet-Floor-A-1.pdf`. The name in ASCII comes first, for programs that do not know RFC 6266.
pub(crate) fn disposition(kind: &str, words: &[&str], ending: &str) -> HeaderValue {
    let name = |is_kept: fn(char) -> bool| {
        let text = words.join(" ");
        let parts = text.split(|character| !is_kept(character)).filter(|part| !part.is_empty());
        let name: String = parts.collect::<Vec<_>>().join("-").chars().take(MAX_NAME).collect();
        if name.is_empty() { "fairseat".to_owned() } else { name }
    };
    let (plain, whole) = (name(|character| character.is_ascii_alphanumeric()), name(char::is_alphanumeric));
    let encoded: String = form_urlencoded::byte_serialize(whole.as_bytes()).collect();
    let text = format!("{kind}; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}.{ending}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_what_it_is() {
        for (words, header) in [
            (
                &["Romeo & Juliet", "Floor A-1"][..],
                "inline; filename=\"Romeo-Juliet-Floor-A-1.pdf\"; filename*=UTF-8''Romeo-Juliet-Floor-A-1.pdf",
            ),
            (&["Zürich\r\n\";"], "inline; filename=\"Z-rich.pdf\"; filename*=UTF-8''Z%C3%BCrich.pdf"),
            (&["東京"], "inline; filename=\"fairseat.pdf\"; filename*=UTF-8''%E6%9D%B1%E4%BA%AC.pdf"),
        ] {
            assert_eq!(disposition("inline", words, "pdf"), header);
        }
    }

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
