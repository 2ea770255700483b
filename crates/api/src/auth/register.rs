//! `POST /auth/register`.

use crate::accounts::fields::{check_email, check_password, check_phone_number, check_username};
use crate::accounts::letters;
use crate::accounts::user_json::newcomer_json;
use crate::caller::MaybeSignedIn;
use crate::caller::turn_keys;
use crate::handler::*;
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, IdempotentBody};
use fairseat_app::OrFailure;
use fairseat_app::access::Password;
use fairseat_app::accounts::{OrderUnusable, guesses_at, guest_of_order, send_link};
use fairseat_contract::accounts::UserJson;
use fairseat_domain::ids::AccountId;
use fairseat_problems::errors::email_taken;
use fairseat_store::one_time_tokens::Purpose;
use fairseat_store::users::{NewUser, PasswordHash, User};
use std::net::IpAddr;

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Registration {
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The name that others see; it need not be unique
    #[schema(min_length = 1, max_length = 100)]
    username: String,
    /// Required, except with `order`
    #[schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 1024, nullable = false)]
    password: Option<Password>,
    #[serde(default)]
    #[schema(max_length = 50, pattern = r"^([-+/.() ]*[0-9]){3,20}[-+/.() ]*$")]
    phone_number: Option<String>,
    /// An order that was bought as a guest, with the key in its letter's link: the account gets everything of that guest. The address must be
    /// the one to which the letter went. It gets another letter, with a link that sets the first password: whoever has only the key opens no
    /// account
    #[serde(default)]
    #[schema(nullable = false)]
    order: Option<GuestOrder>,
}

/// An order of a guest, as the link in its letter names it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuestOrder {
    order_id: Uuid,
    key: String,
}

/// Make an account
///
/// The account can sign in and buy at once. A message asks the person to confirm the address. With the token of a guest, the guest becomes the
/// account, with everything it has.
#[utoipa::path(post, path = "/auth/register", tag = "Accounts", security((), ("bearer" = [])), params(IdempotencyHeader),
    request_body = Registration,
    responses((status = 201, body = UserJson), (status = 409, description = "`email_taken`")))]
pub(crate) async fn register(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    caller: Result<MaybeSignedIn, ApiError>,
    IdempotentBody { body, key }: IdempotentBody<Registration>,
) -> Result<Answer, ApiError> {
    app.check_limit(RateLimit::Registration, LimitedCaller::address(context.client)).await?;
    let doing = app.clone();
    // A token that is not valid any more names nobody, as when signing in.
    let caller = caller.ok().and_then(|caller| caller.0);
    let guest = caller.filter(|caller| caller.is_guest()).map(|caller| caller.account);
    let work = |claimed| async move { open_account(&doing, body, claimed, guest, context.client).await };
    key.once(&app, guest, work).await
}

async fn open_account(
    app: &ApiState,
    body: Registration,
    claimed: Claimed,
    guest: Option<AccountId>,
    client: IpAddr,
) -> Result<Answer, ApiError> {
    let mut check = Check::new();
    let email = check_email(&mut check, "email", &body.email);
    let username = check_username(&mut check, &body.username);
    let phone_number = body.phone_number.map(|text| check_phone_number(&mut check, &text));
    match (&body.password, &body.order) {
        (Some(password), None) => check_password(&mut check, "password", password, &[&email, &username]),
        (None, None) => check.refuse("password", "is required"),
        (Some(_), Some(_)) => check.refuse("password", "is chosen with the link that we send"),
        (None, Some(_)) => {}
    }
    check.finish()?;
    let users = app.store.users();
    if let Some(id) = claimed.created {
        let user = users.by_id(AccountId(id)).await?.ok_or_else(Problem::not_found)?;
        return newcomer(app, user, client).await;
    }
    // Checked before the password is hashed, because hashing is expensive. The insertion checks it once more.
    if users.by_email(&email).await?.is_some() {
        return Err(email_taken().into());
    }
    let bought = match &body.order {
        Some(GuestOrder { order_id, key }) => {
            Some(guest_of_order(app, *order_id, key, &email).await.map_err(order_problem)?)
        }
        None => None,
    };
    let password_hash = match body.password {
        Some(password) => {
            app.access.passwords.hash(password, turn_keys(client, guesses_at(&app.keys, &email))).await?
        }
        // No password has this hash.
        None => PasswordHash(String::new()),
    };
    let new =
        NewUser { email, username, password_hash, phone_number, is_admin: false, email_verified: false };
    let saved = match bought.or(guest) {
        Some(guest) => {
            let saved = users.register_guest(guest, new, claimed.key, app.now()).await;
            app.access.access_changed(guest);
            saved?.ok_or_else(|| unusable_order("belongs to an account already"))?
        }
        None => users.create(new, claimed.key, app.now()).await?,
    };
    newcomer(app, saved, client).await
}

fn order_problem(error: OrFailure<OrderUnusable>) -> ApiError {
    match error {
        OrFailure::Refused(OrderUnusable::WrongKey) => {
            unusable_order("cannot be opened with this key").into()
        }
        OrFailure::Refused(OrderUnusable::HasAccount) => {
            unusable_order("belongs to an account already").into()
        }
        OrFailure::Refused(OrderUnusable::OtherAddress) => {
            Problem::invalid("email", "must be the address to which the tickets were sent").into()
        }
        OrFailure::Failed(failure) => failure.into(),
    }
}

fn unusable_order(why: &'static str) -> Problem {
    Problem::invalid("order", why)
}

async fn newcomer(app: &ApiState, user: User, client: IpAddr) -> Result<Answer, ApiError> {
    // Above the limits the account is made all the same; its owner can ask for the message later.
    if user.email_verified_at.is_none()
        && let Ok(permit) = letters::permit(app, None, client, &user.email).await
    {
        let has_password = !user.password_hash.0.is_empty();
        let purpose = if has_password { Purpose::VerifyEmail } else { Purpose::ResetPassword };
        send_link(app, user.id, purpose, permit).await;
    }
    Answer::json(StatusCode::CREATED, &newcomer_json(user))
}
