//! `/auth`: registering, signing in and out, and the links that prove an e-mail address.

mod forgot_password;
mod guest;
mod login;
mod logout;
mod refresh;
mod register;
mod reset_password;
mod undo_email_change;
mod verify_email;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(register::register))
        .with(routes!(login::login))
        .with(routes!(guest::guest))
        .with(routes!(refresh::refresh))
        .with(routes!(logout::logout))
        .with(routes!(verify_email::verify_email))
        .with(routes!(verify_email::resend_verification))
        .with(routes!(forgot_password::forgot_password))
        .with(routes!(reset_password::reset_password))
        .with(routes!(undo_email_change::undo_email_change))
}
