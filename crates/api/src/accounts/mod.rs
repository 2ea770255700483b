//! What `auth` and `users` share: the fields of an account, its links, trying a password.
//!
//! What must always hold: nothing here tells whether an address has an account, except registering, which must; a password is
//! tried only after `password_check` has counted the attempt.

pub(crate) mod fields;
pub(crate) mod links;
pub(crate) mod own;
pub(crate) mod password_check;
pub(crate) mod user_json;
