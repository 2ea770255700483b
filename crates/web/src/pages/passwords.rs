//! Pages behind links in messages: confirming an e-mail address, choosing a new password.

use crate::cookies::{self, HeldCart};
use crate::forms::message_for;
use crate::render::personal;
use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
use serde::Deserialize;
use serde_json::json;

/// The fields of all forms on these pages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    email: String,
    token: String,
    password: String,
    next: String,
}

/// The page to show: one of the three forms, or the confirmation after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Forgot,
    Sent,
    /// An account was made from a guest's order; its password is chosen with the link in a letter.
    Made,
    Reset,
    Changed,
    /// Takes an account back whose address was changed.
    Undo,
    Undone,
    Verify,
    Verified,
}

#[derive(Template)]
#[template(path = "passwords.html")]
struct Page {
    step: Step,
    fields: Fields,
    problem: Option<Problem>,
    held: Option<HeldCart>,
}

impl Page {
    fn error_for(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), field)
    }

    fn title(&self) -> &'static str {
        match self.step {
            Step::Forgot => "Forgot your password?",
            Step::Sent | Step::Made => "Check your e-mail",
            Step::Reset => "Choose a new password",
            Step::Changed => "The password is changed",
            Step::Undo => "Take your account back",
            Step::Undone => "Your account is yours again",
            Step::Verify => "Confirm your address",
            Step::Verified => "Your address is confirmed",
        }
    }
}

fn page(client: &ApiClient, step: Step, fields: Fields, problem: Option<Problem>) -> Response {
    personal(&Page { step, fields, problem, held: cookies::held_cart(client) })
}

/// The page after a form was sent: the next step, or the form again with the problem.
fn outcome<T>(
    client: &ApiClient,
    done: Result<T, PageError>,
    (next, again): (Step, Step),
    fields: Fields,
) -> Result<Response, PageError> {
    match done {
        Ok(_) => Ok(page(client, next, fields, None)),
        Err(PageError { problem, .. }) if problem.status < 500 => {
            Ok(page(client, again, fields, Some(problem)))
        }
        Err(failure) => Err(failure),
    }
}

/// Asks for the address, which may have been typed before.
pub(crate) async fn forgot_form(client: ApiClient, Query(fields): Query<Fields>) -> Response {
    let email = cookies::typed_email(&client).unwrap_or_default();
    page(&client, Step::Forgot, Fields { email, next: fields.next, ..Fields::default() }, None)
}

/// Sends the message if the account exists. The page does not reveal whether it does.
pub(crate) async fn forgot(client: ApiClient, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let done = client.anonymous().post("/auth/forgot-password", &json!({"email": fields.email.trim()})).await;
    let remembered = cookies::typed(&fields.email);
    Ok(cookies::with(outcome(&client, done, (Step::Sent, Step::Forgot), fields)?, [remembered]))
}

/// The page after an account was made from a guest's order.
pub(crate) fn account_letter_sent(client: &ApiClient, email: &str) -> Response {
    page(client, Step::Made, Fields { email: email.to_owned(), ..Fields::default() }, None)
}

/// Asks for the new password.
pub(crate) async fn reset_form(client: ApiClient, Query(fields): Query<Fields>) -> Response {
    page(&client, Step::Reset, fields, None)
}

/// Changes the password.
pub(crate) async fn reset(client: ApiClient, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let body = json!({"token": fields.token, "password": fields.password});
    let done = client.anonymous().post("/auth/reset-password", &body).await;
    outcome(&client, done, (Step::Changed, Step::Reset), fields)
}

/// Asks the owner of a former address for a new password.
pub(crate) async fn undo_form(client: ApiClient, Query(fields): Query<Fields>) -> Response {
    page(&client, Step::Undo, fields, None)
}

/// Undoes a change of the address.
pub(crate) async fn undo(client: ApiClient, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let body = json!({"token": fields.token, "password": fields.password});
    let done = client.anonymous().post("/auth/undo-email-change", &body).await;
    outcome(&client, done, (Step::Undone, Step::Undo), fields)
}

/// Asks the visitor to press a button: mail scanners follow links, and must not use up the token.
pub(crate) async fn verify_form(client: ApiClient, Query(fields): Query<Fields>) -> Response {
    page(&client, Step::Verify, fields, None)
}

/// Confirms the address.
pub(crate) async fn verify(client: ApiClient, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let done = client.anonymous().post("/auth/verify-email", &json!({"token": fields.token})).await;
    outcome(&client, done, (Step::Verified, Step::Verify), fields)
}
