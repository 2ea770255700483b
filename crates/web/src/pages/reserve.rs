//! Holding seats: what was chosen on the seats page is held at once, for whoever chose it, in the visitor's one cart for the event.

use super::event::event_path;
use super::seats::{self, Chosen};
use crate::cookies::{self, HeldCart};
use crate::forms;
use crate::render::{encoded, see_other, status_of};
use crate::values::Instant;
use axum::extract::{Path, RawForm, RawQuery};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// A form of the seats page: the seats, the standing places or the number of best available seats to reserve.
#[derive(Debug, Default)]
pub(crate) struct ReservationRequest {
    pub(crate) seats: Vec<u32>,
    standing: String,
    pub(crate) quantity: String,
    pub(crate) section: String,
    pub(crate) max_price: String,
    accessible: bool,
}

impl ReservationRequest {
    fn read(form: &[u8]) -> Self {
        let mut wanted = Self::default();
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "seat" => wanted.seats.extend(value.parse::<u32>().ok()),
                "standing" => wanted.standing = value.into_owned(),
                "quantity" => wanted.quantity = value.into_owned(),
                "section" => wanted.section = value.into_owned(),
                "max_price" => wanted.max_price = value.trim().to_owned(),
                "accessible" => wanted.accessible = value == "true",
                _ => {}
            }
        }
        wanted
    }

    /// The body of the API's request; `None` when nothing was chosen.
    fn body(&self) -> Option<Value> {
        let mut body = self.choice()?;
        body["add_to_cart"] = true.into();
        Some(body)
    }

    fn choice(&self) -> Option<Value> {
        if !self.seats.is_empty() {
            return Some(json!({"seat_indexes": self.seats}));
        }
        let quantity: u32 = self.quantity.parse().ok()?;
        if !self.standing.is_empty() {
            return Some(json!({"general_admission": [{"section": self.standing, "quantity": quantity}]}));
        }
        let mut best = json!({"quantity": quantity, "accessible": self.accessible});
        if !self.section.is_empty() {
            best["section"] = self.section.clone().into();
        }
        if !self.max_price.is_empty() {
            best["max_price"] =
                serde_json::from_str(&self.max_price).unwrap_or(Value::from(self.max_price.clone()));
        }
        Some(json!({"best_available": best}))
    }
}

/// `POST /events/{event_id}/reserve`: holds what was chosen on the seats page, at once and for whoever chose it. It joins the visitor's cart
/// for the event. Somebody who is not signed in becomes a guest.
pub(crate) async fn reserve(
    client: ApiClient,
    Path(event_id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let mut wanted = ReservationRequest::read(&form);
    // A form that is sent once more, after Back, names seats that the visitor holds already.
    if !wanted.seats.is_empty()
        && let Some(cart) = seats::cart(&client, &event_id).await
    {
        wanted.seats.retain(|seat| !cart.holds(*seat));
        if wanted.seats.is_empty() {
            return Ok(see_other(&format!("/reservations/{}", cart.reservation_id)));
        }
    }
    let Some(body) = wanted.body() else {
        let notice = "Choose at least one seat.".to_owned();
        return seats::refused(&client, &event_id, &wanted, StatusCode::UNPROCESSABLE_ENTITY, notice).await;
    };
    let path = format!("{}/reserve", event_path(&event_id));
    let (visitor, begun, held) = match client.post(&path, &body).await {
        Err(failure) if failure.problem.status == 401 => {
            let cookie = new_guest(&client).await?;
            let guest = client.with_session(&cookie);
            let held = guest.post(&path, &body).await;
            (guest, Some(cookie), held)
        }
        held => (client.clone(), None, held),
    };
    let shown = match held {
        Ok(answer) => {
            let event: HeldEvent = visitor.get(&event_path(&event_id)).await?;
            let HeldEvent { timezone } = event;
            let HeldReservation { reservation_id, event_id, expires_at, seats } = answer.json(&visitor)?;
            let cart = HeldCart::new((&reservation_id, &event_id), &expires_at, &timezone, seats.len());
            let checkout = see_other(&cart.checkout());
            cookies::with(checkout, [cookies::holds(&client, cart)])
        }
        Err(failure) if matches!(failure.problem.status, 403 | 409 | 422 | 429) => {
            let (status, notice) =
                (status_of(Some(&failure.problem)), forms::problem_sentence(&failure.problem));
            seats::refused(&visitor, &event_id, &wanted, status, notice).await?
        }
        Err(failure) => return Err(failure),
    };
    Ok(cookies::with(shown, begun))
}

/// The parts of a reservation that the browser remembers.
#[derive(Debug, Deserialize)]
struct HeldReservation {
    reservation_id: String,
    event_id: String,
    expires_at: Instant,
    seats: Vec<IgnoredAny>,
}

/// The event of a reservation.
#[derive(Debug, Deserialize)]
struct HeldEvent {
    timezone: String,
}

/// The cookie that gives the browser the session of a new guest.
async fn new_guest(client: &ApiClient) -> Result<HeaderValue, PageError> {
    let nobody = client.anonymous();
    let answer = nobody.post("/auth/guest", &json!({"session": "cookie"})).await?;
    Ok(answer.headers.get(header::SET_COOKIE).cloned().unwrap_or(HeaderValue::from_static("")))
}

/// `GET /events/{event_id}/reserve`: an old link, or the Back button: back to the seats, with the same ones chosen.
pub(crate) async fn again(Path(event_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    see_other(&Chosen::read(&query.unwrap_or_default()).address(&encoded(&event_id)))
}
