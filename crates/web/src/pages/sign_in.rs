//! Signing in, registering, signing out: the only pages that set or remove a cookie.

use crate::api::{Answer, ApiClient, PageError, Problem};
use crate::forms::message_for;
use crate::render::{local_path, personal_with, see_other};
use crate::state::Web;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use fairseat_contract::{DEVICE_COOKIE, SESSION_COOKIE};
use serde::Deserialize;
use serde_json::json;

/// How long the browser keeps the cookie. The server may end the session sooner.
const COOKIE_DAYS: u32 = 30;

/// How long the browser remembers that its owners have signed in on it before.
const DEVICE_DAYS: u32 = 400;

/// The query of both pages: where to go after signing in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
}

/// The fields of both forms.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    email: String,
    username: String,
    password: String,
    next: String,
}

impl Fields {
    /// Whether the visitor was about to reserve seats.
    fn is_reserving(&self) -> bool {
        self.next.starts_with("/events/") && self.next.contains("/reserve")
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    demo: bool,
    fields: Fields,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    fields: Fields,
    problem: Option<Problem>,
}

impl RegisterPage {
    fn error_for(&self, field: &str) -> Option<&str> {
        message_for(self.problem.as_ref(), field)
    }
}

/// The accounts of the demo, which its sign-in page shows.
const DEMO_ACCOUNTS: &[(&str, &str)] = &[
    ("buyer@demo.test", "buys tickets"),
    ("organizer@demo.test", "runs venues and events"),
    ("staff@demo.test", "sells and lets people in at the door"),
    ("admin@demo.test", "administers the platform"),
];

impl SignInPage {
    /// Whether the visitor must wait because of wrong passwords, and may be the owner whom strangers keep out.
    fn must_wait(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.status == 429)
    }

    fn accounts(&self) -> &'static [(&'static str, &'static str)] {
        DEMO_ACCOUNTS
    }
}

fn status(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| {
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    })
}

/// `GET /sign-in`: the form.
pub(crate) async fn form(State(web): State<Web>, Query(Next { next }): Query<Next>) -> Response {
    let fields = Fields { next, ..Fields::default() };
    personal_with(StatusCode::OK, &SignInPage { demo: web.site.demo, fields, problem: None })
}

/// Signs in, and returns the visitor to where they were.
pub(crate) async fn sign_in(
    State(web): State<Web>,
    client: ApiClient,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let device = client.cookie(DEVICE_COOKIE);
    let body = json!({"email": fields.email.trim(), "password": fields.password, "device_token": device});
    match client.anonymous().post("/auth/login", &body).await {
        Ok(answer) => begin(&client, &answer, &fields.next),
        Err(PageError { problem, .. }) if problem.status < 500 => {
            let fields = Fields { password: String::new(), ..fields };
            let page = SignInPage { demo: web.site.demo, fields, problem: Some(problem) };
            Ok(personal_with(status(page.problem.as_ref()), &page))
        }
        Err(failure) => Err(failure),
    }
}

#[derive(Deserialize)]
struct NewSession {
    refresh_token: String,
    device_token: Option<String>,
}

fn begin(client: &ApiClient, answer: &Answer, next: &str) -> Result<Response, PageError> {
    let NewSession { refresh_token, device_token } = answer.json(client)?;
    let next = if next.is_empty() { "/orders" } else { next };
    let mut response = see_other(local_path(next));
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie(SESSION_COOKIE, &refresh_token, COOKIE_DAYS * 86_400));
    if let Some(token) = device_token {
        response
            .headers_mut()
            .append(header::SET_COOKIE, cookie(DEVICE_COOKIE, &token, DEVICE_DAYS * 86_400));
    }
    Ok(response)
}

fn cookie(name: &str, value: &str, seconds: u32) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// Signs out, and deletes what the device stores for reading offline.
pub(crate) async fn sign_out(client: ApiClient) -> Response {
    // It is not an error if the session has already ended.
    drop(client.send_empty(Method::POST, "/auth/logout").await);
    let clear =
        [(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""))];
    ([(header::SET_COOKIE, cookie(SESSION_COOKIE, "", 0))], clear, see_other("/")).into_response()
}

/// `GET /register`: the form.
pub(crate) async fn register_form(Query(Next { next }): Query<Next>) -> Response {
    let fields = Fields { next, ..Fields::default() };
    personal_with(StatusCode::OK, &RegisterPage { fields, problem: None })
}

/// Makes an account and signs in; the address can be confirmed later.
pub(crate) async fn register(client: ApiClient, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let nobody = client.anonymous();
    let email = fields.email.trim();
    let account = json!({"email": email, "username": fields.username.trim(), "password": fields.password});
    match nobody.post("/auth/register", &account).await {
        Ok(_) => {
            let device = client.cookie(DEVICE_COOKIE);
            let credentials = json!({"email": email, "password": fields.password, "device_token": device});
            let answer = nobody.post("/auth/login", &credentials).await?;
            begin(&client, &answer, &fields.next)
        }
        Err(PageError { problem, .. }) if problem.status < 500 => {
            let fields = Fields { password: String::new(), ..fields };
            let page = RegisterPage { fields, problem: Some(problem) };
            Ok(personal_with(status(page.problem.as_ref()), &page))
        }
        Err(failure) => Err(failure),
    }
}
