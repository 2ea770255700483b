//! Members of organizations: inviting people, accepting, changing a role, leaving. Each step has a line in the audit trail, written in the
//! same transaction.
//!
//! What must always hold: the trail never contains an address, because it is kept for ever and an invited person may never have had
//! anything to do with the organization.

use crate::access::secret_token::SecretToken;
use crate::account_letters::invitation_message;
use crate::accounts::LetterPermit;
use crate::app::App;
use crate::failure::{Failure, OrFailure};
use crate::ids::account_uuid;
use fairseat_domain::ids::AccountId;
use fairseat_store::audit::AuditEntry;
use fairseat_store::invitations::{AcceptError, Invitation, InviteError, NewInvitation};
use fairseat_store::organizations::{Organization, Removal, Role, SetMemberError};
use fairseat_store::{InvitationId, OrganizationId, StoreError};
use serde_json::json;
use std::sync::Arc;

/// Invites the owner of an address, and queues the letter.
///
/// # Errors
/// [`InviteError`].
pub async fn invite(
    app: &App,
    inviter: AccountId,
    (organization, role): (OrganizationId, Role),
    email: String,
    _permit: LetterPermit,
) -> Result<Invitation, InviteError> {
    let id = InvitationId::random();
    let entry = invitation_entry(app, inviter, organization, ("invitation.sent", id), role);
    let token = SecretToken::of_link(&app.keys.links, id.0).hash();
    let new = NewInvitation { id, token, email, role, entry };
    app.store.invitations().invite(new, invitation_message).await
}

/// Withdraws an invitation of the organization. Returns whether it was open.
///
/// # Errors
/// When the store fails.
pub async fn withdraw(
    app: &App,
    caller: AccountId,
    organization: OrganizationId,
    (id, role): (InvitationId, Role),
) -> Result<bool, StoreError> {
    let entry = invitation_entry(app, caller, organization, ("invitation.withdrawn", id), role);
    app.store.invitations().withdraw(id, entry).await
}

/// Accepts the invitation whose link has this token.
///
/// # Errors
/// [`AcceptError`], or a failure.
pub async fn accept(
    app: &Arc<App>,
    account: AccountId,
    token: &str,
) -> Result<(Organization, Role), OrFailure<AcceptError>> {
    let (doing, trail, hash) = (app.clone(), app.clone(), SecretToken::hash_of(token));
    let entry = move |organization, role: Role| {
        let detail = json!({"role": role.name()}).to_string();
        AuditEntry { detail, ..member_entry(&trail, account, organization, "member.joined", account) }
    };
    let accept = async move { doing.store.invitations().accept(hash, account, entry, doing.now()).await };
    app.access.changing(account, accept).await?.map_err(OrFailure::Refused)
}

/// Gives a member another role.
///
/// # Errors
/// [`SetMemberError`], or a failure.
pub async fn change_role(
    app: &App,
    caller: AccountId,
    organization: OrganizationId,
    (member, role): (AccountId, Role),
) -> Result<(), OrFailure<SetMemberError>> {
    let detail = json!({"role": role.name()}).to_string();
    let entry = AuditEntry { detail, ..member_entry(app, caller, organization, "member.set", member) };
    let store = app.store.clone();
    let change = async move { store.audit().change_role(member, role, entry).await };
    app.access.changing(member, change).await?.map_err(OrFailure::Refused)
}

/// Removes a member.
///
/// # Errors
/// When the store fails.
pub async fn remove(
    app: &App,
    caller: AccountId,
    organization: OrganizationId,
    member: AccountId,
) -> Result<Removal, Failure> {
    let entry = member_entry(app, caller, organization, "member.removed", member);
    let store = app.store.clone();
    let removal = async move { store.audit().remove_member(member, entry).await };
    Ok(app.access.changing(member, removal).await??)
}

fn member_entry(
    app: &App,
    actor: AccountId,
    organization: OrganizationId,
    action: &str,
    member: AccountId,
) -> AuditEntry {
    app.audit_entry(actor, organization, action, account_uuid(member).to_string())
}

fn invitation_entry(
    app: &App,
    actor: AccountId,
    organization: OrganizationId,
    (action, id): (&str, InvitationId),
    role: Role,
) -> AuditEntry {
    let detail = json!({"role": role.name()}).to_string();
    AuditEntry { detail, ..app.audit_entry(actor, organization, action, id.to_string()) }
}
