//! Checks a password. Wrong passwords are counted, and the answer is the same whether the address has an account or not.

use crate::caller::turn_keys;
use crate::handler::{ApiError, ApiState, Problem};
use fairseat_app::access::{Password, Verdict};
use fairseat_app::accounts::guesses_at;
use fairseat_problems::errors::invalid_credentials;
use fairseat_store::users::User;
use fairseat_turns::TurnKeys;
use std::net::IpAddr;

/// The account of `email`, if `password` is right. `device` is the number of a device on which its owner has signed in before.
///
/// # Errors
/// `invalid_credentials` when there is no such account or the password is wrong; `rate_limited` after many wrong passwords.
pub(crate) async fn prove(
    app: &ApiState,
    email: &str,
    password: Password,
    client: IpAddr,
    device: Option<u128>,
) -> Result<User, ApiError> {
    let target = guesses_at(&app.keys, email);
    let guess = if app.edge.limits.are_on() {
        Some(app.edge.logins.guess(target, client, device).await.map_err(|wait| {
            app.edge.metrics.rate_limited("password");
            Problem::rate_limited(wait)
        })?)
    } else {
        None
    };
    let keys = turn_keys(client, target);
    let user = app.store.users().by_email(email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let verdict = app.access.passwords.verify(password.clone(), hash, keys, device.is_some()).await?;
    let Some(user) = user.filter(|_| verdict != Verdict::Wrong) else {
        if let Some(guess) = guess {
            guess.was_wrong();
        }
        return Err(invalid_credentials().into());
    };
    if let Some(guess) = guess {
        guess.was_right().await;
    }
    if verdict == Verdict::Outdated {
        rehash(app, &user, password, keys).await;
    }
    Ok(user)
}

/// Hashes the password again with the current parameters. A failure is only logged, because the sign-in itself succeeded.
async fn rehash(app: &ApiState, user: &User, password: Password, keys: TurnKeys) {
    let outcome = async {
        let new = app.access.passwords.hash(password, keys).await?;
        Ok::<_, ApiError>(app.store.users().rehash(user.id, user.password_hash.clone(), new).await?)
    };
    if let Err(problem) = outcome.await {
        tracing::warn!(code = problem.0.code().name(), "a password could not be hashed again");
    }
}
