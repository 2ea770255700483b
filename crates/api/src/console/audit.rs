//! The trail of an organization: who did what, and when.

use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::organizations::permitted;
use crate::state::ApiState;
use axum::extract::State;
use fairseat_app::access::Permission;
use fairseat_app::ids::account_uuid;
use fairseat_contract::JsonTime;
use fairseat_domain::ids::AccountId;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::{Paging, Path};
use fairseat_store::Page;
use fairseat_store::audit::ShownLine;
use fairseat_store::events::Lifecycle;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(trail))
}

/// Deeds, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Trail {
    entries: Vec<Deed>,
    total: u64,
    limit: u32,
    offset: u32,
}

/// Who did what.
#[derive(Debug, Serialize, ToSchema)]
struct Deed {
    at: JsonTime,
    user_id: Uuid,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// As `object.verb`: `event.created`, `event.terms_changed`, `event.prices_changed`, `event.plan_changed`,
    /// `event.image_set`, `event.image_removed`, `event.cancelled`, `event.withdrawn`, `seats.blocked`, `seats.unblocked`, `box_office.sold`, `order.cancelled`,
    /// `refund.handed_out`, `member.set`, `member.removed`, `orders.exported`, `attendees.exported`; more may come
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    event_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    event_name: Option<String>,
    /// True where the event was deleted since; else absent
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    event_deleted: bool,
    /// The id of what it was done to: an event, an order, an account
    object_id: String,
    /// What the account it was done to is called now; absent for everything else, and for accounts that are gone
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    object_name: Option<String>,
    /// More about it, by kind of deed
    #[schema(value_type = Object)]
    detail: Box<RawValue>,
}

impl Deed {
    async fn of(app: &ApiState, shown: ShownLine) -> Result<Self, ApiError> {
        let ShownLine { line, username, email, event_name, event_lifecycle } = shown;
        let account = Uuid::try_parse(&line.object).ok().filter(|_| line.action.starts_with("member."));
        let object_name = match account {
            Some(id) => app.store.users().by_id(AccountId(id.as_u128())).await?,
            None => None,
        };
        Ok(Self {
            object_name: object_name.map(|user| user.username),
            at: JsonTime(line.at),
            user_id: account_uuid(line.actor),
            username,
            email,
            action: line.action,
            event_id: line.event.map(|event| app.ids.event(event)),
            event_name,
            event_deleted: event_lifecycle == Some(Lifecycle::Deleted),
            object_id: line.object,
            detail: RawValue::from_string(line.detail).map_err(Problem::internal)?,
        })
    }
}

/// Who did what
///
/// In the organization and its events, the newest first. For its owners and managers.
#[utoipa::path(get, path = "/organizations/{organization_id}/audit", tag = "Console",
    params(("organization_id" = Uuid, Path), Paging), responses((status = 200, body = Trail),
        (status = 404, description = "No such organization of the caller's")))]
async fn trail(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(organization_id): Path<Uuid>,
    paging: Paging,
) -> Result<Json<Trail>, ApiError> {
    let organization = permitted(&app, &caller, organization_id, Permission::SeeAudit).await?;
    let Paging { limit, offset } = paging;
    let page = Page { limit, offset: u64::from(offset) };
    let found = app.store.audit().list(organization, page).await?;
    let mut entries = Vec::with_capacity(found.rows.len());
    for shown in found.rows {
        entries.push(Deed::of(&app, shown).await?);
    }
    Ok(Json(Trail { entries, total: found.total, limit, offset }))
}
