//! The caller of a request: an argument of every handler that is not public.

use crate::state::ApiState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use fairseat_app::access;
use fairseat_contract::SESSION_COOKIE;
use fairseat_edge::context::FoundAccount;
use fairseat_edge::limits::{LimitedCaller, RateLimit};
use fairseat_edge::problem::Problem;
use fairseat_problems::errors::ApiError;
use fairseat_turns::TurnKeys;
use std::net::IpAddr;
use std::ops::Deref;

/// Whose turn at heavy work it is: the client's site, and an account or an e-mail address.
pub(crate) fn turn_keys(client: IpAddr, account: u128) -> TurnKeys {
    [LimitedCaller::site(client).key(), account]
}

/// Somebody signed in; without a valid token or cookie the answer is 401.
#[derive(Clone, Debug)]
pub struct SignedIn(pub access::SignedIn);

impl Deref for SignedIn {
    type Target = access::SignedIn;

    fn deref(&self) -> &access::SignedIn {
        &self.0
    }
}

/// Somebody signed in, or an anonymous caller. An invalid token is refused even here, because its sender believes to be signed in.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

impl MaybeSignedIn {
    /// The sender of these headers, for a route that needs it only in some cases.
    ///
    /// # Errors
    /// `unauthenticated` for an invalid token.
    pub async fn sender(app: &ApiState, headers: &HeaderMap) -> Result<Self, ApiError> {
        authenticate(app, headers, &Extensions::new()).await.map(Self)
    }
}

impl FromRequestParts<ApiState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &ApiState) -> Result<Self, ApiError> {
        let nobody = || Problem::unauthenticated("Send an access token as Authorization: Bearer <token>.");
        Ok(authenticate(app, &parts.headers, &parts.extensions).await?.ok_or_else(nobody)?)
    }
}

impl FromRequestParts<ApiState> for MaybeSignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &ApiState) -> Result<Self, ApiError> {
        authenticate(app, &parts.headers, &parts.extensions).await.map(Self)
    }
}

/// Finds the caller, and notes the account for the log line.
async fn authenticate(
    app: &ApiState,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Option<SignedIn>, ApiError> {
    let now = app.now();
    let signed_in = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let refused =
                || Problem::unauthenticated("The access token is not valid, or no longer. Sign in again.");
            let token = value.to_str().ok().and_then(bearer_token).ok_or_else(refused)?;
            Some(app.access.by_token(&app.store, token, now).await?.ok_or_else(refused)?)
        }
        // The cookie of a session that has ended counts as anonymous, because a browser keeps sending it, also to public pages.
        None => match session_cookie(headers) {
            Some(cookie) => app.access.by_cookie(&app.store, cookie, now).await?,
            None => None,
        },
    };
    let Some(signed_in) = signed_in else { return Ok(None) };
    FoundAccount::note(extensions, signed_in.account);
    app.check_limit(RateLimit::ApiByAccount, LimitedCaller::Account(signed_in.account)).await?;
    Ok(Some(SignedIn(signed_in)))
}

/// The token of an `Authorization` header; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session cookie of a request. Signing out leaves an empty cookie, which is ignored.
fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_named(headers, SESSION_COOKIE).filter(|token| !token.is_empty())
}

/// The value of a cookie of a request.
pub(crate) fn cookie_named<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}
