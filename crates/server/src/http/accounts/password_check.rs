//! Trying a password: guesses are counted, and known and unknown addresses are treated alike.

use crate::app::App;
use crate::auth::{Password, Verdict};
use crate::http::problem::{Code, Problem};
use fairseat_store::users::User;
use std::net::IpAddr;

/// The account of `email`, if `password` is its own.
///
/// # Errors
/// `invalid_credentials` when there is no such account or the password is another; `rate_limited` after many of these.
pub(super) async fn prove(
    app: &App,
    email: &str,
    password: Password,
    client: IpAddr,
) -> Result<User, Problem> {
    let target = target(app, email);
    if app.limits.are_on() {
        app.logins.check(target, client).map_err(|wait| {
            app.metrics.rate_limited("password");
            Problem::rate_limited(wait)
        })?;
    }
    let user = app.platform.store.users().by_email(email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let verdict = app.auth.passwords.verify(password.clone(), hash).await?;
    let Some(user) = user.filter(|_| verdict != Verdict::Wrong) else {
        app.logins.failed(target, client);
        return Err(Problem::new(Code::InvalidCredentials, "Check both, or ask for a new password."));
    };
    app.logins.succeeded(target, client);
    if verdict == Verdict::Outdated {
        rehash(app, &user, password).await;
    }
    Ok(user)
}

/// Keeps the password at today's cost. Whether that works is nothing to somebody who is signing in.
async fn rehash(app: &App, user: &User, password: Password) {
    let outcome = async {
        let new = app.auth.passwords.hash(password).await?;
        Ok::<_, Problem>(app.platform.store.users().rehash(user.id, user.password_hash.clone(), new).await?)
    };
    if let Err(problem) = outcome.await {
        tracing::warn!(code = problem.code().name(), "a password was not hashed anew");
    }
}

/// A number that stands for an address, whether it has an account or not.
fn target(app: &App, email: &str) -> u128 {
    let mut hash = blake3::Hasher::new_keyed(app.keys.fingerprints.expose());
    hash.update(b"password guesses at ").update(email.trim().to_lowercase().as_bytes());
    hash.finalize().as_bytes().first_chunk().copied().map_or(0, u128::from_le_bytes)
}
