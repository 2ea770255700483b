//! The members of an organization: listing and removing them. People become members by accepting an invitation.

use crate::handler::*;
use crate::organizations::access::{page, permitted};
use crate::organizations::view::role_json;
use fairseat_app::ids::account_uuid;
use fairseat_app::membership;
use fairseat_contract::organizations::{MemberJson, Members};
use fairseat_domain::ids::AccountId;
use fairseat_problems::errors::last_owner;
use fairseat_store::limits::MAX_MEMBERS_PER_ORGANIZATION;
use fairseat_store::organizations::{Member, Removal};
use fairseat_store::{OrganizationId, Page};

pub(crate) fn member_json(member: Member) -> MemberJson {
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
pub(crate) async fn edit_tag(app: &ApiState, organization: OrganizationId) -> Result<EditTag, ApiError> {
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

/// Remove a member
///
/// Owners remove anybody. Everybody can leave by themselves, except the only owner.
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
    match membership::remove(app, signed_in.account, organization, user).await? {
        Removal::Removed => Ok(StatusCode::NO_CONTENT),
        Removal::NotAMember => Err(Problem::not_found().into()),
        Removal::LastOwner => Err(last_owner().into()),
    }
}
