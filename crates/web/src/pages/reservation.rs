//! From chosen seats to a paid order: reserving, the countdown and the checkout. The checkout has an address of its own, so that a visitor
//! can leave and return.

use super::event::{Event, event_path};
use super::seats::{self, Chosen, HOLD_MINUTES, SeatPreview};
use crate::api::{ApiClient, PageError, Problem};
use crate::error_page;
use crate::forms::{self, message_for};
use crate::render::{encoded, personal, personal_with, see_other, status_of};
use crate::state::Web;
use crate::values::{Instant, Money, number_or_text, total};
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

/// A reservation, with the fields of the API's answer that the checkout shows.
#[derive(Debug, Deserialize)]
pub(crate) struct Reservation {
    reservation_id: String,
    event_id: String,
    status: String,
    seats: Vec<Seat>,
    extended: bool,
    expires_at: Instant,
    total_amount: Money,
    fees: Money,
    currency: String,
    order_id: Option<String>,
}

/// A seat of a reservation or an order.
#[derive(Debug, Deserialize)]
pub(crate) struct Seat {
    pub(crate) seat_id: String,
    pub(crate) label: String,
    section: String,
    row: String,
    #[serde(deserialize_with = "number_or_text")]
    number: String,
    pub(crate) price: Money,
}

impl Seat {
    /// The seat's name as on its ticket; standing places have no row and number.
    pub(crate) fn place(&self) -> String {
        if self.row.is_empty() {
            self.label.clone()
        } else {
            seats::place(&self.section, &self.row, &self.number)
        }
    }
}

impl Reservation {
    fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whole minutes until the reservation expires, for browsers without scripts.
    fn minutes_left(&self) -> i64 {
        ((self.expires_at.0.as_second() - jiff::Timestamp::now().as_second()) / 60).max(0)
    }
}

/// An active reservation of the visitor, shown on pages other than its checkout.
#[derive(Debug, Deserialize)]
pub(crate) struct Cart {
    pub(crate) reservation_id: String,
    pub(crate) event_id: String,
    pub(crate) seats: Vec<ReservedSeat>,
    /// The event's name, filled in by the page that shows it.
    #[serde(skip)]
    pub(crate) event_name: Option<String>,
}

/// A seat of a cart.
#[derive(Debug, Deserialize)]
pub(crate) struct ReservedSeat {
    pub(crate) index: u32,
}

impl Cart {
    /// Whether it has this seat.
    pub(crate) fn holds(&self, seat: u32) -> bool {
        self.seats.iter().any(|held| held.index == seat)
    }

    /// How many more tickets this visitor may take for an event that allows `most` per buyer.
    pub(crate) fn remaining(&self, most: u32) -> u32 {
        most.saturating_sub(u32::try_from(self.seats.len()).unwrap_or(u32::MAX))
    }
}

#[derive(Debug, Deserialize)]
struct CartList {
    reservations: Vec<Cart>,
}

/// The visitor's active reservations, for all events.
pub(crate) async fn carts(client: &ApiClient) -> Result<Vec<Cart>, PageError> {
    Ok(client.get::<CartList>("/users/me/reservations").await?.reservations)
}

/// Test cards of the sandbox, and the outcome of each.
const CARDS: &[(&str, &str)] = &[
    ("4242424242424242", "pays"),
    ("4000000000000002", "is declined"),
    ("4000000000009995", "has not enough money"),
    ("4000002500003155", "asks the bank first"),
];

#[derive(Template)]
#[template(path = "reservation.html")]
struct Page {
    event: Event,
    reservation: Reservation,
    /// Why the last action failed.
    problem: Option<Problem>,
    /// Why the card was declined.
    declined: Option<&'static str>,
    /// Whether the visitor has just removed a seat.
    removed: bool,
}

impl Page {
    /// The API's message for one field of the card.
    fn error_for(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), &format!("payment_details.{field}"))
    }

    /// The notice above the form. When every message is shown beside its field, the notice only refers to these.
    fn notice(&self, problem: &Problem) -> String {
        if problem.errors.is_empty() {
            return format!("{}. {}", problem.title, problem.detail);
        }
        let is_marked =
            |field: &str| ["card_number", "expiry", "cvv"].iter().any(|name| field.ends_with(name));
        if problem.errors.iter().all(|error| is_marked(&error.field)) {
            return "Please correct what is named below.".to_owned();
        }
        forms::problem_sentence(problem)
    }

    fn cards(&self) -> &'static [(&'static str, &'static str)] {
        CARDS
    }
}

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

    /// The form as a query string, so that the visitor can continue after signing in.
    fn query(form: &[u8]) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(form_urlencoded::parse(form)).finish()
    }
}

/// `POST /events/{event_id}/reserve`: reserves what was chosen on the seats page.
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
    let refused = async |status: StatusCode, notice: String| {
        seats::refused(&client, &event_id, &wanted, status, notice).await
    };
    let Some(body) = wanted.body() else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "Choose at least one seat first.".to_owned()).await;
    };
    match client.post(&format!("{}/reserve", event_path(&event_id)), &body).await {
        Ok(answer) => {
            let reservation: CreatedReservation = answer.json(&client)?;
            Ok(see_other(&format!("/reservations/{}", reservation.reservation_id)))
        }
        Err(failure) if failure.problem.status == 401 => {
            let return_to =
                format!("/events/{}/reserve?{}", encoded(&event_id), ReservationRequest::query(&form));
            Err(PageError { return_to, ..failure })
        }
        Err(failure) if matches!(failure.problem.status, 403 | 409 | 422 | 429) => {
            refused(status_of(Some(&failure.problem)), forms::problem_sentence(&failure.problem)).await
        }
        Err(failure) => Err(failure),
    }
}

#[derive(Debug, Deserialize)]
struct CreatedReservation {
    reservation_id: String,
}

#[derive(Template)]
#[template(path = "reserve.html")]
struct ConfirmPage {
    event: Event,
    fields: Vec<(String, String)>,
    wanted: ReservationRequest,
    /// The chosen seats that exist.
    seats: Vec<SeatPreview>,
    cart: Option<Cart>,
}

impl ConfirmPage {
    fn hold_minutes(&self) -> i64 {
        HOLD_MINUTES
    }

    /// Why these seats cannot be reserved, if they cannot.
    fn obstacle(&self) -> Option<String> {
        let most = self.event.max_tickets_per_user;
        let left = self.cart.as_ref().map_or(most, |cart| cart.remaining(most));
        if self.wanted.seats.len() > usize::try_from(left).unwrap_or(usize::MAX) {
            let held =
                if left < most { format!(", and you hold {} already", most - left) } else { String::new() };
            return Some(format!("At most {most} tickets a person{held}."));
        }
        let all = self.seats.len() == self.wanted.seats.len() && self.seats.iter().all(|seat| seat.free);
        (!all).then(|| "Not all of these seats are free any more.".to_owned())
    }

    fn sum(&self) -> Option<String> {
        total(self.seats.iter().map(|seat| seat.price.as_ref()), &self.event.currency)
    }

    /// A description of the request if it names no seats.
    fn what(&self) -> String {
        let ReservationRequest { quantity, standing, section, max_price, accessible, .. } = &self.wanted;
        if !standing.is_empty() {
            return format!("{standing} · {quantity} {}", if quantity == "1" { "place" } else { "places" });
        }
        let mut what = format!("The best that is left: {quantity} together");
        if !section.is_empty() {
            what += &format!(", {section}");
        }
        if !max_price.is_empty() {
            what += &format!(", up to {max_price} each");
        }
        if *accessible { what + ", wheelchair places" } else { what }
    }

    /// The address of the seats page with the seats that are still available chosen.
    fn again(&self) -> String {
        let free: Vec<u32> = self.seats.iter().filter(|seat| seat.free).map(|seat| seat.index).collect();
        Chosen::of(free).address(&self.event.event_id)
    }
}

/// `GET /events/{event_id}/reserve`: after signing in, asks whether to reserve the seats that were chosen before.
pub(crate) async fn confirm(
    client: ApiClient,
    Path(event_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.unwrap_or_default();
    let chosen = Chosen::read(&query);
    let event: Event = client.anonymous().get(&event_path(&event_id)).await?;
    let wanted =
        ReservationRequest { seats: chosen.seats.clone(), ..ReservationRequest::read(query.as_bytes()) };
    // The seats page explains why nothing can be reserved.
    if wanted.body().is_none() || !event.is_on_sale() {
        return Ok(see_other(&chosen.address(&event.event_id)));
    }
    let fields = form_urlencoded::parse(query.as_bytes()).into_owned().take(120).collect();
    let seats = seats::seat_previews(&client, &event_id, &wanted.seats).await?;
    let cart = seats::cart(&client, &event_id).await;
    Ok(personal(&ConfirmPage { event, fields, wanted, seats, cart }))
}

/// The sentence for a declined card. The address carries only the API's reason code, so nobody can make the page show a text of their own.
fn declined(query: &str) -> Option<&'static str> {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let (_, word) = fields.find(|(name, _)| name == "declined")?;
    Some(match &*word {
        "insufficient_funds" => "The card has insufficient funds.",
        "expired_card" => "The card has expired.",
        "invalid_card" => "The card is not accepted.",
        "authentication_failed" => "The payment was not approved.",
        _ => "Your card was declined.",
    })
}

/// The checkout.
pub(crate) async fn show(
    client: ApiClient,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.unwrap_or_default();
    let (declined, removed) = (declined(&query), query == REMOVED);
    checkout(&client, &id, CheckoutNotice { declined, removed, ..CheckoutNotice::default() }).await
}

/// The part of an order that shows the state of its payment.
#[derive(Debug, Deserialize)]
struct PaymentProgress {
    status: String,
    payment_status: String,
}

/// The query of the page shown after a seat was removed.
const REMOVED: &str = "removed";

/// What the checkout tells the visitor about their last action.
#[derive(Default)]
struct CheckoutNotice {
    problem: Option<Problem>,
    declined: Option<&'static str>,
    removed: bool,
}

async fn checkout(client: &ApiClient, id: &str, notice: CheckoutNotice) -> Result<Response, PageError> {
    let reservation: Reservation = client.get(&format!("/reservations/{}", encoded(id))).await?;
    if let Some(order) = &reservation.order_id
        && (reservation.status == "converted_to_order" || is_payment_under_way(client, order).await?)
    {
        return Ok(see_other(&format!("/orders/{order}")));
    }
    let event: Event = client.get(&event_path(&reservation.event_id)).await?;
    let CheckoutNotice { problem, declined, removed } = notice;
    let status = status_of(problem.as_ref());
    // Without a payment attempt, the reason in the address is ignored.
    let declined = declined.filter(|_| reservation.order_id.is_some());
    Ok(personal_with(status, &Page { event, reservation, problem, declined, removed }))
}

/// Whether the order's payment is still in progress.
async fn is_payment_under_way(client: &ApiClient, order: &str) -> Result<bool, PageError> {
    let order: PaymentProgress = client.get(&format!("/orders/{order}")).await?;
    Ok(order.status == "pending" && order.payment_status != "failed")
}

#[derive(Debug, Deserialize)]
struct CreatedOrder {
    order_id: String,
}

/// The body of `POST /orders`. The form has no card when the total is zero.
fn order_body(reservation: &str, field: &impl Fn(&str) -> Option<String>) -> Value {
    let Some(card) = field("card_number") else { return json!({"reservation_id": reservation}) };
    let card: String = card.chars().filter(|digit| !digit.is_whitespace()).collect();
    let details = json!({"card_number": card, "expiry": field("expiry"), "cvv": field("cvv")});
    json!({"reservation_id": reservation, "payment_method": "card", "payment_details": details})
}

/// `POST /reservations/{reservation_id}/{action}`: the buttons of the checkout.
pub(crate) async fn act(
    State(_web): State<Web>,
    client: ApiClient,
    Path((id, action)): Path<(String, String)>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let field = |wanted: &str| {
        let mut fields = form_urlencoded::parse(&form);
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.trim().to_owned())
    };
    let object = format!("/reservations/{}", encoded(&id));
    let done = match action.as_str() {
        "extend" => client.send_empty(Method::POST, &format!("{object}/extend")).await,
        "remove" => {
            let change = json!({"remove_seat_ids": [field("seat_id")]});
            client.send_json(Method::PATCH, &object, &change).await
        }
        "cancel" => {
            let reservation: Reservation = client.get(&object).await?;
            client.send_empty(Method::DELETE, &object).await?;
            return Ok(see_other(&format!("/events/{}/seats?{}", reservation.event_id, seats::RELEASED)));
        }
        "pay" => {
            match client.post("/orders", &order_body(&id, &field)).await {
                Ok(answer) => {
                    let order: CreatedOrder = answer.json(&client)?;
                    return Ok(see_other(&format!("/orders/{}", order.order_id)));
                }
                // Redirects, so that reloading the page does not send the card again.
                Err(PageError { problem, .. }) if problem.status == 402 => {
                    let reason = problem.reason.unwrap_or_default();
                    return Ok(see_other(&format!(
                        "/reservations/{}?declined={}",
                        encoded(&id),
                        encoded(&reason)
                    )));
                }
                Err(PageError { problem, .. }) if matches!(problem.status, 409 | 410) => {
                    return Ok(see_other(&format!("/reservations/{}", encoded(&id))));
                }
                Err(failure) => Err(failure),
            }
        }
        _ => return Ok(error_page::not_found()),
    };
    match done {
        Ok(_) if action == "remove" => Ok(see_other(&format!("/reservations/{}?{REMOVED}", encoded(&id)))),
        Ok(_) => Ok(see_other(&format!("/reservations/{id}"))),
        Err(failure) if matches!(failure.problem.status, 409 | 410 | 422) => {
            checkout(
                &client,
                &id,
                CheckoutNotice { problem: Some(failure.problem), ..CheckoutNotice::default() },
            )
            .await
        }
        Err(failure) => Err(failure),
    }
}
