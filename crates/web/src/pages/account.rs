//! Somebody's own account: what it says, where it is signed in, and how to take everything along or away.

use crate::api::{Failure, Problem, Visit};
use crate::forms::message_for;
use crate::render::{encoded, personal, to};
use crate::values::Instant;
use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
struct Me {
    email: String,
    username: String,
    phone_number: Option<String>,
    email_verified: bool,
    organizations: Vec<Membership>,
    created_at: Instant,
}

#[derive(Debug, Deserialize)]
struct Membership {
    name: String,
    role: String,
}

#[derive(Debug, Default, Deserialize)]
struct Sessions {
    sessions: Vec<Session>,
}

#[derive(Debug, Deserialize)]
struct Session {
    session_id: String,
    created_at: Instant,
    last_used_at: Instant,
    #[serde(default)]
    current: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    me: Me,
    sessions: Vec<Session>,
    problem: Option<Problem>,
    /// What was done just now.
    done: Option<&'static str>,
}

impl Page {
    fn wrong(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), field)
    }
}

async fn page(
    visit: &Visit,
    problem: Option<Problem>,
    done: Option<&'static str>,
) -> Result<Response, Failure> {
    show_with(visit, None, problem, done).await
}

/// The page with what was typed, when it could not be taken.
async fn show_with(
    visit: &Visit,
    typed: Option<Changes>,
    problem: Option<Problem>,
    done: Option<&'static str>,
) -> Result<Response, Failure> {
    let mut me: Me = visit.get("/users/me").await?;
    if let Some(Changes { username, phone_number }) = typed {
        me = Me { username, phone_number: Some(phone_number), ..me };
    }
    let sessions = visit.get::<Sessions>("/users/me/sessions").await?.sessions;
    Ok(personal(&Page { me, sessions, problem, done }))
}

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, None, None).await
}

/// What can be changed.
#[derive(Debug, Deserialize)]
pub(crate) struct Changes {
    username: String,
    #[serde(default)]
    phone_number: String,
}

/// Changes it.
pub(crate) async fn change(visit: Visit, Form(changes): Form<Changes>) -> Result<Response, Failure> {
    let phone = Some(changes.phone_number.trim()).filter(|phone| !phone.is_empty());
    let body = json!({"username": changes.username.trim(), "phone_number": phone});
    match visit.with_body(Method::PATCH, "/users/me", &body).await {
        Ok(_) => page(&visit, None, Some("Saved.")).await,
        Err(Failure { problem, .. }) if problem.status == 422 => {
            show_with(&visit, Some(changes), Some(problem), None).await
        }
        Err(failure) => Err(failure),
    }
}

/// Sends the message again that confirms the address.
pub(crate) async fn verify(visit: Visit) -> Result<Response, Failure> {
    match visit.bare(Method::POST, "/auth/verify-email/resend").await {
        Ok(_) => page(&visit, None, Some("Sent. Follow the link in the message.")).await,
        // Confirmed meanwhile, in another tab.
        Err(Failure { problem, .. }) if problem.status == 409 => page(&visit, None, None).await,
        Err(Failure { problem, .. }) if problem.status == 429 => page(&visit, Some(problem), None).await,
        Err(failure) => Err(failure),
    }
}

/// Ends a session on another device.
pub(crate) async fn end_session(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    visit.bare(Method::DELETE, &format!("/users/me/sessions/{}", encoded(&id))).await?;
    Ok(to("/account"))
}

/// The password, once more, to delete everything.
#[derive(Debug, Deserialize)]
pub(crate) struct Farewell {
    password: String,
}

/// Deletes the account.
pub(crate) async fn delete(visit: Visit, Form(farewell): Form<Farewell>) -> Result<Response, Failure> {
    let body = json!({"password": farewell.password});
    match visit.with_body(Method::DELETE, "/users/me", &body).await {
        Ok(_) => Ok(super::sign_in::sign_out(visit).await),
        // A wrong password is no missing session.
        Err(Failure { problem, .. })
            if matches!(problem.status, 403 | 409 | 422) || problem.code == "invalid_credentials" =>
        {
            let is_wrong = problem.code == "invalid_credentials";
            let title = if is_wrong { "Nothing was deleted" } else { problem.title.as_str() }.to_owned();
            let detail = if is_wrong { "The password is wrong.".to_owned() } else { problem.detail };
            page(&visit, Some(Problem { title, detail, ..problem }), None).await
        }
        Err(failure) => Err(failure),
    }
}
