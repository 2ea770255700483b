//! The audit trail of an organization: who did what, and when.

use crate::handler::*;
use crate::organizations::access::permitted;
use fairseat_app::ids::account_uuid;
use fairseat_contract::organizations::{AuditEntry, AuditPage};
use fairseat_domain::ids::AccountId;
use fairseat_store::Page;
use fairseat_store::audit::AuditEntryWithNames;
use fairseat_store::events::Lifecycle;
use serde_json::value::RawValue;

pub(crate) async fn audit_entry(app: &ApiState, shown: AuditEntryWithNames) -> Result<AuditEntry, ApiError> {
    let AuditEntryWithNames { entry, username, email, event_name, event_lifecycle } = shown;
    let account = Uuid::try_parse(&entry.object).ok().filter(|_| entry.action.starts_with("member."));
    let object_name = match account {
        Some(id) => app.store.users().by_id(AccountId(id.as_u128())).await?,
        None => None,
    };
    Ok(AuditEntry {
        object_name: object_name.map(|user| user.username),
        at: JsonTime(entry.at),
        user_id: account_uuid(entry.actor),
        username,
        email,
        action: entry.action,
        event_id: entry.event.map(|event| app.ids.event(event)),
        event_name,
        event_deleted: event_lifecycle == Some(Lifecycle::Deleted),
        object_id: entry.object,
        detail: RawValue::from_string(entry.detail).map_err(Problem::internal)?,
    })
}

/// Who did what
///
/// In the organization and its events, the newest first. For its owners and managers.
#[utoipa::path(get, path = "/organizations/{organization_id}/audit", tag = "Console",
    params(("organization_id" = Uuid, Path), Paging), responses((status = 200, body = AuditPage),
        (status = 404, description = "No such organization of the caller's")))]
pub(crate) async fn trail(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(organization_id): Path<Uuid>,
    paging: Paging,
) -> Result<Json<AuditPage>, ApiError> {
    let organization = permitted(&app, &caller, organization_id, Permission::SeeAudit).await?;
    let Paging { limit, offset } = paging;
    let page = Page { limit, offset: u64::from(offset) };
    let found = app.store.audit().list(organization, page).await?;
    let mut entries = Vec::with_capacity(found.rows.len());
    for shown in found.rows {
        entries.push(audit_entry(&app, shown).await?);
    }
    Ok(Json(AuditPage { entries, total: found.total, limit, offset }))
}
