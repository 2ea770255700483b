//! How much an organization may have: its members see it, administrators change it.

use crate::handler::*;
use crate::organizations::access::permitted;
use fairseat_contract::organizations::{QuotaAmounts, QuotaChange, QuotaView};
use fairseat_store::OrganizationId;
use fairseat_store::audit::AuditEntry;
use fairseat_store::quotas::{Amounts, OrganizationQuotas};

async fn view(app: &ApiState, organization: OrganizationId) -> Result<Json<QuotaView>, ApiError> {
    let OrganizationQuotas { limits, used, is_set } = app.store.quotas().of(organization, app.now()).await?;
    Ok(Json(QuotaView { limits: amounts(limits), used: amounts(used), set_by_administrator: is_set }))
}

fn amounts(amounts: Amounts) -> QuotaAmounts {
    let Amounts { draft_events, published_events, seats, venues, pictures } = amounts;
    QuotaAmounts { draft_events, published_events, seats, venues, pictures }
}

/// How much an organization may have, and has
///
/// Drafts, published events that are not over, seats (of its venues, and of its events that are not over), venues and pictures. What would be more is refused with 403
/// `quota_reached`. Organizations of one founder that have the usual amounts share them.
#[utoipa::path(get, path = "/organizations/{organization_id}/quota", tag = "Organizations",
    params(("organization_id" = Uuid, Path)),
    responses((status = 200, body = QuotaView), (status = 404, description = "No such organization of the caller's")))]
pub(crate) async fn quota(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(organization_id): Path<Uuid>,
) -> Result<Json<QuotaView>, ApiError> {
    let organization = permitted(&app, &caller, organization_id, Permission::SeeCatalogue).await?;
    view(&app, organization).await
}

/// Set how much an organization may have
///
/// For administrators. An amount that is left out becomes the usual one; with none at all, all of them do. What the organization has already
/// stays.
#[utoipa::path(put, path = "/organizations/{organization_id}/quota", tag = "Organizations",
    params(("organization_id" = Uuid, Path)), request_body = QuotaChange,
    responses((status = 200, body = QuotaView), (status = 404, description = "No such organization of the caller's")))]
pub(crate) async fn set_quota(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(organization_id): Path<Uuid>,
    Body(change): Body<QuotaChange>,
) -> Result<Json<QuotaView>, ApiError> {
    let organization = permitted(&app, &caller, organization_id, Permission::SeeCatalogue).await?;
    caller.require_admin()?;
    let QuotaChange { draft_events, published_events, seats, venues, pictures } = change;
    let given = [
        ("draft_events", draft_events),
        ("published_events", published_events),
        ("seats", seats),
        ("venues", venues),
        ("pictures", pictures),
    ];
    let mut check = Check::new();
    for (field, amount) in given {
        let fits = amount.is_none_or(|amount| amount <= Amounts::MAX);
        check.that(fits, field, "must be at most 1,000,000,000");
    }
    check.finish()?;
    let limits = given.iter().any(|(_, amount)| amount.is_some()).then(|| Amounts {
        draft_events: draft_events.unwrap_or(Amounts::USUAL.draft_events),
        published_events: published_events.unwrap_or(Amounts::USUAL.published_events),
        seats: seats.unwrap_or(Amounts::USUAL.seats),
        venues: venues.unwrap_or(Amounts::USUAL.venues),
        pictures: pictures.unwrap_or(Amounts::USUAL.pictures),
    });
    app.store.quotas().set(organization, limits).await?;
    let shown = amounts(limits.unwrap_or(Amounts::USUAL));
    let entry = app.audit_entry(caller.account, organization, "quota.set", organization_id.to_string());
    let detail = serde_json::to_string(&shown).map_err(Problem::internal)?;
    app.store.audit().record(vec![AuditEntry { detail, ..entry }]).await?;
    view(&app, organization).await
}
