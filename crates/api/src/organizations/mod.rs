//! Organizations: who owns venues and events.
//!
//! What must always hold: an organization with members has an owner; an organization does not exist for who is not in it.

mod members;

use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, Repeatable};
use crate::state::ApiState;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_app::access::Permission;
use fairseat_contract::JsonTime;
use fairseat_edge::check::Check;
use fairseat_edge::json::Json;
use fairseat_edge::problem::{Code, Problem};
use fairseat_edge::query::Paging;
use fairseat_store::organizations::{Organization, Role, SetMemberError};
use fairseat_store::{OrganizationId, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=200;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(list_organizations, found_organization))
        .with(routes!(members::list_members, members::set_member, members::remove_member_by_query))
        .with(routes!(members::remove_member))
}

#[derive(Deserialize, ToSchema)]
struct NewOrganization {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
struct OrganizationJson {
    organization_id: Uuid,
    name: String,
    /// Your role in it; null for an administrator who is not a member
    role: Option<RoleJson>,
    created_at: JsonTime,
}

impl OrganizationJson {
    fn of(organization: Organization, role: Option<Role>) -> Self {
        Self {
            organization_id: organization.id.0,
            name: organization.name,
            role: role.map(RoleJson::from),
            created_at: JsonTime(organization.created_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Organizations {
    organizations: Vec<OrganizationJson>,
    total: u64,
    limit: u32,
    offset: u32,
}

/// What a member may do
///
/// `owner`: everything. `manager`: everything but who is a member. `finance`: orders and refunds. `staff`: the
/// door and the counter.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrganizationRole)]
enum RoleJson {
    Owner,
    Manager,
    Finance,
    Staff,
}

impl From<Role> for RoleJson {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Manager => Self::Manager,
            Role::Finance => Self::Finance,
            Role::Staff => Self::Staff,
        }
    }
}

impl From<RoleJson> for Role {
    fn from(role: RoleJson) -> Self {
        match role {
            RoleJson::Owner => Self::Owner,
            RoleJson::Manager => Self::Manager,
            RoleJson::Finance => Self::Finance,
            RoleJson::Staff => Self::Staff,
        }
    }
}

/// Your organizations
///
/// An administrator sees all.
#[utoipa::path(get, path = "/organizations", tag = "Organizations", params(Paging),
    responses((status = 200, body = Organizations)))]
async fn list_organizations(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    paging: Paging,
) -> Result<Json<Organizations>, ApiError> {
    let store = app.store.organizations();
    let (organizations, total) = if signed_in.is_admin() {
        let listing = store.list(page(paging)).await?;
        let of = |organization: Organization| {
            let role = signed_in.role_in(organization.id);
            OrganizationJson::of(organization, role)
        };
        (listing.rows.into_iter().map(of).collect(), listing.total)
    } else {
        // As many as somebody may be a member of, which is few.
        let own = store.of_user(signed_in.account).await?;
        let total = u64::try_from(own.len()).unwrap_or(u64::MAX);
        let (offset, limit) = (usize_of(paging.offset), usize_of(paging.limit));
        let part = own.into_iter().skip(offset).take(limit);
        (part.map(|own| OrganizationJson::of(own.organization, Some(own.role))).collect(), total)
    };
    Ok(Json(Organizations { organizations, total, limit: paging.limit, offset: paging.offset }))
}

/// Found an organization
///
/// You are its first owner.
#[utoipa::path(post, path = "/organizations", tag = "Organizations", params(IdempotencyHeader),
    request_body = NewOrganization, responses((status = 201, body = OrganizationJson)))]
async fn found_organization(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Repeatable { body, repeat }: Repeatable<NewOrganization>,
) -> Result<Answer, ApiError> {
    let mut check = Check::new();
    let name = check.text("name", &body.name, NAME_CHARS);
    check.finish()?;
    let (doing, owner) = (app.clone(), signed_in.account);
    let found = move |claimed: Claimed| async move {
        let organizations = doing.store.organizations();
        let founded = match claimed.entered {
            Some(id) => organizations
                .by_id(OrganizationId(Uuid::from_u128(id)))
                .await?
                .ok_or_else(Problem::not_found)?,
            None => {
                let founded = organizations.create(name, owner, claimed.key, doing.now()).await;
                doing.access.access_changed(owner);
                founded.map_err(set_member_problem)?
            }
        };
        Answer::json(StatusCode::CREATED, &OrganizationJson::of(founded, Some(Role::Owner)))
    };
    repeat.once(&app, Some(owner), found).await
}

/// An organization that exists for the caller, who may do this in it.
pub(super) async fn permitted(
    app: &ApiState,
    signed_in: &SignedIn,
    organization: Uuid,
    permission: Permission,
) -> Result<OrganizationId, ApiError> {
    let id = OrganizationId(organization);
    signed_in.require(id, permission)?;
    if signed_in.role_in(id).is_none() {
        // An administrator may ask about anything, also what is not there.
        app.store.organizations().by_id(id).await?.ok_or_else(Problem::not_found)?;
    }
    Ok(id)
}

fn set_member_problem(error: SetMemberError) -> ApiError {
    match error {
        SetMemberError::NotFound => Problem::not_found().into(),
        SetMemberError::LastOwner => last_owner().into(),
        SetMemberError::TooMany => {
            let detail = "The organization has too many members, or the person is a member of too many.";
            Problem::new(Code::Conflict, detail).into()
        }
        SetMemberError::Store(error) => error.into(),
    }
}

fn last_owner() -> Problem {
    Problem::new(Code::Conflict, "The last owner must stay: make somebody else owner first.")
}

fn page(paging: Paging) -> Page {
    Page { limit: paging.limit, offset: u64::from(paging.offset) }
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
