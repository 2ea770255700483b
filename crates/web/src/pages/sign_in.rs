//! Signing in, registering, signing out: the only pages that set or remove a cookie.

use super::reservation::LEFT_OUT;
use super::seats::FULL;
use crate::cookies::{self, HeldCart};
use crate::done::Done;
use crate::forms::message_for;
use crate::render::{encoded, local_path, personal_with, see_other, status_of};
use crate::state::Web;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use fairseat_client::{Answer, ApiClient, ConsoleTask, PageError, Problem};
use serde::Deserialize;
use serde_json::json;

/// The query of both pages: where to go after signing in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
}

/// The query of the page that makes an account: where to go then, and the order from which the account is made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RegisterQuery {
    next: String,
    order: String,
    key: String,
}

/// The fields of both forms.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    email: String,
    username: String,
    password: String,
    next: String,
    /// The order of a guest from which the account is made, and the key in its letter's link.
    order: String,
    key: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    demo: bool,
    fields: Fields,
    problem: Option<Problem>,
    held: Option<HeldCart>,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    fields: Fields,
    problem: Option<Problem>,
    held: Option<HeldCart>,
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

    /// Whether the visitor is on the way to the console.
    fn is_for_organizers(&self) -> bool {
        self.fields.next == "/console" || self.fields.next.starts_with("/console?")
    }

    fn accounts(&self) -> &'static [(&'static str, &'static str)] {
        DEMO_ACCOUNTS
    }
}

/// `GET /sign-in`: the form, with the address that was typed at checkout.
pub(crate) async fn form(
    State(web): State<Web>,
    client: ApiClient,
    Query(Next { next }): Query<Next>,
) -> Response {
    let fields = Fields { next, email: typed_email(&client), ..Fields::default() };
    let held = cookies::held_cart(&client);
    personal_with(StatusCode::OK, &SignInPage { demo: web.site.demo, fields, problem: None, held })
}

fn typed_email(client: &ApiClient) -> String {
    cookies::typed_email(client).unwrap_or_default()
}

/// Signs in, and returns the visitor to where they were. A guest's cart comes along.
pub(crate) async fn sign_in(
    State(web): State<Web>,
    client: ApiClient,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let body = json!({"email": fields.email.trim(), "password": fields.password, "session": "cookie"});
    match client.post("/auth/login", &body).await {
        Ok(answer) => {
            let next = match fields.next.as_str() {
                "" => place_of_work(&client, &answer).await,
                next => next.to_owned(),
            };
            begin(&client, &answer, &next)
        }
        Err(PageError { problem, .. }) if problem.status < 500 => {
            let fields = Fields { password: String::new(), ..fields };
            let held = cookies::held_cart(&client);
            let page = SignInPage { demo: web.site.demo, fields, problem: Some(problem), held };
            Ok(personal_with(status_of(page.problem.as_ref()), &page))
        }
        Err(failure) => Err(failure),
    }
}

/// Where a member of an organization works, unless they are buying: the counter if their roles include selling there but not the figures of
/// events, else the console. Nothing for everybody else.
async fn place_of_work(client: &ApiClient, answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Organizations {
        organizations: Vec<Membership>,
    }
    #[derive(Deserialize)]
    struct Membership {
        /// Absent for an administrator who is not a member.
        role: Option<String>,
    }
    let session = answer.headers.get(header::SET_COOKIE).filter(|_| cookies::held_cart(client).is_none());
    let Some(session) = session else { return String::new() };
    // Without an answer the visitor goes where buyers go.
    let member_of = client.with_session(session).get::<Organizations>("/organizations").await.ok();
    let organizations = member_of.map(|found| found.organizations).unwrap_or_default();
    let roles: Vec<String> = organizations.into_iter().filter_map(|one| one.role).collect();
    let permits = client.permits();
    let may = |task| roles.iter().any(|role| permits(role, task));
    let place = match (roles.is_empty(), may(ConsoleTask::SeeOrders), may(ConsoleTask::SellAtCounter)) {
        (true, _, _) => "",
        (false, false, true) => "/console/box-office",
        (false, _, _) => "/console",
    };
    place.to_owned()
}

/// What the API says about the carts that a guest brought along.
#[derive(Debug, Default, Deserialize)]
struct BroughtCarts {
    carts: Vec<BroughtCart>,
}

/// A guest's cart, after signing in.
#[derive(Debug, Deserialize)]
struct BroughtCart {
    event_id: String,
    from_reservation_id: String,
    reservation_id: Option<String>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Deserialize)]
struct LeftOut {
    index: u32,
}

/// Passes on the cookie that the API gave, and returns the visitor to where they were.
fn begin(client: &ApiClient, answer: &Answer, next: &str) -> Result<Response, PageError> {
    let BroughtCarts { carts } = match answer.status {
        StatusCode::NO_CONTENT => BroughtCarts::default(),
        _ => answer.json(client)?,
    };
    let next = destination(client, &carts, next);
    let mut held = cookies::held_carts(client);
    for cart in &carts {
        let moved = |held: &HeldCart| held.reservation == cart.from_reservation_id;
        match &cart.reservation_id {
            Some(into) => held.iter_mut().filter(|held| moved(held)).for_each(|held| {
                held.reservation.clone_from(into);
            }),
            None => held.retain(|held| !moved(held)),
        }
    }
    let given: Vec<HeaderValue> = answer.headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    let others = [cookies::written(&held), cookies::not_typed()];
    Ok(cookies::with(see_other(local_path(&next)), given.into_iter().chain(others)))
}

/// Where to go after signing in: to what was left out of the cart, else to where the visitor was, else to the checkout.
fn destination(client: &ApiClient, carts: &[BroughtCart], next: &str) -> String {
    for cart in carts {
        let came_from = format!("/reservations/{}", cart.from_reservation_id);
        let left_out: Vec<String> = cart.left_out.iter().map(|seat| seat.index.to_string()).collect();
        match &cart.reservation_id {
            None => return format!("/events/{}/seats?{FULL}", cart.event_id),
            Some(into) if !left_out.is_empty() => {
                return format!("/reservations/{into}?{LEFT_OUT}={}", left_out.join(","));
            }
            Some(into) if next == came_from || next.is_empty() => return format!("/reservations/{into}"),
            Some(_) => {}
        }
    }
    match next {
        "" => cookies::held_cart(client).map_or_else(|| "/orders".to_owned(), |held| held.checkout()),
        next => next.to_owned(),
    }
}

/// The fields of a button that leads from one form to another and keeps the address that was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Detour {
    email: String,
    next: String,
    to: String,
}

/// `POST /typed-email`: remembers the address, so that the next form has it, and shows that form.
pub(crate) async fn keep_email(Form(Detour { email, next, to }): Form<Detour>) -> Response {
    let page = match &*to {
        "register" => "/register",
        "forgot-password" => "/forgot-password",
        _ => "/sign-in",
    };
    let shown = see_other(&format!("{page}?next={}", encoded(local_path(&next))));
    let remembered = (!email.trim().is_empty()).then(|| cookies::typed(&email));
    cookies::with(shown, remembered)
}

/// Signs out, and deletes what the device stores for reading offline.
pub(crate) async fn sign_out(client: ApiClient) -> Response {
    // It is not an error if the session has already ended.
    drop(client.send_empty(Method::POST, "/auth/logout").await);
    let clear =
        [(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""))];
    cookies::with((clear, see_other("/")).into_response(), cookies::nothing())
}

/// The name that a guest gave with the order from whose page they come.
async fn name_in_order(client: &ApiClient, next: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Order {
        contact: Option<Contact>,
    }
    #[derive(Deserialize)]
    struct Contact {
        name: Option<String>,
    }
    let id = next.strip_prefix("/orders/").filter(|_| client.may_be_signed_in())?;
    let order: Order = client.get(&format!("/orders/{}", encoded(id))).await.ok()?;
    order.contact?.name
}

/// `GET /register`: the form, with the address that was typed at checkout.
pub(crate) async fn register_form(
    client: ApiClient,
    Query(RegisterQuery { next, order, key }): Query<RegisterQuery>,
) -> Response {
    let username = name_in_order(&client, &next).await.unwrap_or_default();
    let fields = Fields { next, order, key, email: typed_email(&client), username, ..Fields::default() };
    personal_with(StatusCode::OK, &RegisterPage { fields, problem: None, held: cookies::held_cart(&client) })
}

/// Makes an account and signs in; the address can be confirmed later. A guest becomes the account, with the cart and all else.
pub(crate) async fn register(client: ApiClient, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let email = fields.email.trim();
    let mut account = json!({"email": email, "username": fields.username.trim()});
    // The key of an order's link is not enough for an account: the password is chosen with a link in another letter.
    if fields.order.is_empty() {
        account["password"] = fields.password.clone().into();
    } else {
        account["order"] = json!({"order_id": fields.order, "key": fields.key});
    }
    match client.post("/auth/register", &account).await {
        Ok(_) if !fields.order.is_empty() => {
            let sent = super::passwords::account_letter_sent(&client, email);
            Ok(cookies::with(sent, [cookies::typed(email)]))
        }
        Ok(_) => {
            let credentials = json!({"email": email, "password": fields.password, "session": "cookie"});
            let answer = client.post("/auth/login", &credentials).await?;
            let next = if fields.next.starts_with("/orders/") {
                Done::Registered.at(&fields.next)
            } else {
                fields.next.clone()
            };
            begin(&client, &answer, &next)
        }
        Err(PageError { problem, .. }) if problem.status < 500 => {
            let fields = Fields { password: String::new(), ..fields };
            let page = RegisterPage { fields, problem: Some(problem), held: cookies::held_cart(&client) };
            Ok(personal_with(status_of(page.problem.as_ref()), &page))
        }
        Err(failure) => Err(failure),
    }
}
