//! Letters to an address that somebody typed. Until it is confirmed, it may be a stranger's, so these letters are limited: by the account
//! that causes them, by its network address, and by recipient, across all senders.
//!
//! What must always hold: such a letter is queued only with a [`LetterPermit`], and only this file makes one.

use crate::handler::*;
use fairseat_app::accounts::{LetterPermit, letters_to};
use fairseat_domain::ids::AccountId;
use fairseat_store::OrganizationId;
use fairseat_store::users::User;
use std::net::IpAddr;

/// Permits one letter about an account to an address that was typed just now. `account` is the account that asks; nobody's for registering.
///
/// # Errors
/// `rate_limited`.
pub(crate) async fn permit(
    app: &ApiState,
    account: Option<AccountId>,
    client: IpAddr,
    recipient: &str,
) -> Result<LetterPermit, Problem> {
    if let Some(account) = account {
        app.check_limit(RateLimit::LetterByAccount, LimitedCaller::Account(account)).await?;
    }
    app.check_limit(RateLimit::LetterByAddress, LimitedCaller::address(client)).await?;
    to_recipient(app, recipient).await
}

/// Permits one more link to the address that an account has already, for a caller whose network address was counted under
/// [`RateLimit::PasswordResetByAddress`].
///
/// # Errors
/// `rate_limited`.
pub(crate) async fn permit_link(app: &ApiState, user: &User) -> Result<LetterPermit, Problem> {
    app.check_limit(RateLimit::PasswordResetByAccount, LimitedCaller::Account(user.id)).await?;
    to_recipient(app, &user.email).await
}

/// Permits one invitation to an organization.
///
/// # Errors
/// `email_unverified` for an inviter whose own address is not confirmed, because the letter names organization and inviter; `rate_limited`.
pub(crate) async fn permit_invitation(
    app: &ApiState,
    inviter: &SignedIn,
    organization: OrganizationId,
    client: IpAddr,
    recipient: &str,
) -> Result<LetterPermit, ApiError> {
    require_verified(
        inviter,
        "Confirm your own e-mail address first: the letter names you and your organization.",
    )?;
    app.check_limit(RateLimit::InvitationByAccount, LimitedCaller::Account(inviter.account)).await?;
    let organization = LimitedCaller::Organization(organization.0.as_u128());
    app.check_limit(RateLimit::InvitationByOrganization, organization).await?;
    app.check_limit(RateLimit::LetterByAddress, LimitedCaller::address(client)).await?;
    Ok(to_recipient(app, recipient).await?)
}

/// Permits one letter with tickets to a customer of the box office.
///
/// # Errors
/// `rate_limited`.
pub(crate) async fn permit_counter_letter(
    app: &ApiState,
    seller: AccountId,
    client: IpAddr,
    recipient: &str,
) -> Result<LetterPermit, Problem> {
    app.check_limit(RateLimit::CounterLetterByAccount, LimitedCaller::Account(seller)).await?;
    app.check_limit(RateLimit::CounterLetterByAddress, LimitedCaller::address(client)).await?;
    to_recipient(app, recipient).await
}

/// Counts a change of an event about which its ticket holders get a letter, if it has any. Addresses of box-office customers are typed too,
/// so that moving an event back and forth must not become a way of writing to strangers.
///
/// # Errors
/// `rate_limited`.
pub(crate) async fn permit_telling_holders(app: &ApiState, sale: &Sale) -> Result<(), Problem> {
    if sale.orders_sold() == 0 {
        return Ok(());
    }
    app.check_limit(RateLimit::HoldersTold, LimitedCaller::Event(sale.event().0)).await
}

/// Passes callers with a confirmed address. Letters with words of theirs go to other people.
///
/// # Errors
/// `email_unverified` with this detail.
pub(crate) fn require_verified(caller: &SignedIn, detail: &'static str) -> Result<(), ApiError> {
    match caller.access.verified_at {
        Some(_) => Ok(()),
        None => Err(Problem::new(Code::EmailUnverified, detail).into()),
    }
}

/// The permit for a letter to the present address of an account. A confirmed address always gets it. Another one gets it within the limits,
/// because it may be a stranger's.
pub(crate) async fn permit_for_owner(app: &ApiState, user: &User, client: IpAddr) -> Option<LetterPermit> {
    match user.email_verified_at {
        Some(_) => Some(to_confirmed_address()),
        None => permit(app, Some(user.id), client, &user.email).await.ok(),
    }
}

/// Permits a letter to the confirmed address of an account, to its owner.
pub(crate) const fn to_confirmed_address() -> LetterPermit {
    LetterPermit::counted()
}

async fn to_recipient(app: &ApiState, recipient: &str) -> Result<LetterPermit, Problem> {
    let recipient = LimitedCaller::Recipient(letters_to(&app.keys, recipient));
    app.check_limit(RateLimit::LetterToRecipient, recipient).await?;
    Ok(LetterPermit::counted())
}
