//! Pages that say what went wrong, and what to do.

use crate::api::{Failure, Problem};
use crate::render::{encoded, personal_with, to};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    problem: &'a Problem,
}

impl Page<'_> {
    fn advice(&self) -> &'static str {
        match self.problem.status {
            404 => "It may have been withdrawn, or the address was cut short.",
            403 => "Your account does not include this.",
            429 => "That was quick. Wait a moment, then try again.",
            503 => "We are very busy. Your place is safe; try again in a few seconds.",
            _ => "",
        }
    }
}

/// The page for a problem.
pub(crate) fn show(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    personal_with(status, &Page { problem })
}

/// The page for an address that leads nowhere.
pub(crate) fn not_found() -> Response {
    show(&Problem {
        status: 404,
        code: "not_found".to_owned(),
        title: "There is nothing here".to_owned(),
        ..Problem::default()
    })
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if self.problem.status == 401 {
            return to(&format!("/sign-in?next={}", encoded(&self.here)));
        }
        show(&self.problem)
    }
}
