//! `GET`, `PATCH` and `DELETE /users/me`: reading, changing and deleting one's own account.

use crate::accounts::fields::{check_email, check_password, check_phone_number, check_username};
use crate::accounts::own::own_account;
use crate::accounts::user_json::user_json;
use crate::accounts::{letters, password_check};
use crate::caller::turn_keys;
use crate::handler::*;
use fairseat_app::access::Password;
use fairseat_app::accounts::{change_address, change_password, send_link};
use fairseat_app::erasure;
use fairseat_contract::accounts::UserJson;
use fairseat_store::SessionId;
use fairseat_store::email;
use fairseat_store::one_time_tokens::Purpose;
use fairseat_store::users::{Deletion, ProfileChanges, SecurityChange, User};
use serde::{Deserialize, Deserializer};
use std::net::IpAddr;

/// Changes of an account; an absent field stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    /// Needs `current_password`; the new address must be confirmed. Ends every other session
    #[schema(format = Email, max_length = 254, nullable = false)]
    email: Option<String>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    username: Option<String>,
    /// Null removes it
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50, pattern = r"^([-+/.() ]*[0-9]){3,20}[-+/.() ]*$")]
    phone_number: Option<Option<String>>,
    /// Needs `current_password`; ends every other session
    #[schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 1024, nullable = false)]
    new_password: Option<Password>,
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    current_password: Option<Password>,
}

/// The password, so that nobody can delete the account of a person who left a browser open.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Farewell {
    /// Left out by guests, who have none
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    password: Option<Password>,
}

/// The edit tag of an account.
fn edit_tag(user: &User) -> EditTag {
    EditTag::of(&(&user.email, &user.username, &user.phone_number))
}

async fn tagged(app: &ApiState, user: User) -> Result<Response, ApiError> {
    let tag = edit_tag(&user);
    Ok(tag.on(Json(user_json(app, user).await?)))
}

/// Distinguishes null from an absent field.
pub(crate) fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Your account
#[utoipa::path(get, path = "/users/me", tag = "Accounts", responses((status = 200, body = UserJson)))]
pub(crate) async fn get_me(State(app): State<ApiState>, signed_in: SignedIn) -> Result<Response, ApiError> {
    let user = own_account(&app, &signed_in).await?;
    tagged(&app, user).await
}

/// Change your account
#[utoipa::path(patch, path = "/users/me", tag = "Accounts", params(IfMatchHeader), request_body = Changes,
    responses((status = 200, body = UserJson), (status = 401, description = "`invalid_credentials`"),
        (status = 409, description = "`email_taken`")))]
pub(crate) async fn change_me(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<Changes>,
) -> Result<Response, ApiError> {
    let Changes { email, username, phone_number, new_password, current_password } = body;
    signed_in.require_address()?;
    let user = own_account(&app, &signed_in).await?;
    let mut check = Check::new();
    let changes = ProfileChanges {
        email: email.map(|text| check_email(&mut check, "email", &text)),
        username: username.map(|text| check_username(&mut check, &text)),
        phone_number: phone_number.map(|number| number.map(|text| check_phone_number(&mut check, &text))),
    };
    if let Some(password) = &new_password {
        check_password(&mut check, "new_password", password, &[&user.email, &user.username]);
    }
    let delicate = new_password.is_some() || changes.email.is_some();
    let unproved = delicate && current_password.is_none();
    check.that(!unproved, "current_password", "is required to change the address or the password");
    check.finish()?;

    if_match.check(&edit_tag(&user))?;
    if let Some(password) = current_password.filter(|_| delicate) {
        let session = Some(signed_in.session.0.as_u128());
        password_check::prove(&app, &user.email, password, context.client, session).await?;
    }
    // Hashed first: if the queue of hashes is full, nothing is changed.
    let password = match new_password {
        Some(password) => {
            Some(app.access.passwords.hash(password, turn_keys(context.client, user.id.0)).await?)
        }
        None => None,
    };
    let changed = save(&app, user, changes, signed_in.session, context.client).await?;
    if let Some(hash) = password {
        let permit = letters::permit_for_owner(&app, &changed, context.client).await;
        change_password(&app, changed.id, hash, Some(signed_in.session), permit).await?;
    }
    tagged(&app, changed).await
}

async fn save(
    app: &ApiState,
    user: User,
    changes: ProfileChanges,
    keep: SessionId,
    client: IpAddr,
) -> Result<User, ApiError> {
    let moves = changes.email.as_ref().is_some_and(|address| email::key(address) != email::key(&user.email));
    if !moves {
        let (users, on_new_address) = (app.store.users(), SecurityChange::default());
        let saved = users.update_profile(user.id, changes, on_new_address, app.now()).await;
        return Ok(saved?.ok_or_else(Problem::not_found)?);
    }
    let recipient = changes.email.as_deref().unwrap_or_default();
    let permit = letters::permit(app, Some(user.id), client, recipient).await?;
    let to_former = letters::permit_for_owner(app, &user, client).await;
    let saved = change_address(app, user, changes, keep, to_former).await?.ok_or_else(Problem::not_found)?;
    send_link(app, saved.id, Purpose::VerifyEmail, permit).await;
    Ok(saved)
}

/// Delete your account
///
/// Removes all personal data of the account, for good. Its orders stay, without a name: first cancel the orders that you want refunded.
#[utoipa::path(delete, path = "/users/me", tag = "Accounts", params(IfMatchHeader), request_body = Farewell,
    responses((status = 204, description = "Deleted"), (status = 401, description = "`invalid_credentials`"),
        (status = 409, description = "The only owner of an organization with other members, see `organizations`; or the address was \
            changed within the last 7 days, see `deletable_from`")))]
pub(crate) async fn delete_me(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<Farewell>,
) -> Result<StatusCode, ApiError> {
    let user = own_account(&app, &signed_in).await?;
    if_match.check(&edit_tag(&user))?;
    if !user.guest {
        let password = body.password.ok_or_else(|| Problem::invalid("password", "is required"))?;
        // A session is where its owner has signed in, so it counts as a device of theirs.
        let session = Some(signed_in.session.0.as_u128());
        password_check::prove(&app, &user.email, password, context.client, session).await?;
    }
    let (store, now) = (app.store.clone(), app.now());
    let delete = async move { store.users().delete(user.id, now).await };
    let outcome = app.access.changing(user.id, delete).await??;
    if outcome == Deletion::Deleted {
        let store = app.store.clone();
        drop(tokio::spawn(async move { erasure::erase_traces(&store).await }));
    }
    match outcome {
        Deletion::Deleted | Deletion::NotFound => Ok(StatusCode::NO_CONTENT),
        Deletion::CanBeTakenBack(until) => {
            let detail = "Your address was changed lately, and the letter to the former address can still take the account back. \
                          Use its link first, or wait until `deletable_from`.";
            Err(Problem::new(Code::Conflict, detail).with("deletable_from", &JsonTime(until)).into())
        }
        Deletion::LastOwner(organizations) => {
            let ids: Vec<_> = organizations.iter().map(|id| id.0).collect();
            let detail = "You are the only owner of organizations that have other members: make one of them owner first.";
            Err(Problem::new(Code::Conflict, detail).with("organizations", &ids).into())
        }
    }
}
