//! What all forms share: refusing cross-site requests, and the texts of the API's refusals.

use crate::error_page;
use crate::render::{encoded, see_other};
use axum::extract::Request;
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;
use fairseat_client::{ApiClient, Problem};
use fairseat_edge::Gate;
use fairseat_edge::gate::FORM_BODY_BYTES;
use fairseat_edge::origin::is_cross_site;

/// Refuses a form that another site made the browser send. This includes visitors who are not signed in, because such a form could sign
/// them in to somebody else's account.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    if !is_cross_site(request.method(), request.headers()) {
        return next.run(request).await;
    }
    error_page::show(&Problem {
        status: 403,
        code: "forbidden".to_owned(),
        title: "This form came from another site".to_owned(),
        detail: "Please open the page here and try again.".to_owned(),
        ..Problem::default()
    })
}

/// Sends a visitor without a session to the sign-in page before a byte of the form is read, and allows the others a form of the console's size.
pub async fn require_session(client: ApiClient, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    if !client.may_be_signed_in() {
        return see_other(&format!("/sign-in?next={}", encoded(&client.path)));
    }
    match allow(&request, FORM_BODY_BYTES) {
        Ok(()) => next.run(request).await,
        Err(problem) => error_page::show(&problem),
    }
}

/// Allows the body of a form more bytes than usual. For more than [`FORM_BODY_BYTES`], check the visitor's rights first.
///
/// # Errors
/// When too many large bodies are being read.
pub fn allow(request: &Request, limit: usize) -> Result<(), Problem> {
    let gate = request.extensions().get::<Gate>();
    gate.map_or(Ok(()), |gate| gate.allow(limit, None)).map_err(Problem::from)
}

/// A `GET` of an address that only accepts forms redirects to the page with the form. This happens after signing in in between, or from a
/// bookmark.
pub async fn back(uri: Uri) -> Response {
    see_other(uri.path().rsplit_once('/').map_or("/", |(page, _action)| page))
}

/// The API's message for one field of a form.
pub fn message_for<'a>(problem: Option<&'a Problem>, field: &str) -> Option<&'a str> {
    let errors = &problem?.errors;
    errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
}

/// The name of an API field, for people; `None` for a field that no page shows.
pub fn name_of(field: &str) -> Option<&'static str> {
    Some(match field.rsplit('.').next()? {
        "q" => "The search",
        "max_price" => "Price up to",
        "seats" => "Held from one network by everybody",
        "seats_of_new_accounts" => "Held from one network by guests and new accounts",
        "refuse_single_seats" => "Refuse choices that leave a single seat",
        "quantity" => "Tickets",
        "section" | "location" => "Where",
        "date_from" => "From",
        "date_to" => "Until",
        "token" => "This link",
        "email" => "The e-mail address",
        "password" | "new_password" => "The password",
        "current_password" => "Your current password",
        "username" | "name" => "The name",
        "phone_number" => "The telephone number",
        "start_time" => "The start",
        "end_time" => "The end",
        "on_sale_time" => "The start of sales",
        "sales_end_time" => "The end of sales",
        "max_tickets_per_user" => "Most tickets for one buyer",
        "organization_id" => "The organization",
        "seating_plan" => "The seating plan",
        "image" => "The picture",
        "payment" => "The way of paying",
        "seat_indexes" => "The seats",
        "payment_details" => "The card",
        "role" => "The role",
        "price_tiers" => "The price list",
        _ => return None,
    })
}

/// The reason for which the API refused a form, in one text that names the fields as the pages do.
pub fn problem_sentence(problem: &Problem) -> String {
    let name = |field: &str| name_of(field).unwrap_or("Your entry");
    if problem.status == 429 {
        return "Too many tries. Please wait a minute, then try again.".to_owned();
    }
    if problem.errors.is_empty() {
        return problem.detail.clone();
    }
    let errors = problem.errors.iter().map(|error| format!("{} {}.", name(&error.field), error.message));
    errors.collect::<Vec<_>>().join(" ")
}

/// The fields below which every page with them shows their error.
const SHOWN_BELOW: [&str; 5] = ["email", "username", "name", "password", "phone_number"];

/// The notice above a refused form. It does not repeat the errors that are shown below their fields.
pub fn headline(problem: &Problem) -> String {
    if problem.errors.is_empty() {
        return format!("{}. {}", problem.title, problem_sentence(problem));
    }
    match problem.errors.iter().filter(|error| SHOWN_BELOW.contains(&error.field.as_str())).count() {
        1 if problem.errors.len() == 1 => "Please check the highlighted field.".to_owned(),
        shown if shown == problem.errors.len() => "Please check the highlighted fields.".to_owned(),
        _ => problem_sentence(problem),
    }
}
