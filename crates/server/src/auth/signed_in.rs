//! Who makes a request: an argument of every handler that is not for everybody.

use super::{Grant, Permission, cookies};
use crate::app::{App, AppState};
use crate::http::problem::Problem;
use crate::http::rate_limit::{Class, Who};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use fairseat_store::organizations::{Access, Role};
use fairseat_store::{OrganizationId, SessionId};
use std::sync::Arc;

/// Somebody with a living account, a session that is going on, and a token for it. Without one: 401.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: AccountId,
    /// From where.
    pub session: SessionId,
    /// What they may do.
    pub access: Arc<Access>,
}

/// Somebody signed in, or anybody. A token that came and is not valid is refused all the same: its sender believes to be
/// signed in.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

impl MaybeSignedIn {
    /// Who sent these headers; for a route that only sometimes has to know.
    ///
    /// # Errors
    /// `unauthenticated` for a token that came and is not valid.
    pub async fn sender(app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        authenticate(app, headers).await.map(Self)
    }
}

impl SignedIn {
    /// Whether they administer the whole platform.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.access.is_admin
    }

    /// Their role in an organization.
    #[must_use]
    pub fn role_in(&self, organization: OrganizationId) -> Option<Role> {
        let memberships = &self.access.memberships;
        memberships.iter().find(|(member_of, _)| *member_of == organization).map(|(_, role)| *role)
    }

    /// Only administrators pass.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require_admin(&self) -> Result<(), Problem> {
        if self.is_admin() { Ok(()) } else { Err(Problem::forbidden("Only an administrator may do this.")) }
    }

    /// Only who has `permission` in the organization that owns the object passes. An administrator passes whether the
    /// organization exists or not.
    ///
    /// # Errors
    /// `not_found` in a foreign organization, whose objects do not exist for the caller; `forbidden` in their own.
    pub fn require(&self, organization: OrganizationId, permission: Permission) -> Result<(), Problem> {
        if self.is_admin() {
            return Ok(());
        }
        match self.role_in(organization) {
            None => Err(Problem::not_found()),
            Some(role) if permission.is_given_to(role) => Ok(()),
            Some(_) => Err(Problem::forbidden("Your role in the organization does not include this.")),
        }
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let nobody = || Problem::unauthenticated("Send an access token as Authorization: Bearer <token>.");
        authenticate(app, &parts.headers).await?.ok_or_else(nobody)
    }
}

impl FromRequestParts<AppState> for MaybeSignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        authenticate(app, &parts.headers).await.map(Self)
    }
}

async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, Problem> {
    let now = app.now();
    let Some(value) = headers.get(header::AUTHORIZATION) else { return by_cookie(app, headers, now).await };
    let refused = || Problem::unauthenticated("The access token is not valid, or no longer. Sign in again.");
    let token = value.to_str().ok().and_then(bearer).ok_or_else(refused)?;
    let grant = app.auth.tokens.verify(token, now).ok_or_else(refused)?;
    granted(app, grant, now).await?.ok_or_else(refused).map(Some)
}

/// A cookie that is over is nobody's: a browser goes on sending it, also where everybody may come.
async fn by_cookie(app: &App, headers: &HeaderMap, now: Timestamp) -> Result<Option<SignedIn>, Problem> {
    let Some(token) = cookies::token(headers) else { return Ok(None) };
    match app.auth.cookies.grant(&app.platform.store, token, now).await? {
        Some(grant) => granted(app, grant, now).await,
        None => Ok(None),
    }
}

async fn granted(app: &App, grant: Grant, now: Timestamp) -> Result<Option<SignedIn>, Problem> {
    let Some(access) = app.auth.access.of(&app.platform.store, grant, now).await? else { return Ok(None) };
    let Grant { account, session, .. } = grant;
    app.check_limit(Class::ApiByAccount, Who::Account(account))?;
    Ok(Some(SignedIn { account, session, access }))
}

/// The token of a header; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
