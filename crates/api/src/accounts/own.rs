//! The caller's own account: reading it, and the problems of saving it.

use crate::handler::{ApiError, ApiState, Code, Problem, SignedIn};
use fairseat_store::users::{SaveUserError, User};

/// The caller's account; 401 if it was deleted after the token was checked.
pub(crate) async fn own_account(app: &ApiState, signed_in: &SignedIn) -> Result<User, ApiError> {
    let user = app.store.users().by_id(signed_in.account).await?;
    Ok(user.ok_or_else(|| Problem::unauthenticated("The account was deleted."))?)
}

/// The problem for an account that could not be saved.
pub(crate) fn save_problem(error: SaveUserError) -> ApiError {
    match error {
        SaveUserError::EmailTaken => email_taken().into(),
        SaveUserError::Store(error) => error.into(),
    }
}

pub(crate) fn email_taken() -> Problem {
    Problem::new(Code::EmailTaken, "Sign in, or ask for a new password if it is forgotten.")
}
