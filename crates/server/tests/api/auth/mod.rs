//! `/api/v1/auth`: accounts and sessions.

mod forgot_password;
mod guest;
mod login;
mod logout;
mod refresh;
mod register;
mod reset_password;
mod undo_email_change;
mod verify_email;
