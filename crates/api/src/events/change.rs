//! Changes to an event while it lives: its words, terms, prices and plan.
//!
//! The sale is changed first and the row follows it; should the server end in between, the consumer `event_rows` of the journals makes the
//! row follow. What was reserved or bought before keeps its price and its conditions.

use super::input::{Times, check_category, check_description, check_max_tickets, check_name};
use super::read::event_for;
use super::terms::{self, FeesInput, PriceTiers, RefundPolicyInput};
use super::view::EventView;
use crate::caller::SignedIn;
use crate::commands::{sender, submit};
use crate::error::ApiError;
use crate::plan_import::{self, LeftOut, Repaired};
use crate::refusals::SeatFields;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use fairseat_app::access::Permission;
use fairseat_app::catalogue::rows::{self, OwnWords};
use fairseat_contract::JsonTime;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::{PriceTier, Terms, TermsChange};
use fairseat_domain::{Command, Sale};
use fairseat_edge::body::{Body, PLAN_BODY_BYTES};
use fairseat_edge::check::Check;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::{Path, Query};
use fairseat_store::events::EventDetails;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct EventChanges {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    category: Option<String>,
    /// Ticket holders are told of new times
    start_time: Option<JsonTime>,
    end_time: Option<JsonTime>,
    on_sale_time: Option<JsonTime>,
    /// Moves with `start_time` where it was the same
    sales_end_time: Option<JsonTime>,
    /// All prices, for future reservations
    #[schema(value_type = Option<BTreeMap<String, f64>>)]
    price_tiers: Option<PriceTiers>,
    #[schema(minimum = 1, maximum = 1000)]
    max_tickets_per_user: Option<u32>,
    fees: Option<FeesInput>,
    refund_policy: Option<RefundPolicyInput>,
    /// `false` publishes a draft; `true` takes an event back while nothing was sold
    draft: Option<bool>,
    /// Cannot change
    #[schema(value_type = Option<String>)]
    currency: Option<IgnoredAny>,
    /// Cannot change
    #[schema(value_type = Option<String>)]
    venue_id: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    waiting_room: Option<IgnoredAny>,
    /// Not offered yet
    #[schema(value_type = Option<Object>)]
    resale: Option<IgnoredAny>,
}

/// Checked changes in the words of those who carry them out.
struct Wanted {
    own: OwnWords,
    terms: TermsChange,
    tiers: Option<Vec<PriceTier>>,
}

impl EventChanges {
    fn wanted(&self, row: &EventDetails, sale: &Sale) -> Result<Wanted, ApiError> {
        let mut check = Check::new();
        let currency = sale.terms().currency;
        let own = OwnWords {
            name: self.name.as_deref().map(|name| check_name(&mut check, name)),
            description: self.description.as_deref().map(|text| check_description(&mut check, text)),
            category: self.category.as_deref().map(|category| check_category(&mut check, category)),
            ends_at: self.end_time.map(|time| time.0),
        };
        let terms = self.terms(&mut check, row, sale.terms());
        let sent = self.price_tiers.as_ref();
        let tiers = sent.map(|sent| terms::price_tiers(&mut check, sent, currency, sale.plan()));
        for (given, field) in [(&self.currency, "currency"), (&self.venue_id, "venue_id")] {
            check.that(given.is_none(), field, "cannot change; leave it out");
        }
        for (given, field) in [(&self.waiting_room, "waiting_room"), (&self.resale, "resale")] {
            check.that(given.is_none(), field, "is not offered yet; leave it out");
        }
        check.finish()?;
        Ok(Wanted { own, terms, tiers })
    }

    fn terms(&self, check: &mut Check, row: &EventDetails, now: &Terms) -> TermsChange {
        let fees = self.fees.as_ref().map(|fees| terms::fees(check, Some(fees), now.currency));
        let policy = self.refund_policy.as_ref().map(|policy| terms::refund_policy(check, Some(policy)));
        let change = TermsChange {
            on_sale_at: self.on_sale_time.map(|time| time.0),
            sales_end_at: self.sales_end_time.map(|time| time.0),
            starts_at: self.start_time.map(|time| time.0),
            max_tickets_per_buyer: self.max_tickets_per_user,
            fees,
            refund_policy: policy,
            published: self.draft.map(|draft| !draft),
        };
        let wanted = now.with(&change);
        let times = Times {
            start: wanted.starts_at,
            end: self.end_time.map_or(row.ends_at, |time| time.0),
            on_sale: wanted.on_sale_at,
            sales_end: wanted.sales_end_at,
        };
        times.check(check);
        check_max_tickets(check, wanted.max_tickets_per_buyer);
        change
    }
}

/// Changes an event
///
/// Prices, fees and the refund policy hold for what is reserved from now on.
#[utoipa::path(patch, path = "/events/{event_id}", tag = "Events", params(("event_id" = Uuid, Path)),
    request_body = EventChanges,
    responses((status = 200, body = EventView), (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "The event is cancelled, or tickets were sold of what is to be a draft")))]
pub(super) async fn change_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Body(changes): Body<EventChanges>,
) -> Result<Json<EventView>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let (event, published) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let wanted = changes.wanted(&event.details, &published.state)?;
    let command = Command::ChangeEvent { terms: wanted.terms, tiers: wanted.tiers };
    let who = sender(caller.account, &context);
    submit(&app, who, event.number, command, &SeatFields::none()).await?;
    let row = rows::follow(&app, event.number, wanted.own).await?.ok_or_else(Problem::not_found)?;
    let newest = app.engine.sale(event.number).await?;
    Ok(Json(EventView::of(&app, row, &newest.published().state).await?))
}

/// Whether duplicates are renumbered.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Repair {
    /// Renumber seats whose `seat_guid` another seat has, instead of refusing the plan
    #[serde(default)]
    #[param(required = false)]
    repair: bool,
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    seating_plan: Option<&'a RawValue>,
}

/// What a new plan did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanChanged {
    /// Seats that are in both plans, whoever has them
    kept: usize,
    /// New seats
    added: usize,
    /// Seats the new plan does not have: free ones are blocked, sold and reserved ones stay until they come back
    removed: usize,
    repairs: Vec<Repaired>,
    /// The parts of the plan that were left out; at most the first 1000
    left_out: Vec<LeftOut>,
}

/// Puts another seating plan in the place of an event's
///
/// The body is a plan, or `{"seating_plan": …}`. Seats are matched by `seat_guid`; sold seats stay sold.
#[utoipa::path(put, path = "/events/{event_id}/seating-plan", tag = "Events",
    params(("event_id" = Uuid, Path), Repair), request_body = Object,
    responses((status = 200, body = PlanChanged), (status = 404, description = "No such event of the caller's")))]
pub(super) async fn change_plan(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(repair): Query<Repair>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<Box<RawValue>, PLAN_BODY_BYTES>,
) -> Result<Json<PlanChanged>, ApiError> {
    let (event, published) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let wrapped: Option<Wrapped<'_>> = serde_json::from_str(body.get()).ok();
    let plan = wrapped.and_then(|wrapped| wrapped.seating_plan).map_or(body.get(), RawValue::get);
    let taken = plan_import::take_in(plan.to_owned(), repair.repair).await?;
    let command = Command::ChangePlan { plan: taken.plan };
    let who = sender(caller.account, &context);
    let accepted = submit(&app, who, event.number, command, &SeatFields::none()).await?;
    let (before, after) = (published.state.plan(), accepted.published.state.plan());
    let (kept, added, removed) = difference(before, after);
    let repairs = plan_import::repaired(&taken.repairs);
    let left_out = plan_import::left_out(taken.left_out);
    Ok(Json(PlanChanged { kept, added, removed, repairs, left_out }))
}

fn difference(before: &SeatingPlan, after: &SeatingPlan) -> (usize, usize, usize) {
    let (mut kept, mut added, mut removed) = (0, 0, 0);
    for seat in after.seats() {
        let was = before.seat(seat.index).is_some_and(|seat| !seat.removed);
        match (was, !seat.removed) {
            (true, true) => kept += 1,
            (false, true) => added += 1,
            (true, false) => removed += 1,
            (false, false) => {}
        }
    }
    (kept, added, removed)
}
