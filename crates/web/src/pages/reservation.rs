//! The checkout: the seats of the cart with their one deadline, who gets the tickets, and the payment. It has an address of its own, so that a
//! visitor can leave and return.

use super::event::{Event, event_path};
use super::seats::{self, Chosen};
use crate::cookies::{self, HeldCart};
use crate::error_page;
use crate::forms::{self, message_for};
use crate::render::{encoded, personal_with, see_other, status_of};
use crate::state::Web;
use crate::values::{Instant, Money, number_or_text};
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
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
    /// Names of seats that these seats leave alone.
    #[serde(default)]
    single_seats_left: Vec<String>,
    order_id: Option<String>,
    /// Who gets the tickets, once a guest has said so.
    contact: Option<Contact>,
}

/// A seat of a reservation or an order.
#[derive(Debug, Deserialize)]
pub(crate) struct Seat {
    pub(crate) seat_id: String,
    /// Its index in the plan.
    #[serde(default)]
    index: Option<u32>,
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
    fn held(&self, timezone: &str) -> HeldCart {
        let ids = (&*self.reservation_id, &*self.event_id);
        HeldCart::new(ids, &self.expires_at, timezone, self.seats.len())
    }

    /// The seats page with these seats chosen again; those that are not available any more are named there.
    fn choose_again(&self) -> String {
        Chosen::of(self.seats.iter().filter_map(|seat| seat.index).collect()).address(&self.event_id)
    }

    /// The warning about a single seat, as the map's script words it before the seats are held.
    fn single_seat_warning(&self) -> Option<String> {
        let (first, more) = self.single_seats_left.split_first()?;
        let more = if more.is_empty() { String::new() } else { format!(", and {} more", more.len()) };
        Some(format!("Your seats leave {first} alone{more}."))
    }

    /// "seats", or "tickets" if none of them has a row.
    fn things(&self) -> &'static str {
        if self.seats.iter().all(|seat| seat.row.is_empty()) { "tickets" } else { "seats" }
    }

    fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whole minutes until the reservation expires, for browsers without scripts.
    fn minutes_left(&self) -> i64 {
        ((self.expires_at.0.as_second() - jiff::Timestamp::now().as_second()) / 60).max(0)
    }
}

/// The fields beside which the form shows what is wrong.
const MARKED: &[&str] = &["card_number", "expiry", "cvv", "contact.email", "contact.name"];

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
    /// Names of seats that a merge at sign-in left out.
    left_out: Vec<String>,
    buyer: Buyer,
    /// Who gets the tickets of a guest, as typed before.
    contact: Contact,
    /// The card's last month, as typed before. Its number and code are never sent back.
    expiry: String,
    /// Whether the e-mail address looks unfinished.
    asks_about_email: bool,
}

impl Page {
    /// The end of the reservation on the venue's clocks, for browsers without scripts.
    fn held_until(&self) -> String {
        self.reservation.expires_at.at(self.event.zone_name()).clock_and_zone()
    }

    /// The API's message for one field of a guest's contact.
    fn contact_error(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), &format!("contact.{field}"))
            .or_else(|| message_for(self.problem.as_ref(), "contact").filter(|_| field == "email"))
    }

    /// The API's message for one field of the card.
    fn error_for(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), &format!("payment_details.{field}"))
    }

    /// The notice above the form. When every message is shown beside its field, the notice only refers to these.
    fn notice(&self, problem: &Problem) -> String {
        if problem.errors.is_empty() {
            return format!("{}. {}", problem.title, problem.detail);
        }
        let is_marked = |field: &str| MARKED.iter().any(|name| field.ends_with(name)) || field == "contact";
        if problem.errors.iter().all(|error| is_marked(&error.field)) {
            return "Please check the highlighted fields.".to_owned();
        }
        forms::problem_sentence(problem)
    }

    fn cards(&self) -> &'static [(&'static str, &'static str)] {
        CARDS
    }
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
    let (declined, removed, left_out) = (declined(&query), query == REMOVED, left_out(&query));
    checkout(&client, &id, CheckoutNotice { declined, removed, left_out, ..CheckoutNotice::default() }).await
}

/// The query that names the seats which a merge at sign-in left out, by index.
pub(crate) const LEFT_OUT: &str = "left_out";

fn left_out(query: &str) -> Vec<u32> {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let list =
        fields.find(|(name, _)| name == LEFT_OUT).map(|(_, list)| list.into_owned()).unwrap_or_default();
    list.split(',').filter_map(|index| index.parse().ok()).take(100).collect()
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
    /// Seats that a merge at sign-in left out, by index.
    left_out: Vec<u32>,
    /// What a guest typed.
    typed: Option<Contact>,
    /// The month of expiry that was typed.
    expiry: String,
    /// Whether the e-mail address looks unfinished.
    asks_about_email: bool,
}

/// Whether an e-mail address is allowed but probably unfinished: `max@example`. Addresses on the internet have a dot in their domain.
fn is_unusual(email: &str) -> bool {
    email
        .rsplit_once('@')
        .is_some_and(|(_, domain)| !domain.is_empty() && !domain.trim_end_matches('.').contains('.'))
}

/// Who gets the tickets of a guest.
#[derive(Clone, Debug, Default, Deserialize)]
struct Contact {
    email: String,
    #[serde(default)]
    name: String,
}

/// The parts of the visitor's account that the checkout shows.
#[derive(Debug, Deserialize)]
struct Buyer {
    email: Option<String>,
    guest: bool,
}

async fn checkout(client: &ApiClient, id: &str, notice: CheckoutNotice) -> Result<Response, PageError> {
    let reservation: Reservation = client.get(&format!("/reservations/{}", encoded(id))).await?;
    if let Some(order) = &reservation.order_id
        && (reservation.status == "converted_to_order" || is_payment_under_way(client, order).await?)
    {
        return Ok(see_other(&format!("/orders/{order}")));
    }
    let event: Event = client.get(&event_path(&reservation.event_id)).await?;
    let buyer: Buyer = client.get("/users/me").await?;
    let CheckoutNotice { problem, declined, removed, left_out, typed, expiry, asks_about_email } = notice;
    // 422 as for a refused form, so that the script shows the question and keeps the card.
    let status =
        if asks_about_email { StatusCode::UNPROCESSABLE_ENTITY } else { status_of(problem.as_ref()) };
    // Without a payment attempt, the reason in the address is ignored.
    let declined = declined.filter(|_| reservation.order_id.is_some());
    let left_out = seats::seat_previews(client, &reservation.event_id, &left_out).await?;
    let left_out = left_out.into_iter().map(|seat| seat.place).collect();
    let known = reservation
        .contact
        .clone()
        .or_else(|| Some(Contact { email: cookies::typed_email(client)?, ..Contact::default() }));
    let contact = typed.or(known).unwrap_or_default();
    let cookie = if reservation.is_active() {
        Some(cookies::holds(client, reservation.held(event.zone_name())))
    } else {
        cookies::holds_no_more(client, &reservation.reservation_id)
    };
    let page = Page {
        event,
        reservation,
        problem,
        declined,
        removed,
        left_out,
        buyer,
        contact,
        expiry,
        asks_about_email,
    };
    Ok(cookies::with(personal_with(status, &page), cookie))
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

/// The body of `POST /orders`. The form has no card when the total is zero, and a contact only for a guest.
fn order_body(reservation: &str, field: &impl Fn(&str) -> Option<String>) -> Value {
    let mut body = payment_body(reservation, field);
    if let Some(Contact { email, name }) = typed_contact(field) {
        body["contact"] = json!({"email": email, "name": name});
    }
    body
}

fn typed_contact(field: &impl Fn(&str) -> Option<String>) -> Option<Contact> {
    Some(Contact { email: field("email")?, name: field("name").unwrap_or_default() })
}

fn payment_body(reservation: &str, field: &impl Fn(&str) -> Option<String>) -> Value {
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
            let seats = see_other(&format!("/events/{}/seats?{}", reservation.event_id, seats::RELEASED));
            return Ok(cookies::with(seats, cookies::holds_no_more(&client, &id)));
        }
        "pay" => {
            let typed = typed_contact(&field);
            // Asked once for each address, and before anything is paid. Sending the form again means yes.
            let is_new = |contact: &Contact| field("checked_email").as_deref() != Some(&*contact.email);
            if typed.as_ref().is_some_and(|contact| is_unusual(&contact.email) && is_new(contact)) {
                let expiry = field("expiry").unwrap_or_default();
                let notice =
                    CheckoutNotice { typed, expiry, asks_about_email: true, ..CheckoutNotice::default() };
                return checkout(&client, &id, notice).await;
            }
            let remembered = typed.as_ref().map(|contact| cookies::typed(&contact.email));
            match client.post("/orders", &order_body(&id, &field)).await {
                Ok(answer) => {
                    let order: CreatedOrder = answer.json(&client)?;
                    let over = cookies::holds_no_more(&client, &id).into_iter().chain(remembered);
                    return Ok(cookies::with(see_other(&format!("/orders/{}", order.order_id)), over));
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
                Err(PageError { problem, .. }) if problem.status == 422 => {
                    let expiry = field("expiry").unwrap_or_default();
                    let notice =
                        CheckoutNotice { problem: Some(problem), typed, expiry, ..CheckoutNotice::default() };
                    return checkout(&client, &id, notice).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_dot_in_its_domain_is_unusual() {
        for (email, expected) in [
            ("max@example", true),
            ("max@example.", true),
            ("max@example.org", false),
            ("max@mail.example.org", false),
            ("max", false),
            ("max@", false),
        ] {
            assert_eq!(is_unusual(email), expected, "{email}");
        }
    }
}
