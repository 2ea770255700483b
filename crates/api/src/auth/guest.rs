//! `POST /auth/guest`: an account without an address, for one browser.

use crate::auth::login::signed_in_answer;
use crate::handler::{
    ApiError, ApiState, Extension, Json, LimitedCaller, RateLimit, RequestContext, State, StatusCode,
};
use fairseat_app::access::sessions;
use fairseat_contract::accounts::SignedInAnswer;

/// Begin as a guest
///
/// A guest holds seats as others do, within lower limits, and buys with a `contact` in `POST /orders`. `POST /auth/register` with its token
/// makes it a full account with everything it has. `POST /auth/login` with its token as `guest_token` brings its cart along. A guest that never
/// tried to buy is removed after 30 days.
#[utoipa::path(post, path = "/auth/guest", tag = "Accounts", security(()),
    responses((status = 201, body = SignedInAnswer)))]
pub(crate) async fn guest(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
) -> Result<(StatusCode, Json<SignedInAnswer>), ApiError> {
    app.check_limit(RateLimit::Guest, LimitedCaller::address(context.client))?;
    let guest = app.store.users().create_guest(None, app.now()).await?;
    let tokens = sessions::begin(&app, &guest).await?;
    Ok((StatusCode::CREATED, signed_in_answer(&app, guest, tokens).await?))
}
