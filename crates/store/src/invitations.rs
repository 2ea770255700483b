//! Invitations to become a member of an organization.
//!
//! What must hold: an organization has at most one invitation for an address; only the person at that address, with a verified account,
//! becomes a member, and only by accepting; an invitation ends with its inviter's right to send it: when they are removed, lose the role of
//! owner or delete their account. An address that declined is not written to again until the invitation would have expired.

use crate::audit::{self, AuditEntry};
use crate::database::Database;
use crate::error::StoreError;
use crate::ids::{InvitationId, OrganizationId};
use crate::limits::{INVITATION_TTL, MAX_OPEN_INVITATIONS};
use crate::organizations::{self, Organization, Role, SetMemberError};
use crate::outbox::{self, Message};
use crate::page::{Listing, Page};
use crate::sessions::TokenHash;
use crate::sql::{Filter, Row, Sql, values};
use crate::{email, users};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id; the secret of its link is derived from it.
    pub id: InvitationId,
    /// The organization.
    pub organization: OrganizationId,
    /// The address, as the inviter typed it.
    pub email: String,
    /// The role in which the person would join.
    pub role: Role,
    /// Who invited last.
    pub invited_by: AccountId,
    /// When the first letter was queued.
    pub created_at: Timestamp,
    /// When the last letter was queued.
    pub sent_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the person declined.
    pub declined_at: Option<Timestamp>,
}

const COLUMNS: &str = "i.id, i.organization_id, i.email, i.role, i.invited_by, i.created_at, i.sent_at, i.expires_at, i.declined_at";

fn read(row: &Row<'_>) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.next()?,
        organization: row.next()?,
        email: row.next()?,
        role: row.next()?,
        invited_by: row.next()?,
        created_at: row.next()?,
        sent_at: row.next()?,
        expires_at: row.next()?,
        declined_at: row.next()?,
    })
}

/// An invitation with the names that people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The organization's name.
    pub organization_name: String,
    /// The inviter's name.
    pub inviter_name: String,
    /// The inviter's address.
    pub inviter_email: String,
}

const NAMED: &str = ", o.name, u.username, u.email FROM invitations i JOIN organizations o ON o.id = i.organization_id \
                     JOIN users u ON u.id = i.invited_by";

fn read_named(row: &Row<'_>) -> Result<NamedInvitation, StoreError> {
    Ok(NamedInvitation {
        invitation: read(row)?,
        organization_name: row.next()?,
        inviter_name: row.next()?,
        inviter_email: row.next()?,
    })
}

/// An invitation to send.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The id, if the address has no open invitation yet.
    pub id: InvitationId,
    /// The hash of the secret that is derived from the id.
    pub token: TokenHash,
    /// The address.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Tells the trail who invites, when, and for which organization. Its object becomes the invitation's id.
    pub entry: AuditEntry,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The person declined, and the invitation has not expired yet.
    #[error("the person declined")]
    Declined,
    /// The organization has [`MAX_OPEN_INVITATIONS`].
    #[error("there are too many open invitations")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// There is no such invitation, or it is no longer open.
    #[error("there is no such open invitation")]
    NotOpen,
    /// The account has another address.
    #[error("the invitation is for another address")]
    OtherAddress,
    /// The account's address is not verified.
    #[error("the address is not verified")]
    Unverified,
    /// The organization or the account has too many members or memberships.
    #[error("there are too many members or memberships")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Invitations; from [`crate::Store::invitations`].
#[derive(Clone, Copy, Debug)]
pub struct Invitations<'s>(pub(crate) &'s Database);

impl Invitations<'_> {
    /// Invites an address, or invites it again: then role, inviter and end are replaced, and the links in earlier letters still work. The
    /// letter is queued in the same transaction.
    ///
    /// # Errors
    /// [`InviteError`], by variant; then nothing is changed.
    pub async fn invite(
        &self,
        new: NewInvitation,
        letter: impl Fn(&Invitation) -> Message + Send + 'static,
    ) -> Result<Invitation, InviteError> {
        self.0
            .write("invitations.invite", move |sql| {
                let invitation = invite(sql, &new)?;
                let object = invitation.id.to_string();
                audit::add(sql, &AuditEntry { object, ..new.entry.clone() })?;
                outbox::queue(sql, &letter(&invitation), invitation.sent_at)?;
                Ok(invitation)
            })
            .await
    }

    /// The invitations of an organization that have not expired, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        organization: OrganizationId,
        page: Page,
        now: Timestamp,
    ) -> Result<Listing<NamedInvitation>, StoreError> {
        let mut filter = Filter::new();
        let (whose, after) = (filter.bind(organization), filter.bind(now));
        let counted = filter.values().to_vec();
        let count = format!(
            "SELECT COUNT(*) FROM invitations WHERE organization_id = {whose} AND expires_at > {after}"
        );
        let page = page.bind(&mut filter);
        let text = format!(
            "SELECT {COLUMNS}{NAMED} WHERE i.organization_id = {whose} AND i.expires_at > {after} \
             ORDER BY i.created_at DESC, i.id {page}"
        );
        self.0
            .read("invitations.list", move |sql| {
                let rows = sql.all(&text, filter.values(), read_named)?;
                Ok(Listing { rows, total: sql.count(&count, &counted)? })
            })
            .await
    }

    /// An open invitation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_id(
        &self,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<Option<NamedInvitation>, StoreError> {
        let text = format!("SELECT {COLUMNS}{NAMED} WHERE i.id = ?1 AND {OPEN}");
        let values = values![id, now];
        self.0.read("invitations.by_id", move |sql| sql.one(&text, &values, read_named)).await
    }

    /// The open invitation whose link has this secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_token(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<NamedInvitation>, StoreError> {
        let text = format!("SELECT {COLUMNS}{NAMED} WHERE i.token_hash = ?1 AND {OPEN}");
        let values = values![token, now];
        self.0.read("invitations.by_token", move |sql| sql.one(&text, &values, read_named)).await
    }

    /// The invitations that are open for an address, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_address(
        &self,
        address: &str,
        now: Timestamp,
    ) -> Result<Vec<NamedInvitation>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS}{NAMED} WHERE i.email_key = ?1 AND {OPEN} ORDER BY i.created_at DESC, i.id"
        );
        let values = values![email::key(address), now];
        self.0.read("invitations.of_address", move |sql| sql.all(&text, &values, read_named)).await
    }

    /// Withdraws an open invitation of the entry's organization. Returns whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdraw(&self, id: InvitationId, entry: AuditEntry) -> Result<bool, StoreError> {
        let text = "DELETE FROM invitations \
                    WHERE id = ?1 AND organization_id = ?2 AND declined_at IS NULL AND expires_at > ?3";
        self.0
            .write("invitations.withdraw", move |sql| {
                let is_gone = sql.execute(text, &values![id, entry.organization, entry.at])? == 1;
                if is_gone {
                    audit::add(sql, &entry)?;
                }
                Ok(is_gone)
            })
            .await
    }

    /// Makes `user` a member as the invitation says; somebody who is a member already keeps their role. `entry` makes the line of the trail
    /// for the organization and the role. Returns the organization and the person's role in it.
    ///
    /// # Errors
    /// [`AcceptError`], by variant; then nothing is changed.
    pub async fn accept(
        &self,
        token: TokenHash,
        user: AccountId,
        entry: impl Fn(OrganizationId, Role) -> AuditEntry + Send + 'static,
        now: Timestamp,
    ) -> Result<(Organization, Role), AcceptError> {
        self.0.write("invitations.accept", move |sql| accept(sql, token, user, &entry, now)).await
    }

    /// Declines an open invitation. Returns whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decline(&self, token: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let text = format!("UPDATE invitations AS i SET declined_at = ?2 WHERE token_hash = ?1 AND {OPEN}");
        let values = values![token, now];
        self.0.write("invitations.decline", move |sql| Ok(sql.execute(&text, &values)? == 1)).await
    }
}

/// The condition for an open invitation at the time `?2`.
const OPEN: &str = "i.declined_at IS NULL AND i.expires_at > ?2";

fn invite(sql: &Sql<'_>, new: &NewInvitation) -> Result<Invitation, InviteError> {
    let NewInvitation { id, token, email, role, entry } = new;
    let AuditEntry { organization, actor, at: now, .. } = *entry;
    let (key, expires_at) = (email::key(email), now.plus(INVITATION_TTL));
    let expired =
        "DELETE FROM invitations WHERE organization_id = ?1 AND email_key = ?2 AND expires_at <= ?3";
    sql.execute(expired, &values![organization, key, now])?;
    let find =
        format!("SELECT {COLUMNS} FROM invitations i WHERE i.organization_id = ?1 AND i.email_key = ?2");
    if let Some(open) = sql.one(&find, &values![organization, key], read)? {
        if open.declined_at.is_some() {
            return Err(InviteError::Declined);
        }
        let again =
            "UPDATE invitations SET role = ?2, invited_by = ?3, sent_at = ?4, expires_at = ?5 WHERE id = ?1";
        sql.execute(again, &values![open.id, *role, actor, now, expires_at])?;
        return Ok(Invitation { role: *role, invited_by: actor, sent_at: now, expires_at, ..open });
    }
    let count = "SELECT COUNT(*) FROM invitations WHERE organization_id = ?1 AND expires_at > ?2";
    if sql.count(count, &values![organization, now])? >= MAX_OPEN_INVITATIONS {
        return Err(InviteError::TooMany);
    }
    let text = "INSERT INTO invitations (id, organization_id, email, email_key, role, invited_by, token_hash, created_at, \
                sent_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)";
    sql.execute(text, &values![*id, organization, *email, key, *role, actor, *token, now, expires_at])?;
    Ok(Invitation {
        id: *id,
        organization,
        email: email.clone(),
        role: *role,
        invited_by: actor,
        created_at: now,
        sent_at: now,
        expires_at,
        declined_at: None,
    })
}

fn accept(
    sql: &Sql<'_>,
    token: TokenHash,
    user: AccountId,
    entry: impl Fn(OrganizationId, Role) -> AuditEntry,
    now: Timestamp,
) -> Result<(Organization, Role), AcceptError> {
    let find = format!("SELECT {COLUMNS} FROM invitations i WHERE i.token_hash = ?1 AND {OPEN}");
    let found = sql.one(&find, &values![token, now], read)?.ok_or(AcceptError::NotOpen)?;
    let user = users::by_id(sql, user)?.ok_or(AcceptError::NotOpen)?;
    let organization = organizations::by_id(sql, found.organization)?.ok_or(AcceptError::NotOpen)?;
    if email::key(&user.email) != email::key(&found.email) {
        return Err(AcceptError::OtherAddress);
    }
    if user.email_verified_at.is_none() {
        return Err(AcceptError::Unverified);
    }
    let role = match organizations::role_of(sql, organization.id, user.id)? {
        Some(role) => role,
        None => {
            organizations::set_member(sql, organization.id, user.id, found.role, now).map_err(|error| {
                match error {
                    SetMemberError::TooMany => AcceptError::TooMany,
                    SetMemberError::NotFound | SetMemberError::LastOwner => AcceptError::NotOpen,
                    SetMemberError::Store(error) => AcceptError::Store(error),
                }
            })?;
            audit::add(sql, &entry(organization.id, found.role))?;
            found.role
        }
    };
    sql.execute("DELETE FROM invitations WHERE id = ?1", &values![found.id])?;
    Ok((organization, role))
}

/// Ends the invitations that somebody sent for an organization in which they may no longer invite.
pub(crate) fn end_those_of_inviter(
    sql: &Sql<'_>,
    organization: OrganizationId,
    inviter: AccountId,
) -> Result<(), StoreError> {
    let text =
        "DELETE FROM invitations WHERE organization_id = ?1 AND invited_by = ?2 AND declined_at IS NULL";
    sql.execute(text, &values![organization, inviter])?;
    Ok(())
}

/// Ends the invitations that a former administrator sent for organizations in which they may not invite as an owner.
pub(crate) fn end_those_of_administrator(sql: &Sql<'_>, inviter: AccountId) -> Result<(), StoreError> {
    let text = "DELETE FROM invitations WHERE invited_by = ?1 AND declined_at IS NULL AND organization_id NOT IN \
                (SELECT organization_id FROM members WHERE user_id = ?1 AND role = 'owner')";
    sql.execute(text, &values![inviter])?;
    Ok(())
}

/// Deletes all invitations of an account that is being deleted: those it sent, and those to its address.
pub(crate) fn drop_all(sql: &Sql<'_>, user: AccountId, address: &str) -> Result<(), StoreError> {
    let text = "DELETE FROM invitations WHERE invited_by = ?1 OR email_key = ?2";
    sql.execute(text, &values![user, email::key(address)])?;
    Ok(())
}

pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM invitations WHERE expires_at <= ?1", &values![now])?;
    Ok(())
}
