//! `DELETE /users/{user_id}/sessions`: signs an account out everywhere.

use crate::handler::{ApiError, ApiState, Path, Problem, SignedIn, State, StatusCode, Uuid};
use fairseat_app::access::sessions;
use fairseat_domain::ids::AccountId;

/// Sign an account out everywhere
///
/// Ends all its sessions, the one that sends this request included. For administrators, and for one's own account.
#[utoipa::path(delete, path = "/users/{user_id}/sessions", tag = "Accounts", params(("user_id" = Uuid, Path)),
    responses((status = 204, description = "Signed out"), (status = 404, description = "No such account, or not yours")))]
pub(crate) async fn end_sessions_of_user(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(user_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    let account = AccountId(user_id.as_u128());
    if !signed_in.is_admin() && account != signed_in.account {
        return Err(Problem::not_found().into());
    }
    app.store.users().by_id(account).await?.ok_or_else(Problem::not_found)?;
    let ended = sessions::end_all(&app, account, None).await?;
    if account != signed_in.account {
        tracing::info!(account = %user_id, ended, "an administrator ended the sessions of an account");
    }
    Ok(StatusCode::NO_CONTENT)
}
