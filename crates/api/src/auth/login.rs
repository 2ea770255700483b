//! `POST /auth/login`, and the answer of signing in.

use crate::accounts::password_check;
use crate::accounts::user_json::user_json;
use crate::caller::{MaybeSignedIn, SignedIn, cookie_named};
use crate::commands::holder;
use crate::handler::*;
use crate::seat_line::seat_lines;
use axum::http::{Extensions, HeaderMap, header};
use axum::response::AppendHeaders;
use fairseat_app::access::sessions::Tokens;
use fairseat_app::access::{ACCESS_TOKEN_TTL, Password, sessions};
use fairseat_app::accounts::Device;
use fairseat_app::carts::{self, Arrival};
use fairseat_contract::accounts::{BroughtCart, BroughtCarts, SessionKindJson, SignedInAnswer};
use fairseat_contract::{DEVICE_COOKIE, set_device_cookie, set_session_cookie};
use fairseat_domain::fact::Item;
use fairseat_domain::ids::{AccountId, SeatIndex};
use fairseat_edge::context::FoundAccount;
use fairseat_store::limits::SESSION_LIFETIME;
use fairseat_store::users::User;

/// E-mail address and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Credentials {
    #[schema(format = Email)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Password,
    /// The access token of a guest, whose cart the account gets. A browser's guest is known by its cookie
    #[serde(default)]
    guest_token: Option<String>,
    #[serde(default)]
    session: SessionKindJson,
    /// The `device_token` of an earlier answer, if the person has signed in on this device before: then wrong passwords that others try
    /// elsewhere do not make them wait. A browser's device is known by its cookie
    #[serde(default)]
    #[schema(max_length = 400)]
    device_token: Option<String>,
}

/// Begins a session of this kind. The answer has the tokens and this status; for a browser it has the cookies of session and device,
/// and no content (204) unless a guest brought carts along.
pub(crate) async fn begin_session(
    app: &ApiState,
    user: User,
    kind: SessionKindJson,
    status: StatusCode,
    device_token: Option<String>,
    carts: Vec<BroughtCart>,
) -> Result<Response, ApiError> {
    match kind {
        SessionKindJson::Tokens => {
            let tokens = sessions::begin(app, &user).await?;
            let Json(answer) = signed_in_answer(app, user, tokens).await?;
            Ok((status, Json(SignedInAnswer { device_token, carts, ..answer })).into_response())
        }
        SessionKindJson::Cookie => {
            let cookie = sessions::begin_with_cookie(app, &user).await?;
            let mut cookies = vec![set_session_cookie(cookie.expose(), SESSION_LIFETIME.0 / 1_000)];
            cookies.extend(device_token.map(|token| set_device_cookie(&token)));
            let cookies: Vec<_> = cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect();
            let cookies = AppendHeaders(cookies);
            Ok(match carts.is_empty() {
                true => (StatusCode::NO_CONTENT, cookies).into_response(),
                false => (status, cookies, Json(BroughtCarts { carts })).into_response(),
            })
        }
    }
}

pub(crate) async fn signed_in_answer(
    app: &ApiState,
    user: User,
    tokens: Tokens,
) -> Result<Json<SignedInAnswer>, ApiError> {
    Ok(Json(SignedInAnswer {
        refresh_token: tokens.refresh().to_owned(),
        access_token: tokens.access,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_TTL.0 / 1_000,
        device_token: None,
        user: user_json(app, user).await?,
        carts: Vec::new(),
    }))
}

/// Sign in
///
/// A session ends 30 days after its last use and at the latest 90 days after signing in. A browser asks for `"session": "cookie"` and gets
/// `Set-Cookie` instead of tokens.
///
/// With a guest's token, the account gets what the guest holds; see `carts` in the answer. A limit of the account keeps the seats that were
/// reserved first and names the rest in `left_out`.
#[utoipa::path(post, path = "/auth/login", tag = "Accounts", security(()), request_body = Credentials,
    responses((status = 200, body = SignedInAnswer), (status = 204, description = "Signed in by cookie"),
        (status = 401, description = "`invalid_credentials`")))]
pub(crate) async fn login(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    extensions: Extensions,
    caller: Result<MaybeSignedIn, ApiError>,
    Body(body): Body<Credentials>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::Login, LimitedCaller::address(context.client)).await?;
    let Credentials { email, password, guest_token, session, device_token } = body;
    let device = Device::of(device_token.as_deref().or_else(|| cookie_named(&headers, DEVICE_COOKIE)));
    let proven = device.proven(&app.keys, &email);
    let user = password_check::prove(&app, &email, password, context.client, proven).await?;
    FoundAccount::note(&extensions, user.id);
    let carts = match guest_of(&app, caller.ok().and_then(|caller| caller.0), guest_token).await? {
        Some(guest) => carts_of(&app, &context, &user, guest).await,
        None => Vec::new(),
    };
    let device_token = Some(device.token_with(&app.keys, &email));
    begin_session(&app, user, session, StatusCode::OK, device_token, carts).await
}

/// The guest who signs in: named by the token, or the sender of the request. A token that is not valid any more names nobody, because a
/// right password must suffice to sign in.
async fn guest_of(
    app: &ApiState,
    caller: Option<SignedIn>,
    token: Option<String>,
) -> Result<Option<AccountId>, ApiError> {
    let known = match token {
        Some(token) => app.access.by_token(&app.store, &token, app.now()).await?,
        None => caller.map(|caller| caller.0),
    };
    Ok(known.filter(|known| known.is_guest()).map(|guest| guest.account))
}

async fn carts_of(
    app: &ApiState,
    context: &RequestContext,
    user: &User,
    guest: AccountId,
) -> Vec<BroughtCart> {
    let holder = holder(app, (user.email_verified_at, user.created_at), context);
    let arrival = Arrival { account: user.id, request_id: context.request_id, holder };
    let brought = carts::bring(app, arrival, guest).await;
    brought.into_iter().map(|cart| brought_cart(app, &cart)).collect()
}

fn brought_cart(app: &ApiState, cart: &carts::BroughtCart) -> BroughtCart {
    let (sale, ids) = (&cart.published.state, &app.ids);
    let priced = |seat: &SeatIndex| Item { seat: *seat, price: sale.price_of(*seat).unwrap_or_default() };
    let left_out: Vec<Item> = cart.left_out.iter().map(priced).collect();
    BroughtCart {
        event_id: ids.event(sale.event()),
        from_reservation_id: ids.reservation(sale.event(), cart.from),
        reservation_id: cart.into.map(|into| ids.reservation(sale.event(), into)),
        left_out: seat_lines(ids, sale, &left_out),
    }
}
