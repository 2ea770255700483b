//! The page of an invitation to an organization. It works signed out, and signing in or registering leads back to it.

use crate::render::{encoded, personal_with, see_other, status_of};
use crate::values::Instant;
use askama::Template;
use axum::extract::Path;
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Invitation {
    organization_name: String,
    role: String,
    email: String,
    expires_at: Instant,
}

impl Invitation {
    /// What the role may do, in words.
    fn what(&self) -> &'static str {
        let known = crate::roles::ROLES.iter().find(|(role, _)| *role == self.role);
        known.map_or("", |(_, what)| *what)
    }
}

#[derive(Debug, Deserialize)]
struct Me {
    email: String,
    email_verified: bool,
}

/// What the visitor can do next.
enum Next {
    SignIn,
    /// Their account has another address.
    ChangeAccount(String),
    Verify,
    Accept,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page {
    token: String,
    invitation: Invitation,
    next: Next,
    problem: Option<Problem>,
    /// The text that confirms the last action.
    done: Option<&'static str>,
}

impl Page {
    /// The address of this page, to return to.
    fn here(&self) -> String {
        encoded(&format!("/invitations/{}", encoded(&self.token)))
    }
}

/// The page of an invitation that was accepted, declined or withdrawn, or has expired.
#[derive(Template)]
#[template(path = "invitation_over.html")]
struct OverPage {
    declined: bool,
}

fn over(declined: bool) -> Response {
    let status = if declined { axum::http::StatusCode::OK } else { axum::http::StatusCode::NOT_FOUND };
    personal_with(status, &OverPage { declined })
}

fn path(token: &str) -> String {
    format!("/invitations/{}", encoded(token))
}

async fn page(
    client: &ApiClient,
    token: String,
    problem: Option<Problem>,
    done: Option<&'static str>,
) -> Result<Response, PageError> {
    let invitation: Invitation = match client.anonymous().get(&path(&token)).await {
        Err(PageError { problem, .. }) if problem.status == 404 => return Ok(over(false)),
        found => found?,
    };
    let me = if client.may_be_signed_in() { client.get::<Me>("/users/me").await.ok() } else { None };
    let next = match me {
        None => Next::SignIn,
        // A guest has no address yet.
        Some(me) if me.email.is_empty() => Next::SignIn,
        Some(me) if me.email.to_lowercase() != invitation.email.to_lowercase() => {
            Next::ChangeAccount(me.email)
        }
        Some(me) if me.email_verified => Next::Accept,
        Some(_) => Next::Verify,
    };
    let status = status_of(problem.as_ref());
    Ok(personal_with(status, &Page { token, invitation, next, problem, done }))
}

/// `GET /invitations/{token}`: the page.
pub(crate) async fn show(client: ApiClient, Path(token): Path<String>) -> Result<Response, PageError> {
    page(&client, token, None, None).await
}

#[derive(Deserialize)]
struct Joined {
    organization_id: String,
}

/// Accepts, and leads to the console of the organization.
pub(crate) async fn accept(client: ApiClient, Path(token): Path<String>) -> Result<Response, PageError> {
    match client.send_empty(Method::POST, &format!("{}/accept", path(&token))).await {
        Ok(answer) => {
            let Joined { organization_id } = answer.json(&client)?;
            Ok(see_other(&format!("/console?organization={}", encoded(&organization_id))))
        }
        Err(PageError { problem, .. }) if matches!(problem.status, 403 | 404 | 409) => {
            page(&client, token, Some(problem), None).await
        }
        Err(failure) => Err(failure),
    }
}

/// Declines. This needs no account.
pub(crate) async fn decline(client: ApiClient, Path(token): Path<String>) -> Result<Response, PageError> {
    match client.anonymous().send_empty(Method::POST, &format!("{}/decline", path(&token))).await {
        Ok(_) => Ok(over(true)),
        Err(PageError { problem, .. }) if problem.status == 404 => Ok(over(false)),
        Err(failure) => Err(failure),
    }
}

/// Sends the message that confirms the visitor's address again.
pub(crate) async fn verify(client: ApiClient, Path(token): Path<String>) -> Result<Response, PageError> {
    let sent = "Sent. Follow the link in the message, then come back to this page.";
    match client.send_empty(Method::POST, "/auth/verify-email/resend").await {
        Ok(_) => page(&client, token, None, Some(sent)).await,
        // 409: the address was confirmed meanwhile.
        Err(PageError { problem, .. }) if problem.status == 409 => page(&client, token, None, None).await,
        Err(PageError { problem, .. }) if problem.status == 429 => {
            page(&client, token, Some(problem), None).await
        }
        Err(failure) => Err(failure),
    }
}
