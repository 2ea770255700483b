//! Changes an event's name, description, category, times, prices and other terms after it was created.
//!
//! The sale is changed first, then the row of the catalogue is updated from it. If the server stops in between, the consumer `event_rows`
//! updates the row. Existing reservations and orders keep their prices and terms.

use crate::accounts::letters::permit_telling_holders;
use crate::commands::{sender, submit};
use crate::events::access::event_for;
use crate::events::input::{
    Times, check_category, check_description, check_doors, check_max_tickets, check_name, check_performer,
};
use crate::events::{edit_tag, terms};
use crate::handler::*;
use fairseat_app::catalogue::claims::with_claim;
use fairseat_app::catalogue::rows;
use fairseat_app::catalogue::rows::CatalogueFields;
use fairseat_contract::events::{EventChanges, EventView};
use fairseat_domain::terms::{PriceTier, Terms, TermsChange};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Command, Sale};
use fairseat_problems::refusals::SeatFields;
use fairseat_store::events::EventDetails;
use fairseat_store::quotas::Claim;

/// A checked change: the fields of the catalogue and the terms of the sale.
pub(crate) struct EventUpdate {
    catalogue: CatalogueFields,
    terms: TermsChange,
    tiers: Option<Vec<PriceTier>>,
}

impl EventUpdate {
    /// Whether the event takes place at another time, which its ticket holders are told.
    fn moves(&self, now: &EventDetails) -> bool {
        let start = self.terms.starts_at.is_some_and(|start| start != now.starts_at);
        start || self.catalogue.ends_at.is_some_and(|end| end != now.ends_at)
    }

    /// What the quotas must allow for it.
    fn claim(&self, sale: &Sale) -> Option<Claim> {
        let published = self.terms.published.filter(|published| *published != sale.terms().published)?;
        Some(if published { Claim::Publishing } else { Claim::Withdrawing })
    }
}

pub(crate) fn event_update(
    changes: &EventChanges,
    row: &EventDetails,
    sale: &Sale,
) -> Result<EventUpdate, ApiError> {
    let mut check = Check::new();
    let currency = sale.terms().currency;
    let start = changes.start_time.map_or(row.starts_at, |time| time.0);
    // Doors that are not given open as long before the start as they did.
    let doors = changes.doors_time.map(|time| time.0).or_else(|| {
        let moved = row.doors_at?.as_millis() + (start.as_millis() - row.starts_at.as_millis());
        Some(Timestamp::from_millis(moved))
    });
    let catalogue = CatalogueFields {
        name: changes.name.as_deref().map(|name| check_name(&mut check, name)),
        description: changes.description.as_deref().map(|text| check_description(&mut check, text)),
        category: changes.category.as_deref().map(|category| check_category(&mut check, category)),
        ends_at: changes.end_time.map(|time| time.0),
        performer: changes.performer.as_deref().map(|performer| check_performer(&mut check, performer)),
        doors_at: check_doors(&mut check, doors, start),
    };
    let terms = terms_change(changes, &mut check, row, sale.terms());
    let sent = changes.price_tiers.as_ref();
    let tiers = sent.map(|sent| terms::price_tiers(&mut check, sent, currency, sale.plan()));
    for (given, field) in [(&changes.currency, "currency"), (&changes.venue_id, "venue_id")] {
        check.that(given.is_none(), field, "cannot change; leave it out");
    }
    for (given, field) in [(&changes.waiting_room, "waiting_room"), (&changes.resale, "resale")] {
        check.that(given.is_none(), field, "is not offered yet; leave it out");
    }
    check.finish()?;
    Ok(EventUpdate { catalogue, terms, tiers })
}

fn terms_change(changes: &EventChanges, check: &mut Check, row: &EventDetails, now: &Terms) -> TermsChange {
    let fees = changes.fees.as_ref().map(|fees| terms::fees(check, Some(fees), now.currency));
    let policy = changes.refund_policy.as_ref().map(|policy| terms::refund_policy(check, Some(policy)));
    let change = TermsChange {
        on_sale_at: changes.on_sale_time.map(|time| time.0),
        sales_end_at: changes.sales_end_time.map(|time| time.0),
        starts_at: changes.start_time.map(|time| time.0),
        max_tickets_per_buyer: changes.max_tickets_per_user,
        fees,
        refund_policy: policy,
        published: changes.draft.map(|draft| !draft),
        hold_limits: changes.hold_limits.as_ref().map(|limits| terms::hold_limits(check, limits)),
        refuse_single_seats: changes.refuse_single_seats,
    };
    let changed = now.with(&change);
    let times = Times {
        start: changed.starts_at,
        end: changes.end_time.map_or(row.ends_at, |time| time.0),
        on_sale: changed.on_sale_at,
        sales_end: changed.sales_end_at,
    };
    times.check(check);
    check_max_tickets(check, changed.max_tickets_per_buyer);
    change
}

/// Changes an event
///
/// New prices, fees and refund policies apply to reservations made from now on.
#[utoipa::path(patch, path = "/events/{event_id}", tag = "Events", params(("event_id" = Uuid, Path), IfMatchHeader),
    request_body = EventChanges,
    responses((status = 200, body = EventView), (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "The event is cancelled, or tickets were sold of what is to be a draft")))]
pub(crate) async fn change_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    if_match: IfMatch,
    Body(changes): Body<EventChanges>,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let (event, published) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    edit_tag::check(&app, &if_match, &event, &published.state).await?;
    let update = event_update(&changes, &event.details, &published.state)?;
    if update.moves(&event.details) {
        permit_telling_holders(&app, &published.state).await?;
    }
    let claim = update.claim(&published.state);
    let command = Command::ChangeEvent { terms: update.terms, tiers: update.tiers };
    let who = sender(caller.account, &context);
    let none = SeatFields::none();
    with_claim(&app, event.number, claim, submit(&app, who, event.number, command, &none)).await?;
    let row =
        rows::update_from_sale(&app, event.number, update.catalogue).await?.ok_or_else(Problem::not_found)?;
    let newest = app.engine.sale(event.number).await?;
    edit_tag::tagged(&app, row, &newest.published().state).await
}
