//! `PUT /events/{event_id}/seating-plan`: replaces an event's seating plan.

use crate::accounts::letters::permit_telling_holders;
use crate::caller::turn_keys;
use crate::commands::{sender, submit};
use crate::events::access::event_for;
use crate::events::edit_tag;
use crate::handler::*;
use crate::plan_import;
use axum::extract::Request;
use fairseat_app::catalogue::claims::with_claim;
use fairseat_app::catalogue::plan_changes::{PlanDifference, relabelled};
use fairseat_contract::plans::{PlanChanged, Relabelled};
use fairseat_domain::Command;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_edge::body;
use fairseat_edge::body::PLAN_BODY_BYTES;
use fairseat_problems::refusals::SeatFields;
use fairseat_store::quotas::Claim;
use serde_json::value::RawValue;

/// What may be done to the plan or with it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Options {
    /// Renumber seats whose `seat_guid` or label (section, row and number) another seat has, instead of refusing the plan
    #[serde(default)]
    #[param(required = false)]
    repair: bool,
    /// Give labels that sold tickets bear to other seats, if the plan does so, instead of refusing it with `labels_in_use`
    #[serde(default)]
    #[param(required = false)]
    confirm_relabelled: bool,
}

/// The most sold seats with other labels that an answer lists.
const MAX_RELABELLED: usize = 1_000;

/// Replaces an event's seating plan
///
/// The body is a plan, or `{"seating_plan": …}`. Seats are matched by `seat_guid`; sold seats stay sold. Sold seats whose label
/// (section, row and number) is another in the new plan are listed in `relabelled`, and their buyers are told by e-mail. A plan that
/// gives the label of a sold ticket to another seat is refused with 409 `labels_in_use`, which lists them, unless
/// `confirm_relabelled=true`.
#[utoipa::path(put, path = "/events/{event_id}/seating-plan", tag = "Events",
    params(("event_id" = Uuid, Path), Options, IfMatchHeader), request_body = Object,
    responses((status = 200, body = PlanChanged), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn change_plan(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(options): Query<Options>,
    Extension(context): Extension<RequestContext>,
    if_match: IfMatch,
    request: Request,
) -> Result<Json<PlanChanged>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let (body, _) = body::receive::<Box<RawValue>>(request, PLAN_BODY_BYTES, Some(caller.account)).await?;
    let keys = turn_keys(context.client, caller.account.0);
    let taken = plan_import::import_document(body, options.repair, keys).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let (event, published) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    edit_tag::check(&app, &if_match, &event, &published.state).await?;
    permit_telling_holders(&app, &published.state).await?;
    let seats = |plan: &SeatingPlan| u64::try_from(plan.seat_count()).unwrap_or(u64::MAX);
    let claim = Some(Claim::Seats { before: seats(published.state.plan()), after: seats(&taken.plan) });
    let command = Command::ChangePlan { plan: taken.plan, reuse_labels: options.confirm_relabelled };
    let who = sender(caller.account, &context);
    let none = SeatFields::none();
    let change = submit(&app, who, event.number, command, &none);
    let accepted = with_claim(&app, event.number, claim, change).await?;
    let (before, sale) = (published.state.plan(), &accepted.published.state);
    let PlanDifference { kept, added, removed } = PlanDifference::of(before, sale.plan());
    let repairs = plan_import::repaired(&taken.repairs);
    let relabelled = relabelled(before, sale).take(MAX_RELABELLED);
    let relabelled = relabelled
        .map(|(seat, from, to)| Relabelled { seat_id: app.ids.seat(sale.event(), seat), from, to })
        .collect();
    let renumbered = plan_import::renumbered(&taken.renumbered);
    let left_out = plan_import::left_out(taken.left_out);
    Ok(Json(PlanChanged { kept, added, removed, relabelled, repairs, renumbered, left_out }))
}
