//! Error pages: what went wrong, and what the visitor can do.

use crate::render::{encoded, personal_with, see_other};
use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use fairseat_client::{PageError, Problem};
use fairseat_edge::Gate;

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    problem: &'a Problem,
}

impl Page<'_> {
    fn advice(&self) -> &'static str {
        match self.problem.status {
            404 => "The link may be old or incomplete. Try finding the event by name.",
            403 => "Your account doesn’t have access to this.",
            429 => "Too many requests. Please wait a moment, then try again.",
            503 => "We’re very busy right now. Please try again in a few seconds.",
            _ => "",
        }
    }
}

/// The page for a problem.
pub fn show(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    personal_with(status, &Page { problem })
}

/// Turns errors of handlers into pages; and plain-text errors of the framework (an unreadable address, a wrong method, a form that the gate refused) into pages, for requests that
/// accept HTML.
pub async fn errors_as_pages(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    let reads_pages = accepted.is_some_and(|accepted| accepted.contains("text/html"));
    let gate = request.extensions().get::<Gate>().cloned();
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<PageError>() {
        return page_of(&error);
    }
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_bare = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    if !(reads_pages && is_bare && response.status().is_client_error()) {
        return response;
    }
    if let Some(refused) = gate.and_then(|gate| gate.refused()) {
        return show(&Problem::from(refused));
    }
    if response.status() == StatusCode::NOT_FOUND {
        return not_found();
    }
    show(&Problem {
        status: response.status().as_u16(),
        code: "invalid".to_owned(),
        title: "This link doesn’t work".to_owned(),
        detail: "Part of it seems to be missing.".to_owned(),
        ..Problem::default()
    })
}

/// The page for an unknown address.
pub fn not_found() -> Response {
    show(&Problem {
        status: 404,
        code: "not_found".to_owned(),
        title: "We can’t find that page".to_owned(),
        ..Problem::default()
    })
}

/// The page for an error of a handler.
fn page_of(error: &PageError) -> Response {
    if error.problem.status == 401 {
        return see_other(&format!("/sign-in?next={}", encoded(&error.return_to)));
    }
    show(&error.problem)
}
