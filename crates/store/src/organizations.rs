//! Organizations and their members, and the permissions of an account.
//!
//! What must hold: an organization with members has at least one owner; a person has one role in each organization.

use crate::database::Database;
use crate::error::StoreError;
use crate::idempotency::{self, ScopeKey};
use crate::ids::OrganizationId;
use crate::limits::{MAX_MEMBERS_PER_ORGANIZATION, MAX_MEMBERSHIPS_PER_USER};
use crate::page::{Listing, Page};
use crate::sql::{Filter, Row, Sql, cell, text_enum, values};
use crate::{email, invitations};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

text_enum! {
    /// A member's role. Which role a route needs is declared with the route.
    Role {
        /// May do everything, including changes of members.
        Owner = "owner",
        /// May change venues, events and sales.
        Manager = "manager",
        /// May read orders and figures.
        Finance = "finance",
        /// May admit people at the door.
        Staff = "staff",
    }
}

/// An organization, which owns venues and events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name; others may have the same.
    pub name: String,
    /// When it was founded.
    pub created_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<Organization, StoreError> {
    Ok(Organization { id: row.next()?, name: row.next()?, created_at: row.next()? })
}

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their account.
    pub user: AccountId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub username: String,
    /// Their role.
    pub role: Role,
    /// When they became a member.
    pub created_at: Timestamp,
}

/// An organization and a member's role in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization: Organization,
    /// The member's role.
    pub role: Role,
}

/// What an account may do, read from the database for each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAccess {
    /// Whether the account is deleted; then it may do nothing.
    pub deleted: bool,
    /// Whether the account administers the whole platform.
    pub is_admin: bool,
    /// Whether it is a guest: an account without an address.
    pub guest: bool,
    /// Since when its e-mail address is verified; `None` when it is not.
    pub verified_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The account's roles, one for each of its organizations, ordered by organization id.
    pub memberships: Vec<(OrganizationId, Role)>,
}

/// Why a member was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SetMemberError {
    /// There is no such organization, or the account does not exist or is deleted.
    #[error("there is no such organization or account")]
    NotFound,
    /// The change would leave the organization without an owner.
    #[error("the last owner must stay")]
    LastOwner,
    /// The organization has [`MAX_MEMBERS_PER_ORGANIZATION`] members, or the person [`MAX_MEMBERSHIPS_PER_USER`] roles.
    #[error("there are too many members or memberships")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The outcome of removing a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The member was removed.
    Removed,
    /// There was no such member.
    NotAMember,
    /// The member is the only owner and was not removed.
    LastOwner,
}

/// Organizations; from [`crate::Store::organizations`].
#[derive(Clone, Copy, Debug)]
pub struct Organizations<'s>(pub(crate) &'s Database);

impl Organizations<'_> {
    /// Founds an organization with its first owner.
    ///
    /// A `claim` is the key of the request that asks for it, claimed in [`crate::Store::idempotency`].
    ///
    /// # Errors
    /// [`SetMemberError::NotFound`] when there is no such account, [`SetMemberError::TooMany`] when it has too many.
    pub async fn create(
        &self,
        name: String,
        owner: AccountId,
        claim: Option<ScopeKey>,
        now: Timestamp,
    ) -> Result<Organization, SetMemberError> {
        self.0
            .write("organizations.create", move |sql| {
                let organization =
                    Organization { id: OrganizationId::random(), name: name.clone(), created_at: now };
                let text = "INSERT INTO organizations (id, name, created_at) VALUES (?1, ?2, ?3)";
                sql.execute(text, &values![organization.id, organization.name, now])?;
                // An account that does not exist is refused by `set_member`.
                let founded =
                    "UPDATE organizations SET founder = (SELECT id FROM users WHERE id = ?2) WHERE id = ?1";
                sql.execute(founded, &values![organization.id, owner])?;
                set_member(sql, organization.id, owner, Role::Owner, now)?;
                idempotency::record_created(sql, claim, organization.id.0.as_u128())?;
                Ok(organization)
            })
            .await
    }

    /// Whether an owner or manager of an organization has a confirmed address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_confirmed_manager(&self, id: OrganizationId) -> Result<bool, StoreError> {
        let text = "SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = ?1 \
                    AND m.role IN ('owner', 'manager') AND u.email_verified_at IS NOT NULL";
        let values = values![id];
        let work = move |sql: &Sql<'_>| Ok(sql.count(text, &values)? > 0);
        self.0.read("organizations.has_confirmed_manager", work).await
    }

    /// One organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_id(&self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        self.0.read("organizations.by_id", move |sql| by_id(sql, id)).await
    }

    /// A member of an organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member(
        &self,
        organization: OrganizationId,
        user: AccountId,
    ) -> Result<Option<Member>, StoreError> {
        let text = format!("{MEMBERS} WHERE m.organization_id = ?1 AND m.user_id = ?2");
        let values = values![organization, user];
        self.0.read("organizations.member", move |sql| sql.one(&text, &values, read_member)).await
    }

    /// The member of an organization with this address, compared without regard to case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_by_email(
        &self,
        organization: OrganizationId,
        address: &str,
    ) -> Result<Option<Member>, StoreError> {
        let text = format!("{MEMBERS} WHERE m.organization_id = ?1 AND u.email_key = ?2");
        let values = values![organization, email::key(address)];
        self.0.read("organizations.member_by_email", move |sql| sql.one(&text, &values, read_member)).await
    }

    /// The oldest two organizations with this name: two are enough to see that the name is not unique.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_name(&self, name: &str) -> Result<Vec<Organization>, StoreError> {
        let text =
            "SELECT id, name, created_at FROM organizations WHERE name = ?1 ORDER BY created_at, id LIMIT 2";
        let values = values![name.to_owned()];
        self.0.read("organizations.by_name", move |sql| sql.all(text, &values, read)).await
    }

    /// Every organization, the newest first; for administrators.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, page: Page) -> Result<Listing<Organization>, StoreError> {
        let mut filter = Filter::new();
        let page = page.bind(&mut filter);
        let text =
            format!("SELECT id, name, created_at FROM organizations ORDER BY created_at DESC, id {page}");
        self.0
            .read("organizations.list", move |sql| {
                let rows = sql.all(&text, filter.values(), read)?;
                Ok(Listing { rows, total: sql.count("SELECT COUNT(*) FROM organizations", &[])? })
            })
            .await
    }

    /// The organizations a person is a member of, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_user(&self, user: AccountId) -> Result<Vec<Membership>, StoreError> {
        let text = "SELECT o.id, o.name, o.created_at, m.role FROM members m \
                    JOIN organizations o ON o.id = m.organization_id \
                    WHERE m.user_id = ?1 ORDER BY o.created_at DESC, o.id";
        let values = values![user];
        self.0
            .read("organizations.of_user", move |sql| {
                sql.all(text, &values, |row| Ok(Membership { organization: read(row)?, role: row.next()? }))
            })
            .await
    }

    /// The members of an organization, in the order in which they joined.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(
        &self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Listing<Member>, StoreError> {
        self.0.read("organizations.members", move |sql| members(sql, organization, page)).await
    }

    /// Adds a member, or changes a member's role.
    ///
    /// # Errors
    /// [`SetMemberError`], by variant.
    pub async fn set_member(
        &self,
        organization: OrganizationId,
        user: AccountId,
        role: Role,
        now: Timestamp,
    ) -> Result<(), SetMemberError> {
        let work = move |sql: &Sql<'_>| set_member(sql, organization, user, role, now);
        self.0.write("organizations.set_member", work).await
    }

    /// Removes a member.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_member(
        &self,
        organization: OrganizationId,
        user: AccountId,
    ) -> Result<Removal, StoreError> {
        self.0.write("organizations.remove_member", move |sql| remove_member(sql, organization, user)).await
    }

    /// What an account may do; `None` when there never was such an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn access_of(&self, user: AccountId) -> Result<Option<AccountAccess>, StoreError> {
        self.0.read("organizations.access_of", move |sql| access_of(sql, user)).await
    }
}

/// The query whose rows [`read_member`] reads.
const MEMBERS: &str = "SELECT m.user_id, u.email, u.username, m.role, m.created_at FROM members m JOIN users u ON u.id = m.user_id";

fn read_member(row: &Row<'_>) -> Result<Member, StoreError> {
    Ok(Member {
        user: row.next()?,
        email: row.next()?,
        username: row.next()?,
        role: row.next()?,
        created_at: row.next()?,
    })
}

pub(crate) fn by_id(sql: &Sql<'_>, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
    sql.one("SELECT id, name, created_at FROM organizations WHERE id = ?1", &values![id], read)
}

fn members(sql: &Sql<'_>, organization: OrganizationId, page: Page) -> Result<Listing<Member>, StoreError> {
    let mut filter = Filter::new();
    let key = filter.bind(organization);
    let page = page.bind(&mut filter);
    let text = format!("{MEMBERS} WHERE m.organization_id = {key} ORDER BY m.created_at, m.user_id {page}");
    let rows = sql.all(&text, filter.values(), read_member)?;
    Ok(Listing { rows, total: member_count(sql, organization)? })
}

fn member_count(sql: &Sql<'_>, organization: OrganizationId) -> Result<u64, StoreError> {
    sql.count("SELECT COUNT(*) FROM members WHERE organization_id = ?1", &values![organization])
}

pub(crate) fn role_of(
    sql: &Sql<'_>,
    organization: OrganizationId,
    user: AccountId,
) -> Result<Option<Role>, StoreError> {
    let text = "SELECT role FROM members WHERE organization_id = ?1 AND user_id = ?2";
    sql.one(text, &values![organization, user], cell)
}

fn other_owners(sql: &Sql<'_>, organization: OrganizationId, user: AccountId) -> Result<u64, StoreError> {
    let text = "SELECT COUNT(*) FROM members WHERE organization_id = ?1 AND role = 'owner' AND user_id <> ?2";
    sql.count(text, &values![organization, user])
}

pub(crate) fn set_member(
    sql: &Sql<'_>,
    organization: OrganizationId,
    user: AccountId,
    role: Role,
    now: Timestamp,
) -> Result<(), SetMemberError> {
    let exists = sql.count("SELECT COUNT(*) FROM organizations WHERE id = ?1", &values![organization])?;
    if exists == 0 || crate::users::by_id(sql, user)?.is_none() {
        return Err(SetMemberError::NotFound);
    }
    match role_of(sql, organization, user)? {
        Some(Role::Owner) if role != Role::Owner && other_owners(sql, organization, user)? == 0 => {
            return Err(SetMemberError::LastOwner);
        }
        Some(_) => {}
        None => refuse_too_many(sql, organization, user)?,
    }
    let text = "INSERT INTO members (organization_id, user_id, role, created_at) VALUES (?1, ?2, ?3, ?4) \
                ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role";
    sql.execute(text, &values![organization, user, role, now])?;
    if role != Role::Owner {
        invitations::end_those_of_inviter(sql, organization, user)?;
    }
    Ok(())
}

fn refuse_too_many(
    sql: &Sql<'_>,
    organization: OrganizationId,
    user: AccountId,
) -> Result<(), SetMemberError> {
    let memberships = sql.count("SELECT COUNT(*) FROM members WHERE user_id = ?1", &values![user])?;
    let full = member_count(sql, organization)? >= MAX_MEMBERS_PER_ORGANIZATION;
    if full || memberships >= MAX_MEMBERSHIPS_PER_USER { Err(SetMemberError::TooMany) } else { Ok(()) }
}

pub(crate) fn remove_member(
    sql: &Sql<'_>,
    organization: OrganizationId,
    user: AccountId,
) -> Result<Removal, StoreError> {
    match role_of(sql, organization, user)? {
        None => return Ok(Removal::NotAMember),
        Some(Role::Owner) if other_owners(sql, organization, user)? == 0 => return Ok(Removal::LastOwner),
        Some(_) => {}
    }
    let text = "DELETE FROM members WHERE organization_id = ?1 AND user_id = ?2";
    sql.execute(text, &values![organization, user])?;
    invitations::end_those_of_inviter(sql, organization, user)?;
    Ok(Removal::Removed)
}

/// What an account may do; `None` when there never was such an account.
pub(crate) fn access_of(sql: &Sql<'_>, user: AccountId) -> Result<Option<AccountAccess>, StoreError> {
    let text = "SELECT u.deleted_at IS NOT NULL, u.is_admin, u.guest, u.email_verified_at, u.created_at, \
                m.organization_id, m.role \
                FROM users u LEFT JOIN members m ON m.user_id = u.id WHERE u.id = ?1 ORDER BY m.organization_id";
    let mut access: Option<AccountAccess> = None;
    let memberships = sql.all(text, &values![user], |row| {
        access = Some(AccountAccess {
            deleted: row.next()?,
            is_admin: row.next()?,
            guest: row.next()?,
            verified_at: row.next()?,
            created_at: row.next()?,
            memberships: Vec::new(),
        });
        Ok(row.next::<Option<_>>()?.zip(row.next::<Option<_>>()?))
    })?;
    Ok(access
        .map(|access| AccountAccess { memberships: memberships.into_iter().flatten().collect(), ..access }))
}

/// Organizations that would have members but no owner if `user` left. Organizations whose only member is `user` are left out.
pub(crate) fn left_ownerless_without(
    sql: &Sql<'_>,
    user: AccountId,
) -> Result<Vec<OrganizationId>, StoreError> {
    let text = "SELECT m.organization_id FROM members m WHERE m.user_id = ?1 AND m.role = 'owner' \
                AND NOT EXISTS (SELECT 1 FROM members o WHERE o.organization_id = m.organization_id \
                                AND o.role = 'owner' AND o.user_id <> ?1) \
                AND EXISTS (SELECT 1 FROM members o WHERE o.organization_id = m.organization_id AND o.user_id <> ?1) \
                ORDER BY m.organization_id";
    sql.all(text, &values![user], cell)
}
