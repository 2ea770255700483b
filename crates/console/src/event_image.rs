//! An event's picture: showing, replacing and removing it.

use super::layout::{ConsoleLayout, Event};
use super::problem_text::form_problem;
use askama::Template;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest as _, Path, Request};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_edge::Gate;
use fairseat_edge::gate::BodyRefused;
use fairseat_web::done::Done;
use fairseat_web::forms::{self, problem_sentence};
use fairseat_web::render::{encoded, personal, personal_with, status_of};

/// The largest form with a picture: the API's limit for pictures plus room for the multipart framing.
const FORM_BYTES: usize = 10 * 1024 * 1024 + 64 * 1024;

fn object(id: &str) -> String {
    format!("/events/{}/image", encoded(id))
}

#[derive(Template)]
#[template(path = "console/picture.html")]
struct Page {
    layout: ConsoleLayout,
    event: Event,
    /// Why the uploaded picture was refused.
    refused: Option<String>,
}

async fn permitted(client: &ApiClient, id: &str) -> Result<(ConsoleLayout, Event), PageError> {
    let layout = ConsoleLayout::for_event(client, id, "picture")
        .await?
        .require(client, ConsoleTask::ManageCatalogue)?;
    let event = layout.event(client)?.clone();
    Ok((layout, event))
}

/// `GET /console/events/{event_id}/picture`: the page.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let (layout, event) = permitted(&client, &id).await?;
    Ok(personal(&Page { layout, event, refused: None }))
}

/// Uploads a picture.
pub(crate) async fn put(
    client: ApiClient,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    // Checked before the body is read, so that nobody without the role can upload megabytes.
    let (layout, event) = permitted(&client, &id).await?;
    forms::allow(&request, FORM_BYTES).map_err(|problem| client.page_error(problem))?;
    // The API detects the format by itself, so any image type can be declared.
    let kind = HeaderValue::from_static("image/jpeg");
    let problem = match file(request).await {
        Ok(file) => match client.send_file(Method::PUT, &object(&id), kind, file).await {
            Ok(_) => return Ok(Done::PictureSaved.then(&page(&id))),
            Err(failure) if failure.problem.status == 413 => too_large(),
            Err(failure) => form_problem(failure)?,
        },
        Err(problem) => problem,
    };
    let refused = Some(problem_sentence(&problem));
    Ok(personal_with(status_of(Some(&problem)), &Page { layout, event, refused }))
}

fn page(id: &str) -> String {
    format!("/console/events/{}/picture", encoded(id))
}

async fn file(request: Request) -> Result<bytes::Bytes, Problem> {
    let gate = request.extensions().get::<Gate>().cloned();
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_not_a_form| unusable(415, "Send the picture with this page's form."))?;
    let read = picture(&mut form).await;
    read.map_err(|problem| gate.and_then(|gate| gate.refused()).map_or(problem, refused_by_gate))
}

fn refused_by_gate(refused: BodyRefused) -> Problem {
    if matches!(refused, BodyRefused::TooLarge(_)) { too_large() } else { refused.into() }
}

async fn picture(form: &mut Multipart) -> Result<bytes::Bytes, Problem> {
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
        too_large()
    } else {
        unusable(400, "The form did not arrive as a whole. Send it again.")
    }
}

fn too_large() -> Problem {
    unusable(413, "A picture may have at most 10 MiB.")
}

fn unusable(status: u16, detail: &str) -> Problem {
    Problem { status, detail: detail.to_owned(), ..Problem::default() }
}

/// Removes the event's picture.
pub(crate) async fn remove(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    client.send_empty(Method::DELETE, &object(&id)).await?;
    Ok(Done::PictureRemoved.then(&page(&id)))
}
