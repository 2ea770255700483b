//! From chosen seats to paid ones: the hold, its countdown, and the checkout, on one page that can be left and found again.

use super::event::{Event, object};
use super::seats::{self, Chosen, Wanted};
use crate::Web;
use crate::api::{Failure, Problem, Visit};
use crate::forms::{self, message_for};
use crate::render::{encoded, personal, personal_with, to};
use crate::values::{Instant, Money, number_or_text};
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
}

impl Page {
    /// What is wrong with a field of the card, in the API's words.
    fn wrong(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), &format!("payment_details.{field}"))
    }

    /// What is said above the form: where its fields tell what is wrong, no more than that.
    fn notice(&self, problem: &Problem) -> String {
        match problem.status {
            _ if !problem.errors.is_empty() => "Please look at what is marked.".to_owned(),
            402 => problem.detail.clone(),
            _ => format!("{}. {}", problem.title, problem.detail),
        }
    }

    fn cards(&self) -> &'static [(&'static str, &'static str)] {
        CARDS
    }
}

/// What a form asks to hold.
#[derive(Debug, Default)]
struct Wish {
    seats: Vec<u32>,
    standing: String,
    quantity: String,
    section: String,
    max_price: String,
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
        seats::refused(&visit, &event_id, &wish.section, status, notice).await
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
            let status = StatusCode::from_u16(failure.problem.status).unwrap_or(StatusCode::CONFLICT);
            refused(status, forms::in_words(&failure.problem)).await
        }
        Err(failure) => Err(failure),
    }
}

#[derive(Template)]
#[template(path = "reserve.html")]
struct ConfirmPage {
    event: Event,
    fields: Vec<(String, String)>,
    seats: Vec<Wanted>,
}

impl ConfirmPage {
    fn all_free(&self) -> bool {
        self.seats.iter().all(|seat| seat.free)
    }
}

/// Asks whether to hold what was chosen before signing in.
pub(crate) async fn confirm(
    visit: Visit,
    Path(event_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let visit = visit.anonymous();
    let event: Event = visit.get(&object(&event_id)).await?;
    let fields = form_urlencoded::parse(query.as_bytes()).into_owned().take(120).collect();
    let seats = seats::wanted(&visit, &event_id, &Chosen::read(&query).seats).await?;
    Ok(personal(&ConfirmPage { event, fields, seats }))
}

/// The checkout.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    page(&visit, &id, None).await
}

async fn page(visit: &Visit, id: &str, problem: Option<Problem>) -> Result<Response, Failure> {
    let reservation: Reservation = visit.get(&format!("/reservations/{}", encoded(id))).await?;
    if let Some(order) = &reservation.order_id.as_ref().filter(|_| reservation.status == "converted_to_order")
    {
        return Ok(to(&format!("/orders/{order}")));
    }
    let event: Event = visit.get(&object(&reservation.event_id)).await?;
    let status = match &problem {
        Some(problem) => StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        None => StatusCode::OK,
    };
    Ok(personal_with(status, &Page { event, reservation, problem }))
}

#[derive(Debug, Deserialize)]
struct Ordered {
    order_id: String,
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
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
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
            return Ok(to(&format!("/events/{}/seats", reservation.event_id)));
        }
        "pay" => {
            let card: String = field("card_number").chars().filter(|digit| !digit.is_whitespace()).collect();
            let details = json!({"card_number": card, "expiry": field("expiry"), "cvv": field("cvv")});
            let order = json!({"reservation_id": id, "payment_method": "card", "payment_details": details});
            match visit.post("/orders", &order).await {
                Ok(answer) => {
                    let order: Ordered = answer.json(&visit)?;
                    return Ok(to(&format!("/orders/{}", order.order_id)));
                }
                Err(failure) => Err(failure),
            }
        }
        _ => return Ok(crate::not_found()),
    };
    match done {
        Ok(_) => Ok(to(&format!("/reservations/{id}"))),
        Err(failure) if matches!(failure.problem.status, 402 | 409 | 410 | 422) => {
            page(&visit, &id, Some(failure.problem)).await
        }
        Err(failure) => Err(failure),
    }
}
