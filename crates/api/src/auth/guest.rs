//! `POST /auth/guest`: an account without an address, for one browser.

use crate::auth::login::begin_session;
use crate::handler::*;
use fairseat_contract::accounts::{SessionKindJson, SignedInAnswer};

/// How the guest wants to be known.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGuest {
    #[serde(default)]
    session: SessionKindJson,
}

/// Begin as a guest
///
/// A guest holds seats as others do, within lower limits, and buys with a `contact` in `POST /orders`. `POST /auth/register` with its token
/// makes it a full account with everything it has. `POST /auth/login` with its token as `guest_token` brings its cart along. A guest that never
/// tried to buy is removed after 30 days.
#[utoipa::path(post, path = "/auth/guest", tag = "Accounts", security(()), request_body = Option<NewGuest>,
    responses((status = 201, body = SignedInAnswer), (status = 204, description = "Known by cookie")))]
pub(crate) async fn guest(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    body: Option<Body<Option<NewGuest>>>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::Guest, LimitedCaller::address(context.client)).await?;
    let NewGuest { session } = body.and_then(|Body(body)| body).unwrap_or_default();
    let guest = app.store.users().create_guest(None, app.now()).await?;
    begin_session(&app, guest, session, StatusCode::CREATED, None, Vec::new()).await
}
