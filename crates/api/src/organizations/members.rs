//! The members of an organization.

use crate::accounts::fields::check_email;
use crate::handler::{
    ApiError, ApiState, Check, EditTag, IfMatch, IfMatchHeader, Json, LimitedCaller, Paging, Path,
    Permission, Problem, Query, RateLimit, Response, SignedIn, State, StatusCode, Uuid,
};
use crate::idempotency::{Answer, IdempotencyHeader, IdempotentBody};
use crate::organizations::access::{last_owner, page, permitted, set_member_problem};
use crate::organizations::view::{role_json, role_of};
use fairseat_contract::organizations::{MemberJson, Members, NewMember, NewMemberSchema};

use fairseat_app::ids::account_uuid;
use fairseat_contract::JsonTime;
use fairseat_domain::ids::AccountId;
use fairseat_store::audit::AuditEntry;
use fairseat_store::limits::MAX_MEMBERS_PER_ORGANIZATION;
use fairseat_store::organizations::{Member, Removal};
use fairseat_store::users::User;
use fairseat_store::{OrganizationId, Page};
use serde::Deserialize;
use utoipa::IntoParams;

fn member_json(member: Member) -> MemberJson {
    MemberJson {
        user_id: account_uuid(member.user),
        email: member.email,
        username: member.username,
        role: role_json(member.role),
        created_at: Some(JsonTime(member.created_at)),
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichMember {
    user_id: Uuid,
}

/// The edit tag of the list of members: it names all of them with their roles.
async fn edit_tag(app: &ApiState, organization: OrganizationId) -> Result<EditTag, ApiError> {
    let everybody =
        Page { limit: u32::try_from(MAX_MEMBERS_PER_ORGANIZATION).unwrap_or(u32::MAX), offset: 0 };
    let members = app.store.organizations().members(organization, everybody).await?;
    let roles = members.rows.iter().map(|member| (account_uuid(member.user), member.role.name()));
    Ok(EditTag::of(&roles.collect::<Vec<_>>()))
}

/// Members of an organization
#[utoipa::path(get, path = "/organizations/{organization_id}/members", tag = "Organizations", params(Paging),
    responses((status = 200, body = Members)))]
pub(crate) async fn list_members(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    paging: Paging,
) -> Result<Response, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::SeeMembers).await?;
    let listing = app.store.organizations().members(organization, page(paging)).await?;
    let members = listing.rows.into_iter().map(member_json).collect();
    let body = Members { members, total: listing.total, limit: paging.limit, offset: paging.offset };
    Ok(edit_tag(&app, organization).await?.on(Json(body)))
}

/// Add a member
///
/// Or change the role of a member. The person must have an account.
#[utoipa::path(post, path = "/organizations/{organization_id}/members", tag = "Organizations",
    params(IdempotencyHeader, IfMatchHeader), request_body = NewMemberSchema,
    responses((status = 201, body = MemberJson), (status = 409, description = "The last owner must stay one")))]
pub(crate) async fn set_member(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    if_match: IfMatch,
    IdempotentBody { body, key }: IdempotentBody<NewMember>,
) -> Result<Answer, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::ManageMembers).await?;
    // Like registering, this reveals whether an address has an account, so it has the same limit.
    app.check_limit(RateLimit::Registration, LimitedCaller::Account(signed_in.account))?;
    let (doing, by) = (app.clone(), signed_in.account);
    let set = |_| async move {
        let role = body.role;
        if_match.check(&edit_tag(&doing, organization).await?)?;
        let user = find_user(&doing, &body).await?;
        let detail = serde_json::json!({"role": role_of(role).name()});
        let entry = member_entry(&doing, by, organization, ("member.set", user.id), &detail);
        let set = doing.store.audit().set_member(user.id, role_of(role), entry).await;
        doing.access.access_changed(user.id);
        set.map_err(set_member_problem)?;
        let User { id, email, username, .. } = user;
        let member = MemberJson { user_id: account_uuid(id), email, username, role, created_at: None };
        Answer::json(StatusCode::CREATED, &member)
    };
    key.once(&app, Some(signed_in.account), set).await
}

/// Remove a member
#[utoipa::path(delete, path = "/organizations/{organization_id}/members/{user_id}", tag = "Organizations",
    params(IfMatchHeader),
    responses((status = 204, description = "No longer a member"), (status = 409, description = "The last owner must stay")))]
pub(crate) async fn remove_member(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path((organization_id, user_id)): Path<(Uuid, Uuid)>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    remove(&app, &signed_in, organization_id, user_id, &if_match).await
}

/// Remove a member, named in the query
#[utoipa::path(delete, path = "/organizations/{organization_id}/members", tag = "Organizations",
    params(WhichMember, IfMatchHeader),
    responses((status = 204, description = "No longer a member"), (status = 409, description = "The last owner must stay")))]
pub(crate) async fn remove_member_by_query(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    Query(WhichMember { user_id }): Query<WhichMember>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    remove(&app, &signed_in, organization_id, user_id, &if_match).await
}

/// Members who may manage members may remove anybody; all others may only remove themselves.
pub(crate) async fn remove(
    app: &ApiState,
    signed_in: &SignedIn,
    organization: Uuid,
    user: Uuid,
    if_match: &IfMatch,
) -> Result<StatusCode, ApiError> {
    let user = AccountId(user.as_u128());
    let needed = if user == signed_in.account { Permission::SeeCatalogue } else { Permission::ManageMembers };
    let organization = permitted(app, signed_in, organization, needed).await?;
    if_match.check(&edit_tag(app, organization).await?)?;
    let detail = serde_json::json!({});
    let entry = member_entry(app, signed_in.account, organization, ("member.removed", user), &detail);
    let removal = app.store.audit().remove_member(user, entry).await?;
    app.access.access_changed(user);
    match removal {
        Removal::Removed => Ok(StatusCode::NO_CONTENT),
        Removal::NotAMember => Err(Problem::not_found().into()),
        Removal::LastOwner => Err(last_owner().into()),
    }
}

pub(crate) fn member_entry(
    app: &ApiState,
    actor: AccountId,
    organization: OrganizationId,
    (action, of): (&str, AccountId),
    detail: &serde_json::Value,
) -> AuditEntry {
    AuditEntry {
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
        (Some(email), None) => {
            let mut check = Check::new();
            let email = check_email(&mut check, "email", email);
            check.finish()?;
            ("email", users.by_email(&email).await?)
        }
        (None, Some(id)) => ("user_id", users.by_id(AccountId(id.as_u128())).await?),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::invalid("email", "either email or user_id is required, not both").into());
        }
    };
    Ok(found.ok_or_else(|| Problem::invalid(field, "has no account: they must register first"))?)
}
