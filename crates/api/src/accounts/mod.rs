//! What `auth` and `users` share: the fields of an account, the check of a password, the limits of letters.
//!
//! What must always hold: no answer reveals whether an address has an account, except registration, where it cannot be avoided; a password
//! is checked only after `password_check` has counted the attempt; a letter to an address that somebody typed is queued only within the
//! limits of `letters`.

pub(crate) mod fields;
pub(crate) mod letters;
pub(crate) mod own;
pub(crate) mod password_check;
pub(crate) mod user_json;
