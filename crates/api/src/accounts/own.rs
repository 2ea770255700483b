//! The caller's own account: reading it, and the problem of a link that opens it no longer.

use crate::handler::{ApiError, ApiState, Problem, SignedIn};
use fairseat_store::users::User;

/// The caller's account; 401 if it was deleted after the token was checked.
pub(crate) async fn own_account(app: &ApiState, signed_in: &SignedIn) -> Result<User, ApiError> {
    let user = app.store.users().by_id(signed_in.account).await?;
    Ok(user.ok_or_else(|| Problem::unauthenticated("The account was deleted."))?)
}

/// The answer for a link's token that is unknown, used or expired; it does not say which of these.
pub(crate) fn unusable_token() -> Problem {
    Problem::invalid("token", "is unknown, was used, or its time is up: ask for another message")
}
