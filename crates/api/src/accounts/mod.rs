//! Accounts: registering, signing in and out, lost passwords, and what a person may see and change of themselves.
//!
//! What must always hold: nothing here tells whether an address has an account, but registering, which must; a password is
//! tried only after `password_check` has counted the attempt.

mod export;
mod fields;
mod lost_password;
mod me;
mod messages;
mod my_sessions;
mod password_check;
mod register;
mod sign_in;
mod user_json;
mod verify_email;

use super::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub fn routes() -> Routes {
    Routes::new()
        .with(routes!(register::register))
        .with(routes!(sign_in::login))
        .with(routes!(sign_in::refresh))
        .with(routes!(sign_in::logout))
        .with(routes!(verify_email::verify_email))
        .with(routes!(verify_email::resend_verification))
        .with(routes!(lost_password::forgot_password))
        .with(routes!(lost_password::reset_password))
        .with(routes!(me::get_me, me::change_me, me::delete_me))
        .with(routes!(export::export_me))
        .with(routes!(my_sessions::my_sessions))
        .with(routes!(my_sessions::end_session))
}
