//! An event's picture, on the page of its details.

use super::event_form;
use super::problem_text::on_the_form;
use super::shell::Shell;
use crate::api::{Failure, Problem, Visit};
use crate::render::{encoded, to};
use axum::extract::Path;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;

/// Bytes of a form with a picture: as much as the API takes, and what browsers put around it.
pub(super) const FORM_BYTES: usize = 10 * 1024 * 1024 + 64 * 1024;

fn object(id: &str) -> String {
    format!("/events/{}/image", encoded(id))
}

fn page(id: &str) -> Response {
    to(&format!("/console/events/{}/edit#picture", encoded(id)))
}

/// Gives the event a picture.
pub(crate) async fn put(visit: Visit, Path(id): Path<String>, form: Multipart) -> Result<Response, Failure> {
    // Nobody else's megabytes are taken in.
    drop(Shell::of_event(&visit, &id, "edit").await?.only(&visit, Shell::manages)?);
    let file = match file(form).await {
        Ok(file) => file,
        Err(problem) => return event_form::without_picture(&visit, &id, problem).await,
    };
    // What kind of picture it is the API sees by itself.
    let kind = HeaderValue::from_static("image/jpeg");
    match visit.with_file(Method::PUT, &object(&id), kind, file).await {
        Ok(_) => Ok(page(&id)),
        Err(failure) => event_form::without_picture(&visit, &id, on_the_form(failure)?).await,
    }
}

async fn file(mut form: Multipart) -> Result<bytes::Bytes, Problem> {
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        if field.name() == Some("image") {
            let file = field.bytes().await.map_err(|error| broken(&error))?;
            return if file.is_empty() { Err(unusable(422, "Choose a file first.")) } else { Ok(file) };
        }
    }
    Err(unusable(422, "Choose a file first."))
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        unusable(413, "A picture may have at most 10 MiB.")
    } else {
        unusable(400, "The form did not arrive as a whole. Send it again.")
    }
}

fn unusable(status: u16, detail: &str) -> Problem {
    Problem { status, detail: detail.to_owned(), ..Problem::default() }
}

/// Takes the event's picture away.
pub(crate) async fn remove(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    visit.bare(Method::DELETE, &object(&id)).await?;
    Ok(page(&id))
}
