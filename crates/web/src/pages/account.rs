//! The visitor's account: profile, sessions, export and deletion of their data.

use crate::forms::message_for;
use crate::render::{encoded, personal, personal_with, see_other, status_of};
use crate::values::Instant;
use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::http::Method;
use axum::response::Response;
use fairseat_client::{ApiClient, FieldProblem, PageError, Problem};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
struct Me {
    user_id: String,
    email: Option<String>,
    guest: bool,
    username: String,
    phone_number: Option<String>,
    email_verified: bool,
    organizations: Vec<Membership>,
    created_at: Instant,
}

#[derive(Debug, Deserialize)]
struct Membership {
    organization_id: String,
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
    kind: String,
}

impl Session {
    fn device(&self) -> &'static str {
        match (self.current, self.kind.as_str()) {
            (true, _) => "This device",
            (false, "cookie") => "Another browser",
            (false, _) => "An app",
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    me: Me,
    sessions: Vec<Session>,
    problem: Option<Problem>,
    /// The text that confirms the last action.
    done: Option<&'static str>,
    /// The refused form about password or address, which is shown open.
    refused: Option<Refused>,
}

/// A form about password or address that was refused.
struct Refused {
    form: SecurityForm,
    /// The address that was typed.
    email: String,
}

/// The forms that need the current password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecurityForm {
    Email,
    Password,
}

impl Page {
    /// Whether this form was refused.
    fn is_refused(&self, form: SecurityForm) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.form == form)
    }

    fn typed_email(&self) -> &str {
        self.refused.as_ref().map_or("", |refused| &refused.email)
    }

    /// The message for a field of one of the two forms, which both ask for the current password.
    fn error_in(&self, form: SecurityForm, field: &str) -> Option<&str> {
        self.error_for(field).filter(|_| self.is_refused(form))
    }

    fn error_for(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), field)
    }
}

async fn page(
    client: &ApiClient,
    problem: Option<Problem>,
    done: Option<&'static str>,
) -> Result<Response, PageError> {
    show_with(client, None, problem, done).await
}

/// The page; after a refused change it shows what was typed.
async fn show_with(
    client: &ApiClient,
    typed: Option<ProfileForm>,
    problem: Option<Problem>,
    done: Option<&'static str>,
) -> Result<Response, PageError> {
    let Page { mut me, sessions, .. } = loaded(client).await?;
    if let Some(ProfileForm { username, phone_number }) = typed {
        me = Me { username, phone_number: Some(phone_number), ..me };
    }
    Ok(personal(&Page { me, sessions, problem, done, refused: None }))
}

/// The page as it is shown at first.
async fn loaded(client: &ApiClient) -> Result<Page, PageError> {
    let me: Me = client.get("/users/me").await?;
    let sessions = client.get::<Sessions>("/users/me/sessions").await?.sessions;
    Ok(Page { me, sessions, problem: None, done: None, refused: None })
}

/// `GET /account`: the page.
pub(crate) async fn show(client: ApiClient) -> Result<Response, PageError> {
    page(&client, None, None).await
}

/// The form that changes the profile.
#[derive(Debug, Deserialize)]
pub(crate) struct ProfileForm {
    username: String,
    #[serde(default)]
    phone_number: String,
}

/// `POST /account`: changes the profile.
pub(crate) async fn change(
    client: ApiClient,
    Form(changes): Form<ProfileForm>,
) -> Result<Response, PageError> {
    let phone = Some(changes.phone_number.trim()).filter(|phone| !phone.is_empty());
    let body = json!({"username": changes.username.trim(), "phone_number": phone});
    match client.send_json(Method::PATCH, "/users/me", &body).await {
        Ok(_) => page(&client, None, Some("Saved.")).await,
        Err(PageError { problem, .. }) if problem.status == 422 => {
            show_with(&client, Some(changes), Some(problem), None).await
        }
        Err(failure) => Err(failure),
    }
}

/// The form that changes the e-mail address.
#[derive(Deserialize)]
pub(crate) struct EmailForm {
    email: String,
    current_password: String,
}

/// `POST /account/email`: changes the e-mail address.
pub(crate) async fn change_email(
    client: ApiClient,
    Form(EmailForm { email, current_password }): Form<EmailForm>,
) -> Result<Response, PageError> {
    let body = json!({"email": email.trim(), "current_password": current_password});
    let done = "Changed. We have sent a link to the new address: follow it to confirm that it is yours. Your former address gets a letter \
                as well, with a link that undoes the change. You are signed out everywhere else.";
    let refused = Refused { form: SecurityForm::Email, email };
    change_security(&client, &body, refused, done).await
}

/// The form that changes the password.
#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    current_password: String,
    new_password: String,
}

/// `POST /account/password`: changes the password.
pub(crate) async fn change_password(
    client: ApiClient,
    Form(PasswordForm { current_password, new_password }): Form<PasswordForm>,
) -> Result<Response, PageError> {
    let body = json!({"current_password": current_password, "new_password": new_password});
    let done = "Your password is changed. You are signed out everywhere else, and a letter about it is on its way to you.";
    let refused = Refused { form: SecurityForm::Password, email: String::new() };
    change_security(&client, &body, refused, done).await
}

async fn change_security(
    client: &ApiClient,
    body: &serde_json::Value,
    refused: Refused,
    done: &'static str,
) -> Result<Response, PageError> {
    match client.send_json(Method::PATCH, "/users/me", body).await {
        Ok(_) => page(client, None, Some(done)).await,
        // A wrong password is answered 401 as well, but must not lead to the sign-in page.
        Err(PageError { problem, .. })
            if matches!(problem.status, 409 | 422 | 429) || problem.code == "invalid_credentials" =>
        {
            let problem = match problem.code.as_str() {
                "invalid_credentials" => wrong("current_password", "is wrong", problem),
                "email_taken" => wrong("email", "belongs to another account", problem),
                _ => problem,
            };
            let mut page = loaded(client).await?;
            (page.refused, page.problem) = (Some(refused), Some(problem));
            Ok(personal_with(status_of(page.problem.as_ref()), &page))
        }
        Err(failure) => Err(failure),
    }
}

/// A problem of one field.
fn wrong(field: &str, message: &str, problem: Problem) -> Problem {
    let errors = vec![FieldProblem { field: field.to_owned(), message: message.to_owned() }];
    Problem { errors, ..problem }
}

/// Sends the message with the confirmation link again.
pub(crate) async fn verify(client: ApiClient) -> Result<Response, PageError> {
    match client.send_empty(Method::POST, "/auth/verify-email/resend").await {
        Ok(_) => page(&client, None, Some("Sent. Follow the link in the message.")).await,
        // 409: the address was confirmed meanwhile, in another tab.
        Err(PageError { problem, .. }) if problem.status == 409 => page(&client, None, None).await,
        Err(PageError { problem, .. }) if problem.status == 429 => page(&client, Some(problem), None).await,
        Err(failure) => Err(failure),
    }
}

/// Ends a session on another device.
pub(crate) async fn end_session(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    client.send_empty(Method::DELETE, &format!("/users/me/sessions/{}", encoded(&id))).await?;
    Ok(see_other("/account"))
}

/// Ends the sessions on all other devices.
pub(crate) async fn end_other_sessions(client: ApiClient) -> Result<Response, PageError> {
    client.send_empty(Method::DELETE, "/users/me/sessions").await?;
    page(&client, None, Some("You are signed out everywhere else.")).await
}

/// Leaves an organization.
pub(crate) async fn leave(
    client: ApiClient,
    Path(organization): Path<String>,
) -> Result<Response, PageError> {
    let me: Me = client.get("/users/me").await?;
    let path = format!("/organizations/{}/members/{}", encoded(&organization), encoded(&me.user_id));
    match client.send_empty(Method::DELETE, &path).await {
        Ok(_) => page(&client, None, Some("You have left the organization.")).await,
        // Left already, in another tab.
        Err(PageError { problem, .. }) if problem.status == 404 => Ok(see_other("/account")),
        Err(PageError { problem, .. }) if problem.status == 409 => {
            let problem = Problem { title: "You cannot leave yet".to_owned(), ..problem };
            page(&client, Some(problem), None).await
        }
        Err(failure) => Err(failure),
    }
}

/// The form that deletes the account.
#[derive(Debug, Deserialize)]
pub(crate) struct DeletionForm {
    /// A guest has none.
    password: Option<String>,
}

/// Deletes the account.
pub(crate) async fn delete(client: ApiClient, Form(form): Form<DeletionForm>) -> Result<Response, PageError> {
    let body = json!({"password": form.password});
    match client.send_json(Method::DELETE, "/users/me", &body).await {
        Ok(_) => Ok(super::sign_in::sign_out(client).await),
        // A wrong password is answered 401 as well, but must not lead to the sign-in page.
        Err(PageError { problem, .. })
            if matches!(problem.status, 403 | 409 | 422) || problem.code == "invalid_credentials" =>
        {
            let is_wrong = problem.code == "invalid_credentials";
            let title = if is_wrong { "Nothing was deleted" } else { problem.title.as_str() }.to_owned();
            let detail = if is_wrong { "The password is wrong.".to_owned() } else { problem.detail };
            page(&client, Some(Problem { title, detail, ..problem }), None).await
        }
        Err(failure) => Err(failure),
    }
}
