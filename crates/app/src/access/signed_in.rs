//! An authenticated caller and their permissions.

use super::Permission;
use fairseat_domain::ids::AccountId;
use fairseat_store::organizations::{AccountAccess, Role};
use fairseat_store::{OrganizationId, SessionId};
use std::sync::Arc;

/// A caller with a valid token or cookie, an active session and an existing account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// What the account may do.
    pub access: Arc<AccountAccess>,
}

/// Why an authenticated caller may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    /// The object belongs to another organization, so for the caller it does not exist.
    #[error("the object is not visible to the caller")]
    NotFound,
    /// The caller's role in the organization does not include it.
    #[error("the caller's role does not permit this")]
    Role,
    /// Only accounts with an e-mail address may.
    #[error("a guest may not do this")]
    Guest,
    /// Only administrators of the platform may.
    #[error("only an administrator may do this")]
    AdminOnly,
    /// Only owners and managers of some organization may.
    #[error("only owners and managers may do this")]
    ManagerOnly,
}

impl SignedIn {
    /// Whether they administer the whole platform.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.access.is_admin
    }

    /// Whether they are a guest: an account without an address, for one browser.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.access.guest
    }

    /// Passes all but guests.
    ///
    /// # Errors
    /// [`AccessDenied::Guest`].
    pub fn require_address(&self) -> Result<(), AccessDenied> {
        if self.is_guest() { Err(AccessDenied::Guest) } else { Ok(()) }
    }

    /// Their role in an organization.
    #[must_use]
    pub fn role_in(&self, organization: OrganizationId) -> Option<Role> {
        let memberships = &self.access.memberships;
        memberships.iter().find(|(member_of, _)| *member_of == organization).map(|(_, role)| *role)
    }

    /// Passes administrators only.
    ///
    /// # Errors
    /// [`AccessDenied::AdminOnly`].
    pub fn require_admin(&self) -> Result<(), AccessDenied> {
        if self.is_admin() { Ok(()) } else { Err(AccessDenied::AdminOnly) }
    }

    /// Passes administrators, and members whose role in the organization includes `permission`. For an administrator the organization need
    /// not exist.
    ///
    /// # Errors
    /// [`AccessDenied::NotFound`] for an organization of which they are not a member, [`AccessDenied::Role`] in their own.
    pub fn require(&self, organization: OrganizationId, permission: Permission) -> Result<(), AccessDenied> {
        if self.is_admin() {
            return Ok(());
        }
        match self.role_in(organization) {
            None => Err(AccessDenied::NotFound),
            Some(role) if permission.is_given_to(role) => Ok(()),
            Some(_) => Err(AccessDenied::Role),
        }
    }

    /// Passes administrators, and members who manage the catalogue of at least one organization.
    ///
    /// # Errors
    /// [`AccessDenied::ManagerOnly`].
    pub fn require_manager(&self) -> Result<(), AccessDenied> {
        let manages = self.managed_organizations().next().is_some();
        if self.is_admin() || manages { Ok(()) } else { Err(AccessDenied::ManagerOnly) }
    }

    /// The organizations whose catalogue they manage.
    pub fn managed_organizations(&self) -> impl Iterator<Item = OrganizationId> + '_ {
        let managed = |(_, role): &&(OrganizationId, Role)| Permission::ManageCatalogue.is_given_to(*role);
        self.access.memberships.iter().filter(managed).map(|(organization, _)| *organization)
    }
}
