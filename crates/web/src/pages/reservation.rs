//! From chosen seats to paid ones: the hold, its countdown, and the checkout, on one page that can be left and found again.

use super::event::{Event, object};
use super::seats::{self, Chosen, Wanted};
use crate::Web;
use crate::api::{Failure, Problem, Visit};
use crate::forms::{self, message_for};
use crate::render::{encoded, personal, personal_with, status_of, to};
use crate::values::{Instant, Money, number_or_text, total};
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

/// A hold as the API tells it.
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

/// A seat in it.
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
    /// Where it is, as its ticket says it; standing places have no numbers.
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

    /// Seconds that are left, for pages without a script.
    fn minutes_left(&self) -> i64 {
        ((self.expires_at.0.as_second() - jiff::Timestamp::now().as_second()) / 60).max(0)
    }
}

/// Seats held just now, wherever the tab with them has gone.
#[derive(Debug, Deserialize)]
pub(crate) struct Cart {
    pub(crate) reservation_id: String,
    pub(crate) event_id: String,
    pub(crate) seats: Vec<Held>,
    /// Where it was asked for.
    #[serde(skip)]
    pub(crate) event_name: Option<String>,
}

/// One of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Held {
    pub(crate) index: u32,
}

impl Cart {
    /// How many more somebody who holds this may have of an event that allows so many.
    pub(crate) fn leaves(&self, most: u32) -> u32 {
        most.saturating_sub(u32::try_from(self.seats.len()).unwrap_or(u32::MAX))
    }
}

#[derive(Debug, Deserialize)]
struct Carts {
    reservations: Vec<Cart>,
}

/// What the visitor holds, in all events.
pub(crate) async fn carts(visit: &Visit) -> Result<Vec<Cart>, Failure> {
    Ok(visit.get::<Carts>("/users/me/reservations").await?.reservations)
}

/// Cards of the sandbox, and what becomes of them.
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
    /// Why the last attempt came to nothing.
    problem: Option<Problem>,
    /// Why the card was not taken.
    declined: Option<&'static str>,
    /// Whether a seat was given back just now.
    removed: bool,
}

impl Page {
    /// What is wrong with a field of the card, in the API's words.
    fn wrong(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), &format!("payment_details.{field}"))
    }

    /// What is said above the form: where its fields tell what is wrong, no more than that.
    fn notice(&self, problem: &Problem) -> String {
        if problem.errors.is_empty() {
            return format!("{}. {}", problem.title, problem.detail);
        }
        let is_marked =
            |field: &str| ["card_number", "expiry", "cvv"].iter().any(|name| field.ends_with(name));
        if problem.errors.iter().all(|error| is_marked(&error.field)) {
            return "Please correct what is named below.".to_owned();
        }
        forms::in_words(problem)
    }

    fn cards(&self) -> &'static [(&'static str, &'static str)] {
        CARDS
    }
}

/// What a form asks to hold.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    pub(crate) seats: Vec<u32>,
    standing: String,
    pub(crate) quantity: String,
    pub(crate) section: String,
    pub(crate) max_price: String,
    accessible: bool,
}

impl Wish {
    fn read(form: &[u8]) -> Self {
        let mut wish = Self::default();
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "seat" => wish.seats.extend(value.parse::<u32>().ok()),
                "standing" => wish.standing = value.into_owned(),
                "quantity" => wish.quantity = value.into_owned(),
                "section" => wish.section = value.into_owned(),
                "max_price" => wish.max_price = value.trim().to_owned(),
                "accessible" => wish.accessible = value == "true",
                _ => {}
            }
        }
        wish
    }

    /// As the API wants it; `None` when nothing was chosen.
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

    /// The form again as a query, to go on with after signing in.
    fn query(form: &[u8]) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(form_urlencoded::parse(form)).finish()
    }
}

/// Holds what a form of the seats page asks for.
pub(crate) async fn reserve(
    visit: Visit,
    Path(event_id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let wish = Wish::read(&form);
    let refused = async |status: StatusCode, notice: String| {
        seats::refused(&visit, &event_id, &wish, status, notice).await
    };
    let Some(body) = wish.body() else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "Choose at least one seat first.".to_owned()).await;
    };
    match visit.post(&format!("{}/reserve", object(&event_id)), &body).await {
        Ok(answer) => {
            let reservation: Reservation = answer.json(&visit)?;
            Ok(to(&format!("/reservations/{}", reservation.reservation_id)))
        }
        Err(failure) if failure.problem.status == 401 => {
            let here = format!("/events/{}/reserve?{}", encoded(&event_id), Wish::query(&form));
            Err(Failure { here, ..failure })
        }
        Err(failure) if matches!(failure.problem.status, 403 | 409 | 422 | 429) => {
            refused(status_of(Some(&failure.problem)), forms::in_words(&failure.problem)).await
        }
        Err(failure) => Err(failure),
    }
}

#[derive(Template)]
#[template(path = "reserve.html")]
struct ConfirmPage {
    event: Event,
    fields: Vec<(String, String)>,
    wish: Wish,
    /// The seats that are named and known.
    seats: Vec<Wanted>,
    cart: Option<Cart>,
}

impl ConfirmPage {
    /// Why it cannot be had as it is asked for.
    fn obstacle(&self) -> Option<String> {
        let most = self.event.max_tickets_per_user;
        let left = self.cart.as_ref().map_or(most, |cart| cart.leaves(most));
        if self.wish.seats.len() > usize::try_from(left).unwrap_or(usize::MAX) {
            let held =
                if left < most { format!(", and you hold {} already", most - left) } else { String::new() };
            return Some(format!("At most {most} tickets a person{held}."));
        }
        let all = self.seats.len() == self.wish.seats.len() && self.seats.iter().all(|seat| seat.free);
        (!all).then(|| "Not all of these seats are free any more.".to_owned())
    }

    fn sum(&self) -> Option<String> {
        total(self.seats.iter().map(|seat| seat.price.as_ref()), &self.event.currency)
    }

    /// What was asked for without naming seats.
    fn what(&self) -> String {
        let Wish { quantity, standing, section, max_price, accessible, .. } = &self.wish;
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

    /// Where to choose again, with the seats that can be had.
    fn again(&self) -> String {
        let free: Vec<u32> = self.seats.iter().filter(|seat| seat.free).map(|seat| seat.index).collect();
        Chosen::of(free).address(&self.event.event_id)
    }
}

/// Asks whether to hold what was chosen before signing in.
pub(crate) async fn confirm(
    visit: Visit,
    Path(event_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let chosen = Chosen::read(&query);
    let event: Event = visit.anonymous().get(&object(&event_id)).await?;
    let wish = Wish { seats: chosen.seats.clone(), ..Wish::read(query.as_bytes()) };
    // The seats' own page says why there is nothing to hold.
    if wish.body().is_none() || !event.is_on_sale() {
        return Ok(to(&chosen.address(&event.event_id)));
    }
    let fields = form_urlencoded::parse(query.as_bytes()).into_owned().take(120).collect();
    let seats = seats::wanted(&visit, &event_id, &wish.seats).await?;
    let cart = seats::cart(&visit, &event_id).await;
    Ok(personal(&ConfirmPage { event, fields, wish, seats, cart }))
}

/// Why a card was not taken, by the API's word for it: an address says the word, never the sentence.
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
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let (declined, removed) = (declined(&query), query == REMOVED);
    shown(&visit, &id, Told { declined, removed, ..Told::default() }).await
}

/// What its order says of a reservation somebody tried to pay.
#[derive(Debug, Deserialize)]
struct Tried {
    status: String,
    payment_status: String,
}

/// The query of whoever has just given a seat back.
const REMOVED: &str = "removed";

/// What the checkout has to say besides what it shows.
#[derive(Default)]
struct Told {
    problem: Option<Problem>,
    declined: Option<&'static str>,
    removed: bool,
}

async fn shown(visit: &Visit, id: &str, told: Told) -> Result<Response, Failure> {
    let reservation: Reservation = visit.get(&format!("/reservations/{}", encoded(id))).await?;
    if let Some(order) = &reservation.order_id {
        let tried: Tried = visit.get(&format!("/orders/{order}")).await?;
        let is_under_way = tried.status == "pending" && tried.payment_status != "failed";
        if is_under_way || reservation.status == "converted_to_order" {
            return Ok(to(&format!("/orders/{order}")));
        }
    }
    let event: Event = visit.get(&object(&reservation.event_id)).await?;
    let Told { problem, declined, removed } = told;
    let status = status_of(problem.as_ref());
    // An address alone declines nothing.
    let declined = declined.filter(|_| reservation.order_id.is_some());
    Ok(personal_with(status, &Page { event, reservation, problem, declined, removed }))
}

#[derive(Debug, Deserialize)]
struct Ordered {
    order_id: String,
}

/// The order of a checkout; where there is nothing to pay, its form has no card.
fn order(reservation: &str, field: &impl Fn(&str) -> Option<String>) -> Value {
    let Some(card) = field("card_number") else { return json!({"reservation_id": reservation}) };
    let card: String = card.chars().filter(|digit| !digit.is_whitespace()).collect();
    let details = json!({"card_number": card, "expiry": field("expiry"), "cvv": field("cvv")});
    json!({"reservation_id": reservation, "payment_method": "card", "payment_details": details})
}

/// What the buttons of the checkout do.
pub(crate) async fn act(
    State(_web): State<Web>,
    visit: Visit,
    Path((id, action)): Path<(String, String)>,
    RawForm(form): RawForm,
) -> Result<Response, Failure> {
    let field = |wanted: &str| {
        let mut fields = form_urlencoded::parse(&form);
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.trim().to_owned())
    };
    let object = format!("/reservations/{}", encoded(&id));
    let done = match action.as_str() {
        "extend" => visit.bare(Method::POST, &format!("{object}/extend")).await,
        "remove" => {
            let change = json!({"remove_seat_ids": [field("seat_id")]});
            visit.with_body(Method::PATCH, &object, &change).await
        }
        "cancel" => {
            let reservation: Reservation = visit.get(&object).await?;
            visit.bare(Method::DELETE, &object).await?;
            return Ok(to(&format!("/events/{}/seats?{}", reservation.event_id, seats::RELEASED)));
        }
        "pay" => {
            match visit.post("/orders", &order(&id, &field)).await {
                Ok(answer) => {
                    let order: Ordered = answer.json(&visit)?;
                    return Ok(to(&format!("/orders/{}", order.order_id)));
                }
                // Shown by the page itself, so that no reload sends the card again.
                Err(Failure { problem, .. }) if problem.status == 402 => {
                    let reason = problem.reason.unwrap_or_default();
                    return Ok(to(&format!("/reservations/{}?declined={}", encoded(&id), encoded(&reason))));
                }
                Err(Failure { problem, .. }) if matches!(problem.status, 409 | 410) => {
                    return Ok(to(&format!("/reservations/{}", encoded(&id))));
                }
                Err(failure) => Err(failure),
            }
        }
        _ => return Ok(crate::error_page::not_found()),
    };
    match done {
        Ok(_) if action == "remove" => Ok(to(&format!("/reservations/{}?{REMOVED}", encoded(&id)))),
        Ok(_) => Ok(to(&format!("/reservations/{id}"))),
        Err(failure) if matches!(failure.problem.status, 409 | 410 | 422) => {
            shown(&visit, &id, Told { problem: Some(failure.problem), ..Told::default() }).await
        }
        Err(failure) => Err(failure),
    }
}
