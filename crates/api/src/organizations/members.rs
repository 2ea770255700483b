//! Who is a member of an organization.

use super::{RoleJson, last_owner, page, permitted, set_member_problem};
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::idempotency::{Answer, IdempotencyHeader, Repeatable};
use crate::state::ApiState;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_app::access::Permission;
use fairseat_app::ids::account_uuid;
use fairseat_contract::JsonTime;
use fairseat_domain::ids::AccountId;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_edge::problem::Problem;
use fairseat_edge::query::{Paging, Path, Query};
use fairseat_store::OrganizationId;
use fairseat_store::audit::Line;
use fairseat_store::organizations::{Member, Removal, Role};
use fairseat_store::users::User;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Who is to be a member, as [`NewMemberSchema`] describes it.
#[derive(Deserialize)]
pub(super) struct NewMember {
    email: Option<String>,
    user_id: Option<Uuid>,
    role: RoleJson,
}

/// Who is to be a member; `email` or `user_id`, not both.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = NewMember)]
#[expect(dead_code, reason = "describes a body; NewMember is read")]
pub(super) enum NewMemberSchema {
    ByEmail {
        #[schema(format = Email)]
        email: String,
        role: RoleJson,
    },
    ById {
        user_id: Uuid,
        role: RoleJson,
    },
}

#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
struct MemberJson {
    user_id: Uuid,
    email: String,
    username: String,
    role: RoleJson,
    /// When they became a member; in the list
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    created_at: Option<JsonTime>,
}

impl From<Member> for MemberJson {
    fn from(member: Member) -> Self {
        Self {
            user_id: account_uuid(member.user),
            email: member.email,
            username: member.username,
            role: member.role.into(),
            created_at: Some(JsonTime(member.created_at)),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Members {
    members: Vec<MemberJson>,
    total: u64,
    limit: u32,
    offset: u32,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichMember {
    user_id: Uuid,
}

/// Members of an organization
#[utoipa::path(get, path = "/organizations/{organization_id}/members", tag = "Organizations", params(Paging),
    responses((status = 200, body = Members)))]
pub(super) async fn list_members(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    paging: Paging,
) -> Result<Json<Members>, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::SeeMembers).await?;
    let listing = app.store.organizations().members(organization, page(paging)).await?;
    let members = listing.rows.into_iter().map(MemberJson::from).collect();
    Ok(Json(Members { members, total: listing.total, limit: paging.limit, offset: paging.offset }))
}

/// Add a member
///
/// Or give one another role. They must have an account.
#[utoipa::path(post, path = "/organizations/{organization_id}/members", tag = "Organizations",
    params(IdempotencyHeader), request_body = NewMemberSchema,
    responses((status = 201, body = MemberJson), (status = 409, description = "The last owner must stay one")))]
pub(super) async fn set_member(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    Repeatable { body, repeat }: Repeatable<NewMember>,
) -> Result<Answer, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::ManageMembers).await?;
    // Like registering, this tells whether an address has an account, so it is limited like it.
    app.check_limit(Class::Registration, Who::Account(signed_in.account))?;
    let (doing, by) = (app.clone(), signed_in.account);
    let set = |_| async move {
        let role = body.role;
        let user = find_user(&doing, &body).await?;
        let detail = serde_json::json!({"role": Role::from(role).name()});
        let line = line(&doing, by, organization, ("member.set", user.id), &detail);
        let set = doing.store.audit().set_member(user.id, role.into(), line).await;
        doing.access.access_changed(user.id);
        set.map_err(set_member_problem)?;
        let User { id, email, username, .. } = user;
        let member = MemberJson { user_id: account_uuid(id), email, username, role, created_at: None };
        Answer::json(StatusCode::CREATED, &member)
    };
    repeat.once(&app, Some(signed_in.account), set).await
}

/// Remove a member
#[utoipa::path(delete, path = "/organizations/{organization_id}/members/{user_id}", tag = "Organizations",
    responses((status = 204, description = "No longer a member"), (status = 409, description = "The last owner must stay")))]
pub(super) async fn remove_member(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path((organization_id, user_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    remove(&app, &signed_in, organization_id, user_id).await
}

/// Remove a member, named in the query
#[utoipa::path(delete, path = "/organizations/{organization_id}/members", tag = "Organizations",
    params(WhichMember),
    responses((status = 204, description = "No longer a member"), (status = 409, description = "The last owner must stay")))]
pub(super) async fn remove_member_by_query(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    Query(WhichMember { user_id }): Query<WhichMember>,
) -> Result<StatusCode, ApiError> {
    remove(&app, &signed_in, organization_id, user_id).await
}

/// Who may manage members may remove any; everybody else may leave.
async fn remove(
    app: &ApiState,
    signed_in: &SignedIn,
    organization: Uuid,
    user: Uuid,
) -> Result<StatusCode, ApiError> {
    let user = AccountId(user.as_u128());
    let needed = if user == signed_in.account { Permission::SeeCatalogue } else { Permission::ManageMembers };
    let organization = permitted(app, signed_in, organization, needed).await?;
    let detail = serde_json::json!({});
    let line = line(app, signed_in.account, organization, ("member.removed", user), &detail);
    let removal = app.store.audit().remove_member(user, line).await?;
    app.access.access_changed(user);
    match removal {
        Removal::Removed => Ok(StatusCode::NO_CONTENT),
        Removal::NotAMember => Err(Problem::not_found().into()),
        Removal::LastOwner => Err(last_owner().into()),
    }
}

fn line(
    app: &ApiState,
    actor: AccountId,
    organization: OrganizationId,
    (action, of): (&str, AccountId),
    detail: &serde_json::Value,
) -> Line {
    Line {
        dedupe_key: format!("member:{}", Uuid::new_v4()),
        organization,
        at: app.now(),
        actor,
        action: action.to_owned(),
        event: None,
        object: account_uuid(of).to_string(),
        detail: detail.to_string(),
    }
}

async fn find_user(app: &ApiState, new: &NewMember) -> Result<User, ApiError> {
    let users = app.store.users();
    let (field, found) = match (&new.email, new.user_id) {
        (Some(email), None) => ("email", users.by_email(email).await?),
        (None, Some(id)) => ("user_id", users.by_id(AccountId(id.as_u128())).await?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::invalid("email", "either email or user_id is required, not both").into());
        }
    };
    Ok(found.ok_or_else(|| Problem::invalid(field, "has no account: they must register first"))?)
}
