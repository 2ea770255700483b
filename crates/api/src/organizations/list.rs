//! `GET /organizations`.

use crate::handler::{ApiError, ApiState, Json, Paging, SignedIn, State};
use crate::organizations::access::page;
use crate::organizations::view::organization_json;
use fairseat_contract::organizations::Organizations;
use fairseat_store::organizations::Organization;

/// Your organizations
///
/// Administrators see all organizations.
#[utoipa::path(get, path = "/organizations", tag = "Organizations", params(Paging),
    responses((status = 200, body = Organizations)))]
pub(crate) async fn list_organizations(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    paging: Paging,
) -> Result<Json<Organizations>, ApiError> {
    let store = app.store.organizations();
    let (organizations, total) = if signed_in.is_admin() {
        let listing = store.list(page(paging)).await?;
        let of = |organization: Organization| {
            let role = signed_in.role_in(organization.id);
            organization_json(organization, role)
        };
        (listing.rows.into_iter().map(of).collect(), listing.total)
    } else {
        // The list is not paged by the database: an account is a member of few organizations.
        let own = store.of_user(signed_in.account).await?;
        let total = u64::try_from(own.len()).unwrap_or(u64::MAX);
        let (offset, limit) = (usize_of(paging.offset), usize_of(paging.limit));
        let part = own.into_iter().skip(offset).take(limit);
        (part.map(|own| organization_json(own.organization, Some(own.role))).collect(), total)
    };
    Ok(Json(Organizations { organizations, total, limit: paging.limit, offset: paging.offset }))
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
